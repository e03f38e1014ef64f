//! The look-up index: every row as it was written, every term of every record in its run, and nothing else.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use rusqlite::OptionalExtension;
use ssbtek_access_log::Term;
use ssbtek_vault::{Key, KeyId, VaultError};
use zeroize::Zeroizing;

use super::Check;
use crate::index::{BUCKET_BITS, RECORD_BYTES, Run, State, bucket_id, bucket_of, open_bucket, prefix};

/// Buckets held open at once, about a thousand bytes each.
const MAX_OPENED: usize = 10_000;

/// What the records themselves say must be in the runs.
#[derive(Default)]
pub(crate) struct IndexSeen {
    runs: Vec<Run>,
    seen: HashMap<i64, Seen>,
    /// Buckets opened last; `None`: does not open.
    opened: HashMap<i64, Option<Zeroizing<Vec<u8>>>>,
}

/// What is expected of one run.
#[derive(Default, Clone, Copy)]
struct Seen {
    /// Records that must be there.
    records: u64,
    /// Whether more may be there, of what is being erased.
    or_more: bool,
}

/// What stands in a run's buckets.
#[derive(Default)]
struct Stored {
    /// `None`: destroyed, and what it sealed can only be counted.
    key: Option<Arc<Key>>,
    buckets: u64,
    records: u64,
    leaves: Option<(u64, u64)>,
}

