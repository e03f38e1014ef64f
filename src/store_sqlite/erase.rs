//! Erasing: what a purge asks of the store.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row};
use ssbtek_access_log::{Certified, PurgeScope, StoreError, TreeAt};
use ssbtek_authorize::{Board, CertificateOwner, DocumentRef};
use ssbtek_domain::{DateTime, EntryId, OrganisationNumber, Utc};
use ssbtek_purge::{
    Compaction, EraseTarget, RetentionRow, RetentionStore,
    port::{CloseOutcome, Counts},
};
use ssbtek_transparency::{Frontier, Hash, Receipt, inclusion_proof, leaf::leaf_hash, root_at};
use ssbtek_vault::{KeyId, Vault};

use crate::{
    documents, index,
    reader::Snapshot,
    retention, sealed,
    store::SqliteStore,
    tiles::{StoredTiles, find as find_tree},
    trees::{leaf_id, tree_id},
};

/// Pages given back in one turn of the writer.
const PAGES_PER_TURN: u32 = 256;
/// Leaves read in one go when a tree is computed anew.
const LEAVES_PER_READ: u64 = 8192;

#[async_trait]
impl RetentionStore for SqliteStore {
    async fn make_room(&self) -> Result<(), StoreError> {
        self.on_writer(|writer| {
            writer.reserve.lend();
            Ok(())
        })
        .await
    }

    async fn return_room(&self) -> Result<(), StoreError> {
        self.on_writer(|writer| {
            writer.reserve.take_back();
            Ok(())
        })
        .await
    }

    async fn boards(
        &self,
    ) -> Result<Vec<(OrganisationNumber, Result<RetentionRow, StoreError>)>, StoreError> {
        let vault = self.vault.clone();
        self.readers.run(None, move |connection| retention::boards(connection, &*vault)).await
    }

    async fn expired_cases(
        &self,
        board: OrganisationNumber,
        before: DateTime<Utc>,
    ) -> Result<Vec<(KeyId, DateTime<Utc>)>, StoreError> {
        let vault = self.vault.clone();
        self.readers.run(board, move |connection| documents::closed(connection, &*vault, board, before)).await
    }

    async fn log_months(&self, board: OrganisationNumber) -> Result<Vec<String>, StoreError> {
        self.readers
            .run(board, move |connection| {
                let Some(tree) = tree_id(connection, board)? else { return Ok(Vec::new()) };
                let (prefix, end) = index::month_keys(board);
                let keys = sealed::keys(connection, tree, (&prefix, &end))?;
                Ok(keys.iter().filter_map(|(key, _)| key.strip_prefix(&prefix)).map(str::to_owned).collect())
            })
            .await
    }

    async fn count(&self, target: &EraseTarget) -> Result<Counts, StoreError> {
        let target = target.clone();
        self.readers
            .run(target.board, move |connection| {
                let Some(tree) = tree_id(connection, target.board)? else { return Ok(Counts::default()) };
                let mut counts = Counts::default();
                for key in &target.keys {
                    counts.leaves += sealed::count(connection, tree, key, target.leaves_below)?;
                    counts.documents += connection
                        .prepare_cached("SELECT count(*) FROM document WHERE key_id = ?1")?
                        .query_row([key.as_str()], |row| count(row, 0))?;
                }
                for name in &target.documents {
                    counts.documents += connection
                        .prepare_cached("SELECT count(*) FROM document WHERE doc = ?1")?
                        .query_row([Hash::from_hex(name)?.as_bytes()], |row| count(row, 0))?;
                }
                Ok(counts)
            })
            .await
    }

    async fn certificate_names(&self, board: OrganisationNumber) -> Result<Vec<String>, StoreError> {
        let vault = self.vault.clone();
        self.readers
            .run(board, move |connection| {
                let found = documents::read_hidden(connection, &*vault, &DocumentRef::board(board));
                let Some(found) = found.map_err(|_| StoreError)? else { return Ok(Vec::new()) };
                let board: Board = serde_json::from_slice(&found.body)?;
                let mut names = Vec::new();
                for certificate in &board.certificates {
                    let fingerprint = Hash::from_hex(&certificate.sha256)?;
                    let reference = DocumentRef::certificate(fingerprint.as_bytes());
                    // One that the board never confirmed may be another's by now.
                    let owner =
                        documents::read_hidden(connection, &*vault, &reference).map_err(|_| StoreError)?;
                    let owner = owner.map(|owner| serde_json::from_slice::<CertificateOwner>(&owner.body));
                    let own = CertificateOwner::Board { organisation: board.organisation };
                    if owner.transpose()?.is_some_and(|owner| owner != own) {
                        continue;
                    }
                    names.push(Hash::from_bytes(documents::name(&*vault, &reference)?).to_hex());
                }
                Ok(names)
            })
            .await
    }

