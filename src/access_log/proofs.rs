//! Proofs for readers: of one entry, of the newest checkpoint, of growth since one seen before.

use ssbtek_domain::{EntryId, OrganisationNumber};
use ssbtek_transparency::{Hash, NoteVerifier, Receipt};

use crate::{AccessLog, Filter, ReadError, export::Seen};

/// The newest checkpoint and why it is to be believed.
#[derive(Debug, Clone)]
pub struct ProvenCheckpoint {
    /// The signed note, with cosignatures where there are witnesses that answered.
    pub note: String,
    /// The log's keys.
    pub log_keys: Vec<NoteVerifier>,
    /// The witnesses' keys.
    pub witness_keys: Vec<NoteVerifier>,
    /// How many witnesses must have cosigned.
    pub quorum: usize,
    /// Consistency proof from the size asked for.
    pub consistency: Vec<Hash>,
    /// The newest checkpoint with the quorum, where the newest of all has it not.
    pub cosigned: Option<CosignedCheckpoint>,
}

/// A checkpoint with the quorum's cosignatures, older than the newest.
#[derive(Debug, Clone)]
pub struct CosignedCheckpoint {
    /// The signed note.
    pub note: String,
    /// Consistency proof from it to the newest.
    pub to_newest: Vec<Hash>,
}

impl AccessLog {
    /// The newest checkpoint (cosigned, where witnesses answer) and how far that is cosigned, with a consistency proof from `old` leaves; `None` if the log
    /// has fewer than `old`.
    pub async fn proven_checkpoint(
        &self,
        board: OrganisationNumber,
        old: u64,
    ) -> Result<Option<ProvenCheckpoint>, ReadError> {
        let unavailable = |_| ReadError::Unavailable;
        if self.store.tree(board).await.map_err(unavailable)?.is_none() {
            return Ok(None);
        }
        let Seen { size, note, cosigned, .. } = self.seen(board).await?;
        if old > size {
            return Ok(None);
        }
        let cosigned = match cosigned {
            None => None,
            Some((at, note)) => {
                let to_newest = self.store.consistency(board, at, size).await.map_err(unavailable)?;
                Some(CosignedCheckpoint { note, to_newest })
            }
        };
        Ok(Some(ProvenCheckpoint {
            note,
            log_keys: self.store.log_keys(board),
            witness_keys: self.cosigner.as_ref().map(|cosigner| cosigner.keys()).unwrap_or_default(),
            quorum: self.cosigner.as_ref().map_or(0, |cosigner| cosigner.quorum()),
            consistency: self.store.consistency(board, old, size).await.map_err(unavailable)?,
            cosigned,
        }))
    }

    /// Receipts for an entry's records, in order, all to the newest checkpoint.
    pub async fn proofs(&self, board: OrganisationNumber, entry: EntryId) -> Result<Vec<Receipt>, ReadError> {
        let unavailable = |_| ReadError::Unavailable;
        let mut records = self.read(board, &Filter::Entry(entry), None, 64).await?;
        records.reverse();
        let Some(state) = self.store.tree(board).await.map_err(unavailable)? else { return Ok(Vec::new()) };
        let leaves = records.iter().map(|record| record.index).collect();
        self.receipts(board, leaves, (state.size, &state.checkpoint)).await
    }

    /// A receipt for each leaf, all to one checkpoint, given with its size.
    pub(crate) async fn receipts(
        &self,
        board: OrganisationNumber,
        leaves: Vec<u64>,
        (size, checkpoint): (u64, &str),
    ) -> Result<Vec<Receipt>, ReadError> {
        let proven = self.store.inclusion(board, leaves.clone(), size).await;
        let proven = proven.map_err(|_| ReadError::Unavailable)?;
        let receipts = leaves.into_iter().zip(proven).map(|(index, (leaf_hash, proof))| Receipt {
            leaf_hash,
            index,
            proof,
            checkpoint: checkpoint.to_owned(),
        });
        Ok(receipts.collect())
    }
}
