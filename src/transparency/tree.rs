//! The Merkle tree of RFC 6962: grown leaf by leaf, proven from few stored nodes, verified by anyone.
//!
//! A store keeps every leaf hash in order and, for each full tile, one node at level 8, 16, 24 … (the root of 2⁸, 2¹⁶ …
//! leaves). [`Frontier::append`] says which of these a leaf completed. Proofs then read at most one tile of
//! 256 hashes for every 8 levels on each side of a path, never the whole log.

mod batch;
mod build;
mod frontier;
mod tiles;
mod verify;

pub use batch::Batch;
pub use build::{BuildError, Subtrees, consistency_proof, frontier_at, inclusion_proof, root_at};
pub use frontier::{Frontier, FrontierError, TileNode};
pub use tiles::{TILE_LEVELS, TILE_WIDTH, TileError, TileStore, Tiles};
pub use verify::{ProofError, verify_consistency, verify_inclusion};

#[cfg(test)]
mod tests;
