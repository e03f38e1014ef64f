//! What the unemployment funds know about a generated person.

use ssbtek_domain::{
    Amount, FUNDS, FundCode, NaiveDate, Outcome, Period, SeededEntropy,
    sections::so::{Application, Fund, FundPayment, Section, StatusTexts},
};

use crate::population::{Situation, TestPerson};

/// Keeps the funds' details apart from those another agency draws from the same seed.
const SALT: u64 = 0x534f;

/// What Samorganisationen answers over a period: every known fund, also those that have nothing.
pub fn section(person: &TestPerson, period: &Period, today: NaiveDate) -> Section {
    let answers = FUNDS.iter().filter_map(|(code, name)| {
        let answer = fund_section(person, &FundCode::parse(code)?, period, today);
        Some(((*name).to_owned(), Outcome::Answered, Some(answer)))
    });
    Section::compose(answers.collect())
}

/// What one fund answers when it is asked directly: exactly one entry.
pub fn fund_section(person: &TestPerson, fund: &FundCode, period: &Period, today: NaiveDate) -> Section {
    let pays = person.fund.as_ref() == Some(fund) && person.situation == Situation::Jobseeker;
    let nothing = Fund {
        name: fund_name(fund),
        status: StatusTexts::own_text(Outcome::Answered).to_owned(),
        ..Fund::default()
    };
    let entry = if pays { member(person, nothing, period, today) } else { nothing };
    Section { person: Some(person.number.clone()), funds: vec![entry] }
}

/// The fund's name; its code where this population does not know it.
pub fn fund_name(fund: &FundCode) -> String {
    let known = FUNDS.iter().find(|(code, _)| *code == fund.as_str());
    known.map_or(fund.as_str(), |(_, name)| *name).to_owned()
}

fn member(person: &TestPerson, nothing: Fund, period: &Period, today: NaiveDate) -> Fund {
    let draw = SeededEntropy::new(person.seed ^ SALT);
    let daily_ore = 30_000 + draw.below(60_000) as i64;
    let deduction_ore = if draw.below(4) == 0 { 25_050 } else { 0 };
    let suspended = (draw.below(6) == 1).then(|| suspension(today, period)).flatten();
    let decided = draw.below(7) != 2;
    let decided_on = today - chrono::Days::new(30 + draw.below(300));
    Fund {
        payments: fortnights(period, today)
            .filter_map(|fortnight| payment(person.seed, fortnight, daily_ore, deduction_ore))
            .collect(),
        suspensions: suspended.into_iter().map(Into::into).collect(),
        application: Some(Application {
            right_decided_on: decided.then_some(decided_on),
            right_not_told: false,
            claim_submitted: Some(draw.below(2) == 0),
        }),
        ..nothing
    }
}

/// One fortnight and the day it was paid.
struct Fortnight {
    number: i64,
    covers: Period,
    paid_on: NaiveDate,
}

/// Fortnights from Monday to Sunday, paid the Thursday after, as far as paid within the period. Counted from a fixed
/// Monday, so that every period tells the same about the same fortnight.
fn fortnights(period: &Period, today: NaiveDate) -> impl Iterator<Item = Fortnight> {
    let anchor = NaiveDate::from_ymd_opt(2018, 1, 1).unwrap_or_default();
    let (from, to) = (period.from(), period.to().min(today));
    let first = (from - anchor).num_days().div_euclid(14) - 2;
    let last = (to - anchor).num_days().div_euclid(14);
    (first..=last).filter_map(move |number| {
        let monday = anchor.checked_add_signed(chrono::TimeDelta::days(14 * number))?;
        let paid_on = monday + chrono::Days::new(17);
        let covers = Period::new(monday, monday + chrono::Days::new(13)).ok()?;
        (from <= paid_on && paid_on <= to).then_some(Fortnight { number, covers, paid_on })
    })
}

fn payment(seed: u64, fortnight: Fortnight, daily_ore: i64, deduction_ore: i64) -> Option<FundPayment> {
    let draw = SeededEntropy::new(seed ^ SALT ^ (fortnight.number as u64).rotate_left(32));
    let half_days = 10 + draw.below(11) as i64;
    let after_tax = daily_ore * half_days / 2;
    Some(FundPayment {
        paid_on: Some(fortnight.paid_on),
        net_after_tax: Some(Amount::from_ore(after_tax).ok()?),
        net_after_deductions: Some(Amount::from_ore(after_tax - deduction_ore).ok()?),
        days: Some(Amount::from_ore(half_days * 50).ok()?),
        covers: Some(fortnight.covers),
    })
}

/// A suspension that ended a month ago.
fn suspension(today: NaiveDate, period: &Period) -> Option<Period> {
    let suspended = Period::new(today - chrono::Days::new(75), today - chrono::Days::new(30)).ok()?;
    suspended.intersect(period).map(|_| suspended)
}
