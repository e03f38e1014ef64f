//! Rows beside the logs that were removed, or put back to what they were, while the store was closed are missed at the next start.

use std::path::Path;

use rusqlite::Connection;
use ssbtek_access_log::{Door, LogError, Marks, Refused};
use ssbtek_authorize::{Caller, Denial};
use ssbtek_domain::Clock;
use ssbtek_store_sqlite::OpenError;

use crate::fixture::{BOARDS, Log, board, checked};

/// The level of the schema that came with what this is about.
const LEVEL: u32 = 11;

/// A log in which assertions were spent and a value has grown, closed again; with a caller whose assertion was spent.
async fn lived(directory: &Path) -> Caller {
    let log = Log::new(directory).await;
    log.ask(board(BOARDS[0]), 3).await;
    log.ask(board(BOARDS[1]), 2).await;
    assert!(log.store.raise(vec![("revocation_list.1".to_owned(), [7; 32])]).await.unwrap());
    let caller = log.caller(board(BOARDS[0]));
    assert!(spend(&log, &caller).await.unwrap());
    log.store.close().await;
    drop(log);
    assert_eq!(checked(directory, &[]).unwrap().findings, Vec::<String>::new());
    caller
}

/// Whether an assertion could be spent; a spent one is refused as such.
async fn spend(log: &Log, caller: &Caller) -> Result<bool, LogError> {
    let refused = Refused::new(None, Denial::CaseClosed, Vec::new(), log.clock.now(), Door::Grpc);
    Ok(log.log.refuse(caller, refused).await? != Denial::AssertionUsed)
}

fn change(directory: &Path, sql: &str) {
    let connection = Connection::open(directory.join("broker.db")).unwrap();
    connection.execute_batch(sql).unwrap();
}

fn finds(directory: &Path, what: &str) {
    let findings = checked(directory, &[]).unwrap().findings;
    assert!(findings.iter().any(|finding| finding.contains(what)), "{findings:?}");
}

#[tokio::test]
async fn a_spent_assertion_stays_spent_whatever_rows_are_removed() {
    let removals = [
        "DELETE FROM spent",
        "DELETE FROM spent WHERE id = (SELECT max(id) FROM spent)",
        "DELETE FROM spent WHERE id = 2",
        "DELETE FROM spent WHERE id <= 2",
        "UPDATE spent SET tokens = zeroblob(length(tokens))",
        "UPDATE spent SET expires_at = 5",
    ];
    for removal in removals {
        let directory = tempfile::tempdir().unwrap();
        let caller = lived(directory.path()).await;
        change(directory.path(), removal);
        finds(directory.path(), "rows of spent tokens");
        let log = Log::open(directory.path()).unwrap();
        assert!(!spend(&log, &caller).await.unwrap(), "{removal}");
        // One that can only have been issued since is as good as ever, and so it stays after the next start.
        let mut fresh = log.caller(board(BOARDS[0]));
        fresh.token.expires_at = log.clock.now() + chrono::TimeDelta::seconds(361);
        assert!(spend(&log, &fresh).await.unwrap(), "{removal}");
        log.store.close().await;
        drop(log);
        assert_eq!(checked(directory.path(), &[]).unwrap().findings, Vec::<String>::new(), "{removal}");
        let log = Log::open(directory.path()).unwrap();
        for used in [&caller, &fresh] {
            assert!(!spend(&log, used).await.unwrap(), "{removal}");
        }
    }
}

