//! Small strict readers shared by the C2SP formats.

/// A decimal number as C2SP writes sizes: ASCII digits, no sign, no leading zero (but `0`), within 64 bits.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let canonical = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if canonical { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn a_size_has_one_spelling() {
        assert_eq!(decimal("0"), Some(0));
        assert_eq!(decimal("18446744073709551615"), Some(u64::MAX));
        for text in ["", "00", "01", "+1", "-1", " 1", "1 ", "18446744073709551616", "१"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
