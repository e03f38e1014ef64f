//! Personal identity numbers: personnummer and samordningsnummer, always 12 digits.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use zeroize::Zeroize;

/// A valid personal identity number (`YYYYMMDDNNNK`): real calendar date, birth number 001 to 999, correct check digit, not
/// in the future. A samordningsnummer has 60 added to the day; where month or day of birth are not known it has month `00`,
/// day `60` (60 + 00), or both. Source: folkbokföringslagen (1991:481) 18 §, lagen (2022:1697) om samordningsnummer,
/// Skatteverket on numbers for persons whose date of birth is not known.
///
/// It has no `Display` and its `Debug` is redacted: printing one is always an explicit [`Personnummer::expose`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Personnummer([u8; 12]);

/// Why a text is not a personal identity number. The text itself is never quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PersonnummerError {
    /// Not 12 digits.
    #[error("must be 12 digits, YYYYMMDDNNNN")]
    Length,
    /// Something that is no digit.
    #[error("must hold digits only")]
    NotDigits,
    /// The first eight digits are no date that a number can begin with.
    #[error("does not begin with a calendar date")]
    NotADate,
    /// The birth number, digits nine to eleven, is 000, which nobody has.
    #[error("has the birth number 000")]
    BirthNumber,
    /// The date lies after today.
    #[error("has a birth date in the future")]
    Future,
    /// The last digit does not agree with the others.
    #[error("has a wrong check digit")]
    CheckDigit,
}

impl Personnummer {
    /// The first year that a number can begin with: nobody born before it has ever had one.
    pub const FIRST_YEAR: u32 = 1800;

    /// Parses 12 digits, the one form in which callers write a number. `today` bounds the birth date; one that is not known in full
    /// lies in the future if its first possible day does.
    pub fn parse(text: &str, today: NaiveDate) -> Result<Self, PersonnummerError> {
        let number = Self::parse_twelve(text)?;
        if number.first_possible_day().is_none_or(|first| first > today) {
            return Err(PersonnummerError::Future);
        }
        Ok(number)
    }

    /// As [`Personnummer::parse`], for a number that is wrong and to be corrected: also one of a future date.
    pub fn parse_twelve(text: &str) -> Result<Self, PersonnummerError> {
        if text.len() == 12 { Self::parse_undated(text) } else { Err(PersonnummerError::Length) }
    }

    /// As [`Personnummer::parse`], for numbers that an agency or our own sealed storage hands us, where there is no
    /// caller to correct a future date; also with a hyphen or plus before the last four.
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
        number.first_possible_day().ok_or(PersonnummerError::NotADate)?;
        if digits[8..11] == *b"000" {
            return Err(PersonnummerError::BirthNumber);
        }
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

    /// Whether a text is this number: twelve or ten digits, with or without a separator.
    pub fn is_written(&self, text: &str) -> bool {
        let digits: String = text.chars().filter(|c| !matches!(c, '-' | '+') && !c.is_whitespace()).collect();
        digits == self.expose() || digits == self.ten_digits()
    }

    /// The ten digits without the century.
    pub fn ten_digits(&self) -> &str {
        &self.expose()[2..]
    }

    /// Whether this is a samordningsnummer (day of birth raised by 60).
    pub fn is_samordningsnummer(&self) -> bool {
        self.0[6] >= b'6'
    }

    /// Date of birth as the number states it; `None` where it is a samordningsnummer that does not know month or day.
    pub fn birth_date(&self) -> Option<NaiveDate> {
        let (year, month, day) = self.stated();
        NaiveDate::from_ymd_opt(year, month, day)
    }

    /// Whole years lived on `day`; `None` where the date of birth is not known in full.
    pub fn age_on(&self, day: NaiveDate) -> Option<i32> {
        let birth = self.birth_date()?;
        let had_birthday = (day.month(), day.day()) >= (birth.month(), birth.day());
        Some(day.year() - birth.year() - i32::from(!had_birthday))
    }

    /// Year, month and day of birth, the 60 of a samordningsnummer taken from the day; 0 is "not known".
    fn stated(&self) -> (i32, u32, u32) {
        let number = |range: std::ops::Range<usize>| {
            self.0[range].iter().fold(0u32, |n, d| n * 10 + u32::from(d - b'0'))
        };
        let (year, month, day) = (number(0..4), number(4..6), number(6..8));
        (year.cast_signed(), month, if self.is_samordningsnummer() { day - 60 } else { day })
    }

