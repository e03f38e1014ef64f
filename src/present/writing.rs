//! Amounts, days and small pieces of text, as they are written in Sweden.

use ssbtek_domain::DateTime;
use ssbtek_proto::agency::v1::Period;

/// A space at which no line is broken.
pub const NO_BREAK: char = '\u{a0}';

/// An RFC 3339 moment in Swedish time, to the second; as it came where it is none.
pub fn moment(text: &str) -> String {
    match DateTime::parse_from_rfc3339(text) {
        Ok(moment) => {
            moment.with_timezone(&chrono_tz::Europe::Stockholm).format("%Y-%m-%d %H:%M:%S %Z").to_string()
        }
        Err(_) => text.to_owned(),
    }
}

/// An exact decimal as it is written in Sweden: `1234.5` → `1 234,50`. As it came where it is none.
pub fn kronor(amount: &str) -> String {
    let (sign, digits) = amount.strip_prefix('-').map_or(("", amount), |digits| ("-", digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(decimals) {
        return amount.to_owned();
    }
    let mut grouped = String::with_capacity(whole.len() + whole.len() / 3);
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) {
            grouped.push(NO_BREAK);
        }
        grouped.push(digit);
    }
    if decimals.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped},{decimals:0<2}") }
}

/// Kronor with their unit.
pub fn kr(amount: &str) -> String {
    format!("{}{NO_BREAK}kr", kronor(amount))
}

/// Both days.
pub fn period(period: &Period) -> String {
    format!("{}{NO_BREAK}–{NO_BREAK}{}", period.from, period.to)
}

/// The pieces that are there, joined by `, `.
pub fn joined<const N: usize>(pieces: [Option<String>; N]) -> String {
    pieces.into_iter().flatten().filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_in_sweden_and_exactly() {
        for (amount, written) in [
            ("0", "0"),
            ("999", "999"),
            ("1234.5", "1 234,50"),
            ("-1234567.125", "-1 234 567,125"),
            ("12 kr", "12 kr"),
            ("", ""),
        ] {
            assert_eq!(kronor(amount).replace(NO_BREAK, " "), written);
        }
    }

    #[test]
    fn moments_are_told_in_swedish_time() {
        assert_eq!(moment("2026-11-22T10:15:32.120Z"), "2026-11-22 11:15:32 CET");
        assert_eq!(moment("2026-06-22T10:15:32Z"), "2026-06-22 12:15:32 CEST");
        assert_eq!(moment("soon"), "soon");
    }
}
