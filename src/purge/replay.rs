//! Before any door opens: what was purged once stays purged, whatever backup was restored.
//!
//! In this order: [`destroy_again`], which needs neither database nor witness; [`Purger::erase_again`], before anybody asks
//! whether the database is the newest; and [`Purger::replay`], which writes receipts, only once it is known to be.
//!
//! A key that cannot be destroyed ends the start where what it seals could be read: where the ledger does not say which key of its name
//! it was (adr/0077). Rows that cannot be erased do not, since nothing
//! opens them: their board's purge has failed, is told, and is tried again with every sweep.

use std::{
    collections::HashSet,
    panic::Location,
    sync::{Arc, MutexGuard, PoisonError},
};

use ssbtek_access_log::StoredLeaf;
use ssbtek_domain::EntryId;
use ssbtek_transparency::leaf::leaf_hash;
use ssbtek_vault::{DoomedKey, KeyId, Vault, VaultError};

use crate::{FaultPoint, Ledger, PurgeError, Purger, Step, ledger::Known, purger::tell};

/// Keys destroyed between two points at which a test can end the purge.
const KEYS_PER_STEP: usize = 32;

/// Destroys every key that the ledger names and a backup brought back. Needs no database: a start that is refused for
/// whatever is wrong with it has done this all the same. Reads the vault's directory once, and then only keys whose names
/// the ledger has. Blocks; not for the runtime's own threads.
pub fn destroy_again(ledger: &Ledger, vault: &dyn Vault) -> Result<(), PurgeError> {
    let there: HashSet<KeyId> = vault.list()?.into_iter().collect();
    let ledger = ledger.known();
    // All of them first: which key of a name is a later one follows from how many were destroyed.
    ledger.iter().for_each(|known| vault.have_been_destroyed(&known.begun.keys));
    // Of a purge that has not ended nothing can be a later key but what says so itself.
    let unfinished = ledger.iter().filter(|known| known.receipt.is_none());
    unfinished.for_each(|known| vault.purge_begins(&known.begun.keys));
    for known in ledger {
        let doomed: Vec<DoomedKey> =
            known.begun.keys.iter().filter(|doomed| there.contains(&doomed.id)).cloned().collect();
        match vault.destroy(&doomed) {
            // Nobody gets one of these, whatever its file holds once it can be read; it is looked for again with every look at the keys.
            Err(VaultError::Unreadable(..) | VaultError::Io(_))
                if doomed.iter().all(|doomed| doomed.generation.is_some()) =>
            {
                tell(Location::caller(), Some(known.begun.target.board), &PurgeError::Vault);
            }
            destroyed => drop(destroyed?),
        }
    }
    Ok(())
}

fn names(known: &Known) -> Vec<KeyId> {
    known.begun.keys.iter().map(|doomed| doomed.id.clone()).collect()
}

