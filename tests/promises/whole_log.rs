//! A whole log through the real doors, read by the verifier that was written apart from this program: entries, checkpoints,
//! cosignatures, consistency, and the receipts as they came with the answers; and all of it again after an erasure.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use chrono::TimeDelta;
use futures::{StreamExt, stream};
use ssbtek_domain::Clock;
use ssbtek_proto::broker::v1::{
    AskRequest, ExportEntriesRequest, ExportFormat, ListEntriesRequest, Receipt, RunPurgeRequest,
    access_log_service_client::AccessLogServiceClient, person_query_service_client::PersonQueryServiceClient,
    retention_service_client::RetentionServiceClient,
};
use tonic::Code;

use crate::harness::{Ask, BOARD, Wires, World, hex, with_witness};

/// Records made at least; `LOG_ENTRIES` sets another number.
const ENTRIES: usize = 400;
/// Checkpoints in an export, each after the first with a consistency proof; at least as many as there are records.
const CHECKPOINTS: u32 = 1_001;
/// Questions under way at once.
const AT_ONCE: usize = 16;
/// Months that a log is kept in this test.
const LOG_MONTHS: u32 = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verifier_written_apart_believes_a_whole_log_and_every_receipt_also_after_erasure() {
    let Some(python) = python() else { return };
    let entries = std::env::var("LOG_ENTRIES").ok().and_then(|n| n.parse().ok()).unwrap_or(ENTRIES);
    let (state, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let kept = state.path().to_owned();
    let clock = World::clock();
    let witness_clock = clock.clone();
    let world = World::start_with(Wires::Grpc, move |config| {
        config.retention.log_months = LOG_MONTHS;
        with_witness(config, &kept, clock);
    })
    .await;
    let receipts = ask(&world, entries * 11 / 20).await;
    let given = files.path().join("receipts.jsonl");
    write_receipts(&given, &receipts);

    let first = files.path().join("first.jsonl");
    let checkpoint = export(&world, &first).await;
    let known = files.path().join("checkpoint.txt");
    std::fs::write(&known, &checkpoint).unwrap();
    let said = verify(&python, &world, &[&first], &given, None);
    let count = |said: &str, name: &str| -> u64 {
        let of = said.split_whitespace().find_map(|word| word.strip_prefix(&format!("{name}=")));
        of.unwrap().parse().unwrap()
    };
    assert!(count(&said, "entries") >= entries as u64 && count(&said, "erased") == 0, "{said}");
    let proofs = u64::from(CHECKPOINTS - 1).min(count(&said, "entries") - 1);
    assert!(count(&said, "consistency") >= proofs, "{said}");
    assert!(
        count(&said, "cosigned_checkpoints") >= 1 && count(&said, "given_receipts") == receipts.len() as u64
    );

    world.clock.advance(TimeDelta::days(31 * i64::from(LOG_MONTHS + 1)));
    witness_clock.set(world.clock.now());
    let mut operator = RetentionServiceClient::new(world.connect(&world.operator.identity));
    let run = RunPurgeRequest { confirmed_time: world.clock.now().to_rfc3339() };
    let erased = operator.run_purge(run).await.unwrap().into_inner().done;
    assert!(erased.iter().any(|done| done.organisation_number == BOARD && done.records >= entries as u64));
    let second = files.path().join("second.jsonl");
    export(&world, &second).await;
    let said = verify(&python, &world, &[&second], &given, Some(&known));
    assert!(count(&said, "erased") >= entries as u64 && count(&said, "known") == 1, "{said}");
    assert_eq!(count(&said, "given_receipts"), receipts.len() as u64);
}

/// Asks `n` questions; every tenth is refused, every fiftieth followed by a reading. Returns the answers' receipts.
async fn ask(world: &World, n: usize) -> Vec<Receipt> {
    let channel = world.connect(&world.board.identity);
    let asked = stream::iter(0..n).map(|at| {
        let channel = channel.clone();
        async move {
            let question = AskRequest { agencies: vec!["MIV".into()], ..world.question() };
            let mut client = PersonQueryServiceClient::new(channel.clone());
            if at % 10 == 9 {
                let unknown = AskRequest { case_id: "EB-NOT".into(), ..question };
                let refused = client.ask(world.assertion("anna").on(unknown)).await.unwrap_err();
                assert_eq!(refused.code(), Code::PermissionDenied);
                return None;
            }
            let answer = client.ask(world.assertion("anna").on(question)).await.unwrap().into_inner();
            if at % 50 == 49 {
                let mut log = AccessLogServiceClient::new(channel);
                let one = ListEntriesRequest { page_size: 1, ..Default::default() };
                log.list_entries(world.assertion("greta").on(one)).await.unwrap();
            }
            answer.receipt
        }
    });
    asked.buffer_unordered(AT_ONCE).filter_map(|receipt| async { receipt }).collect().await
}

fn write_receipts(path: &Path, receipts: &[Receipt]) {
    let mut file = File::create(path).unwrap();
    for receipt in receipts {
        let proof: Vec<_> = receipt.inclusion.iter().map(|hash| hex(hash)).collect();
        let line = serde_json::json!({
            "leaf_hash": hex(&receipt.leaf_hash),
            "index": receipt.leaf_index,
            "proof": proof,
            "checkpoint": receipt.checkpoint,
        });
        writeln!(file, "{line}").unwrap();
    }
}

/// Exports the whole log to a file. Returns its last checkpoint.
async fn export(world: &World, path: &Path) -> String {
    let message = ExportEntriesRequest {
        format: ExportFormat::Bundle.into(),
        checkpoints: CHECKPOINTS,
        receipts: true,
        ..Default::default()
    };
    let mut log = AccessLogServiceClient::new(world.connect(&world.board.identity));
    let mut parts = log.export_entries(world.assertion("greta").on(message)).await.unwrap().into_inner();
    let (mut file, mut last) = (File::create(path).unwrap(), String::new());
    while let Some(part) = parts.message().await.unwrap() {
        file.write_all(&part.bundle).unwrap();
        for line in std::str::from_utf8(&part.bundle).unwrap().lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            if let Some(note) = line["note"].as_str() {
                note.clone_into(&mut last);
            }
        }
    }
    last
}

