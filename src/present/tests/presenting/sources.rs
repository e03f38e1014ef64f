//! What became of each source.

use ssbtek_present::{Language, ReceiptCheck, answer::Asked, sources::source};
use ssbtek_proto::{agency::v1::*, broker::v1::*};

use crate::canned;

const SILENT: [Outcome; 5] = [
    Outcome::FailedAtSource,
    Outcome::TimedOut,
    Outcome::NotReachable,
    Outcome::AnswerRefused,
    Outcome::AnsweredInPart,
];

#[test]
fn a_source_that_was_not_heard_says_so_in_words_and_what_to_do_about_it() {
    for outcome in SILENT {
        for language in Language::ALL {
            let told = source(&canned::source("SKV", outcome), false, language);
            assert!(told.alarm, "{outcome:?}");
            let advice = told.advice.unwrap().text;
            assert!(advice.contains("Skatteverket"), "{advice}");
            let (says_nothing, telephone) = match language {
                Language::Swedish => ("Att svar saknas säger ingenting om inkomster.", "ing Skatteverket"),
                Language::English => {
                    ("That an answer is missing says nothing about income.", "elephone Skatteverket")
                }
            };
            assert!(advice.contains(says_nothing) && advice.contains(telephone), "{advice}");
        }
    }
    for outcome in [Outcome::Answered, Outcome::NoSuchPerson] {
        let told = source(&canned::source("SKV", outcome), false, Language::Swedish);
        assert!(told.advice.is_none() && !told.alarm);
    }
}

#[test]
fn the_fund_that_is_silent_is_the_one_to_telephone() {
    let part = |part: &str, outcome: Outcome| PartOutcome {
        part: part.to_owned(),
        outcome: outcome.into(),
        code: None,
    };
    let report = SourceReport {
        parts: vec![part("Unionens a-kassa", Outcome::Answered), part("Alfakassan", Outcome::TimedOut)],
        ..canned::source("SO", Outcome::AnsweredInPart)
    };
    let told = source(&report, false, Language::Swedish);
    let advice = told.advice.unwrap().text;
    assert!(advice.contains("ring Alfakassan") && !advice.contains("Unionens"), "{advice}");
    assert_eq!(told.below[0].text, "2 a-kassor: 1 svarade, 1 svarade inte i tid (Alfakassan)");
}

#[test]
fn the_brokers_own_remarks_are_told_in_the_readers_language() {
    let note = |kind: note::Kind, detail: &str| Note { kind: kind.into(), detail: detail.to_owned() };
    let rule = "CSN answers for two months back and one month ahead";
    let report = SourceReport {
        notes: vec![note(note::Kind::PeriodNarrowed, rule), note(note::Kind::Missing, "Arende/status")],
        ..canned::source("CSN", Outcome::Answered)
    };
    let below =
        |language| source(&report, false, language).below.into_iter().map(|of| of.text).collect::<Vec<_>>();
    let swedish = below(Language::Swedish);
    assert!(swedish[0].contains("CSN svarar för två månader bakåt"), "{swedish:?}");
    assert!(swedish[1].ends_with(": Arende/status"), "a field's name stays: {swedish:?}");
    assert!(below(Language::English)[0].contains(rule));
}

#[test]
fn an_agencys_text_cannot_steer_what_shows_it() {
    let af = AfSection {
        given_name: Some("A\u{202e}nna\u{1b}[2J".to_owned()),
        family_name: Some("<script>B\u{200b}erg".to_owned()),
        ..AfSection::default()
    };
    let mut answer = canned::answer(vec![PaymentLine {
        payer: "P\u{202e}".to_owned(),
        ..canned::paid("B\u{9b}31m", "2026-10-01", "1")
    }]);
    answer.sources[0].section = Some(Section { agency: Some(section::Agency::Af(af)) });
    answer.sources[4].parts =
        vec![PartOutcome { part: "K\u{7}".to_owned(), outcome: 7, code: Some("\u{1b}".to_owned()) }];
    let asked = Asked { case_id: "EB-1", period: None };
    let presented = ssbtek_present::answer(asked, &answer, &ReceiptCheck::NoKey, Language::Swedish);
    let people = ssbtek_present::payments::people(&[&answer], Language::Swedish);
    let payments = ssbtek_present::payments::payments(&people, Default::default(), None, Language::Swedish);
    // `Debug` writes what cannot be seen as an escape.
    let told = format!("{presented:?}{payments:?}").replace("\\u{a0}", " ");
    assert!(told.contains("Anna[2J") && told.contains("<script>Berg"), "{told}");
    assert!(!told.contains("\\u{") && !told.contains("\\r") && !told.contains("\\n"), "{told}");
}

#[test]
fn protection_is_an_alarm_in_every_language_and_said_before_all_else() {
    for level in [
        Protection::NotKnown,
        Protection::Sekretessmarkering,
        Protection::SkyddadFolkbokforing,
        Protection::Unspecified,
    ] {
        for language in Language::ALL {
            let mut answer = canned::answer(vec![]);
            answer.protection = Some(ProtectionReport { level: level.into(), ..ProtectionReport::default() });
            let asked = Asked { case_id: "EB-1", period: None };
            let presented = ssbtek_present::answer(asked, &answer, &ReceiptCheck::NoKey, language);
            let first = &presented.protection[0];
            assert!(first.alarm && !first.folded && !first.text.contains(" ,"), "{first:?}");
        }
    }
}
