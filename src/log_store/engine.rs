//! What an engine has to give: rows of one moment, transactions, and what it does with space. All of it is called from threads that
//! may block. No policy: what the rows mean is not known here.
//!
//! docs/STORES.md says what each promise is, and the contract suite tries them on every engine.

use std::ops::Range;

use ssbtek_access_log::Term;
use ssbtek_domain::{EntryId, OrganisationNumber};
use ssbtek_purge::Compaction;
use ssbtek_transparency::Hash;

pub use crate::fault::Done;
use crate::{
    Fault,
    rows::{
        DocumentRow, IndexRow, KeptRow, LeafRow, LeaseRow, LogKeyRow, SpentRow, StartedRow, StepRow,
        TermsRow, TreeId, TreeRow,
    },
};

/// An engine, open.
pub trait Engine: Send + Sync {
    /// Reads: everything that `work` sees is of one moment, and everything that was committed before is in it. Called by as many
    /// threads at once as the store is set to.
    fn read(&self, work: &mut dyn FnMut(&dyn Rows) -> Done<()>) -> Done<()>;

    /// The end that writes. Taken once.
    fn writing_end(&self) -> Done<Box<dyn WritingEnd>>;

    /// Whether other processes may have the same rows open. Where none can, whoever had a lease before is gone.
    fn is_shared(&self) -> bool {
        false
    }
}

/// The one end that writes.
pub trait WritingEnd: Send {
    /// One transaction. `Ok`: all that `work` changed is durable, also over a power cut. An error: nothing of it is there, unless it is
    /// [`Fault::Io`], after which nobody knows, and nothing more is written through here.
    fn change(&mut self, work: &mut dyn FnMut(&dyn Changes) -> Done<()>) -> Done<()>;

    /// What there is space for.
    fn room(&mut self) -> Room {
        Room::Everything
    }

    /// After [`Fault::Full`]: gives up space that was kept for this. What there is space for then; `None`: no more can be given.
    fn make_room(&mut self) -> Option<Room> {
        None
    }

    /// What can wait found no space: until there is some, only what must be written is taken.
    fn found_full(&mut self) {}

    /// Gives a purge the space that is kept.
    fn lend_room(&mut self) {}

    /// Keeps it again.
    fn take_room_back(&mut self) {}

    /// A bounded step towards holding nothing that was erased, in free space or a log of writes. `None`: there is more to do.
    fn compact(&mut self) -> Done<Option<Compaction>> {
        Ok(Some(Compaction::Done))
    }

    /// Leaves everything in one place behind.
    fn close(&mut self) {}
}

/// What is written while there is little space, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Room {
    /// All of it.
    Everything,
    /// Refusals, and what must be written.
    Refusals,
    /// What must be written: ends of questions under way, receipts of purges.
    Ends,
}

/// Rows, as they are at one moment or in an open transaction.
pub trait Rows {
    /// Every tree, in the order in which they began.
    fn trees(&self) -> Done<Vec<TreeRow>>;

    /// A board's tree; `None` if it has none.
    fn tree(&self, board: OrganisationNumber) -> Done<Option<TreeRow>>;

    /// Leaves of a tree in order, at most `limit`.
    fn leaves(&self, tree: TreeId, range: Range<u64>, limit: u32) -> Done<Vec<LeafRow>>;

    /// Their headers alone.
    fn headers(&self, tree: TreeId, range: Range<u64>) -> Done<Vec<Vec<u8>>> {
        Ok(self.leaves(tree, range, u32::MAX)?.into_iter().map(|leaf| leaf.header).collect())
    }

    /// Hashes of a level's nodes in order, where there are any; level 0 are the leaves.
    fn nodes(&self, tree: TreeId, level: u32, range: Range<u64>) -> Done<Vec<Hash>>;

    /// Leaves before an index that a term of a month leads to, from new to old, at most `limit`.
    fn term_leaves(&self, tree: TreeId, month: i64, term: &Term, before: u64, limit: u32) -> Done<Vec<u64>>;

    /// Names of keys from the first and below the second that seal leaves of a tree, in order; each with an index beyond its last leaf,
    /// at most some thousand beyond.
    fn sealing_keys(&self, tree: TreeId, from: &str, until: &str) -> Done<Vec<(String, u64)>>;

