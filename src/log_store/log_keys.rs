//! Which key signed a board's checkpoints from when until when. Rows are authenticated; private halves are in the vault alone.

use std::panic::Location;

use async_trait::async_trait;
use ssbtek_access_log::{LogKey, LogKeys, StoreError};
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};
use ssbtek_telemetry::FaultKind;
use ssbtek_transparency::NoteVerifier;
use ssbtek_vault::Vault;

use crate::{
    CheckpointSigner, Fault, Store,
    authentic::mac_of,
    engine::{Changes, Done, Rows, change},
    rows::LogKeyRow,
    trouble,
};

#[async_trait]
impl LogKeys for Store {
    async fn log_key_list(&self, board: OrganisationNumber) -> Result<Vec<LogKey>, StoreError> {
        let (vault, signer) = (self.vault.clone(), self.signer.clone());
        self.readers
            .run(board, move |rows| {
                let mut keys = read(rows, &*vault, board)?;
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
        self.on_writer(board, move |writer| {
            let Some(next) = signer.next(board) else { return Ok(None) };
            let size = writer.held.size(board);
            let key = LogKey {
                key: next.1.verifier().clone(),
                since: Some(now),
                first_size: size.saturating_add(1),
                until: None,
                last_size: None,
            };
            change(&mut *writer.end, |changes| write(changes, &*vault, board, &key))?;
            signer.begin(board, next);
            Ok(Some(key))
        })
        .await?
        .ok_or_else(|| {
            let what = "the board's log has no key, or the next one cannot be made";
            trouble::tell_kind(Location::caller(), Some(board), FaultKind::Key, what);
            StoreError::Vault
        })
    }

    async fn retire_log_key(&self, board: OrganisationNumber) -> Result<Option<LogKey>, StoreError> {
        let (vault, signer, now) = (self.vault.clone(), self.signer.clone(), self.clock.now());
        self.on_writer(board, move |writer| {
            let Some(oldest) = signer.oldest_of_several(board) else { return Ok(None) };
            let size = writer.held.size(board);
            // First written down: a key that is gone must still verify what it signed.
            let key = change(&mut *writer.end, |changes| {
                let listed = read(changes, &*vault, board)?;
                let known = listed.into_iter().find(|key| key.key == *oldest.verifier());
                let known = known.unwrap_or_else(|| LogKey::since_the_beginning(oldest.verifier().clone()));
                let key = LogKey { until: Some(now), last_size: Some(size), ..known };
                write(changes, &*vault, board, &key)?;
                Ok(key)
            })?;
            if signer.retire(board, &key.key).is_none() {
                let what = "a retired signing key cannot be destroyed; it is tried again at the next start";
                trouble::tell_kind(Location::caller(), Some(board), FaultKind::Key, what);
            }
            Ok(Some(key))
        })
        .await
    }
}

/// Tells the signer of the keys that sign no longer. One that was being destroyed when the process ended is destroyed now.
pub(crate) fn remember_retired(rows: &dyn Rows, vault: &dyn Vault, signer: &CheckpointSigner) -> Done<()> {
    for row in rows.log_keys(None)? {
        let board = OrganisationNumber::parse(&row.board);
        let board = board.map_err(|_| Fault::Damaged("a board's number is none"))?;
        let key = parse(&row, vault, board)?;
        if key.until.is_some() {
            signer.retire(board, &key.key).ok_or(Fault::Damaged("a key cannot be destroyed"))?;
        }
    }
    Ok(())
}

pub(crate) fn read(rows: &dyn Rows, vault: &dyn Vault, board: OrganisationNumber) -> Done<Vec<LogKey>> {
    rows.log_keys(Some(board.as_str()))?.iter().map(|row| parse(row, vault, board)).collect()
}

fn write(changes: &dyn Changes, vault: &dyn Vault, board: OrganisationNumber, key: &LogKey) -> Done<()> {
    let seconds = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp());
    changes.set_log_key(&LogKeyRow {
        board: board.to_string(),
        vkey: key.key.vkey(),
        since: seconds(key.since),
        first_size: key.first_size,
        until: seconds(key.until),
        last_size: key.last_size,
        mac: mac(vault, board, key)?,
    })
}

fn parse(row: &LogKeyRow, vault: &dyn Vault, board: OrganisationNumber) -> Done<LogKey> {
    let altered = Fault::Damaged("a log key's row is not as it was written");
    let at = |seconds: Option<i64>| seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let key = LogKey {
        key: NoteVerifier::parse(&row.vkey).map_err(|_| altered)?,
        since: at(row.since),
        first_size: row.first_size,
        until: at(row.until),
        last_size: row.last_size,
    };
    if key.key.vkey() == row.vkey && row.mac == mac(vault, board, &key)? { Ok(key) } else { Err(altered) }
}

fn mac(vault: &dyn Vault, board: OrganisationNumber, key: &LogKey) -> Done<[u8; 16]> {
    let seconds = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp());
    let row = (
        board.as_str(),
        key.key.vkey(),
        seconds(key.since),
        key.first_size,
        seconds(key.until),
        key.last_size,
    );
    let row = serde_json::to_vec(&row).map_err(|_| Fault::Damaged("a log key's row has not its form"))?;
    mac_of(vault, "log_key", &row)
}
