//! Whose certificate is whose: nobody takes another's unseen, keeps it from its owner, or burns it.

use ssbtek_pki::Issued;
use ssbtek_proto::broker::v1::{
    self as proto, administration_service_client::AdministrationServiceClient,
    agreement_service_client::AgreementServiceClient, disclosure_service_client::DisclosureServiceClient,
};
use tonic::{Code, Status};

use super::{
    attack::Attack,
    moves::{AGENT, PORTAL},
};
use crate::harness::{BOARD, OTHER_BOARD, Wires, World, hex, proposed};

fn fresh(world: &World) -> Issued {
    world.authority.client("arendesystem", "Nämnden", world.validity).unwrap()
}

fn der(of: &Issued) -> Vec<u8> {
    of.certificate.chain[0].to_vec()
}

async fn add(world: &World, board: &str, of: &Issued) -> Result<(), Status> {
    let add = proto::AddCertificateRequest { organisation_number: board.into(), certificate: der(of) };
    world.agreements(&world.operator.identity).add_certificate(add).await.map(drop)
}

async fn revoke(world: &World, board: &str, of: &Issued) -> Result<(), Status> {
    let sha256 = hex(&of.identity.fingerprint());
    let revoke = proto::RevokeCertificateRequest { organisation_number: board.into(), sha256 };
    AdministrationServiceClient::new(world.connect(&world.operator.identity))
        .revoke_certificate(revoke)
        .await
        .map(drop)
}

async fn register_portal(world: &World, of: &Issued) -> Result<(), Status> {
    let register = proto::RegisterPortalRequest {
        organisation_number: PORTAL.into(),
        name: "Medborgarportalen".into(),
        certificate: der(of),
    };
    DisclosureServiceClient::new(world.connect(&world.operator.identity))
        .register_portal(register)
        .await
        .map(drop)
}

#[tokio::test]
async fn who_loses_a_certificate_that_waits_is_told_in_its_own_log_who_has_it_now() {
    let world = World::start(Wires::Grpc).await;
    Attack::prepared(&world).await;
    for party in ["portal", "board", "agent", "agency"] {
        let waits = fresh(&world);
        add(&world, BOARD, &waits).await.unwrap();
        let to = match party {
            "portal" => {
                register_portal(&world, &waits).await.unwrap();
                format!("portal {PORTAL}")
            }
            "board" => {
                add(&world, OTHER_BOARD, &waits).await.unwrap();
                format!("board {OTHER_BOARD}")
            }
            "agent" => {
                let add = proto::AddAgentCertificateRequest {
                    organisation_number: AGENT.into(),
                    certificate: der(&waits),
                };
                let add = async |channel| {
                    AgreementServiceClient::new(channel).add_agent_certificate(add.clone()).await
                };
                world.by_two(add).await.unwrap();
                format!("agent {AGENT}")
            }
            _ => {
                let register =
                    proto::RegisterAgencyContactRequest { agency: "MIV".into(), certificate: der(&waits) };
                let register = async |channel| {
                    AgreementServiceClient::new(channel).register_agency_contact(register.clone()).await
                };
                world.by_two(register).await.unwrap();
                "agency MIV".to_owned()
            }
        };
        let sha256 = hex(&waits.identity.fingerprint());
        let log = world.log().await;
        let told = log.iter().find(|entry| entry.action == "lose_waiting_certificate").unwrap();
        assert!(told.case_worker.starts_with("operator "), "{}", told.case_worker);
        for value in [format!("to.certificate={sha256}"), format!("to.party={to}")] {
            assert!(told.details.contains(&value), "{party}: {:?}", told.details);
        }
        let get = world.assertion("admin").on(proto::GetBoardRequest::default());
        let board = world.agreements(&world.board.identity).get_board(get).await.unwrap().into_inner();
        assert!(!format!("{board:?}").contains(&sha256), "{party}: it still seems to be the board's");
    }
}

#[tokio::test]
async fn a_portal_keeps_no_certificate_that_no_board_has_named_and_loses_none_that_one_has() {
    let world = World::start(Wires::Grpc).await;
    let squatted = fresh(&world);
    register_portal(&world, &squatted).await.unwrap();
    add(&world, BOARD, &squatted).await.expect("a portal keeps a board's certificate from it");
    let named = fresh(&world);
    register_portal(&world, &named).await.unwrap();
    let open = proto::SetPortalsRequest {
        portals: vec![PORTAL.into()],
        certificates: vec![hex(&named.identity.fingerprint())],
        ..Default::default()
    };
    let open = world.assertion("admin").on(open);
    DisclosureServiceClient::new(world.connect(&world.board.identity)).set_portals(open).await.unwrap();
    assert_eq!(add(&world, OTHER_BOARD, &named).await.unwrap_err().code(), Code::AlreadyExists);
}

#[tokio::test]
async fn no_operator_alone_gives_a_certificate_to_an_agencys_contact() {
    let world = World::start(Wires::Grpc).await;
    let own = fresh(&world);
    let register = proto::RegisterAgencyContactRequest { agency: "MIV".into(), certificate: der(&own) };
    let alone = world.agreements(&world.operator.identity).register_agency_contact(register).await;
    assert!(proposed(&alone.unwrap_err()));
    add(&world, BOARD, &own).await.expect("it is nobody's yet");
}

#[tokio::test]
async fn a_certificate_that_was_revoked_before_anybody_confirmed_it_is_not_burnt() {
    let world = World::start(Wires::Grpc).await;
    let burnt = fresh(&world);
    for _ in 0..2 {
        add(&world, BOARD, &burnt).await.expect("an operator burnt a board's certificate");
        revoke(&world, BOARD, &burnt).await.unwrap();
    }
    add(&world, BOARD, &burnt).await.unwrap();
    let admin = world.assertion("admin").bound_to(&burnt);
    let prove = admin.on(proto::ProveConnectionRequest {});
    world.agreements(&burnt.identity).prove_connection(prove).await.unwrap();
    // Of one that the board has confirmed it is for good.
    revoke(&world, BOARD, &burnt).await.unwrap();
    for board in [BOARD, OTHER_BOARD] {
        assert_eq!(add(&world, board, &burnt).await.unwrap_err().code(), Code::AlreadyExists);
    }
    let portals = fresh(&world);
    register_portal(&world, &portals).await.unwrap();
    let sha256 = hex(&portals.identity.fingerprint());
    let revoke = proto::RevokePortalRequest { organisation_number: PORTAL.into(), sha256 };
    let mut operator = DisclosureServiceClient::new(world.connect(&world.operator.identity));
    operator.revoke_portal(revoke).await.unwrap();
    register_portal(&world, &portals).await.expect("an operator burnt a portal's certificate");
}
