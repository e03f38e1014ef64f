//! The broker on PostgreSQL: from a question to its record, its proof and its erasure, and what the server keeps of it.

use std::path::PathBuf;

use canary::Canaries;
use ssbtek_config::DatabaseConfig;
use ssbtek_proto::broker::v1::{
    EndBoardAgreementRequest, EntryState, GetPurgeReceiptRequest,
    retention_service_client::RetentionServiceClient,
};
use ssbtek_transparency::{bundle::BundleVerifier, verify_receipt};
use test_postgres::Server;
use tonic::Code;

use crate::{
    first_answer::{receipt, trusted},
    harness::{Ask, BOARD, Wires, World},
};

fn on(address: &str) -> impl FnOnce(&mut ssbtek_config::Config) {
    let database = DatabaseConfig::at(address);
    move |config| (config.store.database, config.database) = (PathBuf::new(), Some(database))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_a_question_is_recorded_proven_and_erased_and_the_server_holds_nothing_personal() {
    let Some(server) = Server::start() else { return };
    let address = server.database();
    let mut world = World::start_with(Wires::Grpc, on(&address)).await;
    let answer = Ask::with(&world, world.question()).await.unwrap();
    let trust = trusted(&world);
    let first = receipt(answer.receipt.as_ref().unwrap());
    assert!(verify_receipt(&first, &trust).unwrap().size > first.index);

    world.restart().await;
    let log = world.log().await;
    let found = log.iter().find(|entry| entry.entry_id == answer.entry_id).unwrap();
    assert_eq!(found.state(), EntryState::Released, "also over a start");
    let refused = Ask::with(
        &world,
        ssbtek_proto::broker::v1::AskRequest { case_id: "EB-2".into(), ..world.question() },
    );
    assert_eq!(refused.await.unwrap_err().code(), Code::PermissionDenied);

    let end = EndBoardAgreementRequest {
        organisation_number: BOARD.into(),
        last_day: "2026-11-30".into(),
        document_sha256: "9".repeat(64),
    };
    world.end_agreement(end).await.unwrap();
    world.clock.set("2026-12-29T23:00:00Z".parse().unwrap());
    let ran = world.purge_by_word("2026-12-29T23:04:00Z".parse().unwrap()).await;
    let [done] = &ran.done[..] else { panic!("one purge") };
    assert!(done.records >= 8 && done.root_before == done.root_after);
    let mut operator = RetentionServiceClient::new(world.connect(&world.operator.identity));
    let request = GetPurgeReceiptRequest { purge_id: done.purge_id.clone() };
    let bundle = operator.get_purge_receipt(request).await.unwrap().into_inner().bundle;
    let mut verifier = BundleVerifier::new(None);
    for line in bundle.lines() {
        verifier.line(line).unwrap();
    }
    assert_eq!(verifier.finish().unwrap().open, 1);
    Ask::with(&world, world.question()).await.unwrap_err();

    world.stop_broker().await;
    let report = ssbtek_broker::check_command::examine(&world.config, vec![]).unwrap();
    assert_eq!(report.findings, [""; 0]);
    server.sql("postgres", "CHECKPOINT");
    let mut canaries = Canaries::new();
    for person in &world.household {
        canaries.number(person.number.expose());
        canaries.text(&person.street);
    }
    assert_eq!(
        canaries.find_in_files(&server.directory().join("data")).unwrap(),
        None,
        "tables, indexes, write-ahead log"
    );
    assert!(canaries.find(server.log().as_bytes(), 1).is_empty(), "the server's log");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_server_the_broker_answers_nobody_and_with_it_again_everybody() {
    let Some(mut server) = Server::start() else { return };
    let address = server.database();
    let world = World::start_with(Wires::Grpc, on(&address)).await;
    Ask::with(&world, world.question()).await.unwrap();
    let asked = world.agencies.control().total_calls();
    server.kill();
    assert_eq!(Ask::with(&world, world.question()).await.unwrap_err().code(), Code::Unavailable);
    assert_eq!(world.agencies.control().total_calls(), asked, "no agency was asked");
    server.run(&[]);
    Ask::with(&world, world.question()).await.unwrap();
}
