//! Changing how long a board's content is kept: its own retention, legal holds, the handover. Every change is one record in
//! the board's log, in one transaction with what it changes, and only of the terms as they were read; a wrong one changes
//! nothing. That an agreement ends is a step of the board's life, taken at the registry's desk.

use std::collections::BTreeMap;

use ssbtek_access_log::{
    BoardTerms, ByTwo, Change, ChangeError, LegalHold, LogError, OPERATOR, StoreError, TreeAt,
};
use ssbtek_authorize::{AskError, Board, DocumentRef, TokenUse};
use ssbtek_domain::{DateTime, Deadline, NaiveDate, OrganisationNumber, Utc};

use crate::{Purger, RetentionRow};

/// Most whole months that log payloads can be kept.
const MAX_LOG_MONTHS: u32 = 120;
/// Longest legal hold, in days; it can be placed anew.
const MAX_HOLD_DAYS: i64 = 366;
/// How often a change is tried when others change the same terms.
const ATTEMPTS: u32 = 16;

/// Who changes terms, and how the record tells it.
struct Deed {
    by: String,
    action: &'static str,
    to: BTreeMap<String, String>,
    once: Option<TokenUse>,
    by_two: Option<ByTwo>,
}

impl Deed {
    fn of_operators(by_two: Option<ByTwo>, action: &'static str) -> Self {
        let by = by_two.as_ref().map_or(OPERATOR.to_owned(), ByTwo::name);
        Self { by, action, to: BTreeMap::new(), once: None, by_two }
    }

    fn to(mut self, name: &str, value: impl ToString) -> Self {
        self.to.insert(name.to_owned(), value.to_string());
        self
    }
}

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
    /// Only proposed: another operator must make the same call before then.
    #[error("is only proposed")]
    AwaitsSecond(DateTime<Utc>),
    /// The assertion was used before.
    #[error("the assertion was used before")]
    AssertionUsed,
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
    fn from(error: LogError) -> Self {
        match error {
            LogError::TokenUsed => TermsError::AssertionUsed,
            LogError::Denied(_) | LogError::Unavailable | LogError::Poisoned => TermsError::Unavailable,
        }
    }
}

impl From<ChangeError> for TermsError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Conflict => TermsError::Raced,
            ChangeError::Proposed(until) => TermsError::AwaitsSecond(until),
            ChangeError::Log(error) => error.into(),
        }
    }
}

fn invalid<T>(field: &'static str, reason: &str) -> Result<T, TermsError> {
    Err(AskError::new(field, reason).into())
}

/// Ends a hold that stands today.
fn lifted(terms: &mut BoardTerms, today: NaiveDate) -> Result<(), TermsError> {
    match terms.held.as_mut().filter(|held| held.until >= today) {
        None => invalid("organisation_number", "has no legal hold"),
        Some(held) => {
            held.until = today.pred_opt().unwrap_or(today);
            Ok(())
        }
    }
}

impl Purger {
    /// Sets how many whole months a board's log payloads are kept; `None`: the deployment's own. `by`: the two operators who do.
    pub async fn set_log_months(
        &self,
        board: OrganisationNumber,
        months: Option<u32>,
        by: Option<ByTwo>,
    ) -> Result<(), TermsError> {
        if months.is_some_and(|months| months < self.policy.min_log_months) {
            return invalid("months", "is shorter than the processing history must be kept");
        }
        if months.is_some_and(|months| months > MAX_LOG_MONTHS) {
            return invalid("months", "must be at most 120");
        }
        let deed = Deed::of_operators(by, "set_log_retention");
        let deed =
            deed.to("months", months.map_or("the deployment's".to_owned(), |months| months.to_string()));
        self.revise(board, deed, |terms| {
            terms.log_months = months;
            Ok(())
        })
        .await
    }

    /// Whether there is something to do: the months are others than those that stand. Changes nothing.
    pub async fn may_set_log_months(
        &self,
        board: OrganisationNumber,
        months: Option<u32>,
    ) -> Result<(), TermsError> {
        match self.standing_terms(board).await?.log_months == months {
            true => invalid("months", "is what it is already"),
            false => Ok(()),
        }
    }

    /// Places a legal hold, or places it anew: what expires is hidden but not erased until it ends. Never past the end of
    /// the agreement + one calendar month.
    pub async fn place_hold(
        &self,
        board: OrganisationNumber,
        hold: LegalHold,
        by: Option<ByTwo>,
    ) -> Result<(), TermsError> {
        let today = self.clock.today();
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
        let deed = Deed::of_operators(by, "place_legal_hold");
        let deed = deed.to("reference", &hold.reference).to("until", hold.until);
        self.revise(board, deed, |terms| {
            let limit = terms.ended_on.and_then(Deadline::after).map(|deadline| deadline.limit_on);
            if limit.is_some_and(|limit| hold.until > limit) {
                let reason = "lies past the agreement's end + one calendar month, which nothing extends";
                return invalid("until", reason);
            }
            terms.held = Some(hold.clone());
            Ok(())
        })
        .await
    }

