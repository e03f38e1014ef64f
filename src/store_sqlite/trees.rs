//! Each board's tree as the writer knows it: size, frontier, database id.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use rusqlite::{Connection, OptionalExtension};
use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::{Checkpoint, Frontier, Hash, SignedNote, frontier_at};

use crate::{OpenError, tiles::StoredTiles};

/// Bits of a leaf's row id that hold its index.
pub(crate) const INDEX_BITS: u32 = 40;

/// One board's tree.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub(crate) id: i64,
    pub(crate) frontier: Frontier,
}

impl Tree {
    /// Row id of the leaf at `index`.
    pub(crate) fn leaf_id(&self, index: u64) -> i64 {
        leaf_id(self.id, index)
    }
}

/// Most leaves of a tree: so many that no index comes near the bits that tell the tree.
pub(crate) const MOST_LEAVES: u64 = (1 << INDEX_BITS) - 1;

/// Row id of a leaf. An index beyond the largest tree is no leaf's, and leads to the place after this tree's last, never into
/// the tree beside it.
pub(crate) fn leaf_id(tree: i64, index: u64) -> i64 {
    (tree << INDEX_BITS) | (index.min(MOST_LEAVES) as i64)
}

/// Index of the leaf with this row id.
pub(crate) fn leaf_index(id: i64) -> u64 {
    (id & ((1 << INDEX_BITS) - 1)) as u64
}

/// All trees.
pub(crate) type Trees = HashMap<OrganisationNumber, Tree>;

/// The database ids of trees that were asked for: they never change.
#[derive(Debug, Default)]
pub(crate) struct TreeIds(RwLock<HashMap<OrganisationNumber, i64>>);

impl TreeIds {
    /// A board's tree; `None` if it has none. Reads the database the first time only.
    pub(crate) fn of(
        &self,
        connection: &Connection,
        board: OrganisationNumber,
    ) -> rusqlite::Result<Option<i64>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&board).copied();
        if known.is_some() {
            return Ok(known);
        }
        let found = tree_id(connection, board)?;
        if let Some(id) = found {
            self.0.write().unwrap_or_else(PoisonError::into_inner).insert(board, id);
        }
        Ok(found)
    }
}

/// A board's tree as the database names it; `None` if it has none.
pub(crate) fn tree_id(connection: &Connection, board: OrganisationNumber) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM tree WHERE organisation = ?1")?
        .query_row([board.as_str()], |row| row.get(0))
        .optional()
}

/// Reads all trees and holds each against its own checkpoint and its number of leaves.
pub(crate) fn load(connection: &Connection) -> Result<Trees, OpenError> {
    let mut statement =
        connection.prepare("SELECT id, organisation, size, frontier, checkpoint FROM tree")?;
    let mut rows = statement.query([])?;
    let mut trees = Trees::new();
    while let Some(row) = rows.next()? {
        let (id, name): (i64, String) = (row.get(0)?, row.get(1)?);
        let (size, frontier): (i64, Vec<u8>) = (row.get(2)?, row.get(3)?);
        let checkpoint: String = row.get(4)?;
        let damaged = || OpenError::Tree(name.clone());
        if size == 0 && checkpoint.is_empty() && leaf_count(connection, id)? == 0 {
            continue; // its first entry was refused
        }
        let organisation = OrganisationNumber::parse(&name).map_err(|_| damaged())?;
        let hashes = frontier.chunks(32).map(Hash::try_from).collect::<Result<Vec<_>, _>>();
        let frontier =
            Frontier::from_parts(size as u64, hashes.map_err(|_| damaged())?).map_err(|_| damaged())?;
        let tree = Tree { id, frontier };
        if !agrees(&tree, &checkpoint) || leaf_count(connection, id)? != size {
            return Err(damaged());
        }
        // The right edge anew from stored leaves and tiles: a few hundred rows, whatever the size.
        let stored = frontier_at(&StoredTiles::at(connection, id, size as u64), size as u64);
        if stored.map_err(|_| damaged())? != tree.frontier {
            return Err(damaged());
        }
        trees.insert(organisation, tree);
    }
    Ok(trees)
}

fn agrees(tree: &Tree, checkpoint: &str) -> bool {
    let Ok(note) = SignedNote::parse(checkpoint) else { return false };
    Checkpoint::parse(note.text())
        .is_ok_and(|stated| stated.size == tree.frontier.size() && stated.root == tree.frontier.root())
}

/// Index after the last leaf: leaves are dense, so this is their number unless some were removed.
fn leaf_count(connection: &Connection, tree: i64) -> rusqlite::Result<i64> {
    let (first, end) = (leaf_id(tree, 0), leaf_id(tree + 1, 0));
    let last: Option<i64> =
        connection.query_row("SELECT max(id) FROM leaf WHERE id >= ?1 AND id < ?2", [first, end], |row| {
            row.get(0)
        })?;
    Ok(last.map_or(0, |id| leaf_index(id) as i64 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_index_leads_into_another_tree() {
        let edges = (0..64).flat_map(|bits| [(1u64 << bits) - 1, 1 << bits, (1 << bits) + 1]);
        for index in edges.chain([u64::MAX]) {
            for tree in [1, 2, 3, 1 << 20] {
                let id = leaf_id(tree, index);
                assert!((leaf_id(tree, 0)..leaf_id(tree + 1, 0)).contains(&id), "{tree} {index}");
                assert!(index >= MOST_LEAVES || leaf_index(id) == index);
            }
        }
    }
}
