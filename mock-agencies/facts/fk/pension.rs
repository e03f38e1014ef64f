//! Pensionsmyndigheten's facts about a pensioner.

use ssbtek_domain::{
    Period,
    sections::fk::{
        common::{Code, PersonRole, Span},
        pm::{PensionAgency, PmClaim, PmCompensation, PmDecision, PmDeduction, PmPayment, PmPaymentRow},
    },
};

use super::{
    benefits::Plan,
    make::{code, in_role, kronor, month_of, months, number, on_day},
};
use crate::population::TestPerson;

/// PM's payday.
const PAYDAY: u32 = 18;

/// Pension of `monthly` kronor and a housing supplement, with decisions, payments and a pending application.
pub(super) fn fill(plan: &mut Plan<'_>, monthly: i64) {
    let supplement = 1_000 + monthly % 2_000;
    let mut paid = vec![];
    for month in months(plan.period) {
        let date = on_day(&month, PAYDAY);
        if plan.period.contains(date) && date <= plan.today {
            paid.push(payment(&month, monthly, supplement));
        }
    }
    let this_month = payment(&month_of(plan.today), monthly, supplement);
    let ahead = plan.period.to() >= plan.today && this_month.date.is_some_and(|date| date > plan.today);
    let announced = if ahead { vec![this_month] } else { vec![] };
    let spouse =
        plan.person.household.iter().find(|number| number.age_on(plan.today).is_some_and(|age| age >= 18));
    plan.section.pm = PensionAgency {
        claims: vec![PmClaim {
            id: Some(format!("A{:08}", plan.person.seed % 100_000_000)),
            arrived: plan.today.pred_opt(),
            group: code("PM:BTI", "Bostads- och inkomststöd"),
            period: Some(Span::since(plan.today)),
        }],
        decisions: vec![
            decision(
                plan,
                "1",
                "PM:AP",
                "Allmän pension",
                vec![
                    compensation(
                        plan,
                        monthly - 200,
                        "PM:IP",
                        "Inkomstpension",
                        vec![number("ip.ylAvdrag", 0)],
                    ),
                    compensation(
                        plan,
                        200,
                        "PM:GARP",
                        "Garantipension",
                        vec![
                            number("garp.antal40delar", 40),
                            number("garp.inkomstpensionForGarantipension", monthly - 200),
                        ],
                    ),
                ],
            ),
            PmDecision {
                persons: spouse.map(|number| bare_co_applicant(plan.person, number)).into_iter().collect(),
                additions: vec![
                    number("bostadsInkomststod.berakningsunderlag.bostadskostnadBrutto", 78_000),
                    number("bostadsInkomststod.berakningsunderlag.bostadskostnadNettoBt", 74_400),
                ],
                ..decision(
                    plan,
                    "2",
                    "PM:BTI",
                    "Bostads- och inkomststöd",
                    vec![compensation(plan, supplement, "PM:BT", "Bostadstillägg", vec![])],
                )
            },
        ],
        paid,
        announced,
        other: vec![],
    };
}

fn bare_co_applicant(
    asked: &TestPerson,
    number: &ssbtek_domain::Personnummer,
) -> ssbtek_domain::sections::fk::person::PersonInRole {
    let mut person = in_role(PersonRole::Medsokande, asked, number);
    // The contract gives the co-applicant as a bare number.
    person.person.born = None;
    person.person.protected = None;
    person
}

fn decision(
    plan: &Plan<'_>,
    id: &str,
    group: &str,
    name: &str,
    compensations: Vec<PmCompensation>,
) -> PmDecision {
    PmDecision {
        id: Some(format!("B{:08}-{id}", plan.person.seed % 100_000_000)),
        decided: plan.period.from().pred_opt(),
        group: code(group, name),
        status: code("SLUTLIGT", "Slutligt"),
        outcome: code("BIFALL", "Bifall"),
        compensations,
        persons: vec![],
        additions: vec![],
    }
}

fn compensation(
    plan: &Plan<'_>,
    amount: i64,
    kind: &str,
    name: &str,
    basis: Vec<ssbtek_domain::sections::fk::common::Figure>,
) -> PmCompensation {
    PmCompensation {
        amount: Some(kronor(amount)),
        frequency: code("MANAD", "Månad"),
        period: Some(Span::since(plan.period.from())),
        kind: code(kind, name),
        extent: Some("1".to_owned()),
        basis,
    }
}

fn payment(month: &Period, pension: i64, supplement: i64) -> PmPayment {
    let tax = pension / 5;
    let row = |group: Option<Code>, amount: i64, benefit: Option<Code>, amount_type: Option<Code>| {
        PmPaymentRow { group, amount: Some(kronor(amount)), benefit, amount_type }
    };
    let ap = || code("PM:AP", "Allmän pension");
    PmPayment {
        date: Some(on_day(month, PAYDAY)),
        period: Some(Span::of(month)),
        gross: Some(kronor(pension + supplement)),
        net: Some(kronor(pension + supplement - tax)),
        deductions: vec![PmDeduction { amount: Some(kronor(tax)), kind: code("PM:PS", "Preliminär skatt") }],
        rows: vec![
            row(ap(), pension - 200, code("PM:AP38", "Allmän pension"), code("PM:IP", "Inkomstpension")),
            row(ap(), 200, code("PM:AP38", "Allmän pension"), code("PM:GARP", "Garantipension")),
            row(
                code("PM:BTI", "Bostads- och inkomststöd"),
                supplement,
                code("PM:BTP", "Bostadstillägg"),
                code("PM:BTP", "Bostadstillägg"),
            ),
        ],
    }
}