    /// How many leaves of a tree before an index are sealed under a key.
    fn count_sealed(&self, tree: TreeId, key: &str, below: u64) -> Done<u64>;

    /// Entries that are open, each with its tree, in the order of their ids.
    fn open_entries(&self) -> Done<Vec<(TreeId, EntryId)>>;

    /// The tree in which an entry is open.
    fn is_open(&self, entry: EntryId) -> Done<Option<TreeId>>;

    /// One version of a document, or the newest.
    fn document(&self, doc: &[u8; 32], version: Option<u64>) -> Done<Option<DocumentRow>>;

    /// Versions of documents in the order of key, name and number: those after one of them and below a key, at most `limit`.
    fn documents(&self, after: (&str, &[u8], u64), until: &str, limit: u32) -> Done<Vec<DocumentRow>>;

    /// Versions closed at or before a moment (seconds since 1970) under keys from the first and below the second, in that order.
    fn closed_documents(&self, from: &str, until: &str, at: i64) -> Done<Vec<DocumentRow>>;

    /// Where the times of a tree run backwards, or of all; in the order of trees and leaves.
    fn steps_back(&self, tree: Option<TreeId>) -> Done<Vec<StepRow>>;

    /// All groups of spent tokens, in order.
    fn spent(&self) -> Done<Vec<SpentRow>>;

    /// The largest `most` of a tree's kept checkpoints, by size.
    fn kept(&self, tree: TreeId, most: usize) -> Done<Vec<KeptRow>>;

    /// A board's terms of retention.
    fn terms(&self, board: &str) -> Done<Option<TermsRow>>;

    /// Boards that have such a row, in order.
    fn boards_with_terms(&self) -> Done<Vec<String>>;

    /// Keys that sign or signed checkpoints, of one board or all, by the smallest tree that they signed.
    fn log_keys(&self, board: Option<&str>) -> Done<Vec<LogKeyRow>>;

    /// What the store was started with, under one name.
    fn started(&self, name: &str) -> Done<Option<StartedRow>>;

    /// Every such name, in order.
    fn started_names(&self) -> Done<Vec<String>>;

    /// Every lease there is or was.
    fn leases(&self) -> Done<Vec<LeaseRow>>;

    /// The time that leases run by, in milliseconds since 1970; `None` where no other process can be there: this machine's will do.
    fn now_ms(&self) -> Done<Option<i64>> {
        Ok(None)
    }

    /// The level of the data format, with what authenticates it.
    fn format(&self) -> Done<Option<(u32, [u8; 16])>>;

    /// Trees whose index is still being made anew, each with the first record that is not in it. None where an engine never was
    /// without one.
    fn unindexed(&self) -> Done<Vec<(TreeId, u64)>> {
        Ok(Vec::new())
    }
}

/// Rows, and what an open transaction does to them.
pub trait Changes: Rows {
    /// Begins a board's tree if it has none: of no leaves, without a checkpoint.
    fn begin_tree(&self, board: OrganisationNumber) -> Done<TreeRow>;

    /// A tree has another size, edge and checkpoint, and says how far the rows beside it have come.
    fn grow_tree(
        &self,
        tree: TreeId,
        size: u64,
        frontier: &[u8],
        checkpoint: &str,
        beside: &[u8],
    ) -> Done<()>;

    /// The same that it says, of a tree that does not grow.
    fn say_beside(&self, tree: TreeId, beside: &[u8]) -> Done<()>;

    /// The times of a log run backwards here.
    fn add_step_back(&self, step: &StepRow) -> Done<()>;

    /// Every such place is confirmed from here on.
    fn confirm_steps_back(&self) -> Done<()>;

    /// Adds a leaf at the end.
    fn add_leaf(&self, tree: TreeId, leaf: &LeafRow) -> Done<()>;

    /// Adds a node above the leaves.
    fn add_node(&self, tree: TreeId, level: u32, index: u64, hash: &Hash) -> Done<()>;

    /// Adds rows of the look-up index; one that is there stays as it is.
    fn add_terms(&self, rows: &[IndexRow]) -> Done<()>;

    /// Deletes at most `limit` rows of a month that lead to leaves before an index. Returns how many.
    fn erase_terms(&self, tree: TreeId, month: i64, below: u64, limit: u64) -> Done<u64>;

