//! Time as a parameter.

use std::sync::Mutex;

use chrono::{DateTime, Duration, NaiveDate, SubsecRound, Utc};

/// Where the time comes from. Only [`SystemClock`] reads the machine's.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The time now, UTC.
    fn now(&self) -> DateTime<Utc>;

    /// Whether it was set back so far that what was over may seem not to be. What is good for a time only is not judged by it.
    fn is_set_back(&self) -> bool {
        false
    }

    /// Another clock agrees with it: it is right as it is.
    fn confirm(&self) {}

    /// The calendar day now in Sweden, by which periods, ages and legal bases are judged.
    fn today(&self) -> NaiveDate {
        stockholm_date(self.now())
    }
}

/// The calendar day in Europe/Stockholm at a moment.
pub fn stockholm_date(moment: DateTime<Utc>) -> NaiveDate {
    // No time zone leads out of the calendar.
    let margin = Duration::days(2);
    let moment = moment.clamp(DateTime::<Utc>::MIN_UTC + margin, DateTime::<Utc>::MAX_UTC - margin);
    moment.with_timezone(&chrono_tz::Europe::Stockholm).date_naive()
}

/// The time zone by which days and months are counted.
pub fn stockholm() -> chrono_tz::Tz {
    chrono_tz::Europe::Stockholm
}

/// The machine's clock, in whole milliseconds: as the log writes them, so that what was decided at a moment can be decided
/// again at exactly that moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(3)
    }
}

/// A clock that stands still until it is moved; for tests and simulations.
#[derive(Debug)]
pub struct FixedClock(Mutex<DateTime<Utc>>);

impl FixedClock {
    /// Stands at `moment`.
    pub fn at(moment: DateTime<Utc>) -> Self {
        Self(Mutex::new(moment))
    }

    /// Moves by `step`, which may be negative.
    pub fn advance(&self, step: Duration) {
        *self.lock() += step;
    }

    /// Moves to `moment`.
    pub fn set(&self, moment: DateTime<Utc>) {
        *self.lock() = moment;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, DateTime<Utc>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_changes_at_midnight_in_stockholm_in_winter_and_summer() {
        let at = |text: &str| stockholm_date(text.parse().unwrap()).to_string();
        assert_eq!(at("2026-01-31T22:59:59Z"), "2026-01-31");
        assert_eq!(at("2026-01-31T23:00:00Z"), "2026-02-01");
        assert_eq!(at("2026-06-30T21:59:59Z"), "2026-06-30");
        assert_eq!(at("2026-06-30T22:00:00Z"), "2026-07-01");
        let _ = (stockholm_date(DateTime::<Utc>::MIN_UTC), stockholm_date(DateTime::<Utc>::MAX_UTC));
    }
}
