//! What the writer is asked to do.

use ssbtek_access_log::{Append, AppendError, Appended, StoreError};
use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::Hash;
use tokio::sync::oneshot;

use crate::documents::Prepared;

/// What becomes durable together, or not at all, on its way: mostly one record.
pub(crate) struct Job {
    pub(crate) board: OrganisationNumber,
    /// At least one.
    pub(crate) records: Vec<Record>,
    pub(crate) reply: oneshot::Sender<Result<Vec<Appended>, AppendError>>,
}

/// One append.
pub(crate) struct Record {
    pub(crate) append: Append,
    /// RFC 6962 hash of its leaf.
    pub(crate) leaf_hash: Hash,
    pub(crate) documents: Vec<Prepared>,
    /// Blind names of the documents it rests on, with the versions that they must have.
    pub(crate) rests_on: Vec<([u8; 32], u64)>,
}

/// What the writer, a `W`, does. It is queued in a box: the queue's places stay for as long as the store, and whatever a sender's
/// stack held would be copied into them with what an enum's smaller variants leave unused.
pub(crate) enum Work<W> {
    /// Appends one record or several.
    Append(Job),
    /// Something else, alone after the group that was waiting.
    Maintain(Box<dyn FnOnce(&mut W) + Send>),
    /// Keeps a checkpoint with its cosignatures.
    Keep {
        board: OrganisationNumber,
        size: u64,
        note: String,
        reply: oneshot::Sender<Result<(), StoreError>>,
    },
    /// Ends the writer.
    Close { reply: oneshot::Sender<()> },
}

pub(crate) fn refuse(group: Vec<Job>, error: &AppendError) {
    for job in group {
        let _ = job.reply.send(Err(error.clone()));
    }
}
