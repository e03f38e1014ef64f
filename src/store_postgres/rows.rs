//! Rows of the tables. One statement each, and no more. What is added is refused where it is already there by the number of rows, never by
//! an error: the server's log would quote the row.

use std::ops::Range;

use ssbtek_access_log::Term;
use ssbtek_domain::{EntryId, OrganisationNumber};
use ssbtek_log_store::{
    Fault,
    engine::{Changes, Done, Rows},
    rows::{
        DocumentRow, IndexRow, KeptRow, LeafRow, LeaseRow, LogKeyRow, SpentRow, StartedRow, StepRow,
        TermsRow, TreeId, TreeRow,
    },
};
use ssbtek_transparency::Hash;
use tokio_postgres::{Row, types::FromSql};

use crate::connection::{Bound, Connection, bound};

const NOT_ITS_FORM: Fault = Fault::Damaged("a row has not its form");

/// A number as PostgreSQL holds it.
fn held(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn value<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Done<T> {
    row.try_get(column).map_err(|_| NOT_ITS_FORM)
}

pub(crate) fn number(row: &Row, column: usize) -> Done<u64> {
    value::<i64>(row, column).map(i64::unsigned_abs)
}

fn small(row: &Row, column: usize) -> Done<u32> {
    u32::try_from(value::<i64>(row, column)?).map_err(|_| NOT_ITS_FORM)
}

fn bytes<const N: usize>(row: &Row, column: usize) -> Done<[u8; N]> {
    value::<&[u8]>(row, column)?.try_into().map_err(|_| NOT_ITS_FORM)
}

fn some_bytes<const N: usize>(row: &Row, column: usize) -> Done<Option<[u8; N]>> {
    let found = value::<Option<&[u8]>>(row, column)?;
    found.map(|found| found.try_into().map_err(|_| NOT_ITS_FORM)).transpose()
}

fn hash(row: &Row, column: usize) -> Done<Hash> {
    bytes(row, column).map(Hash::from_bytes)
}

/// The rows that a session sees.
pub(crate) struct PostgresRows<'c> {
    pub(crate) connection: &'c Connection,
}

impl PostgresRows<'_> {
    pub(crate) fn all<T>(
        &self,
        sql: &'static str,
        values: Vec<Bound>,
        read: impl Fn(&Row) -> Done<T>,
    ) -> Done<Vec<T>> {
        self.connection.ask(sql, values)?.iter().map(read).collect()
    }

    pub(crate) fn one<T>(
        &self,
        sql: &'static str,
        values: Vec<Bound>,
        read: impl Fn(&Row) -> Done<T>,
    ) -> Done<Option<T>> {
        self.connection.ask(sql, values)?.first().map(read).transpose()
    }

    /// One row is changed, no more and no less.
    fn changes_one(&self, sql: &'static str, values: Vec<Bound>) -> Done<()> {
        self.connection.send(sql, values, Some(1))
    }

    fn changes(&self, sql: &'static str, values: Vec<Bound>) -> Done<()> {
        self.connection.send(sql, values, None)
    }
}

fn tree_row(row: &Row) -> Done<TreeRow> {
    Ok(TreeRow {
        id: value(row, 0)?,
        board: value(row, 1)?,
        size: number(row, 2)?,
        frontier: value(row, 3)?,
        checkpoint: value(row, 4)?,
        beside: value(row, 5)?,
    })
}

fn leaf_row(row: &Row) -> Done<LeafRow> {
    Ok(LeafRow {
        index: number(row, 0)?,
        hash: hash(row, 1)?,
        header: value(row, 2)?,
        commitment: hash(row, 3)?,
        key: value(row, 4)?,
        sealed: value(row, 5)?,
    })
}

fn document_row(row: &Row) -> Done<DocumentRow> {
    Ok(DocumentRow {
        doc: bytes(row, 0)?,
        version: number(row, 1)?,
        key: value(row, 2)?,
        sealed: value(row, 3)?,
        closed_at: value(row, 4)?,
    })
}

