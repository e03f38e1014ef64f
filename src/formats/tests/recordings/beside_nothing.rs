//! Where nothing stands, or nobody is found, whatever else is said may say why; what stands in another place than its own is not told; and
//! an answer that repeats another question may be that one's.

use std::{fs, path::PathBuf};

use ssbtek_domain::{Note, Outcome};
use ssbtek_formats::{HttpAnswer, ReadAnswer, read_answer};

use crate::{
    bad_input::source,
    stored::{ASKED, bytes, codec, question},
};

fn made_of(name: &str, body: impl Into<Vec<u8>>) -> ReadAnswer {
    let answer = HttpAnswer { status: 200, content_type: None, body: body.into() };
    read_answer(&*codec(name), &source(name), &question(), answer)
}

fn text(name: &str) -> String {
    String::from_utf8(bytes(name)).unwrap()
}

fn is_clean(read: &ReadAnswer) -> bool {
    read.refused.is_none() && matches!(read.answer.outcome, Outcome::Answered | Outcome::NoSuchPerson)
}

fn between(text: &str, from: &str, to: &str, new: &str) -> String {
    let start = text.find(from).unwrap() + from.len();
    let end = start + text[start..].find(to).unwrap();
    format!("{}{new}{}", &text[..start], &text[end..])
}

/// Recordings without anything in their lists, before what something more may stand, and the prefix of its names.
fn emptied() -> [(&'static str, String, &'static str, &'static str); 4] {
    let emptied =
        |name: &str, list: &str| between(&text(name), &format!("<{list}>"), &format!("</{list}>"), "");
    let so = "ns0:ArbetsloshetsersattningLista";
    let miv = between(&emptied("miv.xml", "svarCollection"), "<nyttFalt>", "</nyttFalt>", "");
    let af = between(&emptied("af.xml", "ns2:EkonomiskaBeslut"), "<ns2:NyUppgift>", "</ns2:NyUppgift>", "");
    [
        ("tns.xml", emptied("tns.xml", "ns3:fordonsinnehav"), "<ns3:fordonsinnehav>", "ns3:"),
        ("af.xml", af, "<ns2:EkonomiskaBeslut>", "ns2:"),
        ("miv.xml", miv, "<svarCollection>", ""),
        ("so.xml", emptied("so.xml", so), "<ns0:ArbetsloshetsersattningLista>", "ns0:"),
    ]
}

#[test]
fn beside_nothing_no_unknown_member_is_harmless() {
    for (name, empty, mark, prefix) in emptied() {
        assert_eq!(made_of(name, empty.clone()).answer.outcome, Outcome::Answered, "{name}");
        for (field, value) in [
            ("success", "false"),
            ("lyckades", "nej"),
            ("systemTillgangligt", "nej"),
            ("sokningGjord", "nej"),
            ("status", "206"),
            ("varning", "17"),
            ("aterstaende", "3"),
            ("uppdaterad", "2026-01-01"),
        ] {
            let member = format!("<{prefix}{field}>{value}</{prefix}{field}>{mark}");
            let attribute = mark.replace('>', &format!(" {field}=\"{value}\">"));
            for put in [member, attribute] {
                let read = made_of(name, empty.replacen(mark, &put, 1)).answer;
                assert_eq!(read.outcome, Outcome::AnsweredInPart, "{name} {put} {:?}", read.notes);
                assert!(read.notes.iter().any(|note| matches!(note, Note::NotUnderstood(_))), "{name} {put}");
            }
        }
    }
}

#[test]
fn every_recording_of_every_set_is_told_as_whole_where_it_is_empty_too() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/recordings");
    for set in ["newly-arrived", "parent"] {
        for name in ["af.xml", "csn.xml", "so.xml", "tns.xml", "miv.xml"] {
            let text = fs::read_to_string(folder.join(set).join(name)).unwrap();
            let text = text
                .replace("19800101-9804", "19900101-9802")
                .replace("198001019804", ASKED)
                .replace("8001019804", &ASKED[2..])
                .replace("7c0d7a4e-3f0b-4a57-9d0e-1b1b5a1d2c3e", "EB-1")
                .replace("From>2026-09-01<", "From>2026-05-01<");
            let read = made_of(name, text);
            assert!(read.refused.is_none(), "{set} {name}");
            // One of MIV's records is nil.
            let is_lost = |note: &Note| matches!(note, Note::NotUnderstood(_)) && note.detail() != "svar";
            let lost = read.answer.notes.iter().any(is_lost);
            assert!(!lost || set == "parent", "{set} {name}: {:?}", read.answer.notes);
            assert!(set == "parent" || read.answer.of_others.is_empty(), "{set} {name}");
        }
    }
}

