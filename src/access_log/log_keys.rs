//! The keys that sign a board's checkpoints: several while they change, old ones kept so that what they signed verifies for ever.

use async_trait::async_trait;
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};
use ssbtek_transparency::NoteVerifier;

use crate::{AccessLog, Change, ChangeError, Confirmed, LogError, ReadError, StoreError};

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

    /// Makes a new key for a board's log, and records it. Until the old one is retired, both sign. A crash between record and key
    /// leaves the keys as they were, as [`AccessLog::log_keys`] tells: it is proposed anew.
    pub async fn rotate_log_key(
        &self,
        board: OrganisationNumber,
        by: Confirmed,
    ) -> Result<LogKey, ChangeError> {
        self.record_of_key(board, by, "rotate_log_key").await?;
        self.store.rotate_log_key(board).await.map_err(|_| ChangeError::Log(LogError::Unavailable))
    }

    /// Retires the oldest key of a board's log, and records it; `None` if it is the only one.
    pub async fn retire_log_key(
        &self,
        board: OrganisationNumber,
        by: Confirmed,
    ) -> Result<Option<LogKey>, ChangeError> {
        let unavailable = |_| ChangeError::Log(LogError::Unavailable);
        let keys = self.store.log_key_list(board).await.map_err(unavailable)?;
        if keys.iter().filter(|key| key.until.is_none()).count() < 2 {
            return Ok(None);
        }
        self.record_of_key(board, by, "retire_log_key").await?;
        self.store.retire_log_key(board).await.map_err(unavailable)
    }

    async fn record_of_key(
        &self,
        board: OrganisationNumber,
        by: Confirmed,
        action: &'static str,
    ) -> Result<(), ChangeError> {
        let name = by.name();
        self.make(Change { confirmed: Some(by), ..Change::new(board, &name, action) }).await.map(drop)
    }
}
