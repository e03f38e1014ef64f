//! What one group does to the trees: checks and rows of each job, then each tree's nodes, checkpoint and what leads to its leaves.
//! What is held in memory beside the rows follows the transaction.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use ssbtek_access_log::{AppendError, Appended};
use ssbtek_domain::{Clock, DateTime, Entropy, OrganisationNumber, Utc};
use ssbtek_transparency::{Batch, Frontier, Hash};
use ssbtek_vault::Vault;

use crate::{
    CheckpointSigner, Fault,
    apply::{ApplyError, Within, apply, one_boards},
    asked::Asked,
    beside::{self, Beside},
    engine::{Changes, Done},
    index_keys, keys, retention,
    rows::TreeId,
    signer::NO_KEY,
    steps::Steps,
    tokens::SpentTokens,
    trees::{Tree, Trees},
    visible::{Lifetimes, Moment},
    work::{Job, Record},
};

/// What the writer holds beside the engine.
pub(crate) struct Held {
    pub(crate) trees: Trees,
    pub(crate) asked: Asked,
    pub(crate) steps: Steps,
    pub(crate) tokens: SpentTokens,
    /// The size of the newest checkpoint that is kept of each tree.
    pub(crate) kept: HashMap<TreeId, u64>,
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) signer: Arc<CheckpointSigner>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) lifetimes: Lifetimes,
}

/// The group's effect on one tree.
struct Growth {
    tree: Tree,
    hashes: Vec<Hash>,
    /// Whether the board takes nothing but the receipt of its purge.
    closing: bool,
}

/// A tree that the group has grown.
struct Grown {
    id: TreeId,
    batch: Arc<Batch>,
    checkpoint: Arc<str>,
}

/// Why a group was not written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failed {
    pub(crate) fault: Fault,
    /// The board in whose part it failed.
    pub(crate) board: Option<OrganisationNumber>,
}

impl Failed {
    fn of(board: OrganisationNumber) -> impl Fn(Fault) -> Self {
        move |fault| Self { fault, board: Some(board) }
    }
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self { fault, board: None }
    }
}

/// What a group has written, and is not durable yet.
pub(crate) struct Written {
    /// Of each job: where its first record stands.
    places: Vec<Result<u64, AppendError>>,
    grown: HashMap<OrganisationNumber, Grown>,
    now: DateTime<Utc>,
}

impl Held {
    /// How many leaves a board's tree has.
    pub(crate) fn size(&self, board: OrganisationNumber) -> u64 {
        self.trees.get(&board).map_or(0, |tree| tree.frontier.size())
    }

    /// The engine's name of a board's tree.
    pub(crate) fn tree_id(&self, board: OrganisationNumber) -> Option<TreeId> {
        self.trees.get(&board).map(|tree| tree.id)
    }

