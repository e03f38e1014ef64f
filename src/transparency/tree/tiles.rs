//! Subtree hashes out of a store of leaf hashes and tile nodes.

use std::cell::RefCell;
use std::ops::Range;

use super::build::Subtrees;
use crate::hash::Hash;

/// Levels that one tile spans.
pub const TILE_LEVELS: u32 = 8;
/// Hashes along a full tile's lower edge.
pub const TILE_WIDTH: u64 = 1 << TILE_LEVELS;

/// The read-only port to where leaf hashes and tile nodes are stored.
pub trait TileStore {
    /// What can go wrong when reading.
    type Error;

    /// The stored hashes of one level, in order, exactly as many as `range` is long (at most 256, within one tile).
    /// Level 0: leaf hashes by leaf index. Level 8, 16, 24 …: [`super::TileNode`]s by their index.
    fn hashes(&self, level: u32, range: Range<u64>) -> Result<Vec<Hash>, Self::Error>;
}

impl<T: TileStore + ?Sized> TileStore for &T {
    type Error = T::Error;

    fn hashes(&self, level: u32, range: Range<u64>) -> Result<Vec<Hash>, Self::Error> {
        (**self).hashes(level, range)
    }
}

/// Why a subtree's hash could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TileError<E> {
    /// The store failed.
    #[error("the store of tree nodes failed")]
    Store(#[source] E),
    /// The store holds fewer nodes than the tree's size says it must: rows are gone, or the size is wrong.
    #[error("tree nodes are missing from the store")]
    Missing,
}

/// The tree of the first `size` leaves in a store. Reads each tile once and keeps it, so make one for a few proofs and drop it.
#[derive(Debug)]
pub struct Tiles<T> {
    store: T,
    size: u64,
    read: RefCell<Vec<Tile>>,
}

#[derive(Debug)]
struct Tile {
    level: u32,
    index: u64,
    /// The stored hashes, and above them level by level the nodes whose leaves are all there.
    rows: Vec<Vec<Hash>>,
}

impl Tile {
    fn new(level: u32, index: u64, hashes: Vec<Hash>) -> Self {
        let parents = |row: &Vec<Hash>| -> Vec<Hash> {
            row.as_chunks::<2>().0.iter().map(|[left, right]| Hash::node(left, right)).collect()
        };
        let rows = std::iter::successors(Some(hashes), |row| Some(parents(row)).filter(|up| !up.is_empty()));
        Self { level, index, rows: rows.collect() }
    }
}

impl<T: TileStore> Tiles<T> {
    /// The first `size` leaves of what `store` holds (which may be more).
    pub const fn new(store: T, size: u64) -> Self {
        Self { store, size, read: RefCell::new(Vec::new()) }
    }

    /// A node of a tile: `above` its lower edge, at this place.
    fn node(&self, (level, index): (u32, u64), above: u32, place: u64) -> Result<Hash, TileError<T::Error>> {
        let mut read = self.read.borrow_mut();
        let tile = match read.iter().position(|tile| tile.level == level && tile.index == index) {
            Some(tile) => tile,
            None => {
                let start = index * TILE_WIDTH;
                let end = (self.size >> level).min(start + TILE_WIDTH);
                if start >= end {
                    return Err(TileError::Missing);
                }
                let hashes = self.store.hashes(level, start..end).map_err(TileError::Store)?;
                if hashes.len() as u64 != end - start {
                    return Err(TileError::Missing);
                }
                read.push(Tile::new(level, index, hashes));
                read.len() - 1
            }
        };
        let row = read.get(tile).and_then(|tile| tile.rows.get(above as usize));
        row.and_then(|row| row.get(place as usize)).copied().ok_or(TileError::Missing)
    }
}

impl<T: TileStore> Subtrees for Tiles<T> {
    type Error = TileError<T::Error>;

    fn subtree(&self, level: u32, index: u64) -> Result<Hash, Self::Error> {
        let above = level % TILE_LEVELS;
        let across = TILE_WIDTH >> above;
        self.node((level - above, index / across), above, index % across)
    }
}
