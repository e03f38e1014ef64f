//! Under which provision each kind of information may be asked for, and from when to when.

mod default;

use serde::{Deserialize, Serialize};
use ssbtek_domain::{Agency, Information, Kinds, LegalBasis, NaiveDate};

/// Most characters of one provision's text. All of one agency's fit in what the composed contract takes (`lagtext`, 1,000).
const MAX_TEXT: usize = 190;

/// What one provision covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covers {
    /// One kind of information.
    Kind(Information),
    /// Every kind that an agency gives.
    Agency(Agency),
}

impl Covers {
    fn covers(self, kind: Information) -> bool {
        match self {
            Covers::Kind(covered) => covered == kind,
            Covers::Agency(agency) => kind.agency() == agency,
        }
    }
}

/// One provision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct LegalBasisRule {
    /// What it covers.
    pub covers: Covers,
    /// The text told to the agency (`lagtext`), 1 to 190 characters.
    pub text: String,
    /// First day it holds.
    pub valid_from: NaiveDate,
    /// Last day it holds; open if left out.
    pub valid_to: Option<NaiveDate>,
}

/// A provision as configuration and documents have it: `information` names one kind, `agency` all of one agency.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agency: Option<Agency>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    information: Option<Information>,
    text: String,
    valid_from: NaiveDate,
    #[serde(default)]
    valid_to: Option<NaiveDate>,
}

/// Why a provision cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LegalBasisError {
    /// It covers nothing, or two things.
    #[error("name either `information` or `agency`")]
    Covers,
    /// The text is missing or too long.
    #[error("text must have 1 to 190 characters")]
    Text,
    /// It ends before it begins.
    #[error("valid_to lies before valid_from")]
    Days,
}

impl TryFrom<Written> for LegalBasisRule {
    type Error = LegalBasisError;

    fn try_from(written: Written) -> Result<Self, LegalBasisError> {
        let Written { agency, information, text, valid_from, valid_to } = written;
        let covers = match (information, agency) {
            (Some(kind), None) => Covers::Kind(kind),
            (None, Some(agency)) => Covers::Agency(agency),
            (Some(_), Some(_)) | (None, None) => return Err(LegalBasisError::Covers),
        };
        Ok(Self { covers, text, valid_from, valid_to })
    }
}

impl From<LegalBasisRule> for Written {
    fn from(rule: LegalBasisRule) -> Self {
        let LegalBasisRule { covers, text, valid_from, valid_to } = rule;
        let (agency, information) = match covers {
            Covers::Kind(kind) => (None, Some(kind)),
            Covers::Agency(agency) => (Some(agency), None),
        };
        Self { agency, information, text, valid_from, valid_to }
    }
}

/// All provisions of a deployment. What none covers today is not asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LegalBases(pub Vec<LegalBasisRule>);

/// On what ground one agency is asked, for which kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// What the agency is told: each provision's text once.
    pub basis: LegalBasis,
    /// Kinds with a provision.
    pub kinds: Kinds,
}

impl LegalBases {
    /// Whether a configuration may say so. What was stored is not held to it: decisions of before rest on that.
    pub fn check(&self) -> Result<(), LegalBasisError> {
        for LegalBasisRule { text, valid_from, valid_to, .. } in &self.0 {
            if text.trim().is_empty() || text.chars().count() > MAX_TEXT {
                return Err(LegalBasisError::Text);
            }
            if valid_to.is_some_and(|to| to < *valid_from) {
                return Err(LegalBasisError::Days);
            }
        }
        Ok(())
    }

    /// The provision for a kind of information on a day; with several, the one that began last, and of two of the same day
    /// the one that names the kind.
    pub fn on(&self, kind: Information, day: NaiveDate) -> Option<&LegalBasisRule> {
        self.0
            .iter()
            .filter(|rule| rule.covers.covers(kind) && rule.valid_from <= day)
            .filter(|rule| rule.valid_to.is_none_or(|to| day <= to))
            .max_by_key(|rule| (rule.valid_from, matches!(rule.covers, Covers::Kind(_))))
    }

    /// The ground for those of these kinds, all of one agency, that have a provision on a day. `None` if none has.
    pub fn ground(&self, kinds: impl IntoIterator<Item = Information>, day: NaiveDate) -> Option<Ground> {
        let mut texts: Vec<&str> = Vec::new();
        let mut covered = Kinds::new();
        for kind in kinds {
            let Some(rule) = self.on(kind, day) else { continue };
            if !texts.contains(&rule.text.as_str()) {
                texts.push(&rule.text);
            }
            covered.insert(kind);
        }
        (!covered.is_empty()).then(|| Ground { basis: LegalBasis(texts.join("; ")), kinds: covered })
    }

    /// The same, with a ground of the deployment's own, from a day on, for every kind that has none on that day.
    #[must_use]
    pub fn and_for_the_rest(mut self, text: &str, valid_from: NaiveDate) -> Self {
        let rest = self.without_ground(valid_from).into_iter().map(|kind| LegalBasisRule {
            covers: Covers::Kind(kind),
            text: text.to_owned(),
            valid_from,
            valid_to: None,
        });
        let rest: Vec<_> = rest.collect();
        self.0.extend(rest);
        self
    }

    /// Kinds without a provision on a day.
    pub fn without_ground(&self, day: NaiveDate) -> Vec<Information> {
        Information::all().filter(|kind| self.on(*kind, day).is_none()).collect()
    }
}

#[cfg(test)]
mod tests;
