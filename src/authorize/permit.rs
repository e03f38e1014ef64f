//! The value that proves that a question may be asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ssbtek_domain::{
    Agency, CaseId, DateTime, LegalBasis, OrganisationNumber, Period, Personnummer, Protection, Purpose,
    Role, Utc, stockholm_date,
};

use crate::{Caller, Denial, DocumentVersion, Facts, FactsKey, InformationSet, Wish};

/// Why one agency is left out of an otherwise permitted question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotPermitted {
    /// No legal basis holds today.
    NoLegalBasis,
    /// The board has chosen never to ask this agency.
    NeverAskedByBoard,
    /// The agency has agreed to no information set.
    NotAgreedByAgency,
}

impl NotPermitted {
    /// The name in records.
    pub fn as_str(self) -> &'static str {
        match self {
            NotPermitted::NoLegalBasis => "no_legal_basis",
            NotPermitted::NeverAskedByBoard => "never_asked_by_board",
            NotPermitted::NotAgreedByAgency => "not_agreed_by_agency",
        }
    }
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
    pub(crate) information_sets: BTreeMap<Agency, InformationSet>,
    pub(crate) provisional: bool,
    pub(crate) protected: bool,
    pub(crate) household_protected: bool,
    pub(crate) attested: bool,
    pub(crate) max_questions_an_hour: Option<u32>,
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

    /// Which information of a permitted agency is covered.
    pub fn information_set(&self, agency: Agency) -> Option<InformationSet> {
        self.information_sets.get(&agency).copied()
    }

    /// Whether it rests on a provisional case; the answer and the log say so.
    pub fn is_provisional(&self) -> bool {
        self.provisional
    }

    /// Whether the case says that the person's identity is protected.
    pub fn person_protected(&self) -> bool {
        self.protected
    }

    /// Whether the case says of anybody in the household, of whatever day, that the identity is protected.
    pub fn household_protected(&self) -> bool {
        self.household_protected
    }

    /// Whether the case is not registered and the board itself attests it; the log says so.
    pub fn is_attested(&self) -> bool {
        self.attested
    }

    /// Most questions the account may have asked within the hour, this one counted.
    pub fn max_questions_an_hour(&self) -> Option<u32> {
        self.max_questions_an_hour
    }

    /// The same permit under the deployment's own bound on questions an hour; a board's rule can only be tighter.
    #[must_use]
    pub fn at_most_an_hour(mut self, most: u32) -> Self {
        self.max_questions_an_hour = Some(self.max_questions_an_hour.map_or(most, |own| own.min(most)));
        self
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
        self.caller.facts_key(Some(self.case.clone())).about(Some(&self.person))
    }

    /// Whether the answer may still leave, judged on facts read inside the transaction that records its release:
    /// agreement, certificate, agent chain, account, instructions, assignment, case, the person's role, and the board's
    /// rule on protected persons. `protection` is the level the answers led to.
    pub fn recheck(&self, facts: &Facts, protection: Protection, now: DateTime<Utc>) -> Result<(), Denial> {
        let attested = crate::attestation::for_release(self, facts, now);
        let facts = attested.as_ref().unwrap_or(facts);
        let standing = crate::decide::standing(&self.caller, &self.case, facts, now)?;
        let today = stockholm_date(now);
        // The board's attestation says nothing of a role, so none can have changed.
        let role = (!self.attested).then_some(self.role);
        crate::decide::holder(standing.case, role, Some(&self.person), today)?;
        crate::decide::require(!facts.restricted.contains(&self.person), Denial::PersonRestricted)?;
        // Not known not to be protected counts as protected.
        let named = standing.board.may_see_protected(&self.caller.case_worker);
        crate::decide::require(named || protection == Protection::None, Denial::ProtectedNotForAccount)
    }
}
