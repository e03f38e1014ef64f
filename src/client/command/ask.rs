//! `ssbtek ask`.

use std::{fs::File, io::Read, path::Path, time::Duration};

use chrono::{Datelike, Months, NaiveDate};
use ssbtek_present::{
    Month,
    payments::By,
    since::Comparison,
    stated::{Unread, read},
    texts::client as t,
};
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
    show::{self, Answered, ReceiptCheck, View},
};

/// Most that is read of what the applicant states, in bytes.
const MAX_STATED_BYTES: u64 = 64 * 1024;

pub(crate) async fn ask(shared: &Shared, ask: &Ask, world: &mut World<'_>) -> Result<Done, ClientError> {
    let settings = shared.settings(world)?;
    let account = settings.account(shared.account.as_deref(), Account::CaseWorker)?;
    let questions = questions(ask, &settings, world.clock.today())?;
    // What cannot be used is said before anybody is asked.
    let view = view(ask, world)?;
    let broker = shared.broker(&settings, world)?;
    let mut answered = vec![];
    let mut ended = Ok(());
    for question in &questions {
        match one(&broker, account, question, ask, world).await {
            Ok(answer) => answered.push((question, answer)),
            Err(error) => {
                ended = Err(error);
                break;
            }
        }
    }
    let mut checked = vec![];
    for (question, answer) in &answered {
        let check = check_receipt(answer, settings.log_key());
        if let ReceiptCheck::Fails(why) = &check {
            writeln!(world.stderr, "ssbtek: {}", t::receipt_warning(world.language, why))?;
        }
        checked.push((*question, answer, check));
    }
    if let ([(_, answer, _)], true) = (checked.as_slice(), ask.json) {
        serde_json::to_writer_pretty(&mut *world.stdout, &json::Answer::of(answer)?).map_err(|error| {
            ClientError::Output(error.io_error_kind().unwrap_or(std::io::ErrorKind::Other))
        })?;
        writeln!(world.stdout)?;
    } else if !checked.is_empty() {
        let told = |(question, answer, receipt)| Answered { question, answer, receipt };
        let answers: Vec<_> =
            checked.iter().map(|(question, answer, check)| told((*question, *answer, check))).collect();
        let text = show::answers(&answers, &view, world.screen, world.language);
        world.stdout.write_all(text.as_bytes())?;
    }
    // What was answered before somebody was refused is told all the same.
    ended?;
    Ok(if answered.iter().all(|(_, answer)| answer.complete) { Done::Whole } else { Done::InPart })
}

async fn one(
    broker: &Broker,
    account: &str,
    question: &AskRequest,
    ask: &Ask,
    world: &mut World<'_>,
) -> Result<AskResponse, ClientError> {
    if ask.json || ask.no_stream {
        let asking = broker.ask(account, question.clone());
        with_progress(world.screen.progress, t::asking(world.language), world.stderr, asking).await
    } else {
        as_it_comes(broker, account, question, world).await
    }
}

/// How the answers are looked at.
fn view(ask: &Ask, world: &mut World<'_>) -> Result<View, ClientError> {
    let today = world.clock.today();
    let by = ask.by.by();
    let later = later(ask, today);
    let since =
        ask.since.map(|earlier| Comparison { earlier, later, by, threshold_percent: ask.threshold, today });
    let stated = match &ask.compare {
        Some(file) => {
            let text = stated_text(file, world)?;
            let unread = |why: Unread| ClientError::Input(format!("--compare: {}", why.told(world.language)));
            Some((later, read(&text, later).map_err(unread)?))
        }
        None => None,
    };
    let month = ask.month.filter(|_| ask.since.is_none());
    Ok(View { all: ask.all, by, month, since, stated })
}

fn stated_text(file: &Path, world: &mut World<'_>) -> Result<String, ClientError> {
    let unreadable = |_| ClientError::Usage("--compare: cannot be read as text");
    let mut text = String::new();
    let read = if file == Path::new("-") {
        if world.screen.progress {
            writeln!(world.stderr, "{}", t::type_figures(world.language))?;
        }
        world.stdin.take(MAX_STATED_BYTES + 1).read_to_string(&mut text)
    } else {
        File::open(file).and_then(|file| file.take(MAX_STATED_BYTES + 1).read_to_string(&mut text))
    };
    if read.map_err(unreadable)? as u64 > MAX_STATED_BYTES {
        return Err(ClientError::Usage("--compare: is longer than 64 KiB"));
    }
    Ok(text)
}

/// The month that is looked at, where one is.
fn later(ask: &Ask, today: NaiveDate) -> Month {
    ask.month.unwrap_or_else(|| Month::of(ask.to.unwrap_or(today)))
}

