//! The value that proves that a question may be asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ssbtek_domain::{
    Agency, CaseId, DateTime, LegalBasis, OrganisationNumber, Period, Personnummer, Protection, Purpose,
    Role, Utc,
};

use crate::{Caller, Denial, DocumentVersion, Facts, FactsKey, Wish};

/// Why one agency is left out of an otherwise permitted question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotPermitted {
    /// No legal basis holds today.
    NoLegalBasis,
    /// The board has chosen never to ask this agency.
    NeverAskedByBoard,
}

/// Permission to ask named agencies about one person in one case. Minted only by [`crate::decide`]; the fan-out cannot be
/// called without it.
///
/// ```
/// # use ssbtek_authorize::Permit;
/// fn read(permit: &Permit) -> ssbtek_domain::Role {
///     permit.role()
/// }
/// ```
///
/// Its fields cannot be written from outside, not even on a permit one has:
///
/// ```compile_fail,E0616
/// # use ssbtek_authorize::Permit;
/// fn widened(permit: &mut Permit) {
///     permit.role = ssbtek_domain::Role::Child;
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Permit {
    pub(crate) caller: Caller,
    pub(crate) board_name: String,
    pub(crate) unit: String,
    pub(crate) case: CaseId,
    pub(crate) role: Role,
    pub(crate) person: Personnummer,
    pub(crate) period: Period,
    pub(crate) purpose: Purpose,
    pub(crate) agencies: Vec<(Agency, LegalBasis)>,
    pub(crate) not_permitted: Vec<(Agency, NotPermitted)>,
    pub(crate) wishes: BTreeMap<Agency, Wish>,
    pub(crate) versions: Vec<DocumentVersion>,
    pub(crate) decided_at: DateTime<Utc>,
}

impl Permit {
    /// Who asks.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The board in whose log this belongs.
    pub fn board(&self) -> OrganisationNumber {
        self.caller.board
    }

    /// The board's name, as the agencies are told.
    pub fn board_name(&self) -> &str {
        &self.board_name
    }

    /// The case worker's unit.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// The case.
    pub fn case(&self) -> &CaseId {
        &self.case
    }

    /// The person's role in it.
    pub fn role(&self) -> Role {
        self.role
    }

    /// About whom, as the case has it.
    pub fn person(&self) -> &Personnummer {
        &self.person
    }

    /// The period the case needs.
    pub fn period(&self) -> Period {
        self.period
    }

    /// Why.
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// Agencies that may be asked, each with its legal basis today; at least one.
    pub fn agencies(&self) -> &[(Agency, LegalBasis)] {
        &self.agencies
    }

    /// Agencies that were wanted and may not be asked.
    pub fn not_permitted(&self) -> &[(Agency, NotPermitted)] {
        &self.not_permitted
    }

    /// What is wanted of one agency beyond the standard question.
    pub fn wish(&self, agency: Agency) -> Option<&Wish> {
        self.wishes.get(&agency)
    }

    /// Versions of the documents the decision rested on.
    pub fn versions(&self) -> &[DocumentVersion] {
        &self.versions
    }

    /// When it was decided.
    pub fn decided_at(&self) -> DateTime<Utc> {
        self.decided_at
    }

    /// The documents to read again before the answer leaves.
    pub fn facts_key(&self) -> FactsKey {
        FactsKey {
            board: self.caller.board,
            case_worker: self.caller.case_worker.clone(),
            case: Some(self.case.clone()),
        }
    }

    /// Whether the answer may still leave, judged on facts read inside the transaction that records its release: board,
    /// certificate, account, assignment, case, the person's role. `protection` is the level the answers led to.
    pub fn recheck(&self, facts: &Facts, protection: Protection, now: DateTime<Utc>) -> Result<(), Denial> {
        let _ = protection; // Board rules about protected persons come with the agreement registry.
        let standing = crate::decide::standing(&self.caller, &self.case, facts, now)?;
        crate::decide::holder(standing.case, Some(self.role), Some(&self.person)).map(|_| ())
    }
}
