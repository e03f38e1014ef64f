//! What is still refused, each kind with its own code.

use ssbtek_domain::{Agency, Outcome, Source};
use ssbtek_formats::{HttpAnswer, RefusalCode, read_answer};

use crate::stored::{ALL, ASKED, bytes, codec, question, read, skv_v11};

const OTHER: &str = "198506079824";

pub(crate) fn source(name: &str) -> Source {
    Source::Agency(match name {
        "af.xml" => Agency::Af,
        "csn.xml" | "csn-3.0.xml" => Agency::Csn,
        "fk.json" => Agency::Fk,
        "so.xml" => Agency::So,
        "tns.xml" => Agency::Tns,
        "miv.xml" => Agency::Miv,
        _ => Agency::Skv,
    })
}

fn refusal(name: &str, body: Vec<u8>) -> Option<RefusalCode> {
    let answer = HttpAnswer { status: 200, content_type: None, body };
    let read = read_answer(&*codec(name), &source(name), &question(), answer);
    assert_eq!(read.refused.is_some(), read.answer.outcome == Outcome::AnswerRefused);
    read.refused.map(|refused| refused.code())
}

#[test]
fn another_persons_answer_is_refused_whole() {
    for name in ALL.into_iter().filter(|name| *name != "tns.xml") {
        let body = match name {
            "skv-v11" => skv_v11(|_, text| text.replace(ASKED, OTHER)),
            _ => {
                let text = String::from_utf8(bytes(name)).unwrap();
                text.replace(ASKED, OTHER).replace(&ASKED[2..], &OTHER[2..]).into_bytes()
            }
        };
        assert_eq!(refusal(name, body), Some(RefusalCode::AnotherPerson), "{name}");
    }
}

#[test]
fn two_persons_are_refused_whole() {
    let text = String::from_utf8(bytes("csn.xml")).unwrap();
    let (start, end) = (text.find("<csn:Person ").unwrap(), text.find("</csn:Personer>").unwrap());
    let person = &text[start..end];
    let second = person.replace(&ASKED[2..], &OTHER[2..]);
    let two = text.replace(person, &format!("{person}{second}"));
    assert_eq!(refusal("csn.xml", two.into_bytes()), Some(RefusalCode::SeveralPersons));
    let text = String::from_utf8(bytes("fk.json")).unwrap();
    let nameless = r#"{"namn": "NÅGON"}, {"personnummer""#;
    let two = text.replacen(r#"{"personnummer""#, nameless, 1);
    assert_eq!(refusal("fk.json", two.into_bytes()), Some(RefusalCode::SeveralPersons));
    for (name, field) in
        [("af.xml", "ns2:IdentitetsbeteckningFysiskPerson"), ("so.xml", "ns0:IdentificationNumber")]
    {
        let text = String::from_utf8(bytes(name)).unwrap();
        let own = format!("<{field}>{ASKED}</{field}>");
        let two = text.replace(&own, &format!("{own}<{field}>{OTHER}</{field}>"));
        assert_eq!(refusal(name, two.into_bytes()), Some(RefusalCode::AnotherPerson), "{name}");
    }
}

#[test]
fn an_answer_that_names_nobody_where_it_must_is_refused() {
    for (name, field) in [("af.xml", "IdentitetsbeteckningFysiskPerson"), ("so.xml", "IdentificationNumber")]
    {
        let text = String::from_utf8(bytes(name)).unwrap().replace(field, "Annat");
        assert_eq!(refusal(name, text.into_bytes()), Some(RefusalCode::NobodyNamed), "{name}");
    }
    let text = String::from_utf8(bytes("csn.xml")).unwrap().replace("Person personnummer", "Person nummer");
    assert_eq!(refusal("csn.xml", text.into_bytes()), Some(RefusalCode::NobodyNamed));
}

#[test]
fn the_answer_to_another_question_is_refused() {
    let text = String::from_utf8(bytes("miv.xml")).unwrap();
    let echo = "<response><korrelationsid>00000000000000000000000000000000</korrelationsid>";
    let text = text.replace("<response>", echo);
    assert_eq!(refusal("miv.xml", text.into_bytes()), Some(RefusalCode::AnotherQuestion));
}

#[test]
fn bytes_that_cannot_be_read_safely_have_a_code_each() {
    for name in ALL {
        let whole = bytes(name);
        assert_eq!(refusal(name, [b"\x1f\x8b\x08\x00", &whole[..]].concat()), Some(RefusalCode::Compressed));
        assert_eq!(
            refusal(name, whole[..whole.len() / 2].to_vec()),
            Some(RefusalCode::NotWellFormed),
            "{name}"
        );
        let latin_1 = if name == "skv-v11" {
            [b"{\"x\":\"\xe5\",".as_slice(), &whole[1..]].concat()
        } else {
            let at = whole.iter().rposition(|byte| matches!(byte, b'<' | b',')).unwrap();
            [&whole[..at], b"\xe5", &whole[at..]].concat()
        };
        assert_eq!(refusal(name, latin_1), Some(RefusalCode::Encoding), "{name}");
    }
    for name in ALL.into_iter().filter(|name| name.ends_with("xml")) {
        let text = String::from_utf8(bytes(name)).unwrap();
        let doctype = text.replacen("?>", "?><!DOCTYPE a>", 1);
        assert_eq!(refusal(name, doctype.into_bytes()), Some(RefusalCode::Doctype), "{name}");
        let deep = format!("{}{}", "<a>".repeat(200), "</a>".repeat(200));
        assert_eq!(refusal(name, deep.into_bytes()), Some(RefusalCode::TooLarge), "{name}");
        assert_eq!(refusal(name, b"<html/>".to_vec()), Some(RefusalCode::NotTheContract), "{name}");
    }
}

#[test]
fn what_could_turn_a_failure_into_nothing_there_is_no_answer() {
    let without = |name: &str, field: &str| {
        let text = String::from_utf8(bytes(name)).unwrap();
        let (start, end) = (text.find(&format!("<{field}>")).unwrap(), format!("</{field}>"));
        let end_at = text.find(&end).unwrap() + end.len();
        [&text.as_bytes()[..start], &text.as_bytes()[end_at..]].concat()
    };
    assert!(read("af.xml", without("af.xml", "ns2:StatusSokandeinformationKod")).is_err());
    assert!(read("csn.xml", without("csn.xml", "csn:ResultatKod")).is_err());
    assert_eq!(
        read("so.xml", without("so.xml", "ns0:ArbetsloshetsersattningLista")).unwrap().outcome,
        Outcome::FailedAtSource
    );
    assert_eq!(
        read("tns.xml", without("tns.xml", "ns3:fordonsinnehav")).unwrap().outcome,
        Outcome::FailedAtSource
    );
    assert_eq!(read("tns.xml", without("tns.xml", "ns3:resultat")).unwrap().outcome, Outcome::AnsweredInPart);
    let text = String::from_utf8(bytes("fk.json")).unwrap();
    let told = |avvikelser: &str| {
        read("fk.json", text.replace("\"avvikelser\": []", avvikelser).into_bytes()).unwrap().outcome
    };
    assert_eq!(told("\"avvikelser\": {}"), Outcome::Answered);
    for odd in [
        "\"avvikelser\": [1]",
        "\"avvikelser\": \"x\"",
        "\"avvikelser\": {\"nytt\": []}",
        "\"avvikelser\": {\"beslut\": [1]}",
    ] {
        assert_eq!(told(odd), Outcome::AnsweredInPart, "{odd}");
    }
}