/// How long is waited before an answer that was cut off is taken up again, in milliseconds, one time after another; from the first again
/// once another agency's section has come.
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
    let language = world.language;
    let mut parts = with_progress(screen.progress, t::asking(language), world.stderr, begun).await?;
    let mut lines = Lines::new(screen, language, world.stderr);
    let (mut entry, mut waits) = (None, WAITS_MS.into_iter());
    loop {
        let next = broker.next(&mut parts).await.map(|message| message.and_then(|message| message.part));
        match next {
            Ok(Some(Part::Begun(begun))) => {
                entry = Some(begun.entry_id);
                lines.begin();
            }
            Ok(Some(Part::Section(section))) => {
                if lines.tell(&section) {
                    waits = WAITS_MS.into_iter();
                }
            }
            Ok(Some(Part::Answer(answer))) => {
                lines.wipe();
                return Ok(answer);
            }
            cut @ (Ok(None) | Err(ClientError::Cut(_))) => {
                let why = cut.err().unwrap_or_else(|| ClientError::Failed(t::cut(language).to_owned()));
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

/// One question for each role.
fn questions(ask: &Ask, settings: &Settings, today: NaiveDate) -> Result<Vec<AskRequest>, ClientError> {
    let in_demo = |number: &String| settings.role_of(number).and_then(Role::of_name);
    let mut roles = ask.role.clone();
    if roles.is_empty() {
        roles.push(ask.person.as_ref().and_then(in_demo).unwrap_or(Role::Applicant));
    }
    if roles.len() > 1 && ask.person.is_some() {
        return Err(ClientError::Usage("--person: goes with one --role only"));
    }
    if roles.len() > 1 && ask.again.is_some() {
        return Err(ClientError::Usage("--again: goes with one --role only"));
    }
    if roles.len() > 1 && ask.json {
        return Err(ClientError::Usage("--json: goes with one --role only"));
    }
    let period = period(ask, today)?;
    let case_id = settings.case(ask.case.as_deref())?.to_owned();
    let question = |role: Role| AskRequest {
        case_id: case_id.clone(),
        role: role.to_proto().into(),
        person_number: ask.person.clone(),
        period: Some(period.clone()),
        agencies: ask.agency.iter().map(|code| code.to_ascii_uppercase()).collect(),
        purpose: ask.purpose.clone().unwrap_or_default(),
        include_originals: ask.originals,
        follows_entry_id: ask.again.clone().unwrap_or_default(),
    };
    Ok(roles.into_iter().map(question).collect())
}

fn period(ask: &Ask, today: NaiveDate) -> Result<Period, ClientError> {
    let days = |from: NaiveDate, to: NaiveDate| Period { from: from.to_string(), to: to.to_string() };
    let later = later(ask, today);
    if let Some(earlier) = ask.since {
        if earlier >= later {
            return Err(ClientError::Usage(
                "--since: must be a month before the one that is compared with it",
            ));
        }
        return Ok(days(earlier.first(), until(ask, later, today)));
    }
    if let Some(month) = ask.month {
        return Ok(days(month.first(), until(ask, month, today)));
    }
    let to = ask.to.unwrap_or(today);
    let from = match ask.from {
        Some(from) => from,
        None => two_months_back(to.min(today))
            .ok_or(ClientError::Usage("--to lies too far back; give --from as well"))?,
    };
    Ok(days(from, to))
}

/// How far is asked about a month: what covers it may be paid after its end, but not yet after today.
fn until(ask: &Ask, month: Month, today: NaiveDate) -> NaiveDate {
    match ask.by.by() {
        By::PaymentDay => month.last(),
        By::Period => month.paid_by().min(today).max(month.last()),
    }
}

/// The first day of the month two months before.
fn two_months_back(day: NaiveDate) -> Option<NaiveDate> {
    day.with_day(1)?.checked_sub_months(Months::new(2))
}

/// Checks an answer's receipt against the log's public key (vkey), where that is known.
pub fn check_receipt(answer: &AskResponse, log_key: Option<&str>) -> ReceiptCheck {
    let Some(log_key) = log_key else { return ReceiptCheck::NoKey };
    let Some(receipt) = &answer.receipt else { return ReceiptCheck::Fails("there is none".to_owned()) };
    match receipt::holds(&json::Receipt::of(receipt), log_key) {
        Ok(_) => ReceiptCheck::Holds,
        Err(ClientError::Receipt(why)) => ReceiptCheck::Fails(why),
        Err(error) => ReceiptCheck::Fails(error.to_string()),
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
