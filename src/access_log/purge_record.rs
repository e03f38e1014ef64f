//! The record of a purge: what was erased, how much, under which keys, and the tree before and after. No personal data, and
//! sealed under a key of its own that is never destroyed, so that it can be read after everything else is gone.

use serde::{Deserialize, Serialize};
use ssbtek_domain::{DateTime, EntryId, NaiveDate, OrganisationNumber, Utc};
use ssbtek_transparency::{Hash, Receipt};
use ssbtek_vault::KeyId;

use crate::{
    AccessLog, AppendError, Lease, LogError, Payload, ReadError,
    fault::{OrTell, tampered},
};

/// What a purge was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurgeScope {
    /// What has outlived its own time: months of the log, closed cases.
    Expired,
    /// Everything of a board whose agreement has ended.
    Board,
}

impl PurgeScope {
    /// The name in records.
    pub fn as_str(self) -> &'static str {
        match self {
            PurgeScope::Expired => "expired",
            PurgeScope::Board => "board",
        }
    }
}

/// A board's tree at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeAt {
    /// Leaves.
    pub size: u64,
    /// Root hash over them.
    pub root: Hash,
}

/// A legal hold, as two operators placed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalHold {
    /// The two operators, by their certificates; never one and the same. Before there were proposals: two people, by name.
    pub by: [String; 2],
    /// The matter, by its reference number.
    pub reference: String,
    /// Last day it holds.
    pub until: NaiveDate,
}

/// What a purge did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurgeRecord {
    /// The board.
    pub board: OrganisationNumber,
    /// What it was about.
    pub scope: PurgeScope,
    /// Months of the log that were erased, in order.
    pub months: Vec<String>,
    /// Log records erased.
    pub leaves: u64,
    /// Versions of registry documents erased.
    pub documents: u64,
    /// Keys destroyed: every one that something rested on, and every one that was there.
    pub keys: Vec<KeyId>,
    /// Of these, the ones that could not be had when it began: their files were gone, were no keys any more, or could not be read. What
    /// they sealed is erased with all else; such a file that comes back is destroyed as soon as it is met, and opens nothing that is
    /// stored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_had: Vec<KeyId>,
    /// For a whole board: the agreement's last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_on: Option<NaiveDate>,
    /// For a whole board: whether it had confirmed that it has its log, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_over_at: Option<DateTime<Utc>>,
    /// The legal hold under which something that had expired was kept, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<LegalHold>,
    /// When it began.
    pub begun_at: DateTime<Utc>,
    /// The tree when it began.
    pub before: TreeAt,
    /// The tree after the erasure, computed anew from what is stored; the receipt's checkpoint is the next.
    pub after: TreeAt,
}

/// A purge record in the log, with all that is needed to verify it later.
#[derive(Debug, Clone)]
pub struct Certified {
    /// Canonical header.
    pub header: Vec<u8>,
    /// The salt of its commitment.
    pub salt: [u8; 32],
    /// The payload, JSON.
    pub payload: Vec<u8>,
    /// Proof that it stands in the log.
    pub receipt: Receipt,
}

impl AccessLog {
    /// Appends the record of a purge under its lease, and ends the closing of its board.
    pub async fn certify_purge(
        &self,
        purge: EntryId,
        record: &PurgeRecord,
        under: &Lease,
    ) -> Result<Certified, LogError> {
        let payload = Payload::Purge(Box::new(record.clone()));
        let key = KeyId::new(&["receipt", record.board.as_str()]);
        let now = self.clock.now();
        let plain = serde_json::to_vec(&payload).or_tell(record.board)?;
        let (mut append, salt) = self.sealed_under(key, record.board, purge, now, &payload).await?;
        append.reopens = Some(record.scope);
        append.under = Some(under.clone());
        let header = append.leaf.header.clone();
        match self.store.append(append).await {
            Ok(appended) => Ok(Certified { header, salt, payload: plain, receipt: appended.receipt()? }),
            Err(AppendError::Poisoned) => Err(LogError::Poisoned),
            Err(_) => Err(LogError::Unavailable),
        }
    }

    /// The record of a purge that is in the log, with a proof that it is.
    pub async fn certified(
        &self,
        board: OrganisationNumber,
        purge: EntryId,
    ) -> Result<Option<Certified>, ReadError> {
        let unavailable = |_| ReadError::Unavailable;
        let found = self.store.entries(board, vec![purge]).await.map_err(unavailable)?;
        let Some(leaf) = found.into_iter().next() else { return Ok(None) };
        let altered = || tampered(board, leaf.index);
        let key = Some(&leaf.key).filter(|key| key.is_of(board.as_str())).ok_or_else(altered)?;
        let key = self.vault.open(key).or_tell(board)?;
        let plain = leaf.sealed.as_deref().and_then(|sealed| key.open(&leaf.header, sealed));
        let plain = plain.ok_or_else(altered)?;
        let (salt, payload) = plain.split_first_chunk::<32>().ok_or_else(altered)?;
        let tree = self.store.tree(board).await.map_err(unavailable)?.ok_or_else(altered)?;
        let proven = self.store.inclusion(board, vec![leaf.index], tree.size).await.map_err(unavailable)?;
        let (leaf_hash, proof) = proven.into_iter().next().ok_or_else(altered)?;
        let receipt = Receipt { leaf_hash, index: leaf.index, proof, checkpoint: tree.checkpoint };
        Ok(Some(Certified { header: leaf.header, salt: *salt, payload: payload.to_vec(), receipt }))
    }
}
