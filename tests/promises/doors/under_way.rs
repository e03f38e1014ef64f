//! Calls under way are counted where the work is, whatever becomes of the stream or connection that they came by.

use std::time::Duration;

use ssbtek_config::Config;
use ssbtek_domain::{Agency, Role, Source};
use ssbtek_proto::broker::v1::EntryState;
use tokio::io::AsyncWriteExt;
use tonic::Code;

use super::client::{PATIENCE, Told, Wire, whole};
use crate::{
    harness::{Ask, OTHER_BOARD, Wires, World, with_token},
    soap::PLAIN,
};

async fn world(per_connection: u32, per_certificate: usize, per_board: usize) -> World {
    let world = World::start_with(Wires::Grpc, |config| {
        config.grpc.max_streams = per_connection;
        config.doors.max_under_way_per_certificate = per_certificate;
        config.doors.max_under_way_per_board = per_board;
        for_as_long_as_held(config);
    })
    .await;
    hold(&world, true);
    world
}

/// No question ends by itself here, however slow the machine: CSN holds each until it is let go.
fn for_as_long_as_held(config: &mut Config) {
    config.query.breaker_after = 1_000;
    (config.query.agency_deadline_ms, config.query.deadline_ms) = (120_000, 150_000);
    config.soap.as_mut().unwrap().deadline_ms = 150_000;
}

fn hold(world: &World, held: bool) {
    world.agencies.control().hold(&Source::Agency(Agency::Csn), held).unwrap();
}

fn asked(world: &World) -> u64 {
    world.agencies.control().calls(&Source::Agency(Agency::Csn)).unwrap()
}

/// Puts a question and resets its stream as soon as the agency has it; what was told if it was refused instead.
async fn ask_and_reset(world: &World, wire: &mut Wire) -> Option<Told> {
    let before = asked(world);
    let arrived = async {
        while asked(world) == before {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let asking = async {
        let told = wire.ask(world, "CSN").await;
        told.expect("an answer, not a closed connection")
    };
    tokio::select! {
        told = asking => Some(told),
        () = arrived => None,
    }
}

/// How many of ten questions whose streams are reset are taken; the others are refused as too many, and ask nobody.
async fn taken_of_ten(world: &World, wire: &mut Wire) -> usize {
    let mut taken = 0;
    for _ in 0..10 {
        match ask_and_reset(world, wire).await {
            None => taken += 1,
            Some(told) => assert_eq!(told.code(), Some(Code::ResourceExhausted), "{told:?}"),
        }
    }
    taken
}

/// A question of the other board to an agency that is not slow.
async fn other_board_is_served(world: &World) {
    let mut question = world.question();
    question.case_id = "EB-NONE".into();
    let assertion = world.assertion("anna").issued_by(OTHER_BOARD).bound_to(&world.other_board);
    let told = Ask::send(world, &world.other_board, assertion.on(question));
    let told = tokio::time::timeout(PATIENCE, told).await.expect("while the others are held").unwrap_err();
    assert_eq!(told.code(), Code::PermissionDenied, "judged, not turned away: {told:?}");
}

#[tokio::test]
async fn a_stream_that_is_reset_frees_no_place_of_its_connection_or_certificate_while_the_work_goes_on() {
    let world = world(3, 5, 100).await;
    let (mut one, mut two) =
        (world.http2(&world.board.identity).await, world.http2(&world.board.identity).await);
    assert_eq!(taken_of_ten(&world, &mut one).await, 3, "what one connection may have under way");
    assert_eq!(taken_of_ten(&world, &mut two).await, 2, "what one certificate may");
    other_board_is_served(&world).await;
    // Every question that was taken is carried through, and its place is there again.
    hold(&world, false);
    let again = async {
        while one.ask(&world, "TNS").await.unwrap().code() != Some(Code::Ok) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, again).await.unwrap();
    let released = async {
        loop {
            let log = world.log().await;
            if log.iter().all(|entry| entry.state() != EntryState::Open) {
                break log.iter().filter(|entry| entry.state() == EntryState::Released).count();
            }
        }
    };
    assert_eq!(tokio::time::timeout(PATIENCE, released).await.unwrap(), 6);
}

#[tokio::test]
async fn one_board_has_only_its_share_under_way_and_a_refusal_spends_nothing() {
    let world = world(100, 100, 2).await;
    let mut wire = world.http2(&world.board.identity).await;
    assert_eq!(taken_of_ten(&world, &mut wire).await, 2);
    let token = world.assertion("anna").token();
    let head = world.head_with(&format!("Bearer {token}"));
    let told = wire.tell(head, whole(world.question_to("TNS"))).await.unwrap();
    assert_eq!(told.code(), Some(Code::ResourceExhausted));
    other_board_is_served(&world).await;
    hold(&world, false);
    let again = async {
        loop {
            let mut question = world.question();
            question.agencies = vec!["TNS".into()];
            match Ask::send(&world, &world.board, with_token(question, &token)).await {
                Ok(_) => return,
                Err(status) => assert_eq!(status.code(), Code::ResourceExhausted),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, again).await.expect("the same assertion is good afterwards");
}

#[tokio::test]
async fn nobody_may_hold_as_many_as_are_still_free() {
    let world = World::start_with(Wires::Grpc, |config| {
        config.doors.max_under_way = 8;
        for_as_long_as_held(config);
    })
    .await;
    hold(&world, true);
    let mut wire = world.http2(&world.board.identity).await;
    assert_eq!(taken_of_ten(&world, &mut wire).await, 4, "half of all");
    other_board_is_served(&world).await;
}

#[tokio::test]
async fn a_caller_of_the_soap_door_that_hangs_up_frees_no_place_while_the_work_goes_on() {
    let world = world(100, 100, 2).await;
    let question = world.soap_question(11, Role::Applicant).only(&[Agency::Csn]).envelope();
    let request = format!(
        "POST /ssbt HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{PLAIN}\r\n{question}",
        question.len()
    );
    for taken in 1..=2 {
        let mut stream = world.soap_connection(&world.board.identity).await;
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        while asked(&world) < taken {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    let reply = world.soap_raw(&world.board.identity, request.as_bytes()).await;
    assert!(reply.status == 500 && reply.fault().contains("pågår redan"), "{}", reply.body);
    assert_eq!(asked(&world), 2);
    let mut wire = world.http2(&world.board.identity).await;
    let told = wire.ask(&world, "TNS").await.unwrap();
    assert_eq!(told.code(), Some(Code::ResourceExhausted), "both doors are counted together");
    other_board_is_served(&world).await;
}
