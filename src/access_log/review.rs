//! Reviews of sampled entries: signed by the reviewer, kept in the log themselves, overdue ones shown.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ssbtek_authorize::{Caller, TokenUse};
use ssbtek_domain::{DateTime, EntryId, OrganisationNumber, Utc, calendar::first_visible_month};

use crate::{
    AccessLog, Asker, Criteria, LogError, LoggedRecord, LookUp, Page, Payload, ReadError, RecordKind,
    SampleDrawn, Sampled, sample::month,
};

/// Days after the month's end within which its sample is to be reviewed.
const DUE_DAYS: i64 = 30;
/// Months looked back for what is overdue.
const LOOK_BACK_MONTHS: u32 = 12;

/// What a review led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewOutcome {
    /// The question was called for.
    NoRemark,
    /// The case worker is asked to explain.
    ToBeExplained,
    /// Access without need: goes on outside this system.
    Suspected,
}

impl ReviewOutcome {
    /// The name in records.
    pub fn as_str(self) -> &'static str {
        match self {
            ReviewOutcome::NoRemark => "no_remark",
            ReviewOutcome::ToBeExplained => "to_be_explained",
            ReviewOutcome::Suspected => "suspected",
        }
    }
}

/// A review, as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewRecord {
    /// Who reviewed.
    pub asker: Asker,
    /// The month whose sample it belongs to.
    pub month: String,
    /// The entry reviewed.
    pub entry: EntryId,
    /// What it led to.
    pub outcome: ReviewOutcome,
    /// The reviewer's statement, signed with the board's assertion key (JWS, compact).
    pub statement: String,
}

/// A month's sample and what became of it.
#[derive(Debug, Clone)]
pub struct ReviewState {
    /// The newest sample.
    pub sample: SampleDrawn,
    /// The newest review of each entry, with the account that made it.
    pub reviewed: BTreeMap<EntryId, (ReviewOutcome, String)>,
}

impl ReviewState {
    /// Sampled entries without a review.
    pub fn left(&self) -> impl Iterator<Item = &Sampled> {
        self.sample.entries.iter().filter(|sampled| !self.reviewed.contains_key(&sampled.entry))
    }
}

/// A month whose review is late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// The month.
    pub month: String,
    /// When it was due.
    pub due: DateTime<Utc>,
    /// Whether a sample was drawn at all.
    pub drawn: bool,
    /// Sampled entries without a review.
    pub left: usize,
}

impl AccessLog {
    /// Records a review.
    pub async fn record_review(
        &self,
        caller: &Caller,
        month: &str,
        entry: EntryId,
        outcome: ReviewOutcome,
        statement: String,
        once: Option<TokenUse>,
    ) -> Result<EntryId, LogError> {
        let at = self.clock.now();
        let id = EntryId::draw(&*self.entropy, at);
        let review =
            ReviewRecord { asker: Asker::from(caller), month: month.to_owned(), entry, outcome, statement };
        let payload = Payload::Review(Box::new(review));
        let mut append = self.record(caller.board, id, at, &payload).await?;
        append.once = once;
        self.store.append(append).await?;
        Ok(id)
    }

    /// A month's newest sample with its reviews; `None` if none was drawn.
    pub async fn review_state(
        &self,
        board: OrganisationNumber,
        month: &str,
    ) -> Result<Option<ReviewState>, ReadError> {
        let sought = Some(LookUp::Review(month).into());
        let (mut sample, mut reviewed, mut before) = (None, BTreeMap::new(), None);
        loop {
            let page = Page { before, sought: sought.clone(), limit: 256, ..Page::default() };
            let records = self.read_page(board, page).await?;
            before = records.last().map(|record: &LoggedRecord| record.index);
            let last = records.len() < 256;
            for record in records {
                match record.payload {
                    Some(Payload::SampleDrawn(drawn)) => {
                        sample.get_or_insert(*drawn);
                    }
                    Some(Payload::Review(review)) => {
                        let by = review.asker.case_worker.as_str().to_owned();
                        reviewed.entry(review.entry).or_insert((review.outcome, by));
                    }
                    _ => {}
                }
            }
            if last {
                return Ok(sample.map(|sample| ReviewState { sample, reviewed }));
            }
        }
    }

    /// Months of the last year with questions whose review is late, oldest first.
    pub async fn overdue(&self, board: OrganisationNumber) -> Result<Vec<Overdue>, ReadError> {
        let (now, mut late) = (self.clock.now(), Vec::new());
        for back in (1..=LOOK_BACK_MONTHS).rev() {
            let text = first_visible_month(now, back);
            let Some((from, until)) = month(&text) else { continue };
            let due = until + TimeDelta::days(DUE_DAYS);
            if now < due {
                continue;
            }
            let criteria = Criteria {
                from: Some(from),
                until: Some(until),
                kind: Some(RecordKind::Intent),
                ..Criteria::default()
            };
            let state = self.review_state(board, &text).await?;
            let left = state.as_ref().map_or(0, |state| state.left().count());
            let asked = match &state {
                Some(_) => true,
                None => self.any(board, &criteria).await?,
            };
            if asked && (state.is_none() || left > 0) {
                late.push(Overdue { month: text, due, drawn: state.is_some(), left });
            }
        }
        Ok(late)
    }
    /// Whether anything fulfils the criteria; on each page so much is looked through and no more.
    async fn any(&self, board: OrganisationNumber, criteria: &Criteria) -> Result<bool, ReadError> {
        let mut before = None;
        loop {
            let (found, next) = self.find(board, criteria, before, 1).await?;
            if !found.is_empty() || next.is_none() {
                return Ok(!found.is_empty());
            }
            before = next;
        }
    }
}
