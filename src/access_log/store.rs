//! The storage port.

use async_trait::async_trait;
use ssbtek_authorize::{DocumentRef, Versioned};
use ssbtek_domain::{EntryId, OrganisationNumber};
use ssbtek_transparency::Hash;
use ssbtek_vault::KeyId;
use zeroize::Zeroizing;

use crate::{Append, AppendError, Appended, BoardTerms, LogKeys, Sought, TreeStore};

/// An entry that was opened and not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenEntry {
    /// The board.
    pub board: OrganisationNumber,
    /// The entry.
    pub entry: EntryId,
}

/// A leaf as stored.
#[derive(Debug, Clone)]
pub struct StoredLeaf {
    /// Index in the board's tree.
    pub index: u64,
    /// Canonical header.
    pub header: Vec<u8>,
    /// Commitment.
    pub commitment: Hash,
    /// Sealed salt and payload; `None` once erased.
    pub sealed: Option<Vec<u8>>,
    /// The key it is sealed under.
    pub key: KeyId,
}

/// Which leaves to read.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Only leaves before this index; `None` for the newest. Pages run from new to old.
    pub before: Option<u64>,
    /// Only leaves that this leads to.
    pub sought: Option<Sought>,
    /// Only leaves of this entry.
    pub entry: Option<EntryId>,
    /// At most so many.
    pub limit: u32,
}

/// Some versions of a board's cases and of what is sealed as they are.
#[derive(Default)]
pub struct CaseVersions {
    /// Each: whether it is its document's newest, and its content, JSON.
    pub versions: Vec<(bool, Zeroizing<Vec<u8>>)>,
    /// Go on after this one; `None` at the end.
    pub next: Option<CaseAt>,
}

/// Where a stored version of a case stands: its key, its blind name, its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseAt {
    /// The key it is sealed under.
    pub key: String,
    /// Its blind name.
    pub doc: [u8; 32],
    /// Its number.
    pub version: i64,
}

/// Why the store did not do what it was asked. Told once, where the store hands it out; never says what was read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It can take no more just now, or has no space.
    #[error("the store is busy")]
    Busy,
    /// What is stored is not what was written, or not there.
    #[error("what is stored is damaged")]
    Damaged,
    /// A key cannot be had.
    #[error("a key cannot be had")]
    Vault,
    /// The lease under which it was asked for is another's by now: nothing was done, and nothing is wrong.
    #[error("somebody else does this by now")]
    LeaseLost,
    /// It has failed, or is gone.
    #[error("the store has failed")]
    Io,
}

/// Durable storage for trees and documents.
#[async_trait]
pub trait LogStore: TreeStore + LogKeys + Send + Sync {
    /// Appends durably: when this returns `Ok`, the record survives a power cut.
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.append_all(vec![append]).await?.pop().ok_or(AppendError::Unavailable)
    }

    /// Appends all of these in one board's tree, in this order and next to each other, durably in one transaction, or none of them: each
    /// is judged as things were before the first, but that questions of one account count one after another. At most 20, and only the
    /// first may change documents or terms, spend a token or end an entry; what is more is refused.
    async fn append_all(&self, appends: Vec<Append>) -> Result<Vec<Appended>, AppendError>;

    /// Entries that were opened and not ended, oldest first.
    async fn open_entries(&self) -> Result<Vec<OpenEntry>, StoreError>;

    /// Leaves of a board's tree, newest first.
    async fn page(&self, board: OrganisationNumber, page: Page) -> Result<Vec<StoredLeaf>, StoreError>;

    /// The leaves of each of these entries, newest first; a few hundred entries at most.
    async fn entries(
        &self,
        board: OrganisationNumber,
        entries: Vec<EntryId>,
    ) -> Result<Vec<StoredLeaf>, StoreError>;

    /// The newest version of a document.
    async fn document(
        &self,
        reference: &DocumentRef,
    ) -> Result<Option<Versioned<Zeroizing<Vec<u8>>>>, StoreError>;

    /// A board's terms of retention, with the version to change them from; version 0 if they have never been changed.
    async fn terms(&self, board: OrganisationNumber) -> Result<Versioned<BoardTerms>, StoreError>;

    /// The number of a document's newest version, also of one that has expired and is not erased yet; 0 if there is none.
    async fn newest_version(&self, reference: &DocumentRef) -> Result<u64, StoreError>;

    /// Stored versions of a board's cases and restrictions that have not expired, in a fixed order: at most `limit` of those
    /// after `after`. The look through everything that a person's extract needs; nothing on the path of a question.
    async fn case_versions(
        &self,
        board: OrganisationNumber,
        after: Option<CaseAt>,
        limit: u32,
    ) -> Result<CaseVersions, StoreError>;

    /// One version of a document; `None` if there is none, or it was erased.
    async fn document_version(
        &self,
        reference: &DocumentRef,
        version: u64,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError>;
}
