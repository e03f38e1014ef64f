//! The index made anew from the records, at the first start after it was dropped: a part at a time, each in a transaction, so that
//! a start that is cut off goes on where it was. Receipts, trees and records are not touched.

use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, params};
use ssbtek_access_log::{Header, OpenFault, StoredLeaf, Term, expected_terms, read_leaf};
use ssbtek_domain::OrganisationNumber;
use ssbtek_vault::{Vault, VaultError};

use super::{IndexRow, insert, month_of, rows_of};
use crate::{OpenError, authentic::damaged, store::stored_leaf, trees::leaf_id};

/// Records of one part: so many that their rows, sorted, lie together in the table.
const PART: u64 = 32_768;
/// How often it is told how far it is.
const TELL: Duration = Duration::from_secs(5);

/// Whether no tree's index is still being made.
pub(crate) fn is_whole(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(!connection.prepare("SELECT 1 FROM reindex")?.exists([])?)
}

/// Goes on until it is whole.
pub(crate) fn rebuild(connection: &Connection, vault: &dyn Vault) -> Result<(), OpenError> {
    let (all, mut done, mut told) = (missing(connection)?, 0, Instant::now());
    let next = "SELECT reindex.tree, next, organisation FROM reindex JOIN tree ON tree.id = reindex.tree";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs(), row.get(2)?));
    while let Some((tree, from, board)) = connection.query_row(next, [], read).optional()? {
        let board: String = board;
        let board = OrganisationNumber::parse(&board).map_err(|_| OpenError::Tree(board))?;
        if done == 0 {
            tracing::info!(records = all, "the look-up index is made anew from the records");
        }
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let (mut rows, read) = part(connection, vault, (tree, board), from)?;
        insert(connection, &mut rows)?;
        if read == 0 {
            connection.execute("DELETE FROM reindex WHERE tree = ?1", [tree])?;
        } else {
            let next = (from + read) as i64;
            connection.execute("UPDATE reindex SET next = ?2 WHERE tree = ?1", params![tree, next])?;
        }
        connection.execute_batch("COMMIT")?;
        done += read;
        if told.elapsed() >= TELL {
            told = Instant::now();
            tracing::info!(done, records = all, "the look-up index is being made anew");
        }
    }
    if done > 0 {
        tracing::info!(records = done, "the look-up index is whole");
    }
    Ok(())
}

fn missing(connection: &Connection) -> rusqlite::Result<u64> {
    let sum = "SELECT coalesce(sum(size - next), 0) FROM reindex JOIN tree ON tree.id = reindex.tree";
    connection.query_row(sum, [], |row| row.get(0).map(i64::unsigned_abs))
}

/// The rows of the next records of a tree, and how many records those are.
fn part(
    connection: &Connection,
    vault: &dyn Vault,
    (tree, board): (i64, OrganisationNumber),
    from: u64,
) -> Result<(Vec<IndexRow>, u64), OpenError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, header, commitment, sealed, key_id FROM leaf WHERE id >= ?1 AND id < ?2 ORDER BY id",
    )?;
    let mut leaves = statement.query([leaf_id(tree, from), leaf_id(tree, from + PART)])?;
    let (mut rows, mut read) = (Vec::new(), 0);
    while let Some(row) = leaves.next()? {
        let leaf = stored_leaf(row).map_err(|_| damaged("a record's key has no name"))?;
        read = leaf.index - from + 1;
        let (month, terms) = (month_of(board, &leaf.key), terms_of(vault, board, &leaf)?);
        // A header that has not its form is the check's to tell.
        let Some(header) = Header::from_bytes(&leaf.header) else { continue };
        let terms = if month.is_some() { terms } else { Vec::new() };
        rows.extend(rows_of(tree, leaf.index, header.entry, month.unwrap_or_default(), &terms));
    }
    Ok((rows, read))
}

/// None of what is erased, or was tampered with: that is the check's to tell.
fn terms_of(vault: &dyn Vault, board: OrganisationNumber, leaf: &StoredLeaf) -> Result<Vec<Term>, OpenError> {
    let payload = match read_leaf(vault, board, leaf) {
        Ok((_, payload)) => payload,
        Err(OpenFault::Tampered) => None,
        Err(OpenFault::Newer) => return Err(OpenError::NewerRecord),
        Err(OpenFault::Vault) => return Err(damaged("a record's key cannot be read").into()),
    };
    let Some(payload) = payload else { return Ok(Vec::new()) };
    match vault.open(&leaf.key) {
        Ok(key) => Ok(expected_terms(&key, &payload)),
        Err(VaultError::Missing(_)) => Ok(Vec::new()),
        Err(error) => Err(OpenError::Vault(error)),
    }
}
