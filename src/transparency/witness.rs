//! C2SP tlog-witness: the request `add-checkpoint`, and which checkpoints a witness admits. An HTTP service is put round it
//! elsewhere.

use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::note::{NoteError, NoteVerifier, SignedNote};
use crate::text::decimal;
use crate::tree::verify_consistency;

/// Proof lines accepted in one request.
pub const MAX_PROOF_LINES: usize = 63;

/// The content type of a 409 answer.
pub const SIZE_CONTENT_TYPE: &str = "text/x.tlog.size";

/// The header of a 409 or 422 answer in which a witness shows what it cosigned last: base64 of the signed note. Not part of
/// the specification, whose answers are one unsigned number; with the log's own signature it is proof.
pub const LAST_CHECKPOINT_HEADER: &str = "tlog-last-checkpoint";

/// The body of `add-checkpoint`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size of the checkpoint that the witness cosigned last, as the log believes; 0 if none.
    pub old_size: u64,
    /// Consistency proof from that size to the checkpoint's.
    pub proof: Vec<Hash>,
    /// The log's signed checkpoint.
    pub checkpoint: SignedNote,
}

/// Why a witness does not cosign. [`Refusal::status`] is the HTTP status the specification gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a request, or not a checkpoint, or an old size above the new.
    #[error("malformed add-checkpoint request")]
    Malformed,
    /// No trusted key of this log signed the checkpoint, or a trusted key's signature does not hold.
    #[error("the checkpoint is not signed by a trusted key of its log")]
    NotSigned,
    /// This witness does not know the log.
    #[error("unknown log")]
    UnknownLog,
    /// The old size is not the last cosigned one, or the same size comes with another root. Holds the last cosigned size.
    #[error("the log's last cosigned tree size is another, or has another root")]
    Conflict(u64),
    /// The consistency proof does not verify: the log may be lying.
    #[error("the consistency proof does not verify")]
    Inconsistent,
}

impl Refusal {
    /// The HTTP status code.
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::NotSigned => 403,
            Self::UnknownLog => 404,
            Self::Conflict(_) => 409,
            Self::Inconsistent => 422,
        }
    }
}

impl AddCheckpoint {
    /// The request body.
    pub fn encode(&self) -> String {
        let mut body = format!("old {}\n", self.old_size);
        for hash in &self.proof {
            body.push_str(&hash.to_base64());
            body.push('\n');
        }
        body.push('\n');
        body + &self.checkpoint.encode()
    }

    /// Reads a request body.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let body = std::str::from_utf8(body).map_err(|_| Refusal::Malformed)?;
        let (head, note) = body.split_once("\n\n").ok_or(Refusal::Malformed)?;
        let mut lines = head.split('\n');
        let old_size = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .and_then(decimal)
            .ok_or(Refusal::Malformed)?;
        let proof = lines
            .take(MAX_PROOF_LINES + 1)
            .map(|line| Hash::from_base64(line).map_err(|_| Refusal::Malformed))
            .collect::<Result<Vec<_>, _>>()?;
        if proof.len() > MAX_PROOF_LINES {
            return Err(Refusal::Malformed);
        }
        let checkpoint = SignedNote::parse(note).map_err(|_| Refusal::Malformed)?;
        Ok(Self { old_size, proof, checkpoint })
    }
}

/// A log that a witness follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownLog {
    /// The origin line of its checkpoints.
    pub origin: String,
    /// Its keys; a signature by one of them is enough.
    pub keys: Vec<NoteVerifier>,
}

/// The largest tree of a log that a witness has cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Its size.
    pub size: u64,
    /// Its root hash.
    pub root: Hash,
}

impl Seen {
    /// Before the first checkpoint: the empty tree, with which every tree is consistent.
    pub fn nothing() -> Self {
        Self { size: 0, root: Hash::empty_root() }
    }
}

/// A checkpoint that may be cosigned, once its [`Admitted::seen`] is durably stored in place of the one compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// The log.
    pub origin: String,
    /// What to remember.
    pub seen: Seen,
    /// The text to cosign.
    pub text: String,
}

/// Decides on a request. `last_seen` tells the last cosigned tree of an origin (`None` = never). The caller must hold that
/// answer still, store the new one durably and only then sign: all three in one critical section, or the witness can be made
/// to roll back.
pub fn admit(
    request: &AddCheckpoint,
    known_logs: &[KnownLog],
    last_seen: impl FnOnce(&str) -> Option<Seen>,
) -> Result<Admitted, Refusal> {
    let text = request.checkpoint.text();
    let checkpoint = Checkpoint::parse(text).map_err(|_| Refusal::Malformed)?;
    let log = known_logs.iter().find(|log| log.origin == checkpoint.origin).ok_or(Refusal::UnknownLog)?;
    request.checkpoint.verify(&log.keys).map_err(|_: NoteError| Refusal::NotSigned)?;
    if request.old_size > checkpoint.size {
        return Err(Refusal::Malformed);
    }
    if checkpoint.size == 0 && checkpoint.root != Hash::empty_root() {
        return Err(Refusal::Inconsistent);
    }
    let last = last_seen(&checkpoint.origin).unwrap_or_else(Seen::nothing);
    if request.old_size != last.size || (checkpoint.size == last.size && checkpoint.root != last.root) {
        return Err(Refusal::Conflict(last.size));
    }
    verify_consistency(last.size, checkpoint.size, &last.root, &checkpoint.root, &request.proof)
        .map_err(|_| Refusal::Inconsistent)?;
    let seen = Seen { size: checkpoint.size, root: checkpoint.root };
    Ok(Admitted { origin: checkpoint.origin, seen, text: text.to_owned() })
}

#[cfg(test)]
mod tests;
