//! What earlier versions wrote otherwise, brought over with the schema.

use std::cell::RefCell;

use rusqlite::Connection;
use ssbtek_log_store::{
    authentication,
    engine::{Changes, Done, Rows},
    rows::{KeptRow, SpentRow},
};
use ssbtek_vault::Vault;

use crate::rows::SqliteRows;

/// Most tokens in a row that are brought over from when each had one of its own.
const BROUGHT_OVER: usize = 1024;

/// A one-time token: a digest.
type Token = [u8; 32];

/// Authenticates rows from before rows were authenticated, and gives every board terms of retention.
pub(crate) fn authenticate(connection: &Connection, vault: &dyn Vault) -> Done<()> {
    let rows = SqliteRows { connection, blocks: &RefCell::default() };
    for board in rows.boards_with_terms()? {
        if let Some(terms) = rows.terms(&board)? {
            rows.set_terms(&authentication::of_terms(&terms, vault)?)?;
        }
    }
    // Not all that a tree says stands there yet.
    let trees = rows.all("SELECT id, organisation FROM tree ORDER BY id", [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
    })?;
    for (tree, board) in trees {
        if rows.terms(&board)?.is_none() {
            rows.set_terms(&authentication::first_terms(&board, vault)?)?;
        }
        for KeptRow { size, note, .. } in rows.kept(tree, usize::MAX)? {
            let mac = Some(authentication::of_kept(vault, tree, size, &note)?);
            rows.keep(tree, &KeptRow { size, note, mac })?;
        }
    }
    Ok(())
}

/// Lets every tree say what stands beside it, and where its times run backwards.
pub(crate) fn rows_beside(connection: &Connection, vault: &dyn Vault) -> Done<()> {
    let rows = SqliteRows { connection, blocks: &RefCell::default() };
    for tree in rows.trees()? {
        authentication::find_steps(&rows, &tree)?;
    }
    authentication::begin_beside(&rows, vault)
}

/// Spent tokens as they were kept before they shared rows: each with its expiry, in order.
pub(crate) fn tokens(connection: &Connection) -> rusqlite::Result<Vec<(Token, i64)>> {
    let mut statement = connection.prepare("SELECT token, expires_at FROM token ORDER BY id")?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Keeps those, in the new way, in an empty table.
pub(crate) fn keep_together(connection: &Connection, vault: &dyn Vault, spent: &[(Token, i64)]) -> Done<()> {
    let rows = SqliteRows { connection, blocks: &RefCell::default() };
    for (id, group) in (1..).zip(spent.chunks(BROUGHT_OVER)) {
        let tokens: Vec<u8> = group.iter().flat_map(|(token, _)| *token).collect();
        let expires_at = group.iter().map(|(_, expires_at)| *expires_at).max().unwrap_or(0);
        let mac = authentication::of_spent(vault, id, expires_at, &tokens)?.to_vec();
        rows.spend(&SpentRow { id, expires_at, tokens, mac })?;
    }
    Ok(())
}
