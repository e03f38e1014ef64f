//! What ours is held against: the same database, and nothing but rows.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use rusqlite::{Connection, Row, params};
use ssbtek_access_log::{Payload, StoredLeaf, read_leaf};
use ssbtek_domain::{Entropy, OrganisationNumber, Personnummer, SeededEntropy};
use ssbtek_transparency::Hash;
use ssbtek_vault::{KeyId, Vault};

use crate::GROUP;

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

/// The same records in a table with an index by person in the clear.
pub(crate) struct Indexed {
    connection: Connection,
    vault: Arc<dyn Vault>,
    board: OrganisationNumber,
}

impl Indexed {
    /// Of all that a log's database holds.
    pub(crate) fn create(path: &Path, log: &Path, vault: Arc<dyn Vault>, board: OrganisationNumber) -> Self {
        let _ = std::fs::remove_file(path);
        let connection = Connection::open(path).expect("a database");
        connection
            .execute_batch(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; BEGIN;
                 CREATE TABLE entry (id INTEGER PRIMARY KEY, person TEXT NOT NULL, header BLOB NOT NULL,
                                     commitment BLOB NOT NULL, key TEXT NOT NULL, sealed BLOB NOT NULL);",
            )
            .expect("a table");
        let log = Connection::open(log).expect("the log");
        let mut all =
            log.prepare("SELECT header, commitment, key_id, sealed FROM leaf ORDER BY id").expect("read");
        let mut rows = all.query([]).expect("read");
        let mut index = 0;
        while let Some(row) = rows.next().expect("read") {
            let leaf = leaf_of(row, index).expect("a record");
            let (_, payload) = read_leaf(&*vault, board, &leaf).expect("it opens");
            let about = payload.as_ref().map(Payload::about);
            let person = about.as_ref().and_then(|about| about.person()).unwrap_or_default();
            connection
                .prepare_cached("INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
                .and_then(|mut insert| {
                    let commitment = leaf.commitment.as_bytes();
                    let row = params![
                        index as i64,
                        person,
                        leaf.header,
                        commitment,
                        leaf.key.as_str(),
                        leaf.sealed
                    ];
                    insert.execute(row)
                })
                .expect("inserted");
            index += 1;
        }
        connection.execute_batch("CREATE INDEX by_person ON entry (person, id); COMMIT;").expect("committed");
        drop(connection);
        let connection = Connection::open(path).expect("a database");
        let kib = ssbtek_store_sqlite::SqliteOptions::at(path).reader_cache_kib;
        connection.execute_batch(&format!("PRAGMA cache_size = -{kib}")).expect("a cache like ours");
        Self { connection, vault, board }
    }

    fn rows(&self, wanted: &Personnummer) -> Vec<StoredLeaf> {
        let select = "SELECT header, commitment, key, sealed, id FROM entry WHERE person = ?1
                      ORDER BY id DESC LIMIT ?2";
        let mut select = self.connection.prepare_cached(select).expect("prepared");
        let leaf = |row: &Row<'_>| leaf_of(row, row.get::<_, i64>(4)?.unsigned_abs());
        let rows = select.query_map(params![wanted.expose(), MOST_ROWS as i64], leaf).expect("read");
        rows.collect::<Result<_, _>>().expect("read")
    }

    /// Microseconds that a look-up takes, and how many rows it finds.
    pub(crate) fn look_up(&self, wanted: &Personnummer) -> (f64, usize) {
        let start = Instant::now();
        let found = self.rows(wanted).len();
        (start.elapsed().as_secs_f64() * 1e6, found)
    }

    /// The same, where each row is also opened and held against what it committed to.
    pub(crate) fn look_up_and_open(&self, wanted: &Personnummer) -> (f64, usize) {
        let start = Instant::now();
        let rows = self.rows(wanted);
        let opens =
            |leaf: &StoredLeaf| read_leaf(&*self.vault, self.board, leaf).is_ok_and(|read| read.1.is_some());
        let found = rows.iter().filter(|leaf| opens(leaf)).count();
        (start.elapsed().as_secs_f64() * 1e6, found)
    }
}

fn leaf_of(row: &Row<'_>, index: u64) -> rusqlite::Result<StoredLeaf> {
    Ok(StoredLeaf {
        index,
        header: row.get(0)?,
        commitment: Hash::from_bytes(row.get(1)?),
        key: KeyId::parse(&row.get::<_, String>(2)?).ok_or(rusqlite::Error::InvalidQuery)?,
        sealed: row.get(3)?,
    })
}
