//! Erasure through the operators' door: the end of an agreement, its purge, its receipt, its alarm.

use chrono::TimeDelta;
use ssbtek_domain::Clock;
use ssbtek_proto::broker::v1::{
    ConnectionStep, EndBoardAgreementRequest, GetPurgeReceiptRequest, GetPurgeStatusRequest,
    LiftLegalHoldRequest, PlaceLegalHoldRequest, RunPurgeRequest,
    agreement_service_client::AgreementServiceClient, retention_service_client::RetentionServiceClient,
};
use ssbtek_transparency::bundle::BundleVerifier;
use tonic::Code;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::harness::{Ask, BOARD, OTHER_BOARD, Wires, World, step_of};

#[tokio::test]
async fn a_board_whose_agreement_has_ended_is_purged_once_two_clocks_agree_and_the_receipt_verifies() {
    let world = World::start(Wires::Grpc).await;
    Ask::with(&world, world.question()).await.unwrap();
    let mut operator = RetentionServiceClient::new(world.connect(&world.operator.identity));
    let end = |last_day: &str| EndBoardAgreementRequest {
        organisation_number: BOARD.into(),
        last_day: last_day.into(),
        document_sha256: "9".repeat(64),
    };
    let past = operator.end_board_agreement(end("2026-11-21")).await.unwrap_err();
    assert_eq!(past.code(), Code::InvalidArgument);
    let ended = world.end_agreement(end("2026-11-30")).await.unwrap();
    assert_eq!(ended.limit_on, "2026-12-30");

    world.clock.advance(TimeDelta::days(9));
    let refused = Ask::with(&world, world.question()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied, "1 December: the agreement has ended");

    world.clock.set("2026-12-29T23:00:00Z".parse().unwrap());
    let run = |confirmed_time: &str| RunPurgeRequest { confirmed_time: confirmed_time.into() };
    let alone = operator.run_purge(run("")).await.unwrap_err();
    assert_eq!(alone.code(), Code::FailedPrecondition, "no second clock");
    let wrong = operator.run_purge(run("2026-11-19T23:00:00Z")).await.unwrap_err();
    assert_eq!(wrong.code(), Code::FailedPrecondition, "a clock forty days ahead");
    let status = operator.get_purge_status(GetPurgeStatusRequest {}).await.unwrap().into_inner();
    assert!(!status.clocks.contains("differ"), "a slip of the pen is no clock: {}", status.clocks);
    let ran = world.purge_by_word("2026-12-29T23:04:00Z".parse().unwrap()).await;
    let [done] = &ran.done[..] else { panic!("one purge") };
    assert_eq!((done.organisation_number.as_str(), done.scope.as_str()), (BOARD, "board"));
    assert!(done.records >= 8 && done.root_before == done.root_after);

    let request = GetPurgeReceiptRequest { purge_id: done.purge_id.clone() };
    let receipt = operator.get_purge_receipt(request).await.unwrap().into_inner();
    let mut verifier = BundleVerifier::new(None);
    for line in receipt.bundle.lines() {
        verifier.line(line).unwrap();
    }
    assert_eq!(verifier.finish().unwrap().open, 1);
    let gone = Ask::with(&world, world.question()).await.unwrap_err();
    assert!(
        matches!(gone.code(), Code::Unauthenticated | Code::PermissionDenied),
        "its certificate is nobody's"
    );
    let status = operator.get_purge_status(GetPurgeStatusRequest {}).await.unwrap().into_inner();
    assert!(status.boards.iter().any(|board| board.organisation_number == OTHER_BOARD && !board.overdue));
    assert_eq!(status.done.len(), 1);
}

#[tokio::test]
async fn an_end_that_a_legal_hold_forbids_ends_nothing() {
    let world = World::start(Wires::Grpc).await;
    let mut operator = RetentionServiceClient::new(world.connect(&world.operator.identity));
    let hold = PlaceLegalHoldRequest {
        organisation_number: BOARD.into(),
        reference: "DNR 2026/17".into(),
        until: "2027-03-31".into(),
        ..PlaceLegalHoldRequest::default()
    };
    let place = async |channel| RetentionServiceClient::new(channel).place_legal_hold(hold.clone()).await;
    world.by_two(place).await.unwrap();
    let mut agreements = world.agreements(&world.operator.identity);
    let end = step_of(BOARD, ConnectionStep::End, Some("2026-11-30".into()));
    let refused = agreements.take_step(end.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{}", refused.message());
    world.clock.set("2026-12-01T10:00:00Z".parse().unwrap());
    Ask::with(&world, world.question()).await.expect("the agreement goes on");

    let lift = LiftLegalHoldRequest { organisation_number: BOARD.into() };
    let lift = async |channel| RetentionServiceClient::new(channel).lift_legal_hold(lift.clone()).await;
    world.by_two(lift).await.unwrap();
    let end = step_of(BOARD, ConnectionStep::End, Some("2026-12-01".into()));
    let end = async |channel| AgreementServiceClient::new(channel).take_step(end.clone()).await;
    world.by_two(end).await.unwrap();
    let status = operator.get_purge_status(GetPurgeStatusRequest {}).await.unwrap().into_inner();
    let board = status.boards.iter().find(|board| board.organisation_number == BOARD).unwrap();
    assert_eq!((board.ended_on.as_str(), &board.limit_at[..10]), ("2026-12-01", "2027-01-01"));
}

#[tokio::test]
async fn a_board_whose_purge_is_overdue_turns_red_and_its_neighbours_stay_green() {
    let world = World::start_with(Wires::Grpc, |config| config.retention.sweep_interval_s = 1).await;
    let mut operator = RetentionServiceClient::new(world.connect(&world.operator.identity));
    let end = EndBoardAgreementRequest {
        organisation_number: BOARD.into(),
        last_day: "2026-11-30".into(),
        document_sha256: "9".repeat(64),
    };
    world.end_agreement(end).await.unwrap();
    let mut health = HealthClient::new(world.connect(&world.operator.identity));
    let mut status = async |board: &str| {
        let request = HealthCheckRequest { service: format!("ssbtek.board/{board}") };
        health.check(request).await.map(|answer| answer.into_inner().status())
    };
    // Six hours after it was due, without a second clock.
    world.clock.set("2026-12-30T05:00:00Z".parse().unwrap());
    let refused = operator.run_purge(RunPurgeRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert_eq!(status(BOARD).await.unwrap(), ServingStatus::NotServing);
    assert_eq!(status(OTHER_BOARD).await.unwrap(), ServingStatus::Serving);
    world.purge_by_word(world.clock.now()).await;
    assert_ne!(status(BOARD).await.unwrap_or(ServingStatus::Serving), ServingStatus::NotServing);
}

#[tokio::test]
async fn only_an_operator_sees_or_runs_a_purge() {
    let world = World::start(Wires::Grpc).await;
    let mut board = RetentionServiceClient::new(world.connect(&world.board.identity));
    let refused = board.run_purge(RunPurgeRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let refused = board.get_purge_status(GetPurgeStatusRequest {}).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}
