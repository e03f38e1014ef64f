//! What has expired is invisible by the query itself, whether it is erased yet or not.

use ssbtek_access_log::StoredLeaf;
use ssbtek_domain::{
    DateTime, OrganisationNumber, Utc,
    calendar::{days_before, first_visible_month},
};
use ssbtek_vault::{KeyId, Vault};

use crate::{
    engine::{Done, Rows},
    retention::{self, StoredTerms},
};

/// How long things are visible where no board says otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    /// Whole calendar months that log payloads are kept after the month in which they were made.
    pub log_months: u32,
    /// Days that a case is kept after it was closed.
    pub case_days: u32,
}

impl Default for Lifetimes {
    fn default() -> Self {
        let policy = ssbtek_purge::Policy::default();
        Self { log_months: policy.log_months, case_days: policy.case_days }
    }
}

/// A moment, as the store's queries see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) now: DateTime<Utc>,
    pub(crate) lifetimes: Lifetimes,
}

/// What of a board's log is visible.
pub(crate) struct VisibleLog {
    /// Payloads under this key or a later month's; `None`: nothing.
    first: Option<KeyId>,
    /// What receipts of purges are sealed under: they always are.
    receipt: KeyId,
}

impl VisibleLog {
    /// The key of the first month that is visible; `None`: nothing is.
    pub(crate) fn first(&self) -> Option<&KeyId> {
        self.first.as_ref()
    }

    /// Whether a payload under this key is visible. Receipts of purges always are.
    pub(crate) fn shows(&self, key: &KeyId) -> bool {
        *key == self.receipt || self.first.as_ref().is_some_and(|first| key >= first)
    }
}

impl VisibleLog {
    /// Takes away what is sealed in leaves that have expired.
    pub(crate) fn hide(&self, leaves: &mut [StoredLeaf]) {
        for leaf in leaves.iter_mut().filter(|leaf| !self.shows(&leaf.key)) {
            leaf.sealed = None;
        }
    }
}

impl Moment {
    /// Whether anything of a board is visible.
    pub(crate) fn shows_board(
        &self,
        rows: &dyn Rows,
        vault: &dyn Vault,
        board: OrganisationNumber,
    ) -> Done<bool> {
        Ok(self.shows(&retention::read(rows, vault, board)?.unwrap_or_default()))
    }

    fn shows(&self, stored: &StoredTerms) -> bool {
        stored.terms.due_at.is_none_or(|due_at| self.now < due_at)
    }

    /// What of a board's log is visible.
    pub(crate) fn log(
        &self,
        rows: &dyn Rows,
        vault: &dyn Vault,
        board: OrganisationNumber,
    ) -> Done<VisibleLog> {
        let receipt = KeyId::new(&["receipt", board.as_str()]);
        let stored = retention::read(rows, vault, board)?.unwrap_or_default();
        if !self.shows(&stored) {
            return Ok(VisibleLog { first: None, receipt });
        }
        let kept = stored.terms.log_months.unwrap_or(self.lifetimes.log_months);
        let first = first_visible_month(self.now, kept);
        Ok(VisibleLog { first: Some(KeyId::new(&["log", board.as_str(), &first])), receipt })
    }

    /// Cases closed at or before this moment (seconds since 1970) are invisible.
    pub(crate) fn closed_before(&self) -> i64 {
        days_before(self.now, self.lifetimes.case_days).timestamp()
    }
}
