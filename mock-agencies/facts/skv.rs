//! What this agency knows about a generated person.

use ssbtek_domain::{NaiveDate, Period, sections::skv::Section};

use crate::population::TestPerson;

/// The agency's facts about one person over a period.
pub fn section(person: &TestPerson, _period: &Period, _today: NaiveDate) -> Section {
    Section { person: Some(person.number.clone()) }
}