#[tokio::test]
async fn a_start_is_refused_where_rows_of_what_it_rests_on_were_removed_or_put_back() {
    let removals = [
        "DELETE FROM started",
        "DELETE FROM started WHERE name LIKE 'revocation_list.%'",
        "DELETE FROM started WHERE name = 'rows'",
        // What it was before the value grew, row for row.
        "DELETE FROM started; INSERT INTO started SELECT * FROM earlier",
    ];
    for removal in removals {
        let directory = tempfile::tempdir().unwrap();
        let log = Log::new(directory.path()).await;
        change(directory.path(), "CREATE TABLE earlier AS SELECT * FROM started");
        assert!(log.store.raise(vec![("revocation_list.1".to_owned(), [7; 32])]).await.unwrap());
        log.ask(board(BOARDS[0]), 1).await;
        log.store.close().await;
        drop(log);
        change(directory.path(), &format!("{removal}; DROP TABLE earlier"));
        finds(directory.path(), "rows of `started`");
        assert!(
            matches!(
                Log::open(directory.path()),
                Err(OpenError::Store(ssbtek_log_store::OpenError::RowsRemoved))
            ),
            "{removal}"
        );
        // Once an operator has looked, it goes on from what is there.
        let log = Log::open_with(directory.path(), |options| options.store.take_up_rows = true).unwrap();
        assert!(log.store.raise(vec![("revocation_list.1".to_owned(), [8; 32])]).await.unwrap());
        log.ask(board(BOARDS[0]), 1).await;
        log.store.close().await;
        drop(log);
        assert_eq!(checked(directory.path(), &[]).unwrap().findings, Vec::<String>::new(), "{removal}");
        Log::open(directory.path()).unwrap();
    }
}

#[tokio::test]
async fn a_tree_that_does_not_say_how_far_they_had_come_refuses_the_start() {
    for change_of_tree in ["UPDATE tree SET beside = NULL", "UPDATE tree SET beside = zeroblob(32)"] {
        let directory = tempfile::tempdir().unwrap();
        lived(directory.path()).await;
        change(directory.path(), &format!("{change_of_tree}; DELETE FROM spent; DELETE FROM started"));
        assert!(Log::open(directory.path()).is_err(), "{change_of_tree}");
        assert_ne!(checked(directory.path(), &[]).unwrap().findings, Vec::<String>::new());
    }
}

#[tokio::test]
async fn where_the_times_run_backwards_is_told_by_the_records_and_a_row_of_it_that_is_gone_or_another_is_found()
 {
    let removals = [
        "DELETE FROM step_back",
        "UPDATE step_back SET latest = latest - 3600000",
        "UPDATE step_back SET leaf = leaf - 1",
    ];
    for removal in removals {
        let directory = tempfile::tempdir().unwrap();
        let log = Log::new(directory.path()).await;
        log.ask(board(BOARDS[0]), 2).await;
        log.clock.advance(chrono::TimeDelta::hours(-2));
        log.ask(board(BOARDS[0]), 2).await;
        log.store.close().await;
        drop(log);
        assert_eq!(checked(directory.path(), &[]).unwrap().findings, Vec::<String>::new());
        change(directory.path(), removal);
        finds(directory.path(), "where the times run backwards");
    }
}

#[tokio::test]
async fn a_database_from_before_says_after_its_upgrade_what_stands_beside_its_logs_and_where_times_run_backwards()
 {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::new(directory.path()).await;
    log.ask(board(BOARDS[0]), 2).await;
    log.clock.advance(chrono::TimeDelta::hours(-2));
    log.ask(board(BOARDS[0]), 2).await;
    let caller = log.caller(board(BOARDS[0]));
    assert!(spend(&log, &caller).await.unwrap());
    log.store.close().await;
    drop(log);
    let steps = |directory: &Path| -> Vec<(i64, i64)> {
        let connection = Connection::open(directory.join("broker.db")).unwrap();
        let mut rows = connection.prepare("SELECT leaf, latest FROM step_back ORDER BY leaf").unwrap();
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let before = steps(directory.path());
    assert_eq!(before.len(), 1);
    change(
        directory.path(),
        &format!(
            "DROP TABLE step_back; ALTER TABLE tree DROP COLUMN beside; DELETE FROM started WHERE name = 'rows';
             PRAGMA user_version = {}",
            LEVEL - 1
        ),
    );
    let log = Log::open(directory.path()).unwrap();
    assert!(!spend(&log, &caller).await.unwrap(), "a spent assertion is good again after an upgrade");
    log.store.close().await;
    drop(log);
    assert_eq!(steps(directory.path()), before);
    assert_eq!(checked(directory.path(), &[]).unwrap().findings, Vec::<String>::new());
    change(directory.path(), "DELETE FROM spent");
    finds(directory.path(), "rows of spent tokens are missing");
}
