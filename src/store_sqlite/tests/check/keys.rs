//! Keys that are gone or damaged, and rows that were removed, as a start and the offline check tell of them.

use std::{fs, path::Path};

use rusqlite::Connection;
use ssbtek_access_log::{Filter, LogKeys, TreeStore};
use ssbtek_domain::CaseId;
use ssbtek_example::Told;
use ssbtek_vault::{KeyId, Vault};

use crate::fixture::{BOARDS, Log, as_of_schema_8, board, checked};

async fn lived(directory: &Path) {
    let log = Log::new(directory).await;
    log.ask(board(BOARDS[0]), 3).await;
    log.ask(board(BOARDS[1]), 2).await;
    log.store.rotate_log_key(board(BOARDS[0])).await.unwrap();
    log.store.retire_log_key(board(BOARDS[0])).await.unwrap().unwrap();
    let of = board(BOARDS[0]);
    let state = log.store.tree(of).await.unwrap().unwrap();
    log.store.keep_checkpoint(of, state.size, state.checkpoint).await.unwrap();
    log.ask(of, 1).await;
    log.store.close().await;
}

fn listen() -> (Told, tracing::subscriber::DefaultGuard) {
    let told = Told::default();
    let writer = told.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    (told, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn the_offline_check_names_board_kind_of_document_and_what_became_of_the_key() {
    let directory = tempfile::tempdir().unwrap();
    lived(directory.path()).await;
    assert_eq!(checked(directory.path(), &[]).unwrap().findings, Vec::<String>::new());
    let keys: Vec<_> =
        fs::read_dir(directory.path().join("keys")).unwrap().map(|key| key.unwrap().path()).collect();
    for of in BOARDS {
        for kind in ["registry", "case"] {
            let begins = format!("{kind}.{of}");
            let is_it =
                |key: &&std::path::PathBuf| key.file_name().unwrap().to_str().unwrap().starts_with(&begins);
            let key = keys.iter().find(is_it).unwrap();
            let whole = fs::read(key).unwrap();
            let mut flipped = whole.clone();
            flipped[5] ^= 1;
            for (left, state) in [(None, "gone"), (Some(flipped), "damaged"), (Some(vec![]), "damaged")] {
                match left {
                    None => fs::remove_file(key).unwrap(),
                    Some(left) => fs::write(key, left).unwrap(),
                }
                let findings = checked(directory.path(), &[]).unwrap().findings;
                let documents: &[&str] = if kind == "case" { &["case"] } else { &["board", "case_worker"] };
                for document in documents {
                    let named = findings.iter().any(|finding| {
                        finding.starts_with(&format!("board {of}:"))
                            && finding.contains(&format!("of kind {document}:"))
                            && finding.ends_with(&format!("the key ({kind}) is {state}"))
                    });
                    assert!(named, "{of} {kind} {document} {state}: {findings:#?}");
                }
                let other = BOARDS.iter().find(|board| **board != of).unwrap();
                assert!(!findings.iter().any(|finding| finding.contains(other)), "{findings:#?}");
                fs::write(key, &whole).unwrap();
            }
        }
    }
    assert_eq!(checked(directory.path(), &[]).unwrap().findings, Vec::<String>::new());
}

#[tokio::test]
async fn the_offline_check_names_a_signing_key_that_is_gone_or_damaged_with_its_board() {
    let directory = tempfile::tempdir().unwrap();
    lived(directory.path()).await;
    // The first board's first key is retired.
    for (of, key) in
        [(BOARDS[0], format!("sign.{}.2", BOARDS[0])), (BOARDS[1], format!("sign.{}", BOARDS[1]))]
    {
        let key = directory.path().join("keys").join(key);
        let whole = fs::read(&key).unwrap();
        for (left, state) in [(None, "gone"), (Some([9; 48].to_vec()), "damaged")] {
            match left {
                None => fs::remove_file(&key).unwrap(),
                Some(left) => fs::write(&key, left).unwrap(),
            }
            let findings = checked(directory.path(), &[]).unwrap().findings;
            let named = format!("board {of}: the key that signs its log (sign) is {state}");
            assert!(findings.contains(&named), "{findings:#?}");
            fs::write(&key, &whole).unwrap();
        }
    }
    assert_eq!(checked(directory.path(), &[]).unwrap().findings, Vec::<String>::new());
}

#[tokio::test]
async fn rows_beside_the_logs_that_were_removed_are_told_of_at_a_start_with_their_board_and_by_the_check() {
    for removal in [
        "DELETE FROM log_key WHERE until IS NOT NULL",
        "DELETE FROM log_key",
        "DELETE FROM retention WHERE board = '162120009994'",
        "DELETE FROM kept_checkpoint",
    ] {
        let directory = tempfile::tempdir().unwrap();
        lived(directory.path()).await;
        assert_eq!(checked(directory.path(), &[]).unwrap().findings, Vec::<String>::new());
        let (told, _recording) = listen();
        drop(Log::open(directory.path()).unwrap());
        assert_eq!(told.take(), [""; 0]);
        checked(directory.path(), &[]).unwrap();
        let intruder = Connection::open(directory.path().join("broker.db")).unwrap();
        assert!(intruder.execute(removal, []).unwrap() > 0, "{removal}");
        drop(intruder);
        let log = Log::open(directory.path()).expect("one board's rows stop no start");
        let events = told.take();
        let of = BOARDS[0];
        assert!(
            events.len() == 1
                && events[0].contains("store_fault")
                && events[0].contains(&format!("board={of}")),
            "{removal}: {events:#?}"
        );
        log.ask(board(BOARDS[1]), 1).await;
        drop(log);
        let findings = checked(directory.path(), &[]).unwrap().findings;
        assert!(findings.iter().any(|finding| finding.contains(of)), "{removal}: {findings:#?}");
    }
}

#[tokio::test]
async fn at_the_first_start_after_an_upgrade_a_months_key_that_is_gone_is_named_and_stops_its_board_alone_until_it_is_back()
 {
    let directory = tempfile::tempdir().unwrap();
    lived(directory.path()).await;
    let log = Log::open(directory.path()).unwrap();
    let case = || Filter::Case(CaseId::parse("EB-1").unwrap());
    let found = async |log: &Log, of: &str| {
        log.log.read(board(of), &case(), None, 100).await.map(|found| found.len())
    };
    let before = [found(&log, BOARDS[0]).await.unwrap(), found(&log, BOARDS[1]).await.unwrap()];
    assert!(before.iter().all(|found| *found > 0));
    log.store.close().await;
    drop(log);
    // Waits until nobody has it open.
    checked(directory.path(), &[]).unwrap();
    as_of_schema_8(&Connection::open(directory.path().join("broker.db")).unwrap());
    let of_month = |path: &std::path::PathBuf| {
        path.file_name().unwrap().to_str().unwrap().starts_with(&format!("log.{}.", BOARDS[0]))
    };
    let mut keys = fs::read_dir(directory.path().join("keys")).unwrap().map(|key| key.unwrap().path());
    let key = keys.find(of_month).unwrap();
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let (told, _recording) = listen();
    let log = Log::open(directory.path()).expect("one board's key stops no start");
    let events = told.take();
    let name = key.file_name().unwrap().to_str().unwrap();
    let event = events.iter().find(|event| event.contains("store_fault"));
    assert!(event.is_some_and(|event| event.contains(BOARDS[0]) && event.contains(name)), "{events:#?}");
    assert_eq!(found(&log, BOARDS[1]).await.unwrap(), before[1]);
    assert!(found(&log, BOARDS[0]).await.is_err());
    fs::write(&key, &kept).unwrap();
    assert!(found(&log, BOARDS[0]).await.is_err(), "nothing leads to its records yet");
    assert_eq!(log.store.look_at_keys().await.unwrap(), 0);
    assert_eq!(found(&log, BOARDS[0]).await.unwrap(), before[0]);
    log.store.close().await;
    drop(log);
    assert_eq!(checked(directory.path(), &[]).unwrap().findings, Vec::<String>::new());
}

/// What a program of before every key's file had a check has left.
fn as_of_before_checks(directory: &Path) {
    let level = 4u32;
    let log = Log::open(directory).unwrap();
    let mac = log.vault.open(&KeyId::new(&["index", "provider"])).unwrap();
    let mac = mac.blind("format", &level.to_be_bytes())[..16].to_vec();
    drop(log);
    checked(directory, &[]).unwrap();
    let database = Connection::open(directory.join("broker.db")).unwrap();
    database.execute("UPDATE format SET level = ?1, mac = ?2", (level, mac)).unwrap();
    for key in fs::read_dir(directory.join("keys")).unwrap() {
        let key = key.unwrap().path();
        fs::write(&key, &fs::read(&key).unwrap()[..32]).unwrap();
    }
}

#[tokio::test]
async fn an_upgrade_gives_every_key_file_its_check_without_a_word_and_calls_a_wrong_one_damaged_once() {
    for wrong in [None, Some("registry"), Some("index"), Some("log"), Some("case"), Some("sign")] {
        let directory = tempfile::tempdir().unwrap();
        let log = Log::new(directory.path()).await;
        log.ask(board(BOARDS[0]), 3).await;
        log.ask(board(BOARDS[1]), 2).await;
        let before = log.log.read(board(BOARDS[1]), &Filter::All, None, 100).await.unwrap().len();
        log.store.close().await;
        drop(log);
        as_of_before_checks(directory.path());
        let files = || fs::read_dir(directory.path().join("keys")).unwrap().map(|key| key.unwrap().path());
        let begins = wrong.map(|kind| format!("{kind}.{}", BOARDS[0]));
        let is_wrong = |key: &std::path::PathBuf| {
            let name = key.file_name().unwrap().to_str().unwrap();
            begins.as_ref().is_some_and(|begins| name.starts_with(begins))
        };
        files().filter(is_wrong).for_each(|key| fs::write(key, [7; 32]).unwrap());
        let (told, _recording) = listen();
        let log = Log::open(directory.path()).expect("one board's key stops no start");
        log.store.look_at_keys().await.unwrap();
        let faults: Vec<_> = told.take().into_iter().filter(|event| event.contains("store_fault")).collect();
        let is_its = |event: &String| event.contains(BOARDS[0]) && event.contains("key_state=\"damaged\"");
        let known: Vec<_> = faults.iter().filter(|event| !event.contains("key_kind=\"sign\"")).collect();
        assert_eq!(faults.len(), usize::from(wrong.is_some()), "{wrong:?}: {faults:#?}");
        assert!(known.into_iter().all(is_its), "{wrong:?}: {faults:#?}");
        for key in files() {
            let length = fs::metadata(&key).unwrap().len();
            assert_eq!(length, if is_wrong(&key) { 32 } else { 48 }, "{wrong:?} {key:?}");
        }
        let now = log.log.read(board(BOARDS[1]), &Filter::All, None, 100).await.unwrap().len();
        assert_eq!(now, before, "{wrong:?}");
        assert_eq!(
            log.log.read(board(BOARDS[0]), &Filter::All, None, 100).await.is_ok(),
            wrong != Some("log")
        );
        log.store.close().await;
    }
}
