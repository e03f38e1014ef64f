//! The storage port's other half: a board's tree as a tree, for proofs, exports and witnesses.

use std::ops::Range;

use async_trait::async_trait;
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};
use ssbtek_transparency::{Hash, NoteVerifier};

use crate::{StoreError, StoredLeaf};

/// A board's tree as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeState {
    /// Number of leaves.
    pub size: u64,
    /// The signed checkpoint over them (C2SP signed note).
    pub checkpoint: String,
}

/// Reads trees, and keeps the checkpoints that somebody outside has seen.
#[async_trait]
pub trait TreeStore: Send + Sync {
    /// Boards that have a tree.
    async fn boards(&self) -> Result<Vec<OrganisationNumber>, StoreError>;

    /// The newest state of a tree; `None` if it has no leaf.
    async fn tree(&self, board: OrganisationNumber) -> Result<Option<TreeState>, StoreError>;

    /// Leaves `from..until` in order; fewer where the tree ends.
    async fn leaves(
        &self,
        board: OrganisationNumber,
        from: u64,
        until: u64,
    ) -> Result<Vec<StoredLeaf>, StoreError>;

    /// Between which leaves every record stands that was made at `from` or later and before `until`; others may stand there too.
    /// Bounded work, however large the tree.
    async fn span(
        &self,
        board: OrganisationNumber,
        from: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
    ) -> Result<Range<u64>, StoreError>;

    /// The latest time that a record of any log was made at, to some minutes; also if the clock was set back since, unless another
    /// clock has confirmed that.
    async fn latest_time(&self) -> Result<Option<DateTime<Utc>>, StoreError>;

    /// Another clock has said that this machine's is right: that it was later once means nothing any more.
    async fn confirm_times(&self) -> Result<(), StoreError>;

    /// For each leaf its hash and its inclusion proof (RFC 6962 §2.1.1) in the tree of the first `size` leaves. A few hundred
    /// at most: nodes read for one are held for the others.
    async fn inclusion(
        &self,
        board: OrganisationNumber,
        leaves: Vec<u64>,
        size: u64,
    ) -> Result<Vec<(Hash, Vec<Hash>)>, StoreError>;

    /// Consistency proof (RFC 6962 §2.1.2) between two sizes.
    async fn consistency(
        &self,
        board: OrganisationNumber,
        old: u64,
        new: u64,
    ) -> Result<Vec<Hash>, StoreError>;

    /// Roots of full subtrees, each as (level, index), in the tree of the first `size` leaves.
    async fn subtrees(
        &self,
        board: OrganisationNumber,
        size: u64,
        wanted: Vec<(u32, u64)>,
    ) -> Result<Vec<Hash>, StoreError>;

    /// The log's signature over the tree of its first `size` leaves, newly made by the keys that sign now. Ed25519 signs the
    /// same text the same way, so unless keys have changed this is the checkpoint that was given at that size, if one was.
    async fn checkpoint_at(&self, board: OrganisationNumber, size: u64) -> Result<String, StoreError>;

    /// The newest `most` checkpoints that are kept because witnesses cosigned them: size and note, by size.
    async fn kept_checkpoints(
        &self,
        board: OrganisationNumber,
        most: usize,
    ) -> Result<Vec<(u64, String)>, StoreError>;

    /// Keeps a checkpoint with its cosignatures, durably, in place of one of the same size.
    async fn keep_checkpoint(
        &self,
        board: OrganisationNumber,
        size: u64,
        note: String,
    ) -> Result<(), StoreError>;

    /// The public keys that sign this board's checkpoints; more than one while they rotate.
    fn log_keys(&self, board: OrganisationNumber) -> Vec<NoteVerifier>;

    /// The origin line of this board's checkpoints.
    fn origin(&self, board: OrganisationNumber) -> String;
}