    /// Whether there is something to do: the very same hold does not stand. Changes nothing.
    pub async fn may_place_hold(
        &self,
        board: OrganisationNumber,
        reference: &str,
        until: NaiveDate,
    ) -> Result<(), TermsError> {
        let held = self.standing_terms(board).await?.held;
        match held.is_some_and(|held| held.reference == reference && held.until == until) {
            true => invalid("reference", "is that of a hold that stands, until the same day"),
            false => Ok(()),
        }
    }

    /// Whether there is something to do: a hold stands. Changes nothing.
    pub async fn may_lift_hold(&self, board: OrganisationNumber) -> Result<(), TermsError> {
        lifted(&mut self.standing_terms(board).await?, self.clock.today())
    }

    /// A registered board's terms.
    async fn standing_terms(&self, board: OrganisationNumber) -> Result<BoardTerms, TermsError> {
        let known = self.log.document::<Board>(&DocumentRef::board(board)).await?;
        known.ok_or(TermsError::Unknown)?;
        Ok(self.log.terms(board).await?.body)
    }

    /// Ends a legal hold today; the next receipt still tells of it.
    pub async fn lift_hold(&self, board: OrganisationNumber, by: Option<ByTwo>) -> Result<(), TermsError> {
        let today = self.clock.today();
        let deed = Deed::of_operators(by, "lift_legal_hold");
        self.revise(board, deed, |terms| lifted(terms, today)).await
    }

    /// Records that a board has its whole log, as it stood at `has`. `by`: the account that says so, and its assertion.
    pub async fn confirm_handover(
        &self,
        board: OrganisationNumber,
        by: &str,
        once: TokenUse,
        has: TreeAt,
    ) -> Result<(), TermsError> {
        let whole = self.tree(board, None).await?;
        let is_its_log = has.size <= whole.size && self.tree(board, Some(has.size)).await? == has;
        let reaches_end = self.log.reaches_end(board, has.size).await?;
        let now = self.clock.now();
        let deed =
            Deed { by: by.to_owned(), once: Some(once), ..Deed::of_operators(None, "confirm_handover") };
        self.revise(board, deed, |terms| {
            if terms.ended_on.is_none() {
                return invalid("size", "the agreement has no end yet");
            }
            if !is_its_log {
                return invalid("root", "is not the root of the board's log at that size");
            }
            if !reaches_end {
                return invalid("size", "does not reach the end of the board's log; export it anew");
            }
            terms.handed_over_at = Some(now);
            Ok(())
        })
        .await
    }

    /// When a board confirmed that it has its log; `None` also once something came that it does not have.
    pub(crate) async fn handed_over(&self, row: &RetentionRow) -> Result<Option<DateTime<Utc>>, StoreError> {
        let Some(at) = row.terms.handed_over_at else { return Ok(None) };
        // The terms' version follows on the record that changed them last, which is the confirmation.
        match self.log.is_had(row.board, row.version).await {
            // A key is gone: nothing says that it has it, and nobody's erasure waits for that.
            Err(StoreError::Vault) => Ok(None),
            is_had => Ok(is_had?.then_some(at)),
        }
    }

    /// Changes a board's terms: read, changed and written back only if nobody has changed them meanwhile; tried again if
    /// somebody has.
    async fn revise(
        &self,
        board: OrganisationNumber,
        deed: Deed,
        mut revise: impl FnMut(&mut BoardTerms) -> Result<(), TermsError>,
    ) -> Result<(), TermsError> {
        // What two have confirmed is confirmed anew before it is tried again.
        let attempts = if deed.by_two.is_some() { 1 } else { ATTEMPTS };
        for _ in 0..attempts {
            let known = self.log.document::<Board>(&DocumentRef::board(board)).await?;
            known.ok_or(TermsError::Unknown)?;
            let mut terms = self.log.terms(board).await?;
            // Every change is a record that a board which has its log does not have yet.
            terms.body.handed_over_at = None;
            revise(&mut terms.body)?;
            let change = Change {
                once: deed.once.clone(),
                retention: Some(terms),
                to: deed.to.clone(),
                by_two: deed.by_two.clone(),
                ..Change::new(board, &deed.by, deed.action)
            };
            match self.log.make(change).await {
                Err(ChangeError::Conflict) => {}
                other => return Ok(other.map(drop)?),
            }
        }
        Err(TermsError::Raced)
    }
}
