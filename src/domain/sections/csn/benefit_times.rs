//! The times for which CSN has paid study support.

use super::{Case, GrantedTime, PaymentStatus, Section};
use crate::{
    Period,
    payment::{BenefitTime, PaidAs},
};

/// What CSN has paid, with the pace of studies granted for those weeks.
pub(super) fn of(section: &Section) -> Vec<BenefitTime> {
    let cases = [&section.studiemedel, &section.studiestartsstod, &section.omstallningsstudiestod];
    cases.into_iter().flatten().flat_map(of_case).collect()
}

fn of_case(case: &Case) -> Vec<BenefitTime> {
    let paid = case.plan.iter().filter(|payment| payment.status == PaymentStatus::Paid);
    let times = paid.flat_map(|payment| payment.times.iter().filter_map(|time| time.span.days()));
    times.map(|covers| BenefitTime { paid_as: PaidAs::Student, covers, share: pace(case, &covers) }).collect()
}

/// The lowest pace granted over a time: what is surely studied.
fn pace(case: &Case, covers: &Period) -> Option<i64> {
    let over =
        |granted: &&GrantedTime| granted.span.days().is_some_and(|days| days.intersect(covers).is_some());
    let paces: Option<Vec<i64>> = case
        .granted
        .iter()
        .filter(over)
        .map(|granted| granted.pace.map(|pace| i64::from(pace) * 100))
        .collect();
    paces?.into_iter().min()
}
