//! The one writer: gathers appends into groups, commits each group with one sync, answers when it is durable.
//!
//! Everybody waits for it, so what it does for one is bounded, whatever the log holds. For each append: its checks (a spent
//! token and a bound on questions in memory, open entries, document versions and the documents of a re-check each by a key),
//! its rows (a leaf, a tree node for each level that is complete, a row for each document). For each group: a row of tokens, a
//! signature for each board in it, and the rows of the look-up index that lead to its leaves. Between two groups: one batch of a
//! purge, or 256 free pages, or one row. Moving the write-ahead log into the database costs what `checkpoint_pages` pages do.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, TryRecvError},
    },
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, params};
use ssbtek_access_log::{Append, AppendError, Appended, StoreError};
use ssbtek_domain::{Clock, Entropy, OrganisationNumber};
use ssbtek_transparency::{Batch, Frontier, Hash};
use ssbtek_vault::Vault;
use tokio::sync::oneshot;

use crate::{
    CheckpointSigner,
    answers::Answers,
    apply::{ApplyError, INSERT_LEAF, Within, apply},
    asked::Asked,
    commit::refuse,
    documents::Prepared,
    fault::Fault,
    index, index_keys, kept,
    lock::DatabaseLock,
    maintain::Maintenance,
    reserve::Reserve,
    retention,
    sealed::SealedBlocks,
    tokens::SpentTokens,
    trees::{Tree, Trees},
    visible::{Lifetimes, Moment},
};

/// How often it is looked whether company has come.
const LOOK_AGAIN: Duration = Duration::from_micros(100);

/// One append on its way.
pub(crate) struct Job {
    pub(crate) append: Append,
    /// RFC 6962 hash of its leaf.
    pub(crate) leaf_hash: Hash,
    pub(crate) documents: Vec<Prepared>,
    /// Blind names of the documents it rests on, with the versions that they must have.
    pub(crate) rests_on: Vec<([u8; 32], u64)>,
    pub(crate) reply: oneshot::Sender<Result<Appended, AppendError>>,
}

/// What the writer does.
pub(crate) enum Work {
    /// Appends a record.
    Append(Box<Job>),
    /// Something else, alone after the group that was waiting.
    Maintain(Maintenance),
    /// Keeps a checkpoint with its cosignatures.
    Keep {
        board: OrganisationNumber,
        size: u64,
        note: String,
        reply: oneshot::Sender<Result<(), StoreError>>,
    },
    /// Ends the writer.
    Close { reply: oneshot::Sender<()> },
}

/// What the writer thread owns.
pub(crate) struct Writer {
    pub(crate) connection: Connection,
    pub(crate) answers: Answers,
    /// Held until the thread ends.
    #[expect(dead_code, reason = "held, not read")]
    pub(crate) lock: DatabaseLock,
    pub(crate) reserve: Reserve,
    pub(crate) trees: Trees,
    pub(crate) asked: Asked,
    pub(crate) tokens: SpentTokens,
    pub(crate) sealed: SealedBlocks,
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) signer: Arc<CheckpointSigner>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) poisoned: Arc<AtomicBool>,
    pub(crate) on_poison: Box<dyn Fn() + Send>,
    pub(crate) gather: Duration,
    pub(crate) max_group: usize,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) max_kept_checkpoints: usize,
}

impl Drop for Writer {
    /// A writer that panics has failed like one whose database has: whoever waits must not be told that all is well.
    fn drop(&mut self) {
        if thread::panicking() {
            self.poison();
        }
    }
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
    id: i64,
    batch: Arc<Batch>,
    checkpoint: Arc<str>,
}

