//! [`TreeStore`]: reading trees; only keeping a checkpoint goes through the writer.

use std::ops::Range;

use async_trait::async_trait;
use ssbtek_access_log::{StoreError, StoredLeaf, TreeState, TreeStore};
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};
use ssbtek_transparency::{Hash, NoteVerifier, consistency_proof, inclusion_proof, tree::Subtrees};
use tokio::sync::oneshot;

use crate::{
    Fault, Store,
    engine::{Done, Rows},
    erase::root,
    signer, steps,
    tiles::{StoredTiles, existing, find},
    work::Work,
};

/// Most leaves that one call reads.
const MOST_LEAVES: u32 = u32::MAX;

const MISSING: Fault = Fault::Damaged("a tree's node is missing");
const TOO_LARGE: Fault = Fault::Damaged("a tree is smaller than it was");

fn consistency(rows: &dyn Rows, board: OrganisationNumber, old: u64, new: u64) -> Done<Vec<Hash>> {
    let tree = existing(rows, board)?;
    if new > tree.size {
        return Err(TOO_LARGE);
    }
    consistency_proof(&StoredTiles::at(rows, tree.id, new), old, new).map_err(|_| MISSING)
}

#[async_trait]
impl TreeStore for Store {
    async fn boards(&self) -> Result<Vec<OrganisationNumber>, StoreError> {
        self.readers
            .run(None, |rows| {
                let trees = rows.trees()?;
                let board = |name: &str| OrganisationNumber::parse(name);
                let boards = trees.iter().filter(|tree| tree.size > 0).map(|tree| board(&tree.board));
                boards.collect::<Result<_, _>>().map_err(|_| Fault::Damaged("a board's number is none"))
            })
            .await
    }

    async fn tree(&self, board: OrganisationNumber) -> Result<Option<TreeState>, StoreError> {
        let signer = self.signer.clone();
        self.readers
            .run(board, move |rows| {
                let Some(tree) = find(rows, board)? else { return Ok(None) };
                let root = || root(rows, tree.id, tree.size).ok();
                let checkpoint =
                    signer.current(board, tree.size, tree.checkpoint, root).ok_or(signer::NO_KEY)?;
                Ok(Some(TreeState { size: tree.size, checkpoint }))
            })
            .await
    }

    async fn leaves(
        &self,
        board: OrganisationNumber,
        from: u64,
        until: u64,
    ) -> Result<Vec<StoredLeaf>, StoreError> {
        let (moment, vault) = (self.moment(), self.vault.clone());
        self.readers
            .run(board, move |rows| {
                let Some(tree) = find(rows, board)? else { return Ok(Vec::new()) };
                let visible = moment.log(rows, &*vault, board)?;
                let leaves = rows.leaves(tree.id, from..until.min(tree.size), MOST_LEAVES)?;
                let mut leaves =
                    leaves.into_iter().map(crate::rows::LeafRow::stored).collect::<Done<Vec<_>>>()?;
                visible.hide(&mut leaves);
                Ok(leaves)
            })
            .await
    }

    async fn span(
        &self,
        board: OrganisationNumber,
        from: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
    ) -> Result<Range<u64>, StoreError> {
        let ms = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_millis());
        self.readers
            .run(board, move |rows| match find(rows, board)? {
                Some(tree) => steps::span(rows, &tree, (ms(from), ms(until))),
                None => Ok(0..0),
            })
            .await
    }

    async fn latest_time(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let latest = self.readers.run(None, steps::latest).await?;
        Ok(latest.and_then(DateTime::from_timestamp_millis))
    }

    async fn confirm_times(&self) -> Result<(), StoreError> {
        self.in_transaction(None, |changes| changes.confirm_steps_back()).await
    }

    async fn inclusion(
        &self,
        board: OrganisationNumber,
        leaves: Vec<u64>,
        size: u64,
    ) -> Result<Vec<(Hash, Vec<Hash>)>, StoreError> {
        self.readers
            .run(board, move |rows| {
                let tree = existing(rows, board)?;
                if size > tree.size {
                    return Err(TOO_LARGE);
                }
                let tiles = StoredTiles::at(rows, tree.id, size);
                let proven = |index| {
                    let proof = inclusion_proof(&tiles, index, size).map_err(|_| MISSING)?;
                    Ok((tiles.subtree(0, index).map_err(|_| MISSING)?, proof))
                };
                leaves.into_iter().map(proven).collect()
            })
            .await
    }

    async fn consistency(
        &self,
        board: OrganisationNumber,
        old: u64,
        new: u64,
    ) -> Result<Vec<Hash>, StoreError> {
        self.readers.run(board, move |rows| consistency(rows, board, old, new)).await
    }

    async fn subtrees(
        &self,
        board: OrganisationNumber,
        size: u64,
        wanted: Vec<(u32, u64)>,
    ) -> Result<Vec<Hash>, StoreError> {
        self.readers
            .run(board, move |rows| {
                let tiles = StoredTiles::at(rows, existing(rows, board)?.id, size);
                let hash = |(level, index)| tiles.subtree(level, index).map_err(|_| MISSING);
                wanted.into_iter().map(hash).collect()
            })
            .await
    }

    async fn checkpoint_at(&self, board: OrganisationNumber, size: u64) -> Result<String, StoreError> {
        let signer = self.signer.clone();
        self.readers
            .run(board, move |rows| {
                let tree = existing(rows, board)?;
                let root = || root(rows, tree.id, size);
                match size.cmp(&tree.size) {
                    std::cmp::Ordering::Greater => Err(TOO_LARGE),
                    std::cmp::Ordering::Equal => {
                        signer.current(board, size, tree.checkpoint, || root().ok()).ok_or(signer::NO_KEY)
                    }
                    std::cmp::Ordering::Less => signer.sign(board, size, root()?).ok_or(signer::NO_KEY),
                }
            })
            .await
    }

    async fn kept_checkpoints(
        &self,
        board: OrganisationNumber,
        most: usize,
    ) -> Result<Vec<(u64, String)>, StoreError> {
        let origin = self.signer.origin(board);
        self.readers
            .run(board, move |rows| {
                let Some(tree) = rows.tree(board)? else { return Ok(Vec::new()) };
                let kept = rows.kept(tree.id, most)?.into_iter();
                // One of before a gap says nothing of the log as it goes on.
                let of_now = kept.filter(|kept| signer::of_origin(&kept.note, &origin));
                Ok(of_now.map(|kept| (kept.size, kept.note)).collect())
            })
            .await
    }

    async fn keep_checkpoint(
        &self,
        board: OrganisationNumber,
        size: u64,
        note: String,
    ) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        let keep = Box::new(Work::Keep { board, size, note, reply });
        self.jobs.try_send(keep).map_err(|_| StoreError::Busy)?;
        answer.await.map_err(|_| StoreError::Io)?
    }

    fn log_keys(&self, board: OrganisationNumber) -> Vec<NoteVerifier> {
        self.signer.verifiers(board)
    }

    fn origin(&self, board: OrganisationNumber) -> String {
        self.signer.origin(board)
    }
}
