//! A calendar month.

use chrono::{Datelike, Months, NaiveDate};

use crate::Language;

const SWEDISH: [&str; 12] = [
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
];
const ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A month of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month(NaiveDate);

impl Month {
    /// Of `YYYY-MM`.
    pub fn parse(text: &str) -> Option<Self> {
        ssbtek_domain::parse_month(text).map(Self)
    }

    /// Of a month's name in either language and a year: `oktober 2026`.
    pub fn named(name: &str, year: i32) -> Option<Self> {
        let name = name.to_lowercase();
        let is = |known: &&str| known.to_lowercase() == name;
        let at = SWEDISH.iter().position(is).or_else(|| ENGLISH.iter().position(is))?;
        NaiveDate::from_ymd_opt(year, u32::try_from(at).ok()? + 1, 1).map(Self)
    }

    /// The month a day lies in.
    pub fn of(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    /// Its first day.
    pub fn first(self) -> NaiveDate {
        self.0
    }

    /// Its last day.
    pub fn last(self) -> NaiveDate {
        let next = self.0.checked_add_months(Months::new(1));
        next.and_then(|next| next.pred_opt()).unwrap_or(self.0)
    }

    /// The day by which what covers it has usually been paid: two months after its end.
    pub fn paid_by(self) -> NaiveDate {
        let third = self.0.checked_add_months(Months::new(3));
        third.and_then(|third| third.pred_opt()).unwrap_or_else(|| self.last())
    }

    /// The month before.
    pub fn before(self) -> Self {
        Self(self.0.checked_sub_months(Months::new(1)).unwrap_or(self.0))
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// `oktober 2026`, `October 2026`.
    pub fn name(self, language: Language) -> String {
        let names = match language {
            Language::Swedish => SWEDISH,
            Language::English => ENGLISH,
        };
        let name = usize::try_from(self.0.month0()).ok().and_then(|at| names.get(at)).unwrap_or(&"");
        format!("{name} {}", self.0.year())
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_knows_its_ends_and_its_name() {
        let october = Month::parse("2026-10").unwrap();
        assert_eq!(
            (october.first().to_string(), october.last().to_string()),
            ("2026-10-01".into(), "2026-10-31".into())
        );
        assert_eq!(october.paid_by().to_string(), "2026-12-31");
        assert_eq!(october.before().to_string(), "2026-09");
        assert_eq!(Month::parse("2024-02").unwrap().last().to_string(), "2024-02-29");
        assert_eq!(Month::parse("2026-01").unwrap().before().to_string(), "2025-12");
        assert_eq!(
            (october.name(Language::Swedish), october.name(Language::English)),
            ("oktober 2026".into(), "October 2026".into())
        );
        assert_eq!(Month::named("Oktober", 2026), Some(october));
        for wrong in ["2026-13", "2026-1", "202610", "2026-10-01", "", "20a6-10"] {
            assert_eq!(Month::parse(wrong), None, "{wrong}");
        }
    }
}
