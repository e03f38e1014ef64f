//! Days and months in Sweden: the one place that knows when a day ends, which month a record belongs to, and when a limit
//! falls. No date panics, however far away: what does not exist in the calendar is `None`, or its nearest end.

use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Europe::Stockholm;

use crate::{parse_month, stockholm_date};

/// What follows from the last day of an agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// The agreement's last day.
    pub ended_on: NaiveDate,
    /// The first moment at which it has ended: the end of its last day.
    pub ends_at: DateTime<Utc>,
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
        Some(Self {
            ended_on,
            ends_at: end_of(ended_on)?,
            limit_on,
            due_at: midnight(limit_on)?,
            limit_at: end_of(limit_on)?,
        })
    }

    /// A week before it is due: from here on a board without a confirmed handover is warned about.
    pub fn warn_from(&self) -> DateTime<Utc> {
        days_before(self.due_at, 7)
    }
}

/// The start of a day in Sweden; `None` at the ends of the calendar.
pub fn midnight(day: NaiveDate) -> Option<DateTime<Utc>> {
    // A day's margin at either end, so that no time zone leads out of the calendar.
    day.pred_opt()?.pred_opt()?;
    day.succ_opt()?.succ_opt()?;
    let start = day.and_time(chrono::NaiveTime::MIN);
    // Swedish clocks change at 02:00 and 03:00, so midnight exists once; UTC is what is left of an impossible case.
    Some(
        Stockholm
            .from_local_datetime(&start)
            .earliest()
            .map_or_else(|| start.and_utc(), |local| local.to_utc()),
    )
}

/// The first moment after a day in Sweden; `None` at the ends of the calendar.
pub fn end_of(day: NaiveDate) -> Option<DateTime<Utc>> {
    midnight(day.succ_opt()?)
}

/// The moment so many times 24 hours before `moment`, or the beginning of the calendar.
pub fn days_before(moment: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    moment.checked_sub_signed(TimeDelta::days(days.into())).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// The month of a moment in Sweden (`2026-11`): under its key a record of that moment is sealed.
pub fn month_of(moment: DateTime<Utc>) -> String {
    stockholm_date(moment).format("%Y-%m").to_string()
}

/// The first month of a log that is still visible, as it stands in key ids (`2026-11`), when payloads are kept for
/// `kept` whole calendar months after the month in which they were made.
pub fn first_visible_month(now: DateTime<Utc>, kept: u32) -> String {
    // Key ids sort as text, so no month before the year 0 may come out.
    let first = stockholm_date(now).checked_sub_months(Months::new(kept)).filter(|first| first.year() >= 0);
    first.unwrap_or_default().format("%Y-%m").to_string()
}

/// When a month (`2026-11`) that is kept for `kept` whole calendar months expires: at the start of the month after the last
/// one it is kept for.
pub fn month_expires_at(month: &str, kept: u32) -> Option<DateTime<Utc>> {
    midnight(parse_month(month)?.checked_add_months(Months::new(kept.checked_add(1)?))?)
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
    fn a_record_belongs_to_the_month_in_sweden_in_which_it_was_made() {
        let at = |text: &str| month_of(text.parse().unwrap());
        assert_eq!(at("2026-10-31T22:59:59Z"), "2026-10");
        assert_eq!(at("2026-10-31T23:00:00Z"), "2026-11");
        assert_eq!(at("2026-06-30T21:59:59Z"), "2026-06");
        assert_eq!(at("2026-06-30T22:00:00Z"), "2026-07");
        assert_eq!(at("2026-12-31T23:00:00Z"), "2027-01");
    }

    #[test]
    fn no_day_and_no_number_of_days_or_months_is_too_large() {
        for day in [NaiveDate::MIN, NaiveDate::MAX] {
            for day in [Some(day), day.succ_opt(), day.pred_opt()].into_iter().flatten() {
                let _ = (Deadline::after(day), midnight(day), end_of(day));
            }
        }
        let now: DateTime<Utc> = "2026-11-30T12:00:00Z".parse().unwrap();
        for days in [0, 1, 90, i32::MAX as u32, u32::MAX] {
            assert!(days_before(now, days) <= now, "{days}");
            assert!(first_visible_month(now, days).as_str() <= "2026-11", "{days}");
            let _ = month_expires_at("2026-11", days);
        }
        assert!(first_visible_month(now, u32::MAX).as_str() < "2026-01", "everything is visible");
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
