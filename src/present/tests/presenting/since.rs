//! A month against another.

use ssbtek_present::{
    Language, Month,
    payments::{By, people},
    since::{Comparison, Since, since},
};
use ssbtek_proto::{agency::v1::*, broker::v1::*};

use crate::canned::{answer, fund, paid, source};

fn compared(answer: &AskResponse, today: &str) -> Since {
    let comparison = Comparison {
        earlier: Month::parse("2026-09").unwrap(),
        later: Month::parse("2026-10").unwrap(),
        by: By::PaymentDay,
        threshold_percent: 12,
        today: today.parse().unwrap(),
    };
    since(&people(&[answer], Language::Swedish), comparison, Language::Swedish)
}

/// `heading: item; item`, a line each.
fn lists(told: &Since) -> String {
    let lists = told.lists.iter().map(|list| format!("{}: {}\n", list.heading, list.items.join("; ")));
    lists.collect::<String>().replace('\u{a0}', " ")
}

fn remarks(told: &Since) -> Vec<&str> {
    told.remarks.iter().map(|remark| remark.text.as_str()).collect()
}

const AFTER: &str = "2026-11-22";

#[test]
fn what_is_new_gone_and_changed_is_told_and_gone_is_no_percentage() {
    let announced = |line: PaymentLine| PaymentLine { state: PaymentState::Announced.into(), ..line };
    let told = compared(
        &answer(vec![
            paid("Barnbidrag", "2026-10-20", "2500"),
            paid("Bostadsbidrag", "2026-09-25", "2051"),
            paid("Aktivitetsstöd", "2026-09-25", "10000"),
            paid("Aktivitetsstöd", "2026-10-25", "11200.01"),
            paid("Sjukpenning", "2026-09-25", "10000"),
            paid("Sjukpenning", "2026-10-25", "11200"),
            paid("Livränta", "2026-09-25", "5"),
            paid("Livränta", "2026-10-25", "5.00"),
            announced(paid("Föräldrapenning", "2026-09-25", "800")),
            paid("Föräldrapenning", "2026-10-25", "800"),
            paid("Annat", "2026-08-25", "1"),
            paid("Annat", "", "1"),
        ]),
        AFTER,
    );
    let expected = "\
Nytt: Barnbidrag, FK: 2 500 kr
Borta: Bostadsbidrag, FK: 2 051 kr
Har betalats ut: Föräldrapenning, FK: 800 kr
Ändrat mer än 12 %: Aktivitetsstöd, FK: 10 000 kr → 11 200,01 kr
Ändrat högst 12 %: Sjukpenning, FK: 10 000 kr → 11 200 kr
Oförändrat: Livränta, FK: 5,00 kr
";
    assert_eq!(lists(&told), expected);
    assert_eq!(told.heading, "oktober 2026 mot september 2026, efter betalningsdag");
    assert_eq!(remarks(&told), ["Hör inte till någon av månaderna, jämförs inte: 1 betalning."]);
}

#[test]
fn nothing_is_new_or_gone_in_the_name_of_a_source_that_has_not_spoken() {
    for outcome in [Outcome::TimedOut, Outcome::AnsweredInPart, Outcome::AnswerRefused, Outcome::NotAsked] {
        let mut answer = answer(vec![
            paid("Barnbidrag", "2026-10-20", "2500"),
            paid("Bostadsbidrag", "2026-09-25", "2051"),
        ]);
        answer.sources[2] = source("FK", outcome);
        let told = compared(&answer, AFTER);
        let lists = lists(&told);
        assert!(lists.contains("Nytt: Inget.\nBorta: Inget.\n"), "{lists}");
        assert!(lists.contains("Går inte att jämföra: Barnbidrag"), "{lists}");
        assert!(remarks(&told).iter().any(|remark| remark.starts_with("INTE KONTROLLERAT: FK")), "{told:?}");
    }
}

#[test]
fn a_fund_that_has_spoken_is_compared_though_another_has_not() {
    let mut answer = answer(vec![fund("2026-10-20", "3853.55", "3603.05")]);
    let part = |part: &str, outcome: Outcome| PartOutcome {
        part: part.to_owned(),
        outcome: outcome.into(),
        code: None,
    };
    answer.sources[4] = SourceReport {
        parts: vec![part("Unionens a-kassa", Outcome::Answered), part("Alfa", Outcome::TimedOut)],
        ..source("SO", Outcome::AnsweredInPart)
    };
    let told = compared(&answer, AFTER);
    assert!(
        lists(&told)
            .contains("Nytt: Arbetslöshetsersättning, SO: Unionens a-kassa: 3 603,05 kr efter avdrag"),
        "{told:?}"
    );
    assert!(remarks(&told)[0].contains("Alfa (svarade inte i tid)"), "{told:?}");
}

