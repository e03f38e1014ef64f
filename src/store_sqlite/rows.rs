//! Rows of the tables. One statement each, and no more.

use std::{cell::RefCell, ops::Range};

use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use ssbtek_access_log::Term;
use ssbtek_domain::{EntryId, OrganisationNumber};
use ssbtek_log_store::{
    MOST_LEAVES,
    engine::{Changes, Done, Rows},
    rows::{
        DocumentRow, IndexRow, KeptRow, LeafRow, LeaseRow, LogKeyRow, SpentRow, StartedRow, StepRow,
        TermsRow, TreeId, TreeRow,
    },
};
use ssbtek_transparency::Hash;

use crate::{
    fault::told,
    sealed::{self, SealedBlocks},
};

/// Bits of a leaf's row id that hold its index.
const INDEX_BITS: u32 = 40;

/// Row id of a leaf. An index beyond the largest tree is no leaf's, and leads to the place after this tree's last, never into
/// the tree beside it.
pub(crate) fn leaf_id(tree: TreeId, index: u64) -> i64 {
    (tree << INDEX_BITS) | (index.min(MOST_LEAVES) as i64)
}

/// Index of the leaf with this row id.
pub(crate) fn leaf_index(id: i64) -> u64 {
    (id & ((1 << INDEX_BITS) - 1)) as u64
}

/// A number as SQLite holds it.
fn held(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get(column).map(i64::unsigned_abs)
}

/// The rows that a connection sees.
pub(crate) struct SqliteRows<'c> {
    pub(crate) connection: &'c Connection,
    pub(crate) blocks: &'c RefCell<SealedBlocks>,
}

impl SqliteRows<'_> {
    pub(crate) fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Done<Vec<T>> {
        let all = || self.connection.prepare_cached(sql)?.query_map(params, read)?.collect();
        told(all())
    }

    fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Done<Option<T>> {
        let one = || self.connection.prepare_cached(sql)?.query_row(params, read).optional();
        told(one())
    }

    fn run(&self, sql: &str, params: impl Params) -> Done<usize> {
        let run = || self.connection.prepare_cached(sql)?.execute(params);
        told(run())
    }
}

fn tree_row(row: &Row<'_>) -> rusqlite::Result<TreeRow> {
    Ok(TreeRow {
        id: row.get(0)?,
        board: row.get(1)?,
        size: number(row, 2)?,
        frontier: row.get(3)?,
        checkpoint: row.get(4)?,
        beside: row.get(5)?,
    })
}

fn leaf_row(row: &Row<'_>) -> rusqlite::Result<LeafRow> {
    Ok(LeafRow {
        index: leaf_index(row.get(0)?),
        hash: Hash::from_bytes(row.get(1)?),
        header: row.get(2)?,
        commitment: Hash::from_bytes(row.get(3)?),
        key: row.get(4)?,
        sealed: row.get(5)?,
    })
}

fn document_row(row: &Row<'_>) -> rusqlite::Result<DocumentRow> {
    Ok(DocumentRow {
        doc: row.get(0)?,
        version: number(row, 1)?,
        key: row.get(2)?,
        sealed: row.get(3)?,
        closed_at: row.get(4)?,
    })
}

fn terms_row(row: &Row<'_>) -> rusqlite::Result<TermsRow> {
    Ok(TermsRow {
        board: row.get(0)?,
        log_months: row.get(1)?,
        ended_on: row.get(2)?,
        due_at: row.get(3)?,
        held: row.get(4)?,
        handed_over_at: row.get(5)?,
        closing: row.get(6)?,
        leaf: row.get::<_, Option<i64>>(7)?.map(i64::unsigned_abs),
        mac: row.get(8)?,
    })
}

fn log_key_row(row: &Row<'_>) -> rusqlite::Result<LogKeyRow> {
    Ok(LogKeyRow {
        board: row.get(0)?,
        vkey: row.get(1)?,
        since: row.get(2)?,
        first_size: number(row, 3)?,
        until: row.get(4)?,
        last_size: row.get::<_, Option<i64>>(5)?.map(i64::unsigned_abs),
        mac: row.get(6)?,
    })
}

fn kept_row(row: &Row<'_>) -> rusqlite::Result<KeptRow> {
    Ok(KeptRow { size: number(row, 0)?, note: row.get(1)?, mac: row.get(2)? })
}

