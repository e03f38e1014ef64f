//! What ours is held against: the same database, and nothing but rows.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use rusqlite::{Connection, params};
use ssbtek_domain::{Entropy, Personnummer, SeededEntropy};

use crate::{GROUP, persons::person};

/// Most rows that a look-up reads.
pub(crate) const MOST_ROWS: usize = 100;
/// Random bytes from which bodies are cut, made beforehand.
const NOISE: usize = 1 << 22;

fn noise() -> Vec<u8> {
    let mut noise = vec![0; NOISE];
    SeededEntropy::new(1).fill(&mut noise);
    noise
}

fn body(noise: &[u8], n: u64, bytes: usize) -> &[u8] {
    let at = n.wrapping_mul(0x9e37_79b9) as usize % (NOISE - bytes);
    &noise[at..at + bytes]
}

/// One table, one transaction for each group. Journal, syncing and the size of the write-ahead log are ours.
pub(crate) struct Bare {
    connection: Connection,
    path: PathBuf,
    noise: Vec<u8>,
    rows: u64,
    bytes: usize,
}

impl Bare {
    /// A table of so many rows, written as fast as can be.
    pub(crate) fn create(path: &Path, rows: u64, bytes: usize) -> Self {
        let _ = std::fs::remove_file(path);
        let connection = Connection::open(path).expect("a database");
        let batch = format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = {};",
            ssbtek_store_sqlite::SqliteOptions::at(path).checkpoint_pages
        );
        let table = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
             CREATE TABLE entry (id INTEGER PRIMARY KEY, body BLOB NOT NULL);";
        connection.execute_batch(table).expect("a table");
        let mut bare = Self { connection, path: path.to_owned(), noise: noise(), rows: 0, bytes };
        bare.group(rows);
        bare.connection.execute_batch(&batch).expect("SQLite takes its pragmas");
        bare
    }

    /// So many more rows, in groups.
    pub(crate) fn fill(&mut self, rows: u64) {
        let mut left = rows;
        while left > 0 {
            let group = left.min(GROUP as u64);
            self.group(group);
            left -= group;
        }
    }

    /// So many more rows in one transaction.
    fn group(&mut self, rows: u64) {
        self.connection.execute_batch("BEGIN IMMEDIATE").expect("begun");
        for n in self.rows..self.rows + rows {
            let mut insert =
                self.connection.prepare_cached("INSERT INTO entry VALUES (?1, ?2)").expect("prepared");
            insert.execute(params![n as i64, body(&self.noise, n, self.bytes)]).expect("inserted");
        }
        self.connection.execute_batch("COMMIT").expect("committed");
        self.rows += rows;
    }

    /// Gives its space back.
    pub(crate) fn remove(self) {
        drop(self.connection);
        let _ = std::fs::remove_file(self.path);
    }
}

/// A table with an index by person.
pub(crate) struct Indexed {
    connection: Connection,
}

impl Indexed {
    pub(crate) fn create(path: &Path, entries: u64, bytes: usize) -> Self {
        let _ = std::fs::remove_file(path);
        let connection = Connection::open(path).expect("a database");
        connection
            .execute_batch(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; BEGIN;
                 CREATE TABLE entry (id INTEGER PRIMARY KEY, person TEXT NOT NULL, body BLOB NOT NULL);",
            )
            .expect("a table");
        let noise = noise();
        for n in 0..entries {
            let mut insert =
                connection.prepare_cached("INSERT INTO entry VALUES (?1, ?2, ?3)").expect("prepared");
            let person = person(n);
            let row = params![n as i64, person.expose(), body(&noise, n, bytes)];
            insert.execute(row).expect("inserted");
        }
        connection.execute_batch("CREATE INDEX by_person ON entry (person, id); COMMIT;").expect("committed");
        drop(connection);
        let connection = Connection::open(path).expect("a database");
        let kib = ssbtek_store_sqlite::SqliteOptions::at(path).reader_cache_kib;
        connection.execute_batch(&format!("PRAGMA cache_size = -{kib}")).expect("a cache like ours");
        Self { connection }
    }

    /// Microseconds that a look-up takes, and how many rows it finds.
    pub(crate) fn look_up(&self, wanted: &Personnummer) -> (f64, usize) {
        let start = Instant::now();
        let mut select = self
            .connection
            .prepare_cached("SELECT id, body FROM entry WHERE person = ?1 ORDER BY id DESC LIMIT ?2")
            .expect("prepared");
        let rows = select
            .query_map(params![wanted.expose(), MOST_ROWS as i64], |row| row.get::<_, Vec<u8>>(1))
            .expect("read");
        let found = rows.count();
        (start.elapsed().as_secs_f64() * 1e6, found)
    }
}
