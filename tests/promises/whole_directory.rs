//! The whole data directory, stopped: database, keys, purge ledger and configuration. One bit flipped anywhere is found, or lies
//! where nothing is stored; and nobody but its owner can read any of it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use chrono::TimeDelta;
use ssbtek_broker::check_command::examine;
use ssbtek_config::Config;
use ssbtek_domain::{Clock, SeededEntropy};
use ssbtek_proto::broker::v1::{
    CloseCaseRequest, EndBoardAgreementRequest, RunPurgeRequest, SetLogRetentionRequest,
    retention_service_client::RetentionServiceClient,
};

use crate::harness::{Ask, BOARD, OTHER_BOARD, Wires, World, with_witness};

/// Flips tried; `FLIPS` sets another number.
const FLIPS: u64 = 100;
/// Questions asked first.
const QUESTIONS: usize = 20;

/// A world that has lived: questions, a closed case, terms of retention, cosigned checkpoints, a purge. Stopped.
async fn lived(state: &Path) -> World {
    let state = state.to_owned();
    let clock = World::clock();
    let witness_clock = clock.clone();
    let mut world = World::start_with(Wires::Grpc, move |config| with_witness(config, &state, clock)).await;
    let mut operator = RetentionServiceClient::new(world.connect(&world.operator.identity));
    let end = EndBoardAgreementRequest {
        organisation_number: OTHER_BOARD.into(),
        last_day: world.clock.today().to_string(),
        document_sha256: "9".repeat(64),
    };
    world.end_agreement(end).await.unwrap();
    world.clock.advance(TimeDelta::days(40));
    witness_clock.set(world.clock.now());
    let run = RunPurgeRequest { confirmed_time: world.clock.now().to_rfc3339() };
    assert_eq!(operator.run_purge(run).await.unwrap().into_inner().done.len(), 1);
    let keep = SetLogRetentionRequest { organisation_number: BOARD.into(), months: Some(48) };
    let set = async |channel| RetentionServiceClient::new(channel).set_log_retention(keep.clone()).await;
    world.by_two(set).await.unwrap();
    world.register_case("EB-2", &["anna"]).await;
    let close = CloseCaseRequest { case_id: "EB-2".into() };
    world.cases().close_case(world.assertion("system").on(close)).await.unwrap();
    for _ in 0..QUESTIONS {
        Ask::with(&world, world.question()).await.unwrap();
    }
    // So that the store was last started with the very configuration that is checked.
    world.restart().await;
    world.stop_broker().await;
    world
}

/// What is found in a directory as it lies there; `None` if nothing is wrong.
fn found(config: &Path) -> Option<String> {
    let examined =
        Config::load(config).map_err(anyhow::Error::from).and_then(|config| examine(&config, Vec::new()));
    match examined {
        Err(error) => Some(error.to_string()),
        Ok(report) => report.findings.first().or(report.notes.first()).cloned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bit_flipped_anywhere_in_the_data_directory_is_found_or_lies_where_nothing_is_stored() {
    let state = tempfile::tempdir().unwrap();
    let world = lived(state.path()).await;
    let config = world.write_config();
    assert_eq!(found(&config), None);
    let content = || {
        let config = Config::load(&config).unwrap();
        (examine(&config, Vec::new()).unwrap().content, toml::to_string(&config).unwrap())
    };
    let sound = content();

    let mut keys: Vec<PathBuf> =
        fs::read_dir(&world.config.store.keys).unwrap().map(|file| file.unwrap().path()).collect();
    keys.sort();
    let ledger = world.config.store.keys.with_file_name("purge-ledger.jsonl");
    let database = &world.config.store.database;
    assert!(fs::metadata(&ledger).unwrap().len() > 0, "a purge is in the ledger");
    let flips = std::env::var("FLIPS").ok().and_then(|n| n.parse().ok()).unwrap_or(FLIPS);
    let chance = SeededEntropy::new(20_261_126);
    let (mut detected, mut nowhere) = (0, 0);
    for n in 0..flips {
        // Three in ten hit what is small.
        let path = match n % 10 {
            0 => &keys[chance.below(keys.len() as u64) as usize],
            1 => &ledger,
            2 => &config,
            _ => database,
        };
        let whole = fs::read(path).unwrap();
        let bit = chance.below(whole.len() as u64 * 8);
        let mut flipped = whole.clone();
        flipped[(bit / 8) as usize] ^= 1 << (bit % 8);
        fs::write(path, &flipped).unwrap();
        match found(&config) {
            Some(_) => detected += 1,
            None => {
                // Of keys and ledger every bit counts; the others hold free pages and spaces.
                assert!(path == database || *path == config, "bit {bit} of {} went unseen", path.display());
                assert_eq!(content(), sound, "bit {bit} of {} went unseen", path.display());
                nowhere += 1;
            }
        }
        fs::write(path, &whole).unwrap();
    }
    println!("{flips} flips: {detected} found, {nowhere} where nothing is stored");
    assert!(detected > nowhere);
    assert_eq!(found(&config), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_or_a_ledger_line_that_is_gone_is_named() {
    let state = tempfile::tempdir().unwrap();
    let world = lived(state.path()).await;
    let config = world.write_config();
    let keys = &world.config.store.keys;
    for gone in fs::read_dir(keys).unwrap() {
        let path = gone.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let whole = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(found(&config).is_some(), "without {name}");
        fs::write(&path, whole).unwrap();
    }
    let ledger = keys.with_file_name("purge-ledger.jsonl");
    fs::write(&ledger, "").unwrap();
    let named = found(&config).unwrap();
    assert!(named.contains("is in the log and not in the purge ledger"), "{named}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_but_its_owner_can_read_what_the_broker_writes() {
    let world = World::start(Wires::Grpc).await;
    Ask::with(&world, world.question()).await.unwrap();
    let store = &world.config.store;
    let beside = |name: &str| store.database.with_file_name(name);
    let mut files = vec![beside("broker.db"), beside("broker.db-wal"), beside("broker.db-shm")];
    files.extend([beside("broker.db.lock"), beside("broker.db.reserve"), beside("purge-ledger.jsonl")]);
    files.extend(fs::read_dir(&store.keys).unwrap().map(|file| file.unwrap().path()));
    assert!(files.len() > 10);
    for file in files {
        let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.display());
    }
    assert_eq!(fs::metadata(&store.keys).unwrap().permissions().mode() & 0o777, 0o700);
}