/// CSN's "not found" by its code, with a person in whom nothing stands but this.
fn nobody(person: &str, inside: &str) -> Outcome {
    let text = text("csn.xml")
        .replace("ResultatKod>0<", "ResultatKod>-2<")
        .replace("ResultatText>OK<", "ResultatText>Ej träff<");
    let (start, end) = (text.find("<csn:Person ").unwrap(), text.find("</csn:Person>").unwrap());
    let element = format!("<csn:Person personnummer=\"{}\" {person}>{inside}", &ASKED[2..]);
    made_of("csn.xml", format!("{}{element}{}", &text[..start], &text[end..])).answer.outcome
}

#[test]
fn nobody_is_found_only_where_the_person_says_nothing_else() {
    for person in ["", "Status=\"Ej träff\"", "Status=\"   \" sekel=\"19\""] {
        assert_eq!(nobody(person, ""), Outcome::NoSuchPerson, "{person}");
    }
    assert_eq!(nobody("", "<pers:Studiemedel><pers:Arenden/></pers:Studiemedel>"), Outcome::NoSuchPerson);
    let kinds = "<pers:Studiestodstypforteckning><gem:studiemedel>J</gem:studiemedel></pers:Studiestodstypforteckning>";
    for (person, inside) in [
        ("Status=\"Fel\"", ""),
        ("felkod=\"17\"", ""),
        ("", "Tekniskt fel, försök igen senare"),
        ("", "Kontakta CSN"),
        ("", kinds),
        ("", "<pers:NyttStod><pers:Arende>1</pers:Arende></pers:NyttStod>"),
        ("", "<pers:ok>false</pers:ok>"),
    ] {
        assert_eq!(nobody(person, inside), Outcome::FailedAtSource, "{person} {inside}");
    }
    let text = text("csn.xml").replace("<csn:ResultatKod>0<", "<csn:ResultatKod fel=\"ja\">-2<");
    let (head, rest) = text.split_once("<csn:Personer>").unwrap();
    let tail = rest.split_once("</csn:Personer>").unwrap().1;
    let read = made_of("csn.xml", format!("{head}<csn:Personer/>{tail}"));
    assert_eq!(read.answer.outcome, Outcome::FailedAtSource);
}

#[test]
fn a_day_or_an_amount_in_another_place_than_its_own_is_missed() {
    for (name, field) in [
        ("csn.xml", "gem:utbetdatum"),
        ("so.xml", "ns0:NettoEfterSkatt"),
        ("so.xml", "ns0:Utbetalningsdatum"),
        ("af.xml", "ns2:BeslutFrom"),
        ("af.xml", "ns2:ArbetssokandeRegistrerad"),
        ("miv.xml", "beslutsdatum"),
        ("miv.xml", "inresedatum"),
        ("tns.xml", "ns2:fordonsar"),
    ] {
        let whole = text(name);
        let (open, close) = (format!("<{field}>"), format!("</{field}>"));
        let start = whole.find(&open).unwrap();
        let end = start + whole[start..].find(&close).unwrap() + close.len();
        let element = &whole[start..end];
        let prefix = field.split_once(':').map_or(String::new(), |(prefix, _)| format!("{prefix}:"));
        let value = &element[open.len()..element.len() - close.len()];
        let group = |inside: &str| format!("<{prefix}Grupp>{inside}</{prefix}Grupp>");
        let renamed = format!("<{prefix}Varde>{value}</{prefix}Varde>");
        let (head, tail) = (&whole[..start], &whole[end..]);
        let behind = behind_what_is_around(tail);
        for changed in [
            format!("{head}{}{tail}", group(element)),
            format!("{head}{}{tail}", group(&renamed)),
            format!("{head}{}{tail}", group(&group(element))),
            format!("{head}{}{element}{}", &tail[..behind], &tail[behind..]),
        ] {
            let read = made_of(name, changed.clone());
            assert!(!is_clean(&read), "{name} {field}: {:?}\n{changed}", read.answer.notes);
        }
    }
}