    /// The first day on which somebody with this number can have been born; `None` if there is none. Only a samordningsnummer
    /// may leave month or day open: an open month is the first that has the day, an open day the month's first.
    fn first_possible_day(&self) -> Option<NaiveDate> {
        let (year, month, day) = self.stated();
        if year < Self::FIRST_YEAR.cast_signed() {
            return None;
        }
        let may_be_open = self.is_samordningsnummer();
        let or_first = |stated: u32| if stated == 0 && may_be_open { 1 } else { stated };
        NaiveDate::from_ymd_opt(year, or_first(month), or_first(day))
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
        assert!(Personnummer::parse_undated("19800101-9804").is_ok(), "as agencies may write it");
        for written in ["19800101-9804", "19800101+9804", "800101-9804", " 198001019804", "198001019804\n"] {
            assert_eq!(parse(written), Err(PersonnummerError::Length), "{written}");
            assert_eq!(Personnummer::parse_twelve(written), Err(PersonnummerError::Length), "{written}");
        }
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
        assert_eq!(number.birth_date(), Some(day("1980-01-01")));
        assert_eq!(number.age_on(day("2026-01-01")), Some(46));
    }

    /// The number that begins with these eleven digits.
    fn completed(eleven: &str) -> Result<Personnummer, PersonnummerError> {
        let all = (0..10).map(|digit| Personnummer::parse_undated(&format!("{eleven}{digit}")));
        let mut last = Err(PersonnummerError::Length);
        for parsed in all {
            match parsed {
                // Of ten check digits one is right: what else is wrong is told beside it.
                Err(PersonnummerError::CheckDigit) => {}
                other => last = other,
            }
            if last.is_ok() {
                break;
            }
        }
        last
    }

    #[test]
    fn a_samordningsnummer_may_leave_month_and_day_open_and_then_says_neither_date_nor_age() {
        for open in ["19800160980", "19800060980", "19800071980", "20240060001"] {
            let number = completed(open).unwrap();
            assert!(number.is_samordningsnummer(), "{open}");
            assert_eq!((number.birth_date(), number.age_on(day("2026-01-01"))), (None, None), "{open}");
            assert!(Personnummer::parse(number.expose(), day("2026-11-22")).is_ok(), "{open}");
        }
        // A personnummer leaves nothing open.
        for wrong in
            ["19800001980", "19800100980", "19800000980", "19800092980", "19801361980", "19800259980"]
        {
            assert_eq!(completed(wrong), Err(PersonnummerError::NotADate), "{wrong}");
        }
    }

    #[test]
    fn an_open_date_lies_in_the_future_only_if_its_first_possible_day_does() {
        let on =
            |eleven: &str, today: &str| Personnummer::parse(completed(eleven).unwrap().expose(), day(today));
        assert!(on("20261160980", "2026-11-01").is_ok());
        assert_eq!(on("20261260980", "2026-11-30"), Err(PersonnummerError::Future));
        assert!(on("20260060980", "2026-01-01").is_ok());
        assert_eq!(on("20270060980", "2026-12-31"), Err(PersonnummerError::Future));
    }

    #[test]
    fn nobody_has_the_birth_number_000_and_nobody_was_born_before_there_were_registers() {
        for digits in ["19800101000", "19800161000", "19800060000"] {
            assert_eq!(completed(digits), Err(PersonnummerError::BirthNumber), "{digits}");
        }
        assert_eq!(completed("17991231980"), Err(PersonnummerError::NotADate));
        assert!(completed("18000101980").is_ok() && completed("18991231980").is_ok());
        assert_eq!(completed("00000101980"), Err(PersonnummerError::NotADate));
    }

    /// The rules again, as plainly as they can be said: what is a number, and whose date is known.
    fn by_the_rules(year: i32, month: u32, day: u32, birth_number: u32) -> (bool, Option<NaiveDate>) {
        let calendar = |day| NaiveDate::from_ymd_opt(year, month, day);
        let date = if day > 60 { calendar(day - 60) } else { calendar(day) };
        let longest = [31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let open = match (month, day) {
            (0..=12, 60) => true,
            (0, 61..) => day - 60 <= longest[0],
            _ => false,
        };
        (birth_number > 0 && year >= 1800 && (date.is_some() || open), date)
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, cases: 4_000, ..Default::default() })]
        #[test]
        fn every_number_is_judged_as_skatteverket_makes_them(
            year in 1790..2100i32, month in 0..=13u32, day in 0..=99u32, birth_number in 0..=20u32, wrong in 1..=9u8,
        ) {
            let eleven = format!("{year:04}{month:02}{day:02}{birth_number:03}");
            let (is_one, date) = by_the_rules(year, month, day, birth_number);
            let parsed = completed(&eleven);
            proptest::prop_assert_eq!(parsed.is_ok(), is_one, "{}", eleven);
            if let Ok(number) = parsed {
                proptest::prop_assert_eq!(number.birth_date(), date);
                proptest::prop_assert_eq!(number.age_on(self::day("2026-11-22")).is_some(), date.is_some());
                proptest::prop_assert_eq!(number.is_samordningsnummer(), day >= 60);
                let mut digits = number.expose().as_bytes().to_vec();
                digits[11] = b'0' + (digits[11] - b'0' + wrong) % 10;
                let other = String::from_utf8(digits).unwrap();
                let refused = Personnummer::parse_undated(&other);
                proptest::prop_assert_eq!(refused, Err(PersonnummerError::CheckDigit));
            }
        }
    }
}
