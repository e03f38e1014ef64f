//! What one operator cannot do, spoil or keep from others, case by case.

use prost::Message;
use ssbtek_pki::Issued;
use ssbtek_proto::broker::v1::{
    self as proto, administration_service_client::AdministrationServiceClient,
    log_key_service_client::LogKeyServiceClient, retention_service_client::RetentionServiceClient,
};
use tonic::{Code, Request};

use super::{attack::Attack, moves::INVENTED};
use crate::harness::{BOARD, OTHER_BOARD, Wires, World, hex, proposed};

fn retention(world: &World, of: &Issued) -> RetentionServiceClient<tonic::transport::Channel> {
    RetentionServiceClient::new(world.connect(&of.identity))
}

#[tokio::test]
async fn a_confirmation_of_what_then_cannot_be_done_spends_nothing() {
    let world = World::start(Wires::Grpc).await;
    let hold = |until: &str| proto::PlaceLegalHoldRequest {
        organisation_number: BOARD.into(),
        reference: "DNR 1".into(),
        until: until.into(),
        ..Default::default()
    };
    let (mut first, mut second) =
        (retention(&world, &world.operator), retention(&world, &world.second_operator));
    // What cannot be done is not proposed either.
    let too_far = first.place_legal_hold(hold("2029-12-31")).await.unwrap_err();
    assert_eq!(too_far.code(), Code::InvalidArgument, "{}", too_far.message());
    let today = hold("2026-11-22");
    assert!(proposed(&first.place_legal_hold(today.clone()).await.unwrap_err()));
    let before = world.log().await.len();
    world.clock.set("2026-11-23T00:10:00Z".parse().unwrap());
    for _ in 0..2 {
        let refused = second.place_legal_hold(today.clone()).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{}", refused.message());
    }
    let told = world.log().await;
    assert_eq!(told.len(), before + 1, "the auditor's own reading: {told:?}");
}

#[tokio::test]
async fn what_is_proposed_elsewhere_leaves_a_boards_proposal_as_it_is() {
    let world = World::start(Wires::Grpc).await;
    let client = |of: &Issued| LogKeyServiceClient::new(world.connect(&of.identity));
    let rotate = |board: &str| proto::RotateLogKeyRequest { organisation_number: board.into() };
    assert!(proposed(&client(&world.operator).rotate_log_key(rotate(BOARD)).await.unwrap_err()));
    let other = async |channel| LogKeyServiceClient::new(channel).rotate_log_key(rotate(OTHER_BOARD)).await;
    world.by_two(other).await.unwrap();
    let mut agents = world.agreements(&world.operator.identity);
    let agents_own = world.authority.client("ombud", "Ombudet", world.validity).unwrap();
    for n in 0..40 {
        let register = proto::RegisterAgentRequest {
            organisation_number: "165560000019".into(),
            name: format!("Ombud {n}"),
            certificate: agents_own.certificate.chain[0].to_vec(),
        };
        assert!(proposed(&agents.register_agent(register).await.unwrap_err()));
    }
    client(&world.second_operator).rotate_log_key(rotate(BOARD)).await.unwrap();
}

#[tokio::test]
async fn a_stated_time_takes_two_and_a_slip_of_the_pen_has_no_effect() {
    let world = World::start(Wires::Grpc).await;
    let run = |time: &str| proto::RunPurgeRequest { confirmed_time: time.into() };
    let (mut first, mut second) =
        (retention(&world, &world.operator), retention(&world, &world.second_operator));
    for wrong in ["2026-11-22T10:11:00Z", "2062-11-22T10:00:00Z", "2016-11-22T10:00:00Z"] {
        let refused = first.run_purge(run(wrong)).await.unwrap_err();
        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert!(refused.message().starts_with("confirmed_time: "), "{}", refused.message());
        let status = first.get_purge_status(proto::GetPurgeStatusRequest {}).await.unwrap().into_inner();
        assert!(
            status.boards.iter().all(|board| !board.overdue) && !status.clocks.contains("differ"),
            "{status:?}"
        );
    }
    for _ in 0..2 {
        assert!(proposed(&first.run_purge(run("2026-11-22T10:00:30Z")).await.unwrap_err()));
    }
    second.run_purge(run("2026-11-22T09:59:00Z")).await.unwrap();
}

