//! Erasing: what a purge asks of the store.

use std::panic::Location;

use async_trait::async_trait;
use ssbtek_access_log::{Certified, PurgeScope, StoreError, TreeAt};
use ssbtek_authorize::{Board, CertificateOwner, DocumentRef};
use ssbtek_domain::{DateTime, EntryId, OrganisationNumber, Utc};
use ssbtek_purge::{
    Compaction, EraseTarget, RetentionRow, RetentionStore,
    port::{CloseOutcome, Counts},
};
use ssbtek_telemetry::FaultKind;
use ssbtek_transparency::{Frontier, Hash, Receipt, inclusion_proof, leaf::leaf_hash, root_at};
use ssbtek_vault::{KeyId, Vault};

use crate::{
    Fault, Store, documents,
    engine::{Changes, Done, Rows},
    index, retention,
    rows::TreeId,
    tiles::{StoredTiles, find as find_tree},
    trouble,
};

/// Leaves read in one go when a tree is computed anew.
const LEAVES_PER_READ: u32 = 8192;

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

    async fn boards(
        &self,
    ) -> Result<Vec<(OrganisationNumber, Result<RetentionRow, StoreError>)>, StoreError> {
        let vault = self.vault.clone();
        self.readers.run(None, move |rows| retention::boards(rows, &*vault)).await
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

    async fn count(&self, target: &EraseTarget) -> Result<Counts, StoreError> {
        let target = target.clone();
        self.readers
            .run(target.board, move |rows| {
                let Some(tree) = rows.tree(target.board)? else { return Ok(Counts::default()) };
                let mut counts = Counts::default();
                for key in &target.keys {
                    counts.leaves += rows.count_sealed(tree.id, key.as_str(), target.leaves_below)?;
                    counts.documents += documents::count_under(rows, key)?;
                }
                for name in &target.documents {
                    let name = doc(name)?;
                    let newest = documents::version(rows, &name)?;
                    for version in 1..=newest {
                        counts.documents += u64::from(rows.document(&name, Some(version))?.is_some());
                    }
                }
                Ok(counts)
            })
            .await
    }

    async fn certificate_names(&self, board: OrganisationNumber) -> Result<Vec<String>, StoreError> {
        let vault = self.vault.clone();
        self.readers
            .run(board, move |rows| {
                let found = documents::read_hidden(rows, &*vault, &DocumentRef::board(board))?;
                let Some(found) = found else { return Ok(Vec::new()) };
                let form = Fault::Damaged("a board's document has not its form");
                let board: Board = serde_json::from_slice(&found.body).map_err(|_| form)?;
                let mut names = Vec::new();
                for certificate in &board.certificates {
                    let fingerprint = Hash::from_hex(&certificate.sha256).map_err(|_| form)?;
                    let reference = DocumentRef::certificate(fingerprint.as_bytes());
                    // One that the board never confirmed may be another's by now.
                    let owner = documents::read_hidden(rows, &*vault, &reference)?;
                    let owner = owner.map(|owner| serde_json::from_slice::<CertificateOwner>(&owner.body));
                    let own = CertificateOwner::Board { organisation: board.organisation };
                    if owner.transpose().map_err(|_| form)?.is_some_and(|owner| owner != own) {
                        continue;
                    }
                    names.push(Hash::from_bytes(documents::name(&*vault, &reference)?).to_hex());
                }
                Ok(names)
            })
            .await
    }

    async fn settle(
        &self,
        board: OrganisationNumber,
        scope: PurgeScope,
        version: u64,
    ) -> Result<CloseOutcome, StoreError> {
        let vault = self.vault.clone();
        self.in_transaction(board, move |changes| {
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

    async fn erase_batch(&self, target: &EraseTarget, limit: u32) -> Result<u64, StoreError> {
        let (vault, target) = (self.vault.clone(), target.clone());
        self.in_transaction(target.board, move |changes| {
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

    async fn tree(&self, board: OrganisationNumber, size: Option<u64>) -> Result<TreeAt, StoreError> {
        self.readers
            .run(board, move |rows| {
                let Some(tree) = find_tree(rows, board)? else {
                    return Ok(TreeAt { size: 0, root: Hash::empty_root() });
                };
                let size = size.unwrap_or(tree.size);
                if size > tree.size {
                    return Err(Fault::Damaged("a tree is smaller than it was"));
                }
                Ok(TreeAt { size, root: root(rows, tree.id, size)? })
            })
            .await
    }

    async fn tree_anew(&self, board: OrganisationNumber, size: u64) -> Result<(TreeAt, TreeAt), StoreError> {
        let found = self.readers.run(board, move |rows| rows.tree(board)).await?;
        let (tree, grown) = found.map(|tree| (tree.id, tree.size)).unwrap_or_default();
        let mut frontier = Frontier::new();
        let mut first = None;
        loop {
            let now = TreeAt { size: frontier.size(), root: frontier.root() };
            if now.size == size {
                first = Some(now);
            }
            if now.size >= grown {
                return Ok((first.ok_or_else(|| missing(board))?, now));
            }
            let stop = if now.size < size { size.min(grown) } else { grown };
            let hashes = self.readers.run(board, move |rows| rehash(rows, tree, now.size..stop)).await?;
            if hashes.is_empty() {
                return Err(missing(board));
            }
            for hash in hashes {
                frontier.append(hash);
            }
        }
    }

    async fn certified(
        &self,
        board: OrganisationNumber,
        purge: EntryId,
    ) -> Result<Option<Certified>, StoreError> {
        let vault = self.vault.clone();
        self.readers.run(board, move |rows| certified(rows, &*vault, board, purge)).await
    }

    async fn has_leaf(&self, board: OrganisationNumber, index: u64, leaf: Hash) -> Result<bool, StoreError> {
        self.readers
            .run(board, move |rows| {
                let Some(tree) = find_tree(rows, board)? else { return Ok(false) };
                if index >= tree.size {
                    return Ok(false);
                }
                Ok(rows.nodes(tree.id, 0, index..index + 1)? == [leaf])
            })
            .await
    }
}

fn doc(name: &str) -> Done<[u8; 32]> {
    let name = Hash::from_hex(name).map_err(|_| Fault::Damaged("a document's blind name is none"))?;
    Ok(*name.as_bytes())
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

/// Leaves that a board's tree has are not there.
#[track_caller]
fn missing(board: OrganisationNumber) -> StoreError {
    let what = "leaves of the board's log are missing";
    trouble::tell_kind(Location::caller(), Some(board), FaultKind::Damaged, what);
    StoreError::Damaged
}

/// Leaf hashes, computed from what is stored, not read.
fn rehash(rows: &dyn Rows, tree: TreeId, range: std::ops::Range<u64>) -> Done<Vec<Hash>> {
    let leaves = rows.leaves(tree, range, LEAVES_PER_READ)?;
    Ok(leaves.iter().map(|leaf| leaf_hash(&leaf.header, &leaf.commitment)).collect())
}

/// The root of a tree's first `size` leaves.
pub(crate) fn root(rows: &dyn Rows, tree: TreeId, size: u64) -> Done<Hash> {
    let missing = |_| Fault::Damaged("a tree's node is missing");
    root_at(&StoredTiles::at(rows, tree, size), size).map_err(missing)
}

fn certified(
    rows: &dyn Rows,
    vault: &dyn Vault,
    board: OrganisationNumber,
    purge: EntryId,
) -> Result<Option<Certified>, Fault> {
    let Some(tree) = rows.tree(board)? else { return Ok(None) };
    let found = rows.term_leaves(tree.id, index::NO_MONTH, purge.as_bytes(), u64::MAX, 1)?;
    let Some(at) = found.first().copied() else { return Ok(None) };
    let altered = Fault::Damaged("a purge's record is not as it was written");
    let leaf = rows.leaves(tree.id, at..at + 1, 1)?.pop().ok_or(altered)?;
    let key = KeyId::parse(&leaf.key).filter(|key| key.is_of(board.as_str())).ok_or(altered)?;
    let key = vault.open(&key)?;
    let sealed = leaf.sealed.as_deref().ok_or(altered)?;
    let plain = key.open(&leaf.header, sealed).ok_or(altered)?;
    let (salt, payload) = plain.split_first_chunk::<32>().ok_or(altered)?;
    let proof = inclusion_proof(&StoredTiles::at(rows, tree.id, tree.size), at, tree.size);
    let proof = proof.map_err(|_| Fault::Damaged("a tree's node is missing"))?;
    let receipt = Receipt { leaf_hash: leaf.hash, index: at, proof, checkpoint: tree.checkpoint };
    Ok(Some(Certified { header: leaf.header, salt: *salt, payload: payload.to_vec(), receipt }))
}
