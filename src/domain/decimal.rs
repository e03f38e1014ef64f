//! Numbers as JSON writes them, in plain decimal form and exactly.

/// Longest number accepted, in characters, as written and in plain decimal form.
const MAX_NUMBER_CHARS: usize = 64;

/// A JSON number in plain decimal form, exactly; `None` if it is no JSON number or too long to be one of ours.
pub fn plain_decimal(raw: &str) -> Option<String> {
    if raw.len() > MAX_NUMBER_CHARS {
        return None;
    }
    let (mantissa, exponent) = match raw.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
        None => (raw, 0),
    };
    let (negative, unsigned) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa),
    };
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return None,
        None => (unsigned, ""),
    };
    let digits_only = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    if whole.is_empty() || leading_zero || !digits_only(whole) || !digits_only(fraction) {
        return None;
    }
    plain(negative, &format!("{whole}{fraction}"), i64::try_from(whole.len()).ok()? + exponent)
}

/// A sign and at least one digit, at most 99 either way: amounts need no more.
fn exponent_of(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 2 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// `digits` with the decimal point after the first `point` of them (which may lie outside).
fn plain(negative: bool, digits: &str, point: i64) -> Option<String> {
    let zeros = |n: i64| "0".repeat(usize::try_from(n).unwrap_or_default());
    let len = i64::try_from(digits.len()).ok()?;
    let (whole, fraction) = if point <= 0 {
        (String::new(), format!("{}{digits}", zeros(-point)))
    } else if point >= len {
        (format!("{digits}{}", zeros(point - len)), String::new())
    } else {
        let (whole, fraction) = digits.split_at_checked(usize::try_from(point).ok()?)?;
        (whole.to_owned(), fraction.to_owned())
    };
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let sign = if negative && !(whole.is_empty() && fraction.is_empty()) { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { whole };
    let text =
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
    (text.len() <= MAX_NUMBER_CHARS).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_every_digit() {
        for (raw, plain) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("1234", "1234"),
            ("1234.50", "1234.5"),
            ("0.1", "0.1"),
            ("1.2345678E7", "12345678"),
            ("1E-4", "0.0001"),
            ("-12.5e1", "-125"),
            ("9007199254740993", "9007199254740993"),
            ("0.30000000000000004", "0.30000000000000004"),
        ] {
            assert_eq!(plain_decimal(raw).as_deref(), Some(plain), "{raw}");
        }
    }

    #[test]
    fn what_is_no_json_number_is_refused() {
        let long = "1".repeat(65);
        for raw in [
            "", "-", "+1", "01", "1.", ".5", "1e", "1e+", "1e100", "0x1", "1_000", "--1", "1.2.3", "1e1e1",
            &long,
        ] {
            assert_eq!(plain_decimal(raw), None, "{raw}");
        }
    }
}
