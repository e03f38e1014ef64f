//! The index made anew from the records, at the first start after it was dropped: a part at a time, each in a transaction, so that
//! a start that is cut off goes on where it was. Receipts, trees and records are not touched.

use std::time::{Duration, Instant};

use ssbtek_access_log::{Header, OpenFault, StoredLeaf, Term, expected_terms, read_leaf};
use ssbtek_domain::OrganisationNumber;
use ssbtek_vault::Vault;

use super::{month_of, rows_of};
use crate::{
    Fault, OpenError,
    engine::{Rows, WritingEnd, change},
    rows::{IndexRow, TreeRow},
};

/// Records of one part: so many that their rows, sorted, lie together in the table.
const PART: u64 = 32_768;
/// Of these, read in one go.
const AT_ONCE: u32 = 1024;
/// How often it is told how far it is.
const TELL: Duration = Duration::from_secs(5);

/// Goes on until it is whole.
pub(crate) fn rebuild(end: &mut dyn WritingEnd, vault: &dyn Vault) -> Result<(), OpenError> {
    let (mut all, mut done, mut told) = (None, 0, Instant::now());
    loop {
        let part = change(end, |changes| {
            let Some((tree, from)) = changes.unindexed()?.first().copied() else { return Ok(Ok(None)) };
            let trees = changes.trees()?;
            let Some(row) = trees.iter().find(|row| row.id == tree) else {
                changes.set_unindexed(tree, None)?;
                return Ok(Ok(Some(0)));
            };
            if all.is_none() {
                let missing = missing(changes, &trees)?;
                tracing::info!(records = missing, "the look-up index is made anew from the records");
                all = Some(missing);
            }
            // What cannot be read is no fault of the engine's: nothing is written, and it is told as what it is.
            let (mut rows, read) = match part(changes, vault, row, from) {
                Ok(part) => part,
                Err(error) => return Ok(Err(error)),
            };
            rows.sort_unstable();
            changes.add_terms(&rows)?;
            changes.set_unindexed(tree, (read > 0).then_some(from + read))?;
            Ok(Ok(Some(read)))
        })??;
        let Some(read) = part else { break };
        done += read;
        if told.elapsed() >= TELL {
            told = Instant::now();
            tracing::info!(done, records = all, "the look-up index is being made anew");
        }
    }
    if all.is_some() {
        tracing::info!(records = done, "the look-up index is whole");
    }
    Ok(())
}

fn missing(rows: &dyn Rows, trees: &[TreeRow]) -> Result<u64, Fault> {
    let size = |tree| trees.iter().find(|row| row.id == tree).map_or(0, |row| row.size);
    Ok(rows.unindexed()?.into_iter().map(|(tree, next)| size(tree).saturating_sub(next)).sum())
}

/// The rows of the next records of a tree, and how many records those are.
fn part(
    rows: &dyn Rows,
    vault: &dyn Vault,
    tree: &TreeRow,
    from: u64,
) -> Result<(Vec<IndexRow>, u64), OpenError> {
    let board = OrganisationNumber::parse(&tree.board).map_err(|_| OpenError::Tree(tree.board.clone()))?;
    let (mut found, mut next) = (Vec::new(), from);
    while next < from + PART {
        let leaves = rows.leaves(tree.id, next..from + PART, AT_ONCE)?;
        let Some(last) = leaves.last() else { break };
        next = last.index + 1;
        for leaf in leaves {
            let leaf = leaf.stored()?;
            let (month, terms) = (month_of(board, &leaf.key), terms_of(vault, board, &leaf)?);
            // A header that has not its form is the check's to tell.
            let Some(header) = Header::from_bytes(&leaf.header) else { continue };
            let terms = if month.is_some() { terms } else { Vec::new() };
            found.extend(rows_of(tree.id, leaf.index, header.entry, month.unwrap_or_default(), &terms));
        }
    }
    Ok((found, next - from))
}

/// None of what is erased, or was tampered with: that is the check's to tell.
fn terms_of(vault: &dyn Vault, board: OrganisationNumber, leaf: &StoredLeaf) -> Result<Vec<Term>, OpenError> {
    let payload = match read_leaf(vault, board, leaf) {
        Ok((_, payload)) => payload,
        Err(OpenFault::Tampered) => None,
        Err(OpenFault::Newer) => return Err(OpenError::NewerRecord),
        Err(OpenFault::Vault(state)) => {
            return Err(OpenError::Fault(Fault::Vault((leaf.key.kind(), state))));
        }
    };
    let Some(payload) = payload else { return Ok(Vec::new()) };
    match vault.open(&leaf.key) {
        Ok(key) => Ok(expected_terms(&key, &payload)),
        Err(error) if error.is_erasure() => Ok(Vec::new()),
        Err(error) => Err(OpenError::Fault(error.into())),
    }
}