#[test]
fn nothing_is_new_where_the_month_before_was_not_asked_about_whole() {
    let mut answer = answer(vec![paid("Barnbidrag", "2026-10-20", "2500")]);
    answer.sources[2].period.as_mut().unwrap().from = "2026-09-22".to_owned();
    let told = compared(&answer, AFTER);
    assert!(lists(&told).contains("Nytt: Inget.\n"), "{told:?}");
    assert!(remarks(&told).contains(&"FK har inte frågats om hela september 2026."), "{told:?}");
}

#[test]
fn nothing_is_gone_before_the_month_is_over() {
    let told = compared(&answer(vec![paid("Barnbidrag", "2026-09-20", "2500")]), "2026-10-31");
    assert!(lists(&told).contains("Inte ännu: Barnbidrag, FK: 2 500 kr"), "{told:?}");
    assert_eq!(remarks(&told), ["oktober 2026 är inte slut: det som saknas kan komma."]);
}

#[test]
fn what_is_added_up_says_so_and_amounts_of_different_kinds_are_not() {
    let two = [
        fund("2026-09-10", "1", "3603.05"),
        fund("2026-09-24", "1", "3603.05"),
        fund("2026-10-08", "1", "7206.1"),
    ];
    let told = lists(&compared(&answer(two.to_vec()), AFTER));
    let sum = "2 betalningar, tillsammans 7 206,10 kr efter avdrag";
    assert!(told.contains("Oförändrat") && !told.contains(sum), "{told}");
    let two = [two[0].clone(), two[1].clone(), fund("2026-10-08", "1", "9000")];
    let told = lists(&compared(&answer(two.to_vec()), AFTER));
    assert!(told.contains(&format!("{sum} → 9 000 kr efter avdrag")), "{told}");
    let mut after_tax_only = fund("2026-10-08", "9000", "0");
    after_tax_only.net.pop();
    let told = lists(&compared(&answer(vec![two[0].clone(), after_tax_only]), AFTER));
    assert!(told.contains("Går inte att jämföra") && told.contains("olika slags belopp"), "{told}");
    let mut after_tax_only = fund("2026-09-24", "9000", "0");
    after_tax_only.net.pop();
    let mixed = [fund("2026-09-10", "1", "3603.05"), after_tax_only, fund("2026-10-08", "1", "3603.05")];
    let told = lists(&compared(&answer(mixed.to_vec()), AFTER));
    assert!(told.contains("3 603,05 kr efter avdrag + 9 000 kr efter skatt → "), "never added up: {told}");
    let strange = [paid("A", "2026-09-10", "mycket"), paid("A", "2026-10-10", "1")];
    assert!(
        lists(&compared(&answer(strange.to_vec()), AFTER))
            .contains("Går inte att jämföra: A, FK: mycket kr → 1 kr")
    );
}

/// By the time that is covered, with days asked about up to this one.
fn by_period(to: &str, today: &str) -> Since {
    let covering = |line: PaymentLine, from: &str, to: &str| PaymentLine {
        covers: Some(Period { from: from.to_owned(), to: to.to_owned() }),
        ..line
    };
    let mut answer = answer(vec![
        covering(paid("Aktivitetsstöd", "2026-10-25", "10087"), "2026-09-01", "2026-09-30"),
        covering(paid("Barnbidrag", "2026-10-20", "2500"), "2026-10-01", "2026-10-31"),
    ]);
    answer.sources.iter_mut().for_each(|of| of.period.as_mut().unwrap().to = to.to_owned());
    let comparison = Comparison {
        earlier: Month::parse("2026-09").unwrap(),
        later: Month::parse("2026-10").unwrap(),
        by: By::Period,
        threshold_percent: 12,
        today: today.parse().unwrap(),
    };
    since(&people(&[&answer], Language::Swedish), comparison, Language::Swedish)
}

#[test]
fn what_may_be_paid_later_than_was_asked_about_is_not_gone() {
    let told = by_period("2026-10-31", "2026-11-28");
    let lists = lists(&told);
    assert!(lists.contains("Nytt: Inget.\nInte ännu: Inget.\n"), "{lists}");
    let later = "Aktivitetsstöd, FK: 10 087 kr (kan betalas ut senare, inte frågat)";
    assert!(lists.contains(later), "{lists}");
    let remark = "FK, CSN, SO: det som avser oktober 2026 kan betalas ut senare, inte frågat.";
    assert!(
        !remarks(&told).is_empty() && remarks(&told).iter().any(|of| sorted(of) == sorted(remark)),
        "{told:?}"
    );
}

/// The words, whatever their order.
fn sorted(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = text.split([' ', ',', ':']).collect();
    words.sort_unstable();
    words
}

#[test]
fn what_was_asked_about_up_to_today_is_not_yet_there_until_two_months_have_passed() {
    let told = lists(&by_period("2026-11-28", "2026-11-28"));
    assert!(
        told.contains("Nytt: Barnbidrag, FK: 2 500 kr\nInte ännu: Aktivitetsstöd, FK: 10 087 kr\n"),
        "{told}"
    );
    let told = lists(&by_period("2026-12-31", "2027-01-02"));
    assert!(told.contains("Borta: Aktivitetsstöd, FK: 10 087 kr\n"), "{told}");
}
