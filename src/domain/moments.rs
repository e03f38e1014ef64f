//! Days and times as `xs:date`, `xs:dateTime`, `xs:time` and `xs:gYearMonth` write them, with a zone or a time of day: digits that are
//! nobody's number, though they are as many.

use std::borrow::Cow;

use crate::parse_day;

/// Of a second no more digits are written than this; more may be anything.
const MAX_FRACTION_DIGITS: usize = 9;

/// A text without them. A bare day stays: with what stands behind it, it may be a number.
pub(crate) fn left_out(text: Cow<'_, str>) -> Cow<'_, str> {
    let Some(first) = text.find(':') else { return text };
    // The longest that can stand before the first colon: a day, a sign or a `T`, and an hour.
    let from = first.saturating_sub("2026-01-08T10".len());
    let bytes = text.as_bytes();
    let mut spans = vec![];
    let mut at = from;
    while at < bytes.len() {
        let is_first = bytes[at].is_ascii_digit() && !at.checked_sub(1).is_some_and(|it| joins(bytes[it]));
        match is_first.then(|| length(&bytes[at..])).flatten() {
            Some(length) => {
                spans.push(at..at + length);
                at += length;
            }
            None => at += 1,
        }
    }
    if spans.is_empty() {
        return text;
    }
    let (mut rest, mut told) = (String::with_capacity(text.len()), 0);
    for span in spans {
        rest.push_str(&text[told..span.start]);
        // Nothing before and behind it is one number.
        rest.push_str(" , ");
        told = span.end;
    }
    rest.push_str(&text[told..]);
    Cow::Owned(rest)
}

/// Whether a sign makes one number of what stands before and behind it.
fn joins(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b':')
}

/// How long what begins here is, if it can only be a day or a time, and nothing goes on behind it.
fn length(bytes: &[u8]) -> Option<usize> {
    let day = std::str::from_utf8(bytes.get(..10).unwrap_or_default()).ok().and_then(parse_day);
    let rest = |at: usize| bytes.get(at..).unwrap_or_default();
    let time_and_zone = |at: usize, seconds: bool| {
        let time = time(rest(at), seconds)?;
        Some(at + time + zone(rest(at + time)).unwrap_or(0))
    };
    let found = match day {
        Some(_) => zone(rest(10)).map(|zone| 10 + zone).or_else(|| {
            matches!(rest(10).first(), Some(b'T' | b't' | b' ')).then(|| time_and_zone(11, false)).flatten()
        }),
        None => time_and_zone(0, true).or_else(|| {
            let is_month = number(bytes, 4).is_some()
                && bytes.get(4) == Some(&b'-')
                && number(rest(5), 2).is_some_and(|month| (1..=12).contains(&month));
            is_month.then(|| zone(rest(7))).flatten().map(|zone| 7 + zone)
        }),
    };
    found.filter(|length| !rest(*length).first().is_some_and(|next| joins(*next) && *next != b'.'))
}

/// `+01:00`
fn zone(bytes: &[u8]) -> Option<usize> {
    let [b'+' | b'-', rest @ ..] = bytes else { return None };
    let (hours, minutes) = (number(rest, 2)?, number(rest.get(3..)?, 2)?);
    (hours <= 14 && rest.get(2) == Some(&b':') && minutes < 60).then_some(6)
}

/// `10:15`, `10:15:00`, `10:15:00.123`; with `seconds` no shorter one.
fn time(bytes: &[u8], seconds: bool) -> Option<usize> {
    let part = |at: usize, bound: u32| {
        let value = number(bytes.get(at..)?, 2)?;
        (value < bound).then_some(())
    };
    part(0, 25)?;
    (bytes.get(2) == Some(&b':')).then(|| part(3, 60))??;
    if bytes.get(5) != Some(&b':') {
        return (!seconds).then_some(5);
    }
    part(6, 61)?;
    let fraction = bytes.get(8..).unwrap_or_default();
    let digits = fraction.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
    match fraction.first() {
        Some(b'.') if digits > MAX_FRACTION_DIGITS => None,
        Some(b'.') if digits > 0 => Some(8 + 1 + digits),
        _ => Some(8),
    }
}

/// The number that so many digits are.
fn number(bytes: &[u8], digits: usize) -> Option<u32> {
    let digits = bytes.get(..digits).filter(|part| part.iter().all(u8::is_ascii_digit))?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use chrono::{Days, NaiveDate};

    use super::*;
    use crate::sections::skv::{names_others, person_numbers};

    #[test]
    fn no_day_of_the_years_with_a_zone_or_a_time_is_anybodys_number() {
        let first = NaiveDate::from_ymd_opt(1999, 1, 1).unwrap();
        for day in (0..30 * 365).filter_map(|days| first.checked_add_days(Days::new(days))) {
            for behind in ["+01:00", "+02:00", "-11:00", " 10:15", "T10:15:00.123+02:00"] {
                let text = format!("{day}{behind}");
                assert!(!names_others(&text, &[]) && person_numbers(&text).is_empty(), "{text}");
            }
        }
    }

    #[test]
    fn what_is_more_than_a_moment_is_looked_at() {
        for (text, is) in [
            ("2026-01-08+01:00", " , "),
            ("<d>2026-01-08T10:15:00Z</d>", "<d> , Z</d>"),
            ("kl 10:15:00.5+01:00.", "kl  , ."),
            ("2026-01+01:00", " , "),
            ("2026-01-08", "2026-01-08"),
            ("1985-06-07-9824", "1985-06-07-9824"),
            ("2026-01-08+01:00-1234", "2026-01-08+01:00-1234"),
            ("2026-13-08+01:00", "2026-13-08+01:00"),
            ("nr: 19850607-9824", "nr: 19850607-9824"),
            ("10:15:00.198506079824", "10:15:00.198506079824"),
        ] {
            assert_eq!(left_out(Cow::Borrowed(text)), is, "{text}");
        }
        assert!(names_others("2026-01-08+01:00 198506079824", &[]));
        assert!(names_others("tid: 10:15:00, nr 850607-9824", &[]));
    }
}
