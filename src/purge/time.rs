//! The second clock: no purge on one clock's word.

use std::fmt;

use async_trait::async_trait;
use ssbtek_domain::{DateTime, Utc};

/// A source of time that does not depend on this machine's clock.
#[async_trait]
pub trait SecondClock: Send + Sync {
    /// What it says now; `None` if it cannot be asked.
    async fn now(&self) -> Option<DateTime<Utc>>;
}

/// There is none: only an operator's own confirmation of the time lets a purge run.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSecondClock;

#[async_trait]
impl SecondClock for NoSecondClock {
    async fn now(&self) -> Option<DateTime<Utc>> {
        None
    }
}

/// What the clocks say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// They agree within the bound.
    Agree,
    /// They differ by so many seconds.
    Differ(i64),
    /// There is only one.
    Alone,
}

impl Agreement {
    /// Compares two readings.
    pub fn of(first: DateTime<Utc>, second: Option<DateTime<Utc>>, bound_s: u32) -> Self {
        let Some(second) = second else { return Agreement::Alone };
        let differ = (first - second).num_seconds();
        if differ.unsigned_abs() <= u64::from(bound_s) { Agreement::Agree } else { Agreement::Differ(differ) }
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Agreement::Agree => f.write_str("the clocks agree"),
            Agreement::Differ(by) => write!(f, "this machine's clock and the second one differ by {by} s"),
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
        assert_eq!(Agreement::of(noon, Some(at("2026-11-22T12:10:00Z")), 600), Agreement::Agree);
        assert_eq!(Agreement::of(noon, Some(at("2026-11-22T11:50:00Z")), 600), Agreement::Agree);
        assert_eq!(Agreement::of(noon, Some(at("2026-11-22T11:49:59Z")), 600), Agreement::Differ(601));
        assert_eq!(Agreement::of(noon, None, 600), Agreement::Alone);
    }
}
