//! Before any door opens: what was purged once stays purged, whatever backup was restored.

use crate::{FaultPoint, PurgeError, Purger};

impl Purger {
    /// Destroys again every key that a backup brought back, erases again what a restored database holds, and completes what
    /// was begun. Returns how many purges had to be done or completed.
    pub async fn replay(&self, faults: &dyn FaultPoint) -> Result<usize, PurgeError> {
        let _alone = self.running.lock().await;
        let mut done = 0;
        for known in self.ledger.known() {
            let board = known.begun.target.board;
            if known.receipt.is_some() && self.store.has_entry(board, known.purge).await? {
                // The database is from after this purge; only the vault may be older.
                self.destroy_keys(&known, faults)?;
                continue;
            }
            if known.receipt.is_some() {
                tracing::error!(%board, alarm = "purge_undone", "a restored database holds what was purged: purging it again");
            }
            self.store.make_room().await?;
            let completed = self.complete(&known, faults).await;
            self.store.return_room().await?;
            completed?;
            done += 1;
        }
        Ok(done)
    }
}
