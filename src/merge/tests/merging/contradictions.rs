//! Contradictions between sources are reported, each pair once, and nothing is resolved.

use ssbtek_domain::{
    Agency, SourceAnswer, Week,
    sections::{
        Section, af,
        csn::{self, Moment},
        fk::{
            self,
            common::{Code, Extent, Money, Span},
            paid::{FkPayment, PaymentDetail},
            person::GeneralInformation,
        },
        miv, so,
    },
};
use ssbtek_merge::{DiscrepancyKind, Report};

use crate::support::{answered, day, kronor, merged, merged_open, outcome_of, period, person};

fn af(given: &str, family: &str) -> SourceAnswer {
    let (given_name, family_name) = (Some(given.into()), Some(family.into()));
    answered(Section::Af(af::Section {
        person: Some(person()),
        given_name,
        family_name,
        ..Default::default()
    }))
}

fn miv(given: &str, family: &str) -> SourceAnswer {
    let (given_name, family_name) = (Some(given.into()), Some(family.into()));
    answered(Section::Miv(miv::Section {
        person: Some(person()),
        given_name,
        family_name,
        ..Default::default()
    }))
}

fn fk_named(name: &str) -> SourceAnswer {
    let general = vec![GeneralInformation { name: Some(name.into()), ..Default::default() }];
    answered(Section::Fk(fk::Section { person: Some(person()), general, ..Default::default() }))
}

fn pairs(report: &Report, kind: DiscrepancyKind) -> Vec<Vec<Agency>> {
    report.discrepancies.iter().filter(|d| d.kind == kind).map(|d| d.sources.clone()).collect()
}

#[test]
fn names_are_compared_as_registers_write_them() {
    let table = [
        ("the same", af("Eva", "Åström"), miv("EVA", "ÅSTRÖM"), 0),
        ("a hyphen and a space", af("Anna Maria", "Berg-Lind"), miv("Maria", "Berg Lind"), 0),
        ("another family name", af("Eva", "Åström"), miv("Eva", "Berg"), 1),
        ("one family name of two", af("Eva", "Berg Lind"), miv("Eva", "Berg"), 1),
        ("no given name in common", af("Eva", "Berg"), miv("Karin", "Berg"), 1),
        ("FK, family name first", af("Eva", "Berg"), fk_named("Berg, Eva Karin"), 0),
        ("FK, family name last", af("Eva", "Berg"), fk_named("EVA KARIN BERG"), 0),
        ("FK, part of a word", af("Eva", "Berg"), fk_named("Eva Bergström"), 1),
        ("FK, another given name", af("Eva", "Berg"), fk_named("Berg Karin"), 1),
        ("nothing stated", af("", ""), miv("Eva", "Berg"), 0),
    ];
    for (what, one, other, expected) in table {
        let report = merged_open(vec![one, other]);
        assert_eq!(pairs(&report, DiscrepancyKind::Name).len(), expected, "{what}");
        assert!(report.discrepancies.iter().all(|d| !d.detail.contains("Berg")), "no name is told");
    }
}

#[test]
fn three_names_are_three_pairs() {
    let report = merged_open(vec![af("Eva", "Berg"), miv("Eva", "Lind"), fk_named("Eva Åström")]);
    let mut found = pairs(&report, DiscrepancyKind::Name);
    found.sort();
    assert_eq!(
        found,
        [[Agency::Af, Agency::Fk], [Agency::Af, Agency::Miv], [Agency::Fk, Agency::Miv]].map(Vec::from)
    );
}

#[test]
fn a_protected_persons_new_name_is_not_linked_to_the_old_one() {
    let report = merged(vec![af("Eva", "Berg"), miv("Eva", "Lind"), fk_named("Eva Åström")]);
    assert!(pairs(&report, DiscrepancyKind::Name).is_empty());
}

#[test]
fn an_answer_about_another_number_is_refused_and_reported() {
    let other = ssbtek_domain::Personnummer::parse_undated("190102039807").unwrap();
    let section = Section::Miv(miv::Section { person: Some(other), ..Default::default() });
    let report = merged(vec![answered(section), af("Eva", "Berg")]);
    assert_eq!(pairs(&report, DiscrepancyKind::PersonNumber), [[Agency::Miv]]);
    assert_eq!(outcome_of(&report, Agency::Miv), ssbtek_domain::Outcome::AnswerRefused);
}

