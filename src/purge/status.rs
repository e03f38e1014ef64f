//! How every board stands, and what must alarm somebody.

use chrono::Duration;
use ssbtek_access_log::PurgeScope;
use ssbtek_domain::{DateTime, Deadline, EntryId, NaiveDate, OrganisationNumber, Utc, stockholm_date};

use crate::{Due, PlannedPurge, PurgeReceipt, Purger, RetentionRow, plan::PlanError, time::Agreement};

/// A purge that is due for longer than this is overdue, in hours.
const GRACE_H: i64 = 6;

/// How one board stands.
#[derive(Debug, Clone)]
pub struct BoardStatus {
    /// What the store knows of it.
    pub row: RetentionRow,
    /// Its deadline, once its agreement has an end.
    pub deadline: Option<Deadline>,
    /// What is due.
    pub planned: Option<PlannedPurge>,
    /// Whether that has been due too long: the board's readiness is red.
    pub overdue: bool,
    /// Whether the end is near and the board has not confirmed that it has its log.
    pub handover_missing: bool,
}

/// That everything of a board was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purged {
    /// The last day of the agreement that this followed on.
    pub ended_on: Option<NaiveDate>,
    /// When.
    pub on: NaiveDate,
}

/// How retention stands.
#[derive(Debug, Clone)]
pub struct Status {
    /// Every board.
    pub boards: Vec<BoardStatus>,
    /// What the clocks said when a purge last asked them.
    pub clocks: Option<Agreement>,
    /// Purges that were begun and are not complete.
    pub unfinished: Vec<(EntryId, OrganisationNumber)>,
    /// Receipts, oldest first.
    pub receipts: Vec<PurgeReceipt>,
}

impl Purger {
    /// How retention stands at `now`, or later if another clock said so when last asked: a clock that is behind hides no
    /// alarm. Writes nothing, but raises the alarms in the event log.
    pub async fn status(&self, now: DateTime<Utc>) -> Result<Status, PlanError> {
        let now = self.last_agreement().map_or(now, |agreement| agreement.latest(now));
        let mut planned = self.plan(now).await?;
        let known = self.ledger.known();
        let boards: Vec<BoardStatus> = self
            .store
            .boards()
            .await?
            .into_iter()
            .map(|row| {
                let at = planned.iter().position(|plan| plan.row.board == row.board);
                let plan = at.map(|at| planned.swap_remove(at));
                board_status(row, plan, now)
            })
            .collect();
        for board in &boards {
            let name = board.row.board;
            if board.overdue {
                tracing::error!(board = %name, alarm = "purge_overdue", "a purge is overdue");
            }
            if board.handover_missing {
                tracing::warn!(board = %name, "the board's purge is near and it has not confirmed that it has its log");
            }
        }
        let readiness = boards.iter().map(|board| (board.row.board, !board.overdue)).collect();
        self.readiness.send_if_modified(|was| std::mem::replace(was, readiness) != *was);
        let unfinished = known.iter().filter(|known| known.receipt.is_none());
        Ok(Status {
            boards,
            clocks: self.last_agreement(),
            unfinished: unfinished.map(|known| (known.purge, known.begun.target.board)).collect(),
            receipts: known.into_iter().filter_map(|known| known.receipt).collect(),
        })
    }

    /// Every board of which everything was erased, with the last day of the agreement that this followed on.
    pub fn purged(&self) -> Vec<(OrganisationNumber, Purged)> {
        let whole = |receipt: PurgeReceipt| {
            let record = receipt.record;
            let on = stockholm_date(record.begun_at);
            (record.scope == PurgeScope::Board)
                .then_some((receipt.board, Purged { ended_on: record.ended_on, on }))
        };
        self.ledger.known().into_iter().filter_map(|known| known.receipt).filter_map(whole).collect()
    }

    /// The receipt of one purge; `None` if there is no such purge or it is not complete.
    pub fn receipt(&self, purge: EntryId) -> Option<PurgeReceipt> {
        self.ledger.known().into_iter().find(|known| known.purge == purge)?.receipt
    }
}

fn board_status(row: RetentionRow, planned: Option<PlannedPurge>, now: DateTime<Utc>) -> BoardStatus {
    let deadline = row.terms.ended_on.and_then(Deadline::after);
    let overdue = planned
        .as_ref()
        .is_some_and(|plan| plan.due == Due::Now && plan.since + Duration::hours(GRACE_H) <= now);
    let not_yet = planned.as_ref().is_none_or(|plan| plan.scope != PurgeScope::Board);
    let near = deadline.is_some_and(|deadline| deadline.warn_from() <= now) && not_yet;
    let handover_missing = near && row.terms.handed_over_at.is_none();
    BoardStatus { row, deadline, planned, overdue, handover_missing }
}
