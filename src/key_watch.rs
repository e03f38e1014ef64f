//! Holds the keys that something rests on, and those in memory, against their files: at a start, and now and then; and goes on with what
//! waited for one of the provider's.

use std::{sync::Arc, time::Duration};

use ssbtek_authorize::LegalBases;
use ssbtek_log_store::Store;
use ssbtek_query::QueryPath;
use ssbtek_registry::Desk;

/// What is looked at, and what waits for it.
pub(crate) struct KeyWatch {
    pub(crate) store: Arc<Store>,
    pub(crate) desk: Desk,
    pub(crate) query: Arc<QueryPath>,
    /// As it is configured.
    pub(crate) law: LegalBases,
}

impl KeyWatch {
    /// Returns how many keys are not what they were. The store tells of what it finds, and of not being able to look.
    pub(crate) async fn look(&self) -> Option<usize> {
        let wrong = self.store.look_at_keys().await.ok();
        // It could not be stored at the start: the provider's documents could not be read, or its log not be written.
        if !self.query.knows_law()
            && let Ok(law) = self.desk.law(self.law.clone()).await
        {
            self.query.decide_under(law);
        }
        wrong
    }

    /// Looks until it is ended.
    pub(crate) async fn run(self: Arc<Self>, every: Duration) {
        loop {
            tokio::time::sleep(every).await;
            let _ = self.look().await;
        }
    }
}
