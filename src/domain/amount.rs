//! Exact amounts in Swedish kronor.

use crate::plain_decimal;
use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    iter::Sum,
    str::FromStr,
};

/// An exact amount in SEK with up to four decimals; never a floating-point number. It is told with as many decimals as it was written
/// with, which changes neither what it is nor how it compares: `120.50` is `120.5`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Amount {
    ten_thousandths: i64,
    /// Decimals that are told though they are zeros.
    decimals: u8,
}

/// Most decimals that an amount has.
const MAX_DECIMALS: u8 = 4;

impl PartialEq for Amount {
    fn eq(&self, other: &Self) -> bool {
        self.ten_thousandths == other.ten_thousandths
    }
}

impl Eq for Amount {}

impl Hash for Amount {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.ten_thousandths.hash(state);
    }
}

impl Ord for Amount {
    fn cmp(&self, other: &Self) -> Ordering {
        self.ten_thousandths.cmp(&other.ten_thousandths)
    }
}

impl PartialOrd for Amount {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not a plain decimal number.
    #[error("is not a decimal number")]
    NotADecimal,
    /// More than four decimals that are not zero, or more kronor than fit.
    #[error("is too fine or too large to be kept exactly")]
    OutOfRange,
}

impl Amount {
    /// Whole kronor.
    pub fn from_kronor(kronor: i64) -> Result<Self, AmountError> {
        kronor.checked_mul(10_000).map(Self::of).ok_or(AmountError::OutOfRange)
    }

    /// Öre.
    pub fn from_ore(ore: i64) -> Result<Self, AmountError> {
        ore.checked_mul(100).map(Self::of).ok_or(AmountError::OutOfRange)
    }

    fn of(ten_thousandths: i64) -> Self {
        Self { ten_thousandths, decimals: 0 }
    }

    /// The sum, or `None` where it does not fit.
    pub fn checked_add(self, other: Amount) -> Option<Amount> {
        let ten_thousandths = self.ten_thousandths.checked_add(other.ten_thousandths)?;
        Some(Self { ten_thousandths, decimals: self.decimals.max(other.decimals) })
    }

    /// The amount in units of 1/10 000 krona.
    pub fn ten_thousandths(self) -> i64 {
        self.ten_thousandths
    }

    /// The amount to the nearest öre (half away from zero) of a number that is none of ours exactly: with an exponent, or with
    /// more decimals than an amount has, as a double is printed. `None`: no number, or greater than fits.
    pub fn nearest_ore(text: &str) -> Option<Amount> {
        const MAX_CHARS: usize = 400;
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let negative = mantissa.starts_with('-');
        let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = format!("{whole}{fraction}");
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        if text.len() > MAX_CHARS || !is_number {
            return None;
        }
        let digits_before_the_point = i32::try_from(whole.len()).ok()?.checked_add(exponent)?;
        // One digit beyond the öre decides; what follows it cannot.
        let kept = usize::try_from(digits_before_the_point.checked_add(3)?).unwrap_or(0);
        if digits.bytes().all(|b| b == b'0') || digits_before_the_point < -2 {
            return Some(Amount::default());
        }
        let significant = digits.trim_start_matches('0').len() + kept.saturating_sub(digits.len());
        if kept > MAX_CHARS || kept > digits.len() && significant > 20 {
            return None;
        }
        let tenths_of_ore: i128 = digits
            .bytes()
            .chain(std::iter::repeat(b'0'))
            .take(kept)
            .try_fold(0_i128, |sum, digit| sum.checked_mul(10)?.checked_add(i128::from(digit - b'0')))?;
        let ore = i64::try_from((tenths_of_ore + 5) / 10).ok()?;
        Amount::from_ore(if negative { -ore } else { ore }).ok()
    }

    /// Whether a number is one with as many decimals as an amount has, but for the digits that a double is printed with: after those
    /// stand noughts, or nines.
    pub fn is_printed_double(text: &str) -> bool {
        let plain = plain_decimal(text).unwrap_or_else(|| text.to_owned());
        let fraction = plain.split_once('.').map_or("", |(_, fraction)| fraction);
        let after: Vec<u8> =
            fraction.bytes().chain(std::iter::repeat(b'0')).skip(usize::from(MAX_DECIMALS)).take(3).collect();
        [b'0', b'9'].iter().any(|digit| after.iter().all(|it| it == digit))
    }

    /// Whole kronor, if there are no decimals.
    pub fn whole_kronor(self) -> Option<i64> {
        (self.ten_thousandths % 10_000 == 0).then_some(self.ten_thousandths / 10_000)
    }
}

impl FromStr for Amount {
    type Err = AmountError;

