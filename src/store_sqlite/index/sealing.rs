//! Under which key a run's buckets are sealed, and how they are opened.

use std::sync::Arc;

use ssbtek_domain::Entropy;
use ssbtek_vault::{Key, KeyId, Vault, VaultError};
use zeroize::Zeroizing;

use super::run::{Run, bucket_id};
use crate::authentic::provider_index;

/// Keys and randomness of the index.
#[derive(Clone)]
pub(crate) struct Sealing {
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// Binds rows, and seals entries' ids.
    own: Arc<Key>,
}

impl Sealing {
    pub(crate) fn new(vault: Arc<dyn Vault>, entropy: Arc<dyn Entropy>) -> Result<Self, VaultError> {
        let own = vault.open(&provider_index())?;
        Ok(Self { vault, entropy, own })
    }

    pub(crate) fn own(&self) -> &Key {
        &self.own
    }

    /// The key of a run; `None` once it is destroyed, and the run with it.
    pub(crate) fn key_of(&self, run: &Run) -> rusqlite::Result<Option<Arc<Key>>> {
        if run.key_id.is_empty() {
            return Ok(Some(self.own.clone()));
        }
        let Some(id) = KeyId::parse(&run.key_id) else { return Ok(None) };
        match self.vault.open(&id) {
            Ok(key) => Ok(Some(key)),
            Err(VaultError::Missing(_)) => Ok(None),
            Err(error) => Err(rusqlite::Error::ToSqlConversionFailure(error.into())),
        }
    }

    pub(crate) fn seal(&self, key: &Key, run: &Run, bucket: u64, records: &[u8]) -> Vec<u8> {
        key.seal(&*self.entropy, &bucket_id(run.id, bucket).to_be_bytes(), records)
    }
}

/// Room for the records of a bucket, for one after another.
pub(crate) type OpenBucket = Zeroizing<Vec<u8>>;

/// Room that nearly every bucket fits in, so that it need not be moved.
pub(crate) fn room_for_buckets() -> OpenBucket {
    Zeroizing::new(Vec::with_capacity(2048))
}

/// The records of a bucket as stored; `None` if it is not what was written there under this key.
pub(crate) fn open_bucket(key: &Key, id: i64, data: &[u8]) -> Option<OpenBucket> {
    let mut records = Zeroizing::new(Vec::with_capacity(data.len()));
    open_bucket_into(key, id, data, &mut records)?;
    Some(records)
}

/// The same, in the place of those of the one before.
pub(crate) fn open_bucket_into(key: &Key, id: i64, data: &[u8], records: &mut OpenBucket) -> Option<()> {
    key.open_into(&id.to_be_bytes(), data, records)?;
    records.len().is_multiple_of(super::RECORD_BYTES).then_some(())
}

/// A bucket that does not open: the index was damaged or tampered with.
pub(crate) fn damaged() -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure("a bucket of the look-up index does not open".into())
}