    async fn settle(
        &self,
        board: OrganisationNumber,
        scope: PurgeScope,
        version: u64,
    ) -> Result<CloseOutcome, StoreError> {
        let vault = self.vault.clone();
        self.in_transaction(move |connection| {
            if retention::versioned(connection, &*vault, board)?.version != version {
                return Ok(CloseOutcome::TermsChanged);
            }
            if scope == PurgeScope::Expired {
                return Ok(CloseOutcome::Closed);
            }
            let under_way: u64 = connection.query_row(
                "SELECT count(*) FROM open_entry JOIN tree ON tree.id = open_entry.tree WHERE tree.organisation = ?1",
                [board.as_str()],
                |row| count(row, 0),
            )?;
            if under_way > 0 {
                return Ok(CloseOutcome::QuestionsUnderWay(under_way));
            }
            retention::close(connection, &*vault, board)?;
            Ok(CloseOutcome::Closed)
        })
        .await
    }

    async fn erase_batch(&self, target: &EraseTarget, limit: u32) -> Result<u64, StoreError> {
        let (vault, target) = (self.vault.clone(), target.clone());
        self.on_writer(move |writer| {
            writer.connection.execute_batch("BEGIN IMMEDIATE")?;
            writer.sealed.forget();
            let mut erased = erase(&writer.connection, &*vault, &target, limit)?;
            if erased == 0
                && let Some(tree) = tree_id(&writer.connection, target.board)?
            {
                let (board, below) = (target.board, target.leaves_below);
                erased = index::erase(&writer.connection, (tree, board), &target.keys, below, limit)?;
            }
            writer.connection.execute_batch("COMMIT")?;
            Ok(erased)
        })
        .await
    }

    async fn compact(&self) -> Result<Compaction, StoreError> {
        // Free pages hold zeros; a few at a time are given back to the file system.
        let mut free = u64::MAX;
        loop {
            let left = self
                .on_writer(|writer| {
                    let mut step =
                        writer.connection.prepare(&format!("PRAGMA incremental_vacuum({PAGES_PER_TURN})"))?;
                    let mut rows = step.query([])?;
                    while rows.next()?.is_some() {}
                    writer.connection.query_row("PRAGMA freelist_count", [], |row| count(row, 0))
                })
                .await?;
            if left == 0 || left >= free {
                break;
            }
            free = left;
        }
        // Never waits: a reader must not make questions wait for a purge.
        self.on_writer(|writer| {
            writer.connection.pragma_update(None, "busy_timeout", 0)?;
            let busy = writer
                .connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
            writer.connection.pragma_update(None, "busy_timeout", 5000)?;
            Ok(if busy? == 0 { Compaction::Done } else { Compaction::Busy })
        })
        .await
    }

    async fn tree(&self, board: OrganisationNumber, size: Option<u64>) -> Result<TreeAt, StoreError> {
        self.readers
            .run(board, move |connection| {
                let Some((tree, grown, _)) = find_tree(connection, board.as_str())? else {
                    return Ok(TreeAt { size: 0, root: Hash::empty_root() });
                };
                let size = size.unwrap_or(grown);
                if size > grown {
                    return Err(StoreError);
                }
                Ok(TreeAt { size, root: root_at(&StoredTiles::at(connection, tree, size), size)? })
            })
            .await
    }

    async fn tree_anew(&self, board: OrganisationNumber, size: u64) -> Result<(TreeAt, TreeAt), StoreError> {
        let found = self
            .readers
            .run(board, move |connection| {
                Ok(connection
                    .prepare_cached("SELECT id, size FROM tree WHERE organisation = ?1")?
                    .query_row([board.as_str()], |row| Ok((row.get::<_, i64>(0)?, count(row, 1)?)))
                    .optional()?)
            })
            .await?;
        let (tree, grown) = found.unwrap_or_default();
        let mut frontier = Frontier::new();
        let mut first = None;
        loop {
            let now = TreeAt { size: frontier.size(), root: frontier.root() };
            if now.size == size {
                first = Some(now);
            }
            if now.size >= grown {
                return Ok((first.ok_or(StoreError)?, now));
            }
            let stop = if now.size < size { size.min(grown) } else { grown };
            let (from, to) = (now.size, stop.min(now.size + LEAVES_PER_READ));
            let hashes =
                self.readers.run(board, move |connection| rehash(connection, tree, from, to)).await?;
            if hashes.is_empty() {
                return Err(StoreError);
            }
            for hash in hashes {
                frontier.append(hash);
            }
        }
    }

