//! A board's tree before and after a purge.

use ssbtek_access_log::{StoreError, TreeAt};
use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::{Checkpoint, Frontier, Hash, SignedNote, leaf::leaf_hash};

use crate::{PurgeError, Purger};

/// Leaves read in one go when a tree is computed anew.
const LEAVES_PER_READ: u64 = 8192;

impl Purger {
    /// The board's tree (its first `size` leaves, or all) as its log signs for it.
    pub async fn tree(&self, board: OrganisationNumber, size: Option<u64>) -> Result<TreeAt, StoreError> {
        let trees = self.log.trees();
        let empty = TreeAt { size: 0, root: Hash::empty_root() };
        let note = match (size, trees.tree(board).await?) {
            (Some(0), _) | (_, None) => return Ok(empty),
            (None, Some(state)) => state.checkpoint,
            (Some(size), Some(_)) => trees.checkpoint_at(board, size).await?,
        };
        let note = SignedNote::parse(&note).map_err(|_| StoreError::Damaged)?;
        let Checkpoint { size, root, .. } =
            Checkpoint::parse(note.text()).map_err(|_| StoreError::Damaged)?;
        Ok(TreeAt { size, root })
    }

    /// The board's first `size` leaves and all of them, both roots computed anew from headers and commitments, in one pass and in
    /// bounded pieces.
    pub(crate) async fn tree_anew(
        &self,
        board: OrganisationNumber,
        size: u64,
    ) -> Result<(TreeAt, TreeAt), PurgeError> {
        let trees = self.log.trees();
        let grown = trees.tree(board).await?.map_or(0, |state| state.size);
        let (mut frontier, mut first) = (Frontier::new(), None);
        loop {
            let now = TreeAt { size: frontier.size(), root: frontier.root() };
            if now.size == size {
                first = Some(now);
            }
            if now.size >= grown {
                return Ok((first.ok_or(PurgeError::Tree(board))?, now));
            }
            self.lease().await?;
            let stop = if now.size < size { size.min(grown) } else { grown };
            let leaves = trees.leaves(board, now.size, stop.min(now.size + LEAVES_PER_READ)).await?;
            if leaves.is_empty() {
                return Err(PurgeError::Tree(board));
            }
            for leaf in leaves {
                frontier.append(leaf_hash(&leaf.header, &leaf.commitment));
            }
        }
    }
}
