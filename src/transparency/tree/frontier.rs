//! The right edge of the tree: all that must be held in memory to grow it.

use super::tiles::TILE_LEVELS;
use crate::hash::Hash;

/// The roots of the full subtrees a tree of some size falls into, largest (leftmost) first: one for each bit of its size.
/// Cheap to clone (at most 64 hashes).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    hashes: Vec<Hash>,
}

/// A node that the store keeps because its tile has just become full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TileNode {
    /// 8, 16, 24 …: the node covers 2^level leaves.
    pub level: u32,
    /// Its place among the nodes of its level, from 0.
    pub index: u64,
    /// Its hash.
    pub hash: Hash,
}

/// Parts that do not make a frontier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrontierError {
    /// The number of hashes is not the number of one-bits in the size.
    #[error("the number of frontier hashes does not fit the tree size")]
    Count,
    /// A subtree may only follow a tree whose size is a multiple of the subtree's.
    #[error("the subtree does not start at a multiple of its own size")]
    Alignment,
    /// The tree cannot hold more than 2⁶⁴ − 1 leaves.
    #[error("the tree is full")]
    Full,
}

impl Frontier {
    /// The empty tree.
    pub const fn new() -> Self {
        Self { size: 0, hashes: Vec::new() }
    }

    /// A frontier as stored: the tree's size and [`Frontier::hashes`].
    pub fn from_parts(size: u64, hashes: Vec<Hash>) -> Result<Self, FrontierError> {
        if hashes.len() != size.count_ones() as usize {
            return Err(FrontierError::Count);
        }
        Ok(Self { size, hashes })
    }

    /// The number of leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the full subtrees, largest first.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// The tree's root hash; of the empty tree, SHA-256 of nothing.
    pub fn root(&self) -> Hash {
        let mut from_right = self.hashes.iter().rev();
        match from_right.next() {
            None => Hash::empty_root(),
            Some(last) => from_right.fold(*last, |right, left| Hash::node(left, &right)),
        }
    }

    /// Adds a leaf, by its leaf hash, at index [`Frontier::size`], and returns the tile nodes this completed (usually none,
    /// and then without allocating), lowest level first.
    pub fn append(&mut self, leaf_hash: Hash) -> Vec<TileNode> {
        let mut completed = Vec::new();
        self.grow(0, leaf_hash, |node| completed.push(node));
        completed
    }

    /// Adds a full subtree of 2^`level` leaves, of which only the root hash is known.
    pub fn append_subtree(&mut self, level: u32, hash: Hash) -> Result<(), FrontierError> {
        let width = 1u64.checked_shl(level).ok_or(FrontierError::Alignment)?;
        if !self.size.is_multiple_of(width) {
            return Err(FrontierError::Alignment);
        }
        self.size.checked_add(width).ok_or(FrontierError::Full)?;
        self.grow(level, hash, |_| {});
        Ok(())
    }

    fn grow(&mut self, mut level: u32, mut hash: Hash, mut completed: impl FnMut(TileNode)) {
        let width = 1u64 << level;
        // Each one-bit from `level` upwards is a full left sibling that now becomes part of a larger subtree.
        while self.size >> level & 1 == 1 {
            let Some(left) = self.hashes.pop() else { break };
            hash = Hash::node(&left, &hash);
            level += 1;
            if level.is_multiple_of(TILE_LEVELS) {
                completed(TileNode { level, index: self.size >> level, hash });
            }
        }
        self.hashes.push(hash);
        self.size += width;
    }
}

impl Default for Frontier {
    fn default() -> Self {
        Self::new()
    }
}
