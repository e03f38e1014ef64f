//! The receipt that comes with an answer: proof that its record stands in the log. Verifies without the server, years later, and
//! after the record's content is erased.

use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::tree::{ProofError, verify_inclusion};
use crate::trust::{Trust, TrustError};

/// A leaf, its place, the way to a root, and the signed checkpoint that holds the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// RFC 6962 leaf hash of the record ([`crate::leaf::leaf_hash`]).
    pub leaf_hash: Hash,
    /// The record's index in the log, from 0.
    pub index: u64,
    /// Inclusion proof, nearest sibling first.
    pub proof: Vec<Hash>,
    /// The signed checkpoint, with whatever cosignatures there were when the receipt was written.
    pub checkpoint: String,
}

/// Why a receipt does not convince.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The checkpoint is not believed.
    #[error("the receipt's checkpoint is not trusted: {0}")]
    Checkpoint(#[from] TrustError),
    /// The record is not in that checkpoint's tree.
    #[error("the receipt's proof fails: {0}")]
    Proof(#[from] ProofError),
}

/// Checks a receipt against the log's keys and returns the checkpoint it leads to. Asks for no quorum: at the moment of the
/// answer the witnesses may not have answered yet. Who wants one asks [`Trust::open_cosigned`] of the checkpoint, or proves
/// consistency with a later checkpoint that is cosigned.
pub fn verify_receipt(receipt: &Receipt, trust: &Trust) -> Result<Checkpoint, ReceiptError> {
    let checkpoint = trust.open(&receipt.checkpoint)?.checkpoint;
    verify_inclusion(&receipt.leaf_hash, receipt.index, checkpoint.size, &receipt.proof, &checkpoint.root)?;
    Ok(checkpoint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::{KeyName, NoteSigner};
    use crate::tree::{Batch, Frontier};

    #[test]
    fn a_receipt_verifies_offline_and_every_change_to_it_is_refused() {
        let signer = NoteSigner::from_seed(KeyName::parse("log").unwrap(), &[1; 32]).unwrap();
        let trust = Trust::new("log", vec![signer.verifier().clone()], vec![], 0).unwrap();
        let leaves: Vec<Hash> = (0..11u8).map(|n| Hash::leaf(&[n])).collect();
        let batch = Batch::new(Frontier::new(), leaves.clone());
        let checkpoint = Checkpoint::new("log", 11, batch.frontier().root());
        let receipt = Receipt {
            leaf_hash: leaves[6],
            index: 6,
            proof: batch.inclusion_proof(6).unwrap(),
            checkpoint: checkpoint.sign([&signer]).unwrap().encode(),
        };
        assert_eq!(verify_receipt(&receipt, &trust), Ok(checkpoint));

        let changed = |change: fn(&mut Receipt)| {
            let mut receipt = receipt.clone();
            change(&mut receipt);
            verify_receipt(&receipt, &trust).unwrap_err()
        };
        assert_eq!(changed(|r| r.leaf_hash = Hash::leaf(b"x")), ReceiptError::Proof(ProofError::Root));
        assert!(matches!(changed(|r| r.index = 7), ReceiptError::Proof(_)));
        assert_eq!(changed(|r| r.proof.truncate(1)), ReceiptError::Proof(ProofError::Length));
        let bad = ReceiptError::Checkpoint(TrustError::Note(crate::note::NoteError::BadSignature));
        assert_eq!(changed(|r| r.checkpoint = r.checkpoint.replace("\n11\n", "\n12\n")), bad);
    }
}
