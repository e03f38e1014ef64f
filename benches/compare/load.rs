//! The load: a closed loop of questions, each about another person, each answer checked.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use mock_agencies::Population;
use serde::Deserialize;
use serde_json::json;
use ssbtek_domain::{Clock, SystemClock};
use ssbtek_proto::broker::v1::{
    AskRequest, EntryState, ListEntriesRequest, access_log_service_client::AccessLogServiceClient,
    person_query_service_client::PersonQueryServiceClient,
};
use ssbtek_transparency::Trust;
use tokio::task::JoinSet;
use tonic::transport::Channel;

use super::{
    ask::{Signer, connect},
    check::{self, Expected},
    process::{orders, say},
    register,
    world::{self, AUDITOR, CASE_WORKER, HOUSEHOLDS, SEED, World},
};

/// Connections to each gateway; questions are spread over them.
const CONNECTIONS: usize = 8;
/// Every answer is checked; of so many, one is checked fact by fact, with its receipt.
const DEEP_EVERY: usize = 16;
/// Largest answer taken, in bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;
/// Entries in a page of the log.
const PAGE: u32 = 500;

#[derive(Deserialize)]
struct Gateway {
    url: String,
    log_key: Option<String>,
}

#[derive(Deserialize)]
struct Gateways {
    floor: Gateway,
    broker: Gateway,
}

/// A question that can be asked, and its right answer.
struct Prepared {
    ask: AskRequest,
    expected: Expected,
}

/// What all loops share.
struct Load {
    questions: Vec<Prepared>,
    next: AtomicUsize,
    signer: Signer,
    trust: Trust,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Floor,
    Broker,
}

pub(crate) async fn play(world: &World, in_flight: usize) -> Result<()> {
    let gateways: Gateways = serde_json::from_str(&world.read("gateways.json")?)?;
    let population = Population::generate(SEED, HOUSEHOLDS, SystemClock.today());
    let signer = Signer::new(world)?;
    register::all(world, &gateways.broker.url, &signer, &population).await?;
    let trust = check::trust(gateways.broker.log_key.as_deref().context("the broker told no log key")?)?;
    let questions = questions(&population, &world.sources()?)?;
    let load = Arc::new(Load { questions, next: AtomicUsize::new(0), signer, trust });
    let channels =
        |url: &str| (0..CONNECTIONS).map(|_| connect(world, url, "board")).collect::<Result<Vec<_>>>();
    let (floor, broker) = (channels(&gateways.floor.url)?, channels(&gateways.broker.url)?);
    say(&json!({ "persons": load.questions.len() }));

    let mut answered = HashSet::new();
    let mut orders = orders();
    while let Some(order) = orders.recv().await {
        let words: Vec<&str> = order.split(' ').collect();
        match words.as_slice() {
            ["run", which, milliseconds] => {
                let (which, channels) = match *which {
                    "floor" => (Which::Floor, &floor),
                    _ => (Which::Broker, &broker),
                };
                let start = Instant::now();
                let until = start + Duration::from_millis(milliseconds.parse()?);
                let entries = run(&load, which, channels, in_flight, until).await?;
                let elapsed_us = start.elapsed().as_micros() as u64;
                let questions = entries.len();
                if which == Which::Broker {
                    answered.extend(entries);
                }
                say(&json!({ "questions": questions, "elapsed_us": elapsed_us }));
            }
            ["log"] => {
                let released = released(&load.signer, broker.first().context("no connection")?).await?;
                let same = released.iter().filter(|entry| answered.contains(*entry)).count();
                say(&json!({ "released": released.len(), "same": same }));
            }
            _ => bail!("load: unknown order"),
        }
    }
    Ok(())
}

/// One question for each person. Neighbours in the list are of different households.
fn questions(population: &Population, sources: &[String]) -> Result<Vec<Prepared>> {
    let today = SystemClock.today();
    let period = world::period(today);
    let parsed = ssbtek_wire::period_from_proto(&period, "period")?;
    let largest = population.households().map(<[_]>::len).max().unwrap_or(0);
    let mut questions = Vec::new();
    for place in 0..largest {
        for (household, members) in population.households().enumerate() {
            let Some(person) = members.get(place) else { continue };
            let ask = AskRequest {
                case_id: register::case_id(household),
                role: check::role(person).into(),
                person_number: Some(person.number.expose().to_owned()),
                period: Some(period.clone()),
                ..AskRequest::default()
            };
            questions.push(Prepared { ask, expected: Expected::of(person, sources, &parsed, today)? });
        }
    }
    Ok(questions)
}

/// Asks until the time is over, and returns the entry ids once the last answer has come.
async fn run(
    load: &Arc<Load>,
    which: Which,
    channels: &[Channel],
    in_flight: usize,
    until: Instant,
) -> Result<Vec<String>> {
    let mut loops = JoinSet::new();
    for channel in channels.iter().cycle().take(in_flight.max(1)) {
        loops.spawn(ask_on(load.clone(), which, channel.clone(), until));
    }
    let mut entries = Vec::new();
    while let Some(ended) = loops.join_next().await {
        entries.extend(ended??);
    }
    Ok(entries)
}

async fn ask_on(load: Arc<Load>, which: Which, channel: Channel, until: Instant) -> Result<Vec<String>> {
    let mut client = PersonQueryServiceClient::new(channel).max_decoding_message_size(MAX_ANSWER_BYTES);
    let mut entries = Vec::new();
    while Instant::now() < until {
        let number = load.next.fetch_add(1, Ordering::Relaxed);
        let question = load.questions.get(number % load.questions.len()).context("nobody to ask about")?;
        let deep = number.is_multiple_of(DEEP_EVERY);
        let answer = match which {
            Which::Floor => {
                let answer = client.ask(question.ask.clone()).await?.into_inner();
                question.expected.check_floor(&answer, deep)?;
                answer
            }
            Which::Broker => {
                let call = load.signer.call(CASE_WORKER, question.ask.clone())?;
                let answer = client.ask(call).await?.into_inner();
                question.expected.check_broker(&answer, deep.then_some(&load.trust))?;
                answer
            }
        };
        entries.push(answer.entry_id);
    }
    Ok(entries)
}

/// Every entry in the log that says its answer was released.
async fn released(signer: &Signer, channel: &Channel) -> Result<HashSet<String>> {
    let mut client = AccessLogServiceClient::new(channel.clone()).max_decoding_message_size(MAX_ANSWER_BYTES);
    let (mut entries, mut page) = (HashSet::new(), String::new());
    loop {
        let list = ListEntriesRequest { page_size: PAGE, page, ..Default::default() };
        let told = client.list_entries(signer.call(AUDITOR, list)?).await?.into_inner();
        for entry in told.entries {
            ensure!(entry.state() != EntryState::Open, "an entry is still open");
            if entry.state() == EntryState::Released {
                ensure!(entries.insert(entry.entry_id), "an entry stands twice in the log");
            }
        }
        page = told.next_page;
        if page.is_empty() {
            return Ok(entries);
        }
    }
}
