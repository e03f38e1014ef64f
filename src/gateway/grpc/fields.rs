//! Fields of a message: each is bounded by what it means before anything is done with it.

use chrono::Datelike;
use ssbtek_authorize::AskError;
use ssbtek_domain::{DateTime, NaiveDate, Utc};

use crate::Refusal;

/// Most members of a list in a message, where nothing smaller is meant.
const MOST_LISTED: usize = 1_000;

/// A field that has to be parsed.
pub(super) fn field<T, E: ToString>(name: &'static str, parsed: Result<T, E>) -> Result<T, Refusal> {
    parsed.map_err(|error| Refusal::Invalid(AskError::new(name, error.to_string())))
}

/// A day, `YYYY-MM-DD`.
pub(super) fn day(name: &'static str, text: &str) -> Result<NaiveDate, Refusal> {
    field(name, ssbtek_domain::parse_day(text).ok_or("must be a date, YYYY-MM-DD"))
}

/// A month, `YYYY-MM`, of a time in which this log can have been kept.
pub(super) fn month(name: &'static str, text: &str) -> Result<String, Refusal> {
    let kept = ssbtek_domain::parse_month(text).filter(|first| (2000..2200).contains(&first.year()));
    field(name, kept.map(|_| text.to_owned()).ok_or("must be YYYY-MM"))
}

/// A moment, RFC 3339.
pub(super) fn moment(name: &'static str, text: &str) -> Result<DateTime<Utc>, Refusal> {
    let parsed = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc());
    field(name, parsed.map_err(|_| "must be a time, RFC 3339"))
}

/// A number of at most `most`; `usual` if it is left out (0).
pub(super) fn count(name: &'static str, count: u32, usual: u32, most: u32) -> Result<u32, Refusal> {
    match count {
        0 => Ok(usual),
        count if count <= most => Ok(count),
        _ => field(name, Err(format!("must be at most {most}"))),
    }
}

/// A list that is not too long.
pub(super) fn listed<T>(name: &'static str, list: Vec<T>) -> Result<Vec<T>, Refusal> {
    if list.len() <= MOST_LISTED {
        Ok(list)
    } else {
        field(name, Err(format!("must be at most {MOST_LISTED}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_and_a_day_are_four_digits_of_a_year_and_nothing_else() {
        assert_eq!(month("month", "2026-11").unwrap(), "2026-11");
        for wrong in
            ["", "2026-13", "2026-00", "+026-01", "1999-12", "2200-01", "2026-1", "2026-11-01", "2026-+1"]
        {
            assert!(month("month", wrong).is_err(), "{wrong}");
        }
        assert!(day("day", "2026-11-30").is_ok());
        for wrong in ["+999-01-01", "-999-01-01", "+262142-12-31", "2026-11-31", "2026-1-1", ""] {
            assert!(day("day", wrong).is_err(), "{wrong}");
        }
        assert!(moment("from", "+262142-12-31T00:00:00Z").is_err());
    }
}
