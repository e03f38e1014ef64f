//! The look-up index through merges, restarts, erasure, and from before there were runs.

use std::{fs, path::Path};

use rusqlite::Connection;
use ssbtek_access_log::{Criteria, Filter, TreeStore};
use ssbtek_domain::{OrganisationNumber, Personnummer};
use ssbtek_purge::{EraseTarget, RetentionStore};
use ssbtek_vault::{DoomedKey, KeyId, Vault};

use crate::fixture::{BOARDS, Log, board, checked};

fn person() -> Personnummer {
    Personnummer::parse("198001019804", "2026-11-22".parse().unwrap()).unwrap()
}

/// How many of so many questions name the person: every seventh is refused, and names nobody.
fn naming(questions: usize) -> usize {
    questions - questions / 7
}

async fn about_the_person(log: &Log, of: OrganisationNumber) -> usize {
    let criteria = Criteria { person: Some(person()), ..Criteria::default() };
    log.log.find(of, &criteria, None, usize::MAX).await.unwrap().0.len()
}

fn sound(directory: &Path) {
    assert_eq!(checked(directory, &[]).unwrap().findings, Vec::<String>::new());
}

/// The same of a month that was erased here without a purge, which would have left its record.
fn sound_but_for_the_month(directory: &Path, of: OrganisationNumber) {
    let gone = format!("board {of}: what log.{of}.2026-11 sealed is gone, and no purge tells of it");
    assert_eq!(checked(directory, &[]).unwrap().findings, [gone]);
}

fn count(directory: &Path, sql: &str) -> i64 {
    let connection = Connection::open(directory.join("broker.db")).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn merging_can_stop_after_any_record_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::new(directory.path()).await;
    log.ask(board(BOARDS[0]), 50).await;
    drop(log);
    let mut states = [0; 3];
    for n in 1..=25 {
        let log = Log::open(directory.path()).unwrap();
        log.ask(board(BOARDS[0]), 1).await;
        assert_eq!(about_the_person(&log, board(BOARDS[0])).await, naming(50) + n);
        drop(log);
        sound(directory.path());
        for (state, seen) in states.iter_mut().enumerate() {
            *seen += count(directory.path(), &format!("SELECT count(*) FROM run WHERE state = {state}"));
        }
    }
    assert!(states.iter().all(|seen| *seen > 0), "stopped in the middle of merges: {states:?}");
    assert!(count(directory.path(), "SELECT count(*) FROM run") < 30);
}

#[tokio::test]
async fn pages_through_runs_and_memory_are_whole_and_without_repetition() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::new(directory.path()).await;
    let of = board(BOARDS[0]);
    log.ask(of, 120).await;
    log.ask(board(BOARDS[1]), 30).await;
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = log.log.read(of, &Filter::Person(person()), before, 7).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.index);
        seen.extend(page.iter().map(|record| record.index));
    }
    assert!(seen.is_sorted_by(|newer, older| newer > older));
    assert_eq!(seen.len(), naming(120));
    for index in seen {
        let leaf = log.store.leaves(of, index, index + 1).await.unwrap().remove(0);
        let entry = ssbtek_access_log::Header::from_bytes(&leaf.header).unwrap().entry;
        let records = log.log.read(of, &Filter::Entry(entry), None, 9).await.unwrap();
        assert!(records.iter().any(|record| record.index == index) && records.len() <= 2);
    }
}

/// Erases what is under the month's key, below an index.
async fn erase(log: &Log, of: OrganisationNumber, below: u64) {
    let month = KeyId::new(&["log", of.as_str(), "2026-11"]);
    log.vault.destroy(&[DoomedKey::now(&*log.vault, &month).unwrap()]).unwrap();
    erase_kept(log, of, below).await;
}

/// The same, but the key of that name stays: it is a later one.
async fn erase_kept(log: &Log, of: OrganisationNumber, below: u64) {
    let month = KeyId::new(&["log", of.as_str(), "2026-11"]);
    let target = EraseTarget { board: of, leaves_below: below, keys: vec![month], documents: Vec::new() };
    while log.store.erase_batch(&target, 7).await.unwrap() > 0 {}
    log.store.compact().await.unwrap();
}

#[tokio::test]
async fn no_blind_term_of_a_person_ever_stands_unsealed_in_the_files() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::new(directory.path()).await;
    let of = board(BOARDS[0]);
    let index = log.vault.open(&KeyId::new(&["index", of.as_str()])).unwrap();
    let term = index.blind("person", person().expose().as_bytes());
    for _ in 0..20 {
        log.ask(of, 10).await;
        for name in ["broker.db", "broker.db-wal"] {
            let bytes = fs::read(directory.path().join(name)).unwrap_or_default();
            assert!(!bytes.windows(8).any(|window| term.starts_with(window)));
        }
    }
    assert!(count(directory.path(), "SELECT count(*) FROM run WHERE key_id <> ''") > 1);
}