fn terms_row(row: &Row) -> Done<TermsRow> {
    let months = value::<Option<i64>>(row, 1)?.map(u32::try_from).transpose();
    Ok(TermsRow {
        board: value(row, 0)?,
        log_months: months.map_err(|_| NOT_ITS_FORM)?,
        ended_on: value(row, 2)?,
        due_at: value(row, 3)?,
        held: value(row, 4)?,
        handed_over_at: value(row, 5)?,
        closing: value(row, 6)?,
        leaf: value::<Option<i64>>(row, 7)?.map(i64::unsigned_abs),
        mac: some_bytes(row, 8)?,
    })
}

fn log_key_row(row: &Row) -> Done<LogKeyRow> {
    Ok(LogKeyRow {
        board: value(row, 0)?,
        vkey: value(row, 1)?,
        since: value(row, 2)?,
        first_size: number(row, 3)?,
        until: value(row, 4)?,
        last_size: value::<Option<i64>>(row, 5)?.map(i64::unsigned_abs),
        mac: bytes(row, 6)?,
    })
}

fn step_row(row: &Row) -> Done<StepRow> {
    Ok(StepRow {
        tree: value(row, 0)?,
        leaf: number(row, 1)?,
        latest: value(row, 2)?,
        confirmed: value(row, 3)?,
    })
}

