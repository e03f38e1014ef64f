//! The database for the offline check: opened for reading alone, and what is wrong with SQLite's own structures.

use std::{cell::RefCell, path::Path};

use rusqlite::{Connection, OpenFlags, types::ValueRef};
use ssbtek_log_store::{
    CheckOptions, CheckReport,
    engine::{Counted, Done, Inspected},
    rows::TreeId,
};
use ssbtek_transparency::Hash;

use crate::{OpenError, Written, fault::told, lock::DatabaseLock, rows::SqliteRows, schema, sealed};

/// Every table with the order of its rows.
const TABLES: [(&str, &str); 16] = [
    ("tree", "id"),
    ("leaf", "id"),
    ("sealed_block", "tree, key_id, block"),
    ("tile", "tree, level, idx"),
    ("term", "tree, month, term, leaf"),
    ("reindex", "tree"),
    ("open_entry", "entry"),
    ("spent", "id"),
    ("step_back", "tree, leaf"),
    ("document", "doc, version"),
    ("kept_checkpoint", "tree, size"),
    ("retention", "board"),
    ("log_key", "board, vkey"),
    ("started", "name"),
    ("lease", "name"),
    ("format", "one"),
];

/// Checks a database that no broker has open. An error means that nothing could be checked at all.
pub fn check(path: &Path, options: &CheckOptions) -> Result<CheckReport, OpenError> {
    let _lock = DatabaseLock::take(path)?;
    let connection = open(path)?;
    let found = Written::not_newer(&connection)?.schema;
    if found < schema::VERSION {
        return Err(OpenError::Older { found, known: schema::VERSION });
    }
    if connection.prepare("SELECT 1 FROM reindex")?.exists([])? {
        return Err(OpenError::NotWhole);
    }
    let rows = SqliteRows { connection: &connection, blocks: &RefCell::default() };
    Ok(ssbtek_log_store::check(&rows, options))
}

fn open(path: &Path) -> Result<Connection, OpenError> {
    // Without a write-ahead log the file alone is the database, and is not touched; with one, SQLite must read both.
    let wal = path.with_file_name(format!("{}-wal", path.file_name().unwrap_or_default().to_string_lossy()));
    let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let immutable = if wal.exists() { "" } else { "?immutable=1" };
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(format!("file:{path}{immutable}"), flags)?;
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA cache_size = -65536;",
    )?;
    Ok(connection)
}

impl Inspected for SqliteRows<'_> {
    fn own_faults(&self) -> Done<Vec<String>> {
        let mut faults = self.all("PRAGMA integrity_check(20)", [], |row| row.get::<_, String>(0))?;
        faults.retain(|text| text != "ok");
        faults.iter_mut().for_each(|text| *text = format!("SQLite: {text}"));
        if !told(has_our_schema(self.connection))? {
            faults.push("the schema is not the one this program makes".to_owned());
        }
        // A database so broken that this cannot be read has been told of.
        match told(sealed::faults(self.connection)) {
            Ok(wrong) => faults.extend(wrong),
            Err(fault) => faults.push(format!("which keys seal which records cannot be read ({fault})")),
        }
        Ok(faults)
    }

    fn counts(&self) -> Done<Counted> {
        let count =
            |sql: &str| told(self.connection.query_row(sql, [], |row| row.get(0).map(i64::unsigned_abs)));
        Ok(Counted {
            leaves: count("SELECT count(*) FROM leaf")?,
            nodes: count("SELECT count(*) FROM tile")?,
            open: count("SELECT count(*) FROM open_entry")?,
        })
    }

    fn term_counts(&self) -> Done<Vec<(TreeId, i64, u64)>> {
        self.all(
            "SELECT tree, month, count(*) FROM term GROUP BY tree, month ORDER BY tree, month",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?.unsigned_abs())),
        )
    }

    fn kept_trees(&self) -> Done<Vec<TreeId>> {
        self.all("SELECT tree FROM kept_checkpoint", [], |row| row.get(0))
    }

    fn digest(&self) -> Done<Hash> {
        told(digest(self.connection))
    }
}

fn has_our_schema(connection: &Connection) -> rusqlite::Result<bool> {
    let expected = Connection::open_in_memory()?;
    for migration in schema::MIGRATIONS {
        expected.execute_batch(migration)?;
    }
    Ok(definitions(&expected)? == definitions(connection)?)
}

type Definition = (String, String, String, Option<String>);

fn definitions(connection: &Connection) -> rusqlite::Result<Vec<Definition>> {
    let mut statement =
        connection.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?.collect()
}

/// Over every stored value of every table.
fn digest(connection: &Connection) -> rusqlite::Result<Hash> {
    let mut digest = Hash::empty_root();
    for (table, order) in TABLES {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table} ORDER BY {order}"))?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let mut bytes = table.as_bytes().to_vec();
            for column in 0..columns {
                let (kind, value): (u8, Vec<u8>) = match row.get_ref(column)? {
                    ValueRef::Null => (0, Vec::new()),
                    ValueRef::Integer(value) => (1, value.to_be_bytes().to_vec()),
                    ValueRef::Real(value) => (2, value.to_be_bytes().to_vec()),
                    ValueRef::Text(value) => (3, value.to_vec()),
                    ValueRef::Blob(value) => (4, value.to_vec()),
                };
                bytes.push(kind);
                bytes.extend_from_slice(&(value.len() as u64).to_be_bytes());
                bytes.extend_from_slice(&value);
            }
            digest = Hash::of_parts(&[digest.as_bytes(), &bytes]);
        }
    }
    Ok(digest)
}