impl Purger {
    /// Destroys the very keys that the ledger names, not later ones of the same name. One that cannot be reached keeps no other from
    /// being destroyed.
    pub(crate) async fn destroy_keys(
        &self,
        known: &Arc<Known>,
        faults: &dyn FaultPoint,
    ) -> Result<(), PurgeError> {
        if known.receipt.is_none() {
            self.vault.purge_begins(&known.begun.keys);
        }
        let mut failed = None;
        for from in (0..known.begun.keys.len()).step_by(KEYS_PER_STEP) {
            let (vault, known) = (self.vault.clone(), known.clone());
            let destroyed = blocking(move || {
                let until = known.begun.keys.len().min(from + KEYS_PER_STEP);
                Ok(vault.destroy(known.begun.keys.get(from..until).unwrap_or_default())?)
            });
            match destroyed.await {
                Ok(0) => {}
                Ok(_) => faults.reached(Step::KeyDestroyed)?,
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn destroy_all_again(&self) -> Result<(), PurgeError> {
        let (ledger, vault) = (self.ledger.clone(), self.vault.clone());
        blocking(move || destroy_again(&ledger, &*vault)).await
    }

    /// Erases again every row that a restored database brought back, and what an interrupted purge had not come to.
    /// Appends nothing, so that a database that turns out not to be the newest is not written on.
    pub async fn erase_again(&self, faults: &dyn FaultPoint) -> Result<(), PurgeError> {
        let _alone = self.running.lock().await;
        self.destroy_all_again().await?;
        for known in self.ledger.known() {
            let board = known.begun.target.board;
            match self.one_boards(board, self.erase_uncertified(&known, faults).await) {
                // Another gateway does it.
                Err(PurgeError::Elsewhere) => return Ok(()),
                // Its fault has been told of.
                done => drop(done?),
            }
        }
        Ok(())
    }

    async fn erase_uncertified(&self, known: &Known, faults: &dyn FaultPoint) -> Result<(), PurgeError> {
        // A receipt at another place is of a purge that was repeated in another copy of the database: this one has it, too.
        if self.is_certified(known).await?
            || matches!(self.log.certified(known.begun.target.board, known.purge).await, Ok(Some(_)))
        {
            return Ok(());
        }
        self.alone_with_room(self.erase_rows(&known.begun.target, faults)).await
    }

    /// The same, and certifies what was erased again or had not been completed. Returns how many purges that were.
    pub async fn replay(&self, faults: &dyn FaultPoint) -> Result<usize, PurgeError> {
        let _alone = self.running.lock().await;
        // The database may be from after a purge, and only the vault be older.
        self.destroy_all_again().await?;
        let (mut done, mut gone, mut may_be_there) = (0, HashSet::new(), HashSet::new());
        let mut is_elsewhere = false;
        for known in self.ledger.known() {
            if is_elsewhere {
                may_be_there.extend(names(&known));
                continue;
            }
            let board = known.begun.target.board;
            match self.one_boards(board, self.complete_uncertified(&known, faults).await) {
                Err(PurgeError::Elsewhere) => {
                    is_elsewhere = true;
                    may_be_there.extend(names(&known));
                }
                completed => match completed? {
                    Ok(completed) => {
                        done += completed;
                        gone.extend(names(&known));
                    }
                    // Told of, and tried again with every sweep.
                    Err(_) => {
                        may_be_there.extend(names(&known));
                        self.repeated_later().push(known.purge);
                    }
                },
            }
        }
        // What these sealed is gone for sure.
        let gone: Vec<_> = gone.difference(&may_be_there).cloned().collect();
        self.vault.forget_destroyed(&gone);
        Ok(done)
    }

    /// Purges that are complete, and could not be repeated in a database that was put back.
    fn repeated_later(&self) -> MutexGuard<'_, Vec<EntryId>> {
        self.repeated_later.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Purges that have been begun and are to be completed, here at least.
    pub(crate) fn to_complete(&self) -> Vec<Arc<Known>> {
        let mut known = self.ledger.unfinished();
        let repeated =
            self.repeated_later().iter().filter_map(|purge| self.ledger.find(*purge)).collect::<Vec<_>>();
        known.extend(repeated.into_iter().filter(|known| known.receipt.is_some()));
        known
    }

    /// A purge is complete, here too.
    pub(crate) fn has_ended(&self, known: &Known) {
        self.repeated_later().retain(|purge| *purge != known.purge);
        self.vault.purge_ended(&known.begun.keys);
    }

    async fn complete_uncertified(
        &self,
        known: &Arc<Known>,
        faults: &dyn FaultPoint,
    ) -> Result<usize, PurgeError> {
        if self.is_certified(known).await? {
            return Ok(0);
        }
        if known.receipt.is_some() {
            let board = known.begun.target.board;
            tracing::error!(%board, alarm = "purge_undone", "a restored database holds what was purged: purging it again");
        }
        self.alone_with_room(self.complete(known, faults)).await.map(|_| 1)
    }

    /// Whether ledger and database both have the receipt.
    async fn is_certified(&self, known: &Known) -> Result<bool, PurgeError> {
        let Some(receipt) = &known.receipt else { return Ok(false) };
        let (index, board) = (receipt.proof.index, known.begun.target.board);
        let stored = self.log.trees().leaves(board, index, index.saturating_add(1)).await?;
        let is_it = |leaf: &StoredLeaf| leaf_hash(&leaf.header, &leaf.commitment) == receipt.proof.leaf_hash;
        Ok(stored.first().is_some_and(is_it))
    }
}

/// Runs what waits for a disk on a thread that may wait.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PurgeError> + Send + 'static,
) -> Result<T, PurgeError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| PurgeError::Unreadable)?
}
