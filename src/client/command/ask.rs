//! `ssbtek ask`.

mod streaming;

use std::{fs::File, io::Read, path::Path};

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
    broker::v1::{self as proto, AskHouseholdRequest, AskRequest, AskResponse, MemberAnswer, member_answer},
};

use super::receipt;
use crate::{
    ClientError, World,
    arguments::{Ask, Role, Shared},
    broker::Broker,
    household_lines, json,
    page::plain,
    progress::with_progress,
    run::Done,
    settings::{Account, Settings},
    show::{self, Answered, ReceiptCheck, View},
};

pub(crate) use streaming::Tells;

/// Most that is read of what the applicant states, in bytes.
const MAX_STATED_BYTES: u64 = 64 * 1024;

/// An answer with what was asked.
type Answer = (AskRequest, AskResponse);

pub(crate) async fn ask(shared: &Shared, ask: &Ask, world: &mut World<'_>) -> Result<Done, ClientError> {
    let settings = shared.settings(world)?;
    let account = settings.account(shared.account.as_deref(), Account::CaseWorker)?;
    let questions = questions(ask, &settings, world.clock.today())?;
    // What cannot be used is said before anybody is asked.
    let view = view(ask, world)?;
    let broker = shared.broker(&settings, world)?;
    if let (true, Some(question)) = (ask.household, questions.first()) {
        return household(&broker, account, question, (ask, &settings, &view), world).await;
    }
    let mut answered = vec![];
    let mut ended = Ok(());
    for question in &questions {
        match one(&broker, account, question, ask, world).await {
            Ok(answer) => answered.push((question.clone(), answer)),
            Err(error) => {
                ended = Err(error);
                break;
            }
        }
    }
    let checked = checked(&answered, &settings, world)?;
    if let ([(_, answer)], true) = (answered.as_slice(), ask.json) {
        write_json(&json::Answer::of(answer)?, world)?;
    } else {
        show(&answered, &checked, &view, world)?;
    }
    // What was answered before somebody was refused is told all the same.
    ended?;
    Ok(if answered.iter().all(|(_, answer)| answer.complete) { Done::Whole } else { Done::InPart })
}

/// Everybody in the household at once.
async fn household(
    broker: &Broker,
    account: &str,
    question: &AskRequest,
    (ask, settings, view): (&Ask, &Settings, &View),
    world: &mut World<'_>,
) -> Result<Done, ClientError> {
    let told = streaming::household(broker, account, of_household(question), !is_quiet(ask), world).await?;
    let label = |of: &MemberAnswer| household_lines::label(of.member.as_ref(), &told.members, world.language);
    let (mut answered, mut refused) = (vec![], vec![]);
    for member in &told.members {
        match &member.result {
            Some(member_answer::Result::Answer(answer)) => {
                let question = AskRequest {
                    role: answer.role,
                    person_number: Some(answer.person_number.clone()),
                    ..question.clone()
                };
                answered.push((question, answer.clone()));
            }
            Some(member_answer::Result::Refused(why)) => {
                let why = ClientError::Refused(plain(&why.reason)).told(world.language);
                refused.push(t::nothing_of(world.language, label(member), why));
            }
            None => {}
        }
    }
    let checked = checked(&answered, settings, world)?;
    if ask.json {
        write_json(&json::Household::of(&told)?, world)?;
    } else {
        show(&answered, &checked, view, world)?;
        for refused in refused {
            writeln!(world.stdout, "{refused}")?;
        }
    }
    Ok(if told.complete { Done::Whole } else { Done::InPart })
}

fn of_household(question: &AskRequest) -> AskHouseholdRequest {
    AskHouseholdRequest {
        case_id: question.case_id.clone(),
        period: question.period.clone(),
        agencies: question.agencies.clone(),
        purpose: question.purpose.clone(),
        include_originals: question.include_originals,
    }
}

/// Whether each answer's receipt holds; one that does not is said.
fn checked(
    answered: &[Answer],
    settings: &Settings,
    world: &mut World<'_>,
) -> Result<Vec<ReceiptCheck>, ClientError> {
    let mut checked = vec![];
    for (_, answer) in answered {
        let check = check_receipt(answer, settings.log_key());
        if let ReceiptCheck::Fails(why) = &check {
            writeln!(world.stderr, "ssbtek: {}", t::receipt_warning(world.language, why))?;
        }
        checked.push(check);
    }
    Ok(checked)
}

fn write_json(document: &impl serde::Serialize, world: &mut World<'_>) -> Result<(), ClientError> {
    let unwritten = |error: serde_json::Error| {
        ClientError::Output(error.io_error_kind().unwrap_or(std::io::ErrorKind::Other))
    };
    serde_json::to_writer_pretty(&mut *world.stdout, document).map_err(unwritten)?;
    writeln!(world.stdout)?;
    Ok(())
}

fn show(
    answered: &[Answer],
    checked: &[ReceiptCheck],
    view: &View,
    world: &mut World<'_>,
) -> Result<(), ClientError> {
    if answered.is_empty() {
        return Ok(());
    }
    let told = answered.iter().zip(checked);
    let told: Vec<_> =
        told.map(|((question, answer), receipt)| Answered { question, answer, receipt }).collect();
    let text = show::answers(&told, view, world.screen, world.language);
    world.stdout.write_all(text.as_bytes())?;
    Ok(())
}

/// Whether nothing is told before the whole.
fn is_quiet(ask: &Ask) -> bool {
    ask.json || ask.no_stream
}

async fn one(
    broker: &Broker,
    account: &str,
    question: &AskRequest,
    ask: &Ask,
    world: &mut World<'_>,
) -> Result<AskResponse, ClientError> {
    if is_quiet(ask) {
        let asking = broker.ask(account, question.clone());
        with_progress(world.screen.progress, t::asking(world.language), world.stderr, asking).await
    } else {
        streaming::one(broker, account, question.clone(), world).await
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
