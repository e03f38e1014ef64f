//! `ssbtek log review`.

use ssbtek_proto::broker::v1::{
    DrawSampleRequest, GetReviewsRequest, OverdueReview, RecordReviewRequest, ReviewOutcome as Outcome,
    SampledEntry,
};

use crate::{
    ClientError, World,
    arguments::{LogReview, ReviewOutcome, Shared},
    run::Done,
    settings::Account,
};

pub(crate) async fn review(
    shared: &Shared,
    review: LogReview,
    world: &mut World<'_>,
) -> Result<Done, ClientError> {
    let settings = shared.settings(world)?;
    let account = settings.account(shared.account.as_deref(), Account::Auditor)?;
    let broker = shared.broker(&settings, world)?;
    match review {
        LogReview::Draw { month, seed, random } => {
            let drawn = broker.draw_sample(account, DrawSampleRequest { month, seed, random }).await?;
            writeln!(world.stdout, "{} of {} questions are to be reviewed", drawn.entries.len(), drawn.of)?;
            entries(&drawn.entries, world)?;
        }
        LogReview::Show { month } => {
            let state = broker.get_reviews(account, GetReviewsRequest { month }).await?;
            if state.seed.is_empty() {
                writeln!(world.stdout, "no sample was drawn")?;
            } else {
                let left =
                    state.entries.iter().filter(|entry| entry.outcome() == Outcome::Unspecified).count();
                writeln!(
                    world.stdout,
                    "seed {:?}; {left} of {} left to review",
                    state.seed,
                    state.entries.len()
                )?;
                entries(&state.entries, world)?;
            }
            overdue(&state.overdue, world)?;
        }
        LogReview::Record { month, entry, outcome } => {
            let (outcome, word) = match outcome {
                ReviewOutcome::NoRemark => (Outcome::NoRemark, "no_remark"),
                ReviewOutcome::ToBeExplained => (Outcome::ToBeExplained, "to_be_explained"),
                ReviewOutcome::Suspected => (Outcome::Suspected, "suspected"),
            };
            let statement = broker.sign_review(account, &month, &entry, word)?;
            let request = RecordReviewRequest { month, entry_id: entry, outcome: outcome.into(), statement };
            let recorded = broker.record_review(account, request).await?;
            writeln!(world.stdout, "recorded as entry {}", recorded.entry_id)?;
        }
        LogReview::Overdue => {
            let state = broker.get_reviews(account, GetReviewsRequest::default()).await?;
            if state.overdue.is_empty() {
                writeln!(world.stdout, "nothing is overdue")?;
            }
            overdue(&state.overdue, world)?;
        }
    }
    Ok(Done::Whole)
}

fn entries(entries: &[SampledEntry], world: &mut World<'_>) -> std::io::Result<()> {
    for entry in entries {
        let outcome = match entry.outcome() {
            Outcome::Unspecified => "-".to_owned(),
            outcome => {
                let word = outcome.as_str_name().trim_start_matches("REVIEW_OUTCOME_").to_lowercase();
                format!("{word} by {}", entry.reviewer)
            }
        };
        writeln!(world.stdout, "{}  {:<20}  {}", entry.entry_id, outcome, entry.reasons.join(", "))?;
    }
    Ok(())
}

fn overdue(late: &[OverdueReview], world: &mut World<'_>) -> std::io::Result<()> {
    for month in late {
        let what =
            if month.drawn { format!("{} entries left", month.left) } else { "no sample drawn".to_owned() };
        writeln!(world.stdout, "OVERDUE {} since {}: {what}", month.month, month.due)?;
    }
    Ok(())
}
