//! Every kind of key file, in every state, at a start, while it runs and when a purge is due, against a plain oracle: no other board
//! notices; nothing that was written is lost or told as not there; and what was to be erased is erased, also once the file is back.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use ssbtek_access_log::Filter;
use ssbtek_authorize::{Board, Case, DocumentRef};
use ssbtek_domain::{CaseId, OrganisationNumber};
use ssbtek_purge::NoFaults;
use tempfile::TempDir;

use crate::world::{World, board, copy_all, person};

/// Kinds of a board's keys, by the first part of their names.
pub(crate) const KINDS: [&str; 6] = ["index", "registry", "sign", "log", "case", "receipt"];

/// What lies in a key file's place.
#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Gone,
    Empty,
    Short,
    /// The secret alone, as of before there were checks.
    Cut,
    /// Thirty-two other bytes, as another installation's of before there were checks.
    Other32,
    Other48,
    /// Another board's.
    Anothers,
    /// Of the same name, from another installation.
    Foreign,
    Pipe,
    Directory,
    /// A link to itself.
    Loop,
    Dangling,
    /// A link to the right file, which lies elsewhere.
    Aside,
    /// A link to another board's file.
    ToAnothers,
    /// Another name of another board's file.
    NameOfAnothers,
}

const STATES: [State; 15] = [
    State::Gone,
    State::Empty,
    State::Short,
    State::Cut,
    State::Other32,
    State::Other48,
    State::Anothers,
    State::Foreign,
    State::Pipe,
    State::Directory,
    State::Loop,
    State::Dangling,
    State::Aside,
    State::ToAnothers,
    State::NameOfAnothers,
];

pub(crate) fn key_of(directory: &Path, kind: &str, board: OrganisationNumber) -> PathBuf {
    let begins = format!("{kind}.{board}");
    let files = fs::read_dir(directory.join("keys")).unwrap().map(|file| file.unwrap().path());
    let mut found: Vec<_> =
        files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(&begins)).collect();
    found.sort();
    found.pop().unwrap_or_else(|| panic!("{kind}"))
}

pub(crate) fn remove(path: &Path) {
    if path.symlink_metadata().is_ok_and(|file| file.is_dir()) {
        fs::remove_dir(path).unwrap();
    } else if path.symlink_metadata().is_ok() {
        fs::remove_file(path).unwrap();
    }
}

impl State {
    /// Whether what lies there is certainly no regular file.
    fn is_no_file(self) -> bool {
        use State::{Aside, Dangling, Directory, Loop, Pipe, ToAnothers};
        matches!(self, Pipe | Directory | Loop | Dangling | Aside | ToAnothers)
    }

    /// Puts it there. `foreign`: another installation with the same names.
    fn inflict(self, key: &Path, foreign: &Path) {
        let whole = fs::read(key).unwrap();
        let of_other = || {
            let kind = key.file_name().unwrap().to_str().unwrap().split('.').next().unwrap().to_owned();
            key_of(key.parent().unwrap().parent().unwrap(), &kind, board(1))
        };
        let left = match self {
            State::Gone => None,
            State::Empty => Some(vec![]),
            State::Short => Some(whole[..20].to_vec()),
            State::Cut => Some(whole[..32].to_vec()),
            State::Other32 => Some(vec![9; 32]),
            State::Other48 => Some(vec![9; 48]),
            State::Anothers => Some(fs::read(of_other()).unwrap()),
            State::Foreign => Some(fs::read(foreign.join("keys").join(key.file_name().unwrap())).unwrap()),
            _ => None,
        };
        fs::remove_file(key).unwrap();
        match (self, left) {
            (State::Pipe, _) => assert!(Command::new("mkfifo").arg(key).status().unwrap().success()),
            (State::Directory, _) => fs::create_dir(key).unwrap(),
            (State::Loop, _) => symlink(key, key).unwrap(),
            (State::Dangling, _) => symlink(key.join("nothing"), key).unwrap(),
            (State::Aside, _) => {
                let aside = key.parent().unwrap().with_file_name("aside");
                fs::write(&aside, whole).unwrap();
                symlink(aside, key).unwrap();
            }
            (State::ToAnothers, _) => symlink(of_other(), key).unwrap(),
            (State::NameOfAnothers, _) => fs::hard_link(of_other(), key).unwrap(),
            (_, Some(left)) => fs::write(key, left).unwrap(),
            _ => {}
        }
    }
}

/// Two boards with cases, records of which one month has been purged, and so every kind of key.
pub(crate) async fn two_boards() -> World {
    let world = World::new("2025-11-20");
    for n in 0..2 {
        world.register(board(n), "EB-1", &person(n as u32)).await;
        world.ask(board(n), "EB-1").await;
    }
    world.at("2026-01-20T11:00:00Z");
    assert_eq!(world.run().await.unwrap().receipts.len(), 2);
    for n in 0..2 {
        for _ in 0..4 {
            world.ask(board(n), "EB-1").await;
        }
    }
    world
}

