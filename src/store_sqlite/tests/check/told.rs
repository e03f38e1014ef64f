//! What the store could not do is told, once, with where, what kind and which board, and without what it was about.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use ssbtek_access_log::LogStore;
use ssbtek_authorize::{DocumentRef, Registry};
use ssbtek_domain::{CaseId, CaseWorkerId};

use crate::fixture::{BOARDS, Log, board};

/// Everything that was told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<u8>>>);

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Told {
    fn take(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }
}

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
