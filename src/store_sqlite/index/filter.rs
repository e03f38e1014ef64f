//! What a run surely does not hold, told without opening it: a look-up of what is rare would otherwise open a bucket of every
//! run to find nothing. Bloom filters, made while a run is written and held in memory only; after a start they are made anew
//! while the writer has nothing else to do.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use rusqlite::Connection;

use super::{
    bucket::Record,
    run::{Run, State},
    sealing::Sealing,
};

/// Bits for each record, and how many of them it sets: one look-up in forty opens a bucket in vain.
const BITS_PER_RECORD: u64 = 8;
const PLACES: u64 = 4;
/// Largest part of all memory for filters that one run's may take: large runs are few and mostly hold what is looked for.
const PART: u64 = 16;

/// One run's filter.
#[derive(Debug)]
pub(crate) struct Filter {
    words: Vec<u64>,
}

impl Filter {
    fn for_records(records: u64) -> Self {
        Self { words: vec![0; (records * BITS_PER_RECORD).div_ceil(64).max(1) as usize] }
    }

    fn add(&mut self, prefix: u64) {
        for (word, bit) in places(self.words.len(), prefix) {
            self.words[word] |= bit;
        }
    }

    fn may_hold(&self, prefix: u64) -> bool {
        places(self.words.len(), prefix).all(|(word, bit)| self.words[word] & bit != 0)
    }

    fn bytes(&self) -> u64 {
        self.words.len() as u64 * 8
    }
}

/// Word and bit of each place of a prefix, which is a hash already: every place follows from its two halves.
fn places(words: usize, prefix: u64) -> impl Iterator<Item = (usize, u64)> {
    let step = prefix.rotate_left(32) | 1;
    (0..PLACES).map(move |n| {
        let hash = prefix.wrapping_add(n.wrapping_mul(step));
        let place = ((u128::from(hash) * (words as u128 * 64)) >> 64) as usize;
        (place / 64, 1 << (place % 64))
    })
}

/// A run as it was when its filter was made, so that no filter ever speaks for another run.
type Identity = (i64, u64, u64, u64);

fn identity(run: &Run) -> Identity {
    (run.id, run.first, run.end, run.records)
}

/// The filters of runs that are in use, shared between the writer and the readers.
#[derive(Debug)]
pub(crate) struct Filters {
    max_bytes: u64,
    held: RwLock<HashMap<Identity, Filter>>,
}

impl Filters {
    /// Filters of at most so many bytes together.
    fn new(max_bytes: u64) -> Self {
        Self { max_bytes, held: RwLock::default() }
    }

    /// An empty filter for a run; `None` if it would be too large.
    fn begin(&self, run: &Run) -> Option<Filter> {
        let fits = run.records.saturating_mul(BITS_PER_RECORD) / 8 <= self.max_bytes / PART;
        fits.then(|| Filter::for_records(run.records))
    }

    /// Keeps the whole filter of a run, if there is room.
    fn keep(&self, run: &Run, filter: Filter) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        let bytes: u64 = held.values().map(Filter::bytes).sum();
        if bytes + filter.bytes() <= self.max_bytes {
            held.insert(identity(run), filter);
        }
    }

    fn forget(&self, run: &Run) {
        self.held.write().unwrap_or_else(PoisonError::into_inner).remove(&identity(run));
    }

    fn forget_all(&self) {
        self.held.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// `false` only if the run holds no such prefix.
    pub(super) fn may_hold(&self, run: &Run, prefix: u64) -> bool {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.get(&identity(run)).is_none_or(|filter| filter.may_hold(prefix))
    }
}

/// The writer's part: makes the filters.
pub(super) struct Filtering {
    filters: Arc<Filters>,
    /// Of runs that are being written since this process began.
    unfinished: HashMap<i64, Filter>,
    /// Runs that have none, the smallest last.
    unfiltered: Vec<Run>,
    /// The one that is being made for such a run, and how many buckets were read for it.
    filling: Option<(Run, Filter, u64)>,
}

impl Filtering {
    pub(super) fn new(max_bytes: u64) -> Self {
        let filters = Arc::new(Filters::new(max_bytes));
        Self { filters, unfinished: HashMap::new(), unfiltered: Vec::new(), filling: None }
    }

