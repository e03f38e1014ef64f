//! Values that only grow, such as how far revocation lists have come, and digests of what lies outside; each row authenticated.

use ssbtek_access_log::StoreError;
use ssbtek_transparency::Hash;
use ssbtek_vault::Vault;

use crate::{
    Store,
    authentic::{keep_started_with, last_started_with},
    engine::{Changes, Done},
};

impl Store {
    /// Keeps these values by their names, durably, unless one is less than what is kept under its name: then none is, and the
    /// answer is `false`. Values are compared byte by byte.
    pub async fn grow(&self, values: Vec<(String, [u8; 32])>) -> Result<bool, StoreError> {
        let vault = self.vault.clone();
        self.in_transaction(None, move |changes| grow(changes, &*vault, &values)).await
    }

    /// Keeps the digest of something that lies outside the database, such as the configuration, so that the offline check
    /// can tell whether it is still what the store was started with.
    pub async fn started_with(&self, name: &'static str, digest: Hash) -> Result<(), StoreError> {
        let vault = self.vault.clone();
        self.in_transaction(None, move |changes| {
            if last_started_with(changes, &*vault, name).is_ok_and(|last| last == Some(digest)) {
                return Ok(());
            }
            keep_started_with(changes, &*vault, name, digest)
        })
        .await
    }
}

fn grow(changes: &dyn Changes, vault: &dyn Vault, values: &[(String, [u8; 32])]) -> Done<bool> {
    let mut greater = Vec::new();
    for (name, value) in values {
        match last_started_with(changes, vault, name)? {
            Some(kept) if value < kept.as_bytes() => return Ok(false),
            Some(kept) if value == kept.as_bytes() => {}
            _ => greater.push((name, Hash::from_bytes(*value))),
        }
    }
    for (name, value) in greater {
        keep_started_with(changes, vault, name, value)?;
    }
    Ok(true)
}
