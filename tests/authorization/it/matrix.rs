//! Every combination of what can be wrong, against an oracle of a few lines.

use std::sync::atomic::Ordering;

use chrono::NaiveTime;
use futures::{StreamExt, stream};
use ssbtek_access_log::RecordKind;
use ssbtek_authorize::{Ask, BoardState, Caller, DocumentRef, Hours, RegisteredCertificate};
use ssbtek_domain::{Agency, CaseId, Clock, OrganisationNumber, Processor, Role};
use ssbtek_registry::Verdict;

use crate::world::{PERSONS, World, ask_on, documents, id, organisation, person, question};

const BOARDS: [&str; 5] = ["in force", "ends tomorrow", "ended", "suspended", "approved"];
const HOURS: [&str; 2] = ["open", "shut"];
const VIA: [&str; 5] = ["own", "agent", "revoked", "lapsed agent", "half-signed agent"];
const WORKERS: [&str; 5] = ["good", "blocked", "unknown", "auditor", "unconfirmed"];
const CASES: [&str; 5] = ["mine", "another's", "closed", "unknown", "lapsed"];
const PERSON: [&str; 5] = ["applicant", "number", "wrong number", "no such role", "one of two"];
const AGENCIES: [&str; 2] = ["all", "never asked"];

#[derive(Clone, Copy)]
struct Combination {
    board: usize,
    hours: usize,
    via: usize,
    worker: usize,
    case: usize,
    person: usize,
    agencies: usize,
}

/// May it be asked?
fn oracle(c: &Combination) -> bool {
    (c.board <= 1 && HOURS[c.hours] == "open" && c.via <= 1)
        && (WORKERS[c.worker] == "good" && CASES[c.case] == "mine")
        && (c.person <= 1 && AGENCIES[c.agencies] == "all")
}

fn every() -> Vec<Combination> {
    let mut all = Vec::new();
    for n in 0..BOARDS.len() * HOURS.len() * VIA.len() * WORKERS.len() * CASES.len() * PERSON.len() * 2 {
        let mut rest = n;
        let mut next = |count: usize| {
            let digit = rest % count;
            rest /= count;
            digit
        };
        all.push(Combination {
            board: next(BOARDS.len()),
            hours: next(HOURS.len()),
            via: next(VIA.len()),
            worker: next(WORKERS.len()),
            case: next(CASES.len()),
            person: next(PERSON.len()),
            agencies: next(AGENCIES.len()),
        });
    }
    all
}

fn number(board: usize, hours: usize) -> OrganisationNumber {
    organisation(&format!("16212000{board}{hours}00"))
}

fn agent(via: usize) -> OrganisationNumber {
    organisation(&format!("1655600{via}0000"))
}

async fn prepare(world: &World) {
    let now = world.clock.now();
    let provider = organisation("162021009994");
    world.publish("1").await;
    for via in [1, 3, 4] {
        let mut document = documents::agent(agent(via), [via as u8 + 10; 32], now);
        if VIA[via] == "lapsed agent" {
            let evidence = document.qualification.get_mut(&ssbtek_authorize::QualificationItem::TaxesPaid);
            evidence.unwrap().dated = "2026-08-19".parse().unwrap();
        }
        world.write(provider, vec![documents::new(DocumentRef::agent(agent(via)), &document)]).await;
    }
    for (b, state) in BOARDS.iter().enumerate() {
        for (h, hours) in HOURS.iter().enumerate() {
            let board = number(b, h);
            let mut document = documents::board(board, now);
            let mut revoked = RegisteredCertificate::new(&[9; 32]);
            revoked.revoked_at = Some(now);
            document.certificates.push(revoked);
            document.never_asked = [Agency::Miv].into();
            document.state = match *state {
                "suspended" => BoardState::Suspended,
                "approved" => BoardState::Approved,
                _ => BoardState::InForce,
            };
            let today = ssbtek_domain::stockholm_date(now);
            document.ends_on = match *state {
                "ends tomorrow" => today.succ_opt(),
                "ended" => today.pred_opt(),
                _ => None,
            };
            let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
            // It is eleven o'clock in Stockholm.
            let from = if *hours == "open" { at(8) } else { at(12) };
            document.rules.hours = Some(Hours { from, to: at(17), weekdays_only: true });
            let mut writes = vec![documents::new(DocumentRef::board(board), &document)];
            for name in WORKERS {
                let mut worker = documents::worker(name, now);
                worker.blocked = name == "blocked";
                if name == "auditor" {
                    worker.duties = [ssbtek_authorize::Duty::Audits].into();
                }
                if name == "unconfirmed" {
                    worker.confirmed.clear();
                }
                if name != "unknown" {
                    writes.push(documents::new(DocumentRef::case_worker(board, &id(name)), &worker));
                }
            }
            for name in CASES {
                let mine = ["good", "blocked", "unknown", "auditor", "unconfirmed"];
                let mut case = documents::case(name, if name == "another's" { &["bo"] } else { &mine });
                if name == "closed" {
                    case.close(now).unwrap();
                }
                case.provisional_to = (name == "lapsed").then(|| "2026-11-19".parse().unwrap());
                if name != "unknown" {
                    writes.push(documents::new(DocumentRef::case(board, &case.id), &case));
                }
            }
            for via in [1, 3, 4] {
                let mut notification = documents::notification(board, agent(via), now);
                if VIA[via] == "half-signed agent" {
                    notification.signed_by_board = None;
                }
                let reference = DocumentRef::agent_notification(board, agent(via));
                writes.push(documents::new(reference, &notification));
            }
            world.write(board, writes).await;
        }
    }
}

