//! Verifying proofs: the algorithms of RFC 9162 §2.1.3.2 and §2.1.4.2 (the trees are those of RFC 6962).

use crate::hash::Hash;

/// Why a proof does not convince.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The index is not below the size, or the old size is above the new.
    #[error("the proof is about an index or size outside the tree")]
    OutOfRange,
    /// Too few or too many hashes for these sizes.
    #[error("the proof has the wrong length")]
    Length,
    /// The proof leads to another root.
    #[error("the proof leads to another root hash")]
    Root,
}

/// Is the leaf with this hash at `index` in the tree of `size` leaves with this root?
pub fn verify_inclusion(
    leaf_hash: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange);
    }
    let (mut place, mut last) = (index, size - 1);
    let mut hash = *leaf_hash;
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if place & 1 == 1 || place == last {
            hash = Hash::node(sibling, &hash);
            skip_missing_siblings(&mut place, &mut last);
        } else {
            hash = Hash::node(&hash, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    match (last, hash == *root) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofError::Root),
        _ => Err(ProofError::Length),
    }
}

/// Is the tree of `old_size` leaves with `old_root` a beginning of the tree of `new_size` leaves with `new_root`?
/// Between equal sizes the proof is empty and the roots equal; the empty tree is a beginning of every tree.
pub fn verify_consistency(
    old_size: u64,
    new_size: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::OutOfRange);
    }
    if old_size == 0 || old_size == new_size {
        let known_root = if old_size == 0 { Hash::empty_root() } else { *new_root };
        return match (proof.is_empty(), known_root == *old_root) {
            (false, _) => Err(ProofError::Length),
            (_, false) => Err(ProofError::Root),
            // Both empty: the new root must be the empty root, too.
            _ if new_size == 0 && *new_root != known_root => Err(ProofError::Root),
            _ => Ok(()),
        };
    }
    // An old tree that is one full subtree is its own first node, and the proof leaves it out.
    let (first, rest) = if old_size.is_power_of_two() {
        (*old_root, proof)
    } else {
        proof.split_first().map(|(first, rest)| (*first, rest)).ok_or(ProofError::Length)?
    };
    let (mut place, mut last) = (old_size - 1, new_size - 1);
    while place & 1 == 1 {
        place >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (first, first);
    for sibling in rest {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if place & 1 == 1 || place == last {
            old_hash = Hash::node(sibling, &old_hash);
            new_hash = Hash::node(sibling, &new_hash);
            skip_missing_siblings(&mut place, &mut last);
        } else {
            new_hash = Hash::node(&new_hash, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    match (last, old_hash == *old_root && new_hash == *new_root) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofError::Root),
        _ => Err(ProofError::Length),
    }
}

/// A node at the right edge without a sibling rises unchanged: up to where the path is a right child again.
fn skip_missing_siblings(place: &mut u64, last: &mut u64) {
    while *place & 1 == 0 && *place != 0 {
        *place >>= 1;
        *last >>= 1;
    }
}
