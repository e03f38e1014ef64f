//! Rows as an engine keeps them. Numbers, names and bytes; what they mean is not known here.

use ssbtek_access_log::{StoredLeaf, Term};
use ssbtek_transparency::Hash;
use ssbtek_vault::KeyId;

use crate::fault::{Done, Fault};

/// The engine's name of a tree; never changes.
pub type TreeId = i64;

/// One row of the look-up index: tree, month, term, index of the leaf.
pub type IndexRow = (TreeId, i64, Term, u64);

/// A board's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeRow {
    /// Its name.
    pub id: TreeId,
    /// The board's organisation number, as it is stored.
    pub board: String,
    /// How many leaves.
    pub size: u64,
    /// Hashes of its full subtrees, 32 bytes each, largest first.
    pub frontier: Vec<u8>,
    /// The newest signed checkpoint; empty without leaves.
    pub checkpoint: String,
    /// How far the rows beside the trees had come when it grew last; `None` before it did.
    pub beside: Option<Vec<u8>>,
}

/// Where the times of a log run backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepRow {
    /// Whose.
    pub tree: TreeId,
    /// The first leaf after the step.
    pub leaf: u64,
    /// The latest time before it, in milliseconds since 1970.
    pub latest: i64,
    /// Whether another clock has said since that the earlier times are right.
    pub confirmed: bool,
}

/// A leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafRow {
    /// Its place.
    pub index: u64,
    /// RFC 6962 hash.
    pub hash: Hash,
    /// Canonical header.
    pub header: Vec<u8>,
    /// Commitment.
    pub commitment: Hash,
    /// The name of the key it is sealed under.
    pub key: String,
    /// Sealed content; `None` once erased.
    pub sealed: Option<Vec<u8>>,
}

impl LeafRow {
    /// As those above see it.
    pub(crate) fn stored(self) -> Done<StoredLeaf> {
        let key = KeyId::parse(&self.key).ok_or(Fault::Damaged("a record's key has no name"))?;
        let Self { index, header, commitment, sealed, .. } = self;
        Ok(StoredLeaf { index, header, commitment, sealed, key })
    }
}

/// A version of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    /// Its blind name.
    pub doc: [u8; 32],
    /// Its number, from 1.
    pub version: u64,
    /// The name of the key it is sealed under.
    pub key: String,
    /// Sealed content.
    pub sealed: Vec<u8>,
    /// When it was closed, in seconds since 1970.
    pub closed_at: Option<i64>,
}

/// Tokens that one group spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpentRow {
    /// Its number.
    pub id: i64,
    /// When the last of them expires, in seconds since 1970.
    pub expires_at: i64,
    /// 32 bytes each.
    pub tokens: Vec<u8>,
    /// Over all else.
    pub mac: Vec<u8>,
}

/// A checkpoint that is kept because witnesses cosigned it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRow {
    /// The tree's size.
    pub size: u64,
    /// The signed note.
    pub note: String,
    /// Over tree and all else.
    pub mac: Option<[u8; 16]>,
}

/// A board's terms of retention.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TermsRow {
    /// The board's organisation number.
    pub board: String,
    /// Months that the log is kept.
    pub log_months: Option<u32>,
    /// The agreement's last day, `2026-11-22`.
    pub ended_on: Option<String>,
    /// Seconds since 1970.
    pub due_at: Option<i64>,
    /// A legal hold, JSON.
    pub held: Option<String>,
    /// Seconds since 1970.
    pub handed_over_at: Option<i64>,
    /// 1 while its purge is under way.
    pub closing: i64,
    /// Index of the record that last changed them.
    pub leaf: Option<u64>,
    /// Over all else.
    pub mac: Option<[u8; 16]>,
}

/// A key that signs or signed checkpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKeyRow {
    /// The board's organisation number.
    pub board: String,
    /// The public half.
    pub vkey: String,
    /// Seconds since 1970.
    pub since: Option<i64>,
    /// The smallest tree signed.
    pub first_size: u64,
    /// Seconds since 1970.
    pub until: Option<i64>,
    /// The largest tree signed.
    pub last_size: Option<u64>,
    /// Over all else.
    pub mac: [u8; 16],
}

/// A lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseRow {
    /// What it is for.
    pub name: String,
    /// Who had it last.
    pub holder: [u8; 16],
    /// One more with each who took it anew.
    pub fence: u64,
    /// When it ends or ended, in milliseconds since 1970.
    pub until_ms: i64,
}

/// A digest of something outside, or a value that only grows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedRow {
    /// Its name.
    pub name: String,
    /// Its value.
    pub digest: [u8; 32],
    /// Over all else.
    pub mac: [u8; 16],
}
