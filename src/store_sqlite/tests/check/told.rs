//! What the store could not do is told, once, with where, what kind and which board, and without what it was about.

use std::{io, sync::Arc};

use ssbtek_access_log::{
    AccessLog, Criteria, Door, ExportOptions, Filter, LogKeys, LogStore, PageOf, Refused, Selection,
};
use ssbtek_authorize::{Denial, DocumentRef, Registry};
use ssbtek_domain::{CaseId, CaseWorkerId, Clock, Personnummer, SystemEntropy};
use ssbtek_example::Told;
use ssbtek_vault::{DoomedKey, Key, KeyId, Looked, Proof, Proven, Vault, VaultError};

use crate::fixture::{BOARDS, Log, board};

/// Flips one bit of every sealed document whose key's name begins so.
fn flip(directory: &std::path::Path, key: &str) -> usize {
    let connection = rusqlite::Connection::open(directory.join("broker.db")).unwrap();
    let mut rows =
        connection.prepare("SELECT doc, version, sealed FROM document WHERE key_id LIKE ?1 || '%'").unwrap();
    let rows = rows.query_map([key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    let rows: Vec<(Vec<u8>, i64, Vec<u8>)> = rows.map(Result::unwrap).collect();
    for (doc, version, mut sealed) in rows.clone() {
        let middle = sealed.len() / 2;
        sealed[middle] ^= 1;
        let update = "UPDATE document SET sealed = ?3 WHERE doc = ?1 AND version = ?2";
        connection.execute(update, rusqlite::params![doc, version, sealed]).unwrap();
    }
    rows.len()
}

#[tokio::test]
async fn a_fault_leaves_one_event_with_where_what_kind_and_which_board_and_no_data() {
    let told = Told::default();
    let writer = told.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _recording = tracing::subscriber::set_default(subscriber);
    let directory = tempfile::tempdir().unwrap();
    let log = Log::new(directory.path()).await;
    let (own, other) = (board(BOARDS[0]), board(BOARDS[1]));
    let case = DocumentRef::case(own, &CaseId::parse("EB-1").unwrap());
    let account = DocumentRef::case_worker(own, &CaseWorkerId::parse("anna").unwrap());
    assert!(log.store.document(&case).await.unwrap().is_some());
    assert_eq!(told.take(), [""; 0], "nothing is told of what goes well");

    assert!(flip(directory.path(), &format!("case.{own}")) > 0);
    assert!(flip(directory.path(), &format!("registry.{own}")) > 0);
    let key = log.caller(own).facts_key(None);
    for round in 1..=2u64 {
        let faults = [
            log.store.document(&case).await.is_err(),
            log.store.document(&account).await.is_err(),
            log.store.document_version(&case, 1).await.is_err(),
            log.store.case_versions(own, None, 10).await.is_err(),
            log.store.facts(&key).await.is_err(),
        ];
        assert_eq!(faults, [true; 5]);
        let events = told.take();
        assert_eq!(events.len(), faults.len(), "{events:?}");
        for (event, n) in events.iter().zip((round - 1) * 5 + 1..) {
            assert!(event.contains("ERROR") && event.contains("kind=\"damaged\""), "{event}");
            assert!(event.contains("at=\"src/log_store/store.rs:"), "{event}");
            assert!(event.contains(&format!("board={own}")), "{event}");
            assert!(event.contains(&format!("count={n} ")), "{event}");
            for data in ["EB-1", "anna", "198001019804", "19800101-9804"] {
                assert!(!event.contains(data), "{event}");
            }
        }
    }
    let key = log.caller(other).facts_key(None);
    assert!(log.store.facts(&key).await.is_ok(), "another board goes on");
    assert_eq!(told.take(), [""; 0]);
}

/// A vault whose disk is gone.
#[derive(Debug)]
struct Gone;

impl Vault for Gone {
    fn create(&self, _: &KeyId) -> Result<Arc<Key>, VaultError> {
        Err(VaultError::Io(io::ErrorKind::Other))
    }

    fn open(&self, _: &KeyId) -> Result<Arc<Key>, VaultError> {
        Err(VaultError::Io(io::ErrorKind::Other))
    }

    fn destroy(&self, _: &[DoomedKey]) -> Result<usize, VaultError> {
        Err(VaultError::Io(io::ErrorKind::Other))
    }

    fn list(&self) -> Result<Vec<KeyId>, VaultError> {
        Err(VaultError::Io(io::ErrorKind::Other))
    }

    fn expect(&self, _: &KeyId, _: Option<[u8; 32]>) {}

    fn demand_checks(&self) -> Result<usize, VaultError> {
        Err(VaultError::Io(io::ErrorKind::Other))
    }

    fn unproven(&self) -> Vec<KeyId> {
        Vec::new()
    }

    fn prove(&self, _: &KeyId, _: &mut dyn FnMut(&Key) -> Proof) -> Result<Proven, VaultError> {
        Err(VaultError::Io(io::ErrorKind::Other))
    }

    fn generation(&self, _: &KeyId) -> u32 {
        0
    }

    fn have_been_destroyed(&self, _: &[DoomedKey]) {}

    fn purge_begins(&self, _: &[DoomedKey]) {}

    fn purge_ended(&self, _: &[DoomedKey]) {}

    fn forget_destroyed(&self, _: &[KeyId]) {}

    fn look(&self) -> Looked {
        Looked::default()
    }
}

/// What is told from here on, on this thread.
fn listen() -> (Told, tracing::subscriber::DefaultGuard) {
    let told = Told::default();
    let writer = told.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    (told, tracing::subscriber::set_default(subscriber))
}

/// One event that says where, what kind and which board.
fn is_one(events: &[String], kind: &str, of: &str) {
    assert_eq!(events.len(), 1, "{events:?}");
    let event = &events[0];
    assert!(event.contains("ERROR") && event.contains(&format!("kind=\"{kind}\"")), "{event}");
    assert!(event.contains("at=\"src/") && event.contains(&format!("board={of}")), "{event}");
    assert!(event.contains("count="), "{event}");
    for data in ["EB-1", "anna", "198001019804"] {
        assert!(!event.contains(data), "{event}");
    }
}

#[tokio::test]
async fn a_record_that_was_tampered_with_leaves_one_event_whatever_reads_it() {
    let (told, _recording) = listen();
    let directory = tempfile::tempdir().unwrap();
    let log = Log::new(directory.path()).await;
    let own = board(BOARDS[0]);
    log.ask(own, 8).await;
    let connection = rusqlite::Connection::open(directory.path().join("broker.db")).unwrap();
    let newest = "UPDATE leaf SET sealed = zeroblob(length(sealed))
                  WHERE id = (SELECT max(id) FROM leaf WHERE key_id LIKE ?1)";
    assert_eq!(connection.execute(newest, [format!("log.{own}.%")]).unwrap(), 1);
    assert_eq!(told.take(), [""; 0]);

    assert!(log.log.read(own, &Filter::All, None, 10).await.is_err());
    is_one(&told.take(), "damaged", BOARDS[0]);
    assert!(log.log.find(own, &Criteria::default(), None, 10).await.is_err());
    is_one(&told.take(), "damaged", BOARDS[0]);
    let mut walk = log.log.walk(own, Criteria::default(), None).await.unwrap();
    assert!(walk.next().await.is_err());
    is_one(&told.take(), "damaged", BOARDS[0]);
    let mut export = log.log.export(own, ExportOptions::default()).await.unwrap();
    while let Ok(line) = export.next().await {
        assert!(line.is_some(), "the export ends as if it were whole");
    }
    is_one(&told.take(), "damaged", BOARDS[0]);
}

#[tokio::test]
async fn a_key_that_cannot_be_had_leaves_one_event_whatever_wants_it() {
    let directory = tempfile::tempdir().unwrap();
    let own = board(BOARDS[0]);
    let mut log = Log::new(directory.path()).await;
    log.ask(own, 1).await;
    log.log = AccessLog::new(log.store.clone(), Arc::new(Gone), log.clock.clone(), Arc::new(SystemEntropy));
    let (told, _recording) = listen();
    let mut tried = Vec::new();
    let selection = Selection::default();
    let of = PageOf { board: own, reader: "auditor", selection: &selection };
    tried.push(log.log.page_token(of, 1).is_err());
    is_one(&told.take(), "key", BOARDS[0]);
    tried.push(log.log.read(own, &Filter::All, None, 1).await.is_err());
    is_one(&told.take(), "key", BOARDS[0]);
    let caller = log.caller(own);
    let refused = Refused::new(None, Denial::CaseClosed, Vec::new(), log.clock.now(), Door::Grpc);
    tried.push(log.log.refuse(&caller, refused).await.is_err());
    is_one(&told.take(), "key", BOARDS[0]);
    let person = Personnummer::parse("198001019804", "2026-11-22".parse().unwrap()).unwrap();
    tried.push(log.log.blind_person(own, &person).is_err());
    is_one(&told.take(), "key", BOARDS[0]);
    assert_eq!(tried, [true; 4]);
}

#[test]
fn what_the_writer_could_not_do_between_questions_leaves_one_event_with_the_board() {
    // The writer is a thread of its own, so what it tells is listened to everywhere.
    let told = Told::default();
    let writer = told.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let directory = tempfile::tempdir().unwrap();
        let log = Log::new(directory.path()).await;
        told.take();
        let connection = rusqlite::Connection::open(directory.path().join("broker.db")).unwrap();
        connection.execute_batch("DROP TABLE log_key").unwrap();
        assert!(log.store.rotate_log_key(board(BOARDS[0])).await.is_err());
        is_one(&told.take(), "database", BOARDS[0]);
        assert!(log.poison.is_set());
        assert!(log.store.rotate_log_key(board(BOARDS[0])).await.is_err(), "nothing is done any more");
        assert_eq!(told.take(), [""; 0], "and it is not told again");
    });
}
