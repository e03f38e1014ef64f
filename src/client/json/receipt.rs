//! A receipt, written and read back.

use serde::{Deserialize, Serialize};
use ssbtek_proto::broker::v1 as proto;

/// `Receipt`, hashes in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// RFC 6962 leaf hash of the record.
    pub leaf_hash: String,
    /// The record's index in the log, from 0.
    pub leaf_index: u64,
    /// Inclusion proof, nearest sibling first.
    pub inclusion: Vec<String>,
    /// The signed checkpoint.
    pub checkpoint: String,
}

impl Receipt {
    /// As it arrived.
    pub fn of(receipt: &proto::Receipt) -> Self {
        Self {
            leaf_hash: hex(&receipt.leaf_hash),
            leaf_index: receipt.leaf_index,
            inclusion: receipt.inclusion.iter().map(|hash| hex(hash)).collect(),
            checkpoint: receipt.checkpoint.clone(),
        }
    }

    /// The receipt in a JSON document: the whole of it, or its member `receipt`.
    pub fn find(json: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Whole {
            receipt: Receipt,
        }
        let whole = serde_json::from_str::<Whole>(json).map(|whole| whole.receipt);
        whole.or_else(|_| serde_json::from_str(json)).ok()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
