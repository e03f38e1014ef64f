//! The receipt of a purge: verifies without the server, and after everything it is about is gone.

use serde::{Deserialize, Serialize};
use ssbtek_access_log::{Certified, PurgeRecord};
use ssbtek_domain::{EntryId, OrganisationNumber};
use ssbtek_transparency::{
    Receipt,
    bundle::{
        Begin, BundleWriter, Bytes, CheckpointLine, Content, Covered, Entry, Line, ReceiptLine, Scope,
        VERSION, WriteError,
    },
    commit,
};

/// Record, salt, proof and key in one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurgeReceipt {
    /// The purge.
    pub purge: EntryId,
    /// The board.
    pub board: OrganisationNumber,
    /// What was done; the same as `payload`, for reading.
    pub record: PurgeRecord,
    /// The log's origin.
    pub origin: String,
    /// The key that verifies the checkpoint (C2SP vkey).
    pub log_key: String,
    /// The record's header.
    pub header: Bytes,
    /// The salt of its commitment.
    pub salt: Bytes,
    /// Its payload.
    pub payload: Bytes,
    /// The proof.
    pub proof: ReceiptLine,
}

impl PurgeReceipt {
    /// Puts a receipt together.
    pub(crate) fn new(
        purge: EntryId,
        record: PurgeRecord,
        (origin, log_key): (String, String),
        certified: Certified,
    ) -> Self {
        Self {
            purge,
            board: record.board,
            record,
            origin,
            log_key,
            header: Bytes(certified.header),
            salt: Bytes(certified.salt.to_vec()),
            payload: Bytes(certified.payload),
            proof: ReceiptLine::from(certified.receipt),
        }
    }

    /// The proof, as [`ssbtek_transparency::verify_receipt`] takes it.
    pub fn receipt(&self) -> Receipt {
        let ReceiptLine { leaf_hash, index, proof, checkpoint } = self.proof.clone();
        Receipt { leaf_hash, index, proof, checkpoint }
    }

    /// As an export that verifies itself (`ssbtek log verify`): this record open, every other leaf covered. `None` if other
    /// records were committed together with it after it: then the proof alone serves.
    pub fn bundle(&self) -> Option<Result<String, WriteError>> {
        let checkpoint = ssbtek_transparency::SignedNote::parse(&self.proof.checkpoint).ok()?;
        let size = ssbtek_transparency::Checkpoint::parse(checkpoint.text()).ok()?.size;
        (self.proof.index.checked_add(1) == Some(size)).then(|| self.write_bundle(size))
    }

    fn write_bundle(&self, size: u64) -> Result<String, WriteError> {
        let (mut writer, mut text) = BundleWriter::begin(Begin {
            version: VERSION,
            origin: self.origin.clone(),
            log_keys: vec![self.log_key.clone()],
            witness_keys: Vec::new(),
            quorum: 0,
            size,
            scope: Scope::Part,
        })?;
        // The last leaf's siblings all lie to its left, each a full subtree, the largest first in the tree.
        let (mut from, mut siblings) = (0u64, self.proof.proof.iter().rev());
        for level in (0..63).rev() {
            if self.proof.index & (1 << level) != 0 {
                let hashes = siblings.next().into_iter().copied().collect();
                text += &writer.line(&Line::Covered(Covered { from, level, hashes }))?;
                from += 1 << level;
            }
        }
        let salt = <[u8; 32]>::try_from(self.salt.0.as_slice()).map_err(|_| WriteError::Encode)?;
        text += &writer.line(&Line::Entry(Entry {
            index: self.proof.index,
            header: self.header.clone(),
            commitment: commit(&salt, &self.payload.0),
            content: Content::Open,
            salt: Some(self.salt.clone()),
            payload: Some(self.payload.clone()),
        }))?;
        text += &writer.line(&Line::Checkpoint(CheckpointLine { note: self.proof.checkpoint.clone() }))?;
        text += &writer.line(&Line::Receipt(self.proof.clone()))?;
        text += &writer.end()?;
        Ok(text)
    }
}
