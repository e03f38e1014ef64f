//! Erasing: what a purge asks of the store.

use std::panic::Location;

use async_trait::async_trait;
use ssbtek_access_log::{Lease, PurgeScope, StoreError};
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};
use ssbtek_purge::{
    Compaction, EraseTarget, RetentionRow, RetentionStore,
    port::{CloseOutcome, Counts},
};
use ssbtek_transparency::{Hash, root_at};
use ssbtek_vault::{KeyId, Vault};

use crate::{
    Fault, Store, certificates, documents,
    engine::{Changes, Done, Rows},
    index, keys, retention,
    rows::TreeId,
    tiles::StoredTiles,
    trouble,
};

#[async_trait]
impl RetentionStore for Store {
    async fn make_room(&self) -> Result<(), StoreError> {
        self.on_writer(None, |writer| {
            writer.end.lend_room();
            Ok(())
        })
        .await
    }

    async fn return_room(&self) -> Result<(), StoreError> {
        self.on_writer(None, |writer| {
            writer.end.take_room_back();
            Ok(())
        })
        .await
    }

    async fn row(&self, board: OrganisationNumber) -> Result<Option<RetentionRow>, StoreError> {
        let vault = self.vault.clone();
        self.readers.run(board, move |rows| retention::row(rows, &*vault, board)).await
    }

    async fn expired_cases(
        &self,
        board: OrganisationNumber,
        before: DateTime<Utc>,
    ) -> Result<Vec<(KeyId, DateTime<Utc>)>, StoreError> {
        let vault = self.vault.clone();
        self.readers.run(board, move |rows| documents::closed(rows, &*vault, board, before)).await
    }

    async fn log_months(&self, board: OrganisationNumber) -> Result<Vec<String>, StoreError> {
        self.readers
            .run(board, move |rows| {
                let Some(tree) = rows.tree(board)? else { return Ok(Vec::new()) };
                let (prefix, end) = index::month_keys(board);
                let keys = rows.sealing_keys(tree.id, &prefix, &end)?;
                Ok(keys.iter().filter_map(|(key, _)| key.strip_prefix(&prefix)).map(str::to_owned).collect())
            })
            .await
    }

    async fn keys_rested_on(&self, board: OrganisationNumber) -> Result<Vec<KeyId>, StoreError> {
        self.readers.run(board, move |rows| keys::of_board(rows, board)).await
    }

    async fn count(&self, target: &EraseTarget) -> Result<Counts, StoreError> {
        let target = target.clone();
        self.readers
            .run(target.board, move |rows| count(rows, &target, &|key| documents::count_under(rows, key)))
            .await
    }

    async fn count_erasable(&self, target: &EraseTarget) -> Result<Counts, StoreError> {
        let (vault, target) = (self.vault.clone(), target.clone());
        self.readers
            .run(target.board, move |rows| {
                count(rows, &target, &|key| documents::count_but_later(rows, &*vault, key))
            })
            .await
    }

    async fn certificate_names(&self, board: OrganisationNumber) -> Result<Vec<String>, StoreError> {
        let vault = self.vault.clone();
        self.readers
            .run(board, move |rows| {
                let names = match certificates::of_document(rows, &*vault, board) {
                    // With its own keys gone or its document damaged the board is erased all the same.
                    Err(Fault::Vault(_) | Fault::Damaged(_)) => certificates::of_owners(rows, &*vault, board),
                    names => names,
                };
                match names {
                    Err(fault @ (Fault::Vault(_) | Fault::Damaged(_))) => {
                        trouble::tell(Location::caller(), None, fault);
                        Ok(Vec::new())
                    }
                    names => names,
                }
            })
            .await
    }

    async fn settle(
        &self,
        board: OrganisationNumber,
        scope: PurgeScope,
        version: u64,
        under: &Lease,
    ) -> Result<CloseOutcome, StoreError> {
        let vault = self.vault.clone();
        self.under(board, under, move |changes| {
            if retention::versioned(changes, &*vault, board)?.version != version {
                return Ok(CloseOutcome::TermsChanged);
            }
            if scope == PurgeScope::Expired {
                return Ok(CloseOutcome::Closed);
            }
            let tree = changes.tree(board)?.map(|tree| tree.id);
            let open = changes.open_entries()?;
            let under_way = open.iter().filter(|(of, _)| Some(*of) == tree).count() as u64;
            if under_way > 0 {
                return Ok(CloseOutcome::QuestionsUnderWay(under_way));
            }
            retention::close(changes, &*vault, board)?;
            Ok(CloseOutcome::Closed)
        })
        .await
    }

    async fn erase_batch(&self, target: &EraseTarget, limit: u32, under: &Lease) -> Result<u64, StoreError> {
        let (vault, target) = (self.vault.clone(), target.clone());
        self.under(target.board, under, move |changes| {
            let erased = erase(changes, &*vault, &target, limit)?;
            match changes.tree(target.board)? {
                Some(tree) if erased == 0 => {
                    let (tree, below) = ((tree.id, target.board), target.leaves_below);
                    index::erase(changes, tree, &target.keys, below, limit)
                }
                _ => Ok(erased),
            }
        })
        .await
    }

    async fn compact(&self) -> Result<Compaction, StoreError> {
        loop {
            // One turn after another, so that questions have theirs between.
            if let Some(outcome) = self.on_writer(None, |writer| writer.end.compact()).await? {
                return Ok(outcome);
            }
        }
    }
}

fn doc(name: &str) -> Done<[u8; 32]> {
    let name = Hash::from_hex(name).map_err(|_| Fault::Damaged("a document's blind name is none"))?;
    Ok(*name.as_bytes())
}

fn count(
    rows: &dyn Rows,
    target: &EraseTarget,
    documents_under: &dyn Fn(&KeyId) -> Done<u64>,
) -> Done<Counts> {
    let Some(tree) = rows.tree(target.board)? else { return Ok(Counts::default()) };
    let mut counts = Counts::default();
    for key in &target.keys {
        counts.leaves += rows.count_sealed(tree.id, key.as_str(), target.leaves_below)?;
        counts.documents += documents_under(key)?;
    }
    for name in &target.documents {
        let name = doc(name)?;
        let newest = documents::version(rows, &name)?;
        for version in 1..=newest {
            counts.documents += u64::from(rows.document(&name, Some(version))?.is_some());
        }
    }
    Ok(counts)
}

/// Erases up to `limit` leaves, or else documents. Returns how many.
fn erase(changes: &dyn Changes, vault: &dyn Vault, target: &EraseTarget, limit: u32) -> Done<u64> {
    let Some(tree) = changes.tree(target.board)? else { return Ok(0) };
    let mut erased = 0;
    for key in &target.keys {
        let left = limit.saturating_sub(erased);
        if left == 0 {
            return Ok(erased.into());
        }
        erased += changes.erase_sealed(tree.id, key.as_str(), target.leaves_below, left)?;
        erased += documents::erase_under(changes, vault, key, limit.saturating_sub(erased))?;
    }
    for name in &target.documents {
        erased += changes.erase_document(&doc(name)?, None)?;
    }
    Ok(erased.into())
}

/// The root of a tree's first `size` leaves.
pub(crate) fn root(rows: &dyn Rows, tree: TreeId, size: u64) -> Done<Hash> {
    let missing = |_| Fault::Damaged("a tree's node is missing");
    root_at(&StoredTiles::at(rows, tree, size), size).map_err(missing)
}
