//! The agencies and unemployment funds that can be asked.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// The seven agencies of the composed contract. `FK` carries Pensionsmyndigheten inside; `SO` stands for all
/// unemployment funds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Agency {
    /// Arbetsförmedlingen.
    #[serde(rename = "AF")]
    Af,
    /// Centrala studiestödsnämnden.
    #[serde(rename = "CSN")]
    Csn,
    /// Försäkringskassan, with Pensionsmyndigheten.
    #[serde(rename = "FK")]
    Fk,
    /// Skatteverket.
    #[serde(rename = "SKV")]
    Skv,
    /// Sveriges a-kassor (A-kassornas samorganisation).
    #[serde(rename = "SO")]
    So,
    /// Transportstyrelsen.
    #[serde(rename = "TNS")]
    Tns,
    /// Migrationsverket.
    #[serde(rename = "MIV")]
    Miv,
}

/// An agency code outside the closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of AF, CSN, FK, SKV, SO, TNS, MIV")]
pub struct UnknownAgency;

impl Agency {
    /// All seven, in the order of the composed contract.
    pub const ALL: [Agency; 7] =
        [Agency::Af, Agency::Csn, Agency::Fk, Agency::Skv, Agency::So, Agency::Tns, Agency::Miv];

    /// The code of the composed contract.
    pub fn code(self) -> &'static str {
        match self {
            Agency::Af => "AF",
            Agency::Csn => "CSN",
            Agency::Fk => "FK",
            Agency::Skv => "SKV",
            Agency::So => "SO",
            Agency::Tns => "TNS",
            Agency::Miv => "MIV",
        }
    }

    /// The agency's own name.
    pub fn name(self) -> &'static str {
        match self {
            Agency::Af => "Arbetsförmedlingen",
            Agency::Csn => "Centrala studiestödsnämnden",
            Agency::Fk => "Försäkringskassan",
            Agency::Skv => "Skatteverket",
            Agency::So => "Sveriges a-kassor",
            Agency::Tns => "Transportstyrelsen",
            Agency::Miv => "Migrationsverket",
        }
    }

    /// Whether the agency's answer has a field for protected identity, so that its silence says nothing good. What any agency
    /// says counts all the same.
    pub fn can_flag_protection(self) -> bool {
        match self {
            Agency::Af | Agency::Csn | Agency::Fk => true,
            Agency::Skv | Agency::So | Agency::Tns | Agency::Miv => false,
        }
    }

    /// The agency with that code, upper or lower case.
    pub fn parse(code: &str) -> Result<Self, UnknownAgency> {
        Self::ALL.into_iter().find(|agency| agency.code().eq_ignore_ascii_case(code)).ok_or(UnknownAgency)
    }
}

impl fmt::Display for Agency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Short name of an unemployment fund: lower-case letters, digits and hyphens, at most 32. Which funds there are is
/// configuration: they merge and split.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FundCode(Arc<str>);

impl FundCode {
    /// Checks the form; `None` if it is no fund code.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=32).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        fits.then(|| Self(text.into()))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FundCode {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
            .ok_or_else(|| "a fund code has 1 to 32 lower-case letters, digits and hyphens".to_owned())
    }
}

impl From<FundCode> for String {
    fn from(code: FundCode) -> String {
        code.as_str().to_owned()
    }
}

/// One place that is asked: an agency, or one unemployment fund directly.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// An agency of the composed contract.
    Agency(Agency),
    /// One unemployment fund; its answer becomes part of the SO section.
    Fund(FundCode),
}

impl Source {
    /// The agency whose section the answer belongs to.
    pub fn agency(&self) -> Agency {
        match self {
            Source::Agency(agency) => *agency,
            Source::Fund(_) => Agency::So,
        }
    }

    /// The short name in records and metrics.
    pub fn code(&self) -> &str {
        match self {
            Source::Agency(agency) => agency.code(),
            Source::Fund(fund) => fund.as_str(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Unemployment funds known when this was written: code and name. A deployment's configuration decides.
pub const FUNDS: [(&str, &str); 24] = [
    ("akademikernas", "Akademikernas a-kassa"),
    ("alfa", "Alfakassan"),
    ("byggnads", "Byggnadsarbetarnas a-kassa"),
    ("elektrikernas", "Elektrikernas a-kassa"),
    ("fastighets", "Fastighets a-kassa"),
    ("finans", "Finans- och försäkringsbranschens a-kassa"),
    ("gs", "GS a-kassa"),
    ("handels", "Handelsanställdas a-kassa"),
    ("hotell-restaurang", "Hotell- och restauranganställdas a-kassa"),
    ("if-metall", "IF Metalls a-kassa"),
    ("journalisternas", "Journalisternas a-kassa"),
    ("kommunal", "Kommunals a-kassa"),
    ("ledarnas", "Ledarnas a-kassa"),
    ("livs", "Livsmedelsarbetarnas a-kassa"),
    ("lararnas", "Lärarnas a-kassa"),
    ("pappers", "Pappersindustriarbetarnas a-kassa"),
    ("seko", "Sekos a-kassa"),
    ("smaforetagarnas", "Småföretagarnas a-kassa"),
    ("st", "STs a-kassa"),
    ("saljarnas", "Säljarnas a-kassa"),
    ("scen-film", "Scen & films a-kassa"),
    ("transport", "Transportarbetarnas a-kassa"),
    ("unionen", "Unionens a-kassa"),
    ("vision", "Visions a-kassa"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agency_codes_match_exactly_and_never_by_prefix() {
        assert_eq!(Agency::parse("fk"), Ok(Agency::Fk));
        assert_eq!(Agency::parse("F"), Err(UnknownAgency));
        assert_eq!(Agency::parse("FKX"), Err(UnknownAgency));
    }

    #[test]
    fn every_known_fund_has_a_valid_and_unique_code() {
        let codes: std::collections::BTreeSet<_> =
            FUNDS.iter().map(|(code, _)| FundCode::parse(code).unwrap()).collect();
        assert_eq!(codes.len(), FUNDS.len());
    }
}
