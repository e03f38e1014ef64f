//! `ssbtek ask`.

use std::time::Duration;

use chrono::{Datelike, Months, NaiveDate};
use ssbtek_proto::{
    agency::v1::Period,
    broker::v1::{
        self as proto, AskRequest, AskResponse, AskStreamResponse, ResumeAskRequest,
        ask_stream_response::Part,
    },
};
use tonic::Streaming;

use super::receipt;
use crate::{
    ClientError, World,
    arguments::{Ask, Role, Shared},
    broker::Broker,
    json,
    lines::Lines,
    progress::with_progress,
    run::Done,
    settings::{Account, Settings},
    show::{self, ReceiptCheck},
};

pub(crate) async fn ask(shared: &Shared, ask: &Ask, world: &mut World<'_>) -> Result<Done, ClientError> {
    let settings = shared.settings(world)?;
    let account = settings.account(shared.account.as_deref(), Account::CaseWorker)?;
    let question = question(ask, &settings, world.clock.today())?;
    let broker = shared.broker(&settings, world)?;
    let answer = if ask.json || ask.no_stream {
        let asking = broker.ask(account, question.clone());
        with_progress(world.screen.progress, "asking", world.stderr, asking).await?
    } else {
        as_it_comes(&broker, account, &question, world).await?
    };
    let check = ReceiptCheck::of(&answer, settings.log_key());
    if let ReceiptCheck::Fails(why) = &check {
        writeln!(world.stderr, "ssbtek: warning: the receipt of this answer does not hold: {why}")?;
    }
    if ask.json {
        serde_json::to_writer_pretty(&mut *world.stdout, &json::Answer::of(&answer)?).map_err(|error| {
            ClientError::Output(error.io_error_kind().unwrap_or(std::io::ErrorKind::Other))
        })?;
        writeln!(world.stdout)?;
    } else {
        world.stdout.write_all(show::answer(&question, &answer, &check, world.screen).as_bytes())?;
    }
    Ok(if answer.complete { Done::Whole } else { Done::InPart })
}

/// How long is waited before an answer that was cut off is taken up again, in milliseconds, each time that nothing comes of it.
const WAITS_MS: [u64; 5] = [0, 250, 1_000, 3_000, 10_000];

/// Asks, and tells of each agency as it answers. The last part is the whole answer. What is cut off on its way is taken up again: that
/// is the same question, and no agency is asked twice.
async fn as_it_comes(
    broker: &Broker,
    account: &str,
    question: &AskRequest,
    world: &mut World<'_>,
) -> Result<AskResponse, ClientError> {
    let screen = world.screen;
    let begun = broker.ask_stream(account, question.clone());
    let mut parts = with_progress(screen.progress, "asking", world.stderr, begun).await?;
    let mut lines = Lines::new(screen, world.stderr);
    let (mut entry, mut waits) = (None, WAITS_MS.into_iter());
    loop {
        let next = broker.next(&mut parts).await.map(|message| message.and_then(|message| message.part));
        match next {
            Ok(Some(Part::Begun(begun))) => {
                entry = Some(begun.entry_id);
                lines.begin();
            }
            Ok(Some(Part::Section(section))) => lines.tell(&section),
            Ok(Some(Part::Answer(answer))) => {
                lines.wipe();
                return Ok(answer);
            }
            cut @ (Ok(None) | Err(ClientError::Cut(_))) => {
                let why = cut.err().unwrap_or_else(cut_off);
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

fn cut_off() -> ClientError {
    let cut = "the answer was cut before its end; the question is logged, and asking again is another";
    ClientError::Failed(cut.to_owned())
}

fn question(ask: &Ask, settings: &Settings, today: NaiveDate) -> Result<AskRequest, ClientError> {
    let in_demo = |number: &String| settings.role_of(number).and_then(Role::of_name);
    let role = ask.role.or_else(|| ask.person.as_ref().and_then(in_demo)).unwrap_or(Role::Applicant);
    let to = ask.to.unwrap_or(today);
    let from = match ask.from {
        Some(from) => from,
        None => two_months_back(to.min(today))
            .ok_or(ClientError::Usage("--to lies too far back; give --from as well"))?,
    };
    Ok(AskRequest {
        case_id: settings.case(ask.case.as_deref())?.to_owned(),
        role: role.to_proto().into(),
        person_number: ask.person.clone(),
        period: Some(Period { from: from.to_string(), to: to.to_string() }),
        agencies: ask.agency.iter().map(|code| code.to_ascii_uppercase()).collect(),
        purpose: ask.purpose.clone().unwrap_or_default(),
        include_originals: ask.originals,
    })
}

/// The first day of the month two months before.
fn two_months_back(day: NaiveDate) -> Option<NaiveDate> {
    day.with_day(1)?.checked_sub_months(Months::new(2))
}

impl ReceiptCheck {
    /// Checks an answer's receipt against the log's public key (vkey), where that is known.
    pub fn of(answer: &AskResponse, log_key: Option<&str>) -> Self {
        let Some(log_key) = log_key else { return ReceiptCheck::NoKey };
        let Some(receipt) = &answer.receipt else { return ReceiptCheck::Fails("there is none".to_owned()) };
        match receipt::holds(&json::Receipt::of(receipt), log_key) {
            Ok(_) => ReceiptCheck::Holds,
            Err(ClientError::Receipt(why)) => ReceiptCheck::Fails(why),
            Err(error) => ReceiptCheck::Fails(error.to_string()),
        }
    }
}

impl Role {
    pub(crate) fn to_proto(self) -> proto::Role {
        match self {
            Role::Applicant => proto::Role::Applicant,
            Role::CoApplicant => proto::Role::CoApplicant,
            Role::Child => proto::Role::Child,
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        match ssbtek_domain::Role::parse(name)? {
            ssbtek_domain::Role::Applicant => Some(Role::Applicant),
            ssbtek_domain::Role::CoApplicant => Some(Role::CoApplicant),
            ssbtek_domain::Role::Child => Some(Role::Child),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_period_begins_on_the_first_day_two_months_back() {
        let from = |day: &str| two_months_back(day.parse().unwrap()).unwrap().to_string();
        assert_eq!(from("2026-11-22"), "2026-09-01");
        assert_eq!(from("2026-01-31"), "2025-11-01");
    }
}
