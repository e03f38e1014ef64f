//! The one writer: gathers appends into groups, commits each group with one sync, answers when it is durable.
//!
//! Everybody waits for it, so what it does for one is bounded, whatever the log holds. For each append, of which a job has
//! `store::MOST_TOGETHER` at most: its checks (a spent
//! token and a bound on questions in memory, open entries, document versions and the documents of a re-check each by a key),
//! its rows (a leaf, a tree node for each level that is complete, a row for each document). For each group: a row of tokens, a
//! signature for each board in it, and the rows of the look-up index that lead to its leaves; once more for each board whose own key
//! or row fails only when it is needed, without that board. Between two groups: one batch of a purge, or 256 free pages, or one row. Moving the write-ahead log into the database costs what `checkpoint_pages` pages do.

use std::{
    panic::Location,
    sync::mpsc::{Receiver, TryRecvError},
    thread,
    time::{Duration, Instant},
};

use ssbtek_access_log::{AppendError, Appended, StoreError};
use ssbtek_domain::OrganisationNumber;
use ssbtek_telemetry::FaultKind;

use crate::{
    Fault, Poison,
    answers::Answers,
    engine::{WritingEnd, change},
    group::{Failed, Held},
    kept,
    work::{Job, Work, refuse},
};

/// How often it is looked whether company has come.
const LOOK_AGAIN: Duration = Duration::from_micros(100);

/// What the writer thread owns.
pub(crate) struct Writer {
    pub(crate) end: Box<dyn WritingEnd>,
    pub(crate) held: Held,
    pub(crate) answers: Answers,
    pub(crate) poison: Poison,
    pub(crate) gather: Duration,
    pub(crate) max_group: usize,
    pub(crate) max_kept_checkpoints: usize,
}

impl Drop for Writer {
    /// A writer that panics has failed like one whose database has: whoever waits must not be told that all is well.
    fn drop(&mut self) {
        if thread::panicking() {
            self.fail(Location::caller(), None, FaultKind::Panic);
        }
    }
}

impl Writer {
    /// Runs until all senders are gone.
    pub(crate) fn run(mut self, work: &Receiver<Box<Work<Self>>>) {
        let mut busy = false;
        let mut next = None;
        let mut closed = None;
        while let Some(first) = next.take().or_else(|| work.recv().ok()) {
            let first = match *first {
                Work::Append(job) => job,
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
            if self.poison.is_set() {
                refuse(group, &AppendError::Poisoned);
            } else if !group.is_empty() {
                self.commit(group);
            }
        }
        self.end.close();
        drop(self);
        if let Some(closed) = closed {
            let _ = closed.send(());
        }
    }

    /// A group of appends, and what came that is none.
    fn gather(
        &self,
        first: Job,
        work: &Receiver<Box<Work<Self>>>,
        busy: bool,
    ) -> (Vec<Job>, Option<Box<Work<Self>>>) {
        let (mut group, mut records) = (Vec::new(), first.records.len());
        group.push(first);
        let until = Instant::now() + if busy { self.gather } else { Duration::ZERO };
        while records < self.max_group {
            match work.try_recv() {
                Ok(next) => match *next {
                    Work::Append(job) => {
                        records += job.records.len();
                        group.push(job);
                    }
                    other => return (group, Some(Box::new(other))),
                },
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
        if self.poison.is_set() {
            return Err(StoreError::Io);
        }
        let tree = self.held.tree_id(board).ok_or(StoreError::Damaged)?;
        let (vault, most) = (self.held.vault.clone(), self.max_kept_checkpoints);
        let kept = change(&mut *self.end, |changes| kept::keep(changes, &*vault, tree, (size, note), most));
        if kept.is_ok() {
            let newest = self.held.kept.entry(tree).or_default();
            *newest = size.max(*newest);
        }
        kept.map_err(|fault| {
            self.recover_from(Location::caller(), Some(board), fault);
            fault.into()
        })
    }

    /// Writes a group, and gives what became of each; nothing of it is there after an error.
    pub(crate) fn write(&mut self, group: &[Job]) -> Result<Vec<Result<Vec<Appended>, AppendError>>, Failed> {
        let (held, mut written) = (&mut self.held, Err(Failed::from(Fault::Io)));
        let done = self.end.change(&mut |changes| {
            written = held.write(changes, group);
            written.as_ref().map(drop).map_err(|failed| failed.fault)
        });
        match (done, written) {
            (Ok(()), written) => Ok(self.held.committed(group, written?)),
            // Whose it was; unless the engine has failed at undoing it.
            (Err(fault), Err(failed)) if failed.fault == fault => Err(failed),
            (Err(fault), _) => Err(fault.into()),
        }
    }
}

#[cfg(test)]
mod tests;
