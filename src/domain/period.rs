//! Periods of whole days, and ISO weeks as periods.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// From one day to another, both included; never inverted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "(NaiveDate, NaiveDate)", into = "(NaiveDate, NaiveDate)")]
pub struct Period {
    from: NaiveDate,
    to: NaiveDate,
}

/// Why two dates make no period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// `to` lies before `from`.
    #[error("ends before it begins")]
    Inverted,
    /// Not a week of that year.
    #[error("is no ISO week")]
    NotAWeek,
}

impl Period {
    /// A period of whole days, both ends included.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Result<Self, PeriodError> {
        if to < from { Err(PeriodError::Inverted) } else { Ok(Self { from, to }) }
    }

    /// First day.
    pub fn from(&self) -> NaiveDate {
        self.from
    }

    /// Last day, included.
    pub fn to(&self) -> NaiveDate {
        self.to
    }

    /// Number of days, at least 1.
    pub fn days(&self) -> i64 {
        (self.to - self.from).num_days() + 1
    }

    /// The days both have; `None` if they share none.
    pub fn intersect(&self, other: &Period) -> Option<Period> {
        Period::new(self.from.max(other.from), self.to.min(other.to)).ok()
    }

    /// Whether `day` lies within.
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }
}

impl TryFrom<(NaiveDate, NaiveDate)> for Period {
    type Error = PeriodError;
    fn try_from((from, to): (NaiveDate, NaiveDate)) -> Result<Self, PeriodError> {
        Self::new(from, to)
    }
}

impl From<Period> for (NaiveDate, NaiveDate) {
    fn from(period: Period) -> Self {
        (period.from, period.to)
    }
}

/// An ISO 8601 week, as CSN states periods (`YYYYWW`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Week {
    /// ISO week-numbering year.
    pub year: i32,
    /// 1 to 53.
    pub week: u32,
}

impl Week {
    /// Parses `YYYYWW`.
    pub fn parse(text: &str) -> Result<Self, PeriodError> {
        if text.len() != 6 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(PeriodError::NotAWeek);
        }
        let week = Self {
            year: text[..4].parse().map_err(|_| PeriodError::NotAWeek)?,
            week: text[4..].parse().map_err(|_| PeriodError::NotAWeek)?,
        };
        week.monday().map(|_| week)
    }

    /// The week that `day` lies in.
    pub fn of(day: NaiveDate) -> Self {
        let iso = day.iso_week();
        Self { year: iso.year(), week: iso.week() }
    }

    /// First day of the week.
    pub fn monday(&self) -> Result<NaiveDate, PeriodError> {
        NaiveDate::from_isoywd_opt(self.year, self.week, Weekday::Mon).ok_or(PeriodError::NotAWeek)
    }

    /// Last day of the week.
    pub fn sunday(&self) -> Result<NaiveDate, PeriodError> {
        NaiveDate::from_isoywd_opt(self.year, self.week, Weekday::Sun).ok_or(PeriodError::NotAWeek)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inverted_period_does_not_exist() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(Period::new(day("2026-02-01"), day("2026-01-31")), Err(PeriodError::Inverted));
        assert_eq!(Period::new(day("2026-02-01"), day("2026-02-01")).unwrap().days(), 1);
    }

    #[test]
    fn a_week_runs_from_monday_to_sunday_across_the_new_year() {
        let week = Week::parse("202601").unwrap();
        assert_eq!(week.monday().unwrap().to_string(), "2025-12-29");
        assert_eq!(week.sunday().unwrap().to_string(), "2026-01-04");
        assert!(Week::parse("202654").is_err() && Week::parse("2026-1").is_err());
    }
}
