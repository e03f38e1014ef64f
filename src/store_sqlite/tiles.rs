//! Stored leaf hashes and tile nodes, as the tree's mathematics reads them.

use std::ops::Range;

use rusqlite::{Connection, params};
use ssbtek_access_log::StoreError;
use ssbtek_transparency::{Hash, TileStore, Tiles};

use crate::trees::leaf_id;

/// One tree's rows. A hash that is not 32 bytes, or a gap, counts as missing.
pub(crate) struct StoredTiles<'c> {
    pub(crate) connection: &'c Connection,
    pub(crate) tree: i64,
}

impl<'c> StoredTiles<'c> {
    /// The tree of the first `size` leaves.
    pub(crate) fn at(connection: &'c Connection, tree: i64, size: u64) -> Tiles<Self> {
        Tiles::new(Self { connection, tree }, size)
    }
}

impl TileStore for StoredTiles<'_> {
    type Error = rusqlite::Error;

    fn hashes(&self, level: u32, range: Range<u64>) -> Result<Vec<Hash>, rusqlite::Error> {
        let hash = |row: &rusqlite::Row<'_>| row.get::<_, [u8; 32]>(0).map(Hash::from_bytes);
        if level == 0 {
            let (from, until) = (leaf_id(self.tree, range.start), leaf_id(self.tree, range.end));
            self.connection
                .prepare_cached("SELECT hash FROM leaf WHERE id >= ?1 AND id < ?2 ORDER BY id")?
                .query_map([from, until], hash)?
                .collect()
        } else {
            let (from, until) = (range.start as i64, range.end as i64);
            self.connection
                .prepare_cached(
                    "SELECT hash FROM tile WHERE tree = ?1 AND level = ?2 AND idx >= ?3 AND idx < ?4 ORDER BY idx",
                )?
                .query_map(params![self.tree, level, from, until], hash)?
                .collect()
        }
    }
}

/// A board's tree: database id, size, checkpoint.
pub(crate) fn find(connection: &Connection, board: &str) -> rusqlite::Result<Option<(i64, u64, String)>> {
    use rusqlite::OptionalExtension;
    connection
        .prepare_cached("SELECT id, size, checkpoint FROM tree WHERE organisation = ?1 AND size > 0")?
        .query_row([board], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64, row.get(2)?)))
        .optional()
}

/// As [`find`], for what must be there.
pub(crate) fn existing(connection: &Connection, board: &str) -> Result<(i64, u64, String), StoreError> {
    find(connection, board)?.ok_or(StoreError)
}
