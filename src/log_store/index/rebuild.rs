//! The index made anew from the records, at the first start after it was dropped: a part at a time, each in a transaction, so that
//! a start that is cut off goes on where it was. Receipts, trees and records are not touched.
//!
//! Where a month's key cannot be had, what else leads to the board's records is made all the same; nothing is looked for in that board's
//! log before the rest is made too, which is tried again with every look at the keys.

use std::{
    collections::HashMap,
    panic::Location,
    time::{Duration, Instant},
};

use ssbtek_access_log::{Header, OpenFault, StoreError, StoredLeaf, Term, expected_terms, read_leaf};
use ssbtek_domain::OrganisationNumber;
use ssbtek_telemetry::{Fault as Told, FaultKind};
use ssbtek_vault::{KeyId, KeyState, Vault};

use super::{month_of, rows_of};
use crate::{
    Fault, OpenError, Store,
    engine::{Changes, Done, Rows, WritingEnd, change},
    rows::{IndexRow, TreeId, TreeRow},
};

/// Records of one part: so many that their rows, sorted, lie together in the table.
const PART: u64 = 32_768;
/// Of these, read in one go.
const AT_ONCE: u32 = 1024;
/// How often it is told how far it is.
const TELL: Duration = Duration::from_secs(5);

/// How far it is, in this process.
#[derive(Default)]
struct Rebuilding {
    /// The next record of each tree that was begun.
    next: HashMap<TreeId, u64>,
    /// The first record of each tree whose key cannot be had.
    stopped: HashMap<TreeId, u64>,
}

/// Goes on until it is whole, but for what waits for a key.
pub(crate) fn rebuild(end: &mut dyn WritingEnd, vault: &dyn Vault) -> Result<(), OpenError> {
    let (mut all, mut done, mut told) = (None, 0, Instant::now());
    let mut rebuilding = Rebuilding::default();
    loop {
        let part = change(end, |changes| {
            if all.is_none() && !changes.unindexed()?.is_empty() {
                let missing = missing(changes, &changes.trees()?)?;
                tracing::info!(records = missing, "the look-up index is made anew from the records");
                all = Some(missing);
            }
            rebuilding.step(changes, vault)
        })??;
        let Some(read) = part else { break };
        done += read;
        if told.elapsed() >= TELL {
            told = Instant::now();
            tracing::info!(done, records = all, "the look-up index is being made anew");
        }
    }
    if all.is_some() && rebuilding.stopped.is_empty() {
        tracing::info!(records = done, "the look-up index is whole");
    }
    Ok(())
}

impl Store {
    /// Makes what waited for a key, a part at a time, so that questions have their turns between.
    pub(crate) async fn rebuild_what_waited(&self) -> Result<(), StoreError> {
        if self.readers.run(None, |rows| Ok(rows.unindexed()?.is_empty())).await? {
            return Ok(());
        }
        let mut rebuilding = Rebuilding::default();
        loop {
            let vault = self.vault.clone();
            let step = self.in_transaction(None, move |changes| {
                let part = rebuilding.step(changes, &*vault)?;
                Ok((rebuilding, part))
            });
            let (gone_on, part) = step.await?;
            rebuilding = gone_on;
            // What is no key's fault was told of at the start, which it ended.
            if !matches!(part, Ok(Some(_))) {
                return Ok(());
            }
        }
    }
}

