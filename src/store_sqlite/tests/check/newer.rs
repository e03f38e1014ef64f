//! What a newer version of this program has written is called newer, and never damaged or forged.

use chrono::SecondsFormat;
use rusqlite::Connection;
use ssbtek_access_log::{Append, EntryEffect, FORMAT_LEVEL, Filter, Leaf, LogStore, ReadError};
use ssbtek_domain::{Clock, Entropy, EntryId, SystemEntropy};
use ssbtek_store_sqlite::{OpenError, Written, refuse_newer};
use ssbtek_transparency::commit;
use ssbtek_vault::{KeyId, Vault};

use crate::fixture::{BOARDS, Log, as_of_schema_8, board, checked};

/// A record as a newer version would write it, in order in everything: a kind, and a payload, that nobody here knows.
async fn write_newer(log: &Log, kind: &str, payload: &str) {
    let of = board(BOARDS[0]);
    let at = log.clock.now();
    let (entry, mut salt) = (EntryId::draw(&SystemEntropy, at), [0; 32]);
    SystemEntropy.fill(&mut salt);
    let id = KeyId::new(&["log", of.as_str(), &at.format("%Y-%m").to_string()]);
    let key = log.vault.create(&id).unwrap();
    let at = at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let header =
        format!(r#"{{"v":1,"kind":"{kind}","entry":"{entry}","at":"{at}","key":"{}"}}"#, id.as_str());
    let sealed = key.seal(&SystemEntropy, header.as_bytes(), &[salt.as_slice(), payload.as_bytes()].concat());
    let commitment = commit(&salt, payload.as_bytes());
    let append = Append {
        board: of,
        leaf: Leaf { entry, header: header.into_bytes(), commitment, sealed, key: id, sealed_by: key },
        terms: vec![],
        effect: EntryEffect::None,
        once: None,
        spends: Vec::new(),
        recheck: None,
        documents: vec![],
        question: None,
        retention: None,
        rests_on: Vec::new(),
        for_a_purge: false,
        reopens: None,
        under: None,
    };
    log.store.append(append).await.unwrap();
}

#[tokio::test]
async fn a_record_of_a_kind_or_form_that_is_not_known_is_called_newer_and_not_forged() {
    for (kind, payload) in [
        ("visit", r#"{"visit":{"by":"anna"}}"#),
        ("delay", r#"{"delay":{"until":"for ever"}}"#),
        ("denial", r#"{"refused_again":{}}"#),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let log = Log::new(directory.path()).await;
        log.ask(board(BOARDS[0]), 3).await;
        write_newer(&log, kind, payload).await;
        let read = log.log.read(board(BOARDS[0]), &Filter::All, None, 1).await;
        assert!(matches!(read.unwrap_err(), ReadError::Newer { .. }), "{kind}");
        drop(log);
        let report = checked(directory.path(), &[]).unwrap();
        assert_eq!((report.findings, report.newer), (vec![], 1), "{kind}");
        let refused = Log::open(directory.path()).err().unwrap().to_string();
        assert!(refused.contains("written by a newer version of this program"), "{refused}");
    }
}

#[tokio::test]
async fn a_database_of_a_newer_schema_or_format_is_refused_at_once_and_left_as_it_is() {
    let newer = [
        format!("PRAGMA user_version = {};", Written::HERE.schema + 1),
        format!("UPDATE format SET level = {}", FORMAT_LEVEL + 1),
    ];
    for newer in newer {
        let directory = tempfile::tempdir().unwrap();
        drop(Log::new(directory.path()).await);
        checked(directory.path(), &[]).unwrap();
        let path = directory.path().join("broker.db");
        Connection::open(&path).unwrap().execute_batch(&newer).unwrap();
        let before = std::fs::read(&path).unwrap();
        let opened = Log::open(directory.path()).err().unwrap();
        for refused in [opened, refuse_newer(&path).unwrap_err(), checked(directory.path(), &[]).unwrap_err()]
        {
            assert!(matches!(refused, OpenError::Newer { .. }), "{refused}");
            assert!(refused.to_string().contains("written by a newer version of this program"));
            assert!(refused.to_string().contains("go-back.md"));
        }
        assert!(std::fs::read(&path).unwrap() == before);
    }
}

#[tokio::test]
async fn a_level_that_was_changed_without_the_keys_is_found() {
    let directory = tempfile::tempdir().unwrap();
    drop(Log::new(directory.path()).await);
    checked(directory.path(), &[]).unwrap();
    let connection = Connection::open(directory.path().join("broker.db")).unwrap();
    connection.execute("UPDATE format SET level = 0", []).unwrap();
    drop(connection);
    let findings = checked(directory.path(), &[]).unwrap().findings;
    assert_eq!(findings, ["the level of the data format is not as it was written"]);
}

#[tokio::test]
async fn a_database_of_an_older_schema_is_not_called_damaged() {
    let directory = tempfile::tempdir().unwrap();
    drop(Log::new(directory.path()).await);
    checked(directory.path(), &[]).unwrap();
    let connection = Connection::open(directory.path().join("broker.db")).unwrap();
    connection.execute_batch("DROP TABLE format; PRAGMA user_version = 7;").unwrap();
    drop(connection);
    let refused = checked(directory.path(), &[]).unwrap_err();
    assert!(matches!(refused, OpenError::Older { .. }), "{refused}");
}

/// Records written before their terms were told in one place may lead nowhere in an index of that time.
#[tokio::test]
async fn an_upgrade_makes_the_index_anew_from_the_records() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::new(directory.path()).await;
    log.ask(board(BOARDS[0]), 60).await;
    let all = log.log.read(board(BOARDS[0]), &about(), None, 1000).await.unwrap().len();
    drop(log);
    checked(directory.path(), &[]).unwrap();
    let connection = Connection::open(directory.path().join("broker.db")).unwrap();
    // An index that leads nowhere, and says that it is whole.
    as_of_schema_8(&connection);
    connection
        .execute_batch("DROP TABLE format; DELETE FROM run; DELETE FROM bucket; PRAGMA user_version = 7;")
        .unwrap();
    drop(connection);
    let log = Log::open(directory.path()).unwrap();
    assert_eq!(log.log.read(board(BOARDS[0]), &about(), None, 1000).await.unwrap().len(), all);
    drop(log);
    assert_eq!(checked(directory.path(), &[]).unwrap().findings, Vec::<String>::new());
}

fn about() -> Filter {
    Filter::Person(ssbtek_domain::Personnummer::parse_undated("198001019804").unwrap())
}
