//! The mathematics of a log that nobody can alter unseen: Merkle tree (RFC 6962), signed notes, checkpoints,
//! cosignatures and witnesses (C2SP), receipts, and the self-verifying export bundle.
//!
//! Pure: no file, no network, no clock, no randomness. Must never know what an entry means.
//!
//! | module | holds |
//! |---|---|
//! | [`hash`] | a SHA-256 hash; leaf and node hashing |
//! | [`leaf`] | what stands in a leaf: header and salted commitment |
//! | [`tree`] | growing the tree, building proofs from stored nodes, verifying them |
//! | [`note`] | C2SP signed-note: keys, signatures, notes |
//! | [`checkpoint`] | C2SP tlog-checkpoint |
//! | [`trust`] | whose signatures make a checkpoint believed: log keys, witnesses, quorum |
//! | [`receipt`] | the proof that an answer was logged |
//! | [`gap`] | what is declared when a database is lost |
//! | [`witness`] | C2SP tlog-witness: the request, and what a witness admits |
//! | [`bundle`] | the export that verifies itself, one JSON line at a time |

pub mod bundle;
pub mod checkpoint;
pub mod gap;
pub mod hash;
pub mod leaf;
pub mod note;
pub mod receipt;
mod text;
pub mod tree;
pub mod trust;
pub mod witness;

pub use checkpoint::Checkpoint;
pub use hash::Hash;
pub use leaf::{commit, leaf_bytes};
pub use note::{CosignatureSigner, NoteSigner, NoteVerifier, SignedNote};
pub use receipt::{Receipt, verify_receipt};
pub use tree::{
    Batch, Frontier, Subtrees, TileNode, TileStore, Tiles, consistency_proof, frontier_at, inclusion_proof,
    root_at, verify_consistency, verify_inclusion,
};
pub use trust::Trust;
