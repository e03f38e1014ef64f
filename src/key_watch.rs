//! Holds the keys that something rests on, and those in memory, against their files: at a start, and now and then.

use std::{sync::Arc, time::Duration};

use ssbtek_log_store::Store;

/// How often it is looked. A key in memory is used though its file be gone; this is for how long at most, and what is written meanwhile
/// is under a key that may be lost.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Looks until it is ended. The store tells of what it finds, and of not being able to look.
pub(crate) async fn run(store: Arc<Store>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let _ = store.look_at_keys().await;
    }
}
