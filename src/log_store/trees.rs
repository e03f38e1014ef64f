//! Each board's tree as the writer knows it: size, frontier, the engine's name of it.

use std::collections::HashMap;

use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::{Checkpoint, Frontier, Hash, SignedNote, frontier_at};

use crate::{
    Fault, OpenError,
    engine::Rows,
    rows::{TreeId, TreeRow},
    tiles::StoredTiles,
};

/// Most leaves of a tree: an engine may keep an index in 40 bits.
pub const MOST_LEAVES: u64 = (1 << 40) - 1;

/// One board's tree.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub(crate) id: TreeId,
    pub(crate) frontier: Frontier,
}

/// All trees.
pub(crate) type Trees = HashMap<OrganisationNumber, Tree>;

/// Reads all trees and holds each against its own checkpoint and its number of leaves.
pub(crate) fn load(rows: &dyn Rows) -> Result<Trees, OpenError> {
    let mut trees = Trees::new();
    for row in rows.trees()? {
        let damaged = || OpenError::Tree(row.board.clone());
        if row.size == 0 && row.checkpoint.is_empty() && rows.leaves(row.id, 0..u64::MAX, 1)?.is_empty() {
            continue; // its first entry was refused
        }
        let board = OrganisationNumber::parse(&row.board).map_err(|_| damaged())?;
        trees.insert(
            board,
            tree_of(rows, &row).map_err(|fault| fault.map_or_else(damaged, OpenError::Fault))?,
        );
    }
    Ok(trees)
}

/// `None`: it does not agree with its own checkpoint, leaves or nodes.
fn tree_of(rows: &dyn Rows, row: &TreeRow) -> Result<Tree, Option<Fault>> {
    let hashes = row.frontier.chunks(32).map(Hash::try_from).collect::<Result<Vec<_>, _>>();
    let frontier = Frontier::from_parts(row.size, hashes.map_err(|_| None)?).map_err(|_| None)?;
    let tree = Tree { id: row.id, frontier };
    // Leaves are dense, so the last one tells their number unless some were removed.
    let last = row.size.saturating_sub(1)..u64::MAX;
    let last: Vec<_> = rows.leaves(row.id, last, 2)?.iter().map(|leaf| leaf.index + 1).collect();
    if !agrees(&tree, &row.checkpoint) || last != [row.size] {
        return Err(None);
    }
    // The right edge anew from stored leaves and nodes: a few hundred rows, whatever the size.
    let stored = frontier_at(&StoredTiles::at(rows, row.id, row.size), row.size);
    if stored.map_err(|_| None)? == tree.frontier { Ok(tree) } else { Err(None) }
}

fn agrees(tree: &Tree, checkpoint: &str) -> bool {
    let Ok(note) = SignedNote::parse(checkpoint) else { return false };
    Checkpoint::parse(note.text())
        .is_ok_and(|stated| stated.size == tree.frontier.size() && stated.root == tree.frontier.root())
}
