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
mod merge;
mod recent;
mod run;
mod sealing;
mod search;
mod upkeep;

pub(crate) use bucket::{RECORD_BYTES, bucket_of, prefix};
pub(crate) use recent::Recent;
pub(crate) use run::{BUCKET_BITS, Run, State, bucket_id};
pub(crate) use sealing::{Sealing, open_bucket};
pub(crate) use search::{Search, Wanted, leads_to};
pub(crate) use upkeep::Upkeep;

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
}

impl Default for IndexOptions {
    fn default() -> Self {
        Self { run_leaves: 16_384, max_recent_leaves: 65_536, merge_buckets: 256 }
    }
}
