//! Under which provision each agency may answer, and from when to when.

use serde::{Deserialize, Serialize};
use ssbtek_domain::{Agency, LegalBasis, NaiveDate};

/// One provision for one agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalBasisRule {
    /// The agency.
    pub agency: Agency,
    /// The text told to the agency (`lagtext`).
    pub text: String,
    /// First day it holds.
    pub valid_from: NaiveDate,
    /// Last day it holds; open if left out.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
}

/// All provisions of a deployment. An agency without one valid today is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LegalBases(pub Vec<LegalBasisRule>);

impl LegalBases {
    /// The provision for an agency on a day; with several, the one that began last.
    pub fn on(&self, agency: Agency, day: NaiveDate) -> Option<LegalBasis> {
        self.0
            .iter()
            .filter(|rule| rule.agency == agency && rule.valid_from <= day)
            .filter(|rule| rule.valid_to.is_none_or(|to| day <= to))
            .max_by_key(|rule| rule.valid_from)
            .map(|rule| LegalBasis(rule.text.clone()))
    }
}

impl Default for LegalBases {
    /// SFS 2008:975 names AF, CSN, FK, PM, SKV and the funds. Transportstyrelsen and Migrationsverket rest on other law.
    /// A deployment's configuration replaces these.
    fn default() -> Self {
        let rule = |agency: Agency| LegalBasisRule {
            agency,
            text: match agency {
                Agency::Tns => "Socialtjänstlagen; lagen (2019:370) om fordons registrering",
                Agency::Miv => "Socialtjänstlagen; utlänningsdatalagen (2016:27)",
                _ => "Socialtjänstlagen; förordningen (2008:975)",
            }
            .to_owned(),
            valid_from: NaiveDate::from_ymd_opt(2008, 12, 15).unwrap_or(NaiveDate::MAX),
            valid_to: None,
        };
        Self(Agency::ALL.map(rule).into())
    }
}
