//! What a store must be able to do so that its content can be erased.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use ssbtek_access_log::{BoardTerms, Lease, PurgeScope, StoreError};
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};
use ssbtek_vault::KeyId;

/// What the store itself knows of a board's retention. No personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionRow {
    /// The board.
    pub board: OrganisationNumber,
    /// Its terms.
    pub terms: BoardTerms,
    /// Their version; every change makes a later one.
    pub version: u64,
    /// Whether its purge has begun: it takes no more records.
    pub closing: bool,
}

/// What one purge erases; everything in it may be kept for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EraseTarget {
    /// The board.
    pub board: OrganisationNumber,
    /// Only leaves before this index: what was written later is not meant.
    pub leaves_below: u64,
    /// Keys: leaves and documents sealed under them.
    pub keys: Vec<KeyId>,
    /// Blind names of further documents, hexadecimal.
    #[serde(default)]
    pub documents: Vec<String>,
}

/// How compacting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compaction {
    /// Free pages are given back, the write-ahead log is empty.
    Done,
    /// A reader was in the way: the write-ahead log still holds old pages.
    Busy,
}

/// What would be erased, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Log records.
    pub leaves: u64,
    /// Document versions.
    pub documents: u64,
}

/// Whether a purge may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseOutcome {
    /// It may; of a whole board, its log takes no more records.
    Closed,
    /// The board's terms are not those that the purge was planned by: somebody has changed them since.
    TermsChanged,
    /// So many questions are under way; nothing was changed.
    QuestionsUnderWay(u64),
}

/// Erasing, behind the one writer, in bounded transactions.
#[async_trait]
pub trait RetentionStore: Send + Sync {
    /// Gives a purge the space that is kept for it, in case the disk is full.
    async fn make_room(&self) -> Result<(), StoreError>;

    /// The purge has ended, however it ended: the space is kept again.
    async fn return_room(&self) -> Result<(), StoreError>;

    /// What is known of a board's retention; `None` if what is stored of it is not what was written.
    async fn row(&self, board: OrganisationNumber) -> Result<Option<RetentionRow>, StoreError>;

    /// Keys of a board's cases that were closed at or before `before`, and when they were.
    async fn expired_cases(
        &self,
        board: OrganisationNumber,
        before: DateTime<Utc>,
    ) -> Result<Vec<(KeyId, DateTime<Utc>)>, StoreError>;

    /// Months (`2026-11`) of a board's log that still hold payloads.
    async fn log_months(&self, board: OrganisationNumber) -> Result<Vec<String>, StoreError>;

    /// Every key of a board's that something stored rests on, whether its file is there or not; but for the one that signs.
    async fn keys_rested_on(&self, board: OrganisationNumber) -> Result<Vec<KeyId>, StoreError>;

    /// Counts what a target still holds.
    async fn count(&self, target: &EraseTarget) -> Result<Counts, StoreError>;

    /// The same, but for documents that a later key of the same name opens.
    async fn count_erasable(&self, target: &EraseTarget) -> Result<Counts, StoreError>;

    /// The blind names, hexadecimal, of the documents that say whose a board's certificates are.
    async fn certificate_names(&self, board: OrganisationNumber) -> Result<Vec<String>, StoreError>;

    /// Before anything is erased: whether a purge that was planned by the terms in `version` may begin. For a whole board, lets
    /// its log take no more records but the receipt, unless questions are under way. Under this lease alone.
    async fn settle(
        &self,
        board: OrganisationNumber,
        scope: PurgeScope,
        version: u64,
        under: &Lease,
    ) -> Result<CloseOutcome, StoreError>;

    /// Erases at most `limit` leaves or documents of the target; 0 when nothing is left. Durable when it returns. Under this lease
    /// alone.
    async fn erase_batch(&self, target: &EraseTarget, limit: u32, under: &Lease) -> Result<u64, StoreError>;

    /// Gives free pages back and empties the write-ahead log; never waits for a reader.
    async fn compact(&self) -> Result<Compaction, StoreError>;
}