fn call(world: &World, c: &Combination) -> (Caller, Ask) {
    let own = Caller { board: number(c.board, c.hours), ..world.caller(WORKERS[c.worker]) };
    let carried = |via: usize| {
        let organisation = agent(via);
        let processors = vec![Processor { organisation, name: "Ombudet".into() }];
        Caller { certificate: [via as u8 + 10; 32], agent: Some(organisation), processors, ..own.clone() }
    };
    let caller = match VIA[c.via] {
        "own" => own,
        "revoked" => Caller { certificate: [9; 32], ..own },
        _ => carried(c.via),
    };
    let mut ask = question("x");
    ask.case = CaseId::parse(CASES[c.case]).unwrap();
    (ask.role, ask.person) = match PERSON[c.person] {
        "applicant" => (Some(Role::Applicant), None),
        "number" => (Some(Role::Child), Some(person(PERSONS[1]))),
        "wrong number" => (Some(Role::Child), Some(person(PERSONS[0]))),
        "no such role" => (Some(Role::CoApplicant), None),
        _ => (Some(Role::Child), None),
    };
    if AGENCIES[c.agencies] == "never asked" {
        ask.agencies = [Agency::Miv].into();
    }
    (caller, ask)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_combination_is_decided_as_the_oracle_says_and_a_denial_asks_nobody_and_is_logged() {
    let world = World::new();
    prepare(&world).await;
    let all = every();
    assert!(all.len() >= 5_000, "{}", all.len());
    let (permitted, denied): (Vec<_>, Vec<_>) = all.into_iter().partition(oracle);
    let path = world.path().await;
    let run = |combinations: Vec<Combination>| {
        let (world, path) = (&world, &path);
        stream::iter(combinations)
            .map(move |c| async move {
                let (caller, ask) = call(world, &c);
                ask_on(path, caller, ask).await.is_ok()
            })
            .buffer_unordered(256)
            .collect::<Vec<bool>>()
    };
    let (denials, permits) = (denied.len(), permitted.len());
    assert!(run(denied).await.iter().all(|answered| !answered), "the oracle denies, the broker answered");
    assert_eq!(world.calls.load(Ordering::SeqCst), 0, "a denied question reached a source");
    assert!(run(permitted).await.iter().all(|answered| *answered), "the oracle permits, the broker refused");
    // All but MIV, which is never asked.
    assert_eq!(world.calls.load(Ordering::SeqCst), ((Agency::ALL.len() - 1) * permits) as u64);

    let boards = (0..BOARDS.len()).flat_map(|b| (0..HOURS.len()).map(move |h| number(b, h)));
    let (mut logged, mut intents, mut releases, mut replayed) = (0, 0, 0, 0);
    for board in boards {
        for record in world.records(board).await {
            match record.header.kind {
                RecordKind::Denial => logged += 1,
                RecordKind::Intent => intents += 1,
                RecordKind::Release => releases += 1,
                _ => continue,
            }
            // Every twentieth decision is decided again on the stored versions.
            if record.index % 20 == 0 && record.header.kind != RecordKind::Release {
                let again = world.desk.replay(&[board], record.header.entry).await.unwrap();
                assert_eq!(again.logged, again.replayed);
                assert_eq!(again.logged == Verdict::Permitted, record.header.kind == RecordKind::Intent);
                replayed += 1;
            }
        }
    }
    assert_eq!((logged, intents, releases), (denials, permits, permits));
    assert!(replayed > 100, "{replayed}");
}
