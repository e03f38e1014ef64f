//! Changing how long a board's content is kept: the end of its agreement, its own retention, legal holds, the handover. Every
//! change is one record in the board's log, in one transaction with what it changes; a wrong one changes nothing.

use ssbtek_access_log::{BoardTerms, ChangeError, DocumentWrite, LegalHold, LogError, StoreError, TreeAt};
use ssbtek_authorize::{AskError, Board, DocumentRef, TokenUse, Versioned};
use ssbtek_domain::{NaiveDate, OrganisationNumber, stockholm_date};

use crate::{Deadline, Purger};

/// Most whole months that log payloads can be kept.
const MAX_LOG_MONTHS: u32 = 120;
/// Longest legal hold, in days; it can be placed anew.
const MAX_HOLD_DAYS: i64 = 366;

/// Why terms were not changed; they are as they were.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// A field is wrong.
    #[error(transparent)]
    Invalid(#[from] AskError),
    /// No such board, or it is purged already.
    #[error("organisation_number: is not registered")]
    Unknown,
    /// Changed at the same time.
    #[error("was changed at the same time; try again")]
    Raced,
    /// Not now.
    #[error("the broker cannot take the change now")]
    Unavailable,
}

impl From<StoreError> for TermsError {
    fn from(_: StoreError) -> Self {
        TermsError::Unavailable
    }
}

impl From<LogError> for TermsError {
    fn from(_: LogError) -> Self {
        TermsError::Unavailable
    }
}

impl From<ChangeError> for TermsError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Conflict => TermsError::Raced,
            ChangeError::Log(_) => TermsError::Unavailable,
        }
    }
}

fn invalid<T>(field: &'static str, reason: &str) -> Result<T, TermsError> {
    Err(AskError::new(field, reason).into())
}

impl Purger {
    /// Ends a board's agreement: `last_day` is the last day on which it may ask. May be moved while it has not passed.
    /// Returns the deadline that follows.
    pub async fn end_agreement(
        &self,
        board: OrganisationNumber,
        last_day: NaiveDate,
    ) -> Result<Deadline, TermsError> {
        let mut found = self.board(board).await?;
        let (terms, deadline) = self.terms_after_end(board, last_day).await?;
        found.body.end_on(last_day, self.clock.now());
        let write = DocumentWrite::new(DocumentRef::board(board), found.version, &found.body)?;
        self.log.change_terms(board, "operator", "end_agreement", None, vec![write], Some(terms)).await?;
        Ok(deadline)
    }

    /// The terms that follow when a board's agreement ends on `last_day`, and the deadline. Changes nothing.
    pub async fn terms_after_end(
        &self,
        board: OrganisationNumber,
        last_day: NaiveDate,
    ) -> Result<(BoardTerms, Deadline), TermsError> {
        let found = self.board(board).await?;
        let mut terms = self.terms(board).await?;
        let today = stockholm_date(self.clock.now());
        if terms.ended_on.is_some_and(|ended_on| ended_on < today) {
            return invalid("last_day", "the agreement has ended; its end can no longer be moved");
        }
        if found
            .body
            .assertion_keys
            .iter()
            .map(|key| stockholm_date(key.valid_from))
            .min()
            .is_some_and(|began| last_day < began)
        {
            return invalid("last_day", "lies before the agreement began");
        }
        if last_day < today {
            return invalid("last_day", "lies in the past");
        }
        let Some(deadline) = Deadline::after(last_day) else {
            return invalid("last_day", "lies too far ahead");
        };
        if terms.held.as_ref().is_some_and(|held| held.until > deadline.limit_on) {
            return invalid("last_day", "a legal hold reaches past the limit that follows; shorten it first");
        }
        (terms.ended_on, terms.due_at) = (Some(last_day), Some(deadline.due_at));
        Ok((terms, deadline))
    }

