//! Rows beside the trees that answers rest on: spent assertions, and what the store was started with (how far revocation lists have
//! come, by what each index key is known, which log keys there are), and the checkpoints that are kept. Each is authenticated by itself;
//! that none was removed, or put back to what it was earlier, is told by the trees: each says how far all had come when it grew last.

use ssbtek_transparency::Hash;
use ssbtek_vault::Vault;

use crate::{
    Fault,
    authentic::{last_started_with, mac_of, put_started_with},
    engine::{Changes, Done, Rows},
    rows::{TreeId, TreeRow},
    tokens,
};

/// The row of `started` that tells of all its others: how often they have changed, and what they are.
pub(crate) const ROWS: &str = "rows";
/// Bytes of a number.
const NUMBER: usize = 8;
/// Bytes of what authenticates a row.
const MAC: usize = 16;

const NOT_AS_WRITTEN: Fault =
    Fault::Damaged("what a tree says of the rows beside it is not as it was written");

/// How far the rows beside the trees have come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Beside {
    /// The newest group of spent tokens.
    pub(crate) spent: i64,
    /// How often `started` has changed.
    pub(crate) started: u64,
    /// The size of the newest checkpoint that is kept of this tree; `None` in data from before that was said.
    pub(crate) kept: Option<u64>,
}

impl Beside {
    /// As a tree's row says it.
    pub(crate) fn to_bytes(self, vault: &dyn Vault, tree: TreeId, size: u64) -> Done<Vec<u8>> {
        let mut stated = [self.spent.to_be_bytes(), self.started.to_be_bytes()].concat();
        stated.extend(self.kept.into_iter().flat_map(u64::to_be_bytes));
        let mac = mac_of(vault, "beside", &[&stated[..], &tree.to_be_bytes(), &size.to_be_bytes()].concat())?;
        Ok([stated.as_slice(), &mac].concat())
    }

    pub(crate) fn said_by(vault: &dyn Vault, tree: &TreeRow) -> Done<Self> {
        let stored = tree.beside.as_deref().unwrap_or_default();
        let stated = stored.first_chunk::<NUMBER>().zip(stored.get(NUMBER..).and_then(<[u8]>::first_chunk));
        let (spent, started) = stated.ok_or(NOT_AS_WRITTEN)?;
        let kept = stored.get(2 * NUMBER..).filter(|rest| rest.len() > MAC).and_then(<[u8]>::first_chunk);
        let said = Self {
            spent: i64::from_be_bytes(*spent),
            started: u64::from_be_bytes(*started),
            kept: kept.map(|kept| u64::from_be_bytes(*kept)),
        };
        if said.to_bytes(vault, tree.id, tree.size)? == stored { Ok(said) } else { Err(NOT_AS_WRITTEN) }
    }

    /// The most that any tree says. A tree that does not say it was written by somebody else.
    pub(crate) fn newest(rows: &dyn Rows, vault: &dyn Vault) -> Done<Self> {
        let mut newest = Self::default();
        for tree in rows.trees()?.iter().filter(|tree| tree.size > 0) {
            let said = Self::said_by(vault, tree)?;
            newest.spent = newest.spent.max(said.spent);
            newest.started = newest.started.max(said.started);
        }
        Ok(newest)
    }
}

/// What `started` holds, but for the row that tells of it.
fn sum(rows: &dyn Rows) -> Done<Hash> {
    let mut sum = Hash::empty_root();
    for name in rows.started_names()?.iter().filter(|name| *name != ROWS) {
        let Some(row) = rows.started(name)? else { continue };
        let length = (name.len() as u64).to_be_bytes();
        sum = Hash::of_parts(&[sum.as_bytes(), &length, name.as_bytes(), &row.digest]);
    }
    Ok(sum)
}

/// How often `started` has changed, as its own row says.
pub(crate) fn changes_of_started(rows: &dyn Rows) -> Done<u64> {
    let changes = rows.started(ROWS)?.and_then(|row| row.digest.first_chunk().copied());
    Ok(changes.map_or(0, u64::from_be_bytes))
}

/// A row of `started` was written or removed in the open transaction. There are few, and they seldom change.
pub(crate) fn has_changed(changes: &dyn Changes, vault: &dyn Vault) -> Done<()> {
    has_changed_after(changes, vault, 0)
}

fn has_changed_after(changes: &dyn Changes, vault: &dyn Vault, before: u64) -> Done<()> {
    let number = changes_of_started(changes)?.max(before).saturating_add(1);
    let mut stated = *sum(changes)?.as_bytes();
    stated[..NUMBER].copy_from_slice(&number.to_be_bytes());
    put_started_with(changes, vault, ROWS, Hash::from_bytes(stated))
}

/// Whether `started` holds what was written last, and no less than the trees say.
pub(crate) fn is_whole(rows: &dyn Rows, vault: &dyn Vault, newest: Beside) -> Done<bool> {
    let Some(stated) = last_started_with(rows, vault, ROWS)? else {
        return Ok(newest.started == 0 && rows.started_names()?.is_empty());
    };
    let same = stated.as_bytes()[NUMBER..] == sum(rows)?.as_bytes()[NUMBER..];
    Ok(same && changes_of_started(rows)? >= newest.started)
}

/// From here on what `started` holds is what belongs there, because an operator has looked.
pub(crate) fn take_up(changes: &dyn Changes, vault: &dyn Vault, newest: Beside) -> Done<()> {
    has_changed_after(changes, vault, newest.started)
}

/// Every tree says what there is now: for data from before they did.
pub fn begin_beside(changes: &dyn Changes, vault: &dyn Vault) -> Done<()> {
    if !changes.started_names()?.is_empty() {
        take_up(changes, vault, Beside::default())?;
    }
    let spent = tokens::begin_numbering(changes, vault)?;
    let now = Beside { spent, started: changes_of_started(changes)?, kept: None };
    for tree in changes.trees()?.iter().filter(|tree| tree.size > 0) {
        changes.say_beside(tree.id, &now.to_bytes(vault, tree.id, tree.size)?)?;
    }
    Ok(())
}
