//! Words beside an emptiness: a failure that an agency tells in words, under a name that nobody knows or in a text that goes with "OK",
//! is never "nothing there". Whoever reads the words may know that they are harmless; the reader does not.

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::{Note, Outcome};
use ssbtek_formats::{HttpAnswer, ReadAnswer, read_answer};

use crate::{
    bad_input::source,
    stored::{ASKED, bytes, codec, question},
};

fn made_of(name: &str, body: &str) -> ReadAnswer {
    let answer = HttpAnswer { status: 200, content_type: None, body: body.as_bytes().to_vec() };
    read_answer(&*codec(name), &source(name), &question(), answer)
}

fn text(name: &str) -> String {
    String::from_utf8(bytes(name)).unwrap()
}

/// With something else from one mark to another, the marks themselves left as they are.
fn between(text: &str, from: &str, to: &str, new: &str) -> String {
    let start = text.find(from).unwrap() + from.len();
    let end = start + text[start..].find(to).unwrap();
    format!("{}{new}{}", &text[..start], &text[end..])
}

/// With something put in before a mark.
fn before(text: &str, mark: &str, new: &str) -> String {
    assert!(text.contains(mark), "{mark}");
    text.replacen(mark, &format!("{new}{mark}"), 1)
}

/// A SOAP answer's, a document's or an object's places in which words may stand, each with those words in it.
type Place = (&'static str, fn(&str, &str) -> String);

/// Each recording without anything in its lists, which is told as answered, and where words may stand.
fn emptied() -> Vec<(&'static str, String, Vec<Place>)> {
    let tns = between(&text("tns.xml"), "<ns3:fordonsinnehav>", "</ns3:fordonsinnehav>", "");
    let af = between(&text("af.xml"), "<ns2:EkonomiskaBeslut>", "</ns2:EkonomiskaBeslut>", "");
    // Beside nothing, what no contract has may say why.
    let af = between(&af, "<ns2:NyUppgift>", "</ns2:NyUppgift>", "");
    let csn = between(&text("csn.xml"), "<pers:Arenden>", "</pers:Arenden>", "");
    let csn = csn.replace(">J</gem:studiemedel>", "> </gem:studiemedel>");
    let so = text("so.xml");
    let (from, to) = (so.find("<ns0:Utbetalningar>").unwrap(), so.find("<ns0:AnsoktOm").unwrap());
    let no_payments = format!("{}{}", &so[..from], &so[to..]);
    let no_funds =
        between(&so, "<ns0:ArbetsloshetsersattningLista>", "</ns0:ArbetsloshetsersattningLista>", "");
    let miv = between(&text("miv.xml"), "<svarCollection>", "</svarCollection>", "");
    let miv = between(&miv, "<nyttFalt>", "</nyttFalt>", "");
    let fk = between(&text("fk.json"), "\"utbetalningsuppgift\": [", "],\n    \"preliminara", "");
    let fk = between(&fk, "\"utbetalningar\": [", "]\n}", "");
    let skv = format!("<uppgifter><person>{ASKED}</person><skattekonto/></uppgifter>");
    let v10 = between(&text("skv-v10.xml"), "<svar>", "</svar>", &skv.replace('<', "&lt;"));
    let v11 = format!(r#"{{"identitet":"{ASKED}","individuppgifter":[]}}"#);
    vec![
        (
            "tns.xml",
            tns,
            vec![
                ("beside", |text, words| {
                    before(text, "<ns3:fordonsinnehav>", &format!("<ns3:meddelande>{words}</ns3:meddelande>"))
                }),
                ("inside", |text, words| {
                    before(text, "</ns3:fordonsinnehav>", &format!("<ns3:notering>{words}</ns3:notering>"))
                }),
                ("attribute", |text, words| {
                    text.replace(
                        "<ns3:fordonsinnehav>",
                        &format!("<ns3:fordonsinnehav kommentar=\"{words}\">"),
                    )
                }),
                ("attribute of the whole", |text, words| {
                    text.replace(
                        "<ns3:HamtaUppgifterResponse ",
                        &format!("<ns3:HamtaUppgifterResponse upplysning=\"{words}\" "),
                    )
                }),
                ("mixed", |text, words| before(text, "<ns3:resultat>", words)),
                ("deeper", |text, words| {
                    before(text, "<ns3:resultat>", &format!("<a><b><c>{words}</c></b></a>"))
                }),
                ("CDATA", |text, words| {
                    before(text, "<ns3:resultat>", &format!("<info><![CDATA[{words}]]></info>"))
                }),
            ],
        ),
        (
            "af.xml",
            af,
            vec![
                ("status", |text, words| text.replace("KodText>OK<", &format!("KodText>{words}<"))),
                ("beside", |text, words| {
                    before(text, "<ns2:Schemaversion>", &format!("<ns2:Meddelande>{words}</ns2:Meddelande>"))
                }),
                ("in the list's block", |text, words| {
                    before(text, "<ns2:EkonomiskaBeslut>", &format!("<ns2:Kommentar>{words}</ns2:Kommentar>"))
                }),
                ("beside Svar", |text, words| {
                    before(text, "<ns2:Svar>", &format!("<ns2:Meddelande>{words}</ns2:Meddelande>"))
                }),
            ],
        ),
        (
            "csn.xml",
            csn,
            vec![
                ("status", |text, words| text.replace("ResultatText>OK<", &format!("ResultatText>{words}<"))),
                ("beside the code", |text, words| {
                    before(text, "<csn:ResultatKod>", &format!("<csn:Meddelande>{words}</csn:Meddelande>"))
                }),
                ("beside the person", |text, words| {
                    before(text, "<csn:Personer>", &format!("<csn:Info>{words}</csn:Info>"))
                }),
                ("in the person", |text, words| {
                    before(text, "<pers:Studiemedel>", &format!("<pers:Anmarkning>{words}</pers:Anmarkning>"))
                }),
                ("in the list's block", |text, words| {
                    before(text, "<pers:Arenden>", &format!("<pers:Anmarkning>{words}</pers:Anmarkning>"))
                }),
            ],
        ),
        (
            "so.xml",
            no_payments,
            vec![
                ("in the fund", |text, words| {
                    before(text, "<ns0:AnsoktOm", &format!("<ns0:Meddelande>{words}</ns0:Meddelande>"))
                }),
                ("beside the list", |text, words| {
                    before(
                        text,
                        "<ns0:ArbetsloshetsersattningLista>",
                        &format!("<ns0:Notering>{words}</ns0:Notering>"),
                    )
                }),
            ],
        ),
        (
            "so.xml",
            no_funds,
            vec![
                ("beside the list", |text, words| {
                    before(
                        text,
                        "<ns0:ArbetsloshetsersattningLista>",
                        &format!("<ns0:Notering>{words}</ns0:Notering>"),
                    )
                }),
                ("attribute", |text, words| {
                    text.replace(
                        "<ns0:ArbetsloshetsersattningLista>",
                        &format!("<ns0:ArbetsloshetsersattningLista info=\"{words}\">"),
                    )
                }),
            ],
        ),
        (
            "miv.xml",
            miv,
            vec![
                ("beside", |text, words| {
                    before(text, "<svarCollection>", &format!("<meddelande>{words}</meddelande>"))
                }),
                ("of the whole", |text, words| {
                    before(text, "<response>", &format!("<upplysning>{words}</upplysning>"))
                }),
                ("attribute", |text, words| {
                    text.replace("<svarCollection>", &format!("<svarCollection orsak=\"{words}\">"))
                }),
            ],
        ),
        (
            "fk.json",
            fk,
            vec![
                ("of the whole", |text, words| {
                    text.replacen('{', &format!("{{\"meddelande\": \"{words}\","), 1)
                }),
                ("beside", |text, words| {
                    before(text, "\"utbetalningsuppgift\"", &format!("\"kommentar\": \"{words}\","))
                }),
                ("deeper", |text, words| {
                    before(text, "\"utbetalningsuppgift\"", &format!("\"a\": [{{\"b\": \"{words}\"}}],"))
                }),
                ("status of FK", |text, words| text.replacen("\"Tillgänglig\"", &format!("\"{words}\""), 1)),
                ("beside the status", |text, words| {
                    before(text, "\"tillstand\"", &format!("\"notering\": \"{words}\","))
                }),
            ],
        ),
        (
            "skv-v10.xml",
            v10,
            vec![
                ("beside", |text, words| {
                    before(text, "&lt;skattekonto/>", &format!("&lt;meddelande>{words}&lt;/meddelande>"))
                }),
                ("by an unknown name", |text, words| {
                    before(text, "&lt;skattekonto/>", &format!("&lt;notering>{words}&lt;/notering>"))
                }),
                ("attribute", |text, words| {
                    text.replace("&lt;skattekonto/>", &format!("&lt;skattekonto notering=\"{words}\"/>"))
                }),
            ],
        ),
        (
            "skv-v11",
            v11,
            vec![
                ("beside", |text, words| text.replacen('{', &format!("{{\"meddelande\":\"{words}\","), 1)),
                ("by an unknown name", |text, words| {
                    text.replacen('{', &format!("{{\"notering\":\"{words}\","), 1)
                }),
                ("deeper", |text, words| text.replacen('{', &format!("{{\"a\":[{{\"b\":\"{words}\"}}],"), 1)),
            ],
        ),
    ]
}

/// What the answer of Skatteverket's with that document as one part becomes.
fn read_of(name: &str, told: &str) -> ReadAnswer {
    let part = |text: &str| format!(r#"{{"individuppgifter":{{"data":"{}"}}}}"#, STANDARD.encode(text));
    match name {
        "skv-v11" => made_of(name, &part(told)),
        _ => made_of(name, told),
    }
}

/// Of Skatteverket's five the one part that is there; of all others the whole.
fn outcome_of(name: &str, read: &ReadAnswer) -> Outcome {
    match name {
        "skv-v11" => read.answer.parts.iter().find(|told| told.part == "individuppgifter").unwrap().outcome,
        _ => read.answer.outcome,
    }
}

const UNKNOWN: [&str; 6] = [
    "Tekniskt fel",
    "Registret är stängt för underhåll",
    "Uppgifterna kunde ej hämtas",
    "Driftstopp",
    "Read timed out",
    "Samtliga register svarade inte.",
];

#[test]
fn words_beside_an_emptiness_are_never_nothing_there() {
    let mut wrong = vec![];
    for (name, empty, places) in emptied() {
        let plain = read_of(name, &empty);
        assert_eq!(outcome_of(name, &plain), Outcome::Answered, "{name}: {:?}", plain.refused);
        for (place, put) in places {
            for words in UNKNOWN {
                let read = read_of(name, &put(&empty, words));
                let outcome = outcome_of(name, &read);
                let told = read.answer.notes.iter().any(|note| !plain.answer.notes.contains(note));
                let whole = read.answer.outcome;
                let fits = matches!(outcome, Outcome::AnsweredInPart | Outcome::FailedAtSource)
                    && matches!(whole, Outcome::AnsweredInPart | Outcome::FailedAtSource);
                if !fits || !told && outcome == Outcome::AnsweredInPart {
                    wrong.push(format!("{name} {place}: {words}: {outcome} {:?}", read.answer.notes));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn words_that_are_known_to_be_harmless_and_no_words_change_nothing() {
    for (name, empty, places) in emptied() {
        for (place, put) in places {
            if name.starts_with("skv") || matches!(place, "mixed" | "inside" | "deeper") {
                continue;
            }
            for words in ["OK", "ok", ""] {
                let read = read_of(name, &put(&empty, words));
                assert_eq!(read.answer.outcome, Outcome::Answered, "{name} {place}: {words}");
            }
        }
    }
}

#[test]
fn a_failure_in_words_beside_facts_makes_them_a_part() {
    for (name, mark, new) in [
        ("tns.xml", "<ns3:fordonsinnehav>", "<ns3:meddelande>Tekniskt fel</ns3:meddelande>"),
        ("af.xml", "<ns2:Schemaversion>", "<ns2:Meddelande>Tekniskt fel</ns2:Meddelande>"),
        ("csn.xml", "<csn:Personer>", "<csn:Info>Tekniskt fel</csn:Info>"),
        ("so.xml", "<ns0:AnsoktOm", "<ns0:Meddelande>Tekniskt fel</ns0:Meddelande>"),
        ("miv.xml", "<svarCollection>", "<meddelande>Tekniskt fel</meddelande>"),
        ("fk.json", "\"utbetalningsuppgift\"", "\"kommentar\": \"Tekniskt fel\","),
        ("skv-v10.xml", "&lt;inkomstar&gt;", "&lt;notering&gt;Tekniskt fel&lt;/notering&gt;"),
    ] {
        let read = made_of(name, &before(&text(name), mark, new));
        assert_eq!(read.answer.outcome, Outcome::AnsweredInPart, "{name}");
    }
    for (name, from, to) in [
        ("af.xml", "KodText>OK<", "KodText>Tekniskt fel<"),
        ("csn.xml", "ResultatText>OK<", "ResultatText>Tekniskt fel<"),
        ("fk.json", "\"Tillgänglig\"", "\"Tekniskt fel\""),
    ] {
        let read = made_of(name, &text(name).replacen(from, to, 1));
        assert_eq!(read.answer.outcome, Outcome::AnsweredInPart, "{name}");
    }
}

#[test]
fn words_around_skatteverkets_documents_are_no_part_of_a_whole_answer() {
    let part = STANDARD.encode(format!(r#"{{"identitet":"{ASKED}","individuppgifter":[]}}"#));
    let whole = |around: &str, beside: &str| {
        made_of("skv-v11", &format!(r#"{{{around}"individuppgifter":{{{beside}"data":"{part}"}}}}"#)).answer
    };
    let plain = whole("", "");
    for words in UNKNOWN {
        for name in ["meddelande", "notering"] {
            let said = format!(r#""{name}":"{words}","#);
            for read in [whole(&said, ""), whole("", &said)] {
                assert_eq!(read.outcome, Outcome::AnsweredInPart);
                let told =
                    |note: &Note| matches!(note, Note::NotUnderstood(_)) && !plain.notes.contains(note);
                assert!(read.notes.iter().any(told), "{said} {:?}", read.notes);
            }
            let around = before(&text("skv-v10.xml"), "<svar>", &format!("<{name}>{words}</{name}>"));
            assert_eq!(made_of("skv-v10.xml", &around).answer.outcome, Outcome::AnsweredInPart, "{said}");
        }
    }
}

#[test]
fn a_failure_told_in_the_envelope_is_heard_and_what_routes_a_message_is_none() {
    let soap: Vec<(&str, String)> = emptied()
        .into_iter()
        .filter(|(name, ..)| !matches!(*name, "csn.xml" | "fk.json" | "skv-v11"))
        .map(|(name, empty, _)| (name, empty))
        .collect();
    for (name, empty) in soap {
        let with = |inside: &str| {
            let header = format!("<soapenv:Header><x:a xmlns:x=\"urn:x\">{inside}</x:a></soapenv:Header>");
            made_of(name, &empty.replace("<soapenv:Header/>", &header)).answer.outcome
        };
        assert_eq!(
            with("<x:MessageID>urn:uuid:0a1b</x:MessageID><x:Action>http://x/svar</x:Action>"),
            Outcome::Answered
        );
        for told in ["Tekniskt fel", "<x:status>Internal error</x:status>", "<x:felkod>17</x:felkod>"] {
            assert_eq!(with(told), Outcome::AnsweredInPart, "{name} {told}");
        }
        for words in UNKNOWN {
            let mixed = made_of(name, &before(&empty, "<soapenv:Body>", words));
            assert_eq!(mixed.answer.outcome, Outcome::AnsweredInPart, "{name} {words}");
            let mixed = made_of(name, &before(&empty, "</soapenv:Body>", words));
            assert_eq!(mixed.answer.outcome, Outcome::AnsweredInPart, "{name} {words}");
        }
    }
}

#[test]
fn words_beside_nobody_found_are_a_failure_unless_the_code_itself_says_so() {
    let csn = text("csn.xml").replace("Status=\"          \"", "Status=\"Ej träff\"");
    let csn = between(&csn, "<pers:Arenden>", "</pers:Arenden>", "");
    let kind = csn.replace("Status=\"          \"", "Status=\"Ej träff\"");
    assert_eq!(made_of("csn.xml", &kind).answer.outcome, Outcome::FailedAtSource, "a kind of support");
    let csn = csn.replace(">J</gem:studiemedel>", "> </gem:studiemedel>");
    assert_eq!(made_of("csn.xml", &csn).answer.outcome, Outcome::NoSuchPerson);
    let same = csn.replace("ResultatText>OK<", "ResultatText>Ej träff<");
    assert_eq!(made_of("csn.xml", &same).answer.outcome, Outcome::NoSuchPerson);
    let words = csn.replace("ResultatText>OK<", "ResultatText>Registret är stängt<");
    assert_eq!(made_of("csn.xml", &words).answer.outcome, Outcome::FailedAtSource);
    let code = csn.replace("ResultatKod>0<", "ResultatKod>-2<");
    let not_found = code.replace("ResultatText>OK<", "ResultatText>Personen hittades inte<");
    assert_eq!(made_of("csn.xml", &not_found).answer.outcome, Outcome::NoSuchPerson);
    let failed = code.replace("ResultatText>OK<", "ResultatText>Tekniskt fel<");
    assert_eq!(made_of("csn.xml", &failed).answer.outcome, Outcome::FailedAtSource);
    let miv = text("miv.xml");
    let nobody = between(
        &miv,
        "<ns2:findByPersonnummerResponse",
        "</ns2:find",
        " xmlns:ns2=\"http://schema.migrationsverket.se/ssbtek/1/\">",
    );
    assert_eq!(made_of("miv.xml", &nobody).answer.outcome, Outcome::NoSuchPerson);
    let words = nobody.replace(" xmlns:ns2=", " orsak=\"Registret är stängt\" xmlns:ns2=");
    assert_eq!(made_of("miv.xml", &words).answer.outcome, Outcome::FailedAtSource);
}

#[test]
fn null_in_place_of_a_list_is_no_empty_list() {
    let fk = text("fk.json");
    let list = "preliminarautbetalningar";
    let null = fk.replacen(&format!("\"{list}\": []"), &format!("\"{list}\": null"), 1);
    let read = made_of("fk.json", &null);
    assert_eq!(read.answer.outcome, Outcome::AnsweredInPart);
    assert!(read.answer.notes.contains(&Note::NotUnderstood(list)));
}

#[test]
fn an_empty_record_is_an_incomplete_record() {
    let nil = r#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>"#;
    for (name, end, record) in [
        ("tns.xml", "</ns3:fordonsinnehav>", "ns2:fordon"),
        ("af.xml", "</ns2:EkonomiskaBeslut>", "ns2:Beslut"),
        ("csn.xml", "</pers:Arenden>", "pers:Arende"),
        ("csn.xml", "</sm:UtbetalningsPlan>", "sm:Utbetalning"),
        ("so.xml", "</ns0:ArbetsloshetsersattningLista>", "ns0:Arbetsloshetsersattning"),
        ("so.xml", "<ns0:AnsoktOm", "ns0:Utbetalningar"),
        ("miv.xml", "</svarCollection>", "svar"),
    ] {
        for empty in ["/>".to_owned(), format!("></{record}>"), format!(">  </{record}>"), nil.to_owned()] {
            let read = made_of(name, &before(&text(name), end, &format!("<{record}{empty}")));
            assert_eq!(read.answer.outcome, Outcome::AnsweredInPart, "{name} {record}{empty}");
        }
    }
    let fk = text("fk.json");
    for list in ["utbetalningsuppgift", "preliminarautbetalningar", "utbetalningar"] {
        for empty in ["{}", "null", "[]", "\"\"", "[[]]"] {
            let mark = format!("\"{list}\": [");
            let comma = if fk.contains(&format!("{mark}]")) { "" } else { ", " };
            let read = made_of("fk.json", &fk.replacen(&mark, &format!("{mark}{empty}{comma}"), 1));
            assert_eq!(read.answer.outcome, Outcome::AnsweredInPart, "{list} {empty}");
            assert!(read.answer.notes.contains(&Note::NotUnderstood(list)), "{list} {empty}");
        }
    }
    for empty in ["{}", "null", "[]", "\"\""] {
        let document = format!(r#"{{"identitet":"{ASKED}","individuppgifter":[{empty}]}}"#);
        let read = read_of("skv-v11", &document);
        assert_eq!(outcome_of("skv-v11", &read), Outcome::AnsweredInPart, "{empty}");
    }
    let v10 = text("skv-v10.xml").replacen("&lt;inkomstar&gt;", "&lt;inkomstar/&gt;&lt;inkomstar&gt;", 1);
    assert_eq!(made_of("skv-v10.xml", &v10).answer.outcome, Outcome::AnsweredInPart);
}
