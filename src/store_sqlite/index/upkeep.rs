//! The writer's part: terms of new leaves, runs written from them, runs merged and removed a little at a time.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
    sync::Arc,
};

use rusqlite::{Connection, params};
use ssbtek_access_log::{Header, OpenFault, StoredLeaf, Term, expected_terms, read_leaf};
use ssbtek_domain::OrganisationNumber;
use ssbtek_vault::VaultError;

use super::{
    IndexOptions, IndexReader,
    bucket::Record,
    filter::Filtering,
    merge,
    recent::{NewLeaf, Recent},
    run::{Run, State, bucket_id},
    sealing::Sealing,
};
use crate::{store::stored_leaf, trees::leaf_id};

/// Buckets merged and removed for each leaf of a group, in hundredths: more than merging ever needs, so that it keeps pace.
const BUCKETS_PER_100_LEAVES: u64 = 32;

/// The index as the writer keeps it.
pub(crate) struct Upkeep {
    options: IndexOptions,
    sealing: Sealing,
    recent: Arc<Recent>,
    filtering: Filtering,
    /// By tree, key and age; as they will be once the open transaction is committed.
    runs: Vec<Run>,
    /// Leaves of the open transaction.
    pending: Vec<NewLeaf>,
    /// Trees whose recent leaves the open transaction wrote as runs.
    flushed: Vec<i64>,
    /// Trees whose `runs` the open transaction has changed.
    changed: BTreeSet<i64>,
    /// The next run's. None is used again, so that a search that was begun long ago meets no other run than it meant.
    next_id: i64,
    /// Whether there is nothing to merge.
    settled: bool,
    /// Buckets that the groups since the last step have paid for.
    paid: u64,
}

impl Upkeep {
    /// Reads the runs, and from the records the terms of every leaf that is in none.
    pub(crate) fn open(
        connection: &Connection,
        sealing: Sealing,
        options: IndexOptions,
    ) -> rusqlite::Result<Self> {
        let runs = Run::all(connection)?;
        let next_id = 1 + runs.iter().map(|run| run.id).max().unwrap_or(0);
        let (recent, settled) = (Arc::default(), false);
        let mut index = Self {
            options,
            sealing,
            recent,
            filtering: Filtering::new(options.max_filter_bytes),
            runs,
            pending: Vec::new(),
            flushed: Vec::new(),
            changed: BTreeSet::new(),
            next_id,
            settled,
            paid: 0,
        };
        let trees: Vec<(i64, i64, String)> = {
            let mut statement =
                connection.prepare("SELECT id, indexed, organisation FROM tree ORDER BY id")?;
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            statement.query_map([], read)?.collect::<Result<_, _>>()?
        };
        for (tree, indexed, board) in trees {
            if let Ok(board) = OrganisationNumber::parse(&board) {
                index.read_recent(connection, tree, board, indexed.unsigned_abs())?;
            }
        }
        index.changed = index.runs.iter().map(|run| run.tree).collect();
        index.committed();
        index.filtering.begin_anew(&index.runs);
        Ok(index)
    }

    /// The index for readers.
    pub(crate) fn reader(&self) -> IndexReader {
        let (recent, filters) = (self.recent.clone(), self.filtering.filters());
        IndexReader { recent, filters, sealing: self.sealing.clone() }
    }

    fn read_recent(
        &mut self,
        connection: &Connection,
        tree: i64,
        board: OrganisationNumber,
        mut from: u64,
    ) -> rusqlite::Result<()> {
        loop {
            let leaves =
                self.read_leaves(connection, tree, board, from..from + self.options.run_leaves as u64)?;
            let Some(last) = leaves.last() else { return Ok(()) };
            from = last.index + 1;
            self.recent.commit(&[], &leaves, HashMap::new());
            connection.execute_batch("BEGIN IMMEDIATE")?;
            // What came at once is merged at once, so that the first look-ups need not open every run.
            self.paid += leaves.len() as u64 * BUCKETS_PER_100_LEAVES / 100;
            self.work(connection)?;
            connection.execute_batch("COMMIT")?;
            self.committed();
        }
    }

    /// Leaves with their terms, as the records themselves tell them.
    fn read_leaves(
        &self,
        connection: &Connection,
        tree: i64,
        board: OrganisationNumber,
        range: Range<u64>,
    ) -> rusqlite::Result<Vec<NewLeaf>> {
        let mut statement = connection.prepare_cached(
            "SELECT id, header, commitment, sealed, key_id FROM leaf WHERE id >= ?1 AND id < ?2 ORDER BY id",
        )?;
        let mut rows = statement.query([leaf_id(tree, range.start), leaf_id(tree, range.end)])?;
        let mut leaves = Vec::new();
        while let Some(row) = rows.next()? {
            let leaf = stored_leaf(row).map_err(|_| failed("a record's key has no name"))?;
            let entry = Header::from_bytes(&leaf.header).map_or([0; 16], |header| *header.entry.as_bytes());
            let terms = self.terms_of(board, &leaf)?;
            leaves.push(NewLeaf {
                tree,
                index: leaf.index,
                entry,
                key_id: leaf.key.as_str().to_owned(),
                terms,
            });
        }
        Ok(leaves)
    }

