//! Of several gateways over one database, one purges at a time.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use ssbtek_access_log::{Holder, Lease};

use crate::{PurgeError, Purger};

/// The lease that a purge is done under.
const LEASE: &str = "purge";
/// How long it is held beyond the last step that was seen to be done.
const LIFE: Duration = Duration::from_secs(120);

/// Who this is, and the fence of its turn.
#[derive(Debug)]
pub(crate) struct Turn {
    holder: Holder,
    fence: AtomicU64,
}

impl Turn {
    pub(crate) fn new(holder: Holder) -> Self {
        Self { holder, fence: AtomicU64::new(0) }
    }
}

impl Purger {
    /// Does `work` with the room that is kept for a purge, while nobody else purges, here or elsewhere.
    pub(crate) async fn alone_with_room<T>(
        &self,
        work: impl Future<Output = Result<T, PurgeError>>,
    ) -> Result<T, PurgeError> {
        // Room first: the lease is a row.
        self.store.make_room().await?;
        let done = self.under_lease(work).await;
        self.store.return_room().await?;
        done
    }

    async fn under_lease<T>(
        &self,
        work: impl Future<Output = Result<T, PurgeError>>,
    ) -> Result<T, PurgeError> {
        let Turn { holder, fence } = &self.turn;
        let lease = self.leases.hold(LEASE, *holder, LIFE).await?.ok_or(PurgeError::Elsewhere)?;
        fence.store(lease.fence, Ordering::Release);
        let done = work.await;
        // Not given back, it ends by itself.
        let _ = self.leases.give_back(&lease).await;
        done
    }

    /// The lease of this turn, held longer. An error once another has taken it.
    pub(crate) async fn lease(&self) -> Result<Lease, PurgeError> {
        let Turn { holder, fence } = &self.turn;
        let lease = self.leases.hold(LEASE, *holder, LIFE).await?;
        lease.filter(|lease| lease.fence == fence.load(Ordering::Acquire)).ok_or(PurgeError::Elsewhere)
    }
}