fn verify(python: &Path, world: &World, bundles: &[&Path], receipts: &Path, known: Option<&Path>) -> String {
    let board = ssbtek_domain::OrganisationNumber::parse(BOARD).unwrap();
    let key = world.broker().log_key(board).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify/verify_log.py");
    let mut command = Command::new(python);
    command.args(["-B", "-X", "utf8"]).arg(script);
    command.args(["--origin", &format!("{}/{board}", world.config.deployment), "--log-key", &key]);
    command.args(["--witness-key", &world.config.witness[0].key, "--quorum", "1"]);
    command.arg("--receipts").arg(receipts);
    if let Some(known) = known {
        command.arg("--known").arg(known);
    }
    let output = command.args(bundles).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    print!("{said}");
    assert!(output.status.success() && said.starts_with("OK"), "{said}");
    said
}

/// A Python with the package for Ed25519; says so if there is none.
pub(crate) fn python() -> Option<PathBuf> {
    let prepared = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin/python");
    let can = |python: &PathBuf| {
        let tried = Command::new(python).args(["-c", "import cryptography"]).output();
        tried.is_ok_and(|output| output.status.success())
    };
    let found = [prepared, PathBuf::from("python3")].into_iter().find(can);
    if found.is_none() {
        println!("SKIPPED: no Python with the package `cryptography` is here");
    }
    found
}

/// An export that runs when its connection has become too old comes to its end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connections_age_does_not_end_an_export_that_runs() {
    let world = World::start_with(Wires::Grpc, |config| {
        config.grpc.max_connection_age_s = 1;
        config.grpc.drain_s = 0;
    })
    .await;
    for _ in 0..60 {
        Ask::with(&world, world.question()).await.unwrap();
    }
    let begun = std::time::Instant::now();
    let message =
        ExportEntriesRequest { format: ExportFormat::Bundle.into(), receipts: true, ..Default::default() };
    // So little is taken at a time that most of it is still to be sent when the connection is old.
    let mut log = AccessLogServiceClient::new(world.connect_taking_at_a_time(&world.board.identity, 4_096));
    let mut parts = log.export_entries(world.assertion("greta").on(message)).await.unwrap().into_inner();
    let mut last = parts.message().await.unwrap().unwrap();
    // Meanwhile others work on.
    while begun.elapsed() < std::time::Duration::from_millis(1_500) {
        Ask::with(&world, world.question()).await.unwrap();
    }
    while let Some(part) = parts.message().await.unwrap() {
        last = part;
    }
    assert!(std::str::from_utf8(&last.bundle).unwrap().contains(r#"{"type":"end""#), "to its last line");
}
