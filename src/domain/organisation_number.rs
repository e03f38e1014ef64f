//! Organisation numbers in the 12-digit form of the SSBTEK contract (`16` + ten digits).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A valid organisation number, 12 digits. Legal persons carry the prefix `16`; the third digit of the ten is at least
/// 2, and the last is a check digit. Source: SSBTEK v10 `Organisationsnummer`, lagen (1974:174).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrganisationNumber([u8; 12]);

/// Why a text is not an organisation number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OrganisationNumberError {
    /// Not 10 or 12 digits.
    #[error("must be 12 digits, 16 followed by the ten digits of the organisation number")]
    Form,
    /// The last digit does not agree with the others.
    #[error("has a wrong check digit")]
    CheckDigit,
}

impl OrganisationNumber {
    /// Parses 12 digits, or 10 (with or without a hyphen) to which `16` is put in front.
    pub fn parse(text: &str) -> Result<Self, OrganisationNumberError> {
        let digits: String = match text.len() {
            11 if text.as_bytes()[6] == b'-' => text.replacen('-', "", 1),
            _ => text.to_owned(),
        };
        let full = if digits.len() == 10 { format!("16{digits}") } else { digits };
        let bytes: [u8; 12] = full.as_bytes().try_into().map_err(|_| OrganisationNumberError::Form)?;
        if !bytes.iter().all(u8::is_ascii_digit) || bytes[4] < b'2' {
            return Err(OrganisationNumberError::Form);
        }
        if !crate::luhn_holds(&bytes[2..]) {
            return Err(OrganisationNumberError::CheckDigit);
        }
        Ok(Self(bytes))
    }

    /// The 12 digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// `NNNNNN-NNNN`, as CSN writes it.
    pub fn hyphenated(&self) -> String {
        format!("{}-{}", &self.as_str()[2..8], &self.as_str()[8..])
    }
}

impl fmt::Display for OrganisationNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for OrganisationNumber {
    type Error = OrganisationNumberError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<OrganisationNumber> for String {
    fn from(number: OrganisationNumber) -> Self {
        number.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_and_twelve_digits_name_the_same_organisation() {
        let short = OrganisationNumber::parse("212000-0142").unwrap();
        assert_eq!(short, OrganisationNumber::parse("162120000142").unwrap());
        assert_eq!(short.hyphenated(), "212000-0142");
    }

    #[test]
    fn a_wrong_check_digit_is_refused() {
        assert_eq!(OrganisationNumber::parse("162120000143"), Err(OrganisationNumberError::CheckDigit));
        assert_eq!(OrganisationNumber::parse("16212000014"), Err(OrganisationNumberError::Form));
    }
}
