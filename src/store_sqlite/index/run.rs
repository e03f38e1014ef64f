//! Rows of the tables `run` and `bucket`.

use std::ops::Range;

use rusqlite::{Connection, Row, params};
use ssbtek_vault::Key;

use super::{
    bucket::{Record, bucket_of, buckets_for, encode, first_prefix, records},
    sealing::{Sealing, damaged, open_bucket_into, room_for_buckets},
};

/// Bits of a bucket's row id that hold its number.
pub(crate) const BUCKET_BITS: u32 = 24;

/// What a run is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Being written from others, which are in use until it is whole.
    Writing = 0,
    /// In use.
    Live = 1,
    /// Being removed.
    Dead = 2,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) id: i64,
    pub(crate) tree: i64,
    /// The key that its leaves are sealed under; empty for entry ids.
    pub(crate) key_id: String,
    /// The first leaf's index.
    pub(crate) first: u64,
    /// The index after the last leaf.
    pub(crate) end: u64,
    pub(crate) records: u64,
    /// Buckets written so far.
    pub(crate) written: u64,
    pub(crate) state: State,
}

/// Row id of a run's bucket.
pub(crate) fn bucket_id(run: i64, bucket: u64) -> i64 {
    (run << BUCKET_BITS) | bucket as i64
}

impl Run {
    pub(crate) const COLUMNS: &'static str = "id, tree, key_id, first, end, records, written, state";

    /// A row of [`Run::COLUMNS`].
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let number = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
        let state = match row.get(7)? {
            0 => State::Writing,
            1 => State::Live,
            2 => State::Dead,
            other => return Err(rusqlite::Error::IntegralValueOutOfRange(7, other)),
        };
        Ok(Self {
            id: row.get(0)?,
            tree: row.get(1)?,
            key_id: row.get(2)?,
            first: number(3)?,
            end: number(4)?,
            records: number(5)?,
            written: number(6)?,
            state,
        })
    }

    /// All runs, by tree, key and age.
    pub(crate) fn all(connection: &Connection) -> rusqlite::Result<Vec<Self>> {
        let columns = Self::COLUMNS;
        let mut statement =
            connection.prepare(&format!("SELECT {columns} FROM run ORDER BY tree, key_id, end, id"))?;
        statement.query_map([], Self::read)?.collect()
    }

    pub(crate) fn buckets(&self) -> u64 {
        buckets_for(self.records)
    }

    /// Binds a row to what was written.
    pub(crate) fn mac(&self, key: &Key) -> [u8; 8] {
        let mut row = self.key_id.as_bytes().to_vec();
        let numbers = [self.first, self.end, self.records, self.written, self.state as u64];
        let ids = [self.id, self.tree].map(i64::unsigned_abs);
        ids.iter().chain(&numbers).for_each(|number| row.extend_from_slice(&number.to_be_bytes()));
        let mut mac = [0; 8];
        mac.copy_from_slice(&key.blind("run", &row)[..8]);
        mac
    }

    /// Writes the row, new or changed.
    pub(crate) fn save(&self, connection: &Connection, key: &Key) -> rusqlite::Result<()> {
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO run (id, tree, key_id, first, end, records, written, state, mac)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                self.id,
                self.tree,
                self.key_id,
                self.first as i64,
                self.end as i64,
                self.records as i64,
                self.written as i64,
                self.state as i64,
                self.mac(key),
            ])?;
        Ok(())
    }

    /// Writes up to `limit` further buckets from `content`: all records of those buckets, in any order.
    pub(crate) fn write_buckets(
        &mut self,
        connection: &Connection,
        sealing: &Sealing,
        key: &Key,
        limit: u64,
        content: &mut [Record],
    ) -> rusqlite::Result<()> {
        content.sort_unstable();
        let buckets = self.buckets();
        let end = buckets.min(self.written + limit);
        let mut insert = connection.prepare_cached("INSERT INTO bucket (id, data) VALUES (?1, ?2)")?;
        let mut rest: &[Record] = content;
        for bucket in self.written..end {
            let here = rest.partition_point(|(prefix, _)| bucket_of(*prefix, buckets) <= bucket);
            let (records, later) = rest.split_at(here);
            rest = later;
            let data = sealing.seal(key, self, bucket, &encode(self.first, records));
            insert.execute(params![bucket_id(self.id, bucket), data])?;
        }
        self.written = end;
        Ok(())
    }

    /// Adds this run's records with prefixes from `from` and, if given, below `until`.
    pub(crate) fn read_between(
        &self,
        connection: &Connection,
        key: &Key,
        from: u64,
        until: Option<u64>,
        into: &mut Vec<Record>,
    ) -> rusqlite::Result<()> {
        let buckets = self.buckets();
        let last = bucket_of(until.map_or(u64::MAX, |until| until.saturating_sub(1)), buckets);
        let inside = |(prefix, _): &Record| *prefix >= from && until.is_none_or(|until| *prefix < until);
        self.each_record(connection, key, bucket_of(from, buckets)..last + 1, |record| {
            if inside(&record) {
                into.push(record);
            }
        })
    }

    /// Opens so many of its buckets, and hands over every record in them.
    pub(crate) fn each_record(
        &self,
        connection: &Connection,
        key: &Key,
        buckets: Range<u64>,
        mut take: impl FnMut(Record),
    ) -> rusqlite::Result<()> {
        let mut statement = connection
            .prepare_cached("SELECT data, id FROM bucket WHERE id >= ?1 AND id < ?2 ORDER BY id")?;
        let ids = [bucket_id(self.id, buckets.start), bucket_id(self.id, buckets.end)];
        let mut rows = statement.query(ids)?;
        let mut opened = room_for_buckets();
        while let Some(row) = rows.next()? {
            open_bucket_into(key, row.get(1)?, row.get_ref(0)?.as_blob()?, &mut opened)
                .ok_or_else(damaged)?;
            records(&opened, self.first).for_each(&mut take);
        }
        Ok(())
    }

    /// First prefix of the bucket to be written next after `ahead` more; `None` at the end.
    pub(crate) fn prefix_after(&self, ahead: u64) -> Option<u64> {
        first_prefix(self.written + ahead, self.buckets())
    }
}