impl Writer {
    /// Runs until all senders are gone.
    pub(crate) fn run(mut self, work: &Receiver<Work>) {
        let mut busy = false;
        let mut next = None;
        let mut closed = None;
        while let Some(first) = next.take().or_else(|| work.recv().ok()) {
            let first = match first {
                Work::Append(job) => *job,
                Work::Maintain(maintenance) => {
                    maintenance(&mut self);
                    continue;
                }
                Work::Keep { board, size, note, reply } => {
                    let _ = reply.send(self.keep(board, size, &note));
                    continue;
                }
                Work::Close { reply } => {
                    closed = Some(reply);
                    break;
                }
            };
            let group;
            (group, next) = self.gather(first, work, busy);
            // Waiting for company pays only where there is some: one lone caller should not wait.
            busy = group.len() > 1;
            if self.poisoned.load(Ordering::Acquire) {
                refuse(group, &AppendError::Poisoned);
            } else if !group.is_empty() {
                self.commit(group);
            }
        }
        // Nothing stays behind in the write-ahead log, where a damaged page would cut off the newest entries.
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        drop(self);
        if let Some(closed) = closed {
            let _ = closed.send(());
        }
    }

    /// A group of appends, and what came that is none.
    fn gather(&self, first: Job, work: &Receiver<Work>, busy: bool) -> (Vec<Job>, Option<Work>) {
        let mut group = vec![first];
        let until = Instant::now() + if busy { self.gather } else { Duration::ZERO };
        while group.len() < self.max_group {
            match work.try_recv() {
                Ok(Work::Append(job)) => group.push(*job),
                Ok(other) => return (group, Some(other)),
                Err(TryRecvError::Disconnected) => break,
                Err(TryRecvError::Empty) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        break;
                    }
                    // Looking again from time to time spares each who comes from waking this thread.
                    thread::sleep(left.min(LOOK_AGAIN));
                }
            }
        }
        (group, None)
    }

    fn keep(&mut self, board: OrganisationNumber, size: u64, note: &str) -> Result<(), StoreError> {
        if self.poisoned.load(Ordering::Acquire) {
            return Err(StoreError);
        }
        let tree = self.trees.get(&board).ok_or(StoreError)?.id;
        let kept = kept::mac(&*self.vault, tree, size, note).and_then(|mac| {
            let transaction = self.connection.unchecked_transaction()?;
            transaction.execute(
                "INSERT OR REPLACE INTO kept_checkpoint (tree, size, note, mac) VALUES (?1, ?2, ?3, ?4)",
                params![tree, size as i64, note, mac],
            )?;
            kept::thin_out(&transaction, tree, self.max_kept_checkpoints)?;
            transaction.commit()
        });
        kept.map(|_| ()).map_err(|error| {
            if Fault::of(&error) == Fault::Fatal {
                self.poison();
            }
            StoreError
        })
    }

    #[expect(clippy::type_complexity, reason = "results in the group's order, and the trees as they are now")]
    pub(crate) fn write(
        &mut self,
        group: &[Job],
    ) -> rusqlite::Result<(Vec<Result<Appended, AppendError>>, HashMap<OrganisationNumber, Tree>)> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let mut growths: HashMap<OrganisationNumber, Growth> = HashMap::new();
        let mut written = Vec::with_capacity(group.len());
        let mut index_rows = Vec::with_capacity(group.len() * 4);
        let moment = Moment { now: self.clock.now(), lifetimes: self.lifetimes };
        let mut insert_leaf = self.connection.prepare_cached(INSERT_LEAF)?;
        for job in group {
            let board = job.append.board;
            let growth = match growths.entry(board) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let closing = retention::is_closing(&self.connection, &*self.vault, board)?;
                    new.insert(Growth { tree: self.tree(board)?, hashes: Vec::new(), closing })
                }
            };
            let index = growth.tree.frontier.size() + growth.hashes.len() as u64;
            let mut within = Within {
                connection: &self.connection,
                insert_leaf: &mut insert_leaf,
                vault: &*self.vault,
                entropy: &*self.entropy,
                moment,
                index: &mut index_rows,
                asked: &mut self.asked,
                tokens: &mut self.tokens,
                sealed: &mut self.sealed,
            };
            written.push(match apply(&mut within, &growth.tree, growth.closing, index, job) {
                Ok(()) => {
                    growth.hashes.push(job.leaf_hash);
                    if job.append.reopens.is_some() {
                        growth.closing = retention::is_closing(&self.connection, &*self.vault, board)?;
                    }
                    Ok(index)
                }
                Err(ApplyError::Refused(error)) => Err(error),
                Err(ApplyError::Sqlite(error)) => return Err(error),
            });
        }
        drop(insert_leaf);
        let mut batches = HashMap::new();
        for (board, growth) in growths {
            if !growth.hashes.is_empty() {
                batches.insert(board, self.grow(board, growth)?);
            }
        }
        self.tokens.write(&self.connection, &*self.vault, moment.now.timestamp())?;
        index::insert(&self.connection, &mut index_rows)?;
        self.connection.execute_batch("COMMIT")?;
        self.tokens.committed();
        self.asked.committed(moment.now);
        let results = group.iter().zip(written).map(|(job, index)| appended(job, index?, &batches)).collect();
        let trees = batches
            .into_iter()
            .map(|(board, Grown { id, batch, .. })| (board, Tree { id, frontier: batch.frontier().clone() }));
        Ok((results, trees.collect()))
    }

    fn tree(&self, board: OrganisationNumber) -> rusqlite::Result<Tree> {
        if let Some(tree) = self.trees.get(&board) {
            self.must_be_ours(tree)?;
            return Ok(tree.clone());
        }
        self.connection.execute(
            "INSERT INTO tree (organisation, size, frontier, checkpoint) VALUES (?1, 0, x'', '')
             ON CONFLICT (organisation) DO NOTHING",
            [board.as_str()],
        )?;
        let id = self.connection.query_row(
            "SELECT id FROM tree WHERE organisation = ?1",
            [board.as_str()],
            |row| row.get(0),
        )?;
        retention::begin(&self.connection, &*self.vault, board)?;
        Ok(Tree { id, frontier: Frontier::new() })
    }

    /// The tree in the database is the one this process left there. If not, somebody else has written: signing on would
    /// make a second history.
    fn must_be_ours(&self, tree: &Tree) -> rusqlite::Result<()> {
        let (size, frontier): (i64, Vec<u8>) = self
            .connection
            .prepare_cached("SELECT size, frontier FROM tree WHERE id = ?1")?
            .query_row([tree.id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let ours = tree.frontier.hashes().iter().flat_map(|hash| hash.as_bytes());
        if size as u64 == tree.frontier.size() && frontier.iter().eq(ours) {
            Ok(())
        } else {
            Err(rusqlite::Error::ToSqlConversionFailure("the tree was changed by another process".into()))
        }
    }

    /// Stores the tree's new nodes and its signed checkpoint.
    fn grow(&self, board: OrganisationNumber, growth: Growth) -> rusqlite::Result<Grown> {
        let (id, begins) = (growth.tree.id, growth.tree.frontier.size() == 0);
        let batch = Batch::new(growth.tree.frontier, growth.hashes);
        let mut insert = self
            .connection
            .prepare_cached("INSERT INTO tile (tree, level, idx, hash) VALUES (?1, ?2, ?3, ?4)")?;
        for node in batch.completed() {
            insert.execute(params![id, node.level, node.index as i64, node.hash.as_bytes()])?;
        }
        let frontier = batch.frontier();
        if begins {
            // Its log begins: from now on it has a key. Failing shows in the next line.
            let _ = self.signer.create(board);
        }
        let checkpoint = self
            .signer
            .sign(board, frontier.size(), frontier.root())
            .ok_or_else(|| rusqlite::Error::ToSqlConversionFailure("no signing key".into()))?;
        let hashes: Vec<u8> = frontier.hashes().iter().flat_map(|hash| *hash.as_bytes()).collect();
        self.connection
            .prepare_cached("UPDATE tree SET size = ?2, frontier = ?3, checkpoint = ?4 WHERE id = ?1")?
            .execute(params![id, frontier.size() as i64, hashes, checkpoint])?;
        index_keys::keep(&self.connection, &*self.vault, board)?;
        Ok(Grown { id, batch: Arc::new(batch), checkpoint: checkpoint.into() })
    }
}

fn appended(
    job: &Job,
    index: u64,
    batches: &HashMap<OrganisationNumber, Grown>,
) -> Result<Appended, AppendError> {
    let Grown { batch, checkpoint, .. } = batches.get(&job.append.board).ok_or(AppendError::Unavailable)?;
    Ok(Appended { leaf_hash: job.leaf_hash, index, batch: batch.clone(), checkpoint: checkpoint.clone() })
}

#[cfg(test)]
mod tests;
