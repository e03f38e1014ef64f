//! The lines of a bundle. Field order is the order on the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::gap::GapLine;
use crate::hash::Hash;
use crate::receipt::Receipt;

/// Any line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Line {
    /// First.
    Bundle(Begin),
    /// A gap in the log's history: some of it was lost. Right after the first line.
    Gap(GapLine),
    /// A leaf with its header.
    Entry(Entry),
    /// Leaves of which only hashes are told.
    Covered(Covered),
    /// A signed checkpoint of the tree of all leaves above it.
    Checkpoint(CheckpointLine),
    /// A consistency proof between the last two checkpoints above it.
    Consistency(Consistency),
    /// A receipt as it was given with an answer.
    Receipt(ReceiptLine),
    /// Last.
    End(End),
}

/// What the bundle is about, and by which keys it asks to be believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    /// [`super::VERSION`].
    pub version: u32,
    /// The log's origin line.
    pub origin: String,
    /// The log's keys, as vkeys. A careful reader compares them with what it has from elsewhere.
    pub log_keys: Vec<String>,
    /// The witnesses' keys, as vkeys.
    pub witness_keys: Vec<String>,
    /// How many witnesses must have cosigned the last checkpoint.
    pub quorum: u32,
    /// The size of the tree: that of the last checkpoint.
    pub size: u64,
    /// Whether every leaf is here as an entry.
    pub scope: Scope,
}

/// How much of the log a bundle shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Every leaf as an entry; `covered` lines are refused.
    All,
    /// Some leaves as entries, the others covered by hashes.
    Part,
}

/// A leaf with its header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Index in the log, from 0.
    pub index: u64,
    /// The header, which holds no personal data.
    pub header: Bytes,
    /// The commitment to salt and payload.
    pub commitment: Hash,
    /// What is known of the payload.
    pub content: Content,
    /// The salt (32 bytes), if the content is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<Bytes>,
    /// The payload, if the content is open. Personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Bytes>,
}

/// What is known of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Salt and payload are here and open the commitment.
    Open,
    /// It exists and is not shown to this reader.
    Sealed,
    /// Salt and payload have been destroyed.
    Erased,
}

/// Full subtrees whose leaves are not shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Covered {
    /// Index of the first leaf covered; a multiple of 2^level.
    pub from: u64,
    /// Each hash covers 2^level leaves; 0: it is a leaf hash.
    pub level: u32,
    /// The hashes in order, 1 to [`super::MAX_COVERED`].
    pub hashes: Vec<Hash>,
}

/// A signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointLine {
    /// The note, with the log's signatures and the witnesses' cosignatures.
    pub note: String,
}

/// A consistency proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consistency {
    /// Size of the last checkpoint but one above this line.
    pub old: u64,
    /// Size of the last checkpoint above this line.
    pub new: u64,
    /// The proof.
    pub proof: Vec<Hash>,
}

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptLine {
    /// See [`Receipt::leaf_hash`].
    pub leaf_hash: Hash,
    /// See [`Receipt::index`].
    pub index: u64,
    /// See [`Receipt::proof`].
    pub proof: Vec<Hash>,
    /// See [`Receipt::checkpoint`].
    pub checkpoint: String,
}

impl From<Receipt> for ReceiptLine {
    fn from(receipt: Receipt) -> Self {
        let Receipt { leaf_hash, index, proof, checkpoint } = receipt;
        Self { leaf_hash, index, proof, checkpoint }
    }
}

/// How many lines of each type came before, and the digest of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// `entry` lines.
    pub entries: u64,
    /// Leaves covered.
    pub covered: u64,
    /// `checkpoint` lines.
    pub checkpoints: u64,
    /// `consistency` lines.
    pub consistency: u64,
    /// `receipt` lines.
    pub receipts: u64,
    /// SHA-256 of all lines above, each with its newline.
    pub digest: Hash,
}

/// Bytes, in standard base64 on the wire. Debug output tells only how many.
#[derive(Clone, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        STANDARD.decode(text.as_bytes()).map(Self).map_err(|_| serde::de::Error::custom("not base64"))
    }
}
