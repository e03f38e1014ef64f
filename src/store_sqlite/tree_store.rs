//! [`TreeStore`] over the read connections; only keeping a checkpoint goes through the writer.

use std::{collections::BTreeSet, ops::Range};

use async_trait::async_trait;
use rusqlite::Connection;
use ssbtek_access_log::{Header, StoreError, StoredLeaf, TreeState, TreeStore};
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};
use ssbtek_transparency::{Hash, NoteVerifier, consistency_proof, inclusion_proof, root_at, tree::Subtrees};
use tokio::sync::oneshot;

use crate::{
    SqliteStore, signer,
    store::stored_leaf,
    tiles::{StoredTiles, existing, find},
    trees::leaf_id,
    writer::Work,
};

const LEAF_COLUMNS: &str = "id, header, commitment, sealed, key_id";

impl SqliteStore {
    /// A consistency proof, made on the calling thread.
    pub fn consistency_now(
        &self,
        board: OrganisationNumber,
        old: u64,
        new: u64,
    ) -> Result<Vec<Hash>, StoreError> {
        self.readers.run_here(board, |connection| consistency(connection, board, old, new))
    }

    /// Boards that have a signing key: their logs were begun once, even if nothing of them is left here.
    pub fn boards_with_keys(&self) -> Result<Vec<OrganisationNumber>, StoreError> {
        let keys = self.vault.list()?;
        let boards: BTreeSet<_> = keys.iter().filter_map(signer::of_key).map(|(board, _)| board).collect();
        Ok(boards.into_iter().collect())
    }

    /// The signed checkpoint of a board's empty tree.
    pub fn empty_checkpoint(&self, board: OrganisationNumber) -> Option<String> {
        self.signer.sign(board, 0, Hash::empty_root())
    }

    /// Takes nothing more, finishes what was taken, and leaves one whole database file behind.
    pub async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.jobs.send(Work::Close { reply }).is_ok() {
            let _ = closed.await;
        }
    }

    /// When the newest record of each log was made, and of these the latest.
    pub async fn latest_record(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.readers
            .run(None, |connection| {
                let mut trees = connection.prepare_cached("SELECT id, size FROM tree WHERE size > 0")?;
                let newest = trees.query_map([], |row| {
                    Ok(leaf_id(row.get(0)?, (row.get::<_, i64>(1)? as u64).saturating_sub(1)))
                })?;
                let mut header = connection.prepare_cached("SELECT header FROM leaf WHERE id = ?1")?;
                let mut latest = None;
                for id in newest.collect::<Result<Vec<_>, _>>()? {
                    let header: Vec<u8> = header.query_row([id], |row| row.get(0))?;
                    let at = Header::from_bytes(&header).and_then(|header| header.at.parse().ok());
                    latest = latest.max(at);
                }
                Ok(latest)
            })
            .await
    }

    /// The newest kept checkpoint of at least this size.
    pub async fn newest_kept_checkpoint(
        &self,
        board: OrganisationNumber,
        size: u64,
    ) -> Result<Option<(u64, String)>, StoreError> {
        use rusqlite::OptionalExtension;
        let origin = self.signer.origin(board);
        let newest: Option<(u64, String)> = self
            .readers
            .run(board, move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT kept_checkpoint.size, note FROM kept_checkpoint
                     JOIN tree ON tree.id = kept_checkpoint.tree
                     WHERE organisation = ?1 AND kept_checkpoint.size >= ?2
                     ORDER BY kept_checkpoint.size DESC LIMIT 1",
                )?;
                let key = rusqlite::params![board.as_str(), size as i64];
                let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)? as u64, row.get(1)?));
                Ok(statement.query_row(key, read).optional()?)
            })
            .await?;
        // One of before a gap says nothing of the log as it goes on.
        Ok(newest.filter(|(_, note)| signer::of_origin(note, &origin)))
    }
}