/// Compensated half days out of the ten weekdays of two weeks.
fn unemployed(half_days: i64) -> SourceAnswer {
    let payment = so::FundPayment {
        paid_on: Some(day("2026-11-19")),
        net_after_tax: Some(kronor(5_000)),
        net_after_deductions: Some(kronor(5_000)),
        days: ssbtek_domain::Amount::from_ore(half_days * 50).ok(),
        covers: Some(period("2026-11-02", "2026-11-15")),
    };
    let fund = so::Fund {
        name: "Alfakassan".into(),
        status: "OK".into(),
        payments: vec![payment],
        ..Default::default()
    };
    answered(Section::So(so::Section { person: Some(person()), funds: vec![fund] }))
}

fn student(pace: Option<u16>, status: csn::PaymentStatus, weeks: (&str, &str)) -> SourceAnswer {
    let week = |text| Some(Moment::Week(Week::parse(text).unwrap()));
    let span = csn::Span::new(week(weeks.0), week(weeks.1)).unwrap();
    let case = csn::Case {
        granted: vec![csn::GrantedTime { span, pace, ..Default::default() }],
        plan: vec![csn::PlanPayment {
            date: Some(day("2026-10-25")),
            status,
            times: vec![csn::PaidTime { span, ..Default::default() }],
            total: Some(kronor(5_000)),
        }],
        ..Default::default()
    };
    answered(Section::Csn(csn::Section {
        person: Some(person()),
        studiemedel: vec![case],
        ..Default::default()
    }))
}

fn fk_paid(benefit: &str, extent: Option<(i64, i64)>) -> SourceAnswer {
    let extent = extent.map(|(n, d)| Extent { numerator: Some(n), denominator: Some(d) });
    let payment = FkPayment {
        benefit_family: Some(Code::new("X", benefit)),
        net: Some(Money::sek(kronor(4_000))),
        period: Some(Span::of(&period("2026-11-10", "2026-11-20"))),
        details: vec![PaymentDetail { extent, ..Default::default() }],
        ..Default::default()
    };
    answered(Section::Fk(fk::Section { person: Some(person()), paid: vec![payment], ..Default::default() }))
}

#[test]
fn benefits_contradict_only_where_they_are_more_than_full_time_together() {
    use csn::PaymentStatus::{Paid, Planned};
    let weeks = ("202645", "202648");
    let table = [
        (
            "full studies, full fund",
            unemployed(20),
            student(Some(100), Paid, weeks),
            Some("more than full time"),
        ),
        ("half studies, half fund", unemployed(10), student(Some(50), Paid, weeks), None),
        (
            "half studies, full fund",
            unemployed(20),
            student(Some(50), Paid, weeks),
            Some("more than full time"),
        ),
        ("studies at a pace nobody states", unemployed(10), student(None, Paid, weeks), Some("not known")),
        ("studies only planned", unemployed(20), student(Some(100), Planned, weeks), None),
        ("studies before", unemployed(20), student(Some(100), Paid, ("202640", "202644")), None),
        ("quarter sick, half fund", unemployed(10), fk_paid("Sjukpenning", Some((1, 4))), None),
        (
            "sick, full fund",
            unemployed(20),
            fk_paid("SJUKPENNING", Some((1, 1))),
            Some("more than full time"),
        ),
        ("sick to an extent nobody states", unemployed(10), fk_paid("Sjukpenning", None), Some("not known")),
        (
            "extent 0 of 0 is not stated",
            unemployed(10),
            fk_paid("Sjukpenning", Some((0, 0))),
            Some("not known"),
        ),
        ("a programme", unemployed(20), fk_paid("Aktivitetsstöd", Some((1, 1))), Some("more than full time")),
        ("child allowance", unemployed(20), fk_paid("Barnbidrag", Some((1, 1))), None),
    ];
    for (what, one, other, expected) in table {
        let agency = other.source.agency();
        let report = merged(vec![one, other]);
        let found: Vec<_> =
            report.discrepancies.iter().filter(|d| d.kind == DiscrepancyKind::OverlappingBenefits).collect();
        assert_eq!(found.len(), usize::from(expected.is_some()), "{what}");
        if let (Some(expected), Some(found)) = (expected, found.first()) {
            assert!(found.detail.contains(expected), "{what}: {}", found.detail);
            assert_eq!(found.sources, [Agency::So, agency], "{what}");
        }
    }
}

#[test]
fn both_lines_of_a_contradiction_stand() {
    let report = merged(vec![unemployed(20), fk_paid("Sjukpenning", Some((1, 1)))]);
    assert_eq!(report.payments.len(), 2);
}
