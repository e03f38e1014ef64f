//! Skatteverket's names are not public. A field by another name leaves its fact out, and that is said: by a note wherever a name is not
//! known, and as an answer in part where what was looked for is not there and may stand there by that name.

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::{Note, Outcome, sections::Section};
use ssbtek_formats::{HttpAnswer, ReadAnswer, read_answer};

use crate::{
    bad_input::source,
    stored::{ASKED, bytes, codec, question},
};

fn made_of(name: &str, body: String) -> ReadAnswer {
    let answer = HttpAnswer { status: 200, content_type: None, body: body.into_bytes() };
    read_answer(&*codec(name), &source(name), &question(), answer)
}

/// A part of v11's with that document, and what became of it.
fn part(part: &str, document: &str) -> (Outcome, Vec<Note>) {
    let body = format!(r#"{{"{part}":{{"data":"{}"}}}}"#, STANDARD.encode(document));
    let read = made_of("skv-v11", body).answer;
    (read.parts.iter().find(|told| told.part == part).unwrap().outcome, read.notes)
}

fn v10(inner: &str) -> ReadAnswer {
    let whole = String::from_utf8(bytes("skv-v10.xml")).unwrap();
    let (head, rest) = whole.split_once("<svar>").unwrap();
    let (_, tail) = rest.split_once("</svar>").unwrap();
    made_of("skv-v10.xml", format!("{head}<svar>{}</svar>{tail}", inner.replace('<', "&lt;")))
}

#[test]
fn a_name_that_is_not_known_leaves_a_note_wherever_it_stands() {
    let year = r#""ar":2025,"faststalldForvarvsinkomst":1,"overskottNaringsverksamhet":1,"overskottKapital":1,"underskottKapital":1,"underlagFastighetsavgift":1,"slutligSkatt":1"#;
    let property = r#""fastighetsbeteckning":"Ön 1:1","taxeringsvarde":1"#;
    let tax = |root: &str, year_more: &str, property_more: &str| {
        format!(
            r#"{{"identitet":"{ASKED}"{root},"inkomstar":[{{{year}{year_more},"fastigheter":[{{{property}{property_more}}}]}}]}}"#
        )
    };
    let (outcome, notes) = part("skatteuppgifter", &tax("", "", ""));
    assert_eq!((outcome, notes.len()), (Outcome::Answered, 0), "{notes:?}");
    let new = r#","nytt":17"#;
    for (document, place) in [
        (tax(new, "", ""), "skatteuppgifter"),
        (tax("", new, ""), "inkomstar"),
        (tax("", "", new), "fastigheter"),
    ] {
        let (outcome, notes) = part("skatteuppgifter", &document);
        assert_eq!(outcome, Outcome::Answered, "all that is known is there: {document}");
        assert_eq!(notes, [Note::PassedOver(place)], "{document}");
    }
}

#[test]
fn a_field_by_another_name_is_no_field_that_is_not_there() {
    let sound = [
        (
            "skattekonto",
            r#"{"identitet":"P","saldo":5,"saldodatum":"2026-11-20"}"#,
            vec!["saldo", "saldodatum"],
        ),
        (
            "skatteuppgifter",
            r#"{"identitet":"P","inkomstar":[{"ar":2025,"faststalldForvarvsinkomst":7,"slutligSkatt":3}]}"#,
            vec!["inkomstar", "ar", "faststalldForvarvsinkomst", "slutligSkatt"],
        ),
        (
            "individuppgifter",
            r#"{"identitet":"P","individuppgifter":[{"redovisningsperiod":"2026-10","arbetsgivare":{"organisationsnummer":"165560360793","namn":"Bruket"},"kontantErsattning":7,"avdragenSkatt":3}]}"#,
            vec![
                "individuppgifter",
                "redovisningsperiod",
                "arbetsgivare",
                "namn",
                "kontantErsattning",
                "avdragenSkatt",
            ],
        ),
        (
            "foretagsinformation",
            r#"{"identitet":"P","foretag":[{"organisationsnummer":"165560360793","namn":"Bruket","godkandForFskatt":true,"momsregistrerad":false}]}"#,
            vec!["foretag", "organisationsnummer", "namn", "godkandForFskatt", "momsregistrerad"],
        ),
        (
            "beskattningsbilagor",
            r#"{"identitet":"P","bilagor":[{"ar":2025,"bilaga":"K10"}]}"#,
            vec!["bilagor", "ar", "bilaga"],
        ),
    ];
    for (name, document, fields) in sound {
        let document = document.replace("\"P\"", &format!("\"{ASKED}\""));
        assert_eq!(part(name, &document).0, Outcome::Answered, "{name}: {:?}", part(name, &document).1);
        for field in fields {
            for new in ["nyttNamn".to_owned(), field.to_uppercase(), format!("{field}V2")] {
                let renamed = document.replace(&format!("\"{field}\""), &format!("\"{new}\""));
                assert_ne!(renamed, document, "{name} {field}");
                let (outcome, notes) = part(name, &renamed);
                assert!(
                    matches!(outcome, Outcome::AnsweredInPart | Outcome::FailedAtSource),
                    "{name} {field} as {new}: {outcome} {notes:?}"
                );
                assert!(!notes.is_empty(), "{name} {field} as {new}");
            }
        }
    }
}

#[test]
fn a_document_in_which_no_known_figure_stands_is_in_part() {
    for (name, document) in [
        ("skattekonto", r#"{"identitet":"P"}"#),
        ("skattekonto", r#"{"identitet":"P","saldo":null}"#),
        ("skatteuppgifter", r#"{"identitet":"P","ar":2025}"#),
        ("individuppgifter", r#"{"identitet":"P","uppgifter":[]}"#),
        ("individuppgifter", r#"{"identitet":"P","individuppgifter":null}"#),
        ("individuppgifter", r#"{"identitet":"P","individuppgifter":[{"nytt":1}]}"#),
        ("foretagsinformation", r#"{"identitet":"P","individuppgifter":[]}"#),
    ] {
        let (outcome, notes) = part(name, &document.replace("\"P\"", &format!("\"{ASKED}\"")));
        assert_eq!(outcome, Outcome::AnsweredInPart, "{name} {document}: {notes:?}");
    }
    let empty = format!(r#"{{"identitet":"{ASKED}","individuppgifter":[]}}"#);
    assert_eq!(
        part("individuppgifter", &empty).0,
        Outcome::Answered,
        "an empty list says that there are none"
    );
    let read = v10(&format!("<uppgifter><person>{ASKED}</person></uppgifter>"));
    assert_eq!(read.answer.outcome, Outcome::AnsweredInPart);
    let read = v10(&format!("<uppgifter><person>{ASKED}</person><nytt><ar>2025</ar></nytt></uppgifter>"));
    assert_eq!(read.answer.outcome, Outcome::AnsweredInPart);
}

#[test]
fn an_amount_that_cannot_be_read_makes_the_part_one_in_part() {
    for written in
        [r#""mycket""#, r#""1 250""#, r#""1250,50""#, r#""−5""#, "true", r#"{"x":1}"#, "1e400", "[1,2]"]
    {
        let (outcome, notes) = part(
            "skattekonto",
            &format!(r#"{{"kontohavare":"{ASKED}","saldo":{written},"saldodatum":"2026-11-20"}}"#),
        );
        assert_eq!(outcome, Outcome::AnsweredInPart, "{written} {notes:?}");
        assert!(notes.contains(&Note::NotUnderstood("saldo")), "{written} {notes:?}");
    }
    let read = v10(&format!(
        "<u><id>{ASKED}</id><inkomstar><ar>i fjol</ar><slutligSkatt>3</slutligSkatt></inkomstar></u>"
    ));
    assert_eq!(
        read.answer.outcome,
        Outcome::AnsweredInPart,
        "a year that is none costs its line, and that is said"
    );
    let Some(Section::Skv(_)) = read.answer.section else { panic!() };
}
