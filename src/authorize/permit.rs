//! The value that proves that a question may be asked.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use ssbtek_domain::{
    Agency, CaseId, DateTime, Information, Kinds, LegalBasis, OrganisationNumber, Period, Personnummer,
    Protection, Purpose, Role, Utc,
};

use crate::{
    Ask, Caller, CertificateCheck, Denial, DocumentVersion, Facts, FactsKey, InformationSet, LegalBases,
    Versioned, Wish, decide,
};

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

/// What the answers about the others of a household say, who were asked about together with a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeardBeside {
    /// Of whom every source that can flag was heard, and nobody says that the person is protected.
    pub settled: BTreeSet<Personnummer>,
    /// Whether what tells where one of them lives is held back, for whosever sake: then it is from all.
    pub holds_home: bool,
    /// Whether they flag somebody.
    pub flags_somebody: bool,
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
    pub(crate) ask: Ask,
    pub(crate) role: Role,
    pub(crate) person: Personnummer,
    pub(crate) agencies: Vec<(Agency, LegalBasis)>,
    pub(crate) kinds: Kinds,
    pub(crate) without_ground: Vec<Information>,
    pub(crate) information_sets: BTreeMap<Agency, InformationSet>,
    pub(crate) provisional: bool,
    pub(crate) protection: Protection,
    pub(crate) remembered: bool,
    pub(crate) household_protected: bool,
    pub(crate) household_unchecked: BTreeSet<Personnummer>,
    pub(crate) heard_beside: HeardBeside,
    pub(crate) shares_household: bool,
    pub(crate) household: Vec<Personnummer>,
    pub(crate) attested: bool,
    pub(crate) max_questions_an_hour: Option<u32>,
    pub(crate) names_open: bool,
    pub(crate) not_permitted: Vec<(Agency, NotPermitted)>,
    pub(crate) protected_for_account: bool,
    pub(crate) versions: Vec<DocumentVersion>,
    pub(crate) decided_at: DateTime<Utc>,
    pub(crate) household_check_days: u16,
    pub(crate) law: Option<Versioned<Arc<LegalBases>>>,
    pub(crate) certificate: Option<CertificateCheck>,
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

    /// The question, as it was put.
    pub fn asked(&self) -> &Ask {
        &self.ask
    }

    /// The case.
    pub fn case(&self) -> &CaseId {
        &self.ask.case
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
        self.ask.period
    }

    /// Why.
    pub fn purpose(&self) -> &Purpose {
        &self.ask.purpose
    }

    /// Agencies that may be asked, each with its legal basis today; at least one.
    pub fn agencies(&self) -> &[(Agency, LegalBasis)] {
        &self.agencies
    }

    /// The kinds of information that may be asked for, of all permitted agencies.
    pub fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    /// Kinds that were wanted of a permitted agency and have no legal basis today.
    pub fn without_ground(&self) -> &[Information] {
        &self.without_ground
    }

    /// Which information of a permitted agency is covered.
    pub fn information_set(&self, agency: Agency) -> Option<InformationSet> {
        self.information_sets.get(&agency).copied()
    }

    /// Whether it rests on a provisional case; the answer and the log say so.
    pub fn is_provisional(&self) -> bool {
        self.provisional
    }

    /// The level of protected identity that the case says, or the board remembers, of the person.
    pub fn protection(&self) -> Protection {
        self.protection
    }

    /// Whether the board remembers more of the person than the case says.
    pub fn is_remembered(&self) -> bool {
        self.remembered
    }

    /// Whether the case says, or the board remembers, of anybody in the household, of whatever day, that the identity is protected.
    pub fn household_protected(&self) -> bool {
        self.household_protected
    }

    /// Whether some other adult of the household has not lately been found not to be protected, so that it is not known.
    pub fn household_unchecked(&self) -> bool {
        self.household_unchecked.iter().any(|member| !self.heard_beside.settled.contains(member))
    }

    /// The same permit once the others of the household have been heard, who were asked about together with the person.
    #[must_use]
    pub fn having_heard(self, heard_beside: HeardBeside) -> Self {
        Self { heard_beside, ..self }
    }

    /// Whether the case has anybody else in it.
    pub fn shares_household(&self) -> bool {
        self.shares_household
    }

    /// Everybody else whom the case has in its household today: the board has registered these numbers itself.
    pub fn household(&self) -> &[Personnummer] {
        &self.household
    }

    /// Whether the case is not registered and the board itself attests it; the log says so.
    pub fn is_attested(&self) -> bool {
        self.attested
    }

    /// Whether a rule of the board's own lets it learn what the person is called, protected or not.
    pub fn names_open(&self) -> bool {
        self.names_open
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

    /// Whether the account may be told of persons whose identity is protected, or not known not to be.
    pub fn may_tell_of_protected(&self) -> bool {
        self.protected_for_account
    }

    /// Agencies that were wanted and may not be asked.
    pub fn not_permitted(&self) -> &[(Agency, NotPermitted)] {
        &self.not_permitted
    }

    /// What is wanted of one agency beyond the standard question.
    pub fn wish(&self, agency: Agency) -> Option<&Wish> {
        self.ask.wishes.get(&agency)
    }

    /// Versions of the documents the decision rested on.
    pub fn versions(&self) -> &[DocumentVersion] {
        &self.versions
    }

    /// When it was decided.
    pub fn decided_at(&self) -> DateTime<Utc> {
        self.decided_at
    }

    /// The same permit in the hands of the same account that comes back over the same certificate with another assertion; `None` for
    /// anybody else. `certificate`: whether that of its connection is still good.
    pub fn taken_up_by(&self, caller: &Caller, certificate: CertificateCheck) -> Option<Permit> {
        let Caller { token, signed_with, .. } = caller.clone();
        let same = Caller { token, signed_with, ..self.caller.clone() };
        (same == *caller).then(|| Permit { caller: same, certificate: Some(certificate), ..self.clone() })
    }

    /// The documents to read again, before the first agency is asked and before the answer leaves: those of the decision.
    pub fn facts_key(&self) -> FactsKey {
        self.caller.facts_key(Some(self.ask.case.clone())).about(self.ask.person.as_ref())
    }

    /// Whether the first agency may be asked, judged on facts read inside the transaction that records the question: only
    /// if they still lead to this very permit. If not, the question is to be decided anew.
    pub fn still_stands(&self, facts: &Facts, now: DateTime<Utc>) -> Result<(), Denial> {
        let again = self.decide_again(facts, now);
        let same = again.is_ok_and(|again| again.leads_to_the_same(self, false));
        crate::decide::require(same, Denial::FactsChanged)
    }

    /// Whether the answer may still leave, judged on facts read inside the transaction that records its release: the
    /// question is decided again, as if it were asked now, and the answer leaves only if it is the one that this decision
    /// would lead to. `protection` is the level the answers led to; `flags_somebody`: they say themselves of somebody that the
    /// person is protected, so that the answer holds back for that already, and another question that has learned it meanwhile
    /// changes nothing.
    pub fn recheck(
        &self,
        facts: &Facts,
        (protection, flags_somebody): (Protection, bool),
        now: DateTime<Utc>,
    ) -> Result<(), Denial> {
        let again = self.decide_again(facts, now)?;
        let protected = again.protection.max(protection) != Protection::None;
        // Not known not to be protected counts as protected.
        crate::decide::require(again.protected_for_account || !protected, Denial::ProtectedNotForAccount)?;
        let flags_somebody = flags_somebody || self.heard_beside.flags_somebody;
        let holds_already = flags_somebody && again.protection <= protection;
        crate::decide::require(again.leads_to_the_same(self, holds_already), Denial::FactsChanged)
    }

    fn decide_again(&self, facts: &Facts, now: DateTime<Utc>) -> Result<Permit, Denial> {
        // What no registry holds is as it was, or is asked again by itself.
        let facts = Facts {
            law: self.law.clone(),
            certificate: self.certificate.clone(),
            household_check_days: self.household_check_days,
            ..facts.clone()
        };
        decide(&self.caller, &self.ask, &facts, now)
    }

    /// Whether this permit, decided later, leads to the same answer as `before`: everything that shapes one is equal. Named
    /// field by field, so that a new one cannot be forgotten. `holds_already`: the answer holds back for whoever may have been marked
    /// meanwhile.
    fn leads_to_the_same(&self, before: &Permit, holds_already: bool) -> bool {
        let Permit {
            caller: _,
            ask: _,
            // Told to the agencies, and to the log.
            board_name: _,
            unit: _,
            role,
            person,
            agencies,
            kinds,
            without_ground,
            information_sets,
            provisional,
            protection,
            remembered: _,
            household_protected,
            household_unchecked,
            // Of what was asked about together, and is told together.
            heard_beside: _,
            // Whether there is anything to remember for later questions.
            shares_household: _,
            household,
            attested,
            max_questions_an_hour,
            names_open,
            not_permitted,
            // Judged by itself: it decides with the level that the answers led to.
            protected_for_account: _,
            versions: _,
            decided_at: _,
            household_check_days: _,
            law: _,
            certificate: _,
        } = self;
        // The question itself has been counted, by the rule as it was.
        let as_many = match (max_questions_an_hour, before.max_questions_an_hour) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(now), Some(then)) => *now >= then,
        };
        let protects_the_same = match holds_already {
            true => *protection >= before.protection && *household_protected >= before.household_protected,
            false => (*protection, *household_protected) == (before.protection, before.household_protected),
        };
        as_many
            && (*role, person) == (before.role, &before.person)
            && (agencies, not_permitted) == (&before.agencies, &before.not_permitted)
            && (kinds, without_ground) == (&before.kinds, &before.without_ground)
            && *information_sets == before.information_sets
            && (*provisional, *attested, *names_open)
                == (before.provisional, before.attested, before.names_open)
            && protects_the_same
            // Found not to be protected meanwhile: the answer holds back more than it would now, which is no reason to ask again.
            && (before.heard_beside.holds_home
                || before.household_unchecked()
                || household_unchecked.is_subset(&before.household_unchecked))
            // Whose things the answer tells as the household's own must be in it still.
            && before.household.iter().all(|member| household.contains(member))
    }
}