/// Two installations with the same boards, closed, and how much the first board has.
async fn closed() -> (World, World, usize) {
    let (world, foreign) = (two_boards().await, two_boards().await);
    // A case of the same name has a key of another name there: none is foreign.
    foreign.store.close().await;
    let whole = world.records(board(0), &Filter::All).await.len();
    (world, foreign, whole)
}

/// As a process starts: what was destroyed once is destroyed again, and the keys are looked at.
pub(crate) async fn opened(directory: &Path, like: &World) -> World {
    let world = World::open(directory, like.clock.clone(), like.true_clock.clone());
    world.purger.erase_again(&NoFaults).await.unwrap();
    world.purger.replay(&NoFaults).await.unwrap();
    world.store.look_at_keys().await.unwrap();
    world
}

/// Writes a record and reads all: what was taken is there afterwards.
async fn use_it(world: &World, whole: &mut usize, at: &str) -> bool {
    let wrote = world.log.change(board(0), "operator", "noted", None, vec![]).await;
    *whole += usize::from(wrote.is_ok());
    let read = world.log.read(board(0), &Filter::All, None, 100_000).await;
    let case = DocumentRef::case(board(0), &CaseId::parse("EB-1").unwrap());
    let case = world.log.document::<Case>(&case).await;
    let registered = world.log.document::<Board>(&DocumentRef::board(board(0))).await;
    if let Ok(registered) = &registered {
        assert!(registered.is_some(), "{at}: a board is told as not there");
    }
    if let Ok(read) = &read {
        assert_eq!(read.len(), *whole, "{at}: records are missing");
    }
    if let Ok(case) = &case {
        assert!(case.is_some(), "{at}: a case is told as not there");
    }
    wrote.is_ok() && read.is_ok() && case.is_ok() && registered.is_ok()
}

#[tokio::test]
async fn whatever_lies_in_a_keys_place_nothing_is_lost_nobody_else_notices_and_all_is_back_with_the_file() {
    let (first, foreign, whole) = closed().await;
    for kind in KINDS {
        for state in STATES {
            // A case's key has a name of its own in each installation.
            if state == State::Foreign && kind == "case" {
                continue;
            }
            for at_start in [true, false] {
                let at =
                    format!("{kind} {state:?} {}", if at_start { "at a start" } else { "while it runs" });
                let (directory, mut whole) = (tempfile::tempdir().unwrap(), whole);
                copy_all(&first.directory, directory.path());
                let key = key_of(directory.path(), kind, board(0));
                let kept = fs::read(&key).unwrap();
                let anothers = key_of(directory.path(), kind, board(1));
                let of_another = fs::read(&anothers).unwrap();
                let mut world = None;
                if !at_start {
                    world = Some(opened(directory.path(), &first).await);
                }
                state.inflict(&key, &foreign.directory);
                let world = match world {
                    None => opened(directory.path(), &first).await,
                    Some(running) => {
                        running.store.look_at_keys().await.unwrap();
                        running
                    }
                };
                let mut goes_on = use_it(&world, &mut whole, &at).await;
                if state == State::Cut && kind == "case" && !at_start {
                    // Of these it is met when it is read, and proven at the next look.
                    world.store.look_at_keys().await.unwrap();
                    goes_on = use_it(&world, &mut whole, &at).await;
                }
                if state == State::Cut {
                    assert!(goes_on, "{at}: it is the right key");
                    assert_eq!(fs::read(&key).unwrap(), kept, "{at}: it has its check again");
                } else if (at_start && kind != "receipt")
                    || (state.is_no_file() && kind != "receipt" && kind != "sign")
                {
                    assert!(!goes_on, "{at}: it was used");
                }
                assert_eq!(fs::read(&anothers).unwrap(), of_another, "{at}: another board's key");
                let others = world.records(board(1), &Filter::All).await.len();
                assert!(others > 4, "{at}: another board's records");
                world.ask(board(1), "EB-1").await;
                remove(&key);
                fs::write(&key, &kept).unwrap();
                world.store.look_at_keys().await.unwrap();
                if kind == "sign" {
                    world.store.close().await;
                    let world = opened(directory.path(), &first).await;
                    assert!(use_it(&world, &mut whole, &at).await, "{at}: not back");
                } else {
                    assert!(use_it(&world, &mut whole, &at).await, "{at}: not back");
                }
            }
        }
    }
}

/// Everything that a key opens of the first board, wherever it lies.
pub(crate) async fn opens_anything(world: &World) -> Vec<String> {
    let mut left = world.leftovers(board(0)).await;
    let read = world.log.read(board(0), &Filter::All, None, 100_000).await;
    let readable = |record: &&ssbtek_access_log::LoggedRecord| {
        record.payload.is_some() && record.header.kind != ssbtek_access_log::RecordKind::Purge
    };
    left.extend(read.iter().flatten().filter(readable).map(|record| format!("{:?}", record.header.kind)));
    left
}

