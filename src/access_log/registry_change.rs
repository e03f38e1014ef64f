//! Changes to the registry: the new document and its log record in one transaction.

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use serde::{Serialize, de::DeserializeOwned};
use ssbtek_authorize::{AccountKind, Case, DocumentRef, TokenUse, Versioned};
use ssbtek_domain::{CaseId, DateTime, EntryId, OrganisationNumber, Personnummer, PersonnummerError, Utc};
use zeroize::Zeroizing;

use crate::{
    AccessLog, AppendError, BoardTerms, CaseVersions, DocumentWrite, LogError, Payload, Recheck,
    RegistryChange, fault::OrTell, payload::Named, reading::BOTH,
};

/// Versions of cases read in one go.
const CASES_PER_READ: u32 = 500;

/// How a change ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// The document's version now.
    pub version: u64,
}

/// A change, and what it rests on. What was read with a version is compared with what is there in the transaction.
pub struct Change<'a> {
    /// In whose log it is recorded.
    pub board: OrganisationNumber,
    /// Who makes it.
    pub by: &'a str,
    /// What kind of account that is, where it is one.
    pub by_kind: AccountKind,
    /// What it is called in the record.
    pub action: &'a str,
    /// When it was done, where it is told later than that.
    pub done_at: Option<DateTime<Utc>>,
    /// The assertion it spends.
    pub once: Option<TokenUse>,
    /// Documents changed; the record names the first.
    pub documents: Vec<DocumentWrite>,
    /// Documents that are written with it, whether it is done or only proposed, and that are no matter of its record.
    pub beside: Vec<DocumentWrite>,
    /// New terms of retention, with the version that they were read in.
    pub retention: Option<Versioned<BoardTerms>>,
    /// Documents it rests on and leaves as they are, with the versions that they were read in.
    pub rests_on: Vec<(DocumentRef, u64)>,
    /// What must still hold of who makes it.
    pub recheck: Option<Recheck>,
    /// What an operator set, by name, as the record tells it.
    pub to: BTreeMap<String, String>,
    /// The two operators who make it, where it takes two.
    pub by_two: Option<ByTwo>,
    /// Whether a purge waits for it.
    pub for_a_purge: bool,
}

/// What two operators do together: one proposes it, and another confirms it by the same call. What was proposed is spent in the
/// transaction of what is done: there is no moment at which the one is done and the other not.
#[derive(Clone)]
pub struct ByTwo {
    /// Both, as records name them; of what is only proposed, the second is not known yet.
    pub by: [String; 2],
    /// The proposals that wait: with this one where it is proposed, without it where it is confirmed.
    pub proposals: DocumentWrite,
    /// What it was proposed for: documents in their versions, which must still be those.
    pub rests_on: Vec<(DocumentRef, u64)>,
    /// The version of the board's terms of retention that it was proposed for, where it changes them.
    pub terms: Option<u64>,
    /// It is only proposed: nothing is changed, and its record tells what would be.
    pub proposes: Option<Proposes>,
}

/// A change that is only proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposes {
    /// What the proposal is called in its record.
    pub action: &'static str,
    /// In whose log it is recorded.
    pub tree: OrganisationNumber,
    /// Until when it waits.
    pub until: DateTime<Utc>,
}

impl ByTwo {
    /// Who stands behind it, in one name.
    pub fn name(&self) -> String {
        let [first, _] = &self.by;
        if self.proposes.is_some() { first.clone() } else { self.by.join(BOTH) }
    }
}

impl<'a> Change<'a> {
    /// A change of nothing yet.
    pub fn new(board: OrganisationNumber, by: &'a str, action: &'a str) -> Self {
        let (documents, rests_on) = (Vec::new(), Vec::new());
        let (once, retention, recheck, to, by_two) = (None, None, None, BTreeMap::new(), None);
        Self {
            board,
            by,
            by_kind: AccountKind::Person,
            action,
            done_at: None,
            once,
            documents,
            beside: Vec::new(),
            retention,
            rests_on,
            recheck,
            to,
            by_two,
            for_a_purge: false,
        }
    }
}

