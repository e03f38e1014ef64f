//! Figures that name nobody, or somebody by what is no personal number, are told of nobody.

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::{
    Note, Outcome,
    sections::{Facts, Section},
};
use ssbtek_formats::{HttpAnswer, ReadAnswer, RefusalCode, read_answer};

use crate::{
    bad_input::source,
    stored::{ASKED, bytes, codec, question},
};

/// A number for tax alone, and numbers whose check digit is wrong.
const NO_NUMBERS: [&str; 4] = ["19750202TF61", "750202-T061", "197513459811", "199001019803"];

fn made_of(name: &str, body: impl Into<Vec<u8>>) -> ReadAnswer {
    let answer = HttpAnswer { status: 200, content_type: None, body: body.into() };
    read_answer(&*codec(name), &source(name), &question(), answer)
}

fn v11(around: &str, parts: &[(&str, &str)]) -> ReadAnswer {
    let parts: Vec<String> = parts
        .iter()
        .map(|(part, text)| format!(r#""{part}":{{"data":"{}"}}"#, STANDARD.encode(text)))
        .collect();
    made_of("skv-v11", format!("{{{around}{}}}", parts.join(",")))
}

fn outcome_of(read: &ReadAnswer, part: &str) -> Option<Outcome> {
    read.answer.parts.iter().find(|told| told.part == part).map(|told| told.outcome)
}

fn code(read: &ReadAnswer) -> Option<RefusalCode> {
    read.refused.map(|refused| refused.code())
}

fn account(number: &str) -> String {
    format!(r#"{{"kontohavare":{number},"saldo":1250.5,"saldodatum":"2026-11-20"}}"#)
}

#[test]
fn a_document_of_skatteverkets_that_names_nobody_is_not_told() {
    for text in [account("null"), r#"{"saldo":1250.5,"saldodatum":"2026-11-20"}"#.to_owned()] {
        let alone = v11("", &[("skattekonto", &text)]);
        assert_eq!(code(&alone), Some(RefusalCode::NobodyNamed), "{text}");
        let tax = format!(r#"{{"skattskyldig":{{"identitet":"{ASKED}"}},"inkomstar":[{{"ar":2025}}]}}"#);
        let beside = v11("", &[("skattekonto", &text), ("skatteuppgifter", &tax)]);
        assert_eq!(beside.answer.outcome, Outcome::AnsweredInPart, "{text}");
        let Some(Section::Skv(told)) = &beside.answer.section else { panic!("{text}") };
        assert!(told.tax_account.is_none() && told.years.len() == 1, "{text}");
        assert_eq!(outcome_of(&beside, "skattekonto"), Some(Outcome::AnswerRefused), "{text}");
        let around = format!(r#""personidentitet":"{ASKED}","#);
        let around = v11(&around, &[("skattekonto", &text)]);
        assert_eq!(outcome_of(&around, "skattekonto"), Some(Outcome::Answered), "{text}");
    }
    let v10 = String::from_utf8(bytes("skv-v10.xml")).unwrap();
    let nobody = v10.replace(&format!("&lt;skattskyldig id=\"{ASKED}\"/&gt;"), "");
    assert!(nobody != v10);
    assert_eq!(code(&made_of("skv-v10.xml", nobody)), Some(RefusalCode::NobodyNamed));
}

#[test]
fn what_is_no_number_of_hers_where_her_number_should_stand_makes_a_document_nobodys() {
    let v10 = String::from_utf8(bytes("skv-v10.xml")).unwrap();
    let around = format!(r#""personidentitet":"{ASKED}","#);
    for number in NO_NUMBERS {
        let tax = format!(r#"{{"skattskyldig":{{"identitet":"{number}"}},"inkomstar":[{{"ar":2025}}]}}"#);
        for (part, text) in [("skattekonto", account(&format!("\"{number}\""))), ("skatteuppgifter", tax)] {
            for around in ["", &around] {
                let read = v11(around, &[(part, &text)]);
                assert!(read.answer.section.is_none() && read.refused.is_some(), "{number} {part} {around}");
            }
        }
        assert!(made_of("skv-v10.xml", v10.replace(ASKED, number)).refused.is_some(), "{number}");
    }
}

#[test]
fn a_record_that_names_what_is_no_number_of_hers_is_left_out_as_somebody_elses() {
    for number in NO_NUMBERS {
        let record =
            |more: &str| format!(r#"{{{more}"redovisningsperiod":"2026-10","kontantErsattning":100}}"#);
        let text = format!(
            r#"{{"identitet":"{ASKED}","individuppgifter":[{},{}]}}"#,
            record(""),
            record(&format!(r#""identitet":"{number}","#))
        );
        let read = v11("", &[("individuppgifter", &text)]);
        assert_eq!(outcome_of(&read, "individuppgifter"), Some(Outcome::AnsweredInPart), "{number}");
        let Some(Section::Skv(told)) = &read.answer.section else { panic!("{number}") };
        assert_eq!(told.statements.len(), 1, "{number}");
    }
}

#[test]
fn general_information_that_names_nobody_is_refused_and_never_not_protected() {
    let text = String::from_utf8(bytes("fk.json")).unwrap();
    let number = format!(r#""personnummer": "{ASKED}","#);
    for written in [r#""personnummer": null,"#, ""] {
        let read = made_of("fk.json", text.replace(&number, written));
        assert_eq!(code(&read), Some(RefusalCode::NobodyNamed), "{written}");
    }
}

#[test]
fn an_instant_is_told_as_the_swedish_day_and_what_is_none_is_not_told() {
    let text = String::from_utf8(bytes("fk.json")).unwrap();
    for (field, sound) in [("datum", "2026-10-23"), ("utbetalningsdatum", "2026-10-16")] {
        let days = |written: &str| {
            let before = format!(r#""{field}": "{sound}""#);
            assert!(text.contains(&before));
            let read = made_of("fk.json", text.replace(&before, &format!(r#""{field}": "{written}""#)));
            let Some(Section::Fk(section)) = &read.answer.section else { panic!("{written}") };
            let lines = section.payments();
            let days: Vec<String> =
                lines.iter().filter_map(|line| line.paid_on).map(|day| day.to_string()).collect();
            let noted = read.answer.notes.contains(&Note::NotUnderstood(field));
            (days, noted, read.answer.outcome)
        };
        for (written, day) in [
            ("2026-10-31T23:00:00.000Z", "2026-11-01"),
            ("2026-10-31T22:59:59Z", "2026-10-31"),
            ("2026-10-24T22:00:00Z", "2026-10-25"),
            ("2026-10-25T00:59:59Z", "2026-10-25"),
            ("2026-10-25T22:59:59Z", "2026-10-25"),
            ("2026-03-28T23:00:00Z", "2026-03-29"),
            ("2026-03-29T22:00:00Z", "2026-03-30"),
            ("2026-11-01T00:00:00+01:00", "2026-11-01"),
            ("2026-10-31T23:30:00.000+0000", "2026-11-01"),
            ("2026-11-01T00:00:00+0100", "2026-11-01"),
            ("2026-10-23", "2026-10-23"),
            ("2026-10-23T23:30:00", "2026-10-23"),
        ] {
            let (days, noted, outcome) = days(written);
            assert!(days.contains(&day.to_owned()) && !noted, "{field} {written}: {days:?}");
            assert_eq!(outcome, Outcome::Answered, "{written}");
        }
        for written in [
            "9999-12-31T23:30:00Z",
            "2026-10-23Tx",
            "2026-10-23T25:99:99Z",
            "2026-10-23T",
            "2026-10T10:00:00Z",
        ] {
            let (days, noted, outcome) = days(written);
            assert!(days.len() == 1 && noted, "{field} {written}: {days:?}");
            assert_eq!(outcome, Outcome::AnsweredInPart, "{field} {written}");
        }
    }
}

#[test]
fn a_day_with_its_zone_is_nobodys_number() {
    // 260108-0100 and 260116-0200 would be numbers, and 20-12-06 with 2101.
    for zoned in ["2026-01-08+01:00", "2026-01-16+02:00", "2012-01-08+01:00", "2026-01-08 01:00"] {
        for (name, before, after) in [
            ("af.xml", "<ns2:BeslutFrom>", "</ns2:BeslutFrom>"),
            ("so.xml", "<ns0:Utbetalningsdatum>", "</ns0:Utbetalningsdatum>"),
            ("miv.xml", "<beslutsdatum>", "</beslutsdatum>"),
            ("fk.json", "\"datum\": \"", "\""),
        ] {
            let text = String::from_utf8(bytes(name)).unwrap();
            let start = text.find(before).unwrap() + before.len();
            let end = start + text[start..].find(after).unwrap();
            let read = made_of(name, format!("{}{zoned}{}", &text[..start], &text[end..]));
            assert_eq!(read.answer.of_others, Vec::<&str>::new(), "{name} {zoned}");
            if !zoned.contains(' ') && name != "fk.json" {
                assert_eq!(read.answer.outcome, Outcome::Answered, "{name} {zoned}");
            }
        }
    }
}