#[tokio::test]
async fn a_purge_erases_all_that_it_says_whatever_lies_in_a_keys_place_and_what_comes_back_opens_nothing() {
    let (first, foreign, _) = closed().await;
    first.end(board(0), "2026-01-31").await.unwrap();
    first.at("2026-02-28T08:00:00Z");
    first.true_clock.set("2026-02-28T08:00:00Z".parse().unwrap());
    for kind in KINDS {
        for state in STATES {
            if state == State::Foreign && kind == "case" {
                continue;
            }
            let at = format!("{kind} {state:?}");
            let directory = tempfile::tempdir().unwrap();
            copy_all(&first.directory, directory.path());
            let key = key_of(directory.path(), kind, board(0));
            let anothers = key_of(directory.path(), kind, board(1));
            let of_another = fs::read(&anothers).unwrap();
            state.inflict(&key, &foreign.directory);
            let world = opened(directory.path(), &first).await;
            let ran = world.purger.run(None, &NoFaults).await.unwrap();
            // What signs, and what receipts are sealed under, is needed for the receipt alone.
            let certifies = state == State::Cut || !matches!(kind, "sign" | "receipt");
            assert_eq!(ran.receipts.len(), usize::from(certifies), "{at}: {:?}", ran.failed);
            assert_eq!(opens_anything(&world).await, Vec::<String>::new(), "{at}: right after it");
            if let Some(receipt) = ran.receipts.first() {
                let named = |id: &ssbtek_vault::KeyId| key.ends_with(id.as_str());
                if !matches!(kind, "sign" | "receipt") {
                    assert!(receipt.record.keys.iter().any(named), "{at}: the receipt names it");
                    let had = state == State::Cut;
                    assert_eq!(
                        receipt.record.not_had.iter().any(named),
                        !had,
                        "{at}: and whether it was had"
                    );
                }
            }
            assert_eq!(fs::read(&anothers).unwrap(), of_another, "{at}: another board's key");
            // Only its file comes back, while it runs and before the next start.
            let kept = fs::read(key_of(&first.directory, kind, board(0))).unwrap();
            for (at_start, length) in [(false, 48), (false, 32), (true, 48)] {
                if matches!(kind, "sign" | "receipt") {
                    break;
                }
                remove(&key);
                fs::write(&key, &kept[..length]).unwrap();
                if at_start {
                    world.store.close().await;
                    let world = opened(directory.path(), &first).await;
                    assert_eq!(opens_anything(&world).await, Vec::<String>::new(), "{at}: at a start");
                    world.store.close().await;
                } else {
                    world.store.look_at_keys().await.unwrap();
                }
                assert!(!key.exists(), "{at}: destroyed again");
            }
            world.store.close().await;
            // All comes back: database and keys, as they were before it.
            let restored: TempDir = tempfile::tempdir().unwrap();
            copy_all(&first.directory, restored.path());
            fs::copy(directory.path().join("purge-ledger.jsonl"), restored.path().join("purge-ledger.jsonl"))
                .unwrap();
            let world = opened(restored.path(), &first).await;
            assert_eq!(opens_anything(&world).await, Vec::<String>::new(), "{at}: restored");
            // And the board begins again.
            world.register(board(0), "EB-1", &person(3)).await;
            world.ask(board(0), "EB-1").await;
            let again = world.records(board(0), &Filter::All).await.len();
            world.store.close().await;
            let world = opened(restored.path(), &first).await;
            assert_eq!(world.records(board(0), &Filter::All).await.len(), again, "{at}: the new agreement");
            assert!(world.case(board(0), "EB-1").await.is_some(), "{at}: the new agreement's case");
        }
    }
}

#[tokio::test]
async fn with_every_key_of_a_board_gone_all_of_it_is_erased_and_stays_so_when_they_all_come_back_with_the_database()
 {
    let (first, _, _) = closed().await;
    first.end(board(0), "2026-01-31").await.unwrap();
    first.at("2026-02-28T08:00:00Z");
    first.true_clock.set("2026-02-28T08:00:00Z".parse().unwrap());
    for while_it_runs in [false, true] {
        let directory = tempfile::tempdir().unwrap();
        copy_all(&first.directory, directory.path());
        let mut world = None;
        if while_it_runs {
            let running = opened(directory.path(), &first).await;
            // Some of them are in memory.
            let _ = running.log.read(board(0), &Filter::All, None, 100).await;
            world = Some(running);
        }
        for kind in ["index", "registry", "log", "case"] {
            remove(&key_of(directory.path(), kind, board(0)));
        }
        let world = match world {
            None => opened(directory.path(), &first).await,
            Some(world) => world,
        };
        assert_eq!(world.run().await.unwrap().receipts.len(), 1, "{while_it_runs}");
        assert_eq!(opens_anything(&world).await, Vec::<String>::new(), "{while_it_runs}");
        world.store.close().await;
        let ledger = fs::read(directory.path().join("purge-ledger.jsonl")).unwrap();
        copy_all(&first.directory, directory.path());
        fs::write(directory.path().join("purge-ledger.jsonl"), ledger).unwrap();
        let world = opened(directory.path(), &first).await;
        assert_eq!(opens_anything(&world).await, Vec::<String>::new(), "{while_it_runs}: restored");
        assert_eq!(world.purges_logged(board(0)).await, 2, "{while_it_runs}: the month's and the board's");
    }
}
