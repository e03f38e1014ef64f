//! Payments, month by month.

use proptest::prelude::*;
use ssbtek_present::{
    Language, Month,
    payments::{By, payments, people},
};
use ssbtek_proto::{agency::v1::Period, broker::v1::*};

use crate::canned::{answer, fund, paid};

fn covering(line: PaymentLine, from: &str, to: &str) -> PaymentLine {
    PaymentLine { covers: Some(Period { from: from.to_owned(), to: to.to_owned() }), ..line }
}

fn headings(answer: &AskResponse, by: By, only: Option<Month>) -> Vec<String> {
    let people = people(&[answer], Language::Swedish);
    payments(&people, by, only, Language::Swedish).tables.into_iter().map(|table| table.heading).collect()
}

#[test]
fn months_come_newest_first_and_undated_last() {
    let answer = answer(vec![
        paid("A", "", "1"),
        covering(paid("B", "2026-10-25", "2"), "2026-09-01", "2026-09-30"),
        covering(paid("C", "2026-12-25", "3"), "2026-10-20", "2026-11-10"),
        fund("2026-11-20", "9120.5", "8900"),
    ]);
    let by_day = ["december 2026", "november 2026", "oktober 2026", "utan datum"];
    assert_eq!(headings(&answer, By::PaymentDay, None), by_day);
    assert_eq!(
        headings(&answer, By::Period, None),
        ["september 2026", "över flera månader", "utan angiven tid"]
    );
    let october = Month::parse("2026-10");
    assert_eq!(headings(&answer, By::PaymentDay, october), ["oktober 2026", "utan datum"]);
}

#[test]
fn a_month_that_is_chosen_says_what_lies_outside_it_and_that_it_is_empty() {
    let answer = answer(vec![paid("A", "2026-11-25", "1")]);
    let told = payments(
        &people(&[&answer], Language::Swedish),
        By::PaymentDay,
        Month::parse("2026-10"),
        Language::Swedish,
    );
    let remarks: Vec<&str> = told.remarks.iter().map(|remark| remark.text.as_str()).collect();
    assert!(remarks.contains(&"Ingen betalning i oktober 2026 i svaret."), "{remarks:?}");
    assert!(remarks.contains(&"Utanför månaden, visas inte här: 1 betalning."), "{remarks:?}");
}

#[test]
fn people_stand_beside_each_other_and_who_is_protected_is_called_so() {
    let mut one = answer(vec![paid("A", "2026-10-25", "1")]);
    let mut other = answer(vec![paid("B", "2026-10-26", "2")]);
    other.role = Role::CoApplicant.into();
    other.protection.as_mut().unwrap().level = Protection::Sekretessmarkering.into();
    let labels = |one: &AskResponse, other: &AskResponse| {
        people(&[one, other], Language::Swedish).into_iter().map(|person| person.label).collect::<Vec<_>>()
    };
    assert_eq!(labels(&one, &other), ["sökande", "medsökande · SKYDDAD"]);
    let both = people(&[&one, &other], Language::Swedish);
    let told = payments(&both, By::PaymentDay, None, Language::Swedish);
    let whose: Vec<usize> = told.tables[0].rows.iter().map(|row| row.person).collect();
    assert_eq!((told.tables.len(), whose), (1, vec![1, 0]), "one table, newest first");
    (one.role, other.role) = (Role::Child.into(), Role::Child.into());
    other.protection = None;
    assert_eq!(labels(&one, &other), ["barn 198001019804", "barn 198001019804 · SKYDD INTE KÄNT"]);
}

fn text(label: &'static str) -> impl Strategy<Value = String> {
    (0u32..1_000_000).prop_map(move |n| format!("{label}{n}Z"))
}

prop_compose! {
    fn line()(
        payer in text("payer"), benefit in text("benefit"), sub in text("sub"), kind in text("kind"),
        gross in text("gross"), tax in text("tax"), deduction in text("deduction"), basis in text("basis"),
        days in text("days"), net in prop::collection::vec(text("net"), 1..3),
        month in prop::option::of(1u32..13), covered in prop::option::of((1u32..13, 1u32..13)),
        present in any::<[bool; 6]>(), state in 0..4i32, perhaps_duplicate: bool,
    ) -> PaymentLine {
        let day = |month: u32| format!("2026-{month:02}-15");
        let some = |n: usize, text: String| present[n].then_some(text);
        PaymentLine {
            source: "SO".to_owned(), payer, benefit,
            sub_benefit: some(0, sub), amount_type: some(1, kind), gross: some(2, gross), tax: some(3, tax),
            deduction: some(4, deduction), days: some(5, days),
            net: net.into_iter().enumerate()
                .map(|(n, amount)| NetAmount { kind: n as i32 + 1, amount }).collect(),
            paid_on: month.map(day),
            covers: covered.map(|(from, to)| Period { from: day(from), to: day(to) }),
            state, asked_at: "2026-11-22T10:15:32Z".to_owned(), legal_basis: basis, perhaps_duplicate,
        }
    }
}

proptest! {
    #[test]
    fn every_payment_is_told_once_with_everything_that_is_known_of_it(
        lines in prop::collection::vec(line(), 0..8), by_period: bool,
    ) {
        let by = if by_period { By::Period } else { By::PaymentDay };
        let answer = answer(lines.clone());
        for language in Language::ALL {
            let told = payments(&people(&[&answer], language), by, None, language);
            let rows: Vec<_> = told.tables.iter().flat_map(|table| &table.rows).collect();
            prop_assert_eq!(rows.len(), lines.len());
            let told = format!("{rows:?}");
            for line in &lines {
                let texts = [Some(&line.payer), Some(&line.benefit), line.sub_benefit.as_ref(), line.amount_type.as_ref(),
                    line.gross.as_ref(), line.tax.as_ref(), line.deduction.as_ref(), line.days.as_ref(),
                    line.paid_on.as_ref(), Some(&line.legal_basis)];
                let nets = line.net.iter().map(|net| &net.amount);
                for text in texts.into_iter().flatten().chain(nets) {
                    prop_assert!(told.contains(text.as_str()), "{} is untold", text);
                }
                if let Some(covers) = &line.covers {
                    prop_assert!(told.contains(&covers.from) && told.contains(&covers.to));
                }
            }
        }
    }
}
