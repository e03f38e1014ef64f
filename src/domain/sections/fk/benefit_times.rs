//! The times for which FK pays in place of work.

use super::{Section, common::Extent, paid::FkPayment};
use crate::payment::{BenefitTime, FULL_TIME, PaidAs};

/// Benefits that stand in the place of work or of the fund's compensation, as FK names them.
const IN_PLACE_OF_WORK: [&str; 5] = [
    "sjukpenning",
    "rehabiliteringspenning",
    "aktivitetsstöd",
    "utvecklingsersättning",
    "etableringsersättning",
];

pub(super) fn of(section: &Section) -> Vec<BenefitTime> {
    section.paid.iter().filter(|payment| is_in_place_of_work(payment)).filter_map(time).collect()
}

fn is_in_place_of_work(payment: &FkPayment) -> bool {
    let benefits = payment.details.iter().map(|row| &row.benefit).chain([&payment.benefit_family]);
    let labels = benefits.filter_map(|code| code.as_ref()?.label()).map(str::to_lowercase);
    labels.into_iter().any(|label| IN_PLACE_OF_WORK.iter().any(|known| label.contains(known)))
}

/// A payment's time and the lowest extent its rows state.
fn time(payment: &FkPayment) -> Option<BenefitTime> {
    let covers = payment.period.as_ref()?.period()?;
    let shares: Option<Vec<i64>> = payment.details.iter().map(|row| share(row.extent.as_ref()?)).collect();
    let share = shares.and_then(|shares| shares.into_iter().min());
    Some(BenefitTime { paid_as: PaidAs::AwayFromWork, covers, share })
}

/// Both 0 or either missing: not stated.
fn share(extent: &Extent) -> Option<i64> {
    let (numerator, denominator) = (extent.numerator?, extent.denominator?);
    if numerator <= 0 || denominator <= 0 {
        return None;
    }
    Some((numerator.checked_mul(FULL_TIME)? / denominator).min(FULL_TIME))
}
