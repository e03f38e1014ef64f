//! An answer that is told as it comes, taken up again wherever it is cut off: that is the same question, and no agency is asked twice.

use std::time::Duration;

use ssbtek_present::texts::client as t;
use ssbtek_proto::broker::v1::{
    AskHouseholdRequest, AskRequest, AskResponse, AskStreamResponse, HouseholdAnswer, ResumeAskRequest,
    ask_stream_response::Part,
};
use tonic::Streaming;

use crate::{
    ClientError, World, broker::Broker, household_lines::HouseholdLines, lines::Lines,
    progress::with_progress,
};

/// How long is waited before an answer that was cut off is taken up again, in milliseconds, one time after another; from the first again
/// once another agency's section has come.
const WAITS_MS: [u64; 5] = [0, 250, 1_000, 3_000, 10_000];

/// Tells of an answer while it comes.
pub(crate) trait Tells {
    /// A part has come, perhaps again. Whether it is a section that is new.
    fn tell(&mut self, part: &Part) -> bool;

    /// Makes room for the whole.
    fn wipe(self);
}

/// Tells nothing; but still knows that something has come.
struct Silent;

impl Tells for Silent {
    fn tell(&mut self, part: &Part) -> bool {
        matches!(part, Part::Section(_) | Part::MemberSection(_))
    }

    fn wipe(self) {}
}

/// One person.
pub(super) async fn one(
    broker: &Broker,
    account: &str,
    question: AskRequest,
    world: &mut World<'_>,
) -> Result<AskResponse, ClientError> {
    let asking = broker.ask_stream(account, question);
    let parts = with_progress(world.screen.progress, t::asking(world.language), world.stderr, asking).await?;
    let lines = Lines::new(world.screen, world.language, world.stderr);
    match follow(broker, account, parts, lines, t::cut(world.language)).await? {
        Part::Answer(answer) => Ok(answer),
        _ => Err(ClientError::Failed(t::cut(world.language).to_owned())),
    }
}

/// Everybody in a household; `tells`: as it comes.
pub(super) async fn household(
    broker: &Broker,
    account: &str,
    question: AskHouseholdRequest,
    tells: bool,
    world: &mut World<'_>,
) -> Result<HouseholdAnswer, ClientError> {
    let (progress, asking, cut) = (world.screen.progress, t::asking(world.language), t::cut(world.language));
    let begun = broker.ask_household(account, question);
    let whole = if tells {
        let parts = with_progress(progress, asking, world.stderr, begun).await?;
        let lines = HouseholdLines::new(world.screen, world.language, world.stderr);
        follow(broker, account, parts, lines, cut).await?
    } else {
        let following = async { follow(broker, account, begun.await?, Silent, cut).await };
        with_progress(progress, asking, world.stderr, following).await?
    };
    match whole {
        Part::Household(whole) => Ok(whole),
        _ => Err(ClientError::Failed(cut.to_owned())),
    }
}

/// Tells of each part as it comes, and gives the last.
async fn follow(
    broker: &Broker,
    account: &str,
    mut parts: Streaming<AskStreamResponse>,
    mut lines: impl Tells,
    cut: &str,
) -> Result<Part, ClientError> {
    let (mut entry, mut waits) = (None, WAITS_MS.into_iter());
    loop {
        let next = broker.next(&mut parts).await.map(|message| message.and_then(|message| message.part));
        match next {
            Ok(Some(part @ (Part::Answer(_) | Part::Household(_)))) => {
                lines.wipe();
                return Ok(part);
            }
            Ok(Some(part)) => {
                match &part {
                    Part::Begun(begun) => entry = Some(begun.entry_id.clone()),
                    Part::HouseholdBegun(begun) => entry = Some(begun.entry_id.clone()),
                    _ => {}
                }
                if lines.tell(&part) {
                    waits = WAITS_MS.into_iter();
                }
            }
            ended @ (Ok(None) | Err(ClientError::Cut(_))) => {
                let why = ended.err().unwrap_or_else(|| ClientError::Failed(cut.to_owned()));
                let Some(entry) = &entry else { return Err(why) };
                parts = taken_up(broker, account, entry, &mut waits).await?.ok_or(why)?;
            }
            Err(error) => return Err(error),
        }
    }
}

/// The rest of an answer that was cut off; `None` where nothing of it can be had any more.
async fn taken_up(
    broker: &Broker,
    account: &str,
    entry: &str,
    waits: &mut impl Iterator<Item = u64>,
) -> Result<Option<Streaming<AskStreamResponse>>, ClientError> {
    for wait_ms in waits {
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        match broker.resume_ask(account, ResumeAskRequest { entry_id: entry.to_owned() }).await {
            Ok(parts) => return Ok(Some(parts)),
            Err(ClientError::Cut(_)) => {}
            Err(ClientError::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}