    async fn certified(
        &self,
        board: OrganisationNumber,
        purge: EntryId,
    ) -> Result<Option<Certified>, StoreError> {
        let vault = self.vault.clone();
        self.readers.run(board, move |connection| certified(connection, &*vault, board, purge)).await
    }

    async fn has_leaf(&self, board: OrganisationNumber, index: u64, leaf: Hash) -> Result<bool, StoreError> {
        self.readers
            .run(board, move |connection| {
                let Some((tree, size, _)) = find_tree(connection, board.as_str())? else { return Ok(false) };
                let stored: Option<[u8; 32]> = match index < size {
                    true => connection
                        .prepare_cached("SELECT hash FROM leaf WHERE id = ?1")?
                        .query_row([leaf_id(tree, index)], |row| row.get(0))
                        .optional()?,
                    false => None,
                };
                Ok(stored.is_some_and(|stored| stored == *leaf.as_bytes()))
            })
            .await
    }
}

/// Erases up to `limit` leaves, or else documents. Returns how many.
fn erase(
    connection: &Connection,
    vault: &dyn Vault,
    target: &EraseTarget,
    limit: u32,
) -> rusqlite::Result<u64> {
    let Some(tree) = tree_id(connection, target.board)? else { return Ok(0) };
    let mut erased = 0;
    for key in &target.keys {
        let left = limit.saturating_sub(erased);
        if left == 0 {
            return Ok(erased.into());
        }
        erased += sealed::erase(connection, tree, key, target.leaves_below, left)?;
        erased += documents::erase_under(connection, vault, key, limit.saturating_sub(erased))?;
    }
    for name in &target.documents {
        let name =
            Hash::from_hex(name).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        erased += connection
            .prepare_cached("DELETE FROM document WHERE doc = ?1")?
            .execute([name.as_bytes()])? as u32;
    }
    Ok(erased.into())
}

/// A number that SQLite counted; never negative.
fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.unsigned_abs())
}

/// Leaf hashes, computed from what is stored, not read.
fn rehash(connection: &Connection, tree: i64, from: u64, to: u64) -> Result<Vec<Hash>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT header, commitment FROM leaf WHERE id >= ?1 AND id < ?2 ORDER BY id")?;
    let mut rows = statement.query([leaf_id(tree, from), leaf_id(tree, to)])?;
    let mut hashes = Vec::new();
    while let Some(row) = rows.next()? {
        let (header, commitment): (Vec<u8>, [u8; 32]) = (row.get(0)?, row.get(1)?);
        hashes.push(leaf_hash(&header, &Hash::from_bytes(commitment)));
    }
    Ok(hashes)
}

fn certified(
    connection: &Connection,
    vault: &dyn Vault,
    board: OrganisationNumber,
    purge: EntryId,
) -> Result<Option<Certified>, StoreError> {
    // One read transaction, so that leaf, tree and checkpoint are of one moment.
    let transaction = Snapshot::of(connection)?;
    let connection = &*transaction;
    let Some(tree) = tree_id(connection, board)? else { return Ok(None) };
    let row = (tree, index::NO_MONTH, purge.as_bytes());
    let Some(leaf) = index::leaves(connection, row, u64::MAX, 1)?.pop() else { return Ok(None) };
    let id = leaf_id(tree, leaf);
    let (header, sealed, key, hash): (Vec<u8>, Vec<u8>, String, [u8; 32]) = connection
        .prepare_cached("SELECT header, sealed, key_id, hash FROM leaf WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let key = KeyId::parse(&key).filter(|key| key.is_of(board.as_str())).ok_or(StoreError)?;
    let key = vault.open(&key)?;
    let plain = key.open(&header, &sealed).ok_or(StoreError)?;
    let (salt, payload) = plain.split_first_chunk::<32>().ok_or(StoreError)?;
    let (size, checkpoint): (u64, String) = connection
        .prepare_cached("SELECT size, checkpoint FROM tree WHERE id = ?1")?
        .query_row([tree], |row| Ok((count(row, 0)?, row.get(1)?)))?;
    let proof = inclusion_proof(&StoredTiles::at(connection, tree, size), leaf, size)?;
    let receipt = Receipt { leaf_hash: Hash::from_bytes(hash), index: leaf, proof, checkpoint };
    Ok(Some(Certified { header, salt: *salt, payload: payload.to_vec(), receipt }))
}
