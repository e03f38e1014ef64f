//! A database from before a purge, put back after it: refused by the witness, and the person unreadable all the same. The
//! witness's clock is the second one.

use std::{fs, net::Ipv4Addr, path::Path, sync::Arc};

use ssbtek_broker::{Broker, witness_command};
use ssbtek_config::{Config, WitnessConfig};
use ssbtek_domain::{Clock, FixedClock, OrganisationNumber, SystemEntropy};
use ssbtek_proto::broker::v1::{
    EndBoardAgreementRequest, GetPurgeStatusRequest, RunPurgeRequest,
    retention_service_client::RetentionServiceClient,
};
use ssbtek_witness::{Limits, serve};
use tokio::{net::TcpListener, task::JoinHandle};
use tonic::Code;

use crate::harness::{Ask, BOARD, Wires, World};

/// A witness of the first board's log, with a clock of its own.
async fn witness(world: &mut World, clock: Arc<FixedClock>) -> JoinHandle<()> {
    let options = witness_command::Options {
        state: world.data_dir().join("witness"),
        name: "witness.example".to_owned(),
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        logs: vec![world.broker().log_key(OrganisationNumber::parse(BOARD).unwrap()).unwrap()],
        new: true,
        consent: None,
        behind_proxy: false,
    };
    let witness = witness_command::open(&options, clock, &SystemEntropy).unwrap();
    let listener = TcpListener::bind(options.listen).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    world.stop_broker().await;
    world.config.witness = vec![WitnessConfig { url, key: witness.vkey(), ca: None }];
    world.config.witnessing.quorum = 1;
    let serving = serve(listener, None, "", Arc::new(witness), Limits::default(), std::future::pending());
    let serving = tokio::spawn(serving);
    world.start_broker().await;
    serving
}

#[tokio::test]
async fn a_database_from_before_a_purge_is_refused_at_start_and_purged_all_the_same() {
    let mut world = World::start(Wires::Grpc).await;
    let witness_clock = Arc::new(FixedClock::at(world.clock.now()));
    let witness = witness(&mut world, witness_clock.clone()).await;
    Ask::with(&world, world.question()).await.unwrap();
    let end = EndBoardAgreementRequest {
        organisation_number: BOARD.into(),
        last_day: "2026-11-30".into(),
        document_sha256: "9".repeat(64),
    };
    world.end_agreement(end).await.unwrap();
    world.stop_broker().await;
    let backup = tempfile::tempdir().unwrap();
    copy(&world.config, backup.path(), true);

    world.start_broker().await;
    world.clock.set("2026-12-29T23:00:00Z".parse().unwrap());
    let mut operator = RetentionServiceClient::new(world.connect(&world.operator.identity));
    let ahead = operator.run_purge(RunPurgeRequest::default()).await.unwrap_err();
    assert_eq!(
        ahead.code(),
        Code::FailedPrecondition,
        "the witness's clock is 37 days behind this machine's"
    );
    witness_clock.set(world.clock.now());
    // The broker's own sweep may have been there first.
    operator.run_purge(RunPurgeRequest::default()).await.unwrap();
    let status = operator.get_purge_status(GetPurgeStatusRequest {}).await.unwrap().into_inner();
    assert_eq!(status.done.len(), 1, "machine and witness agree, without an operator's word");
    world.stop_broker().await;

    // Database and keys of the backup, the ledger of now.
    copy(&world.config, backup.path(), false);
    assert!(readable(&world.config) > 0, "the backup does bring records and keys back");
    let refused = Broker::start(&world.config, world.clock.clone(), Arc::new(SystemEntropy)).await;
    let refused = format!("{:#}", refused.err().unwrap());
    assert!(refused.contains("contradicts the access log"), "{refused}");
    assert_eq!(readable(&world.config), 0, "gone again, although the start was refused");
    let keys: Vec<_> = keys(&world.config).into_iter().filter(|key| key.contains(BOARD)).collect();
    assert_eq!(keys, [format!("sign.{BOARD}")], "the receipt's key is of after the backup");
    assert!(tokio::net::TcpStream::connect(world.config.grpc.listen).await.is_err(), "nobody listens");
    witness.abort();
}

#[tokio::test]
async fn keys_are_destroyed_again_even_where_the_database_cannot_be_opened() {
    let mut world = World::start(Wires::Grpc).await;
    Ask::with(&world, world.question()).await.unwrap();
    let end = EndBoardAgreementRequest {
        organisation_number: BOARD.into(),
        last_day: "2026-11-30".into(),
        document_sha256: "9".repeat(64),
    };
    world.end_agreement(end).await.unwrap();
    let backup = tempfile::tempdir().unwrap();
    copy(&world.config, backup.path(), true);
    world.clock.set("2026-12-29T23:00:00Z".parse().unwrap());
    world.purge_by_word(world.clock.now()).await;
    world.stop_broker().await;

    copy(&world.config, backup.path(), false);
    fs::write(&world.config.store.database, b"no database any more").unwrap();
    assert!(Broker::start(&world.config, world.clock.clone(), Arc::new(SystemEntropy)).await.is_err());
    assert!(!keys(&world.config).iter().any(|key| key.starts_with(&format!("log.{BOARD}"))));
}

/// Database and keys: away (`out`), or back in place of what is there.
fn copy(config: &Config, backup: &Path, out: bool) {
    let (database, vault) = (&config.store.database, &config.store.keys);
    let pairs = [(database.clone(), backup.join("broker.db"))].into_iter().chain(
        fs::read_dir(if out { vault.clone() } else { backup.join("keys") }).into_iter().flatten().map(
            |entry| {
                let name = entry.unwrap().file_name();
                (vault.join(&name), backup.join("keys").join(name))
            },
        ),
    );
    if out {
        fs::create_dir(backup.join("keys")).unwrap();
    } else {
        for aside in ["-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{aside}", database.display()));
        }
        let _ = fs::remove_dir_all(vault);
        fs::create_dir(vault).unwrap();
    }
    for (here, there) in pairs {
        if out { fs::copy(here, there) } else { fs::copy(there, here) }.unwrap();
    }
}

/// Payloads of the board whose key is there.
fn readable(config: &Config) -> usize {
    let database = rusqlite::Connection::open(&config.store.database).unwrap();
    let mut rows = database.prepare("SELECT key_id FROM leaf WHERE sealed IS NOT NULL").unwrap();
    let rows = rows.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
    let keys = keys(config);
    rows.filter(|key| key.contains(BOARD) && keys.contains(key)).count()
}

fn keys(config: &Config) -> Vec<String> {
    let names = fs::read_dir(&config.store.keys).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}
