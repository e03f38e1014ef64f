//! The schema types' lexical forms (XML Schema part 2): boolean, date, dateTime.

use std::fmt;

use ssbtek_domain::{NaiveDate, parse_day};

/// `frageTidpunkt`: an `xs:dateTime`, checked and kept as it was written, to be given back the same.
#[derive(Clone, PartialEq, Eq)]
pub struct AskedAt(String);

impl AskedAt {
    /// Checks `YYYY-MM-DDThh:mm:ss`, with decimals and zone if wanted. `24:00:00` is the end of its day.
    pub fn parse(text: &str) -> Option<Self> {
        let (day, time) = text.split_once('T')?;
        parse_day(day)?;
        let time = without_zone(time)?;
        let (clock, decimals) =
            time.split_once('.').map_or((time, None), |(clock, rest)| (clock, Some(rest)));
        let decimals_hold = decimals.is_none_or(|d| (1..=12).contains(&d.len()) && all_digits(d));
        let is_end_of_day = clock == "24:00:00"
            && decimals.is_none_or(|decimals| decimals.bytes().all(|digit| digit == b'0'));
        (decimals_hold && (is_clock(clock) || is_end_of_day)).then(|| Self(text.to_owned()))
    }

    /// The text as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AskedAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `xs:boolean`: `true`, `false`, `1`, `0`.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// `xs:date`. A zone is allowed and means nothing here: the contract's days are Swedish days.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    parse_day(without_zone(text)?)
}

/// Takes `Z`, `+hh:mm` or `-hh:mm` off the end; `None` if there is a zone that is none.
fn without_zone(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_suffix('Z') {
        return Some(rest);
    }
    let Some((rest, zone)) = text.len().checked_sub(6).and_then(|at| text.split_at_checked(at)) else {
        return Some(text);
    };
    let Some(offset) = zone.strip_prefix(['+', '-']) else { return Some(text) };
    let Some((hours, minutes)) = offset.split_once(':') else { return Some(text) };
    let within =
        |part: &str, max: u8| part.len() == 2 && all_digits(part) && part.parse().is_ok_and(|n: u8| n <= max);
    let is_offset = within(hours, 13) && within(minutes, 59) || (hours, minutes) == ("14", "00");
    is_offset.then_some(rest)
}

fn is_clock(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let within =
        |part: &str, max: u8| part.len() == 2 && all_digits(part) && part.parse().is_ok_and(|n: u8| n <= max);
    matches!(parts[..], [h, m, s] if within(h, 23) && within(m, 59) && within(s, 59))
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_with_and_without_zone() {
        let first = "2026-11-01".parse().ok();
        for text in ["2026-11-01", "2026-11-01Z", "2026-11-01+01:00", "2026-11-01-14:00"] {
            assert_eq!(date(text), first, "{text}");
        }
        for text in
            ["", "20261101", "2026-13-01", "2026-02-30", "2026-11-01+1:00", "+02026-1-1", "2026-11-01+15:00"]
        {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn moments_are_kept_as_written() {
        for text in [
            "2026-11-22T10:00:00",
            "2026-11-22T10:00:00.123Z",
            "2026-11-22T10:00:00.1+02:00",
            "2026-11-22T24:00:00",
            "2026-11-22T24:00:00.00-14:00",
        ] {
            assert_eq!(AskedAt::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "2026-11-22",
            "2026-11-22T10:00",
            "2026-11-22T10:00:00.",
            "2026-11-22T25:00:00",
            "2026-11-22T24:00:01",
            "2026-11-22T24:01:00",
            "2026-11-22T24:00:00.1",
            "2026-11-22T24:00:00.",
            "2026-11-22T10:00:60",
            "2026-11-22T10:00:00+14:01",
            "2026-11-22T10:00:00+15:00",
            "nu",
            "åTå",
        ] {
            assert!(AskedAt::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_boolean_has_four_forms() {
        assert_eq!(
            ["true", "1", "false", "0"].map(boolean),
            [Some(true), Some(true), Some(false), Some(false)]
        );
        assert_eq!(boolean("TRUE"), None);
    }
}
