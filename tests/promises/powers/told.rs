//! What an operator changes of a board stands in that board's log: by which operator, what, and to which value.

use std::collections::BTreeMap;

use prost::Message;
use prost_reflect::{DynamicMessage, Kind, Value};
use ssbtek_gateway::calls::{Call, Records};
use ssbtek_proto::broker::v1::{self as proto, LogEntry, log_key_service_client::LogKeyServiceClient};
use tonic::Request;

use super::{
    attack::Attack,
    moves::{MOVES, messages},
};
use crate::{
    harness::{BOARD, OTHER_BOARD, Wires, World, hex, proposed},
    replaced::version_now,
};

/// Fields whose value is no matter of the board's log: whose log it is, keys (told by their id), names of persons and houses, and
/// what is told by the action's name.
const NOT_TOLD: [&str; 7] = [
    "organisation_number",
    "name",
    "assertion_key",
    "administrator",
    "power_of_attorney_needed",
    "step",
    "expected_version",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_of_a_board_by_operators_is_told_in_its_log_with_who_and_to_what() {
    let world = World::start(Wires::Grpc).await;
    let attack = Attack::prepared(&world).await;
    let changes: Vec<_> = MOVES.iter().filter(|call| call.records == Records::Change).collect();
    let mut done = BTreeMap::new();
    // Twice: some can be done only after others.
    for call in changes.iter().chain(&changes) {
        let of_board = messages(call, &attack)
            .into_iter()
            .filter(|message| text(message, "organisation_number") == BOARD);
        for mut message in of_board {
            let done: &mut usize = done.entry(call.method).or_default();
            if call.method == "RevokeCertificate" {
                let own = Value::String(hex(&attack.own.identity.fingerprint()));
                message.set_field_by_name("sha256", own);
            }
            let Some(by) = carried_out(&world, call, &mut message).await else { continue };
            *done += 1;
            let told = world.log().await.remove(0);
            assert_eq!(told.case_worker, by, "{}: {told:?}", call.method);
            for value in values(&message) {
                assert!(is_told(&told, &value), "{} does not tell {value}: {:?}", call.method, told.details);
            }
        }
    }
    let never: Vec<_> = done.iter().filter(|(_, done)| **done == 0).map(|(method, _)| *method).collect();
    assert_eq!(never, ["RegisterBoard"], "the board is there");
    assert!(done.len() > 12, "{done:?}");
}

#[tokio::test]
async fn which_log_key_is_made_and_which_is_retired_stands_in_the_boards_log() {
    let world = World::start(Wires::Grpc).await;
    let keys = async || {
        let list = proto::ListLogKeysRequest { organisation_number: BOARD.into() };
        let mut operator = LogKeyServiceClient::new(world.connect(&world.operator.identity));
        operator
            .list_log_keys(list)
            .await
            .unwrap()
            .into_inner()
            .keys
            .into_iter()
            .map(|key| key.vkey)
            .collect::<Vec<_>>()
    };
    let first = keys().await;
    let (rotate, retire) = (
        proto::RotateLogKeyRequest { organisation_number: BOARD.into() },
        proto::RetireLogKeyRequest { organisation_number: BOARD.into() },
    );
    world
        .by_two(async |channel| LogKeyServiceClient::new(channel).rotate_log_key(rotate.clone()).await)
        .await
        .unwrap();
    let both = keys().await;
    world
        .by_two(async |channel| LogKeyServiceClient::new(channel).retire_log_key(retire.clone()).await)
        .await
        .unwrap();
    let log = world.log().await;
    let told = |action: &str, value: &str| {
        let found = log.iter().find(|entry| entry.action == action).unwrap();
        assert!(is_told(found, value), "{action}: {:?}", found.details);
        assert_eq!(
            found.case_worker.matches("operator ").count(),
            if action.starts_with("propose") { 1 } else { 2 }
        );
    };
    told("propose_rotate_log_key", &first[0]);
    told("rotate_log_key", &first[0]);
    told("begin_log_key", &both[1]);
    told("propose_retire_log_key", &first[0]);
    told("retire_log_key", &first[0]);
}

#[tokio::test]
async fn a_reading_by_an_operator_is_told_with_which_operator_it_was() {
    let world = World::start(Wires::Grpc).await;
    let get = proto::GetBoardRequest { organisation_number: BOARD.into() };
    world.agreements(&world.second_operator.identity).get_board(get).await.unwrap();
    let told = world.log().await.remove(0);
    let fingerprint = hex(&world.second_operator.identity.fingerprint());
    assert_eq!(
        (told.case_worker, told.certificate),
        (format!("operator {}", &fingerprint[..16]), fingerprint)
    );
}

#[tokio::test]
async fn what_an_operator_changes_for_all_boards_stands_in_every_boards_log() {
    let world = World::start(Wires::Grpc).await;
    let mut operator = world.agreements(&world.operator.identity);
    let shut = |expected_version| proto::SetAgencyRequest {
        agency: "MIV".into(),
        nothing: true,
        expected_version,
        ..Default::default()
    };
    let unread = operator.set_agency(shut(None)).await.unwrap_err();
    let version = version_now(&unread).expect("an agency was shut unread");
    operator.set_agency(shut(Some(version))).await.unwrap();
    for (board, certificate) in [(BOARD, &world.board), (OTHER_BOARD, &world.other_board)] {
        let told = world.log_of(board, certificate).await;
        let found = told.iter().find(|entry| entry.action == "set_agency");
        let found = found.unwrap_or_else(|| panic!("{board}: {told:?}"));
        assert!(is_told(found, "MIV") && is_told(found, "nothing"), "{:?}", found.details);
        assert!(found.case_worker.starts_with("operator "), "{}", found.case_worker);
    }
}

/// By whom it was, as the record should say; `None` where it is refused.
async fn carried_out(world: &World, call: &Call, message: &mut DynamicMessage) -> Option<String> {
    let name = |of: &ssbtek_pki::Issued| format!("operator {}", &hex(&of.identity.fingerprint())[..16]);
    let (first, second) = (&world.operator, &world.second_operator);
    let path = format!("{}/{}", call.service, call.method);
    let send = async |by, message: &DynamicMessage| {
        world.call(by, &path, Request::new(message.encode_to_vec())).await
    };
    let mut came_to = send(first, message).await;
    if let Some(version) = came_to.as_ref().err().and_then(version_now) {
        message.set_field_by_name("expected_version", Value::U64(version));
        came_to = send(first, message).await;
    }
    match came_to {
        Ok(_) => Some(name(first)),
        Err(status) if proposed(&status) => {
            let told = world.log().await.remove(0);
            assert!(told.action.starts_with("propose_") && told.case_worker == name(first), "{told:?}");
            for value in values(message) {
                assert!(
                    is_told(&told, &value),
                    "{}: its proposal does not tell {value}: {told:?}",
                    call.method
                );
            }
            send(second, message).await.unwrap();
            Some(format!("{} and {}", name(first), name(second)))
        }
        Err(_) => None,
    }
}

fn text(message: &DynamicMessage, field: &str) -> String {
    message.get_field_by_name(field).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Every value that a message sets, as a record tells it.
fn values(message: &DynamicMessage) -> Vec<String> {
    let told = message.fields().filter(|(field, _)| !NOT_TOLD.contains(&field.name()));
    told.map(|(field, value)| match (field.kind(), value) {
        (Kind::Bytes, Value::Bytes(der)) => ssbtek_authorize::DocumentHash::of(der).as_str().to_owned(),
        (Kind::Enum(of), Value::EnumNumber(number)) => {
            let name = of.get_value(*number).unwrap().name().to_owned();
            name.rsplit('_').next().unwrap().to_lowercase()
        }
        (_, Value::String(text)) => text.clone(),
        (_, Value::U32(number)) => number.to_string(),
        (_, other) => panic!("{}: {other:?}", field.name()),
    })
    .collect()
}

fn is_told(entry: &LogEntry, value: &str) -> bool {
    entry.details.iter().any(|detail| detail.starts_with("to.") && detail.ends_with(&format!("={value}")))
}