/// Why a change was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// The document exists already, or was changed meanwhile.
    #[error("exists already, or was changed meanwhile")]
    Conflict,
    /// It could be made, and is only proposed: it waits until then for another operator.
    #[error("is only proposed")]
    Proposed(DateTime<Utc>),
    /// It could not be logged, and so was not made.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl AccessLog {
    /// The newest version of a document of the registry.
    pub async fn document<T: DeserializeOwned>(
        &self,
        reference: &DocumentRef,
    ) -> Result<Option<Versioned<T>>, LogError> {
        let Some(found) = self.store.document(reference).await? else { return Ok(None) };
        let body = serde_json::from_slice(&found.body).or_tell(reference.board)?;
        Ok(Some(Versioned { version: found.version, body }))
    }

    /// One version of a document of the registry.
    pub async fn document_version<T: DeserializeOwned>(
        &self,
        reference: &DocumentRef,
        version: u64,
    ) -> Result<Option<Versioned<T>>, LogError> {
        let Some(found) = self.store.document_version(reference, version).await? else { return Ok(None) };
        let body = serde_json::from_slice(&found).or_tell(reference.board)?;
        Ok(Some(Versioned { version, body }))
    }

    /// Every version of a document of the registry, oldest first.
    pub async fn history<T: DeserializeOwned>(
        &self,
        reference: &DocumentRef,
    ) -> Result<Vec<Versioned<T>>, LogError> {
        let newest = self.store.document(reference).await?.map_or(0, |found| found.version);
        let mut versions = Vec::new();
        for version in 1..=newest {
            versions.extend(self.document_version(reference, version).await?);
        }
        Ok(versions)
    }

    /// A board's terms of retention, with the version to change them from.
    pub async fn terms(&self, board: OrganisationNumber) -> Result<Versioned<BoardTerms>, LogError> {
        Ok(self.store.terms(board).await?)
    }

    /// A board's cases that have not expired and in which a person stands or stood, as far as earlier versions are still kept:
    /// each as it was when the person was last in it, and whether that is its newest version. Goes through all cases of the
    /// board in bounded steps.
    pub async fn cases_of(
        &self,
        board: OrganisationNumber,
        person: &Personnummer,
    ) -> Result<Vec<(Case, bool)>, LogError> {
        let (mut found, mut after) = (BTreeMap::<CaseId, (Case, bool)>::new(), None);
        loop {
            let CaseVersions { versions, next } =
                self.store.case_versions(board, after, CASES_PER_READ).await?;
            for (newest, body) in versions {
                // What is kept of a person is no case; it is found by its name.
                let Ok(case) = serde_json::from_slice::<Case>(&body) else { continue };
                if case.members.iter().any(|member| member.person == *person) {
                    found.insert(case.id.clone(), (case, newest));
                }
            }
            match next {
                Some(next) => after = Some(next),
                None => return Ok(found.into_values().collect()),
            }
        }
    }

    /// The number of a document's newest version, also of one that has expired and is not erased yet; 0 if there is none.
    pub async fn newest_version(&self, reference: &DocumentRef) -> Result<u64, LogError> {
        Ok(self.store.newest_version(reference).await?)
    }

    /// Writes new versions of documents with one record in `board`'s log. The first document is the one the record names;
    /// `expected` is the version each must have now (0: must not exist).
    pub async fn change(
        &self,
        board: OrganisationNumber,
        by: &str,
        action: &'static str,
        once: Option<TokenUse>,
        documents: Vec<DocumentWrite>,
    ) -> Result<Changed, ChangeError> {
        self.make(Change { once, documents, ..Change::new(board, by, action) }).await
    }

    /// Makes a change: everything in it with one record in the board's log, in one transaction, or nothing.
    pub async fn make(&self, change: Change<'_>) -> Result<Changed, ChangeError> {
        let change = match change.by_two.as_ref().and_then(|by_two| by_two.proposes) {
            Some(proposes) => return self.propose(change, proposes).await,
            None => change,
        };
        let Change {
            board,
            by,
            by_kind,
            action,
            done_at,
            once,
            beside,
            retention,
            recheck,
            to,
            by_two,
            for_a_purge,
            ..
        } = change;
        let (mut documents, mut rests_on) = (change.documents, change.rests_on);
        // A change of the terms alone is one of the board, and leaves its document as it is.
        let (first, version) = match documents.first() {
            Some(first) => (first.reference.clone(), first.expected + 1),
            None => (DocumentRef::board(board), 0),
        };
        let person = person_of(&first).map_err(|_| LogError::Unavailable)?;
        let change = RegistryChange {
            by: by.to_owned(),
            by_kind,
            action: action.to_owned(),
            done_at: done_at.map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true)),
            to,
            document: first.kind,
            id: if person.is_some() { String::new() } else { first.id },
            person: person.map(Named),
            version,
            retention: retention.is_some(),
        };
        if let Some(by_two) = by_two {
            if by_two.terms.zip(retention.as_ref()).is_some_and(|(were, are)| were != are.version) {
                return Err(ChangeError::Conflict);
            }
            documents.push(by_two.proposals);
            rests_on.extend(by_two.rests_on);
        }
        documents.extend(beside);
        let now = self.clock.now();
        let entry = EntryId::draw(&*self.entropy, now);
        let payload = Payload::RegistryChange(change);
        let mut append = self.record(board, entry, now, &payload).await?;
        append.once = once;
        append.documents = documents;
        append.retention = retention;
        append.rests_on = rests_on;
        append.recheck = recheck;
        append.for_a_purge = for_a_purge;
        match self.store.append(append).await {
            Ok(_) => Ok(Changed { version }),
            Err(AppendError::Conflict) => Err(ChangeError::Conflict),
            Err(error) => Err(LogError::from(error).into()),
        }
    }
}

