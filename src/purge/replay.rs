//! Before any door opens: what was purged once stays purged, whatever backup was restored.
//!
//! In this order: [`destroy_again`], which needs neither database nor witness; [`Purger::erase_again`], before anybody asks
//! whether the database is the newest; and [`Purger::replay`], which writes receipts, only once it is known to be.

use ssbtek_vault::Vault;

use crate::{FaultPoint, Ledger, NoFaults, PurgeError, Purger, Step, ledger::Known};

/// Destroys every key that the ledger names and a backup brought back. Needs no database: a start that is refused for
/// whatever is wrong with it has done this all the same.
pub fn destroy_again(ledger: &Ledger, vault: &dyn Vault) -> Result<(), PurgeError> {
    for known in ledger.known() {
        destroy_keys(&known, vault, &NoFaults)?;
    }
    Ok(())
}

/// Keys destroyed between two points at which a test can end the purge.
const KEYS_PER_STEP: usize = 32;

/// Destroys the very keys that the ledger names, not later ones of the same name.
pub(crate) fn destroy_keys(
    known: &Known,
    vault: &dyn Vault,
    faults: &dyn FaultPoint,
) -> Result<(), PurgeError> {
    for doomed in known.begun.keys.chunks(KEYS_PER_STEP) {
        if vault.destroy(doomed)? > 0 {
            faults.reached(Step::KeyDestroyed)?;
        }
    }
    Ok(())
}

impl Purger {
    /// Erases again every row that a restored database brought back, and what an interrupted purge had not come to.
    /// Appends nothing, so that a database that turns out not to be the newest is not written on.
    pub async fn erase_again(&self, faults: &dyn FaultPoint) -> Result<(), PurgeError> {
        let _alone = self.running.lock().await;
        for known in self.ledger.known() {
            destroy_keys(&known, &*self.vault, faults)?;
            if !self.is_certified(&known).await? {
                self.store.make_room().await?;
                let erased = self.erase_rows(&known.begun.target, faults).await;
                self.store.return_room().await?;
                erased?;
            }
        }
        Ok(())
    }

    /// The same, and certifies what was erased again or had not been completed. Returns how many purges that were.
    pub async fn replay(&self, faults: &dyn FaultPoint) -> Result<usize, PurgeError> {
        let _alone = self.running.lock().await;
        let mut done = 0;
        for known in self.ledger.known() {
            if self.is_certified(&known).await? {
                // The database is from after this purge; only the vault may be older.
                destroy_keys(&known, &*self.vault, faults)?;
                continue;
            }
            if known.receipt.is_some() {
                let board = known.begun.target.board;
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

    /// Whether ledger and database both have the receipt.
    async fn is_certified(&self, known: &Known) -> Result<bool, PurgeError> {
        let board = known.begun.target.board;
        Ok(known.receipt.is_some() && self.store.has_entry(board, known.purge).await?)
    }
}