#[tokio::test]
async fn an_import_brings_no_operators_certificate_no_attestation_and_nothing_that_was_confirmed() {
    let world = World::start(Wires::Grpc).await;
    let attack = Attack::prepared(&world).await;
    let mut file: serde_json::Value = serde_json::from_slice(&attack.file).unwrap();
    let text = file.to_string().replace(BOARD, INVENTED);
    file = serde_json::from_str(&text).unwrap();
    let import = |file: &serde_json::Value| proto::ImportBoardRequest { file: file.to_string().into_bytes() };
    let certificate = |of: &Issued| serde_json::json!([{ "sha256": hex(&of.identity.fingerprint()), "proven_at": "2026-11-01T00:00:00Z" }]);
    file["board"]["attests_cases"] = serde_json::json!({ "from": "2097-12-31", "until": "2099-12-31" });
    let mut operator = world.agreements(&world.operator.identity);
    for own in [&world.operator, &world.second_operator] {
        file["board"]["certificates"] = certificate(own);
        let refused = operator.import_board(import(&file)).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{}", refused.message());
        assert!(refused.message().starts_with("file.board.certificates: "), "{}", refused.message());
    }
    file["board"]["certificates"] = certificate(&attack.others[0]);
    let import = import(&file);
    let imported = async |channel| {
        proto::agreement_service_client::AgreementServiceClient::new(channel)
            .import_board(import.clone())
            .await
    };
    world.by_two(imported).await.unwrap();
    let export = proto::ExportBoardRequest { organisation_number: INVENTED.into() };
    let there = operator.export_board(export).await.unwrap().into_inner().file;
    let there: serde_json::Value = serde_json::from_slice(&there).unwrap();
    let board = &there["board"];
    assert!(board["attests_cases"].is_null() && board["portals"].is_null(), "{board}");
    assert!(
        board["certificates"][0]["proven_at"].is_null() && board["portal_certificates"].is_null(),
        "{board}"
    );
    for account in there["accounts"].as_array().unwrap() {
        assert_eq!(account["confirmed"], serde_json::json!([]), "{account}");
    }
    attack.fails(&world, &["ImportBoard"]).await;
}

#[tokio::test]
async fn a_certificate_that_its_board_never_confirmed_is_kept_from_nobody() {
    let world = World::start(Wires::Grpc).await;
    let fresh = world.authority.client("arendesystem", "Andra nämnden", world.validity).unwrap();
    let mut operator = world.agreements(&world.operator.identity);
    let mut add = async |board: &str| {
        let certificate = fresh.certificate.chain[0].to_vec();
        operator
            .add_certificate(proto::AddCertificateRequest { organisation_number: board.into(), certificate })
            .await
    };
    add(BOARD).await.unwrap();
    assert_eq!(add(BOARD).await.unwrap_err().code(), Code::AlreadyExists);
    add(OTHER_BOARD).await.unwrap();
    let confirm = proto::ConfirmCertificateRequest { sha256: hex(&fresh.identity.fingerprint()) };
    let of_another = world.assertion("admin").on(confirm);
    let refused = world.agreements(&world.board.identity).confirm_certificate(of_another).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound, "{}", refused.message());
    let admin = world.assertion("admin").issued_by(OTHER_BOARD).bound_to(&fresh);
    let prove = admin.on(proto::ProveConnectionRequest {});
    world.agreements(&fresh.identity).prove_connection(prove).await.unwrap();
    assert_eq!(add(BOARD).await.unwrap_err().code(), Code::AlreadyExists, "now it is the other's");
}

#[tokio::test]
async fn a_day_that_is_planned_for_lies_within_ten_years() {
    let world = World::start(Wires::Grpc).await;
    Attack::prepared(&world).await;
    let far = "9999-12-31";
    let end = proto::EndBoardAgreementRequest {
        organisation_number: BOARD.into(),
        last_day: far.into(),
        document_sha256: "9".repeat(64),
    };
    let refused = retention(&world, &world.operator).end_board_agreement(end).await.unwrap_err();
    assert!(refused.message().starts_with("last_day: lies too far ahead"), "{}", refused.message());
    let calls = [
        (
            "TakeStep",
            crate::harness::step_of(BOARD, proto::ConnectionStep::End, Some(far.into())).encode_to_vec(),
        ),
        ("EndAgent", {
            let organisation_number = super::moves::AGENT.into();
            proto::EndAgentRequest { organisation_number, on: far.into() }.encode_to_vec()
        }),
        ("Publish", {
            let text = proto::PublishRequest { valid_from: far.into(), ..world.instructions("9") };
            text.encode_to_vec()
        }),
    ];
    for (method, message) in calls {
        let path = format!("AgreementService/{method}");
        let refused = world.call(&world.operator, &path, Request::new(message)).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{method}: {}", refused.message());
        assert!(refused.message().contains("lies too far ahead"), "{method}: {}", refused.message());
    }
    let attestation = proto::SetAttestationRequest {
        organisation_number: BOARD.into(),
        from: "2097-12-31".into(),
        until: "2099-12-31".into(),
        ..Default::default()
    };
    let mut operator = AdministrationServiceClient::new(world.connect(&world.operator.identity));
    let refused = operator.set_attestation(attestation).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{}", refused.message());
}

#[tokio::test]
async fn a_foreign_number_is_refused_and_never_taken_for_ones_own() {
    let world = World::start(Wires::Grpc).await;
    let get = |number: &str| proto::GetBoardRequest { organisation_number: number.into() };
    let mut board = world.agreements(&world.board.identity);
    let foreign = board.get_board(world.assertion("admin").on(get(OTHER_BOARD))).await.unwrap_err();
    assert_eq!(foreign.code(), Code::InvalidArgument, "{}", foreign.message());
    for own in ["", BOARD] {
        board.get_board(world.assertion("admin").on(get(own))).await.unwrap();
    }
}
