//! The kinds of information that a provision can cover. An agency gives one kind or several, each on a ground of its own.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::{Agency, Kind};

/// One kind of information: what one provision lets one authority give. Which there are, the agencies' profiles say.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Information {
    agency: Agency,
    /// In the agency's list.
    place: usize,
    kind: Kind,
}

/// A name outside the closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be one of the kinds of information: {}",
    Information::all().map(Information::name).collect::<Vec<_>>().join(", ")
)]
pub struct UnknownInformation;

impl Information {
    /// The kind in a place of its agency's list. In a constant, a place that is not there does not compile.
    pub(crate) const fn in_place(agency: Agency, kinds: &[Kind], place: usize) -> Self {
        Self { agency, place, kind: kinds[place] }
    }

    /// Every kind that an agency gives.
    pub fn of(agency: Agency) -> Vec<Self> {
        let kinds = agency.profile().kinds.iter().enumerate();
        kinds.map(|(place, kind)| Self { agency, place, kind: *kind }).collect()
    }

    /// Every kind, by agency.
    pub fn all() -> impl Iterator<Item = Self> {
        Agency::ALL.into_iter().flat_map(Self::of)
    }

    /// The agency whose question asks for it.
    pub fn agency(self) -> Agency {
        self.agency
    }

    /// The part of the agency's answer that it is, as the contract names it; of an agency that gives one kind, none.
    pub fn part(self) -> Option<&'static str> {
        self.kind.part
    }

    /// The name in configuration, records and contracts.
    pub fn name(self) -> &'static str {
        self.kind.name
    }

    /// The section of ordinance 2008:975 that names it.
    pub fn ordinance(self) -> Option<&'static str> {
        self.kind.ordinance
    }

    /// The kind with that name.
    pub fn parse(name: &str) -> Result<Self, UnknownInformation> {
        Self::all().find(|kind| kind.name() == name).ok_or(UnknownInformation)
    }
}

impl fmt::Debug for Information {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Information({})", self.name())
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
