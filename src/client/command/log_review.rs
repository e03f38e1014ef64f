//! `ssbtek log review`.

use ssbtek_proto::broker::v1::{
    DrawSampleRequest, GetReviewsRequest, RecordReviewRequest, ReviewOutcome as Outcome,
};

use crate::{
    ClientError, World,
    arguments::{LogReview, ReviewOutcome, Shared},
    run::Done,
    settings::Account,
    show,
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
            let request = DrawSampleRequest { month: month.clone(), seed, random };
            let drawn = broker.draw_sample(account, request).await?;
            let (entries, of) = (drawn.entries.len(), drawn.of);
            writeln!(world.stdout, "Sample of {month}: {entries} of {of} questions are to be reviewed.")?;
            world.stdout.write_all(show::sample(&drawn.entries, world.screen).as_bytes())?;
            if entries > 0 {
                let next =
                    "ssbtek log review record MONTH ENTRY --outcome no-remark|to-be-explained|suspected";
                writeln!(world.stderr, "ssbtek: look at one with `ssbtek log show ENTRY`; then {next}")?;
            }
            Ok(Done::Whole)
        }
        LogReview::Show { month } => {
            let state = broker.get_reviews(account, GetReviewsRequest { month: month.clone() }).await?;
            if state.seed.is_empty() {
                writeln!(
                    world.stdout,
                    "No sample of {month} was drawn; `ssbtek log review draw {month} --seed TEXT` draws one."
                )?;
            } else {
                let left =
                    state.entries.iter().filter(|entry| entry.outcome() == Outcome::Unspecified).count();
                let of = state.entries.len();
                writeln!(
                    world.stdout,
                    "Sample of {month}, seed {:?}: {left} of {of} left to review.",
                    state.seed
                )?;
                world.stdout.write_all(show::sample(&state.entries, world.screen).as_bytes())?;
            }
            world.stdout.write_all(show::overdue(&state.overdue, world.screen).as_bytes())?;
            world.stdout.write_all(show::protected(&state.protected_readings, world.screen).as_bytes())?;
            Ok(Done::Whole)
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
            writeln!(world.stdout, "Signed and recorded as entry {}.", recorded.entry_id)?;
            Ok(Done::Whole)
        }
        LogReview::Overdue => {
            let state = broker.get_reviews(account, GetReviewsRequest::default()).await?;
            if state.overdue.is_empty() {
                writeln!(world.stdout, "No review is overdue.")?;
                return Ok(Done::Whole);
            }
            world.stdout.write_all(show::overdue(&state.overdue, world.screen).as_bytes())?;
            Ok(Done::Overdue)
        }
    }
}
