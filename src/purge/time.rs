//! Other clocks: no purge on one clock's word.

use std::fmt;

use async_trait::async_trait;
use chrono::TimeDelta;
use ssbtek_domain::{DateTime, Utc};

/// Clocks that do not depend on this machine's.
#[async_trait]
pub trait SecondClock: Send + Sync {
    /// What each of them says now; those that cannot be asked are left out.
    async fn readings(&self) -> Vec<DateTime<Utc>>;
}

/// All clocks of two sources.
#[async_trait]
impl<A: SecondClock, B: SecondClock> SecondClock for (A, B) {
    async fn readings(&self) -> Vec<DateTime<Utc>> {
        let mut readings = self.0.readings().await;
        readings.extend(self.1.readings().await);
        readings
    }
}

/// What the clocks say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// They agree within the bound.
    Agree,
    /// One differs by so many seconds; positive: this machine's is ahead of it.
    Differ(i64),
    /// There is only one.
    Alone,
}

impl Agreement {
    /// Holds `now` against every other reading: all that are there must agree, and one must be there.
    pub fn of(now: DateTime<Utc>, others: &[DateTime<Utc>], bound_s: u32) -> Self {
        let differ = others.iter().map(|other| (now - *other).num_seconds());
        match differ.max_by_key(|by| by.unsigned_abs()) {
            None => Agreement::Alone,
            Some(by) if by.unsigned_abs() <= u64::from(bound_s) => Agreement::Agree,
            Some(by) => Agreement::Differ(by),
        }
    }

    /// The latest moment that any clock has it to be, when this machine's says `now`.
    pub fn latest(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Agreement::Differ(by) if by < 0 => now.checked_sub_signed(TimeDelta::seconds(by)).unwrap_or(now),
            _ => now,
        }
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Agreement::Agree => f.write_str("the clocks agree"),
            Agreement::Differ(by) => write!(f, "this machine's clock and another one differ by {by} s"),
            Agreement::Alone => f.write_str("no second clock could be asked"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_agree_within_the_bound_in_either_direction_and_one_alone_never_does() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let noon = at("2026-11-22T12:00:00Z");
        let of = |others: &[&str]| {
            Agreement::of(noon, &others.iter().map(|text| at(text)).collect::<Vec<_>>(), 600)
        };
        assert_eq!(of(&["2026-11-22T12:10:00Z"]), Agreement::Agree);
        assert_eq!(of(&["2026-11-22T11:50:00Z"]), Agreement::Agree);
        assert_eq!(of(&["2026-11-22T11:49:59Z"]), Agreement::Differ(601));
        assert_eq!(of(&["2026-11-22T12:00:00Z", "2026-11-22T12:10:01Z"]), Agreement::Differ(-601));
        assert_eq!(of(&[]), Agreement::Alone);
        assert_eq!(Agreement::Differ(-601).latest(noon), at("2026-11-22T12:10:01Z"));
        assert_eq!(Agreement::Differ(601).latest(noon), noon);
    }
}