fn consistency(
    connection: &Connection,
    board: OrganisationNumber,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, StoreError> {
    let (tree, size, _) = existing(connection, board.as_str())?;
    if new > size {
        return Err(StoreError);
    }
    consistency_proof(&StoredTiles::at(connection, tree, new), old, new).map_err(|_| StoreError)
}

#[async_trait]
impl TreeStore for SqliteStore {
    async fn boards(&self) -> Result<Vec<OrganisationNumber>, StoreError> {
        self.readers
            .run(None, |connection| {
                let mut statement =
                    connection.prepare_cached("SELECT organisation FROM tree WHERE size > 0 ORDER BY id")?;
                let names = statement.query_map([], |row| row.get::<_, String>(0))?;
                let names = names.collect::<Result<Vec<_>, _>>()?;
                names.iter().map(|name| OrganisationNumber::parse(name).map_err(|_| StoreError)).collect()
            })
            .await
    }

    async fn tree(&self, board: OrganisationNumber) -> Result<Option<TreeState>, StoreError> {
        let signer = self.signer.clone();
        self.readers
            .run(board, move |connection| {
                let Some((tree, size, stored)) = find(connection, board.as_str())? else { return Ok(None) };
                let root = || root_at(&StoredTiles::at(connection, tree, size), size).ok();
                let checkpoint = signer.current(board, size, stored, root).ok_or(StoreError)?;
                Ok(Some(TreeState { size, checkpoint }))
            })
            .await
    }

    async fn leaves(
        &self,
        board: OrganisationNumber,
        from: u64,
        until: u64,
    ) -> Result<Vec<StoredLeaf>, StoreError> {
        let (moment, vault) = (self.moment(), self.vault.clone());
        self.readers
            .run(board, move |connection| {
                let Some((tree, size, _)) = find(connection, board.as_str())? else { return Ok(Vec::new()) };
                let visible = moment.log(connection, &*vault, board)?;
                let mut statement = connection.prepare_cached(&format!(
                    "SELECT {LEAF_COLUMNS} FROM leaf WHERE id >= ?1 AND id < ?2 ORDER BY id"
                ))?;
                let (first, end) = (leaf_id(tree, from), leaf_id(tree, until.min(size).max(from)));
                let mut rows = statement.query([first, end])?;
                let mut leaves = Vec::new();
                while let Some(row) = rows.next()? {
                    let mut leaf = stored_leaf(row)?;
                    if !visible.shows(&leaf.key) {
                        leaf.sealed = None;
                    }
                    leaves.push(leaf);
                }
                Ok(leaves)
            })
            .await
    }

    async fn times(
        &self,
        board: OrganisationNumber,
        leaves: Range<u64>,
    ) -> Result<Vec<Option<DateTime<Utc>>>, StoreError> {
        self.readers
            .run(board, move |connection| {
                let Some((tree, size, _)) = find(connection, board.as_str())? else { return Ok(Vec::new()) };
                let mut statement = connection
                    .prepare_cached("SELECT header FROM leaf WHERE id >= ?1 AND id < ?2 ORDER BY id")?;
                let (first, end) = (leaves.start, leaves.end.min(size).max(leaves.start));
                let mut rows = statement.query([leaf_id(tree, first), leaf_id(tree, end)])?;
                let mut times = Vec::new();
                while let Some(row) = rows.next()? {
                    let header = Header::from_bytes(row.get_ref(0)?.as_blob()?);
                    times.push(header.and_then(|header| header.at.parse().ok()));
                }
                Ok(times)
            })
            .await
    }

    async fn inclusion(
        &self,
        board: OrganisationNumber,
        leaves: Vec<u64>,
        size: u64,
    ) -> Result<Vec<(Hash, Vec<Hash>)>, StoreError> {
        self.readers
            .run(board, move |connection| {
                let (tree, now, _) = existing(connection, board.as_str())?;
                if size > now {
                    return Err(StoreError);
                }
                let tiles = StoredTiles::at(connection, tree, size);
                let proven = |index| Ok((tiles.subtree(0, index)?, inclusion_proof(&tiles, index, size)?));
                leaves.into_iter().map(proven).collect()
            })
            .await
    }

    async fn consistency(
        &self,
        board: OrganisationNumber,
        old: u64,
        new: u64,
    ) -> Result<Vec<Hash>, StoreError> {
        self.readers.run(board, move |connection| consistency(connection, board, old, new)).await
    }

    async fn subtrees(
        &self,
        board: OrganisationNumber,
        size: u64,
        wanted: Vec<(u32, u64)>,
    ) -> Result<Vec<Hash>, StoreError> {
        self.readers
            .run(board, move |connection| {
                let (tree, _, _) = existing(connection, board.as_str())?;
                let tiles = StoredTiles::at(connection, tree, size);
                let hash = |(level, index)| tiles.subtree(level, index).map_err(|_| StoreError);
                wanted.into_iter().map(hash).collect()
            })
            .await
    }

    async fn checkpoint_at(&self, board: OrganisationNumber, size: u64) -> Result<String, StoreError> {
        let signer = self.signer.clone();
        self.readers
            .run(board, move |connection| {
                let (tree, now, stored) = existing(connection, board.as_str())?;
                if size == now {
                    let root = || root_at(&StoredTiles::at(connection, tree, size), size).ok();
                    return signer.current(board, size, stored, root).ok_or(StoreError);
                }
                if size > now {
                    return Err(StoreError);
                }
                let root = root_at(&StoredTiles::at(connection, tree, size), size).map_err(|_| StoreError)?;
                signer.sign(board, size, root).ok_or(StoreError)
            })
            .await
    }

    async fn kept_checkpoints(&self, board: OrganisationNumber) -> Result<Vec<(u64, String)>, StoreError> {
        let origin = self.signer.origin(board);
        let mut kept: Vec<(u64, String)> = self
            .readers
            .run(board, move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT kept_checkpoint.size, note FROM kept_checkpoint
                     JOIN tree ON tree.id = kept_checkpoint.tree
                     WHERE organisation = ?1 ORDER BY kept_checkpoint.size",
                )?;
                let rows = statement.query_map([board.as_str()], |row| {
                    Ok((row.get::<_, i64>(0)? as u64, row.get::<_, String>(1)?))
                })?;
                Ok(rows.collect::<Result<Vec<_>, _>>()?)
            })
            .await?;
        kept.retain(|(_, note)| signer::of_origin(note, &origin));
        Ok(kept)
    }

    async fn keep_checkpoint(
        &self,
        board: OrganisationNumber,
        size: u64,
        note: String,
    ) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.try_send(Work::Keep { board, size, note, reply }).map_err(|_| StoreError)?;
        answer.await.map_err(|_| StoreError)?
    }

    fn log_keys(&self, board: OrganisationNumber) -> Vec<NoteVerifier> {
        self.signer.verifiers(board)
    }

    fn origin(&self, board: OrganisationNumber) -> String {
        self.signer.origin(board)
    }
}
