//! What a reader might understand wrongly without anybody knowing: words beside "not found", an amount in another currency, a year of two
//! digits, somebody else by what is no personal number, a sign that no text has; and whole answers that must not be told as less.

use ssbtek_domain::{Note, Outcome};
use ssbtek_formats::{HttpAnswer, ReadAnswer, RefusalCode, read_answer};

use crate::{
    bad_input::source,
    stored::{bytes, codec, question},
};

fn made_of(name: &str, body: impl Into<Vec<u8>>) -> ReadAnswer {
    let answer = HttpAnswer { status: 200, content_type: None, body: body.into() };
    read_answer(&*codec(name), &source(name), &question(), answer)
}

/// A recording with something else in place of what stands there.
fn with(name: &str, before: &str, after: &str) -> ReadAnswer {
    let text = String::from_utf8(bytes(name)).unwrap();
    assert!(text.contains(before), "{name}: {before}");
    made_of(name, text.replacen(before, after, 1))
}

fn lines(read: &ReadAnswer) -> usize {
    read.answer
        .section
        .as_ref()
        .map_or(0, |section| section.facts().payments().iter().filter(|line| !line.net.is_empty()).count())
}

#[test]
fn whoever_is_shut_has_found_nobody_missing() {
    let nobody = |words: &str| {
        let text = String::from_utf8(bytes("csn.xml")).unwrap();
        let (head, rest) = text.split_once("<csn:Personer>").unwrap();
        let (_, tail) = rest.split_once("</csn:Personer>").unwrap();
        let text =
            format!("{head}<csn:Personer></csn:Personer>{tail}").replace("ResultatKod>0<", "ResultatKod>-2<");
        made_of("csn.xml", text.replace("ResultatText>OK<", &format!("ResultatText>{words}<"))).answer.outcome
    };
    for words in ["Ej träff", "Personen hittades inte", "Personen finns inte hos CSN", "OK", ""] {
        assert_eq!(nobody(words), Outcome::NoSuchPerson, "{words}");
    }
    for words in ["Systemet stängt", "Stängt", "Underhåll pågår", "E17", "Tekniskt fel"] {
        assert_eq!(nobody(words), Outcome::FailedAtSource, "{words}");
    }
    let contradicts = with("csn.xml", "ResultatKod>0<", "ResultatKod>-2<");
    assert!(contradicts.refused.is_some(), "not found, and there are cases");
}

#[test]
fn words_in_what_only_identifies_a_message_are_heard() {
    for field in ["correlationid", "korrelationsid"] {
        let of = |text: &str| {
            let told = format!("<response><{field}>{text}</{field}>");
            let codec = ssbtek_formats::miv::Codec::default().without_question();
            let body = String::from_utf8(bytes("miv.xml")).unwrap().replace("<response>", &told);
            let answer = HttpAnswer { status: 200, content_type: None, body: body.into_bytes() };
            read_answer(&codec, &source("miv.xml"), &question(), answer).answer
        };
        for id in ["0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "deadbeef", "ABCDEFAB-CDEF"] {
            assert_eq!(of(id).outcome, Outcome::Answered, "{id}");
        }
        for words in ["Registret är stängt", "Driftstopp", "Read timed out"] {
            let told = of(words);
            assert_eq!(told.outcome, Outcome::AnsweredInPart, "{field} {words}");
            assert!(told.notes.contains(&Note::NotUnderstood(field)), "{field} {words}");
        }
    }
    for (name, field) in
        [("af.xml", "ns2:Referensnummer"), ("so.xml", "ns0:Referensnummer"), ("csn.xml", "sam:HushallsId")]
    {
        let text = String::from_utf8(bytes(name)).unwrap();
        let (head, rest) = text.split_once(&format!("<{field}>")).unwrap();
        let (_, tail) = rest.split_once("</").unwrap();
        let read = made_of(name, format!("{head}<{field}>Tekniskt fel</{tail}"));
        assert_eq!(read.answer.outcome, Outcome::AnsweredInPart, "{name}");
    }
}

