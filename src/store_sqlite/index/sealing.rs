//! Under which key a run's buckets are sealed, and how they are opened.

use std::sync::Arc;

use ssbtek_domain::Entropy;
use ssbtek_vault::{Key, KeyId, Vault, VaultError};

use super::run::{Run, bucket_id};

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
        let own = vault.get_or_create(&KeyId::new(&["index", "provider"]))?;
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
        match self.vault.get(&id) {
            Ok(key) => Ok(Some(key)),
            Err(VaultError::Missing(_)) => Ok(None),
            Err(error) => Err(rusqlite::Error::ToSqlConversionFailure(error.into())),
        }
    }

    pub(crate) fn seal(&self, key: &Key, run: &Run, bucket: u64, records: &[u8]) -> Vec<u8> {
        key.seal(&*self.entropy, &bucket_id(run.id, bucket).to_be_bytes(), records)
    }
}

/// The records of a bucket as stored; `None` if it is not what was written there under this key.
pub(crate) fn open_bucket(key: &Key, id: i64, data: &[u8]) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    key.open(&id.to_be_bytes(), data).filter(|records| records.len().is_multiple_of(super::RECORD_BYTES))
}

/// A bucket that does not open: the index was damaged or tampered with.
pub(crate) fn damaged() -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure("a bucket of the look-up index does not open".into())
}
