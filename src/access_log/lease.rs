//! Work that one alone does at a time, whoever it is and on whatever machine: purging, asking witnesses, sending notices.

use std::time::Duration;

use async_trait::async_trait;
use ssbtek_domain::{DateTime, Entropy, Utc};

use crate::StoreError;

/// Who takes leases: drawn by each who works, anew with each start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder([u8; 16]);

impl Holder {
    /// Another than all others.
    pub fn draw(entropy: &dyn Entropy) -> Self {
        let mut id = [0; 16];
        entropy.fill(&mut id);
        Self(id)
    }

    /// The holder with this id.
    pub const fn from_bytes(id: [u8; 16]) -> Self {
        Self(id)
    }

    /// Its id.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// A lease, as its holder has it. What is done under it looks at it again in its own transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What it is for.
    pub name: &'static str,
    /// Whose it is.
    pub holder: Holder,
    /// Greater than that of every holder before.
    pub fence: u64,
    /// When it ends, unless it is held longer.
    pub until: DateTime<Utc>,
}

/// Gives leases, durably. Their time is the engine's, where several processes share one; else this machine's.
#[async_trait]
pub trait Leases: Send + Sync {
    /// The lease of this name for so long from now: taken if nobody has it, or held longer if `holder` has. `None`: another has it.
    /// Who takes it anew gets a greater fence; who holds it longer keeps its own, also once it has ended, if nobody took it meanwhile.
    async fn hold(
        &self,
        name: &'static str,
        holder: Holder,
        life: Duration,
    ) -> Result<Option<Lease>, StoreError>;

    /// Gives it back before it ends, if it is still this one.
    async fn give_back(&self, lease: &Lease) -> Result<(), StoreError>;
}
