//! Absence is said only by who was asked and spoke; a failure keeps its own outcome, per source and per fund.

use ssbtek_access_log::Manifest;
use ssbtek_authorize::NotPermitted;
use ssbtek_domain::{
    Agency, Note, Outcome, PartOutcome, SourceAnswer,
    sections::{Section, af, csn, fk, so},
};
use ssbtek_fan_out::Timed;
use ssbtek_merge::{OriginalsWanted, merge};

use crate::support::{
    all_funds, answered, fund, kronor, manifest, merged, outcome_of, period, permit, person, today, without,
};

fn entry(name: &str, status: &str, kronor_paid: Option<i64>) -> so::Section {
    let payments = kronor_paid.map(|paid| so::FundPayment {
        paid_on: Some(today()),
        net_after_tax: Some(kronor(paid)),
        net_after_deductions: Some(kronor(paid)),
        days: Some(kronor(10)),
        covers: Some(period("2026-11-02", "2026-11-15")),
    });
    so::Section {
        person: Some(person()),
        funds: vec![so::Fund {
            name: name.into(),
            status: status.into(),
            payments: payments.into_iter().collect(),
            ..so::Fund::default()
        }],
    }
}

#[test]
fn every_outcome_of_a_source_is_told_as_it_is() {
    for outcome in Outcome::ALL {
        if matches!(
            outcome,
            Outcome::NotAsked | Outcome::NotPermitted | Outcome::Answered | Outcome::AnsweredInPart
        ) {
            continue;
        }
        let report = merged(vec![without(Agency::Csn, outcome)]);
        assert_eq!(outcome_of(&report, Agency::Csn), outcome);
        assert_eq!(outcome_of(&report, Agency::Fk), Outcome::NotAsked);
        assert!(report.payments.is_empty() && report.sources[1].section.is_none());
        assert_eq!(report.is_complete(), outcome == Outcome::NoSuchPerson);
    }
}

#[test]
fn not_asked_not_permitted_and_outside_the_sources_rule_are_told_apart() {
    let manifest = Manifest {
        ask: vec![],
        not_permitted: vec![(Agency::Miv, NotPermitted::NoLegalBasis)],
        outside_period: vec![Agency::Csn],
        ..Manifest::default()
    };
    let report = merge(&permit(&person()), &manifest, vec![], OriginalsWanted::No);
    assert_eq!(outcome_of(&report, Agency::Miv), Outcome::NotPermitted);
    assert_eq!(outcome_of(&report, Agency::Csn), Outcome::NotPermitted);
    assert!(matches!(report.sources[1].notes[..], [Note::PeriodNarrowed(_)]));
    assert_eq!(outcome_of(&report, Agency::Tns), Outcome::NotAsked);
}

#[test]
fn who_is_in_the_manifest_and_brought_nothing_was_not_reached() {
    let asked = manifest(&[without(Agency::Tns, Outcome::Answered)]);
    let report = merge(&permit(&person()), &asked, vec![], OriginalsWanted::No);
    assert_eq!(outcome_of(&report, Agency::Tns), Outcome::NotReachable);
}

#[test]
fn one_fund_out_is_named_and_the_others_facts_stand() {
    for failure in [Outcome::FailedAtSource, Outcome::TimedOut, Outcome::NotReachable, Outcome::AnswerRefused]
    {
        let answers = all_funds().into_iter().map(|source| match source.code() {
            "unionen" => SourceAnswer::without_facts(source, failure),
            "alfa" => SourceAnswer::with_facts(source, Section::So(entry("Alfakassan", "OK", Some(5_000)))),
            _ => SourceAnswer::without_facts(source, Outcome::NoSuchPerson),
        });
        let report = merged(answers.collect());
        assert_eq!(outcome_of(&report, Agency::So), Outcome::AnsweredInPart);
        let silent: Vec<&PartOutcome> =
            report.sources[4].parts.iter().filter(|part| !part.outcome.is_conclusive()).collect();
        assert_eq!(
            (silent.len(), silent[0].part.as_str(), silent[0].outcome),
            (1, "Unionens a-kassa", failure)
        );
        assert_eq!(report.payments.len(), 1);
        let Some(Section::So(section)) = &report.sources[4].section else { panic!("SO's section") };
        assert_eq!(section.funds.len(), 24, "one entry per fund, as SO composes them");
        let unionen = section.funds.iter().find(|fund| fund.name == "Unionens a-kassa").unwrap();
        assert_ne!(unionen.status, "OK");
    }
}

#[test]
fn no_fund_knows_the_person_is_an_answer_and_all_funds_out_is_none() {
    let all = |outcome| {
        let answers = all_funds().into_iter().map(|source| SourceAnswer::without_facts(source, outcome));
        outcome_of(&merged(answers.collect()), Agency::So)
    };
    assert_eq!(all(Outcome::NoSuchPerson), Outcome::NoSuchPerson);
    assert_eq!(all(Outcome::TimedOut), Outcome::TimedOut);
}

