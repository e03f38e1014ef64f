//! Days and times of day as people and programs write them (ISO 8601, extended form), and nothing that only looks like one.

use chrono::{Datelike, NaiveDate, NaiveTime};

/// The first year that any day of an answer or a question can be in: what is before it is a year of two digits, or none.
const FIRST_YEAR: i32 = 1800;

/// Whether a year can be meant.
pub fn is_year(year: i32) -> bool {
    (FIRST_YEAR..=9999).contains(&year)
}

/// The day, if its year can be meant.
pub fn of_our_time(day: NaiveDate) -> Option<NaiveDate> {
    is_year(day.year()).then_some(day)
}

/// A day, `YYYY-MM-DD`: ten characters, digits and two hyphens. `None` for anything else, also for what a more lenient
/// reader takes, such as `+2026-1-01` or `2026-1-1`.
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    has_form(text, "dddd-dd-dd").then(|| text.parse().ok())?.and_then(of_our_time)
}

/// The first day of a calendar month, `YYYY-MM`.
pub fn parse_month(text: &str) -> Option<NaiveDate> {
    has_form(text, "dddd-dd").then(|| format!("{text}-01").parse().ok())?.and_then(of_our_time)
}

/// A time of day, `HH:MM`, from 00:00 to 23:59.
pub fn parse_time_of_day(text: &str) -> Option<NaiveTime> {
    has_form(text, "dd:dd").then(|| NaiveTime::parse_from_str(text, "%H:%M").ok())?
}

/// `d` stands for a digit, everything else for itself.
fn has_form(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            other => byte == other,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_exactly_one_form() {
        assert_eq!(parse_day("2026-01-31"), NaiveDate::from_ymd_opt(2026, 1, 31));
        for text in [
            "",
            "0025-01-31",
            "+2026-1-01",
            "-2026-1-01",
            "2026-1-001",
            "2026-01-1 ",
            " 2026-1-01",
            "2026-01-32",
            "2026-02-29",
            "2026-1-1",
            "20260131",
            "2026/01/31",
            "02026-01-31",
            "2026-01-31T",
            "２０２６",
        ] {
            assert_eq!(parse_day(text), None, "{text}");
        }
    }

    #[test]
    fn a_month_has_exactly_one_form() {
        assert_eq!(parse_month("2026-02"), NaiveDate::from_ymd_opt(2026, 2, 1));
        for text in ["", "2026-2", "+202-02", "2026-13", "2026-00", "2026-02-01", "202602"] {
            assert_eq!(parse_month(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_of_day_has_exactly_one_form() {
        assert_eq!(parse_time_of_day("08:05"), NaiveTime::from_hms_opt(8, 5, 0));
        for text in ["", "8:05", "08:5", "24:00", "08:60", "+8:05", "08:05:00"] {
            assert_eq!(parse_time_of_day(text), None, "{text}");
        }
    }
}
