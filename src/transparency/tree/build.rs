//! Building proofs, as RFC 6962 §2.1.1 and §2.1.2 define them, from whatever can name the hash of a full subtree.

use super::frontier::{Frontier, FrontierError};
use crate::hash::Hash;

/// A source of subtree hashes.
pub trait Subtrees {
    /// What can go wrong when reading.
    type Error;

    /// The root hash of the full subtree that covers leaves `index << level` up to `(index + 1) << level`.
    fn subtree(&self, level: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// Why a proof could not be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BuildError<E> {
    /// The index is not below the size, or the old size is above the new.
    #[error("the index or size asked for lies outside the tree")]
    OutOfRange,
    /// Reading the stored nodes failed.
    #[error("a stored tree node could not be read")]
    Read(#[source] E),
}

/// The inclusion proof (audit path) of leaf `index` in the tree of the first `size` leaves, nearest sibling first.
pub fn inclusion_proof<S: Subtrees>(
    tree: &S,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, BuildError<S::Error>> {
    if index >= size {
        return Err(BuildError::OutOfRange);
    }
    let mut proof = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(range_root(tree, middle, end)?);
            end = middle;
        } else {
            proof.push(range_root(tree, start, middle)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of the first `old` leaves is a beginning of the tree of the first `new` leaves. Empty when the
/// sizes are equal or `old` is 0 (nothing needs proving then).
pub fn consistency_proof<S: Subtrees>(
    tree: &S,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, BuildError<S::Error>> {
    if old > new {
        return Err(BuildError::OutOfRange);
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let mut proof = Vec::new();
    let (mut start, mut end) = (0, new);
    // RFC 6962's SUBPROOF(m, D[start:end], b): b is false once the path has turned right, that is, when start > 0.
    while old != end {
        let middle = start + split(end - start);
        if old <= middle {
            proof.push(range_root(tree, middle, end)?);
            end = middle;
        } else {
            proof.push(range_root(tree, start, middle)?);
            start = middle;
        }
    }
    if start > 0 {
        proof.push(range_root(tree, start, end)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The root hash of the tree of the first `size` leaves.
pub fn root_at<S: Subtrees>(tree: &S, size: u64) -> Result<Hash, BuildError<S::Error>> {
    if size == 0 { Ok(Hash::empty_root()) } else { range_root(tree, 0, size) }
}

/// The frontier of the tree of the first `size` leaves, to go on growing it after a restart.
pub fn frontier_at<S: Subtrees>(tree: &S, size: u64) -> Result<Frontier, BuildError<S::Error>> {
    let hashes = full_subtrees(0, size)
        .map(|(level, index)| tree.subtree(level, index).map_err(BuildError::Read))
        .collect::<Result<Vec<_>, _>>()?;
    Frontier::from_parts(size, hashes).map_err(|_: FrontierError| BuildError::OutOfRange)
}

/// The largest power of two below `n`; `n` is at least 2.
fn split(n: u64) -> u64 {
    1 << (u64::BITS - 1 - (n - 1).leading_zeros())
}

/// MTH(D[start:end]) of a range that the recursion above can meet: `start` is a multiple of every subtree it falls into.
fn range_root<S: Subtrees>(tree: &S, start: u64, end: u64) -> Result<Hash, BuildError<S::Error>> {
    let mut hashes = Vec::new();
    for (level, index) in full_subtrees(start, end) {
        hashes.push(tree.subtree(level, index).map_err(BuildError::Read)?);
    }
    let root = hashes.into_iter().rev().reduce(|right, left| Hash::node(&left, &right));
    root.ok_or(BuildError::OutOfRange)
}

/// The full subtrees, as (level, index), that leaves `start..end` fall into, largest first.
fn full_subtrees(mut start: u64, end: u64) -> impl Iterator<Item = (u32, u64)> {
    std::iter::from_fn(move || {
        let left = end.checked_sub(start).filter(|left| *left > 0)?;
        let level = left.ilog2();
        let found = (level, start >> level);
        start += 1 << level;
        Some(found)
    })
}
