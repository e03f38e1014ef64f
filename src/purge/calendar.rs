//! When a limit falls: one calendar month, Europe/Stockholm.

use chrono::{Days, Months, NaiveDate, TimeZone};
use chrono_tz::Europe::Stockholm;
use ssbtek_domain::{DateTime, Utc, stockholm_date};

/// What follows from the last day of an agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// The agreement's last day.
    pub ended_on: NaiveDate,
    /// The last day of the one calendar month after it (31 January → 28 or 29 February).
    pub limit_on: NaiveDate,
    /// From here on everything of the board is invisible, and the purge is due: the start of `limit_on`, a whole day
    /// before the limit, so that a purge that meets an obstacle still ends in time.
    pub due_at: DateTime<Utc>,
    /// The first moment at which nothing may be left: the end of `limit_on`.
    pub limit_at: DateTime<Utc>,
}

impl Deadline {
    /// The deadline after an agreement whose last day was `ended_on`; `None` at the end of the calendar.
    pub fn after(ended_on: NaiveDate) -> Option<Self> {
        // chrono clamps to the month's last day, as the law of periods does (SFS 1930:173 § 2 counts by date).
        let limit_on = ended_on.checked_add_months(Months::new(1))?;
        let next = limit_on.checked_add_days(Days::new(1))?;
        Some(Self { ended_on, limit_on, due_at: midnight(limit_on), limit_at: midnight(next) })
    }

    /// A week before it is due: from here on a board without a confirmed handover is warned about.
    pub fn warn_from(&self) -> DateTime<Utc> {
        self.due_at - chrono::Duration::days(7)
    }
}

/// The start of a day in Sweden.
pub fn midnight(day: NaiveDate) -> DateTime<Utc> {
    let start = day.and_time(chrono::NaiveTime::MIN);
    // Swedish clocks change at 02:00 and 03:00, so midnight exists once; UTC is what is left of an impossible case.
    Stockholm.from_local_datetime(&start).earliest().map_or_else(|| start.and_utc(), |local| local.to_utc())
}

/// The first month of a log that is still visible, as it stands in key ids (`2026-11`), when payloads are kept for
/// `kept` whole calendar months after the month in which they were made.
pub fn first_visible_month(now: DateTime<Utc>, kept: u32) -> String {
    let today = stockholm_date(now);
    today.checked_sub_months(Months::new(kept)).unwrap_or(NaiveDate::MIN).format("%Y-%m").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(ended_on: &str) -> (String, String, String) {
        let deadline = Deadline::after(ended_on.parse().unwrap()).unwrap();
        let shown = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%MZ").to_string();
        (deadline.limit_on.to_string(), shown(deadline.due_at), shown(deadline.limit_at))
    }

    #[test]
    fn the_limit_is_one_calendar_month_around_month_ends_leap_days_and_clock_changes() {
        for (ended_on, limit_on, due_at, limit_at) in [
            ("2026-01-15", "2026-02-15", "2026-02-14T23:00Z", "2026-02-15T23:00Z"),
            ("2026-01-28", "2026-02-28", "2026-02-27T23:00Z", "2026-02-28T23:00Z"),
            ("2026-01-29", "2026-02-28", "2026-02-27T23:00Z", "2026-02-28T23:00Z"),
            ("2026-01-31", "2026-02-28", "2026-02-27T23:00Z", "2026-02-28T23:00Z"),
            ("2028-01-29", "2028-02-29", "2028-02-28T23:00Z", "2028-02-29T23:00Z"),
            ("2028-01-31", "2028-02-29", "2028-02-28T23:00Z", "2028-02-29T23:00Z"),
            ("2028-02-29", "2028-03-29", "2028-03-28T22:00Z", "2028-03-29T22:00Z"),
            ("2100-01-31", "2100-02-28", "2100-02-27T23:00Z", "2100-02-28T23:00Z"),
            ("2026-03-31", "2026-04-30", "2026-04-29T22:00Z", "2026-04-30T22:00Z"),
            ("2026-08-31", "2026-09-30", "2026-09-29T22:00Z", "2026-09-30T22:00Z"),
            ("2026-12-31", "2027-01-31", "2027-01-30T23:00Z", "2027-01-31T23:00Z"),
            // The clock goes forward on 29 March 2026 (the day has 23 hours) and back on 25 October (25 hours).
            ("2026-02-28", "2026-03-28", "2026-03-27T23:00Z", "2026-03-28T23:00Z"),
            ("2026-01-30", "2026-02-28", "2026-02-27T23:00Z", "2026-02-28T23:00Z"),
            ("2026-09-25", "2026-10-25", "2026-10-24T22:00Z", "2026-10-25T23:00Z"),
            ("2027-02-28", "2027-03-28", "2027-03-27T23:00Z", "2027-03-28T22:00Z"),
        ] {
            let expected = (limit_on.to_owned(), due_at.to_owned(), limit_at.to_owned());
            assert_eq!(days(ended_on), expected, "{ended_on}");
        }
    }

    #[test]
    fn whole_months_of_the_log_expire_together_at_midnight_in_sweden() {
        let at = |text: &str, kept| first_visible_month(text.parse().unwrap(), kept);
        assert_eq!(at("2026-11-30T22:59:59Z", 1), "2026-10");
        assert_eq!(at("2026-11-30T23:00:00Z", 1), "2026-11");
        assert_eq!(at("2026-03-31T12:00:00Z", 1), "2026-02");
        assert_eq!(at("2026-03-31T12:00:00Z", 60), "2021-03");
        assert_eq!(at("2026-01-01T00:00:00Z", 0), "2026-01");
    }
}
