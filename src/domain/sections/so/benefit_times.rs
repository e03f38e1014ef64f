//! The times for which funds pay.

use chrono::{Datelike, Weekday};

use super::{Fund, Section};
use crate::{
    Period,
    payment::{BenefitTime, FULL_TIME, PaidAs},
};

pub(super) fn of(section: &Section) -> Vec<BenefitTime> {
    section.funds.iter().flat_map(fund).collect()
}

/// A fund's days out of the weekdays of the time they cover.
fn fund(fund: &Fund) -> impl Iterator<Item = BenefitTime> {
    fund.payments.iter().filter_map(|payment| {
        let covers = payment.covers?;
        let weekdays = weekdays(&covers);
        let days = payment.days.map(|days| days.ten_thousandths()).filter(|days| *days > 0 && weekdays > 0);
        let share = days.map(|days| (days / weekdays).min(FULL_TIME));
        Some(BenefitTime { paid_as: PaidAs::Unemployed, covers, share })
    })
}

fn weekdays(period: &Period) -> i64 {
    let weekend = |day: Weekday| matches!(day, Weekday::Sat | Weekday::Sun);
    let (weeks, rest) = (period.days() / 7, period.days() % 7);
    let first = period.from();
    let rest = first.iter_days().take(usize::try_from(rest).unwrap_or(0));
    weeks * 5 + rest.filter(|day| !weekend(day.weekday())).count() as i64
}
