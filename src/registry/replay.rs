//! Replaying a decision: the same function, on the very versions of the documents that the log says it rested on.

use std::{collections::BTreeSet, sync::Arc};

use chrono::TimeDelta;
use serde::de::DeserializeOwned;
use ssbtek_access_log::{Asker, DenialRecord, Filter, Intent, LoggedRecord, Payload, RecordKind, Withheld};
use ssbtek_authorize::{
    Ask, AskError, Caller, Denial, DocumentKind, DocumentVersion, Facts, FactsKey, LegalBases, Permit,
    Remembered, TokenUse, Versioned, asked_about, decide, household_today,
};
use ssbtek_domain::{
    CaseId, DateTime, EntryId, OrganisationNumber, Period, Personnummer, Purpose, Role, Utc, stockholm_date,
};

use crate::{Desk, DeskError};

/// Refusals that rest on what is no document: a spent token, a certificate's validity and issuer's lists, the key of an
/// assertion.
const OWN_FACTS: [Denial; 4] =
    [Denial::AssertionUsed, Denial::CertificateNotValid, Denial::AssertionKeyRetired, Denial::SessionEnded];

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Permitted.
    Permitted,
    /// Refused.
    Denied(Denial),
}

impl Verdict {
    /// The name in records and commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Permitted => "permitted",
            Verdict::Denied(denial) => denial.as_str(),
        }
    }
}

/// A decision beside its replay. No content: neither person nor case.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// In whose log it stands.
    pub board: OrganisationNumber,
    /// When it was decided.
    pub at: DateTime<Utc>,
    /// What the log says.
    pub logged: Verdict,
    /// What the replay says.
    pub replayed: Verdict,
    /// The versions it rested on.
    pub versions: Vec<DocumentVersion>,
    /// Of an answer that was held back: the re-check beside its replay.
    pub recheck: Option<Rechecked>,
}

impl Replayed {
    /// Whether log and replay agree in everything.
    pub fn agrees(&self) -> bool {
        let rechecked = self.recheck.as_ref().is_none_or(|recheck| recheck.logged == recheck.replayed);
        self.logged == self.replayed && rechecked
    }
}

/// A re-check that held an answer back, beside its replay.
#[derive(Debug, Clone)]
pub struct Rechecked {
    /// When it was judged.
    pub at: DateTime<Utc>,
    /// What the log says.
    pub logged: Verdict,
    /// What the replay says.
    pub replayed: Verdict,
    /// The versions it rested on.
    pub versions: Vec<DocumentVersion>,
}

/// What a record says of a question.
struct Question<'a> {
    asker: &'a Asker,
    versions: &'a [DocumentVersion],
    ask: Ask,
    logged: Verdict,
}

impl Desk {
    /// Replays the decision of an entry in one of these boards' logs.
    pub async fn replay(&self, boards: &[OrganisationNumber], entry: EntryId) -> Result<Replayed, DeskError> {
        for board in boards {
            let records = self.log.read(*board, &Filter::Entry(entry), None, 8).await;
            let records = records.map_err(|_| DeskError::Unavailable)?;
            let first = |r: &&LoggedRecord| matches!(r.header.kind, RecordKind::Intent | RecordKind::Denial);
            if let Some(record) = records.iter().find(first) {
                return self.replay_records(*board, record, &records).await;
            }
        }
        Err(DeskError::Unknown("entry_id"))
    }

    async fn replay_records(
        &self,
        board: OrganisationNumber,
        record: &LoggedRecord,
        of_entry: &[LoggedRecord],
    ) -> Result<Replayed, DeskError> {
        let at = moment(record)?;
        let question = match &record.payload {
            Some(Payload::Intent(intent)) => of_intent(intent),
            Some(Payload::Denial(denial)) => of_denial(denial, at).ok_or_else(gone)?,
            _ => return Err(gone()),
        };
        let caller = caller(question.asker).ok_or(DeskError::Unavailable)?;
        let key = caller.facts_key(Some(question.ask.case.clone())).about(question.ask.person.as_ref());
        let facts = self.facts_at(&key, &question.ask, question.versions, at).await?;
        let (mut replayed, mut recheck) = (Verdict::Permitted, None);
        match decide_again(&caller, &question.ask, &facts, at) {
            Err(denial) => replayed = Verdict::Denied(denial),
            Ok(permit) => {
                if let Some(most) = permit.max_questions_an_hour()
                    && self.asked_before(&caller, record, at).await? >= most
                {
                    replayed = Verdict::Denied(Denial::TooManyQuestions);
                } else if question.logged == Verdict::Denied(Denial::TooManyQuestions) {
                    // The deployment's own bound is configuration, and none of the documents.
                    replayed = question.logged;
                }
                // Whether others of the household must lately have been found not to be protected is configuration too: with it, or
                // without.
                let strictest = facts.checked_within(u16::MAX);
                let strictest =
                    decide_again(&caller, &question.ask, &strictest, at).unwrap_or(permit.clone());
                for record in of_entry {
                    if let Some(Payload::Withheld(withheld)) = &record.payload {
                        let at = moment(record)?;
                        let mut replayed = self.replay_recheck(&permit, withheld, at).await?;
                        if replayed.logged != replayed.replayed {
                            replayed = self.replay_recheck(&strictest, withheld, at).await?;
                        }
                        recheck = Some(replayed);
                    }
                }
            }
        }
        if is_no_document(question.logged, question.versions) {
            replayed = question.logged;
        }
        let versions = question.versions.to_vec();
        Ok(Replayed { board, at, logged: question.logged, replayed, versions, recheck })
    }