    /// None of what is erased, or was tampered with: that is the check's to tell.
    fn terms_of(&self, board: OrganisationNumber, leaf: &StoredLeaf) -> rusqlite::Result<Vec<Term>> {
        let payload = match read_leaf(&*self.sealing.vault, board, leaf) {
            Ok((_, payload)) => payload,
            Err(OpenFault::Tampered) => None,
            Err(OpenFault::Newer) => return Err(failed(crate::NEWER_RECORD)),
            Err(OpenFault::Vault) => return Err(failed("a record's key cannot be read")),
        };
        let Some(payload) = payload else { return Ok(Vec::new()) };
        match expected_terms(&*self.sealing.vault, board, &payload) {
            Err(VaultError::Missing(_)) => Ok(Vec::new()),
            terms => terms.map_err(|_| failed("the index key cannot be read")),
        }
    }

    /// Takes a leaf that was inserted in the open transaction.
    pub(crate) fn add(&mut self, tree: i64, index: u64, entry: Term, key_id: &str, terms: Vec<Term>) {
        self.pending.push(NewLeaf { tree, index, entry, key_id: key_id.to_owned(), terms });
    }

    #[cfg(test)]
    fn sealing(&self) -> &Sealing {
        &self.sealing
    }

    #[cfg(test)]
    fn search(&self, tree: i64, wanted: &super::Wanted) -> super::Search {
        self.reader().search(tree, wanted, u64::MAX)
    }

    /// A share of the upkeep, in the open transaction: a step for every so many leaves that came.
    pub(crate) fn work(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.flush_the_longest(connection)?;
        self.paid += 1 + self.pending.len() as u64 * BUCKETS_PER_100_LEAVES / 100;
        if self.paid < self.options.merge_buckets {
            return Ok(());
        }
        let step = std::mem::take(&mut self.paid);
        // What a merge leaves behind is sealed, under the same key as what was made of it: zeros over it would be a page to
        // sync for every page that is freed.
        connection.pragma_update(None, "secure_delete", false)?;
        let swept = self.sweep(connection, step);
        connection.pragma_update(None, "secure_delete", true)?;
        swept?;
        self.merge(connection, step)
    }

    /// The open transaction is durable.
    pub(crate) fn committed(&mut self) {
        let in_use = |tree: i64| -> Arc<[Run]> {
            let of_tree = |run: &&Run| run.tree == tree && run.state == State::Live;
            let mut runs: Vec<Run> = self.runs.iter().filter(of_tree).cloned().collect();
            runs.sort_unstable_by_key(|run| run.end);
            runs.into()
        };
        let changed = self.changed.iter().map(|tree| (*tree, in_use(*tree))).collect();
        self.recent.commit(&self.flushed, &self.pending, changed);
        self.flushed.clear();
        self.pending.clear();
        self.changed.clear();
    }

    /// The open transaction was rolled back.
    pub(crate) fn rolled_back(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.pending.clear();
        self.flushed.clear();
        if !self.changed.is_empty() {
            self.runs = Run::all(connection)?;
            self.filtering.begin_anew(&self.runs);
            self.changed.clear();
            self.settled = false;
        }
        Ok(())
    }

    fn flush_the_longest(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let sizes = self.recent.sizes();
        let all: usize = sizes.iter().map(|(_, leaves)| leaves).sum();
        match sizes.into_iter().max_by_key(|(_, leaves)| *leaves) {
            Some((tree, leaves))
                if leaves >= self.options.run_leaves || all > self.options.max_recent_leaves =>
            {
                self.flush(connection, tree)
            }
            _ => Ok(()),
        }
    }

    /// Writes a tree's recent leaves as runs.
    fn flush(&mut self, connection: &Connection, tree: i64) -> rusqlite::Result<()> {
        let Some((end, by_key)) = self.recent.records(tree) else { return Ok(()) };
        for (key_id, records) in by_key {
            self.write_run(connection, tree, key_id, records)?;
        }
        connection
            .prepare_cached("UPDATE tree SET indexed = ?2 WHERE id = ?1")?
            .execute(params![tree, end as i64])?;
        self.flushed.push(tree);
        Ok(())
    }

    fn write_run(
        &mut self,
        connection: &Connection,
        tree: i64,
        key_id: String,
        mut records: Vec<Record>,
    ) -> rusqlite::Result<()> {
        let leaves = || records.iter().map(|(_, leaf)| *leaf);
        let (Some(first), Some(last)) = (leaves().min(), leaves().max()) else { return Ok(()) };
        let (end, count, id) = (last + 1, records.len() as u64, self.new_id());
        let mut run = Run { id, tree, key_id, first, end, records: count, written: 0, state: State::Live };
        // What is sealed under a destroyed key is erased, and leads to nothing.
        let Some(key) = self.sealing.key_of(&run)? else { return Ok(()) };
        run.write_buckets(connection, &self.sealing, &key, u64::MAX >> 1, &mut records)?;
        self.filtering.add(&run, true, &records);
        self.save(connection, run)
    }

