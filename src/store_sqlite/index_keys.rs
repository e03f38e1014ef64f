//! By what each board's index key is known, so that the offline check finds one that is gone or another. Data keys need no such
//! row: what they sealed does not open without them. Of a log with few records nothing else rests on its index key.

use rusqlite::{Connection, params};
use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::Hash;
use ssbtek_vault::{Key, KeyId, Vault};

use crate::authentic::keep_started_with;

fn id(board: OrganisationNumber) -> KeyId {
    KeyId::new(&["index", board.as_str()])
}

/// The index key that a row of `started` is about, if it is about one.
pub(crate) fn of_name(name: &str) -> Option<KeyId> {
    KeyId::parse(name).filter(|id| id.as_str().starts_with("index."))
}

/// What a key is known by; tells nothing of the key.
pub(crate) fn known_by(key: &Key) -> Hash {
    Hash::from_bytes(key.blind("known_by", b""))
}

/// Keeps what a board's index key is known by, once it has one.
pub(crate) fn keep(
    connection: &Connection,
    vault: &dyn Vault,
    board: OrganisationNumber,
) -> rusqlite::Result<()> {
    let id = id(board);
    let kept = connection.prepare_cached("SELECT 1 FROM started WHERE name = ?1")?.exists([id.as_str()])?;
    match vault.open(&id) {
        Ok(key) if !kept => keep_started_with(connection, vault, id.as_str(), known_by(&key)),
        _ => Ok(()),
    }
}

/// Forgets it: the key was destroyed with everything of the board's.
pub(crate) fn forget(connection: &Connection, board: OrganisationNumber) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM started WHERE name = ?1")?
        .execute(params![id(board).as_str()])
        .map(|_| ())
}
