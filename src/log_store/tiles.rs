//! Stored leaf hashes and tree nodes, as the tree's mathematics reads them.

use std::ops::Range;

use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::{Hash, TileStore, Tiles};

use crate::{
    Fault,
    engine::{Done, Rows},
    rows::{TreeId, TreeRow},
};

/// One tree's rows. A gap counts as missing.
pub(crate) struct StoredTiles<'r> {
    rows: &'r dyn Rows,
    tree: TreeId,
}

impl<'r> StoredTiles<'r> {
    /// The tree of the first `size` leaves.
    pub(crate) fn at(rows: &'r dyn Rows, tree: TreeId, size: u64) -> Tiles<Self> {
        Tiles::new(Self { rows, tree }, size)
    }
}

impl TileStore for StoredTiles<'_> {
    type Error = Fault;

    fn hashes(&self, level: u32, range: Range<u64>) -> Done<Vec<Hash>> {
        self.rows.nodes(self.tree, level, range)
    }
}

/// A board's tree, if it has a leaf.
pub(crate) fn find(rows: &dyn Rows, board: OrganisationNumber) -> Done<Option<TreeRow>> {
    Ok(rows.tree(board)?.filter(|tree| tree.size > 0))
}

/// As [`find`], for what must be there.
pub(crate) fn existing(rows: &dyn Rows, board: OrganisationNumber) -> Done<TreeRow> {
    find(rows, board)?.ok_or(Fault::Damaged("a board's tree is not there"))
}
