//! Who may ask, through the real door: every combination of what can be wrong, against an oracle of a few lines. The verdict is
//! read at the agencies' own call counters; every denial must stand in the log, and be decided again as it was.

mod prepare;

use futures::{StreamExt, stream};
use ssbtek_domain::OrganisationNumber;
use ssbtek_proto::broker::v1::{self as proto, EntryState};

use crate::harness::{Ask, Wires, World, source_count};
use prepare::{Parties, prepared};

const BOARDS: [&str; 5] = ["in force", "ends tomorrow", "ended", "suspended", "approved"];
const HOURS: [&str; 2] = ["open", "shut"];
const VIA: [&str; 5] = ["own", "agent", "revoked", "lapsed agent", "half-signed agent"];
const WORKERS: [&str; 5] = ["good", "blocked", "unknown", "auditor", "unconfirmed"];
const CASES: [&str; 5] = ["mine", "another's", "closed", "unknown", "lapsed"];
const PERSON: [&str; 5] = ["applicant", "number", "wrong number", "no such role", "one of two"];
const AGENCIES: [&str; 2] = ["all", "never asked"];

/// One of each, by index.
#[derive(Clone, Copy, Debug)]
struct Combination {
    board: usize,
    hours: usize,
    via: usize,
    worker: usize,
    case: usize,
    person: usize,
    agencies: usize,
}

/// How many things are wrong with it.
fn faults(c: &Combination) -> usize {
    let in_order = [
        c.board <= 1,
        HOURS[c.hours] == "open",
        c.via <= 1,
        WORKERS[c.worker] == "good",
        CASES[c.case] == "mine",
        c.person <= 1,
        AGENCIES[c.agencies] == "all",
    ];
    in_order.into_iter().filter(|holds| !holds).count()
}

/// May it be asked?
fn oracle(c: &Combination) -> bool {
    faults(c) == 0
}

fn every() -> Vec<Combination> {
    let sizes =
        [BOARDS.len(), HOURS.len(), VIA.len(), WORKERS.len(), CASES.len(), PERSON.len(), AGENCIES.len()];
    let combination = |n: usize| {
        let mut rest = n;
        let [board, hours, via, worker, case, person, agencies] = sizes.map(|size| {
            let digit = rest % size;
            rest /= size;
            digit
        });
        Combination { board, hours, via, worker, case, person, agencies }
    };
    (0..sizes.iter().product()).map(combination).collect()
}

/// All that have one fault at most, which is where a lenient judgement shows, and of the others every so many;
/// `COMBINATIONS=all` in the environment tries every one: `tests/slow.sh` does.
fn tried() -> Vec<Combination> {
    let step = if std::env::var("COMBINATIONS").is_ok_and(|which| which == "all") { 1 } else { 17 };
    let all = every();
    assert!(all.len() >= 5_000, "{}", all.len());
    all.into_iter().enumerate().filter(|(n, c)| n % step == 0 || faults(c) <= 1).map(|(_, c)| c).collect()
}

/// Puts the question; whether it was answered.
async fn ask(world: &World, parties: &Parties, c: &Combination) -> bool {
    let certificate = parties.certificate(c);
    let mut question = world.question();
    question.case_id = CASES[c.case].into();
    let number = |nth: usize| Some(world.household[nth].number.expose().to_owned());
    let (role, person_number) = match PERSON[c.person] {
        "applicant" => (proto::Role::Applicant, None),
        "number" => (proto::Role::Child, number(1)),
        "wrong number" => (proto::Role::Child, number(0)),
        "no such role" => (proto::Role::CoApplicant, None),
        _ => (proto::Role::Child, None),
    };
    (question.role, question.person_number) = (role.into(), person_number);
    if AGENCIES[c.agencies] == "never asked" {
        question.agencies = vec!["MIV".into()];
    }
    let board = Parties::board(c.board, c.hours);
    let assertion = world.assertion(WORKERS[c.worker]).issued_by(board.as_str()).bound_to(certificate);
    // A connection ends once its certificate was refused; what else was on its way on it may never arrive.
    let channel = match VIA[c.via] {
        "revoked" => world.connect(&certificate.identity),
        _ => parties.channel(certificate),
    };
    Ask::over(channel, assertion.on(question)).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_combination_is_judged_as_the_oracle_says_no_denial_reaches_an_agency_and_each_is_logged() {
    let (world, parties) = prepared(Wires::Own).await;
    let calls = || world.agencies.control().total_calls();
    let (permitted, denied): (Vec<_>, Vec<_>) = tried().into_iter().partition(oracle);
    assert!(!permitted.is_empty() && denied.len() > 800);

    let answered = stream::iter(&denied)
        .map(|c| async { ask(&world, &parties, c).await.then_some(*c) })
        .buffer_unordered(64)
        .filter_map(std::future::ready);
    let answered: Vec<_> = answered.collect().await;
    assert_eq!(calls(), 0, "a denied question reached an agency; answered: {answered:?}");
    assert!(answered.is_empty(), "the oracle denies, the broker answered: {answered:?}");
    for c in &permitted {
        let before = calls();
        assert!(ask(&world, &parties, c).await, "the oracle permits, the broker refused: {c:?}");
        // All but MIV, which is never asked.
        assert_eq!(calls() - before, source_count() - 1, "{c:?}");
    }

    let (mut logged, mut released, mut again) = (0, 0, 0);
    for board in Parties::boards() {
        for entry in entries(&world, &parties, board).await {
            match entry.state() {
                EntryState::Denied => logged += 1,
                EntryState::Released => released += 1,
                _ => continue,
            }
            // Every twentieth is decided again on the stored versions.
            if (logged + released) % 20 == 0 {
                let replayed = replay(&world, &entry.entry_id, board).await;
                assert_eq!(replayed.logged, replayed.replayed);
                assert_eq!(replayed.logged == "permitted", entry.state() == EntryState::Released);
                again += 1;
            }
        }
    }
    assert_eq!((logged, released), (denied.len(), permitted.len()));
    assert!(again > 40, "{again}");
}

/// Everything in a board's log, as its auditor reads it.
async fn entries(world: &World, parties: &Parties, board: OrganisationNumber) -> Vec<proto::LogEntry> {
    let certificate = parties.own(board);
    let channel = parties.channel(certificate);
    let mut client = proto::access_log_service_client::AccessLogServiceClient::new(channel);
    let (mut entries, mut page) = (Vec::new(), String::new());
    loop {
        let assertion = world.assertion("auditor").issued_by(board.as_str()).bound_to(certificate);
        let message = proto::ListEntriesRequest { page_size: 500, page, ..Default::default() };
        let told = client.list_entries(assertion.on(message)).await.unwrap().into_inner();
        entries.extend(told.entries);
        page = told.next_page;
        if page.is_empty() {
            return entries;
        }
    }
}

async fn replay(world: &World, entry: &str, board: OrganisationNumber) -> proto::ReplayDecisionResponse {
    let message = proto::ReplayDecisionRequest {
        entry_id: entry.to_owned(),
        organisation_number: Some(board.to_string()),
    };
    world.agreements(&world.operator.identity).replay_decision(message).await.unwrap().into_inner()
}
