//! Values that only grow, such as how far revocation lists have come; each row authenticated.

use rusqlite::{Connection, params};
use ssbtek_access_log::StoreError;
use ssbtek_transparency::Hash;
use ssbtek_vault::Vault;

use crate::{
    SqliteStore,
    authentic::{last_started_with, mac_of},
};

impl SqliteStore {
    /// Keeps these values by their names, durably, unless one is less than what is kept under its name: then none is, and the
    /// answer is `false`. Values are compared byte by byte.
    pub async fn grow(&self, values: Vec<(String, [u8; 32])>) -> Result<bool, StoreError> {
        let vault = self.vault.clone();
        self.in_transaction(move |connection| grow(connection, &*vault, &values)).await
    }
}

fn grow(connection: &Connection, vault: &dyn Vault, values: &[(String, [u8; 32])]) -> rusqlite::Result<bool> {
    let mut greater = Vec::new();
    for (name, value) in values {
        match last_started_with(connection, vault, name)? {
            Some(kept) if value < kept.as_bytes() => return Ok(false),
            Some(kept) if value == kept.as_bytes() => {}
            _ => greater.push((name, Hash::from_bytes(*value))),
        }
    }
    for (name, value) in greater {
        let mac = mac_of(vault, "started", &[name.as_bytes(), b"\n", value.as_bytes()].concat())?;
        connection
            .prepare_cached("INSERT OR REPLACE INTO started (name, digest, mac) VALUES (?1, ?2, ?3)")?
            .execute(params![name, value.as_bytes(), mac])?;
    }
    Ok(true)
}
