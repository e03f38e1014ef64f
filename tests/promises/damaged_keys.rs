//! Every kind of key that a board has, gone or damaged in every way, found at a start and while the broker runs: that board alone waits,
//! nobody is told that what cannot be read is not there, one event says whose key it is and which, and with the file put back all is as
//! it was.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
};

use ssbtek_proto::broker::v1 as proto;
use tonic::{Code, Status};

use crate::harness::{Ask, BOARD, OTHER_BOARD, Wires, World};

/// Kinds of a board's keys, by the first part of their names. `receipt` opens nothing but what purges leave.
const KINDS: [&str; 5] = ["index", "registry", "sign", "log", "case"];

/// What becomes of a key's file.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Damage {
    Missing,
    Empty,
    Truncated,
    Zeros,
    Flipped(usize),
    Anothers,
    /// A directory, which is not to be read, whoever asks.
    Directory,
    /// A pipe that nobody writes into.
    Pipe,
    /// Thirty-two other bytes, as a key's file of before there were checks.
    OfBefore,
}

const DAMAGES: [Damage; 10] = [
    Damage::Missing,
    Damage::Empty,
    Damage::Truncated,
    Damage::Zeros,
    Damage::Flipped(0),
    Damage::Flipped(31),
    Damage::Anothers,
    Damage::Directory,
    Damage::Pipe,
    Damage::OfBefore,
];

impl Damage {
    fn inflict(self, key: &Path, other: &Path) {
        let mut whole = fs::read(key).unwrap();
        fs::remove_file(key).unwrap();
        match self {
            Damage::Missing => return,
            Damage::Empty => whole.clear(),
            Damage::Truncated => whole.truncate(31),
            Damage::Zeros => whole.fill(0),
            Damage::Flipped(at) => whole[at] ^= 4,
            Damage::Anothers => whole = fs::read(other).unwrap(),
            Damage::Directory => return fs::create_dir(key).unwrap(),
            Damage::Pipe => return assert!(Command::new("mkfifo").arg(key).status().unwrap().success()),
            Damage::OfBefore => whole = vec![7; 32],
        }
        fs::write(key, whole).unwrap();
    }
}

/// The key's file as it was.
fn put_back(key: &Path, kept: &[u8]) {
    if key.is_dir() {
        fs::remove_dir(key).unwrap();
    } else if key.symlink_metadata().is_ok() {
        fs::remove_file(key).unwrap();
    }
    fs::write(key, kept).unwrap();
}

/// What the broker tells, from every thread.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<u8>>>);

impl Write for Events {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Events {
    fn listen() -> Self {
        let events = Self::default();
        let writer = events.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::ERROR)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        events
    }

    /// Faults told since it was asked last.
    fn faults(&self) -> Vec<String> {
        let told = String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap();
        told.lines().filter(|line| line.contains("store_fault")).map(str::to_owned).collect()
    }
}

/// The key of this kind, or another board's.
fn key_of(world: &World, kind: &str, board: &str) -> PathBuf {
    let begins = format!("{kind}.{board}");
    let mut keys: Vec<_> = fs::read_dir(&world.config.store.keys)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(&begins))
        .collect();
    keys.sort();
    keys.pop().unwrap()
}

/// What the board's own people hear, call by call; an answer says how much is in it.
async fn heard(world: &World) -> Vec<(&'static str, Result<usize, Status>)> {
    let admin = || world.assertion("admin");
    let mut agreements = world.agreements(&world.board.identity);
    vec![
        ("Ask", Ask::with(world, world.question()).await.map(|answer| answer.sources.len())),
        (
            "ListEntries",
            world
                .entries((BOARD, &world.board), &proto::ListEntriesRequest::default())
                .await
                .map(|all| all.len()),
        ),
        ("GetBoard", agreements.get_board(admin().on(proto::GetBoardRequest::default())).await.map(|_| 1)),
        (
            "ListAccounts",
            agreements
                .list_accounts(admin().on(proto::ListAccountsRequest::default()))
                .await
                .map(|list| list.into_inner().accounts.len()),
        ),
    ]
}

