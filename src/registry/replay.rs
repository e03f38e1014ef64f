//! Replaying a decision: the same function, on the very versions of the documents that the log says it rested on.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::de::DeserializeOwned;
use ssbtek_access_log::{Asker, DenialRecord, Filter, Intent, LoggedRecord, Payload, RecordKind};
use ssbtek_authorize::{
    Ask, Caller, Denial, DocumentKind, DocumentVersion, Facts, FactsKey, LegalBases, TokenUse, Versioned,
    decide,
};
use ssbtek_domain::{
    CaseId, DateTime, EntryId, OrganisationNumber, Period, Personnummer, Purpose, Role, Utc, stockholm_date,
};

use crate::{Desk, DeskError};

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
    pub async fn replay(
        &self,
        boards: &[OrganisationNumber],
        entry: EntryId,
        law: &LegalBases,
    ) -> Result<Replayed, DeskError> {
        for board in boards {
            let records = self.log.read(*board, &Filter::Entry(entry), None, 8).await;
            let mut records = records.map_err(|_| DeskError::Unavailable)?.into_iter();
            let first = |r: &LoggedRecord| matches!(r.header.kind, RecordKind::Intent | RecordKind::Denial);
            if let Some(record) = records.find(first) {
                return self.replay_record(*board, &record, law).await;
            }
        }
        Err(DeskError::Unknown("entry"))
    }

    async fn replay_record(
        &self,
        board: OrganisationNumber,
        record: &LoggedRecord,
        law: &LegalBases,
    ) -> Result<Replayed, DeskError> {
        let at = record.header.at.parse().map_err(|_| DeskError::Unavailable)?;
        let question = match &record.payload {
            Some(Payload::Intent(intent)) => of_intent(intent),
            Some(Payload::Denial(denial)) => of_denial(denial, at).ok_or(DeskError::Unknown("entry"))?,
            // Erased, or no question.
            _ => return Err(DeskError::Unknown("entry")),
        };
        let caller = caller(question.asker).ok_or(DeskError::Unavailable)?;
        let facts =
            self.facts_at(&caller.facts_key(Some(question.ask.case.clone())), question.versions).await?;
        let mut replayed = match decide(&caller, &question.ask, &facts, law, at) {
            Err(denial) => Verdict::Denied(denial),
            Ok(permit) => match permit.max_questions_an_hour() {
                Some(most) if self.asked_before(&caller, record, at).await? >= most => {
                    Verdict::Denied(Denial::TooManyQuestions)
                }
                _ => Verdict::Permitted,
            },
        };
        // That a token was spent before, or that the person was restricted, is none of the documents that are told of.
        let own = [Denial::AssertionUsed, Denial::PersonRestricted].map(Verdict::Denied);
        if own.contains(&question.logged) {
            replayed = question.logged;
        }
        Ok(Replayed { board, at, logged: question.logged, replayed, versions: question.versions.to_vec() })
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

    async fn facts_at(&self, key: &FactsKey, versions: &[DocumentVersion]) -> Result<Facts, DeskError> {
        Ok(Facts {
            board: self.at(key, versions, DocumentKind::Board).await?,
            case_worker: self.at(key, versions, DocumentKind::CaseWorker).await?,
            case: self.at(key, versions, DocumentKind::Case).await?,
            provider: self.at(key, versions, DocumentKind::Provider).await?,
            agent: self.at(key, versions, DocumentKind::Agent).await?,
            notification: self.at(key, versions, DocumentKind::AgentNotification).await?,
            restricted: Vec::new(),
        })
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
        // A version that was there and is gone was erased: the decision cannot be replayed any more.
        found.map(Some).ok_or(DeskError::Unknown("entry"))
    }
}

fn of_intent(intent: &Intent) -> Question<'_> {
    let mut agencies: BTreeSet<_> = intent.agencies.iter().copied().collect();
    agencies.extend(intent.sources.iter().map(|line| line.source.agency()));
    // Only a question that names no role can rest on the board's own attestation.
    let role = (!intent.attested).then_some(intent.role);
    let ask = ask(&intent.case, role, Some(intent.person.clone()), intent.period, agencies);
    Question { asker: &intent.asker, versions: &intent.versions, ask, logged: Verdict::Permitted }
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
        certificate,
        agent: asker.agent,
        processors: asker.processors.clone(),
        token: TokenUse { token: [0; 32], expires_at: DateTime::<Utc>::MIN_UTC },
    })
}
