//! What is asked: an agency, or an unemployment fund.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{Agency, Format};

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
    /// An agency.
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

    /// What its own service speaks; `None`: it has none.
    pub fn format(&self) -> Option<Format> {
        self.agency().profile().format
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
    fn every_known_fund_has_a_valid_and_unique_code() {
        let codes: std::collections::BTreeSet<_> =
            FUNDS.iter().map(|(code, _)| FundCode::parse(code).unwrap()).collect();
        assert_eq!(codes.len(), FUNDS.len());
    }
}
