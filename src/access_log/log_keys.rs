//! The keys that sign a board's checkpoints: several while they change, old ones kept so that what they signed verifies for ever.

use std::collections::BTreeMap;

use async_trait::async_trait;
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};
use ssbtek_transparency::NoteVerifier;

use crate::{AccessLog, ByTwo, Change, ChangeError, LogError, ReadError, StoreError};

/// A key, and from when until when it signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKey {
    /// The public half.
    pub key: NoteVerifier,
    /// From when it signed; `None`: since the log began.
    pub since: Option<DateTime<Utc>>,
    /// The smallest tree that it signed.
    pub first_size: u64,
    /// Until when; `None`: it still does.
    pub until: Option<DateTime<Utc>>,
    /// The largest tree that it signed.
    pub last_size: Option<u64>,
}

impl LogKey {
    /// A key that has signed since the log began, and still does.
    pub fn since_the_beginning(key: NoteVerifier) -> Self {
        Self { key, since: None, first_size: 1, until: None, last_size: None }
    }

    /// The key as records name it: whole, as those write it who check what it signs.
    pub fn name(&self) -> String {
        self.key.vkey()
    }
}

/// Where keys change.
#[async_trait]
pub trait LogKeys: Send + Sync {
    /// Every key of a board's log, oldest first.
    async fn log_key_list(&self, board: OrganisationNumber) -> Result<Vec<LogKey>, StoreError>;

    /// Makes a new key; from the next checkpoint on it signs beside the others.
    async fn rotate_log_key(&self, board: OrganisationNumber) -> Result<LogKey, StoreError>;

    /// Destroys the oldest of several keys that sign; `None` if there is only one. What it signed still verifies.
    async fn retire_log_key(&self, board: OrganisationNumber) -> Result<Option<LogKey>, StoreError>;
}

impl AccessLog {
    /// Every key of a board's log, oldest first.
    pub async fn log_keys(&self, board: OrganisationNumber) -> Result<Vec<LogKey>, ReadError> {
        self.store.log_key_list(board).await.map_err(|_| ReadError::Unavailable)
    }

    /// Makes a new key for a board's log, and records it: that it is to be made, in one transaction with the spending of what was
    /// proposed, and then which it is. Until the old one is retired, both sign. A crash between leaves the keys as
    /// [`AccessLog::log_keys`] tells them, to be proposed anew.
    pub async fn rotate_log_key(&self, board: OrganisationNumber, by: ByTwo) -> Result<LogKey, ChangeError> {
        let name = by.name();
        let signing = self.signing(board).await?.iter().map(LogKey::name).collect::<Vec<_>>();
        let to = BTreeMap::from([("beside".to_owned(), signing.join(","))]);
        self.record_of_key(board, &name, Some(by), "rotate_log_key", to).await?;
        let key = self.store.rotate_log_key(board).await.map_err(unavailable)?;
        let to = BTreeMap::from([
            ("key".to_owned(), key.name()),
            ("first_size".to_owned(), key.first_size.to_string()),
        ]);
        self.record_of_key(board, &name, None, "begin_log_key", to).await?;
        Ok(key)
    }

    /// Retires the oldest key of a board's log, and records which; `None` if it is the only one.
    pub async fn retire_log_key(
        &self,
        board: OrganisationNumber,
        by: ByTwo,
    ) -> Result<Option<LogKey>, ChangeError> {
        let signing = self.signing(board).await?;
        let [oldest, _, ..] = &signing[..] else { return Ok(None) };
        let (name, to) = (by.name(), BTreeMap::from([("key".to_owned(), oldest.name())]));
        self.record_of_key(board, &name, Some(by), "retire_log_key", to).await?;
        self.store.retire_log_key(board).await.map_err(unavailable)
    }

    /// The keys that sign a board's log, oldest first.
    async fn signing(&self, board: OrganisationNumber) -> Result<Vec<LogKey>, ChangeError> {
        let mut keys = self.store.log_key_list(board).await.map_err(unavailable)?;
        keys.retain(|key| key.until.is_none());
        Ok(keys)
    }

    async fn record_of_key(
        &self,
        board: OrganisationNumber,
        by: &str,
        by_two: Option<ByTwo>,
        action: &'static str,
        to: BTreeMap<String, String>,
    ) -> Result<(), ChangeError> {
        self.make(Change { by_two, to, ..Change::new(board, by, action) }).await.map(drop)
    }
}

fn unavailable(_: StoreError) -> ChangeError {
    ChangeError::Log(LogError::Unavailable)
}