impl Rows for PostgresRows<'_> {
    fn trees(&self) -> Done<Vec<TreeRow>> {
        let sql = "SELECT id, board, size, frontier, checkpoint, beside FROM ssbtek.tree ORDER BY id";
        self.all(sql, bound![], tree_row)
    }

    fn tree(&self, board: OrganisationNumber) -> Done<Option<TreeRow>> {
        let sql = "SELECT id, board, size, frontier, checkpoint, beside FROM ssbtek.tree WHERE board = $1";
        self.one(sql, bound![board.to_string()], tree_row)
    }

    fn leaves(&self, tree: TreeId, range: Range<u64>, limit: u32) -> Done<Vec<LeafRow>> {
        self.all(
            "SELECT idx, hash, header, commitment, key_id, sealed FROM ssbtek.leaf
             WHERE tree = $1 AND idx >= $2 AND idx < $3 ORDER BY idx LIMIT $4",
            bound![tree, held(range.start), held(range.end), i64::from(limit)],
            leaf_row,
        )
    }

    fn headers(&self, tree: TreeId, range: Range<u64>) -> Done<Vec<Vec<u8>>> {
        self.all(
            "SELECT header FROM ssbtek.leaf WHERE tree = $1 AND idx >= $2 AND idx < $3 ORDER BY idx",
            bound![tree, held(range.start), held(range.end)],
            |row| value(row, 0),
        )
    }

    fn nodes(&self, tree: TreeId, level: u32, range: Range<u64>) -> Done<Vec<Hash>> {
        let (from, until) = (held(range.start), held(range.end));
        if level == 0 {
            let sql = "SELECT hash FROM ssbtek.leaf WHERE tree = $1 AND idx >= $2 AND idx < $3 ORDER BY idx";
            self.all(sql, bound![tree, from, until], |row| hash(row, 0))
        } else {
            self.all(
                "SELECT hash FROM ssbtek.node WHERE tree = $1 AND level = $2 AND idx >= $3 AND idx < $4
                 ORDER BY idx",
                bound![tree, i64::from(level), from, until],
                |row| hash(row, 0),
            )
        }
    }

    fn term_leaves(&self, tree: TreeId, month: i64, term: &Term, before: u64, limit: u32) -> Done<Vec<u64>> {
        self.all(
            "SELECT leaf FROM ssbtek.term WHERE tree = $1 AND month = $2 AND term = $3 AND leaf < $4
             ORDER BY leaf DESC LIMIT $5",
            bound![tree, month, term.to_vec(), held(before), i64::from(limit)],
            |row| number(row, 0),
        )
    }

    fn sealing_keys(&self, tree: TreeId, from: &str, until: &str) -> Done<Vec<(String, u64)>> {
        // From key to key, and not through their leaves.
        self.all(
            "WITH RECURSIVE sealing(key_id) AS (
                 (SELECT key_id FROM ssbtek.leaf WHERE tree = $1 AND key_id >= $2 AND key_id < $3
                  AND sealed IS NOT NULL ORDER BY key_id LIMIT 1)
                 UNION ALL
                 SELECT (SELECT leaf.key_id FROM ssbtek.leaf WHERE leaf.tree = $1
                         AND leaf.key_id > sealing.key_id AND leaf.key_id < $3 AND leaf.sealed IS NOT NULL
                         ORDER BY leaf.key_id LIMIT 1)
                 FROM sealing WHERE sealing.key_id IS NOT NULL)
             SELECT key_id,
                    (SELECT leaf.idx + 1 FROM ssbtek.leaf WHERE leaf.tree = $1 AND leaf.key_id = sealing.key_id
                     AND leaf.sealed IS NOT NULL ORDER BY leaf.idx DESC LIMIT 1)
             FROM sealing WHERE key_id IS NOT NULL",
            bound![tree, from.to_owned(), until.to_owned()],
            |row| Ok((value(row, 0)?, number(row, 1)?)),
        )
    }

    fn count_sealed(&self, tree: TreeId, key: &str, below: u64) -> Done<u64> {
        let counted = self.one(
            "SELECT count(*) FROM ssbtek.leaf
             WHERE tree = $1 AND key_id = $2 AND idx < $3 AND sealed IS NOT NULL",
            bound![tree, key.to_owned(), held(below)],
            |row| number(row, 0),
        );
        counted?.ok_or(NOT_ITS_FORM)
    }

    fn open_entries(&self) -> Done<Vec<(TreeId, EntryId)>> {
        self.all("SELECT tree, entry FROM ssbtek.open_entry ORDER BY entry", bound![], |row| {
            Ok((value(row, 0)?, EntryId::from_bytes(bytes(row, 1)?)))
        })
    }

    fn is_open(&self, entry: EntryId) -> Done<Option<TreeId>> {
        let sql = "SELECT tree FROM ssbtek.open_entry WHERE entry = $1";
        self.one(sql, bound![entry.as_bytes().to_vec()], |row| value(row, 0))
    }

    fn document(&self, doc: &[u8; 32], version: Option<u64>) -> Done<Option<DocumentRow>> {
        match version {
            Some(version) => self.one(
                "SELECT doc, version, key_id, sealed, closed_at FROM ssbtek.document
                 WHERE doc = $1 AND version = $2",
                bound![doc.to_vec(), held(version)],
                document_row,
            ),
            None => self.one(
                "SELECT doc, version, key_id, sealed, closed_at FROM ssbtek.document WHERE doc = $1
                 ORDER BY version DESC LIMIT 1",
                bound![doc.to_vec()],
                document_row,
            ),
        }
    }

    fn documents(&self, after: (&str, &[u8], u64), until: &str, limit: u32) -> Done<Vec<DocumentRow>> {
        let (key, doc, version) = after;
        self.all(
            "SELECT doc, version, key_id, sealed, closed_at FROM ssbtek.document
             WHERE (key_id, doc, version) > ($1, $2, $3) AND key_id < $4
             ORDER BY key_id, doc, version LIMIT $5",
            bound![key.to_owned(), doc.to_vec(), held(version), until.to_owned(), i64::from(limit)],
            document_row,
        )
    }

    fn closed_documents(&self, from: &str, until: &str, at: i64) -> Done<Vec<DocumentRow>> {
        self.all(
            "SELECT doc, version, key_id, sealed, closed_at FROM ssbtek.document
             WHERE closed_at <= $1 AND key_id >= $2 AND key_id < $3 ORDER BY key_id, doc, version",
            bound![at, from.to_owned(), until.to_owned()],
            document_row,
        )
    }

    fn steps_back(&self, tree: Option<TreeId>) -> Done<Vec<StepRow>> {
        self.all(
            "SELECT tree, leaf, latest, confirmed FROM ssbtek.step_back WHERE tree = coalesce($1, tree)
             ORDER BY tree, leaf",
            bound![tree],
            step_row,
        )
    }

    fn spent(&self) -> Done<Vec<SpentRow>> {
        self.all("SELECT id, expires_at, tokens, mac FROM ssbtek.spent ORDER BY id", bound![], |row| {
            Ok(SpentRow {
                id: value(row, 0)?,
                expires_at: value(row, 1)?,
                tokens: value(row, 2)?,
                mac: value(row, 3)?,
            })
        })
    }

    fn kept(&self, tree: TreeId, most: usize) -> Done<Vec<KeptRow>> {
        let mut kept = self.all(
            "SELECT size, note, mac FROM ssbtek.kept_checkpoint WHERE tree = $1 ORDER BY size DESC LIMIT $2",
            bound![tree, i64::try_from(most).unwrap_or(i64::MAX)],
            |row| Ok(KeptRow { size: number(row, 0)?, note: value(row, 1)?, mac: some_bytes(row, 2)? }),
        )?;
        kept.reverse();
        Ok(kept)
    }

    fn terms(&self, board: &str) -> Done<Option<TermsRow>> {
        self.one(
            "SELECT board, log_months, ended_on, due_at, held, handed_over_at, closing, leaf, mac
             FROM ssbtek.retention WHERE board = $1",
            bound![board.to_owned()],
            terms_row,
        )
    }

    fn boards_with_terms(&self) -> Done<Vec<String>> {
        self.all("SELECT board FROM ssbtek.retention ORDER BY board", bound![], |row| value(row, 0))
    }

    fn log_keys(&self, board: Option<&str>) -> Done<Vec<LogKeyRow>> {
        self.all(
            "SELECT board, vkey, since, first_size, until, last_size, mac FROM ssbtek.log_key
             WHERE board = coalesce($1, board) ORDER BY first_size",
            bound![board.map(str::to_owned)],
            log_key_row,
        )
    }

    fn started(&self, name: &str) -> Done<Option<StartedRow>> {
        let sql = "SELECT name, digest, mac FROM ssbtek.started WHERE name = $1";
        self.one(sql, bound![name.to_owned()], |row| {
            Ok(StartedRow { name: value(row, 0)?, digest: bytes(row, 1)?, mac: bytes(row, 2)? })
        })
    }

    fn started_names(&self) -> Done<Vec<String>> {
        self.all("SELECT name FROM ssbtek.started ORDER BY name", bound![], |row| value(row, 0))
    }

    fn leases(&self) -> Done<Vec<LeaseRow>> {
        let sql = "SELECT name, holder, fence, until_ms FROM ssbtek.lease ORDER BY name";
        self.all(sql, bound![], |row| {
            Ok(LeaseRow {
                name: value(row, 0)?,
                holder: bytes(row, 1)?,
                fence: number(row, 2)?,
                until_ms: value(row, 3)?,
            })
        })
    }

    fn now_ms(&self) -> Done<Option<i64>> {
        let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
        self.one(sql, bound![], |row| value(row, 0))
    }

    fn format(&self) -> Done<Option<(u32, [u8; 16])>> {
        let sql = "SELECT level, mac FROM ssbtek.format WHERE one";
        self.one(sql, bound![], |row| Ok((small(row, 0)?, bytes(row, 1)?)))
    }

    fn unindexed(&self) -> Done<Vec<(TreeId, u64)>> {
        let sql = "SELECT tree, next FROM ssbtek.reindex ORDER BY tree";
        self.all(sql, bound![], |row| Ok((value(row, 0)?, number(row, 1)?)))
    }
}

