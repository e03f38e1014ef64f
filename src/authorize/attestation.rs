//! The board's own attestation, in place of the case registry: only where the board's agreement says so, from a day to a
//! day, only by the board's own certificate, and only at doors whose contract names no role. What is registered is never
//! overridden by it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ssbtek_domain::{DateTime, NaiveDate, Role, Utc, stockholm_date};

use crate::{Ask, Caller, Case, CaseState, Facts, Member, Versioned};

/// From when until when a board attests its cases itself, as its agreement says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attestation {
    /// First day, in Stockholm.
    pub from: NaiveDate,
    /// Last day, in Stockholm.
    pub until: NaiveDate,
}

impl Attestation {
    /// Longest time that one setting may span, in days: it is looked at anew at least every other year.
    pub const MAX_DAYS: i64 = 2 * 366;

    /// `None` when it ends before it begins, or spans longer than [`Attestation::MAX_DAYS`].
    pub fn new(from: NaiveDate, until: NaiveDate) -> Option<Self> {
        (0..Self::MAX_DAYS).contains(&(until - from).num_days()).then_some(Self { from, until })
    }

    /// Whether it holds on a day.
    pub fn holds_on(self, day: NaiveDate) -> bool {
        (self.from..=self.until).contains(&day)
    }
}

/// The facts with a case that stands in for the one that is not registered, if the board attests it: with the person asked
/// about and the account that asks, and nobody else. Everything else is decided on as ever. `None`: it does not apply.
///
/// The person's role is not known; the case calls the person applicant because it must call the person something. The log
/// marks the entry, and says no role.
pub(crate) fn for_question(caller: &Caller, ask: &Ask, facts: &Facts, now: DateTime<Utc>) -> Option<Facts> {
    let person = ask.person.as_ref().filter(|_| ask.role.is_none() && caller.agent.is_none())?;
    let case = Case {
        id: ask.case.clone(),
        members: vec![Member::new(person.clone(), Role::Applicant)],
        case_workers: [caller.case_worker.clone()].into(),
        state: CaseState::Active,
        provisional_to: None,
        earlier: BTreeSet::new(),
        corrections: Vec::new(),
    };
    with_stand_in(case, facts, now)
}

fn with_stand_in(case: Case, facts: &Facts, now: DateTime<Utc>) -> Option<Facts> {
    let attestation = facts.board.as_ref()?.body.attests_cases?;
    let applies = facts.case.is_none() && attestation.holds_on(stockholm_date(now));
    // Version 0: no document has it. The versions that are recorded are those of the facts as they were read.
    applies.then(|| Facts { case: Some(Versioned { version: 0, body: case }), ..facts.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_from_its_first_day_to_its_last_and_never_for_longer_than_two_years() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let set = Attestation::new(day("2026-11-01"), day("2026-12-31")).unwrap();
        for (text, holds) in
            [("2026-10-31", false), ("2026-11-01", true), ("2026-12-31", true), ("2027-01-01", false)]
        {
            assert_eq!(set.holds_on(day(text)), holds, "{text}");
        }
        assert!(Attestation::new(day("2026-11-01"), day("2026-10-31")).is_none());
        assert!(Attestation::new(day("2026-11-01"), day("2028-11-30")).is_none());
        assert!(Attestation::new(day("2026-11-01"), day("2026-11-01")).is_some());
    }
}
