//! Rows outside the trees and outside sealed documents, each bound to a key of the vault, so that a changed one is found.

use rusqlite::{Connection, OptionalExtension, params};
use ssbtek_access_log::StoreError;
use ssbtek_transparency::Hash;
use ssbtek_vault::{KeyId, Vault};

use crate::SqliteStore;

/// A row is not what this program wrote: somebody else has, or the disk is damaged.
pub(crate) fn damaged(what: &'static str) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(what.into())
}

/// The key that binds rows and names the provider's documents: made with the database, and never destroyed.
pub(crate) fn provider_index() -> KeyId {
    KeyId::new(&["index", "provider"])
}

/// Authenticates a row's content, under the provider's index key.
pub(crate) fn mac_of(vault: &dyn Vault, table: &str, row: &[u8]) -> rusqlite::Result<[u8; 16]> {
    let key = vault.open(&provider_index());
    let key = key.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    let mut mac = [0; 16];
    mac.copy_from_slice(&key.blind(table, row)[..16]);
    Ok(mac)
}

/// What a digest of something outside the database was when the store was last started.
pub(crate) fn last_started_with(
    connection: &Connection,
    vault: &dyn Vault,
    name: &str,
) -> rusqlite::Result<Option<Hash>> {
    let row = connection
        .prepare_cached("SELECT digest, mac FROM started WHERE name = ?1")?
        .query_row([name], |row| Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, [u8; 16]>(1)?)))
        .optional()?;
    let Some((digest, mac)) = row else { return Ok(None) };
    if mac_of(vault, "started", &[name.as_bytes(), b"\n", &digest].concat())? == mac {
        Ok(Some(Hash::from_bytes(digest)))
    } else {
        Err(damaged("what the store was started with is not as it was written"))
    }
}

/// Keeps such a digest.
pub(crate) fn keep_started_with(
    connection: &Connection,
    vault: &dyn Vault,
    name: &str,
    digest: Hash,
) -> rusqlite::Result<()> {
    let mac = mac_of(vault, "started", &[name.as_bytes(), b"\n", digest.as_bytes()].concat())?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO started (name, digest, mac) VALUES (?1, ?2, ?3)")?
        .execute(params![name, digest.as_bytes(), mac])?;
    Ok(())
}

impl SqliteStore {
    /// Keeps the digest of something that lies outside the database, such as the configuration, so that the offline check
    /// can tell whether it is still what the store was started with.
    pub async fn started_with(&self, name: &'static str, digest: Hash) -> Result<(), StoreError> {
        let vault = self.vault.clone();
        self.in_transaction(move |connection| {
            if last_started_with(connection, &*vault, name).is_ok_and(|last| last == Some(digest)) {
                return Ok(());
            }
            keep_started_with(connection, &*vault, name, digest)
        })
        .await
    }
}
