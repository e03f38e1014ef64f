//! Checkpoints that witnesses cosigned, each row authenticated.

use rusqlite::{Connection, params};
use ssbtek_vault::Vault;

use crate::authentic::mac_of;

/// Authenticates a row.
pub(crate) fn mac(vault: &dyn Vault, tree: i64, size: u64, note: &str) -> rusqlite::Result<[u8; 16]> {
    let row = [tree.to_be_bytes().as_slice(), &size.to_be_bytes(), note.as_bytes()].concat();
    mac_of(vault, "kept_checkpoint", &row)
}

/// Authenticates the rows of a database from before rows were authenticated.
pub(crate) fn authenticate_all(connection: &Connection, vault: &dyn Vault) -> rusqlite::Result<()> {
    let rows: Vec<(i64, i64, String)> = {
        let mut statement = connection.prepare("SELECT tree, size, note FROM kept_checkpoint")?;
        statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?
    };
    for (tree, size, note) in rows {
        connection
            .prepare_cached("UPDATE kept_checkpoint SET mac = ?3 WHERE tree = ?1 AND size = ?2")?
            .execute(params![tree, size, mac(vault, tree, size as u64, &note)?])?;
    }
    Ok(())
}