#[tokio::test]
async fn of_an_erased_month_no_run_is_left_and_its_entries_keep_their_ids() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::new(directory.path()).await;
    let of = board(BOARDS[0]);
    log.ask(of, 90).await;
    log.ask(board(BOARDS[1]), 20).await;
    let size = TreeStore::tree(&*log.store, of).await.unwrap().unwrap().size;
    let entry = log.log.read(of, &Filter::Person(person()), None, 1).await.unwrap().remove(0).header.entry;
    erase(&log, of, size).await;
    assert_eq!(about_the_person(&log, of).await, 0);
    assert!(!log.log.read(of, &Filter::Entry(entry), None, 9).await.unwrap().is_empty());
    assert_eq!(about_the_person(&log, board(BOARDS[1])).await, naming(20));
    let left = "SELECT count(*) FROM run WHERE state = 2 OR tree = 1 AND key_id <> ''";
    assert_eq!(count(directory.path(), left), 0);
    let of_no_run = "SELECT count(*) FROM bucket WHERE id >> 24 NOT IN (SELECT id FROM run)";
    assert_eq!(count(directory.path(), of_no_run), 0);
    drop(log);
    sound_but_for_the_month(directory.path(), of);
}

#[tokio::test]
async fn what_was_written_under_a_later_key_of_the_same_month_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::new(directory.path()).await;
    let of = board(BOARDS[0]);
    log.ask(of, 90).await;
    let below = TreeStore::tree(&*log.store, of).await.unwrap().unwrap().size;
    let month = KeyId::new(&["log", of.as_str(), "2026-11"]);
    log.vault.destroy(&[DoomedKey::now(&*log.vault, &month).unwrap()]).unwrap();
    log.ask(of, 10).await;
    erase_kept(&log, of, below).await;
    log.ask(of, 10).await;
    assert_eq!(about_the_person(&log, of).await, 2 * naming(10));
    drop(log);
    let log = Log::open(directory.path()).unwrap();
    assert_eq!(about_the_person(&log, of).await, 2 * naming(10));
    drop(log);
    sound_but_for_the_month(directory.path(), of);
}

#[tokio::test]
async fn a_log_from_before_there_were_runs_is_read_and_grows() {
    let (new, old) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let log = Log::new(new.path()).await;
    log.ask(board(BOARDS[0]), 60).await;
    drop(log);
    sound(new.path());
    fs::create_dir(old.path().join("keys")).unwrap();
    for key in fs::read_dir(new.path().join("keys")).unwrap().map(Result::unwrap) {
        fs::copy(key.path(), old.path().join("keys").join(key.file_name())).unwrap();
    }
    let connection = Connection::open(old.path().join("broker.db")).unwrap();
    connection
        .execute_batch(concat!(
            "PRAGMA auto_vacuum = INCREMENTAL;",
            include_str!("../../migrations/0001_trees_and_documents.sql"),
            include_str!("../../migrations/0002_kept_checkpoints.sql"),
            include_str!("../../migrations/0003_retention.sql"),
            "PRAGMA user_version = 3;"
        ))
        .unwrap();
    connection.execute("ATTACH ?1 AS new", [new.path().join("broker.db").to_str()]).unwrap();
    connection
        .execute_batch(
            "INSERT INTO tree SELECT id, organisation, size, frontier, checkpoint FROM new.tree;
             INSERT INTO leaf SELECT id, hash, header, commitment, key_id, sealed FROM new.leaf;
             INSERT INTO tile SELECT * FROM new.tile;
             INSERT INTO token SELECT CAST(substr(tokens, 1, 32) AS BLOB), expires_at, NULL FROM new.spent;
             INSERT INTO document SELECT * FROM new.document;
             INSERT INTO term SELECT unhex(CAST(header AS TEXT) ->> 'entry'), id FROM new.leaf;
             INSERT INTO term SELECT randomblob(16), id FROM new.leaf;",
        )
        .unwrap();
    drop(connection);
    let log = Log::open(old.path()).unwrap();
    assert_eq!(about_the_person(&log, board(BOARDS[0])).await, naming(60));
    log.ask(board(BOARDS[0]), 20).await;
    assert_eq!(about_the_person(&log, board(BOARDS[0])).await, naming(60) + naming(20));
    drop(log);
    sound(old.path());
    assert!(count(old.path(), "SELECT count(*) FROM run WHERE state = 1") > 1);
}
