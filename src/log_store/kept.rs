//! Checkpoints that witnesses cosigned, each row authenticated: the newest, the oldest, and between them the fewer the older, as
//! each of them proves all that lies before it. A new one comes up to every second.

use ssbtek_vault::Vault;

use crate::{
    authentic::mac_of,
    engine::{Changes, Done},
    rows::{KeptRow, TreeId},
};

/// Authenticates a row.
pub fn mac(vault: &dyn Vault, tree: TreeId, size: u64, note: &str) -> Done<[u8; 16]> {
    let row = [tree.to_be_bytes().as_slice(), &size.to_be_bytes(), note.as_bytes()].concat();
    mac_of(vault, "kept_checkpoint", &row)
}

/// Keeps one, and no more than `most` of its tree.
pub(crate) fn keep(
    changes: &dyn Changes,
    vault: &dyn Vault,
    tree: TreeId,
    (size, note): (u64, &str),
    most: usize,
) -> Done<()> {
    let mac = Some(mac(vault, tree, size, note)?);
    changes.keep(tree, &KeptRow { size, note: note.to_owned(), mac })?;
    thin_out(changes, tree, most)
}

/// Rows thinned out in one turn of the writer at most, where there are too many from before there was a bound.
const THINNED_AT_ONCE: usize = 256;

/// Leaves at most `most` checkpoints of a tree (and at least two), with gaps that grow with their age.
fn thin_out(changes: &dyn Changes, tree: TreeId, most: usize) -> Done<()> {
    let most = most.max(2);
    let mut sizes: Vec<u64> = changes.kept(tree, usize::MAX)?.iter().map(|kept| kept.size).collect();
    sizes.truncate(most + THINNED_AT_ONCE);
    let Some(newest) = sizes.last().copied() else { return Ok(()) };
    while sizes.len() > most {
        // The one whose going leaves the smallest gap for its age.
        let gap = |around: &[u64]| match *around {
            [before, at, after] => (after - before) as f64 / (newest - at + 1) as f64,
            _ => f64::INFINITY,
        };
        let gaps = sizes.windows(3).map(gap).enumerate();
        let Some((least, _)) = gaps.min_by(|a, b| a.1.total_cmp(&b.1)) else { return Ok(()) };
        changes.drop_kept(tree, sizes.remove(least + 1))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    fn keep(rows: &dyn Changes, size: u64) {
        rows.keep(1, &KeptRow { size, note: String::new(), mac: None }).unwrap();
    }

    fn sizes(rows: &dyn Changes) -> Vec<u64> {
        rows.kept(1, usize::MAX).unwrap().iter().map(|kept| kept.size).collect()
    }

    #[test]
    fn kept_checkpoints_are_bounded_and_get_fewer_the_older_they_are() {
        let rows = Memory::default().rows();
        for size in 1..=20_000 {
            keep(&rows, size);
            thin_out(&rows, 1, 32).unwrap();
        }
        let left = sizes(&rows);
        assert_eq!((left.len(), left[0], left[31]), (32, 1, 20_000));
        for pair in left.windows(2) {
            let age = 20_000 - pair[0];
            assert!(pair[1] - pair[0] <= 1 + age * 2 / 3, "{pair:?} of {left:?}");
        }
    }

    #[test]
    fn too_many_from_before_there_was_a_bound_go_in_bounded_turns() {
        let rows = Memory::default().rows();
        (1..=5_000).for_each(|size| keep(&rows, size));
        let mut before = 5_000;
        while before > 32 {
            thin_out(&rows, 1, 32).unwrap();
            let now = sizes(&rows);
            assert!(now.len() < before && before - now.len() <= THINNED_AT_ONCE);
            assert_eq!(now.last(), Some(&5_000));
            before = now.len();
        }
    }
}
