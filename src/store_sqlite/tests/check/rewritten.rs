//! Histories cut, restored, rebuilt and signed anew.

use std::{fs, path::Path};

use rusqlite::{Connection, params};
use ssbtek_access_log::TreeStore;
use ssbtek_store_sqlite::OpenError;
use ssbtek_transparency::{Frontier, Hash};

use crate::fixture::{BOARDS, Log, board, checked};

async fn log_of(directory: &Path, questions: usize) -> String {
    let log = Log::new(directory).await;
    log.ask(board(BOARDS[0]), questions).await;
    log.checkpoint(board(BOARDS[0])).await
}

/// Waits until the log's writer has let go of the database, and opens it as an intruder would.
fn intrude(directory: &Path) -> Connection {
    checked(directory, &[]).unwrap();
    Connection::open(directory.join("broker.db")).unwrap()
}

#[tokio::test]
async fn every_kind_of_deleted_row_is_named() {
    for (delete, named) in [
        ("DELETE FROM leaf WHERE id & 1023 = 17", "missing"),
        ("DELETE FROM leaf WHERE id = (SELECT max(id) FROM leaf)", "records are there"),
        ("DELETE FROM term WHERE month = 0 AND leaf = 17", "look-up term is missing"),
        (
            "DELETE FROM term WHERE month <> 0 AND leaf = (SELECT max(leaf) FROM term WHERE month <> 0)",
            "look-up term is missing",
        ),
        ("DELETE FROM term", "look-up term is missing"),
        ("UPDATE term SET leaf = leaf + 100 WHERE month = 0 AND leaf = 17", "look-up"),
        ("UPDATE term SET term = zeroblob(16) WHERE month = 0 AND leaf = 17", "look-up"),
        ("UPDATE term SET month = month + 1 WHERE month <> 0", "look-up"),
        ("UPDATE term SET tree = 3 - tree", "look-up"),
        ("INSERT INTO term VALUES (1, 202611, randomblob(16), 17)", "belong there"),
        ("INSERT INTO term VALUES (1, 202511, randomblob(16), 17)", "belong there"),
        (
            "INSERT OR IGNORE INTO term SELECT tree, month, term, 3 FROM term WHERE leaf = 17 AND tree = 1",
            "belong there",
        ),
        ("INSERT INTO term VALUES (1, 0, randomblob(16), 17)", "belong there"),
        ("INSERT INTO term VALUES (99, 0, randomblob(16), 17)", "belong there"),
        ("DELETE FROM tile", "tree node"),
        ("DELETE FROM sealed_block WHERE block = 0", "which keys seal which records"),
        ("UPDATE sealed_block SET block = block + 1", "which keys seal which records"),
        ("INSERT INTO sealed_block VALUES (99, 'log.1.2026-01', 0)", "table sealed_block"),
        ("DELETE FROM document WHERE doc = (SELECT doc FROM document LIMIT 1)", "is missing"),
        ("DELETE FROM tree WHERE id = 1", "table leaf"),
        (
            "UPDATE tree SET checkpoint = replace(checkpoint, '/162120009994', '/162120008988') WHERE id = 1",
            "checkpoint",
        ),
        ("UPDATE leaf SET sealed = zeroblob(200) WHERE id & 1023 = 17", "does not open"),
        ("INSERT INTO open_entry VALUES (zeroblob(16), 1)", "open_entry"),
        ("UPDATE spent SET expires_at = expires_at + 1", "tokens"),
        ("UPDATE spent SET tokens = zeroblob(length(tokens))", "tokens"),
        ("UPDATE document SET closed_at = 1 WHERE key_id LIKE 'case.%'", "does not open"),
        ("UPDATE retention SET log_months = 1", "not as they were written"),
        ("UPDATE retention SET due_at = 1", "not as they were written"),
        ("UPDATE retention SET closing = 1", "not as they were written"),
        ("UPDATE retention SET mac = NULL", "not as they were written"),
        ("DELETE FROM retention", "are missing"),
        ("UPDATE leaf SET sealed = NULL WHERE id & 1023 = 17", "no purge tells of it"),
        (
            "CREATE TRIGGER quiet AFTER INSERT ON leaf BEGIN DELETE FROM term WHERE leaf = new.id; END",
            "schema",
        ),
    ] {
        let directory = tempfile::tempdir().unwrap();
        log_of(directory.path(), 150).await;
        intrude(directory.path()).execute_batch(delete).unwrap();
        let findings = checked(directory.path(), &[]).unwrap().findings;
        assert!(findings.iter().any(|finding| finding.contains(named)), "{delete}: {:?}", findings.first());
    }
}

#[tokio::test]
async fn a_restored_old_directory_is_found_by_a_checkpoint_kept_elsewhere() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    log_of(old.path(), 5).await;
    intrude(old.path());
    fs::create_dir(new.path().join("keys")).unwrap();
    for file in fs::read_dir(old.path().join("keys")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), new.path().join("keys").join(file.file_name())).unwrap();
    }
    fs::copy(old.path().join("broker.db"), new.path().join("broker.db")).unwrap();
    let log = Log::open(new.path()).unwrap();
    log.ask(board(BOARDS[0]), 3).await;
    let kept = log.checkpoint(board(BOARDS[0])).await;

    assert_eq!(checked(old.path(), &[]).unwrap().findings, Vec::<String>::new());
    let findings = checked(old.path(), &[kept]).unwrap().findings;
    assert!(findings[0].contains("smaller than a checkpoint kept elsewhere"), "{findings:?}");
}