    /// Judges again whether an answer might leave.
    async fn replay_recheck(
        &self,
        permit: &Permit,
        withheld: &Withheld,
        at: DateTime<Utc>,
    ) -> Result<Rechecked, DeskError> {
        let facts = self.facts_at(&permit.facts_key(), permit.asked(), &withheld.versions, at).await?;
        let protection = withheld.protection.ok_or_else(gone)?;
        let logged = Verdict::Denied(withheld.denial);
        // What was held back for a mark that the answers did not bring themselves; of others the mark is not why.
        let replayed = match permit.recheck(&facts, (protection, false), at) {
            _ if is_no_document(logged, &withheld.versions) => logged,
            Ok(()) => Verdict::Permitted,
            Err(denial) => Verdict::Denied(denial),
        };
        Ok(Rechecked { at, logged, replayed, versions: withheld.versions.clone() })
    }

    /// Questions of the account within the hour before a record, as the log has them.
    async fn asked_before(
        &self,
        caller: &Caller,
        record: &LoggedRecord,
        at: DateTime<Utc>,
    ) -> Result<u32, DeskError> {
        let filter = Filter::CaseWorker(caller.case_worker.clone());
        let (mut before, mut count) = (record.index, 0);
        loop {
            let page = self.log.read(caller.board, &filter, Some(before), 100).await;
            let page = page.map_err(|_| DeskError::Unavailable)?;
            for earlier in &page {
                let since = at - TimeDelta::hours(1);
                if !earlier.header.at.parse::<DateTime<Utc>>().is_ok_and(|at| at > since) {
                    return Ok(count);
                }
                count += u32::from(earlier.header.kind == RecordKind::Intent);
                before = earlier.index;
            }
            if page.len() < 100 {
                return Ok(count);
            }
        }
    }

    async fn facts_at(
        &self,
        key: &FactsKey,
        ask: &Ask,
        versions: &[DocumentVersion],
        at: DateTime<Utc>,
    ) -> Result<Facts, DeskError> {
        let facts = Facts {
            board: self.at(key, versions, DocumentKind::Board).await?,
            case_worker: self.at(key, versions, DocumentKind::CaseWorker).await?,
            case: self.at(key, versions, DocumentKind::Case).await?,
            provider: self.at(key, versions, DocumentKind::Provider).await?,
            agent: self.at(key, versions, DocumentKind::Agent).await?,
            notification: self.at(key, versions, DocumentKind::AgentNotification).await?,
            restrictions: Vec::new(),
            remembered: Vec::new(),
            // What shapes the answer shapes no verdict on the question.
            household_check_days: 0,
            certificate: None,
            law: self
                .at::<LegalBases>(key, versions, DocumentKind::LegalBases)
                .await?
                .map(|law| Versioned { version: law.version, body: Arc::new(law.body) }),
        };
        let Some(person) = asked_about(ask, &facts, at).cloned() else { return Ok(facts) };
        let key = key.clone().about(Some(&person));
        let restriction = self.at(&key, versions, DocumentKind::Restriction).await?;
        let restrictions = restriction.into_iter().map(|found| (person.clone(), found)).collect();
        let remembered = self.remembered_at(&key, &facts, &person, versions).await?;
        Ok(Facts { restrictions, remembered, ..facts })
    }

    /// What was remembered of the person asked about and of each member of the household.
    async fn remembered_at(
        &self,
        key: &FactsKey,
        facts: &Facts,
        person: &Personnummer,
        versions: &[DocumentVersion],
    ) -> Result<Vec<Remembered>, DeskError> {
        let members = facts.case.as_ref().map(|case| case.body.members.as_slice()).unwrap_or_default();
        let whose = |member: Option<u16>| match member {
            Some(index) => members.get(usize::from(index)).map(|member| &member.person),
            None => Some(person),
        };
        let mut all: Vec<Remembered> = Vec::new();
        let kinds = [DocumentKind::SaidOfPerson, DocumentKind::ProtectedInCases];
        for version in versions.iter().filter(|version| kinds.contains(&version.kind)) {
            let Some(whose) = whose(version.member) else { continue };
            let (key, version) = (key.clone().about(Some(whose)), std::slice::from_ref(version));
            let found = Remembered {
                person: whose.clone(),
                said: self.at(&key, version, DocumentKind::SaidOfPerson).await?,
                in_cases: self.at(&key, version, DocumentKind::ProtectedInCases).await?,
            };
            match all.iter_mut().find(|known| known.person == *whose) {
                None => all.push(found),
                Some(known) => {
                    known.said = known.said.take().or(found.said);
                    known.in_cases = known.in_cases.take().or(found.in_cases);
                }
            }
        }
        Ok(all)
    }

