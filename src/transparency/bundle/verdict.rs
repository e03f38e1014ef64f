//! What a verifier says in the end.

use crate::gap::{Gap, GapFault};
use crate::hash::Hash;
use crate::tree::ProofError;
use crate::trust::TrustError;

/// A bundle that holds together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The log.
    pub origin: String,
    /// The tree's size.
    pub size: u64,
    /// The tree's root hash.
    pub root: Hash,
    /// Were the keys given by the reader? If not, the bundle is only as good as the keys it names itself.
    pub keys_given: bool,
    /// Entries with header and commitment.
    pub entries: u64,
    /// Of these, opened: the payload is what was committed to.
    pub open: u64,
    /// Of these, not shown to this reader.
    pub sealed: u64,
    /// Of these, erased.
    pub erased: u64,
    /// Leaves of which only a hash is told.
    pub covered: u64,
    /// Checkpoints; each one's root is that of the leaves above it.
    pub checkpoints: u64,
    /// Of these, cosigned by the quorum.
    pub cosigned_checkpoints: u64,
    /// Consistency proofs.
    pub consistency: u64,
    /// Receipts.
    pub receipts: u64,
    /// Checkpoints that the reader brought and that the tree contains.
    pub known: u64,
    /// Of the tree's leaves, the first so many are cosigned by the quorum; the rest rests on the log's signature alone. Where
    /// there is no quorum to reach: all.
    pub cosigned_up_to: u64,
    /// The gaps in the log's history, in order, each with the names of the known witnesses that consented.
    pub gaps: Vec<(Gap, Vec<String>)>,
    /// Which witness cosigned, how far, and when.
    pub cosigned: Vec<Cosigned>,
}

impl Verdict {
    /// Whether the whole tree is cosigned by the quorum.
    pub fn is_cosigned_to_the_end(&self) -> bool {
        self.cosigned_up_to == self.size
    }
}

/// How far a witness has cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// The witness.
    pub witness: String,
    /// The size of the largest checkpoint that it cosigned.
    pub size: u64,
    /// When it did, in seconds since 1970.
    pub time: u64,
}

/// Where a bundle fails, and how. Tells nothing of what the line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct BundleError {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not a line of this format in its one spelling.
    #[error("not a bundle line in its canonical form")]
    Malformed,
    /// Longer than [`super::MAX_LINE_BYTES`].
    #[error("the line is too long")]
    TooLong,
    /// A line before `bundle`, a second `bundle`, or a line after `end`.
    #[error("the line stands in the wrong place")]
    Order,
    /// Not [`super::VERSION`].
    #[error("the bundle has an unknown version")]
    Version,
    /// The bundle's keys cannot be read or contradict each other.
    #[error("the bundle's keys cannot be used")]
    Keys,
    /// The bundle is about another log than the one asked for.
    #[error("the bundle is about another log")]
    Origin,
    /// A leaf does not follow the one before, or lies beyond the tree: one is missing, double or out of order.
    #[error("a leaf is missing, double or out of order")]
    Index,
    /// A covered range in a bundle that says it shows everything, or one without or with too many hashes.
    #[error("covered leaves where none may be")]
    Covered,
    /// A subtree does not start at a multiple of its size.
    #[error("a covered subtree is not aligned")]
    Alignment,
    /// Salt and payload are there without being open, or missing although open.
    #[error("salt and payload do not fit the entry's state")]
    Content,
    /// Salt and payload do not open the commitment.
    #[error("the payload is not what was committed to")]
    Commitment,
    /// The checkpoint is not believed.
    #[error("the checkpoint is not trusted: {0}")]
    Checkpoint(TrustError),
    /// The tree above has another size than the checkpoint, or there is no checkpoint above to prove.
    #[error("the checkpoint or proof stands at another tree size")]
    Position,
    /// The leaves above make another root than the log signed.
    #[error("the leaves make another root hash than the checkpoint's")]
    Root,
    /// A consistency proof fails.
    #[error("the consistency proof fails: {0}")]
    Consistency(ProofError),
    /// A receipt fails.
    #[error("the receipt fails: {0}")]
    Receipt(ProofError),
    /// The tree differs from one that the reader knows.
    #[error("the log differs from a checkpoint that is known: history was rewritten")]
    Known,
    /// A covered range hides the size at which the reader wanted to compare.
    #[error("the bundle does not show the tree at the size of a known checkpoint")]
    KnownHidden,
    /// The tree is smaller than one that the reader knows.
    #[error("the log is smaller than a checkpoint that is known: entries were cut off")]
    KnownBeyond,
    /// The last checkpoint does not close the whole tree.
    #[error("no checkpoint closes the tree")]
    Open,
    /// The last checkpoint has too few cosignatures, and the reader asked for a log that is cosigned to its end.
    #[error("the last checkpoint has too few cosignatures")]
    Quorum,
    /// The counts in the end line are not what was read.
    #[error("lines are missing or double")]
    Counts,
    /// The digest in the end line is another.
    #[error("the bundle is damaged: its digest differs")]
    Digest,
    /// The records of the log's gaps are not there, not in order, or do not hold.
    #[error("the records of the log's gaps: {0}")]
    Gap(GapFault),
    /// There is no end line.
    #[error("the bundle is cut off")]
    Unfinished,
}
