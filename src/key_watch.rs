//! Holds the keys that something rests on, and those in memory, against their files: at a start, and now and then.

use std::{sync::Arc, time::Duration};

use ssbtek_log_store::Store;

/// Looks until it is ended. The store tells of what it finds, and of not being able to look.
pub(crate) async fn run(store: Arc<Store>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        let _ = store.look_at_keys().await;
    }
}
