//! What somebody stated, beside what the sources say.

use proptest::prelude::*;
use ssbtek_present::{
    Language, Month,
    payments::{By, people},
    stated::{MAX_LINES, Row, Unread, compare, read},
};
use ssbtek_proto::{agency::v1::Outcome, broker::v1::AskResponse};

use crate::canned::{answer, fund, paid, source};

fn october() -> Month {
    Month::parse("2026-10").unwrap()
}

fn rows(answer: &AskResponse, stated: &str) -> Vec<Row> {
    let stated = read(stated, october()).unwrap();
    compare(&people(&[answer], Language::Swedish), &stated, october(), By::PaymentDay, Language::Swedish).rows
}

fn results(answer: &AskResponse, stated: &str) -> Vec<String> {
    rows(answer, stated).into_iter().map(|row| row.result.replace('\u{a0}', " ")).collect()
}

fn household() -> AskResponse {
    answer(vec![
        paid("Barnbidrag", "2026-10-20", "2500"),
        paid("Bostadsbidrag", "2026-10-27", "2051"),
        paid("Bostadsbidrag", "2026-09-27", "1"),
        fund("2026-10-26", "3853.55", "3603.05"),
    ])
}

#[test]
fn what_agrees_differs_and_was_not_stated_is_told_apart() {
    let results =
        results(&household(), "barnbidrag 2 500 kr\nbostadsbidrag 1 900\nA-kassa 3853,55\nlön 12 000:-");
    let expected = ["stämmer", "SKILJER SIG", "stämmer (efter skatt)", "ingen källa anger det"];
    assert_eq!(results, expected);
    assert_eq!(self::results(&household(), "Barnbidrag 2500")[1..], ["inte uppgivet", "inte uppgivet"]);
}

#[test]
fn a_figure_that_is_one_of_several_payments_is_called_so() {
    let answer = answer(vec![fund("2026-10-12", "1", "4373.76"), fund("2026-10-26", "2", "3603.05")]);
    assert_eq!(results(&answer, "a-kassa 3 603,05"), ["SKILJER SIG: är en av 2 betalningar"]);
    assert_eq!(results(&answer, "a-kassa 7 976,81"), ["stämmer (efter avdrag)"]);
}

#[test]
fn no_source_is_said_to_deny_what_it_was_not_heard_about() {
    let mut answer = household();
    answer.sources[1] = source("CSN", Outcome::TimedOut);
    let results = results(&answer, "studiemedel 4 000");
    assert_eq!(results[0], "ingen källa anger det, men CSN (svarade inte i tid) är inte kontrollerat");
}

#[test]
fn a_name_that_fits_several_benefits_is_not_guessed_at() {
    let results = results(&household(), "bidrag 2500");
    assert!(results[0].starts_with("passar flera, skriv vilken: "), "{results:?}");
    assert_eq!(results.len(), 2, "what may be meant is not called unstated");
}

#[test]
fn figures_are_read_as_swedes_write_them() {
    for text in [
        "barnbidrag 2500",
        "barnbidrag 2 500",
        "barnbidrag 2\u{a0}500,00 kr",
        "barnbidrag: 2.500,00 kronor",
        "barnbidrag\t2 500",
        "barnbidrag;2500,0;",
        "oktober barnbidrag 2500:-",
        "oktober 2026 barnbidrag 2500kr",
        "2026-10\tbarnbidrag\t2500.00",
        "  barnbidrag = 2500 SEK  ",
    ] {
        let text = text.trim_end_matches(';');
        assert_eq!(results(&household(), text)[0], "stämmer", "{text}");
    }
    let row = &rows(&household(), "vecka 44\t500")[0];
    assert_eq!((row.what.as_str(), row.stated.as_str()), ("vecka 44", "500\u{a0}kr"));
}

#[test]
fn what_cannot_be_read_is_named_by_its_line_and_never_repeated() {
    let unread = |text: &str| read(text, october()).unwrap_err();
    assert_eq!(unread(" \n"), Unread::Nothing);
    assert_eq!(unread("barnbidrag 1\nhemligt belopp"), Unread::Form(2));
    assert_eq!(unread("2500"), Unread::Form(1));
    assert_eq!(unread("barnbidrag -2500"), Unread::Form(1));
    assert_eq!(unread("barnbidrag 2,5,00"), Unread::Form(1));
    assert_eq!(unread("2026-09 barnbidrag 2500"), Unread::Month(1));
    assert_eq!(unread(&format!("{} 1", "x".repeat(300))), Unread::Long(1));
    assert_eq!(unread(&"a 1\n".repeat(MAX_LINES + 1)), Unread::TooMany);
    for language in Language::ALL {
        assert!(!Unread::Form(2).told(language).contains("hemligt"));
    }
}

proptest! {
    #[test]
    fn reading_never_panics(text in "(?s)[ -~\u{a0}åäö0-9,.;:\t\n]{0,120}") {
        let _ = read(&text, october());
    }
}
