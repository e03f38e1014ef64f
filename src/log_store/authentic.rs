//! Rows outside the trees and outside sealed documents, each bound to a key of the vault, so that a changed one is found.

use ssbtek_transparency::Hash;
use ssbtek_vault::{Key, KeyId, Vault};

use crate::{
    Fault, beside,
    engine::{Changes, Done, Rows},
    rows::StartedRow,
};

/// The key that binds rows and names the provider's documents: made with the database, and never destroyed.
pub fn provider_index() -> KeyId {
    KeyId::new(&["index", "provider"])
}

/// Authenticates a row's content, under the provider's index key.
pub fn mac_of(vault: &dyn Vault, table: &str, row: &[u8]) -> Done<[u8; 16]> {
    Ok(mac_with(&*vault.open(&provider_index())?, table, row))
}

/// The same under what may be that key.
pub(crate) fn mac_with(key: &Key, table: &str, row: &[u8]) -> [u8; 16] {
    let mut mac = [0; 16];
    mac.copy_from_slice(&key.blind(table, row)[..16]);
    mac
}

fn mac(vault: &dyn Vault, name: &str, digest: &[u8; 32]) -> Done<[u8; 16]> {
    mac_of(vault, "started", &[name.as_bytes(), b"\n", digest].concat())
}

/// What a digest of something outside the database was when the store was last started.
pub(crate) fn last_started_with(rows: &dyn Rows, vault: &dyn Vault, name: &str) -> Done<Option<Hash>> {
    let Some(row) = rows.started(name)? else { return Ok(None) };
    if mac(vault, name, &row.digest)? == row.mac {
        Ok(Some(Hash::from_bytes(row.digest)))
    } else {
        Err(Fault::Damaged("what the store was started with is not as it was written"))
    }
}

/// Keeps such a digest.
pub(crate) fn keep_started_with(
    changes: &dyn Changes,
    vault: &dyn Vault,
    name: &str,
    digest: Hash,
) -> Done<()> {
    put_started_with(changes, vault, name, digest)?;
    beside::has_changed(changes, vault)
}

/// Forgets one.
pub(crate) fn forget_started_with(changes: &dyn Changes, vault: &dyn Vault, name: &str) -> Done<()> {
    changes.drop_started(name)?;
    beside::has_changed(changes, vault)
}

/// Writes the row alone.
pub(crate) fn put_started_with(
    changes: &dyn Changes,
    vault: &dyn Vault,
    name: &str,
    digest: Hash,
) -> Done<()> {
    let digest = *digest.as_bytes();
    changes.set_started(&StartedRow { name: name.to_owned(), digest, mac: mac(vault, name, &digest)? })
}