    /// Uses a moment in which nobody waits. `false` if there is nothing to be done.
    pub(crate) fn catch_up(&mut self, connection: &Connection) -> bool {
        self.filtering.catch_up(connection, &self.sealing, &self.runs, self.options.merge_buckets)
    }

    fn new_id(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id - 1
    }

    /// Writes the row of a new or changed run, and puts it in its place.
    fn save(&mut self, connection: &Connection, run: Run) -> rusqlite::Result<()> {
        run.save(connection, self.sealing.own())?;
        self.changed.insert(run.tree);
        self.runs.retain(|old| old.id != run.id);
        let place = self.runs.partition_point(|old| {
            (old.tree, &old.key_id, old.end, old.id) < (run.tree, &run.key_id, run.end, run.id)
        });
        self.runs.insert(place, run);
        self.settled = false;
        Ok(())
    }

    /// Continues a merge that is under way, or begins one: writes up to `budget` buckets.
    fn merge(&mut self, connection: &Connection, budget: u64) -> rusqlite::Result<()> {
        if self.settled {
            return Ok(());
        }
        let Some(mut run) = merge::next(&self.runs) else {
            self.settled = true;
            return Ok(());
        };
        if run.id == 0 {
            run.id = self.new_id();
        }
        let inputs: Vec<Run> = self.runs.iter().filter(|old| merge::is_input(old, &run)).cloned().collect();
        let Some(key) = self.sealing.key_of(&run)? else {
            // The month was erased: what none can read any more goes.
            return inputs.into_iter().chain([run]).try_for_each(|run| self.bury(connection, run));
        };
        let (mut content, until) = (Vec::new(), run.prefix_after(budget));
        for input in &inputs {
            let Some(from) = run.prefix_after(0) else { break };
            match input.read_between(connection, &key, from, until, &mut content) {
                Err(error) if error.sqlite_error_code().is_none() => {
                    // Questions go on: a look-up that meets the same fails, and the check names the place.
                    tracing::error!(
                        run = input.id,
                        "the look-up index is damaged: its runs are merged no more"
                    );
                    self.settled = true;
                    return Ok(());
                }
                read => read?,
            }
        }
        let begins = run.written == 0;
        run.write_buckets(connection, &self.sealing, &key, budget, &mut content)?;
        self.filtering.add(&run, begins, &content);
        if run.written == run.buckets() {
            run.state = State::Live;
            inputs.into_iter().try_for_each(|input| self.bury(connection, input))?;
        }
        self.save(connection, run)
    }

    /// Takes a run out of use.
    fn bury(&mut self, connection: &Connection, run: Run) -> rusqlite::Result<()> {
        self.filtering.forget(&run);
        self.save(connection, Run { state: State::Dead, ..run })
    }

    /// Removes up to `limit` buckets of runs that are no longer in use. Returns how much was done.
    fn sweep(&mut self, connection: &Connection, limit: u64) -> rusqlite::Result<u64> {
        let Some(run) = self.runs.iter().find(|run| run.state == State::Dead) else { return Ok(0) };
        self.changed.insert(run.tree);
        let (first, end, id) = (bucket_id(run.id, 0), bucket_id(run.id + 1, 0), run.id);
        let removed = connection
            .prepare_cached(
                "DELETE FROM bucket WHERE id IN
                 (SELECT id FROM bucket WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3)",
            )?
            .execute(params![first, end, limit as i64])? as u64;
        if removed < limit {
            connection.prepare_cached("DELETE FROM run WHERE id = ?1")?.execute([id])?;
            self.runs.retain(|run| run.id != id);
        }
        Ok(removed + 1)
    }

    /// Drops what leads to leaves below an index that are sealed under one of these keys, a part at a time. Returns how much
    /// was done; 0 once nothing of it is left, also none of what merges left behind.
    pub(crate) fn erase(
        &mut self,
        connection: &Connection,
        (tree, board): (i64, OrganisationNumber),
        keys: &[&str],
        below: u64,
        limit: u64,
    ) -> rusqlite::Result<u64> {
        if self.recent.holds_key(tree, keys) && !self.flushed.contains(&tree) {
            self.flush(connection, tree)?;
            return Ok(1);
        }
        let is_meant = |run: &&Run| {
            run.tree == tree
                && run.state != State::Dead
                && run.first < below
                && keys.contains(&run.key_id.as_str())
        };
        if let Some(run) = self.runs.iter().find(is_meant).cloned() {
            // While a run is written, those it is written from are still in use.
            if run.state == State::Live && run.end > below {
                let kept = self.read_leaves(connection, tree, board, below..run.end)?;
                let kept = kept.iter().filter(|leaf| leaf.key_id == run.key_id);
                let records = kept.flat_map(NewLeaf::records).collect();
                self.write_run(connection, tree, run.key_id.clone(), records)?;
            }
            self.bury(connection, run)?;
            return Ok(1);
        }
        self.sweep(connection, limit.max(1))
    }
}

fn failed(why: &'static str) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(why.into())
}

#[cfg(test)]
mod tests;
