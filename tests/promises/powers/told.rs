//! What an operator changes of a board stands in that board's log: by which operator, what, and to which value.

use std::collections::BTreeMap;

use prost::Message;
use prost_reflect::{DynamicMessage, Kind, Value};
use ssbtek_gateway::calls::{Call, Records};
use ssbtek_pki::Issued;
use ssbtek_proto::broker::v1::{
    self as proto, EntryState, LogEntry, administration_service_client::AdministrationServiceClient,
    agreement_service_client::AgreementServiceClient, disclosure_service_client::DisclosureServiceClient,
    log_key_service_client::LogKeyServiceClient, retention_service_client::RetentionServiceClient,
};
use tonic::{Code, Request};

use super::{
    attack::Attack,
    moves::{AGENT, MOVES, PORTAL, messages},
};
use crate::{
    harness::{BOARD, OTHER_BOARD, Wires, World, hex, proposed},
    replaced::version_now,
};

/// Fields whose value is no matter of the board's log: whose log it is, keys (told by their id), names of persons and houses, and
/// what is told by the action's name.
const NOT_TOLD: [&str; 10] = [
    "organisation_number",
    "name",
    "contact",
    "content",
    "text",
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

/// Whom an operator's call concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whom {
    /// The board that it names: told in the transaction of the change.
    ItsBoard,
    /// Every board.
    Every,
    /// Boards that have to do with the agent or portal that it names.
    OfParty,
    /// Nobody: it names a party that no board has to do with yet, or tells by what follows on it.
    Nobody,
}

