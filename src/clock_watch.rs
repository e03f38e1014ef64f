//! What follows when this machine's clock is set back: an event, a record in every board's log, and other clocks asked whether
//! it is right now. Until one agrees, or it has caught up, no assertion is accepted (`ssbtek_gateway::Callers`).

use std::{sync::Arc, time::Duration};

use ssbtek_access_log::BROKER;
use ssbtek_domain::WatchedClock;
use ssbtek_purge::Purger;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);
/// Looks between two askings of other clocks while it is set back.
const ASK_EVERY: u64 = 10;

/// Looks again and again, until aborted.
pub(crate) async fn run(clock: Arc<WatchedClock>, purger: Arc<Purger>) {
    let mut looked: Option<u64> = None;
    loop {
        looked = match (clock.set_back_by(), looked) {
            (None, None) => None,
            (None, Some(_)) => {
                if purger.log().trees().confirm_times().await.is_err() {
                    tracing::warn!(
                        "that the clock is right cannot be kept now; at the next start it is asked about again"
                    );
                }
                record(&purger, "clock_is_right").await;
                tracing::info!("the clock has caught up or is confirmed; assertions are accepted again");
                None
            }
            (Some(by), None) => {
                tracing::error!(
                    alarm = "clock_set_back",
                    seconds = by.num_seconds(),
                    "this machine's clock was set back; no assertion is accepted until it has caught up or another clock \
                     agrees (a witness, retention.time_url, or two operators: purge run --confirm-time)"
                );
                record(&purger, "clock_set_back").await;
                purger.ask_clocks_now().await;
                Some(0)
            }
            (Some(_), Some(times)) => {
                if times % ASK_EVERY == ASK_EVERY - 1 {
                    purger.ask_clocks_now().await;
                }
                Some(times + 1)
            }
        };
        tokio::time::sleep(LOOK).await;
    }
}

/// One record in every log, so that times that run backwards do not do so without a word.
async fn record(purger: &Purger, action: &'static str) {
    for board in purger.log().trees().boards().await.unwrap_or_default() {
        if purger.log().change(board, BROKER, action, None, Vec::new()).await.is_err() {
            tracing::error!(alarm = "clock_set_back", %board, "the step of the clock cannot be recorded in the log");
        }
    }
}
