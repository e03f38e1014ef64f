//! A board's own rules. Nothing here permits what the agreement does not; they tighten, but for the names of protected persons,
//! which are held back unless the board opens them.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveTime, Weekday};
use serde::{Deserialize, Serialize};
use ssbtek_domain::{CaseWorkerId, DateTime, Utc};

/// Rules of a board. Agencies never asked are [`crate::Board::never_asked`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// Persons whose identity is protected, or not known not to be, are told of only to these accounts.
    pub protected_only_for: Option<BTreeSet<CaseWorkerId>>,
    /// When questions may be asked.
    pub hours: Option<Hours>,
    /// Most questions one account may ask within an hour.
    pub max_questions_an_hour: Option<u32>,
    /// Longest life of a provisional case, in days; shorter than the deployment's own.
    pub max_provisional_days: Option<u16>,
    /// Within how many days every other adult of a household must have been found not to be protected before a home is told; shorter
    /// than the deployment's own.
    pub household_check_days: Option<u16>,
    /// The board learns what the person asked about is called, protected or not. Never what anybody else is called.
    pub names_of_protected: bool,
}

/// Hours of the day in Stockholm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// First moment.
    pub from: NaiveTime,
    /// First moment that is too late; after `from`.
    pub to: NaiveTime,
    /// Not on Saturdays and Sundays.
    #[serde(default)]
    pub weekdays_only: bool,
}

impl Hours {
    /// Whether `now` lies within them.
    pub fn contain(&self, now: DateTime<Utc>) -> bool {
        let local = now.with_timezone(&chrono_tz::Europe::Stockholm);
        let weekend = matches!(local.weekday(), Weekday::Sat | Weekday::Sun);
        self.from <= local.time() && local.time() < self.to && !(self.weekdays_only && weekend)
    }
}