impl Rebuilding {
    /// The next part, and how many records that was; `None` where there is nothing more to do now.
    fn step(&mut self, changes: &dyn Changes, vault: &dyn Vault) -> Done<Result<Option<u64>, OpenError>> {
        let is_done = |tree: TreeId, from: u64| {
            self.stopped.get(&tree) == Some(&from) && !self.next.contains_key(&tree)
        };
        let Some((tree, from)) = changes.unindexed()?.into_iter().find(|(tree, from)| !is_done(*tree, *from))
        else {
            return Ok(Ok(None));
        };
        let Some(row) = changes.trees()?.into_iter().find(|row| row.id == tree) else {
            changes.set_unindexed(tree, None)?;
            return Ok(Ok(Some(0)));
        };
        let from = self.next.get(&tree).copied().unwrap_or(from);
        // What cannot be read is no fault of the engine's: nothing is written, and it is told as what it is.
        let Part { mut rows, read, stopped } = match part(changes, vault, &row, from) {
            Ok(part) => part,
            Err(error) => return Ok(Err(error)),
        };
        rows.sort_unstable();
        changes.add_terms(&rows)?;
        if let Some(at) = stopped {
            self.stopped.entry(tree).or_insert(at);
        }
        if read > 0 {
            self.next.insert(tree, from + read);
        } else {
            self.next.remove(&tree);
        }
        let next = self.stopped.get(&tree).copied().or((read > 0).then_some(from + read));
        changes.set_unindexed(tree, next)?;
        Ok(Ok(Some(read)))
    }
}

/// What was found in one.
struct Part {
    rows: Vec<IndexRow>,
    /// Records.
    read: u64,
    /// The first record whose key cannot be had.
    stopped: Option<u64>,
}

fn missing(rows: &dyn Rows, trees: &[TreeRow]) -> Result<u64, Fault> {
    let size = |tree| trees.iter().find(|row| row.id == tree).map_or(0, |row| row.size);
    Ok(rows.unindexed()?.into_iter().map(|(tree, next)| size(tree).saturating_sub(next)).sum())
}

/// The rows of the next records of a tree.
fn part(rows: &dyn Rows, vault: &dyn Vault, tree: &TreeRow, from: u64) -> Result<Part, OpenError> {
    let board = OrganisationNumber::parse(&tree.board).map_err(|_| OpenError::Tree(tree.board.clone()))?;
    let (mut found, mut next, mut stopped) = (Vec::new(), from, None);
    while next < from + PART {
        let leaves = rows.leaves(tree.id, next..from + PART, AT_ONCE)?;
        let Some(last) = leaves.last() else { break };
        next = last.index + 1;
        for leaf in leaves {
            let leaf = leaf.stored()?;
            let month = month_of(board, &leaf.key);
            let terms = match terms_of(vault, board, &leaf) {
                Err(Stopped::Key(state)) => {
                    tell(board, &leaf.key, state);
                    stopped = stopped.or(Some(leaf.index));
                    Vec::new()
                }
                Err(Stopped::Other(error)) => return Err(error),
                Ok(terms) => terms,
            };
            // A header that has not its form is the check's to tell.
            let Some(header) = Header::from_bytes(&leaf.header) else { continue };
            let terms = if month.is_some() { terms } else { Vec::new() };
            found.extend(rows_of(tree.id, leaf.index, header.entry, month.unwrap_or_default(), &terms));
        }
    }
    Ok(Part { rows: found, read: next - from, stopped })
}

fn tell(board: OrganisationNumber, key: &KeyId, state: KeyState) {
    let fault = Told::new(Location::caller(), FaultKind::Key).of_key((key.kind(), state.as_str()));
    fault.of(&board).tell(&format_args!(
        "nothing is looked for in the board's log before the key {key} is there: what leads to its records cannot be made anew"
    ));
}

/// Why nothing was made that leads to a record.
enum Stopped {
    Key(KeyState),
    Other(OpenError),
}

/// None of what is erased, or was tampered with: that is the check's to tell.
fn terms_of(vault: &dyn Vault, board: OrganisationNumber, leaf: &StoredLeaf) -> Result<Vec<Term>, Stopped> {
    let payload = match read_leaf(vault, board, leaf) {
        Ok((_, payload)) => payload,
        Err(OpenFault::Tampered) => None,
        Err(OpenFault::Newer) => return Err(Stopped::Other(OpenError::NewerRecord)),
        Err(OpenFault::Vault(state)) => return Err(Stopped::Key(state)),
    };
    let Some(payload) = payload else { return Ok(Vec::new()) };
    match vault.open(&leaf.key) {
        Ok(key) => Ok(expected_terms(&key, &payload)),
        Err(error) if error.is_erasure() => Ok(Vec::new()),
        Err(error) => Err(Stopped::Key(error.told().1)),
    }
}
