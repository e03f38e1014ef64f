//! The export that verifies itself: one JSON object a line, written and read as a stream, in bounded memory.
//!
//! `tests/verify/FORMAT.md` describes the format for whoever writes a verifier of their own; one is kept beside it. In
//! short: a `bundle` line; then the leaves of the tree in order, each as an `entry` or under a `covered` hash; after the
//! leaf that completes the tree of a checkpoint that `checkpoint`, and then `consistency` and `receipt` lines that lead to it;
//! an `end` line last.
//!
//! Every line has one spelling (compact JSON, fields in the order written here), and the last one holds the SHA-256 of all
//! before it: a damaged bit is found even where no signature reaches. What an attacker rewrote is found by the tree and the
//! signatures.

mod line;
mod verdict;
mod verifier;
mod writer;

pub use line::{
    Begin, Bytes, CheckpointLine, Consistency, Content, Covered, End, Entry, Line, ReceiptLine, Scope,
};
pub use verdict::{BundleError, Cosigned, Fault, Verdict};
pub use verifier::BundleVerifier;
pub use writer::{BundleWriter, WriteError};

/// The format's version.
pub const VERSION: u32 = 1;

/// Bytes in a line, its newline not counted. A reader may refuse a longer one before reading it whole.
pub const MAX_LINE_BYTES: usize = 4 << 20;

/// Hashes in a `covered` line.
pub const MAX_COVERED: usize = 1024;
