//! Small values beside the log, each by its name: how far revocation lists have come, what lies outside the database.

use async_trait::async_trait;
use ssbtek_transparency::Hash;

use crate::StoreError;

/// Keeps such values. What is kept is bound to a key of the vault, so that a changed one is found.
#[async_trait]
pub trait Marks: Send + Sync {
    /// Keeps these values by their names, durably, unless one is less than what is kept under its name: then none is, and the
    /// answer is `false`. Values are compared byte by byte.
    async fn raise(&self, values: Vec<(String, [u8; 32])>) -> Result<bool, StoreError>;

    /// Keeps the digest of something that lies outside the database, such as the configuration, so that the offline check
    /// can tell whether it is still what the store was started with.
    async fn keep_digest(&self, name: &'static str, digest: Hash) -> Result<(), StoreError>;
}