/// Behind the end of the element in which a text begins.
fn behind_what_is_around(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    loop {
        let open = at + text[at..].find('<').unwrap();
        at = open + text[open..].find('>').unwrap() + 1;
        match (text[open..].starts_with("</"), text[..at].ends_with("/>")) {
            (true, _) if depth == 0 => return at,
            (true, _) => depth -= 1,
            (false, false) => depth += 1,
            (false, true) => {}
        }
    }
}

#[test]
fn an_answer_that_repeats_another_question_is_not_told_as_whole() {
    for (name, prefix) in [("af.xml", "ns2:"), ("so.xml", "ns0:")] {
        let with = |field: &str, value: &str| {
            made_of(name, between(&text(name), &format!("<{prefix}{field}>"), "</", value)).answer
        };
        for (field, value) in [
            ("Referensnummer", "EB-2"),
            ("Referensnummer", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"),
            ("From", "2026-10-01"),
            ("Tom", "2026-10-31"),
            ("From", "x"),
        ] {
            let read = with(field, value);
            assert_eq!(read.outcome, Outcome::AnsweredInPart, "{name} {field} {value}");
            assert!(read.notes.iter().any(|note| note.detail() == field), "{name} {field}: {:?}", read.notes);
        }
        for (field, value) in [
            ("Referensnummer", ""),
            ("Referensnummer", " eb-1 "),
            ("From", "2026-05-01+02:00"),
            ("From", "20260501"),
            ("From", "2026-05-01T00:00:00"),
            ("From", "2026-01-01"),
            ("Tom", "2026-12-31"),
            ("Tom", ""),
        ] {
            assert_eq!(with(field, value).outcome, Outcome::Answered, "{name} {field} {value}");
        }
    }
    let whole = text("af.xml");
    let (head, svar) = whole.split_at(whole.rfind("<ns2:Referensnummer>").unwrap());
    let changed = format!("{head}{}", between(svar, "<ns2:Referensnummer>", "</", "EB-2"));
    assert_eq!(made_of("af.xml", changed).answer.outcome, Outcome::AnsweredInPart, "in Svar too");
}

#[test]
fn what_is_empty_or_not_there_leaves_a_note() {
    let noted = |name: &str, body: String, field: &'static str| {
        let read = made_of(name, body).answer;
        assert!(read.notes.contains(&Note::Missing(field)), "{name} {field}: {:?}", read.notes);
    };
    let report =
        "<ns2:AktivetetsRapportDatum><ns2:AktivitetsRapportMeddelande/></ns2:AktivetetsRapportDatum>";
    let end = "</ns2:ArbetssokandeInfo>";
    noted("af.xml", text("af.xml").replace(end, &format!("{report}{end}")), "AktivitetsRapportMeddelande");
    let csn = text("csn.xml");
    let paid = csn.find(">Utbetald<").or_else(|| csn.find(">UTBETALAD<")).unwrap();
    let (head, tail) = csn.split_at(csn[..paid].rfind("<gem:utbetdatum>").unwrap());
    noted("csn.xml", format!("{head}{}", between(tail, "<gem:utbetdatum>", "</", "")), "utbetdatum");
}

#[test]
fn nil_with_something_in_it_is_not_told_as_whole_wherever_it_stands() {
    let nil = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\">";
    for (name, elements) in [
        (
            "af.xml",
            &["ns2:Svar", "ns2:Fraga", "ns2:BeslutInfo", "ns2:EkonomiskaBeslut", "ns2:BeslutFrom"][..],
        ),
        ("so.xml", &["ns0:ArbetsloshetsersattningLista", "ns0:Utbetalningar", "ns0:From"]),
        ("miv.xml", &["response", "svarCollection", "svar", "anledning", "nyttFalt"]),
        ("tns.xml", &["ns3:fordonsinnehav", "ns2:fordon", "ns2:regnr"]),
        ("csn.xml", &["pers:Studiemedel", "pers:Arenden", "csn:Personer", "gem:utbetdatum"]),
    ] {
        for element in elements {
            let whole = text(name);
            let changed = whole.replacen(&format!("<{element}>"), &format!("<{element}{nil}"), 1);
            assert_ne!(whole, changed, "{name} {element}");
            let read = made_of(name, changed);
            assert!(!is_clean(&read), "{name} {element}: {:?}", read.answer.notes);
        }
    }
}
