//! What somebody stated, beside what the sources say.

use proptest::prelude::*;
use ssbtek_present::{
    Language, Month,
    payments::{By, people},
    stated::{MAX_LINES, Row, Unread, compare, read},
};
use ssbtek_proto::{
    agency::v1::{Outcome, Period, Section, SkvIndividualStatement, SkvSection, section::Agency},
    broker::v1::{AskResponse, PaymentLine},
};

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
    let results = results(
        &household(),
        "barnbidrag 2 500 kr\nbostadsbidrag 1 900\nA-kassa 3853,55\nhyresintäkt 12 000:-",
    );
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

fn by_period(answer: &AskResponse, stated: &str) -> Vec<String> {
    let stated = read(stated, october()).unwrap();
    let told =
        compare(&people(&[answer], Language::Swedish), &stated, october(), By::Period, Language::Swedish);
    told.rows.into_iter().map(|row| row.result).collect()
}

#[test]
fn what_may_be_paid_later_than_was_asked_about_is_not_denied() {
    let mut answer = household();
    answer.sources.iter_mut().for_each(|of| of.period.as_mut().unwrap().to = "2026-10-31".to_owned());
    assert_eq!(by_period(&answer, "studiemedel 4 000"), ["kan betalas ut senare, inte frågat"]);
    answer.sources.iter_mut().for_each(|of| of.period.as_mut().unwrap().to = "2026-12-31".to_owned());
    assert_eq!(by_period(&answer, "studiemedel 4 000"), ["ingen källa anger det"]);
}

/// `SKV` states pay for a month.
fn with_pay(mut answer: AskResponse, from: &str, to: &str, gross: &str) -> AskResponse {
    let statement = SkvIndividualStatement {
        month: Some(Period { from: from.to_owned(), to: to.to_owned() }),
        gross: Some(gross.to_owned()),
        ..SkvIndividualStatement::default()
    };
    let skv = SkvSection { statements: vec![statement], ..SkvSection::default() };
    answer.sources[3].section = Some(Section { agency: Some(Agency::Skv(skv)) });
    answer
}

#[test]
fn a_wage_stands_beside_what_skv_states_and_is_never_denied() {
    let none: Vec<PaymentLine> = vec![];
    let answer = with_pay(answer(none), "2026-10-01", "2026-10-31", "22064");
    assert_eq!(results(&answer, "lön 22064"), ["stämmer (SKV, före skatt)"]);
    let row = &rows(&answer, "Lön från ICA 17 000")[0];
    assert_eq!(row.result.replace('\u{a0}', " "), "SKV uppger 22 064 kr före skatt");
    assert!(row.differs);
    let said = "inte bland betalningarna; SKV uppger 22 064 kr före skatt";
    assert_eq!(results(&answer, "extraknäck 500"), [said]);
}

#[test]
fn a_wage_of_a_month_without_any_from_skv_is_not_compared() {
    let answer = with_pay(household(), "2026-09-01", "2026-09-30", "22064");
    for wage in ["lön", "Månadslön", "inkomst av tjänst", "salary", "wages"] {
        assert_eq!(
            results(&answer, &format!("{wage} 22064"))[0],
            "lön jämförs inte med betalningar",
            "{wage}"
        );
    }
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
