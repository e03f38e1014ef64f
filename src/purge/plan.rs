//! What is due now, board by board. Reads only.

use std::{collections::BTreeSet, panic::Location};

use chrono::{NaiveDate, TimeDelta};
use ssbtek_access_log::{PurgeScope, StoreError};
use ssbtek_domain::{
    DateTime, OrganisationNumber, Utc,
    calendar::{days_before, first_visible_month, month_expires_at},
    stockholm_date,
};
use ssbtek_vault::KeyId;

use crate::{EraseTarget, Purger, RetentionRow, port::Counts, purger::tell, replay::blocking};

/// Keys of a board that a purge of the whole board leaves: one signs checkpoints and opens nothing, the other opens only
/// the receipts of purges.
const KEPT: [&str; 2] = ["sign", "receipt"];

/// Whether a purge may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// Now.
    Now,
    /// Kept under a legal hold until the end of this day.
    Held(NaiveDate),
}

/// A purge that is due.
#[derive(Debug, Clone)]
pub struct PlannedPurge {
    /// What the store knows of the board.
    pub row: RetentionRow,
    /// What it is about.
    pub scope: PurgeScope,
    /// Whether it may run.
    pub due: Due,
    /// Since when it has been due.
    pub since: DateTime<Utc>,
    /// Months of the log.
    pub months: Vec<String>,
    /// What is to be erased; `leaves_below` is settled when it begins.
    pub target: EraseTarget,
    /// How much that is, where it was counted.
    pub counts: Counts,
}

/// Everything that is due.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// What, board by board.
    pub due: Vec<PlannedPurge>,
    /// Boards of which it cannot be told: what is stored of them cannot be read, or is not as it was written.
    pub unknown: Vec<(OrganisationNumber, Unknown)>,
}

/// Why it cannot be told what is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// Its terms of retention are not as they were written.
    Terms,
    /// Something cannot be read, and whoever found it has told of it.
    Told,
}

/// Whether records are counted, which reads every one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// For somebody who looks.
    With,
    /// For a sweep.
    Without,
}

/// The purge cannot be planned now. Whoever found why has told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the store or the vault cannot be read now")]
pub struct PlanError;

impl From<StoreError> for PlanError {
    fn from(_: StoreError) -> Self {
        PlanError
    }
}

impl Purger {
    /// Everything that is due at `now`.
    pub async fn plan(&self, now: DateTime<Utc>, counting: Counting) -> Result<Plan, PlanError> {
        self.plan_but(now, counting, &BTreeSet::new()).await
    }

    /// The same but for some boards.
    pub(crate) async fn plan_but(
        &self,
        now: DateTime<Utc>,
        counting: Counting,
        left_out: &BTreeSet<OrganisationNumber>,
    ) -> Result<Plan, PlanError> {
        let (mut plan, mut listed) = (Plan::default(), None);
        let mut boards = self.log.trees().boards().await?;
        boards.retain(|board| !left_out.contains(board));
        for board in boards {
            let Some(row) = self.store.row(board).await? else {
                plan.unknown.push((board, Unknown::Terms));
                continue;
            };
            match self.plan_board(row, now, counting, &mut listed).await {
                Ok(due) => plan.due.extend(due),
                Err(PlanError) => plan.unknown.push((board, Unknown::Told)),
            }
        }
        Ok(plan)
    }

    async fn plan_board(
        &self,
        row: RetentionRow,
        now: DateTime<Utc>,
        counting: Counting,
        listed: &mut Option<Vec<KeyId>>,
    ) -> Result<Option<PlannedPurge>, PlanError> {
        let mut due = match row.terms.due_at {
            Some(due_at) if due_at <= now => self.whole_board(row, due_at, listed).await?,
            _ => self.expired(row, now).await?,
        };
        if let Some(plan) = &mut due
            && counting == Counting::With
        {
            plan.counts = self.store.count(&plan.target).await?;
        }
        Ok(due)
    }

    async fn whole_board(
        &self,
        row: RetentionRow,
        since: DateTime<Utc>,
        listed: &mut Option<Vec<KeyId>>,
    ) -> Result<Option<PlannedPurge>, PlanError> {
        let board = row.board;
        let mut keys = self.keys_of(board, listed).await?;
        // A file may be gone now and be back later: what counts is what was sealed.
        keys.extend(self.store.keys_rested_on(board).await?.into_iter().filter(|key| goes(key, board)));
        keys.sort_unstable();
        keys.dedup();
        let documents = self.store.certificate_names(board).await?;
        let target = EraseTarget { board, leaves_below: u64::MAX, keys, documents };
        let months = self.store.log_months(board).await?;
        let counts = Counts::default();
        Ok(Some(PlannedPurge { row, scope: PurgeScope::Board, due: Due::Now, since, months, target, counts }))
    }

    async fn expired(
        &self,
        row: RetentionRow,
        now: DateTime<Utc>,
    ) -> Result<Option<PlannedPurge>, PlanError> {
        let board = row.board;
        let kept = row.terms.log_months.unwrap_or(self.policy.log_months);
        let first_visible = first_visible_month(now, kept);
        let months = self.store.log_months(board).await?;
        let months: Vec<String> = months.into_iter().filter(|month| *month < first_visible).collect();
        let life = TimeDelta::days(i64::from(self.policy.case_days));
        let cases = self.store.expired_cases(board, days_before(now, self.policy.case_days)).await?;
        if months.is_empty() && cases.is_empty() {
            return Ok(None);
        }
        let month_due = months.first().map(|month| month_expires_at(month, kept).unwrap_or(now));
        let case_due = cases.iter().filter_map(|(_, closed_at)| closed_at.checked_add_signed(life)).min();
        let since = month_due.into_iter().chain(case_due).min().unwrap_or(now);
        let log_key = |month: &String| KeyId::new(&["log", board.as_str(), month]);
        let keys = months.iter().map(log_key).chain(cases.into_iter().map(|(key, _)| key)).collect();
        let target = EraseTarget { board, leaves_below: u64::MAX, keys, documents: Vec::new() };
        let counts = Counts::default();
        let held =
            row.terms.held.as_ref().map(|held| held.until).filter(|until| stockholm_date(now) <= *until);
        let due = held.map_or(Due::Now, Due::Held);
        Ok(Some(PlannedPurge { row, scope: PurgeScope::Expired, due, since, months, target, counts }))
    }

    /// `listed`: all keys, once they have been listed for one board.
    async fn keys_of(
        &self,
        board: OrganisationNumber,
        listed: &mut Option<Vec<KeyId>>,
    ) -> Result<Vec<KeyId>, PlanError> {
        let keys = match listed {
            Some(keys) => keys,
            None => {
                let vault = self.vault.clone();
                let keys = blocking(move || Ok(vault.list()?)).await;
                let keys = keys.map_err(|error| {
                    tell(Location::caller(), Some(board), &error);
                    PlanError
                })?;
                listed.insert(keys)
            }
        };
        Ok(keys.iter().filter(|key| goes(key, board)).cloned().collect())
    }
}

/// Whether a purge of the whole board destroys this key.
fn goes(key: &KeyId, board: OrganisationNumber) -> bool {
    key.is_of(board.as_str()) && !KEPT.contains(&key.kind())
}
