//! An agent at the SOAP door: its own certificate, the board in `ingivare`, and the whole chain in force, as at every door.

use ssbtek_domain::{Agency, Clock, Role};
use ssbtek_pki::Issued;
use ssbtek_proto::broker::v1::{
    self as proto, ConnectionStep, EntryState, LogEntry, agreement_service_client::AgreementServiceClient,
};

use super::client::{PLAIN, Question, Reply};
use crate::harness::{BOARD, OTHER_BOARD, Wires, World, step_of};

const AGENT: &str = "165560000001";
const REGION: &str = "165560000019";
const NOTIFICATION: &str = "b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1";

/// A qualified agent that has signed; it has notified nobody yet.
async fn agent(world: &World) -> Issued {
    let issued = world.authority.client("ombud", "Ombudet", world.validity).unwrap();
    let mut operator = world.agreements(&world.operator.identity);
    let agent = proto::RegisterAgentRequest {
        organisation_number: AGENT.into(),
        name: "Ombudet".into(),
        certificate: issued.certificate.chain[0].to_vec(),
    };
    let register = async |channel| AgreementServiceClient::new(channel).register_agent(agent.clone()).await;
    world.by_two(register).await.unwrap();
    for item in ssbtek_authorize::QualificationItem::ALL {
        let evidence = proto::RecordEvidenceRequest {
            organisation_number: AGENT.into(),
            item: item.as_str().into(),
            document_sha256: "b2".repeat(32),
            dated: world.clock.today().to_string(),
            valid_to: None,
        };
        operator.record_evidence(evidence).await.unwrap();
    }
    let agreement = proto::SignAgentAgreementRequest {
        organisation_number: AGENT.into(),
        document_sha256: "b3".repeat(32),
    };
    operator.sign_agent_agreement(agreement).await.unwrap();
    issued
}

/// The agent connects the first board, with a region between the two.
async fn notify(world: &World, agent: &Issued) {
    let region = proto::ChainProcessor { organisation_number: REGION.into(), name: "Regionen".into() };
    let notification = proto::NotifyCustomerRequest {
        board: BOARD.into(),
        from: world.clock.today().to_string(),
        document_sha256: NOTIFICATION.into(),
        processor_agreement_sha256: "b4".repeat(32),
        processors_before: vec![region],
    };
    world.agreements(&agent.identity).notify_customer(notification).await.unwrap();
}

async fn sign(world: &World) {
    let signature =
        proto::SignNotificationRequest { agent: AGENT.into(), document_sha256: NOTIFICATION.into() };
    let mut board = world.agreements(&world.board.identity);
    board.sign_notification(world.assertion("admin").on(signature)).await.unwrap();
}

async fn ask(world: &World, agent: &Issued, question: &Question) -> Reply {
    let body = question.envelope();
    let length = body.len();
    let request =
        format!("POST /ssbt HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{PLAIN}\r\n{body}");
    world.soap_raw(&agent.identity, request.as_bytes()).await
}

fn question(world: &World) -> Question {
    world.soap_question(11, Role::Applicant).only(&[Agency::Tns])
}

/// The refusal as the board's log has it; nobody was asked.
async fn refused(world: &World, agent: &Issued, question: &Question) -> String {
    let calls = world.agencies.control().total_calls();
    let reply = ask(world, agent, question).await;
    assert_eq!(reply.status, 500, "{}", reply.body);
    assert!(reply.fault().contains("mbud") || reply.body.contains("personuppgiftsbitrade"), "{}", reply.body);
    assert_eq!(world.agencies.control().total_calls(), calls);
    let newest = world.newest_question().await.unwrap();
    assert_eq!((newest.state(), newest.agent.as_str()), (EntryState::Denied, AGENT));
    newest.denial
}

async fn released(world: &World, agent: &Issued, question: &Question) -> LogEntry {
    let reply = ask(world, agent, question).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let newest = world.newest_question().await.unwrap();
    assert_eq!(newest.state(), EntryState::Released);
    newest
}

#[tokio::test]
async fn an_agent_asks_once_both_have_signed_and_the_log_names_agent_board_and_case_worker() {
    let world = World::start(Wires::Grpc).await;
    let agent = agent(&world).await;
    assert_eq!(refused(&world, &agent, &question(&world)).await, "agent_not_notified");
    notify(&world, &agent).await;
    assert_eq!(refused(&world, &agent, &question(&world)).await, "agent_notification_not_signed");
    sign(&world).await;

    let entry = released(&world, &agent, &question(&world)).await;
    assert_eq!((entry.agent.as_str(), entry.case_worker.as_str()), (AGENT, "anna"));
    assert_eq!(entry.agents, [REGION, AGENT], "the chain, nearest the board first");
    assert_eq!(entry.door, "soap_v11");
    let log = world.log_of(OTHER_BOARD, &world.other_board).await;
    assert!(log.iter().all(|entry| entry.agent.is_empty()), "another board's log knows nothing of it");
}