#[test]
fn what_routes_or_signs_a_message_is_no_part_of_what_it_says() {
    let header = r#"<soapenv:Header>
        <wsa:Action xmlns:wsa="http://www.w3.org/2005/08/addressing">http://x/svar</wsa:Action>
        <wsa:From xmlns:wsa="http://www.w3.org/2005/08/addressing"><wsa:Address>Arbetsformedlingen</wsa:Address></wsa:From>
        <wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">
          <wsu:Timestamp xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd" wsu:Id="TS-1"><wsu:Created>2026-11-20T10:00:00Z</wsu:Created></wsu:Timestamp>
          <ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignatureValue>bm90IGEgc2lnbmF0dXJl</ds:SignatureValue></ds:Signature>
        </wsse:Security>
        <x:requestId xmlns:x="urn:x">A1B2C3</x:requestId>
        <x:avsandare xmlns:x="urn:x">Transportstyrelsen</x:avsandare>
        <x:tidpunkt xmlns:x="urn:x">2026-11-20T10:00:00.123+01:00</x:tidpunkt></soapenv:Header>"#;
    for name in ["af.xml", "so.xml", "tns.xml", "miv.xml", "skv-v10.xml"] {
        let whole = made_of(name, bytes(name)).answer.outcome;
        assert_eq!(with(name, "<soapenv:Header/>", header).answer.outcome, whole, "{name}");
        let signed = r#"<soapenv:Body xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd" wsu:Id="body-1">"#;
        assert_eq!(with(name, "<soapenv:Body>", signed).answer.outcome, whole, "{name}");
        for told in [r#"<soapenv:Body kod="E17">"#, r#"<soapenv:Body orsak="Registret är stängt">"#] {
            assert_eq!(
                with(name, "<soapenv:Body>", told).answer.outcome,
                Outcome::AnsweredInPart,
                "{name} {told}"
            );
        }
    }
}

#[test]
fn a_count_of_what_stands_there_is_the_word_that_it_is_all() {
    for (name, before, after) in [
        ("tns.xml", "<ns3:fordonsinnehav>", "<ns3:fordonsinnehav antal=\"N\">"),
        ("tns.xml", "<ns3:resultat>", "<ns3:antalTraffar>N</ns3:antalTraffar><ns3:resultat>"),
        ("af.xml", "<ns2:EkonomiskaBeslut>", "<ns2:EkonomiskaBeslut total=\"N\">"),
        ("miv.xml", "<svarCollection>", "<svarCollection size=\"N\">"),
        ("csn.xml", "<pers:Arenden>", "<pers:Arenden poster=\"N\">"),
        ("fk.json", "{", "{\"totalCount\": N,"),
        ("fk.json", "\"utbetalningsuppgift\"", "\"antal\": N, \"utbetalningsuppgift\""),
    ] {
        let whole = made_of(name, bytes(name)).answer.outcome;
        let told = with(name, before, &after.replace('N', "1"));
        assert_eq!(told.answer.outcome, whole, "{name} {after}: {:?}", told.answer.notes);
        let more = with(name, before, &after.replace('N', "3"));
        assert_eq!(more.answer.outcome, Outcome::AnsweredInPart, "{name} {after}");
    }
}

#[test]
fn what_is_in_another_currency_makes_no_line_in_kronor() {
    for (name, before, after) in [
        ("so.xml", "<ns0:NettoEfterSkatt>", "<ns0:Valuta>EUR</ns0:Valuta><ns0:NettoEfterSkatt>"),
        ("so.xml", "<ns0:NettoEfterSkatt>", "<ns0:NettoEfterSkatt valuta=\"NOK\">"),
        ("csn.xml", "<gem:utbetdatum>20261023", "<gem:valuta>DKK</gem:valuta><gem:utbetdatum>20261023"),
        ("fk.json", "\"nettobelopp\": 2099.9999999999995", "\"valuta\": \"EUR\", \"nettobelopp\": 2099.99"),
    ] {
        let whole = made_of(name, bytes(name));
        let foreign = with(name, before, after);
        assert_eq!(foreign.answer.outcome, Outcome::AnsweredInPart, "{name} {after}");
        assert_eq!(lines(&foreign), lines(&whole) - 1, "{name} {after}");
        let kronor = ["EUR", "NOK", "DKK"].iter().fold(after.to_owned(), |text, it| text.replace(it, "SEK"));
        if !kronor.contains("valuta=") {
            let kronor = with(name, before, &kronor);
            assert_eq!(
                (kronor.answer.outcome, lines(&kronor)),
                (whole.answer.outcome, lines(&whole)),
                "{name}"
            );
        }
    }
}

