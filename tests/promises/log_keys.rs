//! A log's key changes in two steps, and what the old one signed verifies for ever.

use ssbtek_broker::check_command::examine;
use ssbtek_proto::broker::v1::{
    AskResponse, ExportEntriesRequest, ExportFormat, ListLogKeysRequest, LogKey, RetireLogKeyRequest,
    RetireLogKeyResponse, RotateLogKeyRequest, RotateLogKeyResponse,
    access_log_service_client::AccessLogServiceClient, log_key_service_client::LogKeyServiceClient,
};
use ssbtek_transparency::{Hash, NoteVerifier, Receipt, Trust, bundle::BundleVerifier, verify_receipt};
use tonic::{Code, Status, transport::Channel};

use crate::harness::{Ask, BOARD, OTHER_BOARD, Wires, World};

fn operator(world: &World) -> LogKeyServiceClient<Channel> {
    LogKeyServiceClient::new(world.connect(&world.operator.identity))
}

async fn keys(world: &World) -> Vec<LogKey> {
    let request = ListLogKeysRequest { organisation_number: BOARD.into() };
    operator(world).list_log_keys(request).await.unwrap().into_inner().keys
}

fn rotate() -> RotateLogKeyRequest {
    RotateLogKeyRequest { organisation_number: BOARD.into() }
}

fn retire() -> RetireLogKeyRequest {
    RetireLogKeyRequest { organisation_number: BOARD.into() }
}

async fn by_two_rotate(world: &World) -> Result<RotateLogKeyResponse, Status> {
    world.by_two(async |channel| LogKeyServiceClient::new(channel).rotate_log_key(rotate()).await).await
}

async fn by_two_retire(world: &World) -> Result<RetireLogKeyResponse, Status> {
    world.by_two(async |channel| LogKeyServiceClient::new(channel).retire_log_key(retire()).await).await
}

fn trust(world: &World, keys: &[&str]) -> Trust {
    let keys = keys.iter().map(|vkey| NoteVerifier::parse(vkey).unwrap()).collect();
    Trust::new(format!("{}/{BOARD}", world.config.deployment), keys, vec![], 0).unwrap()
}

/// Whether the answer's receipt convinces somebody who knows this key alone.
fn holds(world: &World, answer: &AskResponse, vkey: &str) -> bool {
    let receipt = answer.receipt.clone().unwrap();
    let hash = |bytes: &Vec<u8>| Hash::try_from(bytes.as_slice()).unwrap();
    let receipt = Receipt {
        leaf_hash: hash(&receipt.leaf_hash),
        index: receipt.leaf_index,
        proof: receipt.inclusion.iter().map(hash).collect(),
        checkpoint: receipt.checkpoint,
    };
    verify_receipt(&receipt, &trust(world, &[vkey])).is_ok()
}

async fn ask(world: &World) -> AskResponse {
    Ask::with(world, world.question()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_key_signs_beside_the_old_until_that_is_retired_and_old_receipts_verify_for_ever() {
    let mut world = World::start(Wires::Grpc).await;
    let before = ask(&world).await;
    let only = by_two_retire(&world).await.unwrap_err();
    assert_eq!(only.code(), Code::InvalidArgument, "the only key stays");

    let new = by_two_rotate(&world).await.unwrap().key.unwrap().vkey;
    let [old, listed] = &keys(&world).await[..] else { panic!("two keys") };
    assert_eq!((&listed.vkey, old.since.as_str(), old.until.as_str()), (&new, "", ""));
    assert!(!listed.since.is_empty() && listed.first_size > before.receipt.as_ref().unwrap().leaf_index);
    let old = old.vkey.clone();
    let between = ask(&world).await;
    assert!(holds(&world, &between, &old) && holds(&world, &between, &new), "both sign");

    let retired = by_two_retire(&world).await.unwrap().key.unwrap();
    assert_eq!(retired.vkey, old);
    assert!(!retired.until.is_empty() && retired.last_size > between.receipt.as_ref().unwrap().leaf_index);
    let after = ask(&world).await;
    assert!(holds(&world, &after, &new) && !holds(&world, &after, &old), "the old one signs no longer");
    assert!(!world.config.store.keys.join(format!("sign.{BOARD}")).exists(), "and is destroyed");

    world.restart().await;
    assert_eq!(keys(&world).await.iter().map(|key| &key.vkey).collect::<Vec<_>>(), [&old, &new]);
    let later = ask(&world).await;
    assert!(holds(&world, &later, &new) && !holds(&world, &later, &old));
    assert!(holds(&world, &before, &old) && holds(&world, &between, &old), "old receipts verify for ever");

    let message =
        ExportEntriesRequest { format: ExportFormat::Bundle.into(), checkpoints: 5, ..Default::default() };
    let mut log = AccessLogServiceClient::new(world.connect(&world.board.identity));
    let mut parts = log.export_entries(world.assertion("greta").on(message)).await.unwrap().into_inner();
    let mut verifier = BundleVerifier::new(Some(trust(&world, &[&old, &new])));
    while let Some(part) = parts.message().await.unwrap() {
        std::str::from_utf8(&part.bundle)
            .unwrap()
            .lines()
            .for_each(|line| drop(verifier.line(line).unwrap()));
    }
    verifier.finish().unwrap();
    let actions: Vec<_> = world.log().await.into_iter().map(|entry| entry.action).collect();
    assert!(actions.contains(&"rotate_log_key".into()) && actions.contains(&"retire_log_key".into()));
    world.stop_broker().await;
    let findings = examine(&world.config, vec![before.receipt.unwrap().checkpoint]).unwrap();
    assert_eq!((findings.findings, findings.known), (Vec::new(), 1));
}

#[tokio::test]
async fn only_operators_change_a_key_and_a_board_lists_none_but_its_own() {
    let world = World::start(Wires::Grpc).await;
    let mut board = LogKeyServiceClient::new(world.connect(&world.board.identity));
    assert_eq!(board.rotate_log_key(rotate()).await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(board.retire_log_key(retire()).await.unwrap_err().code(), Code::PermissionDenied);
    let list = |board: &str| ListLogKeysRequest { organisation_number: board.into() };
    let own = board.list_log_keys(world.assertion("greta").on(list(""))).await.unwrap().into_inner();
    assert_eq!(own.keys, keys(&world).await);
    let others = board.list_log_keys(world.assertion("greta").on(list(OTHER_BOARD))).await.unwrap_err();
    assert_eq!(others.code(), Code::InvalidArgument);
    let unknown = operator(&world).rotate_log_key(RotateLogKeyRequest::default()).await.unwrap_err();
    assert_eq!(unknown.code(), Code::InvalidArgument);
}