/// Nothing less than before, or "not now".
fn nothing_is_made_up(
    at: &str,
    whole: &[(&str, usize)],
    heard: &[(&'static str, Result<usize, Status>)],
) -> bool {
    let mut waits = false;
    for ((call, before), (_, now)) in whole.iter().zip(heard) {
        match now {
            Ok(now) => assert!(now >= before, "{at}: {call} has {now} of {before}"),
            Err(status) => {
                assert_eq!(status.code(), Code::Unavailable, "{at}: {call}: {}", status.message());
                waits = true;
            }
        }
    }
    waits
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_gone_or_damaged_stops_its_board_alone_is_told_once_and_heals() {
    let events = Events::listen();
    let mut world =
        World::start_with(Wires::Grpc, |config| config.query.max_questions_an_hour = 100_000).await;
    let whole: Vec<_> =
        heard(&world).await.into_iter().map(|(call, heard)| (call, heard.expect(call))).collect();
    assert_eq!(events.faults(), Vec::<String>::new());
    for kind in KINDS {
        let key = key_of(&world, kind, BOARD);
        // No other board has a case: what is put in its place is a key of another kind.
        let other = key_of(&world, if kind == "case" { "registry" } else { kind }, OTHER_BOARD);
        let kept = fs::read(&key).unwrap();
        for damage in DAMAGES {
            for at_start in [true, false] {
                let at =
                    format!("{kind} {damage:?} {}", if at_start { "at a start" } else { "while it runs" });
                if at_start {
                    world.stop_broker().await;
                }
                damage.inflict(&key, &other);
                if at_start {
                    world.start_broker().await;
                } else {
                    world.broker().look_at_keys().await.unwrap();
                }
                let heard_now = heard(&world).await;
                let waits = nothing_is_made_up(&at, &whole, &heard_now);
                // What signs is held in memory until the process ends.
                let goes_on = !at_start && kind == "sign";
                assert!(waits != goes_on, "{at}: waits: {waits}");
                world
                    .entries((OTHER_BOARD, &world.other_board), &proto::ListEntriesRequest::default())
                    .await
                    .expect("another board waits");
                let told = events.faults();
                let is_its =
                    |line: &String| line.contains(BOARD) && line.contains(&format!("key_kind=\"{kind}\""));
                assert!(told.len() == 1 && told.iter().all(is_its), "{at}: {told:#?}");
                put_back(&key, &kept);
                if kind == "sign" {
                    world.restart().await;
                } else {
                    world.broker().look_at_keys().await.unwrap();
                }
                let healed = heard(&world).await;
                assert!(!nothing_is_made_up(&at, &whole, &healed), "{at}: not healed: {healed:?}");
                assert_eq!(events.faults(), Vec::<String>::new(), "{at}: healed");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_concerns_every_board_is_done_beside_one_whose_keys_are_gone_and_that_board_is_told_when_they_are_back()
 {
    let mut world = World::start(Wires::Grpc).await;
    for (done, kind) in (1..).zip(["registry", "index", "log"]) {
        let key = key_of(&world, kind, BOARD);
        let kept = fs::read(&key).unwrap();
        world.stop_broker().await;
        fs::remove_file(&key).unwrap();
        world.start_broker().await;
        let terms = proto::PublishRequest {
            text: proto::PublishedText::Terms.into(),
            ..world.instructions(&format!("terms {done}"))
        };
        let published = world.agreements(&world.operator.identity).publish(terms).await.unwrap();
        assert_eq!(published.into_inner().told_later, [BOARD], "{kind}");
        let told = |log: Vec<proto::LogEntry>| {
            log.into_iter().filter(|entry| entry.action == "publish_terms").count()
        };
        assert_eq!(told(world.log_of(OTHER_BOARD, &world.other_board).await), done, "{kind}");
        fs::write(&key, &kept).unwrap();
        world.restart().await;
        assert_eq!(told(world.log().await), done, "{kind}: told once its key is back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_providers_documents_nobody_is_answered_the_broker_runs_says_whose_key_it_is_and_goes_on_with_the_file()
 {
    let events = Events::listen();
    let mut world = World::start(Wires::Grpc).await;
    let whole: Vec<_> =
        heard(&world).await.into_iter().map(|(call, heard)| (call, heard.expect(call))).collect();
    let (key, other) = (key_of(&world, "registry", "provider"), key_of(&world, "registry", BOARD));
    let kept = fs::read(&key).unwrap();
    for damage in DAMAGES {
        events.faults();
        world.stop_broker().await;
        damage.inflict(&key, &other);
        world.start_broker().await;
        for (call, heard) in heard(&world).await {
            assert_eq!(heard.map_err(|status| status.code()), Err(Code::Unavailable), "{damage:?}: {call}");
        }
        let told = events.faults();
        let names =
            told.iter().any(|line| line.contains("key_kind=\"registry\"") && !line.contains("board="));
        assert!(told.len() == 1 && names, "{damage:?}: {told:#?}");
        put_back(&key, &kept);
        world.broker().look_at_keys().await.unwrap();
        assert!(!nothing_is_made_up("healed", &whole, &heard(&world).await), "{damage:?}: not healed");
    }
}
