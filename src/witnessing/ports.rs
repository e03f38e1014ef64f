//! What the access log and the purge see of the witnesses.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use ssbtek_access_log::Cosigner;
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};
use ssbtek_purge::SecondClock;
use ssbtek_transparency::NoteVerifier;
use tokio::time::Instant;

use super::{How, Witnessing};

/// Logs that are tried for the witnesses' time before there is none.
const CLOCK_BOARDS: usize = 3;

/// The witnesses as the access log and the purge know them.
#[derive(Clone)]
pub(crate) struct Witnesses(pub(crate) Arc<Witnessing>);

/// The witnesses' clocks: a cosignature says when it was made, and is made anew for every reading, so that an old one
/// cannot be passed off as the present. The first of a few logs that a witness knows will do.
#[async_trait]
impl SecondClock for Witnesses {
    async fn readings(&self) -> Vec<DateTime<Utc>> {
        let Self(witnessing) = self;
        let until = Instant::now() + witnessing.patience;
        let how = How { anew: false, wait: true, until, grace: Duration::ZERO };
        for board in witnessing.trees.boards().await.unwrap_or_default().into_iter().take(CLOCK_BOARDS) {
            let Some(state) = witnessing.state(board).await else { continue };
            let cosigned = match witnessing.gathered(board, &state, how).await {
                Ok(Some(gathered)) => gathered.opened.cosigned,
                Ok(None) => continue,
                Err(contradicted) => {
                    witnessing.stop_for(&contradicted);
                    continue;
                }
            };
            let times: Vec<_> = cosigned
                .into_iter()
                .filter_map(|(_, time)| DateTime::from_timestamp(i64::try_from(time).ok()?, 0))
                .collect();
            if !times.is_empty() {
                return times;
            }
        }
        Vec::new()
    }
}

#[async_trait]
impl Cosigner for Witnesses {
    async fn cosigned(&self, board: OrganisationNumber) -> Option<(u64, String)> {
        if let Some(now) = self.0.now(board).await {
            return Some(now);
        }
        self.0.newest_kept(board).await
    }

    fn partly(&self, board: OrganisationNumber) -> Option<(u64, String)> {
        let partial = self.0.partial.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        partial.get(&board).cloned()
    }

    fn keys(&self) -> Vec<NoteVerifier> {
        self.0.witnesses.iter().map(|asked| asked.client.key().clone()).collect()
    }

    fn quorum(&self) -> usize {
        self.0.quorum
    }

    fn lags_too_far(&self, board: OrganisationNumber) -> bool {
        self.0.lag().refuses(board, Instant::now())
    }
}
