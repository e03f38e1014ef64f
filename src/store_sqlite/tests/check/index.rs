//! The look-up index over months, restarts, erasure, and from before it was one table.

use std::{collections::BTreeSet, fs, path::Path};

use chrono::TimeDelta;
use rusqlite::Connection;
use ssbtek_access_log::{Criteria, Filter, Holder, Leases, TreeStore};
use ssbtek_domain::{OrganisationNumber, Personnummer};
use ssbtek_purge::{EraseTarget, RetentionStore};
use ssbtek_store_sqlite::OpenError;
use ssbtek_vault::{DoomedKey, KeyId, Vault};

use crate::fixture::{BOARDS, Log, as_of_schema_8, board, checked};

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
async fn making_the_index_anew_can_stop_after_any_record_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::new(directory.path()).await;
    log.ask(board(BOARDS[0]), 50).await;
    log.ask(board(BOARDS[1]), 10).await;
    drop(log);
    sound(directory.path());
    for next in [0, 1, 17, 60] {
        let connection = Connection::open(directory.path().join("broker.db")).unwrap();
        connection
            .execute_batch(&format!(
                "INSERT INTO reindex SELECT id, {next} FROM tree; DELETE FROM term WHERE leaf >= {next};"
            ))
            .unwrap();
        drop(connection);
        let refused = checked(directory.path(), &[]).unwrap_err();
        assert!(matches!(refused, OpenError::NotWhole), "{refused}");
        let log = Log::open(directory.path()).unwrap();
        assert_eq!(about_the_person(&log, board(BOARDS[0])).await, naming(50));
        assert_eq!(about_the_person(&log, board(BOARDS[1])).await, naming(10));
        drop(log);
        sound(directory.path());
    }
}

#[tokio::test]
async fn an_index_of_sorted_runs_becomes_one_table_and_nothing_else_changes() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::new(directory.path()).await;
    log.ask(board(BOARDS[0]), 50).await;
    let before = everything(&log, board(BOARDS[0])).await;
    drop(log);
    sound(directory.path());
    as_of_schema_8(&Connection::open(directory.path().join("broker.db")).unwrap());
    let log = Log::open(directory.path()).unwrap();
    assert_eq!(about_the_person(&log, board(BOARDS[0])).await, naming(50));
    let after = everything(&log, board(BOARDS[0])).await;
    assert!(after == before, "checkpoint, records and the receipt of each are what they were");
    drop(log);
    sound(directory.path());
}

/// The checkpoint, every record as it is stored, and the proof of each.
async fn everything(log: &Log, of: OrganisationNumber) -> impl PartialEq + use<> {
    let tree = log.store.tree(of).await.unwrap().unwrap();
    let leaves = log.store.leaves(of, 0, tree.size).await.unwrap();
    let leaves: Vec<_> =
        leaves.into_iter().map(|leaf| (leaf.header, leaf.commitment, leaf.sealed, leaf.key)).collect();
    let proofs = log.store.inclusion(of, (0..tree.size).collect(), tree.size).await.unwrap();
    (tree, leaves, proofs)
}

#[tokio::test]
async fn pages_through_months_are_whole_and_without_repetition() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::new(directory.path()).await;
    let of = board(BOARDS[0]);
    for _ in 0..4 {
        log.ask(of, 30).await;
        log.ask(board(BOARDS[1]), 8).await;
        log.clock.advance(TimeDelta::days(20));
    }
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = log.log.read(of, &Filter::Person(person()), before, 7).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.index);
        seen.extend(page.iter().map(|record| record.index));
    }
    assert!(seen.is_sorted_by(|newer, older| newer > older));
    assert_eq!(seen.len(), 4 * naming(30));
    assert_eq!(count(directory.path(), "SELECT count(DISTINCT month) FROM term"), 1 + 3);
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
    let life = std::time::Duration::from_secs(60);
    let lease = log.store.hold("purge", Holder::from_bytes([9; 16]), life).await.unwrap().unwrap();
    while log.store.erase_batch(&target, 7, &lease).await.unwrap() > 0 {}
    log.store.give_back(&lease).await.unwrap();
    log.store.compact().await.unwrap();
}

/// Every blind term of a tree's month.
fn terms(directory: &Path, tree: i64, month: i64) -> BTreeSet<[u8; 16]> {
    let connection = Connection::open(directory.join("broker.db")).unwrap();
    let mut terms = connection.prepare("SELECT term FROM term WHERE tree = ?1 AND month = ?2").unwrap();
    terms.query_map([tree, month], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn the_same_is_another_term_each_month_and_at_each_board_and_says_nothing_without_the_months_key() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::new(directory.path()).await;
    for _ in 0..2 {
        log.ask(board(BOARDS[0]), 10).await;
        log.ask(board(BOARDS[1]), 10).await;
        log.clock.advance(TimeDelta::days(20));
    }
    let all: Vec<_> = [(1, 202_611), (1, 202_612), (2, 202_611), (2, 202_612)]
        .map(|(tree, month)| terms(directory.path(), tree, month))
        .into();
    assert_eq!(
        all.iter().map(BTreeSet::len).sum::<usize>(),
        all.iter().flatten().collect::<BTreeSet<_>>().len()
    );
    // Whoever has the file and every key but the months' finds nobody.
    let term = |key: &str| -> [u8; 16] {
        let key = log.vault.open(&KeyId::parse(key).unwrap()).unwrap();
        key.blind("person", person().expose().as_bytes())[..16].try_into().unwrap()
    };
    let of = BOARDS[0];
    for key in log.vault.list().unwrap().iter().filter(|key| !key.as_str().starts_with("log.")) {
        assert!(all.iter().all(|terms| !terms.contains(&term(key.as_str()))), "{key}");
    }
    assert!(all[0].contains(&term(&format!("log.{of}.2026-11"))));
    assert!(all[1].contains(&term(&format!("log.{of}.2026-12"))));
}

#[tokio::test]
async fn of_an_erased_month_no_term_is_left_and_its_entries_keep_their_ids() {
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
    assert_eq!(count(directory.path(), "SELECT count(*) FROM term WHERE tree = 1 AND month <> 0"), 0);
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
async fn a_log_from_before_tokens_and_terms_lay_together_is_read_and_grows() {
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
}