/// Takes record 7 out, moves all later ones up, builds the tree anew and has the real key sign it.
async fn rebuild_without_record_7(directory: &Path) {
    let connection = intrude(directory);
    let id = 1_i64 << 40;
    connection
        .execute_batch(&format!(
            "DELETE FROM leaf WHERE id = {id} + 7;
             UPDATE leaf SET id = -id WHERE id > {id} + 7 AND id < 2 * {id};
             UPDATE leaf SET id = -id - 1 WHERE id < 0;
             DELETE FROM tile WHERE tree = 1;"
        ))
        .unwrap();
    let mut frontier = Frontier::new();
    let hashes: Vec<[u8; 32]> = {
        let mut statement = connection.prepare("SELECT hash FROM leaf WHERE id < ?1 ORDER BY id").unwrap();
        statement.query_map([2 * id], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    for hash in hashes {
        for node in frontier.append(Hash::from_bytes(hash)) {
            connection
                .execute(
                    "INSERT INTO tile VALUES (1, ?1, ?2, ?3)",
                    params![node.level, node.index as i64, node.hash.as_bytes()],
                )
                .unwrap();
        }
    }
    let edge: Vec<u8> = frontier.hashes().iter().flat_map(|hash| *hash.as_bytes()).collect();
    let vault = std::sync::Arc::new(
        ssbtek_vault::DirectoryVault::open(
            &directory.join("keys"),
            std::sync::Arc::new(ssbtek_domain::SystemEntropy),
        )
        .unwrap(),
    );
    let signer = ssbtek_log_store::CheckpointSigner::new(crate::fixture::DEPLOYMENT, vault);
    let signer_of_board = signer.signer(board(BOARDS[0])).unwrap();
    let origin = signer.origin(board(BOARDS[0]));
    let note = ssbtek_transparency::Checkpoint::new(origin, frontier.size(), frontier.root())
        .sign([&*signer_of_board])
        .unwrap();
    connection
        .execute(
            "UPDATE tree SET size = ?1, frontier = ?2, checkpoint = ?3 WHERE id = 1",
            params![frontier.size() as i64, edge, note.encode()],
        )
        .unwrap();
}

#[tokio::test]
async fn a_tree_rebuilt_without_one_entry_and_signed_by_the_real_key_is_found() {
    let directory = tempfile::tempdir().unwrap();
    log_of(directory.path(), 30).await;
    let kept = {
        let log = Log::open(directory.path()).unwrap();
        log.store.checkpoint_at(board(BOARDS[0]), 20).await.unwrap()
    };
    let before = checked(directory.path(), std::slice::from_ref(&kept)).unwrap();
    assert_eq!((before.findings, before.known), (Vec::new(), 1));

    rebuild_without_record_7(directory.path()).await;
    let findings = checked(directory.path(), &[kept]).unwrap().findings;
    assert!(findings.iter().any(|finding| finding.contains("history was rewritten")), "{findings:?}");
}

#[tokio::test]
async fn a_second_process_cannot_open_the_same_database() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::new(directory.path()).await;
    let again = SecondTry::open(directory.path());
    assert!(matches!(again, Err(OpenError::InUse)));
    drop(log);
}

struct SecondTry;

impl SecondTry {
    fn open(directory: &Path) -> Result<(), OpenError> {
        use ssbtek_domain::SystemEntropy;
        use ssbtek_log_store::{CheckOptions, CheckpointSigner};
        use ssbtek_store_sqlite::check;
        let vault = std::sync::Arc::new(
            ssbtek_vault::DirectoryVault::open(&directory.join("keys"), std::sync::Arc::new(SystemEntropy))
                .unwrap(),
        );
        let signer = std::sync::Arc::new(CheckpointSigner::new(crate::fixture::DEPLOYMENT, vault.clone()));
        let options = CheckOptions {
            vault,
            signer,
            known: Vec::new(),
            doomed: Default::default(),
            started_with: Default::default(),
        };
        check(&directory.join("broker.db"), &options).map(|_| ())
    }
}

#[tokio::test]
async fn a_tree_that_changed_under_the_writer_is_not_signed_on() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::new(directory.path()).await;
    log.ask(board(BOARDS[0]), 2).await;
    let connection = Connection::open(directory.path().join("broker.db")).unwrap();
    connection.execute("UPDATE tree SET size = size + 1 WHERE id = 1", []).unwrap();
    let facts = log.log.recover().await;
    assert_eq!(facts, Ok(0));
    let write = ssbtek_access_log::DocumentWrite::new(
        ssbtek_authorize::DocumentRef::case(board(BOARDS[0]), &ssbtek_domain::CaseId::parse("EB-2").unwrap()),
        0,
        &"any",
    );
    let changed =
        log.log.change(board(BOARDS[0]), "system", "register_case", None, vec![write.unwrap()]).await;
    let poisoned = ssbtek_access_log::ChangeError::Log(ssbtek_access_log::LogError::Poisoned);
    assert_eq!(changed.unwrap_err(), poisoned);
    assert!(log.poison.is_set());
}
