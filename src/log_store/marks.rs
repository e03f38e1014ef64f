//! Values that only grow, such as how far revocation lists have come, and digests of what lies outside; each row authenticated.

use async_trait::async_trait;
use ssbtek_access_log::{Marks, StoreError};
use ssbtek_transparency::Hash;
use ssbtek_vault::Vault;

use crate::{
    Store,
    authentic::{keep_started_with, last_started_with},
    engine::{Changes, Done},
};

#[async_trait]
impl Marks for Store {
    async fn raise(&self, values: Vec<(String, [u8; 32])>) -> Result<bool, StoreError> {
        let vault = self.vault.clone();
        self.in_transaction(None, move |changes| raise(changes, &*vault, &values)).await
    }

    async fn keep_digest(&self, name: &'static str, digest: Hash) -> Result<(), StoreError> {
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

fn raise(changes: &dyn Changes, vault: &dyn Vault, values: &[(String, [u8; 32])]) -> Done<bool> {
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
