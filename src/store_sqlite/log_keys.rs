//! Which key signed a board's checkpoints from when until when. Rows are authenticated; private halves are in the vault alone.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use ssbtek_access_log::{LogKey, LogKeys, StoreError};
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};
use ssbtek_transparency::NoteVerifier;
use ssbtek_vault::Vault;

use crate::{
    CheckpointSigner, SqliteStore,
    authentic::{damaged, mac_of},
};

#[async_trait]
impl LogKeys for SqliteStore {
    async fn log_key_list(&self, board: OrganisationNumber) -> Result<Vec<LogKey>, StoreError> {
        let (vault, signer) = (self.vault.clone(), self.signer.clone());
        self.readers
            .run(board, move |connection| {
                let mut keys = read(connection, &*vault, board)?;
                let listed: Vec<_> = keys.iter().map(|key| key.key.clone()).collect();
                // A log that began before keys were listed.
                let unlisted = signer.verifiers(board).into_iter().filter(|key| !listed.contains(key));
                keys.splice(0..0, unlisted.map(LogKey::since_the_beginning));
                Ok(keys)
            })
            .await
    }

    async fn rotate_log_key(&self, board: OrganisationNumber) -> Result<LogKey, StoreError> {
        let (vault, signer, now) = (self.vault.clone(), self.signer.clone(), self.clock.now());
        self.on_writer(move |writer| {
            let Some(next) = signer.next(board) else { return Ok(None) };
            let size = writer.trees.get(&board).map_or(0, |tree| tree.frontier.size());
            let key = LogKey {
                key: next.1.verifier().clone(),
                since: Some(now),
                first_size: size.saturating_add(1),
                until: None,
                last_size: None,
            };
            write(&writer.connection, &*vault, board, &key)?;
            signer.begin(board, next);
            Ok(Some(key))
        })
        .await?
        .ok_or(StoreError)
    }

    async fn retire_log_key(&self, board: OrganisationNumber) -> Result<Option<LogKey>, StoreError> {
        let (vault, signer, now) = (self.vault.clone(), self.signer.clone(), self.clock.now());
        self.on_writer(move |writer| {
            let Some(oldest) = signer.oldest_of_several(board) else { return Ok(None) };
            let size = writer.trees.get(&board).map_or(0, |tree| tree.frontier.size());
            let listed = read(&writer.connection, &*vault, board)?;
            let known = listed.into_iter().find(|key| key.key == *oldest.verifier());
            let known = known.unwrap_or_else(|| LogKey::since_the_beginning(oldest.verifier().clone()));
            let key = LogKey { until: Some(now), last_size: Some(size), ..known };
            // First written down: a key that is gone must still verify what it signed.
            write(&writer.connection, &*vault, board, &key)?;
            if signer.retire(board, &key.key).is_none() {
                tracing::error!(%board, "a retired signing key cannot be destroyed; it is tried again at the next start");
            }
            Ok(Some(key))
        })
        .await
    }
}

/// Tells the signer of the keys that sign no longer. One that was being destroyed when the process ended is destroyed now.
pub(crate) fn remember_retired(
    connection: &Connection,
    vault: &dyn Vault,
    signer: &CheckpointSigner,
) -> rusqlite::Result<()> {
    let boards: Vec<String> = {
        let mut statement = connection.prepare("SELECT DISTINCT board FROM log_key")?;
        statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
    };
    for board in boards {
        let board = OrganisationNumber::parse(&board).map_err(|_| damaged("a board's number is none"))?;
        for key in read(connection, vault, board)?.iter().filter(|key| key.until.is_some()) {
            signer.retire(board, &key.key).ok_or_else(|| damaged("a key cannot be destroyed"))?;
        }
    }
    Ok(())
}

pub(crate) fn read(
    connection: &Connection,
    vault: &dyn Vault,
    board: OrganisationNumber,
) -> rusqlite::Result<Vec<LogKey>> {
    let mut statement = connection.prepare_cached(
        "SELECT vkey, since, first_size, until, last_size, mac FROM log_key WHERE board = ?1 ORDER BY first_size",
    )?;
    statement.query_map([board.as_str()], |row| parse(row, vault, board))?.collect()
}

fn write(
    connection: &Connection,
    vault: &dyn Vault,
    board: OrganisationNumber,
    key: &LogKey,
) -> rusqlite::Result<()> {
    let seconds = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp());
    connection.execute(
        "INSERT OR REPLACE INTO log_key (board, vkey, since, first_size, until, last_size, mac)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            board.as_str(),
            key.key.vkey(),
            seconds(key.since),
            key.first_size as i64,
            seconds(key.until),
            key.last_size.map(|size| size as i64),
            mac(vault, board, key)?,
        ],
    )?;
    Ok(())
}

fn parse(row: &Row<'_>, vault: &dyn Vault, board: OrganisationNumber) -> rusqlite::Result<LogKey> {
    let altered = || damaged("a log key's row is not as it was written");
    let at = |seconds: Option<i64>| seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let vkey: String = row.get(0)?;
    let key = LogKey {
        key: NoteVerifier::parse(&vkey).map_err(|_| altered())?,
        since: at(row.get(1)?),
        first_size: row.get::<_, i64>(2)? as u64,
        until: at(row.get(3)?),
        last_size: row.get::<_, Option<i64>>(4)?.map(|size| size as u64),
    };
    let stated: [u8; 16] = row.get(5)?;
    if key.key.vkey() == vkey && stated == mac(vault, board, &key)? { Ok(key) } else { Err(altered()) }
}

fn mac(vault: &dyn Vault, board: OrganisationNumber, key: &LogKey) -> rusqlite::Result<[u8; 16]> {
    let seconds = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp());
    let row = (
        board.as_str(),
        key.key.vkey(),
        seconds(key.since),
        key.first_size,
        seconds(key.until),
        key.last_size,
    );
    let row =
        serde_json::to_vec(&row).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    mac_of(vault, "log_key", &row)
}
