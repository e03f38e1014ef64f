//! One log, one history: no second process on the same data, no second life of a copy, no return to an old one.

use std::{fs, path::Path, sync::Arc};

use ssbtek_broker::{Broker, check_command::examine};
use ssbtek_config::Config;
use ssbtek_domain::SystemEntropy;
use ssbtek_proto::broker::v1::{
    GetCheckpointRequest, access_log_service_client::AccessLogServiceClient,
    person_query_service_client::PersonQueryServiceClient,
};
use ssbtek_transparency::SignedNote;
use tonic::Code;

use crate::harness::{Ask, BOARD, Wires, World, with_witness};

/// The same configuration over a copy of the data, behind other ports.
fn copied(world: &World, to: &Path) -> Config {
    let mut config = world.config.clone();
    config.store.database = to.join("broker.db");
    config.store.keys = to.join("keys");
    config.grpc.listen.set_port(0);
    fs::create_dir(&config.store.keys).unwrap();
    let from = &world.config.store;
    for file in fs::read_dir(&from.keys).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), config.store.keys.join(file.file_name())).unwrap();
    }
    fs::copy(&from.database, &config.store.database).unwrap();
    let ledger = "purge-ledger.jsonl";
    fs::copy(from.keys.with_file_name(ledger), to.join(ledger)).unwrap();
    config
}

async fn start(world: &World, config: &Config) -> Result<Broker, String> {
    let started = Broker::start(config, world.clock.clone(), Arc::new(SystemEntropy)).await;
    started.map_err(|error| format!("{error:#}"))
}

/// What is wrong with a stopped directory. A broker that was refused may still be letting go of it.
fn findings(config: &Config, known: &[String]) -> Vec<String> {
    loop {
        match examine(config, known.to_vec()) {
            Err(error) if error.to_string().contains("in use") => std::thread::yield_now(),
            report => return report.unwrap().findings,
        }
    }
}

async fn witnessed(state: &Path) -> World {
    let state = state.to_owned();
    World::start_with(Wires::Grpc, move |config| with_witness(config, &state, World::clock())).await
}

#[tokio::test]
async fn a_second_process_cannot_serve_the_same_data() {
    let world = World::start(Wires::Grpc).await;
    let mut config = world.config.clone();
    config.grpc.listen.set_port(0);
    let refused = start(&world, &config).await.err().unwrap();
    assert!(refused.contains("in use by another process"), "{refused}");
    Ask::with(&world, world.question()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_copy_does_not_start_once_a_witness_has_seen_more() {
    let (state, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut world = witnessed(state.path()).await;
    Ask::with(&world, world.question()).await.unwrap();
    world.stop_broker().await;
    let old = copied(&world, copy.path());
    world.start_broker().await;
    Ask::with(&world, world.question()).await.unwrap();
    world.stop_broker().await;

    let refused = start(&world, &old).await.err().unwrap();
    assert!(refused.contains("contradicts") && refused.contains("larger tree"), "{refused}");
    // Looked at alone the old copy is sound; held against the checkpoint that the witness keeps it is not.
    let told = findings(&old, &[]);
    assert!(told.is_empty(), "{told:?}");
    let kept: serde_json::Value = {
        let text = fs::read_to_string(state.path().join("witness.json")).unwrap();
        serde_json::from_str(text.lines().next().unwrap()).unwrap()
    };
    let seen = kept["checkpoints"].as_array().unwrap().iter().map(|note| note.as_str().unwrap().to_owned());
    let seen: Vec<_> = seen.filter(|note| SignedNote::parse(note).unwrap().text().contains(BOARD)).collect();
    let findings = findings(&old, &seen);
    assert!(findings.iter().any(|finding| finding.contains("smaller than a checkpoint")), "{findings:?}");
    world.start_broker().await;
    Ask::with(&world, world.question()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_copies_that_run_at_once_only_one_goes_on() {
    let (state, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut world = witnessed(state.path()).await;
    world.stop_broker().await;
    let config = copied(&world, copy.path());
    world.start_broker().await;
    let second = start(&world, &config).await.unwrap();
    Ask::with(&world, world.question()).await.unwrap();
    // The first history is cosigned before the second begins.
    let checkpoint = GetCheckpointRequest::default();
    let mut log = AccessLogServiceClient::new(world.connect(&world.board.identity));
    log.get_checkpoint(world.assertion("greta").on(checkpoint)).await.unwrap();

    let ask_second = async || {
        let channel = world.connect_at(second.ports.grpc, &world.board.identity);
        let request = world.assertion("anna").on(world.question());
        PersonQueryServiceClient::new(channel).ask(request).await
    };
    let _ = ask_second().await;
    second.poisoned().await;
    assert_eq!(ask_second().await.unwrap_err().code(), Code::Unavailable);
    second.stop().await;
    Ask::with(&world, world.question()).await.unwrap();
}
