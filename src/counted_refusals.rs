//! Refusals that were counted, not recorded one by one, are recorded as "and N more" within a second or so: no more than
//! that is lost with the process.

use std::time::Duration;

use ssbtek_access_log::AccessLog;

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(1);

/// Records them for as long as it runs.
pub(crate) async fn tell(log: AccessLog) {
    loop {
        tokio::time::sleep(EVERY).await;
        // What cannot be recorded now is counted on.
        let _ = log.record_counted_refusals().await;
    }
}
