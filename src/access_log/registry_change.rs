//! Changes to the registry: the new document and its log record in one transaction.

use serde::{Serialize, de::DeserializeOwned};
use ssbtek_authorize::{DocumentKind, DocumentRef, TokenUse, Versioned};
use ssbtek_domain::{DateTime, EntryId, OrganisationNumber, Personnummer, PersonnummerError, Utc};
use zeroize::Zeroizing;

use crate::{
    AccessLog, AppendError, BoardTerms, DocumentWrite, LogError, Payload, RegistryChange, payload::Named,
};

/// How a change ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// The document's version now.
    pub version: u64,
}

/// Why a change was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// The document exists already, or was changed meanwhile.
    #[error("exists already, or was changed meanwhile")]
    Conflict,
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
        let body = serde_json::from_slice(&found.body).map_err(|_| LogError::Unavailable)?;
        Ok(Some(Versioned { version: found.version, body }))
    }

    /// One version of a document of the registry.
    pub async fn document_version<T: DeserializeOwned>(
        &self,
        reference: &DocumentRef,
        version: u64,
    ) -> Result<Option<Versioned<T>>, LogError> {
        let Some(found) = self.store.document_version(reference, version).await? else { return Ok(None) };
        let body = serde_json::from_slice(&found).map_err(|_| LogError::Unavailable)?;
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
        self.change_terms(board, by, action, once, documents, None).await
    }

    /// The same, with new terms of retention in the same transaction.
    pub async fn change_terms(
        &self,
        board: OrganisationNumber,
        by: &str,
        action: &'static str,
        once: Option<TokenUse>,
        documents: Vec<DocumentWrite>,
        retention: Option<BoardTerms>,
    ) -> Result<Changed, ChangeError> {
        // A change of the terms alone is one of the board, and leaves its document as it is.
        let (first, version) = match documents.first() {
            Some(first) => (first.reference.clone(), first.expected + 1),
            None => (DocumentRef::board(board), 0),
        };
        let person = person_of(&first).map_err(|_| LogError::Unavailable)?;
        let change = RegistryChange {
            by: by.to_owned(),
            action: action.to_owned(),
            document: first.kind,
            id: if person.is_some() { String::new() } else { first.id },
            person: person.map(Named),
            version,
            retention: retention.is_some(),
        };
        let entry = EntryId::draw(&*self.entropy);
        let now = self.clock.now();
        let payload = Payload::RegistryChange(change);
        let mut append = self.record(board, entry, now, &payload)?;
        append.once = once;
        append.documents = documents;
        append.retention = retention;
        match self.store.append(append).await {
            Ok(_) => Ok(Changed { version }),
            Err(AppendError::Conflict) => Err(ChangeError::Conflict),
            Err(error) => Err(LogError::from(error).into()),
        }
    }
}

/// The person whose number is a document's id: told, and found, as persons are.
fn person_of(reference: &DocumentRef) -> Result<Option<Personnummer>, PersonnummerError> {
    let is_person = reference.kind == DocumentKind::Restriction;
    is_person.then(|| Personnummer::parse_undated(&reference.id)).transpose()
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
        let body = Zeroizing::new(serde_json::to_vec(body).map_err(|_| LogError::Unavailable)?);
        Ok(Self { reference, expected, body, closed_at: None })
    }

    /// The same, of a case that was closed then.
    #[must_use]
    pub fn closed(mut self, at: DateTime<Utc>) -> Self {
        self.closed_at = Some(at);
        self
    }
}
