//! What the provider publishes: instructions, terms, sub-processors, and what each agency has agreed to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ssbtek_domain::{Agency, DateTime, NaiveDate, OrganisationNumber, Utc, stockholm_date};

use crate::{Board, Contact, DocumentHash};

/// A published version of instructions or terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Its version, never used before.
    pub version: String,
    /// The text's SHA-256.
    pub document: DocumentHash,
    /// First day it holds.
    pub valid_from: NaiveDate,
    /// When it was published.
    pub published_at: DateTime<Utc>,
}

/// A processor that works for the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubProcessor {
    /// Organisation number.
    pub organisation: OrganisationNumber,
    /// Name.
    pub name: String,
    /// What it does.
    pub task: String,
    /// Where, ISO 3166 alpha-2; within the EEA.
    pub country: String,
    /// First day it works; `None`: it works already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
}

/// Which information of an agency a permit covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InformationSet {
    /// Everything the agency's service gives.
    #[default]
    Full,
    /// Nothing: the agency has not agreed, or has withdrawn.
    Nothing,
}

impl InformationSet {
    /// The name in records.
    pub fn as_str(self) -> &'static str {
        match self {
            InformationSet::Full => "full",
            InformationSet::Nothing => "nothing",
        }
    }
}

/// What an agency has agreed to, and who answers for it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AgencyTerms {
    /// Who answers for it.
    pub contact: Option<Contact>,
    /// What may be asked of it.
    pub information_set: InformationSet,
    /// Its own processors.
    pub sub_processors: Vec<SubProcessor>,
}

/// The provider's own document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Provider {
    /// Instructions that every case worker confirms, oldest first.
    pub instructions: Vec<Published>,
    /// General terms, oldest first.
    pub terms: Vec<Published>,
    /// Its sub-processors.
    pub sub_processors: Vec<SubProcessor>,
    /// Agencies that have registered anything.
    pub agencies: BTreeMap<Agency, AgencyTerms>,
}

impl Provider {
    /// The instructions in force at `now`: of those begun, the one that began last; of several, the one published last.
    pub fn instructions_at(&self, now: DateTime<Utc>) -> Option<&Published> {
        let today = stockholm_date(now);
        self.instructions
            .iter()
            .filter(|published| published.valid_from <= today)
            .max_by_key(|p| p.valid_from)
    }

    /// The general terms in force at `now`.
    pub fn terms_at(&self, now: DateTime<Utc>) -> Option<&Published> {
        let today = stockholm_date(now);
        self.terms.iter().filter(|published| published.valid_from <= today).max_by_key(|p| p.valid_from)
    }

    /// Whether a version of the instructions may be confirmed at `now`: the one in force, or one that is to come.
    pub fn may_confirm(&self, version: &str, now: DateTime<Utc>) -> bool {
        let in_force = self.instructions_at(now).is_some_and(|found| found.version == version);
        let to_come = |found: &Published| found.version == version && found.valid_from > stockholm_date(now);
        in_force || self.instructions.iter().any(to_come)
    }

    /// A sub-processor that works on `today` and that a board has not approved, if there is one.
    pub fn unapproved_by(&self, board: &Board, today: NaiveDate) -> Option<&SubProcessor> {
        self.sub_processors
            .iter()
            .filter(|sub| sub.from.is_none_or(|from| from <= today))
            .find(|sub| !board.approved_sub_processors.contains(&sub.organisation))
    }

    /// What a permit covers at an agency.
    pub fn information_set(&self, agency: Agency) -> InformationSet {
        self.agencies.get(&agency).map(|terms| terms.information_set).unwrap_or_default()
    }
}

/// Countries of the EEA: nothing leaves them (SSBTEK § 3.6).
pub const EEA: [&str; 30] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT",
    "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];
