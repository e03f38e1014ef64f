//! An answer's own receipt, checked before the page says that it holds.

use ssbtek_present::ReceiptCheck;
use ssbtek_proto::broker::v1::AskResponse;
use ssbtek_transparency::{Hash, Receipt, Trust, note::NoteVerifier, verify_receipt};

/// Whether the receipt proves that the answer stands in the log with this key.
pub(crate) fn check(answer: &AskResponse, log_key: Option<&str>) -> ReceiptCheck {
    let Some(key) = log_key.and_then(|key| NoteVerifier::parse(key).ok()) else { return ReceiptCheck::NoKey };
    let Some(sent) = &answer.receipt else { return ReceiptCheck::Fails("there is none".to_owned()) };
    let hash = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).ok().map(Hash::from_bytes);
    let proof: Option<Vec<Hash>> = sent.inclusion.iter().map(|bytes| hash(bytes)).collect();
    let (Some(leaf_hash), Some(proof)) = (hash(&sent.leaf_hash), proof) else {
        return ReceiptCheck::Fails("a hash in it is none".to_owned());
    };
    let receipt = Receipt { leaf_hash, index: sent.leaf_index, proof, checkpoint: sent.checkpoint.clone() };
    let origin = key.name().as_str().to_owned();
    let checked = Trust::new(origin, vec![key], vec![], 0).map_err(|error| error.to_string());
    match checked.and_then(|trust| verify_receipt(&receipt, &trust).map_err(|error| error.to_string())) {
        Ok(_) => ReceiptCheck::Holds,
        Err(why) => ReceiptCheck::Fails(why),
    }
}