    async fn at<T: DeserializeOwned>(
        &self,
        key: &FactsKey,
        versions: &[DocumentVersion],
        kind: DocumentKind,
    ) -> Result<Option<Versioned<T>>, DeskError> {
        let version = versions.iter().find(|version| version.kind == kind);
        let (Some(version), Some(reference)) = (version, key.reference(kind)) else { return Ok(None) };
        let found = self.log.document_version(&reference, version.version).await?;
        // A version that was there and is gone was erased.
        found.map(Some).ok_or_else(gone)
    }
}

/// Whether a verdict rests on what cannot be read again. Before restrictions were told of, they could not.
fn is_no_document(verdict: Verdict, versions: &[DocumentVersion]) -> bool {
    match verdict {
        Verdict::Denied(Denial::PersonRestricted) => {
            !versions.iter().any(|version| version.kind == DocumentKind::Restriction)
        }
        // Something became known of somebody whom the answers name; whom, the log does not say.
        Verdict::Denied(Denial::FactsChanged) => versions.is_empty(),
        Verdict::Denied(denial) => OWN_FACTS.contains(&denial),
        Verdict::Permitted => false,
    }
}

/// The entry is there, but what its decision rested on is not, or it was no question.
fn gone() -> DeskError {
    AskError::new("entry_id", "cannot be decided again: it holds no question, or what it rested on is erased")
        .into()
}

fn moment(record: &LoggedRecord) -> Result<DateTime<Utc>, DeskError> {
    record.header.at.parse().map_err(|_| DeskError::Unavailable)
}

fn of_intent(intent: &Intent) -> Question<'_> {
    let mut agencies: BTreeSet<_> = intent.agencies.iter().copied().collect();
    agencies.extend(intent.sources.iter().map(|line| line.source.agency()));
    // As it was put. Only a question that names no role can rest on the board's own attestation.
    let role = (!intent.attested && !intent.number_alone).then_some(intent.role);
    let person = (!intent.role_alone).then(|| intent.person.clone());
    let ask = ask(&intent.case, role, person, intent.period, agencies);
    Question { asker: &intent.asker, versions: &intent.versions, ask, logged: Verdict::Permitted }
}

/// A refusal that names nobody is of a question about a whole household: what refuses the first refuses all.
fn decide_again(caller: &Caller, ask: &Ask, facts: &Facts, at: DateTime<Utc>) -> Result<Permit, Denial> {
    if (ask.role, &ask.person) != (None, &None) {
        return decide(caller, ask, facts, at);
    }
    let everybody = household_today(caller, ask, facts, at)?;
    let first = everybody.into_iter().next().ok_or(Denial::RoleNotInCase);
    first.and_then(|(whom, person)| decide(caller, &ask.about(whom, person), facts, at))
}

fn of_denial(denial: &DenialRecord, at: DateTime<Utc>) -> Option<Question<'_>> {
    let day = stockholm_date(at);
    let person = denial.person.as_ref().map(|named| named.0.clone());
    let agencies = denial.agencies.iter().copied().collect();
    let ask = ask(denial.case.as_ref()?, denial.role, person, Period::new(day, day).ok()?, agencies);
    let logged = Verdict::Denied(denial.denial);
    Some(Question { asker: &denial.asker, versions: &denial.versions, ask, logged })
}

fn ask(
    case: &CaseId,
    role: Option<Role>,
    person: Option<Personnummer>,
    period: Period,
    agencies: BTreeSet<ssbtek_domain::Agency>,
) -> Ask {
    #[expect(clippy::expect_used, reason = "a constant that fits")]
    let purpose = Purpose::parse("ekonomiskt bistånd").expect("fits");
    Ask { case: case.clone(), role, person, period, agencies, purpose, wishes: Default::default() }
}

fn caller(asker: &Asker) -> Option<Caller> {
    let mut certificate = [0; 32];
    for (byte, pair) in certificate.iter_mut().zip(asker.certificate.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Caller {
        board: asker.board,
        case_worker: asker.case_worker.clone(),
        kind: asker.kind.clone(),
        certificate,
        agent: asker.agent,
        processors: asker.processors.clone(),
        token: TokenUse { token: [0; 32], expires_at: DateTime::<Utc>::MIN_UTC },
        signed_with: None,
        signed_in: asker.signed_in,
    })
}