#[test]
fn a_funds_own_status_outweighs_the_outcome_it_claims() {
    let table = [
        ("OK", Outcome::Answered),
        ("Tekniskt fel", Outcome::AnsweredInPart),
        ("Inte nåbar", Outcome::AnsweredInPart),
        ("Ofullständigt svar", Outcome::AnsweredInPart),
        ("Personen finns inte", Outcome::Answered),
    ];
    for (status, expected) in table {
        let section = Section::So(entry("Unionens a-kassa", status, None));
        let report = merged(vec![SourceAnswer::with_facts(fund("unionen"), section)]);
        assert_eq!(report.sources[4].parts[0].outcome, expected, "{status}");
        assert_eq!(outcome_of(&report, Agency::So), expected, "{status}");
    }
}

#[test]
fn a_fund_with_two_entries_or_none_is_refused_and_its_facts_are_in_no_line() {
    let mut two = entry("Unionens a-kassa", "OK", Some(1));
    two.funds.push(entry("Alfakassan", "OK", Some(2)).funds.remove(0));
    let none = so::Section { person: Some(person()), funds: vec![] };
    for section in [two, none] {
        let report = merged(vec![SourceAnswer::with_facts(fund("unionen"), Section::So(section))]);
        assert_eq!(outcome_of(&report, Agency::So), Outcome::AnswerRefused);
        assert!(report.payments.is_empty());
    }
}

#[test]
fn a_fund_that_names_another_fund_speaks_for_itself_only() {
    let section = Section::So(entry("Alfakassan", "OK", Some(1)));
    let report = merged(vec![SourceAnswer::with_facts(fund("unionen"), section)]);
    assert_eq!(report.payments[0].payment.payer, "Unionens a-kassa");
}

#[test]
fn payments_to_somebody_who_is_not_there_are_refused_whole() {
    let mut answer = answered(Section::So(entry("Unionens a-kassa", "OK", Some(1))));
    answer.outcome = Outcome::NoSuchPerson;
    let report = merged(vec![answer]);
    assert_eq!(outcome_of(&report, Agency::So), Outcome::AnswerRefused);
    assert!(report.payments.is_empty());
}

#[test]
fn an_answer_may_not_claim_more_than_its_parts_or_afs_own_code() {
    let mut fk = answered(Section::Fk(fk::Section { person: Some(person()), ..Default::default() }));
    fk.parts = vec![
        PartOutcome { part: "FK".into(), outcome: Outcome::Answered, code: None },
        PartOutcome { part: "PM".into(), outcome: Outcome::FailedAtSource, code: None },
    ];
    let mut csn = answered(Section::Csn(csn::Section { person: Some(person()), ..Default::default() }));
    csn.parts = vec![PartOutcome { part: "HUT".into(), outcome: Outcome::FailedAtSource, code: None }];
    let af =
        answered(Section::Af(af::Section { person: Some(person()), status_code: 4, ..Default::default() }));
    let report = merged(vec![fk, csn, af]);
    for agency in [Agency::Fk, Agency::Csn, Agency::Af] {
        assert_eq!(outcome_of(&report, agency), Outcome::AnsweredInPart, "{agency}");
        assert!(!report.is_complete());
    }
}

#[test]
fn a_part_that_was_not_wanted_makes_no_answer_partial() {
    let mut fk = answered(Section::Fk(fk::Section { person: Some(person()), ..Default::default() }));
    fk.parts = vec![PartOutcome { part: "PM".into(), outcome: Outcome::NotAsked, code: None }];
    assert_eq!(outcome_of(&merged(vec![fk]), Agency::Fk), Outcome::Answered);
}

#[test]
fn a_list_at_its_cap_stays_noted_and_an_unknown_code_without_the_fields_name_where_protection_is_not_known() {
    let mut csn = answered(Section::Csn(csn::Section { person: Some(person()), ..Default::default() }));
    csn.notes = vec![Note::PerhapsTruncated("Utbetalning"), Note::UnknownCode("stodform")];
    let report = merged(vec![csn]);
    assert_eq!(
        report.sources[1].notes,
        [Note::PerhapsTruncated("Utbetalning"), Note::UnknownCode(ssbtek_domain::verdict::UNNAMED)]
    );
}

#[test]
fn the_log_gets_an_outcome_for_every_fund_that_was_asked() {
    let answers =
        all_funds().into_iter().map(|source| SourceAnswer::without_facts(source, Outcome::NoSuchPerson));
    let report = merged(answers.collect());
    let timed = report.disclosure().outcomes;
    assert_eq!(timed.len(), 24);
    let _ = Timed { answer: without(Agency::Af, Outcome::TimedOut), duration_ms: 0 };
}
