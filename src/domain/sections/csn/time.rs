//! CSN's times: ISO weeks, in some fields days.

use crate::{NaiveDate, Period, PeriodError, Week, of_our_time};

/// Where a time begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// An ISO week, `YYYYWW` at CSN.
    Week(Week),
    /// A day, `YYYYMMDD` at CSN.
    Day(NaiveDate),
}

impl Moment {
    /// Reads CSN's digits: six are a week, eight a day, zeros mean "not stated".
    pub fn parse(text: &str) -> Result<Option<Self>, PeriodError> {
        if !text.is_empty() && text.bytes().all(|b| b == b'0') {
            return Ok(None);
        }
        match text.len() {
            6 => Week::parse(text).map(|week| Some(Self::Week(week))),
            8 if text.bytes().all(|b| b.is_ascii_digit()) => NaiveDate::parse_from_str(text, "%Y%m%d")
                .ok()
                .and_then(of_our_time)
                .map(|day| Some(Self::Day(day)))
                .ok_or(PeriodError::NotAWeek),
            _ => Err(PeriodError::NotAWeek),
        }
    }

    /// ISO 8601: `2026-W05` or `2026-01-31`.
    pub fn iso(&self) -> String {
        match self {
            Moment::Week(week) => format!("{:04}-W{:02}", week.year, week.week),
            Moment::Day(day) => day.to_string(),
        }
    }

    /// Reads what [`Moment::iso`] writes.
    pub fn from_iso(text: &str) -> Result<Self, PeriodError> {
        match text.split_once("-W") {
            Some((year, week)) if year.len() == 4 => Week::parse(&format!("{year}{week}")).map(Self::Week),
            _ if text.len() == 10 => text.parse().map(Self::Day).map_err(|_| PeriodError::NotAWeek),
            _ => Err(PeriodError::NotAWeek),
        }
    }

    fn first_day(&self) -> Result<NaiveDate, PeriodError> {
        match self {
            Moment::Week(week) => week.monday(),
            Moment::Day(day) => Ok(*day),
        }
    }

    fn last_day(&self) -> Result<NaiveDate, PeriodError> {
        match self {
            Moment::Week(week) => week.sunday(),
            Moment::Day(day) => Ok(*day),
        }
    }
}

/// From one moment to another, both included; either may be unstated. Never inverted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    start: Option<Moment>,
    end: Option<Moment>,
    days: Option<Period>,
}

impl Span {
    /// Joins two moments; refused when the end lies before the start.
    pub fn new(start: Option<Moment>, end: Option<Moment>) -> Result<Self, PeriodError> {
        let days = match (start, end) {
            (Some(start), Some(end)) => Some(Period::new(start.first_day()?, end.last_day()?)?),
            _ => None,
        };
        Ok(Self { start, end, days })
    }

    /// Where it begins, if stated.
    pub fn start(&self) -> Option<Moment> {
        self.start
    }

    /// Where it ends, if stated.
    pub fn end(&self) -> Option<Moment> {
        self.end
    }

    /// The days: Monday of the first week to Sunday of the last. `None` unless both ends are stated.
    pub fn days(&self) -> Option<Period> {
        self.days
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_become_whole_weeks_of_days() {
        let moment = |text| Moment::parse(text).unwrap();
        let span = Span::new(moment("202601"), moment("202602")).unwrap();
        assert_eq!(span.days().unwrap().from().to_string(), "2025-12-29");
        assert_eq!(span.days().unwrap().to().to_string(), "2026-01-11");
        assert_eq!(Span::new(moment("0"), moment("202602")).unwrap().days(), None);
        assert!(Span::new(moment("202602"), moment("202601")).is_err());
        for text in ["202654", "2026", "20260230", "", "2026 1"] {
            assert!(Moment::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn iso_text_is_read_back() {
        for text in ["202601", "20260131"] {
            let moment = Moment::parse(text).unwrap().unwrap();
            assert_eq!(Moment::from_iso(&moment.iso()), Ok(moment));
        }
        assert!(Moment::from_iso("2026-W60").is_err() && Moment::from_iso("2026").is_err());
    }
}