impl Changes for PostgresRows<'_> {
    fn begin_tree(&self, board: OrganisationNumber) -> Done<TreeRow> {
        // Numbers follow on each other: the writer's place is held.
        self.changes(
            "INSERT INTO ssbtek.tree (id, board, size, frontier, checkpoint)
             SELECT coalesce(max(id), 0) + 1, $1, 0, '', '' FROM ssbtek.tree ON CONFLICT DO NOTHING",
            bound![board.to_string()],
        )?;
        self.tree(board)?.ok_or(Fault::Busy)
    }

    fn grow_tree(
        &self,
        tree: TreeId,
        size: u64,
        frontier: &[u8],
        checkpoint: &str,
        beside: &[u8],
    ) -> Done<()> {
        self.changes_one(
            "UPDATE ssbtek.tree SET size = $2, frontier = $3, checkpoint = $4, beside = $5 WHERE id = $1",
            bound![tree, held(size), frontier.to_vec(), checkpoint.to_owned(), beside.to_vec()],
        )
    }

    fn say_beside(&self, tree: TreeId, beside: &[u8]) -> Done<()> {
        self.changes_one("UPDATE ssbtek.tree SET beside = $2 WHERE id = $1", bound![tree, beside.to_vec()])
    }

    fn add_step_back(&self, step: &StepRow) -> Done<()> {
        self.changes_one(
            "INSERT INTO ssbtek.step_back (tree, leaf, latest, confirmed) VALUES ($1, $2, $3, $4)
             ON CONFLICT DO NOTHING",
            bound![step.tree, held(step.leaf), step.latest, step.confirmed],
        )
    }

    fn confirm_steps_back(&self) -> Done<()> {
        self.changes("UPDATE ssbtek.step_back SET confirmed = true WHERE NOT confirmed", bound![])
    }

    fn add_leaf(&self, tree: TreeId, leaf: &LeafRow) -> Done<()> {
        self.changes_one(
            "INSERT INTO ssbtek.leaf (tree, idx, hash, header, commitment, key_id, sealed)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            bound![
                tree,
                held(leaf.index),
                leaf.hash.as_bytes().to_vec(),
                leaf.header.clone(),
                leaf.commitment.as_bytes().to_vec(),
                leaf.key.clone(),
                leaf.sealed.clone()
            ],
        )
    }

    fn add_node(&self, tree: TreeId, level: u32, index: u64, hash: &Hash) -> Done<()> {
        self.changes_one(
            "INSERT INTO ssbtek.node (tree, level, idx, hash) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            bound![tree, i64::from(level), held(index), hash.as_bytes().to_vec()],
        )
    }

    fn add_terms(&self, rows: &[IndexRow]) -> Done<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let trees: Vec<_> = rows.iter().map(|(tree, ..)| *tree).collect();
        let months: Vec<_> = rows.iter().map(|(_, month, ..)| *month).collect();
        let terms: Vec<_> = rows.iter().map(|(_, _, term, _)| term.to_vec()).collect();
        let leaves: Vec<_> = rows.iter().map(|(.., leaf)| held(*leaf)).collect();
        self.changes(
            "INSERT INTO ssbtek.term (tree, month, term, leaf)
             SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bigint[]) ON CONFLICT DO NOTHING",
            bound![trees, months, terms, leaves],
        )
    }

    fn erase_terms(&self, tree: TreeId, month: i64, below: u64, limit: u64) -> Done<u64> {
        self.connection.run(
            "DELETE FROM ssbtek.term WHERE ctid = ANY(ARRAY(SELECT ctid FROM ssbtek.term
             WHERE tree = $1 AND month = $2 AND leaf < $3 ORDER BY term, leaf LIMIT $4))",
            bound![tree, month, held(below), held(limit)],
        )
    }

    fn erase_sealed(&self, tree: TreeId, key: &str, below: u64, limit: u32) -> Done<u32> {
        let erased = self.connection.run(
            "UPDATE ssbtek.leaf SET sealed = NULL WHERE ctid = ANY(ARRAY(SELECT ctid FROM ssbtek.leaf
             WHERE tree = $1 AND key_id = $2 AND idx < $3 AND sealed IS NOT NULL ORDER BY idx LIMIT $4))",
            bound![tree, key.to_owned(), held(below), i64::from(limit)],
        );
        Ok(u32::try_from(erased?).unwrap_or(u32::MAX))
    }

    fn open_entry(&self, tree: TreeId, entry: EntryId) -> Done<()> {
        self.changes_one(
            "INSERT INTO ssbtek.open_entry (entry, tree) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            bound![entry.as_bytes().to_vec(), tree],
        )
    }

    fn end_entry(&self, entry: EntryId) -> Done<()> {
        let sql = "DELETE FROM ssbtek.open_entry WHERE entry = $1";
        self.changes(sql, bound![entry.as_bytes().to_vec()])
    }

    fn add_document(&self, document: &DocumentRow) -> Done<()> {
        let DocumentRow { doc, version, key, sealed, closed_at } = document;
        self.changes_one(
            "INSERT INTO ssbtek.document (doc, version, key_id, sealed, closed_at)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            bound![doc.to_vec(), held(*version), key.clone(), sealed.clone(), *closed_at],
        )
    }

    fn erase_document(&self, doc: &[u8; 32], version: Option<u64>) -> Done<u32> {
        let erased = self.connection.run(
            "DELETE FROM ssbtek.document WHERE doc = $1 AND version = coalesce($2, version)",
            bound![doc.to_vec(), version.map(held)],
        );
        Ok(u32::try_from(erased?).unwrap_or(u32::MAX))
    }

    fn spend(&self, spent: &SpentRow) -> Done<()> {
        let SpentRow { id, expires_at, tokens, mac } = spent;
        self.changes_one(
            "INSERT INTO ssbtek.spent (id, expires_at, tokens, mac) VALUES ($1, $2, $3, $4)
             ON CONFLICT DO NOTHING",
            bound![*id, *expires_at, tokens.clone(), mac.clone()],
        )
    }

    fn forget_spent(&self, last: i64) -> Done<()> {
        self.changes("DELETE FROM ssbtek.spent WHERE id <= $1", bound![last])
    }

    fn keep(&self, tree: TreeId, kept: &KeptRow) -> Done<()> {
        self.changes_one(
            "INSERT INTO ssbtek.kept_checkpoint (tree, size, note, mac) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tree, size) DO UPDATE SET note = excluded.note, mac = excluded.mac",
            bound![tree, held(kept.size), kept.note.clone(), kept.mac.map(|mac| mac.to_vec())],
        )
    }

    fn drop_kept(&self, tree: TreeId, size: u64) -> Done<()> {
        let sql = "DELETE FROM ssbtek.kept_checkpoint WHERE tree = $1 AND size = $2";
        self.changes(sql, bound![tree, held(size)])
    }

    fn set_terms(&self, terms: &TermsRow) -> Done<()> {
        self.changes_one(
            "INSERT INTO ssbtek.retention
             (board, log_months, ended_on, due_at, held, handed_over_at, closing, leaf, mac)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (board) DO UPDATE SET log_months = excluded.log_months,
             ended_on = excluded.ended_on, due_at = excluded.due_at, held = excluded.held,
             handed_over_at = excluded.handed_over_at, closing = excluded.closing, leaf = excluded.leaf,
             mac = excluded.mac",
            bound![
                terms.board.clone(),
                terms.log_months.map(i64::from),
                terms.ended_on.clone(),
                terms.due_at,
                terms.held.clone(),
                terms.handed_over_at,
                terms.closing,
                terms.leaf.map(held),
                terms.mac.map(|mac| mac.to_vec())
            ],
        )
    }

    fn set_log_key(&self, key: &LogKeyRow) -> Done<()> {
        self.changes_one(
            "INSERT INTO ssbtek.log_key (board, vkey, since, first_size, until, last_size, mac)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (board, vkey) DO UPDATE SET since = excluded.since,
             first_size = excluded.first_size, until = excluded.until, last_size = excluded.last_size,
             mac = excluded.mac",
            bound![
                key.board.clone(),
                key.vkey.clone(),
                key.since,
                held(key.first_size),
                key.until,
                key.last_size.map(held),
                key.mac.to_vec()
            ],
        )
    }

    fn set_started(&self, started: &StartedRow) -> Done<()> {
        self.changes_one(
            "INSERT INTO ssbtek.started (name, digest, mac) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, mac = excluded.mac",
            bound![started.name.clone(), started.digest.to_vec(), started.mac.to_vec()],
        )
    }

    fn drop_started(&self, name: &str) -> Done<()> {
        self.changes("DELETE FROM ssbtek.started WHERE name = $1", bound![name.to_owned()])
    }

    fn set_lease(&self, lease: &LeaseRow) -> Done<()> {
        self.changes_one(
            "INSERT INTO ssbtek.lease (name, holder, fence, until_ms) VALUES ($1, $2, $3, $4)
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, fence = excluded.fence,
             until_ms = excluded.until_ms",
            bound![lease.name.clone(), lease.holder.to_vec(), held(lease.fence), lease.until_ms],
        )
    }

    fn set_format(&self, level: u32, mac: [u8; 16]) -> Done<()> {
        self.changes_one(
            "INSERT INTO ssbtek.format (one, level, mac) VALUES (true, $1, $2)
             ON CONFLICT (one) DO UPDATE SET level = excluded.level, mac = excluded.mac",
            bound![i64::from(level), mac.to_vec()],
        )
    }

    fn set_unindexed(&self, tree: TreeId, next: Option<u64>) -> Done<()> {
        match next {
            Some(next) => self.changes_one(
                "INSERT INTO ssbtek.reindex (tree, next) VALUES ($1, $2)
                 ON CONFLICT (tree) DO UPDATE SET next = excluded.next",
                bound![tree, held(next)],
            ),
            None => self.changes("DELETE FROM ssbtek.reindex WHERE tree = $1", bound![tree]),
        }
    }
}
