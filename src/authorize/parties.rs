//! Lists of what there is: documents are stored under blind names, so nothing else can list them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use ssbtek_domain::{CaseWorkerId, NaiveDate, OrganisationNumber};

/// A party that has signed, as the published list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its name.
    pub name: String,
    /// Where its agreement stands, a fixed word.
    pub state: String,
    /// Since when.
    pub since: NaiveDate,
    /// The agreement's last day, once notice has been given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<NaiveDate>,
}

impl Party {
    /// The party as it stands on a day: until its last day as its steps have left it, afterwards ended.
    #[must_use]
    pub fn on(&self, today: NaiveDate) -> Self {
        match self.ends_on {
            Some(last) if last < today => {
                let since = last.succ_opt().unwrap_or(last);
                Self { state: ENDED.to_owned(), since, ..self.clone() }
            }
            _ => self.clone(),
        }
    }
}

const ENDED: &str = "ended";

/// Everybody who has signed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Parties {
    /// Boards.
    pub boards: BTreeMap<OrganisationNumber, Party>,
    /// Agents.
    pub agents: BTreeMap<OrganisationNumber, Party>,
}

/// All accounts of one board.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Accounts {
    /// Their ids.
    pub ids: BTreeSet<CaseWorkerId>,
    /// Which of them a sign-in leads to, by the sign-in as the account has it. The account itself decides.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sign_ins: BTreeMap<String, CaseWorkerId>,
}
