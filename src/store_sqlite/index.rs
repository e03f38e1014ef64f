//! The look-up index: from an entry's id, or a blind term, to leaves.
//!
//! A B-tree over random terms would rewrite a page for every term. Instead the terms of the newest leaves are held in memory
//! ([`Recent`]; after a start, told anew from the records), and from there written in bulk as sorted runs ([`Run`]), which are
//! merged into larger ones little by little, in the transactions of the groups that come ([`Upkeep`]). A run of blind terms
//! holds the leaves of one key alone and is sealed under that key: with the month's key its terms are gone, wherever SQLite
//! left a copy of them. Entry ids have runs of their own, which stay.
//!
//! Must never write a blind term unsealed, nor hold one of what was erased.

mod bucket;
mod filter;
mod merge;
mod recent;
mod run;
mod sealing;
mod search;
mod upkeep;

use std::sync::Arc;

use filter::Filters;
use recent::Recent;
use ssbtek_access_log::StoreError;

pub(crate) use bucket::{RECORD_BYTES, bucket_of, prefix};
pub(crate) use run::{BUCKET_BITS, Run, State, bucket_id};
pub(crate) use sealing::{Sealing, open_bucket};
pub(crate) use search::{Search, Wanted, leads_to};
pub(crate) use upkeep::Upkeep;

/// The index as readers see it: what is in memory, and how to open the rest.
#[derive(Clone)]
pub(crate) struct IndexReader {
    recent: Arc<Recent>,
    filters: Arc<Filters>,
    pub(crate) sealing: Sealing,
}

impl IndexReader {
    /// A search for leaves of a tree before an index, to be begun *before* the reader's transaction: what was committed then is
    /// seen by it, and a run is removed only some transactions after its content is elsewhere.
    pub(crate) fn search(&self, tree: i64, wanted: &Wanted, before: u64) -> Search {
        let (recent, runs) = self.recent.look_up(tree, wanted);
        let opens = |run: &Run| self.filters.may_hold(run, wanted.prefix());
        Search::new(wanted, before, (recent, &runs), opens)
    }
}

/// Reads what searches lead to, and once more if that fails: a run may have been removed after a search was begun, and a new one
/// shows where its content is.
pub(crate) fn once_more<R>(read: impl Fn() -> Result<R, StoreError>) -> Result<R, StoreError> {
    read().or_else(|StoreError| read())
}

/// How much of the index is held in memory.
#[derive(Debug, Clone, Copy)]
pub struct IndexOptions {
    /// Leaves of one board whose terms are held in memory before they become a run.
    pub run_leaves: usize,
    /// Leaves of all boards together whose terms are held in memory; beyond it the longest become a run.
    pub max_recent_leaves: usize,
    /// Buckets of 76 records on average that one group merges, and removes, when it is its turn. The more at once, the fewer
    /// are opened twice, and the longer that group takes.
    pub merge_buckets: u64,
    /// Bytes of memory that filters of runs may take, so that a look-up need not open every run: about one for each record of
    /// all but the largest runs; for what does not fit, runs are opened.
    pub max_filter_bytes: u64,
}

impl Default for IndexOptions {
    fn default() -> Self {
        Self { run_leaves: 16_384, max_recent_leaves: 65_536, merge_buckets: 256, max_filter_bytes: 32 << 20 }
    }
}
