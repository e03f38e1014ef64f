//! What Arbetsförmedlingen knows about a generated person.

use chrono::Datelike;
use ssbtek_domain::{
    NaiveDate, Period, Protection, SeededEntropy,
    sections::af::{ActivityReport, Decision, Registration, ReportMessage, Section},
};

use super::so::fund_name;
use crate::population::{Situation, TestPerson};

/// Keeps AF's details apart from those another agency draws from the same seed.
const SALT: u64 = 0x4146;

/// The agency's facts about one person over a period.
pub fn section(person: &TestPerson, period: &Period, today: NaiveDate) -> Section {
    let draw = SeededEntropy::new(person.seed ^ SALT);
    let registered_on = today - chrono::Days::new(60 + draw.below(600));
    Section {
        person: Some(person.number.clone()),
        given_name: Some(person.given_name.clone()),
        family_name: Some(person.family_name.clone()),
        protected: match person.protection {
            Protection::None => Some(false),
            Protection::NotKnown => None,
            Protection::Sekretessmarkering | Protection::SkyddadFolkbokforing => Some(true),
        },
        registration: registration(person, registered_on, today, &draw),
        decisions: Some(decisions(person, registered_on, period)),
        fund_membership: person.fund.as_ref().map(fund_name),
        status_code: 0,
        status_text: Some("OK".to_owned()),
    }
}

fn registration(
    person: &TestPerson,
    registered_on: NaiveDate,
    today: NaiveDate,
    draw: &SeededEntropy,
) -> Option<Registration> {
    let extent_percent = [100, 75, 50].get(draw.below(3) as usize).copied();
    let report = |message, latest_on| Some(ActivityReport { message, latest_on });
    match person.situation {
        Situation::Jobseeker | Situation::Newcomer => Some(Registration {
            jobseeker: Some(true),
            category: Some(category(person.situation).to_owned()),
            registered_on: Some(registered_on),
            extent_percent,
            deactivated_on: None,
            activity_report: match draw.below(5) {
                0 => report(ReportMessage::NotSubmitted, None),
                _ => report(ReportMessage::Submitted, latest_report(today, 1 + draw.below(14) as u32)),
            },
        }),
        Situation::Student | Situation::Parent if draw.below(3) == 0 => Some(Registration {
            jobseeker: Some(false),
            category: None,
            registered_on: Some(registered_on),
            extent_percent: None,
            deactivated_on: Some(registered_on + chrono::Days::new(30)),
            activity_report: report(ReportMessage::NotSubmitted, None),
        }),
        _ => None,
    }
}

fn category(situation: Situation) -> &'static str {
    if situation == Situation::Newcomer { "Etableringsprogrammet" } else { "Öppet arbetslös" }
}

/// The report is due from the 1st to the 14th of each month.
fn latest_report(today: NaiveDate, day: u32) -> Option<NaiveDate> {
    let this_month = today.with_day(day)?;
    if this_month <= today { Some(this_month) } else { this_month.checked_sub_months(chrono::Months::new(1)) }
}

/// Half-year decisions from the registration on, as far as the period touches them.
fn decisions(person: &TestPerson, registered_on: NaiveDate, period: &Period) -> Vec<Decision> {
    let kind = match person.situation {
        Situation::Newcomer => "Etableringsersättning",
        Situation::Jobseeker => "Aktivitetsstöd",
        _ => return vec![],
    };
    let half_years = (0..6u32).filter_map(|n| {
        let from = registered_on.checked_add_months(chrono::Months::new(6 * n))?;
        let to = from.checked_add_months(chrono::Months::new(6))?.pred_opt()?;
        Period::new(from, to).ok()
    });
    half_years
        .filter(|half_year| half_year.intersect(period).is_some())
        .map(|half_year| Decision {
            kind: kind.to_owned(),
            extent_percent: Some(100),
            from: Some(half_year.from()),
            to: Some(half_year.to()),
        })
        .collect()
}