#[tokio::test]
async fn a_chain_that_is_named_must_be_the_registered_one_in_its_order() {
    let world = World::start(Wires::Grpc).await;
    let agent = agent(&world).await;
    notify(&world, &agent).await;
    sign(&world).await;
    let link = |number, organisation| {
        format!(
            "<personuppgiftsbitrade><ordningsnummer>{number}</ordningsnummer><organisationsnummer>{organisation}</organisationsnummer><namn>N</namn></personuppgiftsbitrade>"
        )
    };
    let naming = |chain: &[String]| Question { processors: chain.concat(), ..question(&world) };
    let right = naming(&[link(2, AGENT), link(1, REGION)]);
    assert_eq!(released(&world, &agent, &right).await.agents, [REGION, AGENT], "ordered by ordningsnummer");
    for wrong in [
        vec![link(1, AGENT), link(2, REGION)],
        vec![link(1, AGENT)],
        vec![link(1, REGION)],
        vec![link(1, REGION), link(2, AGENT), link(3, OTHER_BOARD)],
    ] {
        assert_eq!(refused(&world, &agent, &naming(&wrong)).await, "agent_chain_differs");
    }
}

#[tokio::test]
async fn a_chain_that_has_ended_on_either_side_ends_the_asking() {
    let world = World::start(Wires::Grpc).await;
    let agent = agent(&world).await;
    notify(&world, &agent).await;
    sign(&world).await;
    released(&world, &agent, &question(&world)).await;

    let other = Question { organisation: OTHER_BOARD.into(), ..question(&world) };
    assert_eq!(ask(&world, &agent, &other).await.status, 500, "a board it has not connected");
    let log = world.log_of(OTHER_BOARD, &world.other_board).await;
    assert!(log.iter().any(|entry| entry.denial == "agent_not_notified" && entry.agent == AGENT));
    let nobody = Question { organisation: "165560000027".into(), ..question(&world) };
    assert!(ask(&world, &agent, &nobody).await.fault().contains("ingivare/organisationsnummer"));

    let day = Some(world.clock.today().to_string());
    let mut operator = world.agreements(&world.operator.identity);
    operator.take_step(step_of(BOARD, ConnectionStep::Suspend, None)).await.unwrap();
    let reply = ask(&world, &agent, &question(&world)).await;
    assert!(reply.fault().contains("inte i kraft"), "{}", reply.body);
    operator.take_step(step_of(BOARD, ConnectionStep::Resume, None)).await.unwrap();
    let end = proto::EndNotificationRequest { board: BOARD.into(), agent: AGENT.into() };
    world.agreements(&world.board.identity).end_notification(world.assertion("admin").on(end)).await.unwrap();
    assert_eq!(refused(&world, &agent, &question(&world)).await, "agent_notification_ended");
    let end = step_of(BOARD, ConnectionStep::End, day);
    let end = async |channel| AgreementServiceClient::new(channel).take_step(end.clone()).await;
    world.by_two(end).await.unwrap();
    assert_eq!(ask(&world, &agent, &question(&world)).await.status, 500);
}

#[tokio::test]
async fn a_boards_attestation_is_not_an_agents_to_use() {
    let world = World::start(Wires::Grpc).await;
    let agent = agent(&world).await;
    notify(&world, &agent).await;
    sign(&world).await;
    let attestation = proto::SetAttestationRequest {
        organisation_number: BOARD.into(),
        from: "2026-11-01".into(),
        until: "2026-12-31".into(),
        ..Default::default()
    };
    let operator = world.connect(&world.operator.identity);
    let mut operator = proto::administration_service_client::AdministrationServiceClient::new(operator);
    operator.set_attestation(attestation).await.unwrap();
    let unregistered = Question { case: "EB-OREGISTRERAT".into(), ..question(&world) };
    assert_eq!(world.soap_ask(&unregistered).await.status, 200, "the board itself may");
    assert_eq!(ask(&world, &agent, &unregistered).await.status, 500);
    assert_eq!(world.newest_question().await.unwrap().denial, "case_unknown");
}

#[tokio::test]
async fn an_agents_revoked_certificate_is_refused_before_the_body_is_read() {
    let world = World::start(Wires::Grpc).await;
    let agent = agent(&world).await;
    world.authority.revoke(&agent, world.validity.not_before);
    let list = world.authority.crl_pem(world.validity.not_before, world.validity.not_after).unwrap();
    std::fs::write(world.data_dir().join("revoked.pem"), list).unwrap();
    let announced = format!("POST /ssbt HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n{PLAIN}\r\n");
    // The list is looked at every 20 ms here: each try is a request of its own, and the loop ends by itself.
    for _ in 0..500 {
        if world.soap_raw(&agent.identity, b"GET /ssbt?wsdl HTTP/1.1\r\nHost: x\r\n\r\n").await.status == 403
        {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let reply = world.soap_raw(&agent.identity, announced.as_bytes()).await;
    assert!(reply.status == 403 && reply.fault().contains("spärrat"), "{} {}", reply.status, reply.body);
}