    /// What readers share.
    pub(super) fn filters(&self) -> Arc<Filters> {
        self.filters.clone()
    }

    /// Adds records that were written to a run; from its beginning on, if it `begins` with them.
    pub(super) fn add(&mut self, run: &Run, begins: bool, records: &[Record]) {
        let begun = if begins { self.filters.begin(run) } else { self.unfinished.remove(&run.id) };
        let Some(mut filter) = begun else { return };
        records.iter().for_each(|(prefix, _)| filter.add(*prefix));
        if run.written == run.buckets() {
            self.filters.keep(run, filter);
        } else {
            self.unfinished.insert(run.id, filter);
        }
    }

    /// The run is no longer in use.
    pub(super) fn forget(&mut self, run: &Run) {
        self.filters.forget(run);
        self.unfinished.remove(&run.id);
        self.filling.take_if(|(filling, ..)| filling.id == run.id);
    }

    /// Filters are to be made for all runs in use.
    pub(super) fn begin_anew(&mut self, runs: &[Run]) {
        self.filters.forget_all();
        self.unfinished.clear();
        self.filling = None;
        self.unfiltered = runs.iter().filter(|run| run.state == State::Live).cloned().collect();
        self.unfiltered.sort_unstable_by_key(|run| std::cmp::Reverse(run.records));
    }

    /// Reads up to `step` buckets of a run that has no filter yet. `false` if there is none.
    pub(super) fn catch_up(
        &mut self,
        connection: &Connection,
        sealing: &Sealing,
        runs: &[Run],
        step: u64,
    ) -> bool {
        let Some((run, mut filter, read)) = self.filling.take().or_else(|| self.begin_next()) else {
            return false;
        };
        let until = run.buckets().min(read + step);
        let add = |(prefix, _): Record| filter.add(prefix);
        let read_on = match sealing.key_of(&run) {
            Ok(Some(key)) if runs.contains(&run) => {
                run.each_record(connection, &key, read..until, add).is_ok()
            }
            _ => false,
        };
        // Of one that was removed there is nothing to be told; of one that is damaged the look-up tells that meets it.
        if read_on && until == run.buckets() {
            self.filters.keep(&run, filter);
        } else if read_on {
            self.filling = Some((run, filter, until));
        }
        true
    }

    fn begin_next(&mut self) -> Option<(Run, Filter, u64)> {
        while let Some(run) = self.unfiltered.pop() {
            if let Some(filter) = self.filters.begin(&run) {
                return Some((run, filter, 0));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(id: i64, records: u64) -> Run {
        let key_id = String::new();
        Run { id, tree: 1, key_id, first: 0, end: records, records, written: 0, state: State::Live }
    }

    /// Numbers as even as hashes.
    fn prefix(n: u64) -> u64 {
        let mixed = (n ^ (n >> 31)).wrapping_mul(0x7fb5_d329_728e_a185);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    #[test]
    fn what_a_run_holds_is_never_passed_over_and_little_else_is_opened() {
        let filters = Filters::new(1 << 20);
        let run = run(1, 10_000);
        assert!(filters.may_hold(&run, prefix(1)), "nothing is known yet");
        let mut filter = filters.begin(&run).unwrap();
        (0..10_000).for_each(|n| filter.add(prefix(n)));
        filters.keep(&run, filter);
        assert!((0..10_000).all(|n| filters.may_hold(&run, prefix(n))));
        let in_vain = (10_000..20_000).filter(|n| filters.may_hold(&run, prefix(*n))).count();
        assert!(in_vain < 400, "{in_vain}");
        let another = Run { end: 10_001, ..run };
        assert!(filters.may_hold(&another, prefix(20_000)), "another run of the same id is opened");
    }

    #[test]
    fn filters_take_no_more_memory_than_they_may() {
        let filters = Filters::new(16 * 1000);
        assert!(filters.begin(&run(1, 1001)).is_none(), "one alone takes a sixteenth at most");
        for id in 0..20 {
            let run = run(id, 1000);
            filters.keep(&run, filters.begin(&run).unwrap());
        }
        let held = filters.held.read().unwrap();
        assert!(held.values().map(Filter::bytes).sum::<u64>() <= 16 * 1000 && held.len() > 14);
    }
}