/// Whom a call concerns; a new one that does not name its board must be said here.
fn whom(call: &Call, message: &DynamicMessage) -> Whom {
    match call.method {
        "Publish" | "SetSubProcessors" | "SetAgency" | "RegisterAgencyContact" => Whom::Every,
        "RecordEvidence"
        | "SignAgentAgreement"
        | "EndAgent"
        | "AddAgentCertificate"
        | "RevokeAgentCertificate"
        | "RegisterPortal"
        | "RevokePortal" => Whom::OfParty,
        // The board is in the file; what a purge erases is told by each board's receipt.
        "ImportBoard" => Whom::ItsBoard,
        "RegisterAgent" | "RunPurge" => Whom::Nobody,
        method if method.contains("Agent") || method.contains("Portal") => {
            panic!("whom does {method} concern?")
        }
        _ if !text(message, "organisation_number").is_empty() => Whom::ItsBoard,
        method => panic!("whom does {method} concern?"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_operators_do_to_others_stands_in_the_log_of_every_board_that_it_concerns_and_of_no_other() {
    let world = World::start(Wires::Grpc).await;
    let attack = Attack::prepared(&world).await;
    let boards = [(BOARD, &world.board), (OTHER_BOARD, &world.other_board)];
    let newest = async |(board, certificate): (&str, &Issued)| {
        let log = world.log_of(board, certificate).await;
        log.into_iter().find(|entry| entry.state() != EntryState::LogRead).unwrap()
    };
    // What the portal and the agent have beside what they began with, so that it can be revoked.
    let mut last = BTreeMap::new();
    let mut done = BTreeMap::new();
    for call in MOVES.iter().filter(|call| call.records == Records::Change) {
        for mut message in messages(call, &attack) {
            let whom = whom(call, &message);
            let party = text(&message, "organisation_number");
            let known = party.is_empty() || [AGENT, PORTAL].contains(&party.as_str());
            if matches!(whom, Whom::ItsBoard | Whom::Nobody) || !known {
                continue;
            }
            if message.has_field_by_name("certificate") {
                let issued = world.authority.client("ett-till", "Parten", world.validity).unwrap();
                let der = issued.certificate.chain[0].to_vec();
                message.set_field_by_name("certificate", Value::Bytes(der.into()));
                last.insert(party.clone(), hex(&issued.identity.fingerprint()));
            }
            if message.has_field_by_name("sha256") {
                message.set_field_by_name("sha256", Value::String(last[&party].clone()));
            }
            let elsewhere = newest(boards[1]).await;
            let done: &mut usize = done.entry(call.method).or_default();
            let Some(by) = carried_out(&world, call, &mut message).await else { continue };
            *done += 1;
            for board in boards {
                let told = newest(board).await;
                if whom == Whom::OfParty && board.0 == OTHER_BOARD {
                    assert_eq!(
                        told.entry_id, elsewhere.entry_id,
                        "{}: no matter of this board's",
                        call.method
                    );
                    continue;
                }
                assert_eq!(told.case_worker, by, "{} in the log of {}: {told:?}", call.method, board.0);
                let values = values(&message).into_iter().chain((!party.is_empty()).then(|| party.clone()));
                for value in values {
                    assert!(
                        is_told(&told, &value),
                        "{} does not tell {value}: {:?}",
                        call.method,
                        told.details
                    );
                }
            }
        }
    }
    let never: Vec<_> = done.iter().filter(|(_, done)| **done == 0).map(|(method, _)| *method).collect();
    assert_eq!(never, ["SignAgentAgreement"], "it is signed, and tried below");
    assert_eq!(done.len(), 11, "{done:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_boards_log_could_not_tell_is_told_by_the_broker_once_it_can_in_order_by_whom_and_when() {
    let mut world = World::start_with(Wires::Grpc, |config| config.retention.sweep_interval_s = 1).await;
    let attack = Attack::prepared(&world).await;
    let certificate = |of: usize| attack.others[of].certificate.chain[0].to_vec();
    // In a month of which the board's log cannot have a key.
    world.clock.set("2026-12-02T10:00:00Z".parse().unwrap());
    let in_the_way = world.config.store.keys.join(format!("log.{BOARD}.2026-12"));
    std::fs::create_dir(&in_the_way).unwrap();
    let one = format!("operator {}", &hex(&world.operator.identity.fingerprint())[..16]);
    let both = format!("{one} and operator {}", &hex(&world.second_operator.identity.fingerprint())[..16]);
    let portal = proto::RegisterPortalRequest {
        organisation_number: PORTAL.into(),
        name: "Medborgarportalen".into(),
        certificate: certificate(3),
    };
    let publish =
        proto::PublishRequest { text: proto::PublishedText::Terms.into(), ..world.instructions("7") };
    let add =
        proto::AddAgentCertificateRequest { organisation_number: AGENT.into(), certificate: certificate(1) };
    let end = proto::EndAgentRequest { organisation_number: AGENT.into(), on: "2026-12-31".into() };
    let mut portals = DisclosureServiceClient::new(world.connect(&world.operator.identity));
    let mut operator = world.agreements(&world.operator.identity);
    let add_by =
        async |channel| AgreementServiceClient::new(channel).add_agent_certificate(add.clone()).await;

    let told_later = [
        portals.register_portal(portal).await.unwrap().into_inner().told_later,
        operator.publish(publish).await.unwrap().into_inner().told_later,
        world.by_two(add_by).await.unwrap().told_later,
        operator.end_agent(end).await.unwrap().into_inner().told_later,
    ];
    assert_eq!(told_later, [[BOARD], [BOARD], [BOARD], [BOARD]], "it is done, and who is told later");
    let actions = [
        ("register_portal", &one),
        ("publish_terms", &one),
        ("propose_add_agent_certificate", &one),
        ("add_agent_certificate", &both),
        ("end_agent", &one),
    ];
    let told = async |world: &World, board: &str, certificate: &Issued| {
        let mut log = world.log_of(board, certificate).await;
        log.reverse();
        let told = log.into_iter().filter(|entry| actions.iter().any(|(action, _)| *action == entry.action));
        told.filter(|entry| entry.details.iter().any(|detail| detail.starts_with("done_at=2026-12-02")))
            .collect::<Vec<_>>()
    };
    let elsewhere = told(&world, OTHER_BOARD, &world.other_board).await;
    assert_eq!(elsewhere.len(), 1, "nobody else waits for it, and it is no matter of theirs: {elsewhere:?}");
    assert_eq!(elsewhere[0].action, "publish_terms");

    // Not by another call, nor by a start: by the broker itself.
    world.clock.set("2026-12-02T11:00:00Z".parse().unwrap());
    std::fs::remove_dir(&in_the_way).unwrap();
    let sweep = async || {
        while told(&world, BOARD, &world.board).await.len() < actions.len() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), sweep()).await.expect("it stays untold");
    world.restart().await;
    let told = told(&world, BOARD, &world.board).await;
    let by: Vec<_> = told.iter().map(|entry| (entry.action.as_str(), &entry.case_worker)).collect();
    assert_eq!(by, actions, "each once, in order, in the name of who did it");
    for entry in told {
        let done_at = entry.details.iter().find(|detail| detail.starts_with("done_at=")).unwrap();
        assert!(done_at.starts_with("done_at=2026-12-02T10:0"), "{done_at}");
        assert!(entry.opened_at.starts_with("2026-12-02T11:0"), "{}", entry.opened_at);
    }
}

#[tokio::test]
async fn what_was_not_told_before_a_stop_is_told_at_the_start_before_anybody_can_read() {
    let mut world = World::start(Wires::Grpc).await;
    world.clock.set("2026-12-02T10:00:00Z".parse().unwrap());
    let in_the_way = world.config.store.keys.join(format!("log.{BOARD}.2026-12"));
    std::fs::create_dir(&in_the_way).unwrap();
    let publish =
        proto::PublishRequest { text: proto::PublishedText::Terms.into(), ..world.instructions("7") };
    let published = world.agreements(&world.operator.identity).publish(publish).await.unwrap().into_inner();
    assert_eq!(published.told_later, [BOARD]);
    world.stop_broker().await;
    std::fs::remove_dir(&in_the_way).unwrap();
    world.start_broker().await;
    let told = world.log().await.into_iter().filter(|entry| entry.action == "publish_terms");
    let told: Vec<_> = told.collect();
    assert!(told.len() == 1 && told[0].case_worker.starts_with("operator "), "{told:?}");
}

#[tokio::test]
async fn an_auditor_finds_what_each_operator_did_and_read_by_the_operators_name() {
    let world = World::start(Wires::Grpc).await;
    let name = |of: &Issued| format!("operator {}", &hex(&of.identity.fingerprint())[..16]);
    let (first, second) = (name(&world.operator), name(&world.second_operator));
    let get = proto::GetBoardRequest { organisation_number: BOARD.into() };
    world.agreements(&world.second_operator.identity).get_board(get).await.unwrap();
    let hold = proto::PlaceLegalHoldRequest {
        organisation_number: BOARD.into(),
        reference: "DNR 1".into(),
        until: "2026-12-10".into(),
        ..Default::default()
    };
    let place = async |channel| RetentionServiceClient::new(channel).place_legal_hold(hold.clone()).await;
    world.by_two(place).await.unwrap();
    let found =
        async |by: &str| world.log_by(by).await.into_iter().map(|entry| entry.action).collect::<Vec<_>>();
    let of_second = found(&second).await;
    assert_eq!(of_second[0], "place_legal_hold", "also what was done with another: {of_second:?}");
    let read = world.log_by(&second).await.into_iter().find(|entry| entry.state() == EntryState::LogRead);
    assert_eq!(read.unwrap().case_worker, second, "what was read");
    assert!(!of_second.iter().any(|action| action.starts_with("propose_place")), "{of_second:?}");
    let of_first = found(&first).await;
    assert_eq!(of_first[..2], ["place_legal_hold", "propose_place_legal_hold"]);
    assert!(of_first.iter().any(|action| action == "approve"), "{of_first:?}");
    assert_eq!(found(&format!("{first} and {second}")).await[0], "place_legal_hold");
    // By any: everything that is told of operators, and nothing else.
    let all = world.log().await.into_iter().filter(|entry| entry.case_worker.starts_with("operator "));
    let all: Vec<_> = all.map(|entry| entry.entry_id).collect();
    let any: Vec<_> = world.log_by("operator").await.into_iter().map(|entry| entry.entry_id).collect();
    assert_eq!(any, all);
    // No account is called what would be taken for one.
    for id in [first.as_str(), "Operator", "agent 165560000001", "configuration"] {
        let account = proto::Account {
            id: id.into(),
            name: "Namn".into(),
            unit: "enhet".into(),
            duties: vec![proto::Duty::Asks.into()],
            ..Default::default()
        };
        let register = proto::RegisterCaseWorkerRequest { account: Some(account) };
        let mut board = AdministrationServiceClient::new(world.connect(&world.board.identity));
        let refused = board.register_case_worker(world.assertion("admin").on(register)).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{id}");
        assert!(refused.message().starts_with("account.id"), "{}", refused.message());
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
