//! Samples and reviews.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use ssbtek_access_log::{Criteria, NowProtected, Reason, ReviewOutcome, ReviewState, SampleRules, Sampled};
use ssbtek_authorize::{AskError, Caller, DocumentRef};
use ssbtek_domain::EntryId;
use ssbtek_proto::broker::v1::{
    DrawSampleRequest, DrawSampleResponse, GetReviewsResponse, OverdueReview, ProtectedReading,
    RecordReviewRequest, RecordReviewResponse, ReviewOutcome as ProtoOutcome, SampledEntry,
};
use ssbtek_registry::DeskError;

use super::{GrpcServices, count, field, log_entry, log_entry::Who, month};
use crate::{Refusal, encode};

/// Days looked back for readings of protected persons where no month is named.
const PROTECTED_DAYS: i64 = 31;
/// Most of them told.
const MAX_PROTECTED_READS: usize = 500;
/// Most questions drawn at random.
const MAX_RANDOM: u32 = 1000;

pub(super) async fn draw(
    services: &GrpcServices,
    caller: &Caller,
    message: DrawSampleRequest,
) -> Result<DrawSampleResponse, Refusal> {
    if !(8..=200).contains(&message.seed.chars().count()) || message.seed.chars().any(char::is_control) {
        return Err(AskError::new("seed", "must be 8 to 200 characters").into());
    }
    let month = month("month", &message.month)?;
    let mut rules = SampleRules::default();
    rules.random = count("random", message.random, rules.random as u32, MAX_RANDOM)? as usize;
    let once = Some(caller.token.clone());
    let drawn = services.log.draw_sample(caller, &month, &message.seed, rules, once).await?;
    let drawn = drawn.ok_or_else(|| AskError::new("month", "must be YYYY-MM"))?;
    Ok(DrawSampleResponse { entries: told(services, caller, &drawn.entries, None).await?, of: drawn.of })
}

pub(super) async fn record(
    services: &GrpcServices,
    caller: &Caller,
    message: RecordReviewRequest,
) -> Result<RecordReviewResponse, Refusal> {
    let entry = field("entry_id", EntryId::parse(&message.entry_id))?;
    let outcome = match message.outcome() {
        ProtoOutcome::NoRemark => ReviewOutcome::NoRemark,
        ProtoOutcome::ToBeExplained => ReviewOutcome::ToBeExplained,
        ProtoOutcome::Suspected => ReviewOutcome::Suspected,
        ProtoOutcome::Unspecified => return Err(AskError::new("outcome", "is required").into()),
    };
    let month = month("month", &message.month)?;
    let state = services.log.review_state(caller.board, &month).await?;
    let in_sample = state.is_some_and(|state| state.sample.entries.iter().any(|one| one.entry == entry));
    if !in_sample {
        return Err(Refusal::Unknown("entry_id"));
    }
    let board = services.log.document(&DocumentRef::board(caller.board)).await.map_err(DeskError::from)?;
    let board: ssbtek_authorize::Board = board.ok_or(Refusal::Unavailable)?.body;
    let statement = ssbtek_authenticate::ReviewStatement {
        sub: caller.case_worker.as_str().to_owned(),
        review: ssbtek_authenticate::ReviewClaims {
            month: month.clone(),
            entry: entry.to_string(),
            outcome: outcome.as_str().to_owned(),
        },
    };
    if !ssbtek_authenticate::review_is_signed(
        &message.statement,
        &statement,
        &board,
        services.callers.clock.now(),
    ) {
        return Err(
            AskError::new("statement", "is not this review, signed with the board's assertion key").into()
        );
    }
    let once = Some(caller.token.clone());
    let id = services.log.record_review(caller, &month, entry, outcome, message.statement, once).await;
    Ok(RecordReviewResponse { entry_id: id.map_err(DeskError::from)?.to_string() })
}

pub(super) async fn state(
    services: &GrpcServices,
    caller: &Caller,
    month: &str,
) -> Result<GetReviewsResponse, Refusal> {
    let state = match month {
        "" => None,
        month => services.log.review_state(caller.board, month).await?,
    };
    let overdue = services.log.overdue(caller.board).await?;
    let now = services.callers.clock.now();
    let recent = (now - TimeDelta::days(PROTECTED_DAYS), now + TimeDelta::seconds(1));
    let time = match month {
        "" => recent,
        month => ssbtek_access_log::month_span(month).unwrap_or(recent),
    };
    let reads = services.log.protected_reads(caller.board, time, MAX_PROTECTED_READS).await?;
    let entries = state.as_ref().map_or(&[][..], |state| state.sample.entries.as_slice());
    Ok(GetReviewsResponse {
        entries: told(services, caller, entries, state.as_ref()).await?,
        seed: state.as_ref().map(|state| state.sample.seed.clone()).unwrap_or_default(),
        overdue: overdue
            .into_iter()
            .map(|late| OverdueReview {
                month: late.month,
                due: encode::time(late.due),
                drawn: late.drawn,
                left: late.left as u64,
            })
            .collect(),
        protected_readings: reads
            .into_iter()
            .map(|read| ProtectedReading {
                entry_id: read.entry.to_string(),
                at: encode::time(read.at),
                case_worker: read.by.map(|by| by.as_str().to_owned()).unwrap_or_default(),
                action: read.action,
                persons: read.protected,
            })
            .collect(),
    })
}

/// A sample with its entries and reviews.
async fn told(
    services: &GrpcServices,
    caller: &Caller,
    sample: &[Sampled],
    state: Option<&ReviewState>,
) -> Result<Vec<SampledEntry>, Refusal> {
    let mut told = Vec::with_capacity(sample.len());
    let mut now = NowProtected::new(&services.log, caller.board);
    for one in sample {
        let criteria = Criteria { entry: Some(one.entry), ..Criteria::default() };
        let (found, _) = services.log.find(caller.board, &criteria, None, 1).await?;
        let (mut found, _) = log_entry::told(&mut now, caller.board, &found, Who::Listed).await?;
        let entry = found.pop();
        let held_back = entry.as_ref().is_some_and(|entry| entry.person_held_back);
        told.push(SampledEntry { entry, ..sampled(one, state, held_back) });
    }
    Ok(told)
}

/// Where it is held back whom the entry is about, so is a reason that tells it beside the account.
fn sampled(sampled: &Sampled, state: Option<&ReviewState>, held_back: bool) -> SampledEntry {
    let reason = |reason: &Reason| match reason {
        Reason::OwnNumber | Reason::OwnFamilyName if held_back => "held_back",
        reason => reason.as_str(),
    };
    let reasons: BTreeSet<_> = sampled.reasons.iter().map(reason).collect();
    let review = state.and_then(|state| state.reviewed.get(&sampled.entry));
    let outcome = review.map_or(ProtoOutcome::Unspecified, |(outcome, _)| match outcome {
        ReviewOutcome::NoRemark => ProtoOutcome::NoRemark,
        ReviewOutcome::ToBeExplained => ProtoOutcome::ToBeExplained,
        ReviewOutcome::Suspected => ProtoOutcome::Suspected,
    });
    SampledEntry {
        entry_id: sampled.entry.to_string(),
        reasons: reasons.into_iter().map(str::to_owned).collect(),
        outcome: outcome.into(),
        reviewer: review.map(|(_, by)| by.clone()).unwrap_or_default(),
        entry: None,
    }
}