    /// Reads `xs:decimal`: an optional sign, digits, an optional point and digits.
    fn from_str(text: &str) -> Result<Self, AmountError> {
        let (negative, digits) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return Err(AmountError::NotADecimal);
        }
        let decimals = u8::try_from(fraction.len()).unwrap_or(MAX_DECIMALS).min(MAX_DECIMALS);
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > usize::from(MAX_DECIMALS) {
            return Err(AmountError::OutOfRange);
        }
        let whole: i64 =
            if whole.is_empty() { 0 } else { whole.parse().map_err(|_| AmountError::OutOfRange)? };
        let fraction: i64 = format!("{fraction:0<4}").parse().map_err(|_| AmountError::OutOfRange)?;
        let value =
            whole.checked_mul(10_000).and_then(|n| n.checked_add(fraction)).ok_or(AmountError::OutOfRange)?;
        Ok(Self { ten_thousandths: if negative { -value } else { value }, decimals })
    }
}

impl fmt::Display for Amount {
    /// With the decimals that it has, and those that it was written with: `1234`, `1234.5`, `1234.50`, `-0.01`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.ten_thousandths.unsigned_abs();
        let sign = if self.ten_thousandths < 0 { "-" } else { "" };
        let fraction = format!("{:04}", magnitude % 10_000);
        let told = fraction.trim_end_matches('0').len().max(usize::from(self.decimals));
        let fraction = fraction.get(..told).unwrap_or(&fraction);
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{}{point}{fraction}", magnitude / 10_000)
    }
}

impl Sum for Amount {
    /// Saturates: a sum is for people to read, and a wrapped one would be a lie of another sign.
    fn sum<I: Iterator<Item = Amount>>(amounts: I) -> Self {
        amounts.fold(Self::default(), |sum, amount| Self {
            ten_thousandths: sum.ten_thousandths.saturating_add(amount.ten_thousandths),
            decimals: sum.decimals.max(amount.decimals),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_kept_to_the_last_digit() {
        for text in ["0", "1234", "1234.5", "-0.01", "99999999999.9999"] {
            assert_eq!(text.parse::<Amount>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn an_amount_is_told_as_it_was_written_and_compares_by_what_it_is() {
        for (text, told) in [
            ("120.50", "120.50"),
            ("120.00", "120.00"),
            ("-0.10", "-0.10"),
            ("012.50", "12.50"),
            ("+7", "7"),
            ("7.", "7"),
            (".5", "0.5"),
            ("1.00000000", "1.0000"),
            ("-0", "0"),
            ("-0.00", "0.00"),
        ] {
            assert_eq!(text.parse::<Amount>().unwrap().to_string(), told, "{text}");
        }
        let (one, other): (Amount, Amount) = ("120.50".parse().unwrap(), "120.5".parse().unwrap());
        assert!(one == other && one.cmp(&other) == Ordering::Equal);
        assert_eq!([one, other].into_iter().sum::<Amount>().to_string(), "241.00");
        assert_eq!(one.checked_add(other).unwrap().to_string(), "241.00");
        assert_eq!(Amount::from_ore(12_050).unwrap().to_string(), "120.5");
    }

    #[test]
    fn what_is_no_exact_amount_is_rounded_to_ore_or_is_none() {
        for (text, ore) in [
            ("13272.300000000001", Some(1_327_230)),
            ("13272.299999999999", Some(1_327_230)),
            ("-0.30000000000000004", Some(-30)),
            ("1.327230E4", Some(1_327_230)),
            ("1e2", Some(10_000)),
            ("125E-1", Some(1_250)),
            ("0.005", Some(1)),
            ("0.00499999", Some(0)),
            ("0.99999", Some(100)),
            ("1e-300", Some(0)),
            ("0e300", Some(0)),
            ("+7", Some(700)),
            ("1e300", None),
            ("99999999999999999999", None),
            ("", None),
            (".", None),
            ("1e", None),
            ("1e2.5", None),
            ("1,5", None),
            ("NaN", None),
            ("1e99999999999", None),
        ] {
            let expected = ore.map(|ore| Amount::from_ore(ore).unwrap());
            assert_eq!(Amount::nearest_ore(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_an_exact_decimal_is_refused() {
        for text in ["", ".", "-", "1e3", "1,5", "NaN", " 1", "1.2.3"] {
            assert_eq!(text.parse::<Amount>(), Err(AmountError::NotADecimal), "{text}");
        }
        for text in ["0.00001", "99999999999999999999"] {
            assert_eq!(text.parse::<Amount>(), Err(AmountError::OutOfRange), "{text}");
        }
    }
}
