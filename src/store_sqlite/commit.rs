//! Committing a group, and what becomes of it when the database fails or the disk is full.

use std::sync::atomic::Ordering;

use rusqlite::Connection;
use ssbtek_access_log::{Append, AppendError, Header, RecordKind};

use crate::{
    fault::Fault,
    writer::{Job, Writer},
};

/// How much a record is needed while there is little space, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// It can be refused: nobody has been asked or told anything yet.
    CanWait,
    /// A refusal, which the log owes the person.
    Refusal,
    /// The end of a question under way, or the receipt of a purge.
    Must,
}

impl Need {
    fn of(append: &Append) -> Self {
        let Some(header) = Header::from_bytes(&append.leaf.header) else { return Need::CanWait };
        match header.kind {
            RecordKind::Release | RecordKind::Withheld | RecordKind::AssumedDisclosed | RecordKind::Purge => {
                Need::Must
            }
            RecordKind::Denial => Need::Refusal,
            RecordKind::Intent
            | RecordKind::RegistryChange
            | RecordKind::LogRead
            | RecordKind::SampleDrawn
            | RecordKind::Review
            | RecordKind::Delay
            | RecordKind::ProtectionLifted => Need::CanWait,
        }
    }
}

impl Writer {
    /// Commits a group and answers each of its jobs. When the disk is full, what can wait is refused and the rest tried again
    /// in the space kept for it.
    pub(crate) fn commit(&mut self, mut group: Vec<Job>) {
        let mut least = self.least_need();
        loop {
            if least > Need::CanWait {
                group = refuse_below(least, group);
            }
            if group.is_empty() {
                return;
            }
            let error = match self.write(&group) {
                Ok((results, trees)) => {
                    self.trees.extend(trees);
                    if !self.answers.give(group.into_iter().zip(results).collect()) {
                        self.poison();
                    }
                    return;
                }
                Err(error) => error,
            };
            self.roll_back();
            match Fault::of(&error) {
                Fault::Fatal => {
                    // Poisoned first: nobody may be told anything that leads to a next attempt.
                    self.poison();
                    return refuse(group, &AppendError::Poisoned);
                }
                Fault::Full if self.reserve.give_half() => least = Need::Refusal,
                Fault::Full if self.reserve.give_all() => least = Need::Must,
                Fault::Full | Fault::Passing => {
                    tracing::warn!("the access log's database refused a group of entries for now");
                    return refuse(group, &AppendError::Unavailable);
                }
            }
            tracing::error!(
                alarm = "disk_full",
                "the disk is full: questions are refused until there is space"
            );
        }
    }

    /// What is written now: everything, unless the disk is full.
    fn least_need(&mut self) -> Need {
        match self.reserve.is_full() {
            false => Need::CanWait,
            true if self.reserve.has_half() => Need::Refusal,
            true => Need::Must,
        }
    }

    /// Rolls back after an error outside a group of appends; a fatal one poisons the store. On a full disk such work waits, but
    /// for a purge, which has the reserve already.
    pub(crate) fn recover_from(&mut self, fault: Fault) {
        self.roll_back();
        match fault {
            Fault::Fatal => self.poison(),
            Fault::Full => self.reserve.found_full(),
            Fault::Passing => {}
        }
    }

    fn roll_back(&mut self) {
        // Failing to roll back is no news: there may be no transaction, and the next BEGIN tells.
        let _ = self.connection.execute_batch("ROLLBACK");
        self.tokens.rolled_back();
        self.asked.rolled_back();
        self.sealed.forget();
    }

    pub(crate) fn poison(&self) {
        self.poisoned.store(true, Ordering::Release);
        tracing::error!("the access log's database failed; this process discloses nothing more");
        (self.on_poison)();
    }
}

/// Lets the connection move the write-ahead log into the database itself once it holds so many pages, and report what fails: SQLite's own way hides a failed
/// sync of the database file and later throws away the log that still held what was lost.
pub(crate) fn checkpoint_openly(connection: &mut Connection, after_pages: u32) -> rusqlite::Result<()> {
    connection.wal_hook(Some(move |wal: &mut rusqlite::hooks::Wal, pages: i32| {
        if pages.unsigned_abs() < after_pages {
            return Ok(());
        }
        match wal.checkpoint() {
            // No space in the database file, or a reader in the way: what was committed is safe in the log.
            Err(error) if Fault::of(&error) != Fault::Fatal => Ok(()),
            done => done,
        }
    }))
}

/// Refuses what is needed less than `least`; the rest goes on.
fn refuse_below(least: Need, group: Vec<Job>) -> Vec<Job> {
    let (goes_on, waits) = group.into_iter().partition(|job| Need::of(&job.append) >= least);
    refuse(waits, &AppendError::Unavailable);
    goes_on
}

pub(crate) fn refuse(group: Vec<Job>, error: &AppendError) {
    for job in group {
        let _ = job.reply.send(Err(error.clone()));
    }
}