impl Rows for SqliteRows<'_> {
    fn trees(&self) -> Done<Vec<TreeRow>> {
        self.all(
            "SELECT id, organisation, size, frontier, checkpoint, beside FROM tree ORDER BY id",
            [],
            tree_row,
        )
    }

    fn tree(&self, board: OrganisationNumber) -> Done<Option<TreeRow>> {
        let sql =
            "SELECT id, organisation, size, frontier, checkpoint, beside FROM tree WHERE organisation = ?1";
        self.one(sql, [board.as_str()], tree_row)
    }

    fn leaves(&self, tree: TreeId, range: Range<u64>, limit: u32) -> Done<Vec<LeafRow>> {
        self.all(
            "SELECT id, hash, header, commitment, key_id, sealed FROM leaf WHERE id >= ?1 AND id < ?2
             ORDER BY id LIMIT ?3",
            params![leaf_id(tree, range.start), leaf_id(tree, range.end), limit],
            leaf_row,
        )
    }

    fn headers(&self, tree: TreeId, range: Range<u64>) -> Done<Vec<Vec<u8>>> {
        let sql = "SELECT header FROM leaf WHERE id >= ?1 AND id < ?2 ORDER BY id";
        self.all(sql, [leaf_id(tree, range.start), leaf_id(tree, range.end)], |row| row.get(0))
    }

    fn nodes(&self, tree: TreeId, level: u32, range: Range<u64>) -> Done<Vec<Hash>> {
        let hash = |row: &Row<'_>| row.get(0).map(Hash::from_bytes);
        if level == 0 {
            let sql = "SELECT hash FROM leaf WHERE id >= ?1 AND id < ?2 ORDER BY id";
            self.all(sql, [leaf_id(tree, range.start), leaf_id(tree, range.end)], hash)
        } else {
            self.all(
                "SELECT hash FROM tile WHERE tree = ?1 AND level = ?2 AND idx >= ?3 AND idx < ?4 ORDER BY idx",
                params![tree, level, held(range.start), held(range.end)],
                hash,
            )
        }
    }

    fn term_leaves(&self, tree: TreeId, month: i64, term: &Term, before: u64, limit: u32) -> Done<Vec<u64>> {
        self.all(
            "SELECT leaf FROM term WHERE tree = ?1 AND month = ?2 AND term = ?3 AND leaf < ?4
             ORDER BY leaf DESC LIMIT ?5",
            params![tree, month, term, held(before), limit],
            |row| number(row, 0),
        )
    }

    fn sealing_keys(&self, tree: TreeId, from: &str, until: &str) -> Done<Vec<(String, u64)>> {
        told(sealed::keys(self.connection, tree, (from, until)))
    }

    fn count_sealed(&self, tree: TreeId, key: &str, below: u64) -> Done<u64> {
        told(sealed::count(self.connection, tree, key, below))
    }

    fn open_entries(&self) -> Done<Vec<(TreeId, EntryId)>> {
        self.all("SELECT tree, entry FROM open_entry ORDER BY entry", [], |row| {
            Ok((row.get(0)?, EntryId::from_bytes(row.get(1)?)))
        })
    }

    fn is_open(&self, entry: EntryId) -> Done<Option<TreeId>> {
        self.one("SELECT tree FROM open_entry WHERE entry = ?1", [entry.as_bytes()], |row| row.get(0))
    }

    fn document(&self, doc: &[u8; 32], version: Option<u64>) -> Done<Option<DocumentRow>> {
        match version {
            Some(version) => self.one(
                "SELECT doc, version, key_id, sealed, closed_at FROM document WHERE doc = ?1 AND version = ?2",
                params![doc, held(version)],
                document_row,
            ),
            None => self.one(
                "SELECT doc, version, key_id, sealed, closed_at FROM document WHERE doc = ?1
                 ORDER BY version DESC LIMIT 1",
                [doc],
                document_row,
            ),
        }
    }

    fn documents(&self, after: (&str, &[u8], u64), until: &str, limit: u32) -> Done<Vec<DocumentRow>> {
        let (key, doc, version) = after;
        self.all(
            "SELECT doc, version, key_id, sealed, closed_at FROM document
             WHERE (key_id, doc, version) > (?1, ?2, ?3) AND key_id < ?4
             ORDER BY key_id, doc, version LIMIT ?5",
            params![key, doc, held(version), until, limit],
            document_row,
        )
    }

    fn closed_documents(&self, from: &str, until: &str, at: i64) -> Done<Vec<DocumentRow>> {
        self.all(
            "SELECT doc, version, key_id, sealed, closed_at FROM document INDEXED BY document_by_closing
             WHERE closed_at <= ?1 AND key_id >= ?2 AND key_id < ?3 ORDER BY key_id, doc, version",
            params![at, from, until],
            document_row,
        )
    }

    fn steps_back(&self, tree: Option<TreeId>) -> Done<Vec<StepRow>> {
        let read = |row: &Row<'_>| {
            Ok(StepRow {
                tree: row.get(0)?,
                leaf: number(row, 1)?,
                latest: row.get(2)?,
                confirmed: row.get(3)?,
            })
        };
        let sql = "SELECT tree, leaf, latest, confirmed FROM step_back WHERE tree = coalesce(?1, tree)
                   ORDER BY tree, leaf";
        self.all(sql, [tree], read)
    }

    fn spent(&self) -> Done<Vec<SpentRow>> {
        self.all("SELECT id, expires_at, tokens, mac FROM spent ORDER BY id", [], |row| {
            Ok(SpentRow { id: row.get(0)?, expires_at: row.get(1)?, tokens: row.get(2)?, mac: row.get(3)? })
        })
    }

    fn kept(&self, tree: TreeId, most: usize) -> Done<Vec<KeptRow>> {
        let sql = "SELECT size, note, mac FROM kept_checkpoint WHERE tree = ?1 ORDER BY size DESC LIMIT ?2";
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let mut kept = self.all(sql, params![tree, most], kept_row)?;
        kept.reverse();
        Ok(kept)
    }

    fn terms(&self, board: &str) -> Done<Option<TermsRow>> {
        self.one(
            "SELECT board, log_months, ended_on, due_at, held, handed_over_at, closing, leaf, mac FROM retention
             WHERE board = ?1",
            [board],
            terms_row,
        )
    }

    fn boards_with_terms(&self) -> Done<Vec<String>> {
        self.all("SELECT board FROM retention ORDER BY board", [], |row| row.get(0))
    }

    fn log_keys(&self, board: Option<&str>) -> Done<Vec<LogKeyRow>> {
        self.all(
            "SELECT board, vkey, since, first_size, until, last_size, mac FROM log_key
             WHERE board = coalesce(?1, board) ORDER BY first_size",
            [board],
            log_key_row,
        )
    }

    fn started(&self, name: &str) -> Done<Option<StartedRow>> {
        self.one("SELECT name, digest, mac FROM started WHERE name = ?1", [name], |row| {
            Ok(StartedRow { name: row.get(0)?, digest: row.get(1)?, mac: row.get(2)? })
        })
    }

    fn started_names(&self) -> Done<Vec<String>> {
        self.all("SELECT name FROM started ORDER BY name", [], |row| row.get(0))
    }

    fn leases(&self) -> Done<Vec<LeaseRow>> {
        self.all("SELECT name, holder, fence, until_ms FROM lease ORDER BY name", [], |row| {
            Ok(LeaseRow {
                name: row.get(0)?,
                holder: row.get(1)?,
                fence: number(row, 2)?,
                until_ms: row.get(3)?,
            })
        })
    }

    fn format(&self) -> Done<Option<(u32, [u8; 16])>> {
        let sql = "SELECT level, mac FROM format WHERE one = 1";
        self.one(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    fn unindexed(&self) -> Done<Vec<(TreeId, u64)>> {
        self.all("SELECT tree, next FROM reindex ORDER BY tree", [], |row| Ok((row.get(0)?, number(row, 1)?)))
    }
}

impl Changes for SqliteRows<'_> {
    fn begin_tree(&self, board: OrganisationNumber) -> Done<TreeRow> {
        let sql = "INSERT INTO tree (organisation, size, frontier, checkpoint) VALUES (?1, 0, x'', '')
                   ON CONFLICT (organisation) DO NOTHING";
        self.run(sql, [board.as_str()])?;
        let row =
            "SELECT id, organisation, size, frontier, checkpoint, beside FROM tree WHERE organisation = ?1";
        told(self.connection.query_row(row, [board.as_str()], tree_row))
    }

    fn grow_tree(
        &self,
        tree: TreeId,
        size: u64,
        frontier: &[u8],
        checkpoint: &str,
        beside: &[u8],
    ) -> Done<()> {
        let sql = "UPDATE tree SET size = ?2, frontier = ?3, checkpoint = ?4, beside = ?5 WHERE id = ?1";
        self.run(sql, params![tree, held(size), frontier, checkpoint, beside]).map(drop)
    }

    fn say_beside(&self, tree: TreeId, beside: &[u8]) -> Done<()> {
        self.run("UPDATE tree SET beside = ?2 WHERE id = ?1", params![tree, beside]).map(drop)
    }

    fn add_step_back(&self, step: &StepRow) -> Done<()> {
        let sql = "INSERT INTO step_back (tree, leaf, latest, confirmed) VALUES (?1, ?2, ?3, ?4)";
        self.run(sql, params![step.tree, held(step.leaf), step.latest, step.confirmed]).map(drop)
    }

    fn confirm_steps_back(&self) -> Done<()> {
        self.run("UPDATE step_back SET confirmed = 1 WHERE confirmed = 0", []).map(drop)
    }

    fn add_leaf(&self, tree: TreeId, leaf: &LeafRow) -> Done<()> {
        self.run(
            "INSERT INTO leaf (id, hash, header, commitment, key_id, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                leaf_id(tree, leaf.index),
                leaf.hash.as_bytes(),
                leaf.header,
                leaf.commitment.as_bytes(),
                leaf.key,
                leaf.sealed
            ],
        )?;
        told(self.blocks.borrow_mut().note(self.connection, tree, leaf.index, &leaf.key))
    }

    fn add_node(&self, tree: TreeId, level: u32, index: u64, hash: &Hash) -> Done<()> {
        let sql = "INSERT INTO tile (tree, level, idx, hash) VALUES (?1, ?2, ?3, ?4)";
        self.run(sql, params![tree, level, held(index), hash.as_bytes()]).map(drop)
    }

    fn add_terms(&self, rows: &[IndexRow]) -> Done<()> {
        let add = || {
            let sql = "INSERT OR IGNORE INTO term (tree, month, term, leaf) VALUES (?1, ?2, ?3, ?4)";
            let mut insert = self.connection.prepare_cached(sql)?;
            for (tree, month, term, leaf) in rows {
                insert.execute(params![tree, month, term, held(*leaf)])?;
            }
            Ok(())
        };
        told(add())
    }

    fn erase_terms(&self, tree: TreeId, month: i64, below: u64, limit: u64) -> Done<u64> {
        let Some(offset) = limit.checked_sub(1) else { return Ok(0) };
        // Up to which row, in order: those of a common term lie together, and are many.
        let last: Option<(Term, i64)> = self.one(
            "SELECT term, leaf FROM term WHERE tree = ?1 AND month = ?2 AND leaf < ?3
             ORDER BY term, leaf LIMIT 1 OFFSET ?4",
            params![tree, month, held(below), held(offset)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let (term, leaf) = last.unwrap_or(([0xff; 16], i64::MAX));
        let erased = self.run(
            "DELETE FROM term WHERE tree = ?1 AND month = ?2 AND (term, leaf) <= (?3, ?4) AND leaf < ?5",
            params![tree, month, term, leaf, held(below)],
        )?;
        Ok(erased as u64)
    }

    fn erase_sealed(&self, tree: TreeId, key: &str, below: u64, limit: u32) -> Done<u32> {
        self.blocks.borrow_mut().forget();
        told(sealed::erase(self.connection, tree, key, below, limit))
    }

    fn open_entry(&self, tree: TreeId, entry: EntryId) -> Done<()> {
        let sql = "INSERT INTO open_entry (entry, tree) VALUES (?1, ?2)";
        self.run(sql, params![entry.as_bytes(), tree]).map(drop)
    }

    fn end_entry(&self, entry: EntryId) -> Done<()> {
        self.run("DELETE FROM open_entry WHERE entry = ?1", [entry.as_bytes()]).map(drop)
    }

    fn add_document(&self, document: &DocumentRow) -> Done<()> {
        let DocumentRow { doc, version, key, sealed, closed_at } = document;
        let sql =
            "INSERT INTO document (doc, version, key_id, sealed, closed_at) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.run(sql, params![doc, held(*version), key, sealed, closed_at]).map(drop)
    }

    fn erase_document(&self, doc: &[u8; 32], version: Option<u64>) -> Done<u32> {
        let sql = "DELETE FROM document WHERE doc = ?1 AND version = coalesce(?2, version)";
        Ok(self.run(sql, params![doc, version.map(held)])? as u32)
    }

    fn spend(&self, spent: &SpentRow) -> Done<()> {
        let SpentRow { id, expires_at, tokens, mac } = spent;
        let sql = "INSERT INTO spent (id, expires_at, tokens, mac) VALUES (?1, ?2, ?3, ?4)";
        self.run(sql, params![id, expires_at, tokens, mac]).map(drop)
    }

    fn forget_spent(&self, last: i64) -> Done<()> {
        self.run("DELETE FROM spent WHERE id <= ?1", [last]).map(drop)
    }

    fn keep(&self, tree: TreeId, kept: &KeptRow) -> Done<()> {
        let sql = "INSERT OR REPLACE INTO kept_checkpoint (tree, size, note, mac) VALUES (?1, ?2, ?3, ?4)";
        self.run(sql, params![tree, held(kept.size), kept.note, kept.mac]).map(drop)
    }

    fn drop_kept(&self, tree: TreeId, size: u64) -> Done<()> {
        let sql = "DELETE FROM kept_checkpoint WHERE tree = ?1 AND size = ?2";
        self.run(sql, params![tree, held(size)]).map(drop)
    }

    fn set_terms(&self, terms: &TermsRow) -> Done<()> {
        self.run(
            "INSERT OR REPLACE INTO retention
             (board, log_months, ended_on, due_at, held, handed_over_at, closing, leaf, mac)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                terms.board,
                terms.log_months,
                terms.ended_on,
                terms.due_at,
                terms.held,
                terms.handed_over_at,
                terms.closing,
                terms.leaf.map(held),
                terms.mac
            ],
        )
        .map(drop)
    }

    fn set_log_key(&self, key: &LogKeyRow) -> Done<()> {
        self.run(
            "INSERT OR REPLACE INTO log_key (board, vkey, since, first_size, until, last_size, mac)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                key.board,
                key.vkey,
                key.since,
                held(key.first_size),
                key.until,
                key.last_size.map(held),
                key.mac
            ],
        )
        .map(drop)
    }

    fn set_started(&self, started: &StartedRow) -> Done<()> {
        let sql = "INSERT OR REPLACE INTO started (name, digest, mac) VALUES (?1, ?2, ?3)";
        self.run(sql, params![started.name, started.digest, started.mac]).map(drop)
    }

    fn drop_started(&self, name: &str) -> Done<()> {
        self.run("DELETE FROM started WHERE name = ?1", [name]).map(drop)
    }

    fn set_lease(&self, lease: &LeaseRow) -> Done<()> {
        let sql = "INSERT OR REPLACE INTO lease (name, holder, fence, until_ms) VALUES (?1, ?2, ?3, ?4)";
        self.run(sql, params![lease.name, lease.holder, held(lease.fence), lease.until_ms]).map(drop)
    }

    fn set_format(&self, level: u32, mac: [u8; 16]) -> Done<()> {
        let sql = "INSERT OR REPLACE INTO format (one, level, mac) VALUES (1, ?1, ?2)";
        self.run(sql, params![level, mac]).map(drop)
    }

    fn set_unindexed(&self, tree: TreeId, next: Option<u64>) -> Done<()> {
        match next {
            Some(next) => {
                let sql = "INSERT OR REPLACE INTO reindex (tree, next) VALUES (?1, ?2)";
                self.run(sql, params![tree, held(next)]).map(drop)
            }
            None => self.run("DELETE FROM reindex WHERE tree = ?1", [tree]).map(drop),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_index_leads_into_another_tree() {
        let edges = (0..64).flat_map(|bits| [(1u64 << bits) - 1, 1 << bits, (1 << bits) + 1]);
        for index in edges.chain([u64::MAX]) {
            for tree in [1, 2, 3, 1 << 20] {
                let id = leaf_id(tree, index);
                assert!((leaf_id(tree, 0)..leaf_id(tree + 1, 0)).contains(&id), "{tree} {index}");
                assert!(index >= MOST_LEAVES || leaf_index(id) == index);
            }
        }
    }
}
