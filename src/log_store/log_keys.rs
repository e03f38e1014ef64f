//! [`LogKeys`]: keys that sign checkpoints change between two groups of appends.

use std::panic::Location;

use async_trait::async_trait;
use ssbtek_access_log::{LogKey, LogKeys, StoreError};
use ssbtek_domain::OrganisationNumber;
use ssbtek_telemetry::FaultKind;

use crate::{
    Store,
    engine::change,
    key_rows::{read, write},
    signer::NO_KEY,
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
                let signing = signer.known_verifiers(board).ok_or(NO_KEY)?;
                let unlisted = signing.into_iter().filter(|key| !listed.contains(key));
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
