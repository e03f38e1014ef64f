//! Documents, tokens, and a digest over everything.

use rusqlite::types::ValueRef;
use ssbtek_transparency::Hash;
use ssbtek_vault::{KeyId, VaultError};

use super::Check;
use crate::{documents, tokens};

/// Every table with the order of its rows.
const TABLES: [(&str, &str); 14] = [
    ("tree", "id"),
    ("leaf", "id"),
    ("sealed_block", "tree, key_id, block"),
    ("tile", "tree, level, idx"),
    ("term", "tree, month, term, leaf"),
    ("reindex", "tree"),
    ("open_entry", "entry"),
    ("spent", "id"),
    ("document", "doc, version"),
    ("kept_checkpoint", "tree, size"),
    ("retention", "board"),
    ("log_key", "board, vkey"),
    ("started", "name"),
    ("format", "one"),
];

impl Check<'_> {
    pub(super) fn documents(&mut self) -> rusqlite::Result<()> {
        let mut wrong = Vec::new();
        let mut count = 0;
        {
            let mut statement = self.connection.prepare(
                "SELECT doc, version, key_id, sealed, closed_at FROM document ORDER BY doc, version",
            )?;
            let mut rows = statement.query([])?;
            let mut previous: Option<([u8; 32], i64)> = None;
            while let Some(row) = rows.next()? {
                count += 1;
                let (doc, version): ([u8; 32], i64) = (row.get(0)?, row.get(1)?);
                let (key, sealed, closed_at): (String, Vec<u8>, Option<i64>) =
                    (row.get(2)?, row.get(3)?, row.get(4)?);
                // Earlier versions may have been sealed under keys that a purge has destroyed.
                let first = if self.purged.is_empty() { 1 } else { version };
                let expected =
                    previous.filter(|(last, _)| *last == doc).map_or(first, |(_, version)| version + 1);
                if version != expected {
                    wrong.push(format!("document row {count}: version {version} where {expected} belongs"));
                }
                previous = Some((doc, version));
                let key = KeyId::parse(&key);
                let accounted = key.as_ref().is_some_and(|key| self.purged.contains(key));
                match key.map(|id| self.options.vault.open(&id)) {
                    Some(Ok(key))
                        if key
                            .open(&documents::context(&doc, version as u64, closed_at), &sealed)
                            .is_some() => {}
                    Some(Err(VaultError::Missing(_))) if accounted => {}
                    _ => wrong.push(format!("document row {count}: does not open under its key")),
                }
            }
        }
        self.report.documents = count;
        wrong.into_iter().for_each(|what| self.found(what));
        Ok(())
    }

    pub(super) fn tokens(&mut self) -> rusqlite::Result<()> {
        let (mut wrong, mut before) = (0, None);
        {
            let mut statement =
                self.connection.prepare("SELECT id, expires_at, tokens, mac FROM spent ORDER BY id")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (id, expires_at): (i64, i64) = (row.get(0)?, row.get(1)?);
                let (spent, mac) = (row.get_ref(2)?.as_blob()?, row.get_ref(3)?.as_blob()?);
                let right = tokens::mac(&*self.options.vault, id, expires_at, spent)?;
                // Groups follow each other; what was forgotten stands apart from them.
                let in_order = match id {
                    tokens::FORGOTTEN => before.is_none() && spent.is_empty(),
                    _ => before.replace(id).is_none_or(|before| before + 1 == id),
                };
                wrong += u64::from(right != *mac || !in_order);
            }
        }
        if wrong > 0 {
            self.found(format!("{wrong} rows of spent tokens are not as they were written"));
        }
        Ok(())
    }

    pub(super) fn digest(&mut self) -> rusqlite::Result<()> {
        let mut digest = Hash::empty_root();
        for (table, order) in TABLES {
            let mut statement =
                self.connection.prepare(&format!("SELECT * FROM {table} ORDER BY {order}"))?;
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
        self.report.content = digest;
        Ok(())
    }
}
