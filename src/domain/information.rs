//! The kinds of information that a provision can cover. An agency gives one kind or several, each on a ground of its own.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::{Agency, sections::skv::Part};

/// One kind of information: what one provision lets one authority give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Information {
    /// What Arbetsförmedlingen gives.
    Af,
    /// What CSN gives.
    Csn,
    /// Försäkringskassan's groups of LEFI.
    Fk,
    /// Pensionsmyndigheten's groups of LEFI, asked for and answered together with Försäkringskassan's.
    Pm,
    /// One of Skatteverket's five parts. The one document of contract v10 goes by [`Part::TaxData`].
    Skv(Part),
    /// What the unemployment funds give.
    So,
    /// What Transportstyrelsen gives.
    Tns,
    /// What Migrationsverket gives.
    Miv,
}

/// A name outside the closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be one of the kinds of information: {}",
    Information::all().map(Information::name).collect::<Vec<_>>().join(", ")
)]
pub struct UnknownInformation;

impl Information {
    /// Every kind that an agency gives.
    pub fn of(agency: Agency) -> Vec<Self> {
        match agency {
            Agency::Af => vec![Self::Af],
            Agency::Csn => vec![Self::Csn],
            Agency::Fk => vec![Self::Fk, Self::Pm],
            Agency::Skv => Part::ALL.map(Self::Skv).into(),
            Agency::So => vec![Self::So],
            Agency::Tns => vec![Self::Tns],
            Agency::Miv => vec![Self::Miv],
        }
    }

    /// Every kind, by agency.
    pub fn all() -> impl Iterator<Item = Self> {
        Agency::ALL.into_iter().flat_map(Self::of)
    }

    /// The agency whose question asks for it.
    pub fn agency(self) -> Agency {
        match self {
            Self::Af => Agency::Af,
            Self::Csn => Agency::Csn,
            Self::Fk | Self::Pm => Agency::Fk,
            Self::Skv(_) => Agency::Skv,
            Self::So => Agency::So,
            Self::Tns => Agency::Tns,
            Self::Miv => Agency::Miv,
        }
    }

    /// The part of the agency's answer that it is, as the contract names it; of an agency that gives one kind, none.
    pub fn part(self) -> Option<&'static str> {
        match self {
            Self::Fk => Some("FK"),
            Self::Pm => Some("PM"),
            Self::Skv(part) => Some(part.name()),
            Self::Af | Self::Csn | Self::So | Self::Tns | Self::Miv => None,
        }
    }

    /// The name in configuration, records and contracts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Af => "AF",
            Self::Csn => "CSN",
            Self::Fk => "FK",
            Self::Pm => "PM",
            Self::Skv(Part::CompanyInformation) => "SKV.foretagsinformation",
            Self::Skv(Part::IndividualStatements) => "SKV.individuppgifter",
            Self::Skv(Part::TaxAccount) => "SKV.skattekonto",
            Self::Skv(Part::TaxData) => "SKV.skatteuppgifter",
            Self::Skv(Part::TaxAppendices) => "SKV.beskattningsbilagor",
            Self::So => "SO",
            Self::Tns => "TNS",
            Self::Miv => "MIV",
        }
    }

    /// The kind with that name.
    pub fn parse(name: &str) -> Result<Self, UnknownInformation> {
        Self::all().find(|kind| kind.name() == name).ok_or(UnknownInformation)
    }
}

impl fmt::Display for Information {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Information {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Information {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// A set of kinds.
pub type Kinds = BTreeSet<Information>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name_and_belongs_to_the_agency_that_lists_it() {
        for agency in Agency::ALL {
            for kind in Information::of(agency) {
                assert_eq!(Information::parse(kind.name()), Ok(kind));
                assert_eq!(kind.agency(), agency);
                assert!(UnknownInformation.to_string().contains(kind.name()), "the refusal names {kind}");
            }
        }
        assert!(Information::parse("SKV").is_err());
    }
}