    /// Destroys what at most `limit` leaves before an index hold sealed under a key. Returns how many.
    fn erase_sealed(&self, tree: TreeId, key: &str, below: u64, limit: u32) -> Done<u32>;

    /// An entry is open.
    fn open_entry(&self, tree: TreeId, entry: EntryId) -> Done<()>;

    /// It no longer is.
    fn end_entry(&self, entry: EntryId) -> Done<()>;

    /// Adds a version of a document; refused if it is there.
    fn add_document(&self, document: &DocumentRow) -> Done<()>;

    /// Deletes one version of a document, or all. Returns how many.
    fn erase_document(&self, doc: &[u8; 32], version: Option<u64>) -> Done<u32>;

    /// Adds a group of spent tokens.
    fn spend(&self, spent: &SpentRow) -> Done<()>;

    /// Deletes the groups up to one.
    fn forget_spent(&self, last: i64) -> Done<()>;

    /// Keeps a checkpoint, in place of one of the same size.
    fn keep(&self, tree: TreeId, kept: &KeptRow) -> Done<()>;

    /// Keeps one no longer.
    fn drop_kept(&self, tree: TreeId, size: u64) -> Done<()>;

    /// Writes a board's terms of retention, new or changed.
    fn set_terms(&self, terms: &TermsRow) -> Done<()>;

    /// Writes a key that signs, new or changed.
    fn set_log_key(&self, key: &LogKeyRow) -> Done<()>;

    /// Writes what the store was started with, new or changed.
    fn set_started(&self, started: &StartedRow) -> Done<()>;

    /// Forgets it.
    fn drop_started(&self, name: &str) -> Done<()>;

    /// Writes a lease, new or changed.
    fn set_lease(&self, lease: &LeaseRow) -> Done<()>;

    /// Writes the level of the data format.
    fn set_format(&self, level: u32, mac: [u8; 16]) -> Done<()>;

    /// A tree's index is made up to a record; `None`: it is whole.
    fn set_unindexed(&self, tree: TreeId, next: Option<u64>) -> Done<()> {
        let _ = (tree, next);
        Ok(())
    }
}

/// What the offline check asks beside rows.
pub trait Inspected: Rows {
    /// What is wrong with the engine's own structures, and with what it keeps only to find its rows.
    fn own_faults(&self) -> Done<Vec<String>>;

    /// How many leaves, nodes above them, and open entries there are.
    fn counts(&self) -> Done<Counted>;

    /// How many rows of the look-up index each tree and month has.
    fn term_counts(&self) -> Done<Vec<(TreeId, i64, u64)>>;

    /// Whether a term of a month leads to a leaf.
    fn has_term(&self, row: &IndexRow) -> Done<bool> {
        let (tree, month, term, leaf) = row;
        Ok(self.term_leaves(*tree, *month, term, leaf.saturating_add(1), 1)?.first() == Some(leaf))
    }

    /// Trees of kept checkpoints.
    fn kept_trees(&self) -> Done<Vec<TreeId>>;

    /// A digest over every stored value: two databases with the same hold the same.
    fn digest(&self) -> Done<Hash>;
}

/// Numbers of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Leaves.
    pub leaves: u64,
    /// Nodes above leaves.
    pub nodes: u64,
    /// Open entries.
    pub open: u64,
}

/// Reads one thing.
pub(crate) fn read<R>(engine: &dyn Engine, work: impl FnOnce(&dyn Rows) -> Done<R>) -> Done<R> {
    let (mut work, mut result) = (Some(work), None);
    engine.read(&mut |rows| {
        let work = work.take().ok_or(Fault::Io)?;
        result = Some(work(rows)?);
        Ok(())
    })?;
    result.ok_or(Fault::Io)
}

/// Changes something, and gives what came of it once that is durable.
pub(crate) fn change<R>(end: &mut dyn WritingEnd, work: impl FnOnce(&dyn Changes) -> Done<R>) -> Done<R> {
    let (mut work, mut result) = (Some(work), None);
    end.change(&mut |changes| {
        let work = work.take().ok_or(Fault::Io)?;
        result = Some(work(changes)?);
        Ok(())
    })?;
    result.ok_or(Fault::Io)
}