impl AccessLog {
    /// Records that a change is proposed, with what it would set; changes nothing else.
    async fn propose(&self, change: Change<'_>, proposes: Proposes) -> Result<Changed, ChangeError> {
        let Proposes { action, tree, until } = proposes;
        let name = change.by_two.as_ref().map_or(String::new(), ByTwo::name);
        let documents = change.by_two.map(|by_two| by_two.proposals).into_iter().collect();
        let (to, for_a_purge, beside) = (change.to, change.for_a_purge, change.beside);
        let proposal = Change { documents, to, for_a_purge, beside, ..Change::new(tree, &name, action) };
        Box::pin(self.make(proposal)).await?;
        Err(ChangeError::Proposed(until))
    }
}

/// The person whose number is a document's id: told, and found, as persons are.
fn person_of(reference: &DocumentRef) -> Result<Option<Personnummer>, PersonnummerError> {
    reference.kind.is_of_a_person().then(|| Personnummer::parse_undated(&reference.id)).transpose()
}

impl RegistryChange {
    /// The document changed, in `board`'s log.
    pub fn reference(&self, board: OrganisationNumber) -> DocumentRef {
        let id = match &self.person {
            Some(Named(person)) => person.expose().to_owned(),
            None => self.id.clone(),
        };
        let board = (!self.document.is_the_providers()).then_some(board);
        DocumentRef { kind: self.document, board, id }
    }
}

impl DocumentWrite {
    /// The next version of a document.
    pub fn new<T: Serialize>(reference: DocumentRef, expected: u64, body: &T) -> Result<Self, LogError> {
        let body = Zeroizing::new(serde_json::to_vec(body).or_tell(reference.board)?);
        let (closed_at, with_record, within, anew_in) = (None, false, None, None);
        Ok(Self { reference, expected, body, closed_at, with_record, within, anew_in })
    }

    /// The same, of a document that began anew in that version.
    #[must_use]
    pub fn anew_in(mut self, version: Option<u64>) -> Self {
        self.anew_in = version;
        self
    }

    /// The same, sealed under the key of the record that it is written with, and erased with that.
    #[must_use]
    pub fn with_record(mut self) -> Self {
        self.with_record = true;
        self
    }

    /// The same, sealed under the key of a case that is written with it, and erased with that.
    #[must_use]
    pub fn within(mut self, case: DocumentRef) -> Self {
        self.within = Some(case);
        self
    }

    /// The same, of a case that was closed then.
    #[must_use]
    pub fn closed(mut self, at: DateTime<Utc>) -> Self {
        self.closed_at = Some(at);
        self
    }
}
