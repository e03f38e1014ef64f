//! Committing a group, and what becomes of it when the database fails or the disk is full.

use std::sync::atomic::Ordering;

use ssbtek_access_log::{Append, AppendError, Header, RecordKind};

use crate::{
    Fault,
    engine::Room,
    work::{Job, refuse},
    writer::Writer,
};

/// With how little space a record must still be written.
fn need_of(append: &Append) -> Room {
    if append.for_a_purge {
        return Room::Ends;
    }
    let Some(header) = Header::from_bytes(&append.leaf.header) else { return Room::Everything };
    match header.kind {
        RecordKind::Release | RecordKind::Withheld | RecordKind::AssumedDisclosed | RecordKind::Purge => {
            Room::Ends
        }
        RecordKind::Denial => Room::Refusals,
        RecordKind::Intent
        | RecordKind::RegistryChange
        | RecordKind::LogRead
        | RecordKind::SampleDrawn
        | RecordKind::Review
        | RecordKind::Delay
        | RecordKind::ProtectionLifted => Room::Everything,
    }
}

impl Writer {
    /// Commits a group and answers each of its jobs. When the disk is full, what can wait is refused and the rest tried again
    /// in the space kept for it.
    pub(crate) fn commit(&mut self, mut group: Vec<Job>) {
        let mut room = self.end.room();
        loop {
            if room > Room::Everything {
                group = refuse_below(room, group);
            }
            if group.is_empty() {
                return;
            }
            let fault = match self.write(&group) {
                Ok(results) => {
                    if !self.answers.give(group.into_iter().zip(results).collect()) {
                        self.poison();
                    }
                    return;
                }
                Err(fault) => fault,
            };
            self.held.rolled_back();
            match fault {
                Fault::Damaged(_) | Fault::Vault | Fault::Io => {
                    // Poisoned first: nobody may be told anything that leads to a next attempt.
                    self.poison();
                    return refuse(group, &AppendError::Poisoned);
                }
                Fault::Busy => {
                    tracing::warn!("the access log's database refused a group of entries for now");
                    return refuse(group, &AppendError::Unavailable);
                }
                Fault::Full => match self.end.make_room() {
                    Some(left) => room = left,
                    None => {
                        tracing::warn!("the access log's database refused a group of entries for now");
                        return refuse(group, &AppendError::Unavailable);
                    }
                },
            }
            tracing::error!(
                alarm = "disk_full",
                "the disk is full: questions are refused until there is space"
            );
        }
    }

    /// After an error outside a group of appends: what leaves the store untrustworthy poisons it. On a full disk such work waits, but
    /// for a purge, which has the reserve already.
    pub(crate) fn recover_from(&mut self, fault: Fault) {
        self.held.rolled_back();
        match fault {
            Fault::Damaged(_) | Fault::Vault | Fault::Io => self.poison(),
            Fault::Full => self.end.found_full(),
            Fault::Busy => {}
        }
    }

    pub(crate) fn poison(&self) {
        self.poisoned.store(true, Ordering::Release);
        tracing::error!("the access log's database failed; this process discloses nothing more");
        (self.on_poison)();
    }
}

/// Refuses what there is no room for; the rest goes on.
fn refuse_below(room: Room, group: Vec<Job>) -> Vec<Job> {
    let (goes_on, waits) = group.into_iter().partition(|job| need_of(&job.append) >= room);
    refuse(waits, &AppendError::Unavailable);
    goes_on
}
