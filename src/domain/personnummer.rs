//! Personal identity numbers: personnummer and samordningsnummer, always 12 digits.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use zeroize::Zeroize;

/// A valid personal identity number (`YYYYMMDDNNNK`): real calendar date, correct check digit, not in the future.
/// A samordningsnummer has 60 added to the day. Source: folkbokföringslagen (1991:481) 18–18 b §§.
///
/// It has no `Display` and its `Debug` is redacted: printing one is always an explicit [`Personnummer::expose`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Personnummer([u8; 12]);

/// Why a text is not a personal identity number. The text itself is never quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PersonnummerError {
    /// Not 12 digits (one hyphen or plus before the last four is accepted).
    #[error("must be 12 digits, YYYYMMDDNNNN")]
    Length,
    /// Something that is no digit.
    #[error("must hold digits only")]
    NotDigits,
    /// The first eight digits are no calendar date (after taking 60 from the day of a samordningsnummer).
    #[error("does not begin with a calendar date")]
    NotADate,
    /// The date lies after today.
    #[error("has a birth date in the future")]
    Future,
    /// The last digit does not agree with the others.
    #[error("has a wrong check digit")]
    CheckDigit,
}

impl Personnummer {
    /// Parses 12 digits, with or without a hyphen before the last four. `today` bounds the birth date.
    pub fn parse(text: &str, today: NaiveDate) -> Result<Self, PersonnummerError> {
        let number = Self::parse_undated(text)?;
        if number.birth_date() > today {
            return Err(PersonnummerError::Future);
        }
        Ok(number)
    }

    /// As [`Personnummer::parse`], for numbers that an agency or our own sealed storage hands us, where there is no
    /// caller to correct a future date.
    pub fn parse_undated(text: &str) -> Result<Self, PersonnummerError> {
        let mut digits = [0u8; 12];
        let bytes = text.as_bytes();
        match bytes.len() {
            12 => digits.copy_from_slice(bytes),
            13 if matches!(bytes[8], b'-' | b'+') => {
                digits[..8].copy_from_slice(&bytes[..8]);
                digits[8..].copy_from_slice(&bytes[9..]);
            }
            _ => return Err(PersonnummerError::Length),
        }
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(PersonnummerError::NotDigits);
        }
        let number = Self(digits);
        number.date().ok_or(PersonnummerError::NotADate)?;
        if !crate::luhn_holds(&digits[2..]) {
            return Err(PersonnummerError::CheckDigit);
        }
        Ok(number)
    }

    /// The 12 digits. Call it only where the number is the message: towards an agency, a sealed record, the answer.
    pub fn expose(&self) -> &str {
        // Only ASCII digits get in, so this cannot fail; an empty text would be the harmless answer.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The century, two digits (Transportstyrelsen and CSN take it apart from the rest).
    pub fn century(&self) -> &str {
        &self.expose()[..2]
    }

    /// The ten digits without the century.
    pub fn ten_digits(&self) -> &str {
        &self.expose()[2..]
    }

    /// Whether this is a samordningsnummer (day of birth raised by 60).
    pub fn is_samordningsnummer(&self) -> bool {
        self.0[6] >= b'6'
    }

    /// Date of birth as the number states it.
    pub fn birth_date(&self) -> NaiveDate {
        // Checked in `parse`; the fallback keeps this free of panics.
        self.date().unwrap_or(NaiveDate::MIN)
    }

    /// Whole years lived on `day`.
    pub fn age_on(&self, day: NaiveDate) -> i32 {
        let birth = self.birth_date();
        let had_birthday = (day.month(), day.day()) >= (birth.month(), birth.day());
        day.year() - birth.year() - i32::from(!had_birthday)
    }

    fn date(&self) -> Option<NaiveDate> {
        let number = |range: std::ops::Range<usize>| {
            self.0[range].iter().fold(0u32, |n, d| n * 10 + u32::from(d - b'0'))
        };
        let day = number(6..8);
        NaiveDate::from_ymd_opt(number(0..4) as i32, number(4..6), if day > 60 { day - 60 } else { day })
    }
}

impl fmt::Debug for Personnummer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Personnummer(redacted)")
    }
}

impl Drop for Personnummer {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Serde for documents that are sealed before they are stored: `#[serde(with = "ssbtek_domain::as_text")]`.
/// It is opt-in per field, so that no type becomes printable as JSON by accident.
pub mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::Personnummer;

    /// Writes the 12 digits.
    pub fn serialize<S: Serializer>(number: &Personnummer, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(number.expose())
    }

    /// Reads 12 digits; the error never quotes them.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Personnummer, D::Error> {
        let text = zeroize::Zeroizing::new(String::deserialize(deserializer)?);
        Personnummer::parse_undated(&text).map_err(|_| D::Error::custom("not a person number"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_wrong_number_is_refused_with_the_reason_that_fits() {
        let today = day("2026-11-22");
        let parse = |text| Personnummer::parse(text, today);
        assert!(parse("198001019804").is_ok());
        assert!(parse("19800101-9804").is_ok());
        assert_eq!(parse("198001019803"), Err(PersonnummerError::CheckDigit));
        assert_eq!(parse("8001019804"), Err(PersonnummerError::Length));
        assert_eq!(parse("19800101980x"), Err(PersonnummerError::NotDigits));
        assert_eq!(parse("198013019804"), Err(PersonnummerError::NotADate));
        assert_eq!(parse("19800101 9804"), Err(PersonnummerError::Length));
    }

    #[test]
    fn a_birth_date_after_today_is_refused() {
        let number = "202611239800";
        let checked = (0..10)
            .map(|d| format!("{}{d}", &number[..11]))
            .find(|text| Personnummer::parse_undated(text).is_ok())
            .unwrap();
        assert_eq!(Personnummer::parse(&checked, day("2026-11-22")), Err(PersonnummerError::Future));
        assert!(Personnummer::parse(&checked, day("2026-11-23")).is_ok());
    }

    #[test]
    fn debug_never_shows_the_number() {
        let number = Personnummer::parse_undated("198001019804").unwrap();
        assert!(!format!("{number:?}").contains("1980"));
    }

    #[test]
    fn a_samordningsnummer_has_sixty_added_to_the_day() {
        let base = "19800161980";
        let text =
            (0..10).map(|d| format!("{base}{d}")).find(|t| Personnummer::parse_undated(t).is_ok()).unwrap();
        let number = Personnummer::parse_undated(&text).unwrap();
        assert!(number.is_samordningsnummer());
        assert_eq!(number.birth_date(), day("1980-01-01"));
        assert_eq!(number.age_on(day("2026-01-01")), 46);
    }
}