impl Check<'_> {
    pub(super) fn read_runs(&mut self) -> rusqlite::Result<()> {
        self.index = IndexSeen { runs: Run::all(&self.connection)?, ..IndexSeen::default() };
        Ok(())
    }

    /// Whether what leads to a leaf stands where it is looked for. `key_id` is empty for its entry's id.
    pub(super) fn is_indexed(
        &mut self,
        tree: i64,
        key_id: &str,
        term: &Term,
        leaf: u64,
    ) -> rusqlite::Result<bool> {
        let Some(run) = self.run_of(tree, key_id, leaf).cloned() else { return Ok(false) };
        self.index.seen.entry(run.id).or_default().records += 1;
        let id = bucket_id(run.id, bucket_of(prefix(term), run.buckets()));
        if !self.index.opened.contains_key(&id) {
            let Some(key) = self.key_of(&run) else { return Ok(false) };
            let opened = self
                .connection
                .prepare_cached("SELECT data FROM bucket WHERE id = ?1")?
                .query_row([id], |row| Ok(open_bucket(&key, id, row.get_ref(0)?.as_blob()?)))
                .optional()?
                .flatten();
            if self.index.opened.len() >= MAX_OPENED {
                self.index.opened.clear();
            }
            self.index.opened.insert(id, opened);
        }
        let opened = self.index.opened.get(&id).and_then(Option::as_ref);
        let place = leaf.checked_sub(run.first).and_then(|place| u32::try_from(place).ok());
        let Some((records, place)) = opened.zip(place) else { return Ok(false) };
        let record = [&term[..8], &place.to_be_bytes()].concat();
        Ok(records.as_chunks::<RECORD_BYTES>().0.binary_search_by(|have| have[..].cmp(&record)).is_ok())
    }

    /// Notes that terms of a leaf whose content is erased may still stand in its run.
    pub(super) fn may_be_indexed(&mut self, tree: i64, key_id: &str, leaf: u64) {
        if let Some(id) = self.run_of(tree, key_id, leaf).map(|run| run.id) {
            self.index.seen.entry(id).or_default().or_more = true;
        }
    }

    /// The index after the last leaf that runs lead to.
    pub(super) fn indexed_until(&self, tree: i64) -> u64 {
        let entries = self.index.runs.iter().filter(|run| run.tree == tree && run.key_id.is_empty());
        entries.filter(|run| run.state == State::Live).map(|run| run.end).max().unwrap_or(0)
    }

    fn run_of(&self, tree: i64, key_id: &str, leaf: u64) -> Option<&Run> {
        let holds = |run: &&Run| {
            run.state == State::Live
                && (run.tree, run.key_id.as_str()) == (tree, key_id)
                && (run.first..run.end).contains(&leaf)
        };
        self.index.runs.iter().find(holds)
    }

    /// A run's key; `None` if it was destroyed or cannot be read.
    fn key_of(&mut self, run: &Run) -> Option<Arc<Key>> {
        let own = KeyId::new(&["index", "provider"]);
        let id = if run.key_id.is_empty() { Some(own) } else { KeyId::parse(&run.key_id) };
        match self.options.vault.open(&id?) {
            Ok(key) => Some(key),
            Err(VaultError::Missing(_)) => None,
            Err(_) => {
                self.found(format!("the key of run {} of the look-up index cannot be read", run.id));
                None
            }
        }
    }

    /// Every row of the index, held against its key, its place and what the records said. To be called after them.
    pub(super) fn index(&mut self) -> rusqlite::Result<()> {
        let runs = std::mem::take(&mut self.index.runs);
        self.run_macs()?;
        let mut stored: BTreeMap<i64, Stored> = BTreeMap::new();
        for run in &runs {
            stored.insert(run.id, Stored { key: self.key_of(run), ..Stored::default() });
        }
        self.buckets(&runs, &mut stored)?;
        for run in &runs {
            let Some(stored) = stored.get(&run.id) else { continue };
            let seen = self.index.seen.get(&run.id).copied().unwrap_or_default();
            let holds_all = stored.records == run.records
                && stored.leaves == Some((run.first, run.end.saturating_sub(1)))
                && (seen.records == run.records || seen.or_more && seen.records < run.records);
            let is_right = match run.state {
                State::Live => stored.buckets == run.buckets() && (stored.key.is_none() || holds_all),
                State::Writing => stored.buckets == run.written,
                State::Dead => true,
            };
            if !is_right {
                self.found(format!("run {} of the look-up index holds not what belongs there", run.id));
            }
        }
        Ok(())
    }

    fn run_macs(&mut self) -> rusqlite::Result<()> {
        let key = self.options.vault.open(&KeyId::new(&["index", "provider"])).ok();
        let mut wrong = Vec::new();
        {
            let mut statement = self.connection.prepare(&format!("SELECT {}, mac FROM run", Run::COLUMNS))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (run, mac) = (Run::read(row)?, row.get::<_, Vec<u8>>(8)?);
                if key.as_ref().is_none_or(|key| run.mac(key)[..] != mac) {
                    wrong.push(run.id);
                }
            }
        }
        wrong.into_iter().for_each(|id| self.found(format!("run {id} of the look-up index was changed")));
        Ok(())
    }

    fn buckets(&mut self, runs: &[Run], stored: &mut BTreeMap<i64, Stored>) -> rusqlite::Result<()> {
        let by_id: HashMap<i64, &Run> = runs.iter().map(|run| (run.id, run)).collect();
        let mut wrong = 0_u64;
        {
            let mut statement = self.connection.prepare("SELECT id, data FROM bucket ORDER BY id")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let id: i64 = row.get(0)?;
                let (run, bucket) = (id >> BUCKET_BITS, (id & ((1 << BUCKET_BITS) - 1)).unsigned_abs());
                let known = by_id.get(&run).zip(stored.get_mut(&run));
                let is_right = known.is_some_and(|(run, stored)| {
                    row.get_ref(1)
                        .is_ok_and(|data| data.as_blob().is_ok_and(|data| stored.take(run, bucket, data)))
                });
                wrong += u64::from(!is_right);
            }
        }
        if wrong > 0 {
            self.found(format!("{wrong} buckets of the look-up index are not as they were written"));
        }
        Ok(())
    }
}

impl Stored {
    /// Takes a bucket of the run; `false` if it is not what belongs there.
    fn take(&mut self, run: &Run, bucket: u64, data: &[u8]) -> bool {
        self.buckets += 1;
        let Some(key) = &self.key else { return true };
        let Some(opened) = open_bucket(key, bucket_id(run.id, bucket), data) else { return false };
        let (records, _) = opened.as_chunks::<RECORD_BYTES>();
        self.records += records.len() as u64;
        let mut in_place = true;
        for [a, b, c, d, e, f, g, h, place @ ..] in records {
            let prefix = u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
            in_place &= bucket_of(prefix, run.buckets()) == bucket;
            let leaf = run.first + u64::from(u32::from_be_bytes(*place));
            let (least, most) = self.leaves.unwrap_or((leaf, leaf));
            self.leaves = Some((least.min(leaf), most.max(leaf)));
        }
        in_place && records.is_sorted()
    }
}
