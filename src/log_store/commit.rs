//! Committing a group, and what becomes of it when the database fails or the disk is full.

use std::panic::Location;

use ssbtek_access_log::{Append, AppendError, Header, RecordKind};
use ssbtek_domain::OrganisationNumber;
use ssbtek_telemetry::FaultKind;

use crate::{
    Fault,
    engine::Room,
    group::Failed,
    trouble::{self, kind_of, tell_kind},
    work::{Job, refuse},
    writer::Writer,
};

/// With how little space everything of a job must still be written.
fn need_of(job: &Job) -> Room {
    job.records.iter().map(|record| need_of_one(&record.append)).min().unwrap_or(Room::Everything)
}

/// With how little space a record must still be written.
fn need_of_one(append: &Append) -> Room {
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
            let Failed { fault, board } = match self.write(&group) {
                Ok(results) => {
                    if !self.answers.give(group.into_iter().zip(results).collect()) {
                        self.fail(Location::caller(), None, FaultKind::Panic);
                    }
                    return;
                }
                Err(failed) => failed,
            };
            self.held.rolled_back();
            // What one board's row or key keeps from being written is that board's alone: nothing of the group is there, and the
            // others' part of it is tried again.
            if let (Some(board), Fault::Damaged(_) | Fault::Vault(_)) = (board, fault) {
                trouble::tell(Location::caller(), Some(board), fault);
                group = refuse_of(board, group);
                continue;
            }
            match fault {
                Fault::Damaged(_) | Fault::Vault(_) | Fault::Io => {
                    // Poisoned first: nobody may be told anything that leads to a next attempt.
                    self.fail(Location::caller(), one_board(&group), kind_of(fault));
                    return refuse(group, &AppendError::Poisoned);
                }
                Fault::Busy | Fault::Full => {
                    let left = if fault == Fault::Full { self.end.make_room() } else { None };
                    if let Some(left) = left {
                        tracing::error!(
                            alarm = "disk_full",
                            "the disk is full: questions are refused until there is space"
                        );
                        room = left;
                        continue;
                    }
                    let what = "the access log's database refused a group of entries for now";
                    tell_kind(Location::caller(), one_board(&group), kind_of(fault), what);
                    return refuse(group, &AppendError::Unavailable);
                }
            }
        }
    }

    /// After an error outside a group of appends: what leaves the store untrustworthy poisons it. On a full disk such work waits, but
    /// for a purge, which has the reserve already.
    pub(crate) fn recover_from(
        &mut self,
        at: &Location<'_>,
        board: Option<OrganisationNumber>,
        fault: Fault,
    ) {
        self.held.rolled_back();
        match fault {
            // Nothing of it is there: what one board's row or key keeps from being done is that board's alone.
            Fault::Damaged(_) | Fault::Vault(_) if board.is_some() => {}
            Fault::Damaged(_) | Fault::Vault(_) | Fault::Io => return self.fail(at, board, kind_of(fault)),
            Fault::Full => self.end.found_full(),
            Fault::Busy => {}
        }
        tell_kind(at, board, kind_of(fault), "the access log's database did not do what keeps it in order");
    }

    /// Nothing more is acknowledged from here on. Told of here, and nowhere else.
    pub(crate) fn fail(&self, at: &Location<'_>, board: Option<OrganisationNumber>, kind: FaultKind) {
        self.poison.set();
        tell_kind(at, board, kind, "the access log's database failed; this process discloses nothing more");
    }
}

/// Refuses what is one board's; the rest goes on.
fn refuse_of(board: OrganisationNumber, group: Vec<Job>) -> Vec<Job> {
    let (theirs, goes_on) = group.into_iter().partition(|job| job.board == board);
    refuse(theirs, &AppendError::Unavailable);
    goes_on
}

/// The board that a group is about, if it is one.
fn one_board(group: &[Job]) -> Option<OrganisationNumber> {
    let board = group.first()?.board;
    group.iter().all(|job| job.board == board).then_some(board)
}

/// Refuses what there is no room for; the rest goes on.
fn refuse_below(room: Room, group: Vec<Job>) -> Vec<Job> {
    let (goes_on, waits) = group.into_iter().partition(|job| need_of(job) >= room);
    refuse(waits, &AppendError::Unavailable);
    goes_on
}
