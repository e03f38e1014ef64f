//! How every board stands, and what must alarm somebody.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::Duration;
use ssbtek_access_log::PurgeScope;
use ssbtek_domain::{DateTime, Deadline, EntryId, NaiveDate, OrganisationNumber, Utc, stockholm_date};

use crate::{
    Due, PlannedPurge, PurgeReceipt, Purger, Readiness, RetentionRow,
    ledger::Known,
    plan::{Counting, PlanError},
    time::Agreement,
};

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
    /// Purges, oldest first; those that are complete have their receipt.
    pub purges: Vec<Arc<Known>>,
    /// Boards whose purge failed when it was last tried, or of which it cannot be told what is due.
    pub failed: BTreeSet<OrganisationNumber>,
}

impl Status {
    /// Receipts, oldest first.
    pub fn receipts(&self) -> impl Iterator<Item = &PurgeReceipt> {
        self.purges.iter().filter_map(|known| known.receipt.as_ref())
    }
}

impl Purger {
    /// How retention stands at `now`, or later if another clock said so when last asked: a clock that is behind hides no
    /// alarm. Writes nothing, but raises the alarms in the event log.
    pub async fn status(&self, now: DateTime<Utc>, counting: Counting) -> Result<Status, PlanError> {
        self.status_but(now, counting, &BTreeSet::new()).await
    }

    /// The same, where of some boards it is known already that it cannot be told what is due.
    pub(crate) async fn status_but(
        &self,
        now: DateTime<Utc>,
        counting: Counting,
        unknown: &BTreeSet<OrganisationNumber>,
    ) -> Result<Status, PlanError> {
        let now = self.last_agreement().map_or(now, |agreement| agreement.latest(now));
        let plan = self.plan_but(now, counting, unknown).await?;
        let mut planned: BTreeMap<_, _> = plan.due.into_iter().map(|due| (due.row.board, due)).collect();
        let mut failed = self.failed();
        failed.extend(plan.unknown.iter().map(|(board, _)| *board));
        let mut boards = Vec::new();
        for board in self.log.trees().boards().await? {
            let Some(mut row) = self.store.row(board).await? else { continue };
            let due = planned.remove(&row.board);
            row.terms.handed_over_at = self.handed_over(&row).await?;
            boards.push(board_status(row, due, now));
        }
        for board in &boards {
            let name = board.row.board;
            if board.overdue {
                tracing::error!(board = %name, alarm = "purge_overdue", "a purge is overdue");
            }
            if board.handover_missing {
                tracing::warn!(board = %name, "the board's purge is near and it has not confirmed that it has its log");
            }
        }
        let ready = |board: &BoardStatus| !board.overdue && !failed.contains(&board.row.board);
        let mut readiness: Readiness = failed.iter().map(|board| (*board, false)).collect();
        readiness.extend(boards.iter().map(|board| (board.row.board, ready(board))));
        self.readiness.send_if_modified(|was| std::mem::replace(was, readiness) != *was);
        let unfinished = self.ledger.unfinished();
        Ok(Status {
            boards,
            clocks: self.last_agreement(),
            unfinished: unfinished.iter().map(|known| (known.purge, known.begun.target.board)).collect(),
            purges: self.ledger.known(),
            failed,
        })
    }

    /// Every board of which everything was erased, with the last day of the agreement that this followed on.
    pub fn purged(&self) -> Vec<(OrganisationNumber, Purged)> {
        let whole = |receipt: &PurgeReceipt| {
            let record = &receipt.record;
            let on = stockholm_date(record.begun_at);
            (record.scope == PurgeScope::Board)
                .then_some((receipt.board, Purged { ended_on: record.ended_on, on }))
        };
        self.ledger.known().iter().filter_map(|known| known.receipt.as_ref()).filter_map(whole).collect()
    }

    /// The receipt of one purge; `None` if there is no such purge or it is not complete.
    pub fn receipt(&self, purge: EntryId) -> Option<PurgeReceipt> {
        self.ledger.find(purge)?.receipt.clone()
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
