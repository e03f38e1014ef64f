//! Small pieces of text.

use ssbtek_domain::DateTime;
use ssbtek_proto::agency::v1::{FkCode, FkExtent, FkMoney, FkSpan, Period};

use crate::page::NO_BREAK;

/// An RFC 3339 moment in Swedish time, to the second; as it came where it is none.
pub(super) fn moment(text: &str) -> String {
    match DateTime::parse_from_rfc3339(text) {
        Ok(moment) => {
            moment.with_timezone(&chrono_tz::Europe::Stockholm).format("%Y-%m-%d %H:%M:%S %Z").to_string()
        }
        Err(_) => text.to_owned(),
    }
}

/// An exact decimal as it is written in Sweden: `1234.5` → `1 234,50`. As it came where it is none.
pub(super) fn kronor(amount: &str) -> String {
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
pub(super) fn kr(amount: &str) -> String {
    format!("{}{NO_BREAK}kr", kronor(amount))
}

/// An amount of FK's with its currency, kronor unless it says otherwise.
pub(super) fn money(money: &FkMoney) -> Option<String> {
    let amount = kronor(money.amount.as_deref()?);
    let currency = money.currency.as_deref().filter(|currency| *currency != "SEK").unwrap_or("kr");
    Some(format!("{amount}{NO_BREAK}{currency}"))
}

pub(super) fn period(period: &Period) -> String {
    format!("{}{NO_BREAK}–{NO_BREAK}{}", period.from, period.to)
}

/// A period of FK's, open ends in words.
pub(super) fn span(span: &FkSpan) -> Option<String> {
    match (span.from.as_deref(), span.to.as_deref()) {
        (Some(from), Some(to)) => Some(format!("{from} – {to}")),
        (Some(from), None) => Some(format!("from {from}")),
        (None, Some(to)) => Some(format!("to {to}")),
        (None, None) => None,
    }
}

/// A code in words: its description, else the code.
pub(super) fn code(code: &FkCode) -> Option<String> {
    let stated = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    stated(&code.description).or_else(|| stated(&code.id))
}

/// A share such as `3/4`; `None` where it is not stated.
pub(super) fn extent(extent: &FkExtent) -> Option<String> {
    match (extent.numerator?, extent.denominator?) {
        (_, 0) => None,
        (numerator, denominator) if numerator == denominator => Some("full".to_owned()),
        (numerator, denominator) => Some(format!("{numerator}/{denominator}")),
    }
}

/// `1 fund`, `24 funds`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The pieces that are there, joined by `, `.
pub(super) fn joined<const N: usize>(pieces: [Option<String>; N]) -> String {
    pieces.into_iter().flatten().filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(", ")
}

/// `before` and the text, where there is one.
pub(super) fn with(before: &str, text: Option<impl AsRef<str>>) -> Option<String> {
    text.map(|text| format!("{before}{}", text.as_ref()))
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
