//! Looking up: the leaves that an entry's id or a blind term leads to, from new to old.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};
use ssbtek_access_log::{Header, Term};
use ssbtek_vault::Key;

use super::{
    bucket::{bucket_of, leaves_of, prefix},
    run::{Run, bucket_id},
    sealing::{OpenBucket, Sealing, damaged, open_bucket_into, room_for_buckets},
};

/// What to look for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted {
    /// An entry's id.
    Entry(Term),
    /// A blind term.
    Blind(Term),
}

impl Wanted {
    pub(super) fn prefix(&self) -> u64 {
        let (Self::Entry(term) | Self::Blind(term)) = self;
        prefix(term)
    }
}

/// Whether a leaf's header bears out what led to it, as far as it can tell: the index holds eight bytes of an id only.
pub(crate) fn leads_to(wanted: &Wanted, header: &[u8]) -> bool {
    match wanted {
        Wanted::Entry(entry) => {
            Header::from_bytes(header).is_some_and(|header| header.entry.as_bytes() == entry)
        }
        Wanted::Blind(_) => true,
    }
}

/// A search under way. Runs are opened one after another, the newest first, and only as far as leaves are asked for.
pub(crate) struct Search {
    prefix: u64,
    before: u64,
    /// Found and not yet given, in order; the newest last.
    found: Vec<u64>,
    /// Not yet opened; the newest last.
    runs: Vec<Run>,
    /// The key of the run opened last, which is mostly the next one's too.
    key: Option<(String, Arc<Key>)>,
    bucket: OpenBucket,
}

impl Search {
    /// A search for leaves before an index, from what memory held of the tree *before* the connection's transaction began:
    /// `recent` leaves, and the runs with the others, the newest last. Runs that `opens` refuses are passed over.
    pub(super) fn new(
        wanted: &Wanted,
        before: u64,
        (recent, runs): (Vec<u64>, &[Run]),
        opens: impl Fn(&Run) -> bool,
    ) -> Self {
        let of_kind = |run: &Run| run.key_id.is_empty() == matches!(wanted, Wanted::Entry(_));
        let is_opened = |run: &&Run| run.first < before && of_kind(run) && opens(run);
        let runs = runs.iter().filter(is_opened).cloned().collect();
        let mut found = recent;
        found.retain(|leaf| *leaf < before);
        let (prefix, bucket) = (wanted.prefix(), room_for_buckets());
        Self { prefix, before, found, runs, key: None, bucket }
    }

    /// Passes over runs under keys that `shows` refuses.
    pub(crate) fn only(&mut self, shows: impl Fn(&str) -> bool) {
        self.runs.retain(|run| run.key_id.is_empty() || shows(&run.key_id));
    }

    /// The next older leaf. An error without a code of SQLite's if a bucket is not there or does not open: the index is damaged,
    /// or the run was removed after the search was begun, which a new one shows.
    pub(crate) fn next(
        &mut self,
        connection: &Connection,
        sealing: &Sealing,
    ) -> rusqlite::Result<Option<u64>> {
        while let Some(run) = self.runs.pop_if(|run| self.found.last().is_none_or(|newest| run.end > *newest))
        {
            let key = match self.key.take().filter(|(id, _)| *id == run.key_id) {
                Some((_, key)) => key,
                None => match sealing.key_of(&run)? {
                    Some(key) => key,
                    None => continue,
                },
            };
            let id = bucket_id(run.id, bucket_of(self.prefix, run.buckets()));
            let opened = connection
                .prepare_cached("SELECT data FROM bucket WHERE id = ?1")?
                .query_row([id], |row| {
                    Ok(open_bucket_into(&key, id, row.get_ref(0)?.as_blob()?, &mut self.bucket))
                })
                .optional()?;
            opened.flatten().ok_or_else(damaged)?;
            self.key = Some((run.key_id, key));
            let older = leaves_of(&self.bucket, run.first, self.prefix);
            if !older.is_empty() {
                self.found.extend(older.into_iter().filter(|leaf| *leaf < self.before));
                self.found.sort_unstable();
            }
        }
        Ok(self.found.pop())
    }
}
