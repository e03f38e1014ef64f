//! Proofs for leaves that were just appended, without reading anything.

use std::sync::OnceLock;

use super::build::{BuildError, Subtrees, inclusion_proof};
use super::frontier::{Frontier, TileNode};
use crate::hash::Hash;

/// A group of leaves appended at once. Makes the inclusion proof of each of them in the grown tree from the frontier before
/// the group and the group's own leaves: a receipt on the hot path costs no read. The whole group costs one hash per leaf
/// beyond the proofs themselves.
#[derive(Debug)]
pub struct Batch {
    before: Frontier,
    after: Frontier,
    completed: Vec<TileNode>,
    leaves: Vec<Hash>,
    /// For each level, the full subtrees that hold at least one new leaf: the first one's index, and their hashes. Made when the
    /// first proof is.
    levels: OnceLock<Vec<(u64, Vec<Hash>)>>,
}

/// The subtree lies neither in the frontier before the batch nor in the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the subtree is older than the batch")]
pub struct NotInBatch;

impl Batch {
    /// The tree that `before` is the frontier of, grown by these leaf hashes.
    pub fn new(before: Frontier, leaf_hashes: Vec<Hash>) -> Self {
        let mut after = before.clone();
        let completed = leaf_hashes.iter().flat_map(|leaf| after.append(*leaf)).collect();
        Self { before, after, completed, leaves: leaf_hashes, levels: OnceLock::new() }
    }

    fn levels(&self) -> &[(u64, Vec<Hash>)] {
        self.levels.get_or_init(|| {
            let mut levels = vec![(self.before.size(), self.leaves.clone())];
            while let Some(row) = levels.last() {
                let next = parents(&self.before, levels.len() as u32 - 1, row);
                if next.1.is_empty() {
                    break;
                }
                levels.push(next);
            }
            levels
        })
    }

    /// The frontier after the batch.
    pub const fn frontier(&self) -> &Frontier {
        &self.after
    }

    /// The tile nodes that the batch completed, for the store to insert with the leaves.
    pub fn completed(&self) -> &[TileNode] {
        &self.completed
    }

    /// The inclusion proof, in the tree after the batch, of leaf `index`, which must be one of the batch.
    pub fn inclusion_proof(&self, index: u64) -> Result<Vec<Hash>, BuildError<NotInBatch>> {
        if index < self.before.size() {
            return Err(BuildError::OutOfRange);
        }
        inclusion_proof(self, index, self.after.size())
    }
}

/// The next level of full subtrees above `row`. A row that starts in the middle of a parent has its left sibling in the
/// frontier before the batch.
fn parents(before: &Frontier, level: u32, (start, hashes): &(u64, Vec<Hash>)) -> (u64, Vec<Hash>) {
    let mut up = Vec::with_capacity(hashes.len() / 2 + 1);
    let mut rest = hashes.as_slice();
    if start % 2 == 1
        && let Some((first, others)) = rest.split_first()
        && let Some(left) = frontier_node(before, level)
    {
        up.push(Hash::node(&left, first));
        rest = others;
    }
    up.extend(rest.as_chunks::<2>().0.iter().map(|[left, right]| Hash::node(left, right)));
    (start / 2, up)
}

/// The frontier's subtree of 2^`level` leaves, if it has one.
fn frontier_node(frontier: &Frontier, level: u32) -> Option<Hash> {
    if frontier.size().checked_shr(level)? & 1 == 0 {
        return None;
    }
    let larger = frontier.size().checked_shr(level + 1).unwrap_or(0).count_ones();
    frontier.hashes().get(larger as usize).copied()
}

impl Subtrees for Batch {
    type Error = NotInBatch;

    fn subtree(&self, level: u32, index: u64) -> Result<Hash, NotInBatch> {
        if let Some((start, hashes)) = self.levels().get(level as usize)
            && let Some(place) = index.checked_sub(*start)
            && let Some(hash) = usize::try_from(place).ok().and_then(|place| hashes.get(place))
        {
            return Ok(*hash);
        }
        let is_frontier = self.before.size().checked_shr(level).is_some_and(|count| count == index + 1);
        frontier_node(&self.before, level).filter(|_| is_frontier).ok_or(NotInBatch)
    }
}