    /// Writes a group into the open transaction.
    pub(crate) fn write(&mut self, changes: &dyn Changes, group: &[Job]) -> Result<Written, Failed> {
        let mut growths: HashMap<OrganisationNumber, Growth> = HashMap::new();
        let (mut places, mut index_rows) =
            (Vec::with_capacity(group.len()), Vec::with_capacity(group.len() * 4));
        let moment = Moment { now: self.clock.now(), lifetimes: self.lifetimes };
        for job in group {
            let board = job.board;
            let growth = match growths.entry(board) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => match self.may_grow(changes, board) {
                    Ok(closing) => {
                        new.insert(Growth { tree: self.tree(changes, board)?, hashes: Vec::new(), closing })
                    }
                    // One board's own row or key: nothing of it is written, and everybody else goes on.
                    Err(fault) => match one_boards(board, fault) {
                        ApplyError::Refused(error) => {
                            places.push(Err(error));
                            continue;
                        }
                        ApplyError::Failed(fault) => return Err(fault.into()),
                    },
                },
            };
            let index = growth.tree.frontier.size() + growth.hashes.len() as u64;
            let mut within = Within {
                changes,
                vault: &*self.vault,
                entropy: &*self.entropy,
                moment,
                index: &mut index_rows,
                asked: &mut self.asked,
                steps: &mut self.steps,
                tokens: &mut self.tokens,
            };
            places.push(match apply(&mut within, &growth.tree, growth.closing, index, job) {
                Ok(()) => {
                    growth.hashes.extend(job.records.iter().map(|record| record.leaf_hash));
                    if job.records.iter().any(|record| record.append.reopens.is_some()) {
                        let closing = retention::is_closing(changes, &*self.vault, board);
                        growth.closing = closing.map_err(Failed::of(board))?;
                    }
                    Ok(index)
                }
                Err(ApplyError::Refused(error)) => Err(error),
                Err(ApplyError::Failed(fault)) => return Err(Failed::of(board)(fault)),
            });
        }
        self.tokens.write(changes, &*self.vault, moment.now.timestamp())?;
        let growths: Vec<_> = growths.into_iter().filter(|(_, growth)| !growth.hashes.is_empty()).collect();
        for (board, growth) in &growths {
            self.begin(changes, *board, growth).map_err(Failed::of(*board))?;
        }
        let beside =
            Beside { spent: self.tokens.newest(), started: beside::changes_of_started(changes)?, kept: None };
        let mut grown = HashMap::new();
        for (board, growth) in growths {
            let board_grown = self.grow(changes, board, growth, beside).map_err(Failed::of(board))?;
            grown.insert(board, board_grown);
        }
        // In their order, so that neighbours are written together.
        index_rows.sort_unstable();
        changes.add_terms(&index_rows)?;
        Ok(Written { places, grown, now: moment.now })
    }

    /// What a group wrote is durable. Gives what became of each job.
    pub(crate) fn committed(
        &mut self,
        group: &[Job],
        written: Written,
    ) -> Vec<Result<Vec<Appended>, AppendError>> {
        let Written { places, grown, now } = written;
        self.tokens.committed();
        self.asked.committed(now);
        self.steps.committed();
        for (job, _) in group.iter().zip(&places).filter(|(_, place)| place.is_ok()) {
            job.records.iter().for_each(|record| keys::expect_of(&*self.vault, record));
        }
        let results = group.iter().zip(places).map(|(job, index)| appended(job, index?, &grown)).collect();
        let trees = grown
            .into_iter()
            .map(|(board, Grown { id, batch, .. })| (board, Tree { id, frontier: batch.frontier().clone() }));
        self.trees.extend(trees);
        results
    }

    /// Nothing of the transaction is there.
    pub(crate) fn rolled_back(&mut self) {
        self.tokens.rolled_back();
        self.asked.rolled_back();
        self.steps.rolled_back();
    }

    /// Whether a board's log takes nothing but the receipt of its purge; a fault where it can take nothing at all.
    fn may_grow(&self, changes: &dyn Changes, board: OrganisationNumber) -> Done<bool> {
        let closing = retention::is_closing(changes, &*self.vault, board)?;
        // One that begins gets its key with its first record.
        if self.trees.contains_key(&board) && !self.signer.signs(board)? {
            return Err(NO_KEY);
        }
        Ok(closing)
    }

    fn tree(&self, changes: &dyn Changes, board: OrganisationNumber) -> Done<Tree> {
        if let Some(tree) = self.trees.get(&board) {
            must_be_ours(changes, board, tree)?;
            return Ok(tree.clone());
        }
        let row = changes.begin_tree(board)?;
        retention::begin(changes, &*self.vault, board)?;
        Ok(Tree { id: row.id, frontier: Frontier::new() })
    }

    /// A board whose log begins has keys from now on, and is known by them. That the signing key fails shows when it is to sign.
    fn begin(&self, changes: &dyn Changes, board: OrganisationNumber, growth: &Growth) -> Done<()> {
        if growth.tree.frontier.size() == 0 {
            let _ = self.signer.create(board);
        }
        index_keys::keep(changes, &*self.vault, board)
    }

    /// Stores the tree's new nodes and its signed checkpoint, and how far the rows beside the trees have come.
    fn grow(
        &self,
        changes: &dyn Changes,
        board: OrganisationNumber,
        growth: Growth,
        beside: Beside,
    ) -> Done<Grown> {
        let id = growth.tree.id;
        let batch = Batch::new(growth.tree.frontier, growth.hashes);
        for node in batch.completed() {
            changes.add_node(id, node.level, node.index, &node.hash)?;
        }
        let frontier = batch.frontier();
        let checkpoint = self.signer.sign(board, frontier.size(), frontier.root()).ok_or(NO_KEY)?;
        let kept = Some(self.kept.get(&id).copied().unwrap_or(0));
        let beside = Beside { kept, ..beside }.to_bytes(&*self.vault, id, frontier.size())?;
        changes.grow_tree(id, frontier.size(), &edge(frontier), &checkpoint, &beside)?;
        Ok(Grown { id, batch: Arc::new(batch), checkpoint: checkpoint.into() })
    }
}

/// The tree as it is stored is the one this process left there. If not, somebody else has written: signing on would make a second
/// history.
fn must_be_ours(changes: &dyn Changes, board: OrganisationNumber, tree: &Tree) -> Done<()> {
    let stored = changes.tree(board)?;
    let ours = |row: &crate::rows::TreeRow| {
        (row.id, row.size) == (tree.id, tree.frontier.size()) && row.frontier == edge(&tree.frontier)
    };
    let is_ours = stored.as_ref().is_some_and(ours);
    is_ours.then_some(()).ok_or(Fault::Damaged("the tree was changed by another process"))
}

fn edge(frontier: &Frontier) -> Vec<u8> {
    frontier.hashes().iter().flat_map(|hash| *hash.as_bytes()).collect()
}

fn appended(
    job: &Job,
    first: u64,
    grown: &HashMap<OrganisationNumber, Grown>,
) -> Result<Vec<Appended>, AppendError> {
    let Grown { batch, checkpoint, .. } = grown.get(&job.board).ok_or(AppendError::Unavailable)?;
    let appended = |(record, index): (&Record, u64)| Appended {
        leaf_hash: record.leaf_hash,
        index,
        batch: batch.clone(),
        checkpoint: checkpoint.clone(),
    };
    Ok(job.records.iter().zip(first..).map(appended).collect())
}