#[test]
fn somebody_else_is_somebody_else_by_whatever_number() {
    for number in [
        "19750202TF61",
        "19750202-TF61",
        "750202-T061",
        "198506079824",
        "850607\u{fe63}9824",
        "850607~9824",
        "850607\u{202f}9824",
    ] {
        for (name, before, after) in [
            ("tns.xml", "<ns2:regnr>PRV001<", "<ns2:regnr>N<"),
            ("so.xml", "<ns0:Utbetalningar>", "<ns0:Utbetalningar><ns0:agare>N</ns0:agare>"),
            ("fk.json", "\"typ\"", "\"betalasTill\": \"N\", \"typ\""),
            ("miv.xml", "<svar>", "<svar><avser>N</avser>"),
        ] {
            let read = with(name, before, &after.replace('N', number));
            assert_eq!(read.answer.outcome, Outcome::AnsweredInPart, "{name} {number}");
            assert!(!read.answer.of_others.is_empty(), "{name} {number}");
        }
    }
}

#[test]
fn a_year_of_two_digits_is_none() {
    for (name, before, after) in [
        ("af.xml", "BeslutFrom>2026-", "BeslutFrom>0026-"),
        ("so.xml", "Utbetalningsdatum>20", "Utbetalningsdatum>00"),
        ("csn.xml", "utbetdatum>2026", "utbetdatum>0026"),
        ("fk.json", "\"datum\": \"2026-", "\"datum\": \"0026-"),
        ("miv.xml", "inresedatum>2015", "inresedatum>0015"),
        ("skv-v10.xml", "&lt;ar&gt;2025", "&lt;ar&gt;0025"),
        ("skv-v10.xml", "&lt;ar&gt;2025", "&lt;ar&gt;25"),
    ] {
        let read = with(name, before, after).answer;
        assert_eq!(read.outcome, Outcome::AnsweredInPart, "{name} {after}: {:?}", read.notes);
    }
}

#[test]
fn a_sign_that_no_text_has_is_not_told() {
    let plain = made_of("fk.json", bytes("fk.json"));
    let told = with("fk.json", "\"beskrivning\": \"Sjukpenning\"", "\"beskrivning\": \"Sjuk\\u0000penning\"");
    assert_eq!(told.answer.outcome, Outcome::AnsweredInPart);
    assert!(told.answer.notes.contains(&Note::NotUnderstood("beskrivning")));
    assert_eq!(lines(&told), lines(&plain), "the payment is told");
    let lines = told.answer.section.unwrap().facts().payments();
    assert!(!format!("{lines:?}").contains("\\0"));
}

#[test]
fn a_part_of_an_answer_by_https_own_word_is_no_whole_answer() {
    for name in ["af.xml", "csn.xml", "so.xml", "tns.xml", "miv.xml", "skv-v10.xml", "skv-v11"] {
        for status in [201, 202, 203, 205, 206, 207, 226] {
            let answer = HttpAnswer { status, content_type: None, body: bytes(name) };
            let read = read_answer(&*codec(name), &source(name), &question(), answer).answer;
            assert_eq!(read.outcome, Outcome::AnsweredInPart, "{name} {status}");
            assert!(read.parts.iter().all(|part| part.outcome != Outcome::Answered), "{name} {status}");
            assert!(read.notes.contains(&Note::NotUnderstood("HTTP")), "{name} {status}");
        }
    }
}

#[test]
fn a_page_for_people_is_no_answer_of_any_contract_whatever_its_body() {
    for name in crate::stored::ALL {
        for content_type in ["text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml"] {
            let content_type = Some(content_type.to_owned());
            let answer = HttpAnswer { status: 200, content_type, body: bytes(name) };
            let refused = read_answer(&*codec(name), &source(name), &question(), answer).refused;
            assert_eq!(refused.map(|it| it.code()), Some(RefusalCode::NotTheContract), "{name}");
        }
    }
}