    /// Sets how many whole months a board's log payloads are kept; `None`: the deployment's own.
    pub async fn set_log_months(
        &self,
        board: OrganisationNumber,
        months: Option<u32>,
    ) -> Result<(), TermsError> {
        self.board(board).await?;
        let mut terms = self.terms(board).await?;
        if months.is_some_and(|months| months < self.policy.min_log_months) {
            return invalid("months", "is shorter than the processing history must be kept");
        }
        if months.is_some_and(|months| months > MAX_LOG_MONTHS) {
            return invalid("months", "must be at most 120");
        }
        terms.log_months = months;
        self.change(board, "operator", "set_log_retention", None, terms).await
    }

    /// Places a legal hold, or places it anew: what expires is hidden but not erased until it ends. Never past the end of
    /// the agreement + one calendar month.
    pub async fn place_hold(&self, board: OrganisationNumber, hold: LegalHold) -> Result<(), TermsError> {
        self.board(board).await?;
        let mut terms = self.terms(board).await?;
        let today = stockholm_date(self.clock.now());
        let [first, second] = &hold.by;
        let named = |name: &str| {
            let length = name.trim().chars().count();
            (3..=100).contains(&length) && name == name.trim() && !name.chars().any(char::is_control)
        };
        if !named(first) || !named(second) {
            return invalid("by", "must name two people, 3 to 100 characters each");
        }
        if first.to_lowercase() == second.to_lowercase() {
            return invalid("by", "must name two different people");
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '.' | ':' | ' ');
        if hold.reference.is_empty() || hold.reference.len() > 40 || !hold.reference.chars().all(plain) {
            return invalid("reference", "must be a reference number, 1 to 40 letters, digits and -/.:");
        }
        if hold.until < today || (hold.until - today).num_days() > MAX_HOLD_DAYS {
            return invalid("until", "must lie between today and a year ahead");
        }
        let limit = terms.ended_on.and_then(Deadline::after).map(|deadline| deadline.limit_on);
        if limit.is_some_and(|limit| hold.until > limit) {
            return invalid(
                "until",
                "lies past the agreement's end + one calendar month, which nothing extends",
            );
        }
        terms.held = Some(hold);
        self.change(board, "operator", "place_legal_hold", None, terms).await
    }

    /// Ends a legal hold today; the next receipt still tells of it.
    pub async fn lift_hold(&self, board: OrganisationNumber) -> Result<(), TermsError> {
        self.board(board).await?;
        let mut terms = self.terms(board).await?;
        let Some(held) = &mut terms.held else { return invalid("organisation_number", "has no legal hold") };
        let today = stockholm_date(self.clock.now());
        held.until = held.until.min(today.pred_opt().unwrap_or(today));
        self.change(board, "operator", "lift_legal_hold", None, terms).await
    }

    /// Records that a board has its whole log, as it stood at `has`. `by`: the account that says so, and its assertion.
    pub async fn confirm_handover(
        &self,
        board: OrganisationNumber,
        by: &str,
        once: TokenUse,
        has: TreeAt,
    ) -> Result<(), TermsError> {
        let mut terms = self.terms(board).await?;
        if terms.ended_on.is_none() {
            return invalid("size", "the agreement has no end yet");
        }
        let whole = self.store.tree(board, None).await?;
        if has.size > whole.size || self.store.tree(board, Some(has.size)).await? != has {
            return invalid("root", "is not the root of the board's log at that size");
        }
        terms.handed_over_at = Some(self.clock.now());
        self.change(board, by, "confirm_handover", Some(once), terms).await
    }

    async fn change(
        &self,
        board: OrganisationNumber,
        by: &str,
        action: &'static str,
        once: Option<TokenUse>,
        terms: BoardTerms,
    ) -> Result<(), TermsError> {
        self.log.change_terms(board, by, action, once, Vec::new(), Some(terms)).await?;
        Ok(())
    }

    async fn board(&self, board: OrganisationNumber) -> Result<Versioned<Board>, TermsError> {
        self.log.document(&DocumentRef::board(board)).await?.ok_or(TermsError::Unknown)
    }

    async fn terms(&self, board: OrganisationNumber) -> Result<BoardTerms, TermsError> {
        let rows = self.store.boards().await?;
        Ok(rows.into_iter().find(|row| row.board == board).map(|row| row.terms).unwrap_or_default())
    }
}
