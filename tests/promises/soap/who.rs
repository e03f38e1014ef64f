//! Who may ask at the SOAP door: settled before the body is read where the certificate settles it, and never by less than
//! at the gRPC door.

use ssbtek_domain::{Agency, Role};
use ssbtek_pki::{Identity, Validity};
use ssbtek_proto::broker::v1::{self as proto, EntryState};

use super::client::{PLAIN, Question, Reply};
use crate::harness::{OTHER_BOARD, Wires, World};

/// Announces a body and sends none: whoever waits for it does not answer.
async fn announce(world: &World, identity: &Identity) -> Reply {
    let expecting = format!(
        "POST /ssbt HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\nExpect: 100-continue\r\n{PLAIN}\r\n"
    );
    let reply = world.soap_raw(identity, expecting.as_bytes()).await;
    let plain = format!("POST /ssbt HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n{PLAIN}\r\n");
    assert_eq!(world.soap_raw(identity, plain.as_bytes()).await.status, reply.status);
    reply
}

#[tokio::test]
async fn a_certificate_of_nobody_expired_or_revoked_is_refused_before_the_body_is_read() {
    let world = World::start(Wires::Grpc).await;
    let nobody = world.authority.client("okand", "Ingen", world.validity).unwrap();
    let past = Validity { not_after: "2026-11-22T09:59:59Z".parse().unwrap(), ..world.validity };
    let expired = world.authority.client("utgangen", "Nämnden", past).unwrap();
    let texts = [(&nobody, "inte registrerat för någon nämnd"), (&expired, "giltighetstid har gått ut")];
    for (certificate, told) in texts {
        let reply = announce(&world, &certificate.identity).await;
        assert_eq!(reply.status, 403);
        assert!(reply.fault().contains(told), "{}", reply.body);
        assert!(reply.head.contains("connection: close"));
    }
    let revoke = proto::RevokeCertificateRequest {
        organisation_number: crate::harness::BOARD.into(),
        sha256: crate::harness::hex(&world.board.identity.fingerprint()),
    };
    let operator = world.connect(&world.operator.identity);
    let mut client = proto::administration_service_client::AdministrationServiceClient::new(operator);
    client.revoke_certificate(revoke).await.unwrap();
    let reply = announce(&world, &world.board.identity).await;
    assert!(reply.status == 403 && reply.fault().contains("spärrat"), "{}", reply.body);
    assert_eq!(world.agencies.control().total_calls(), 0);
}

#[tokio::test]
async fn a_certificate_on_the_revocation_list_is_refused_before_the_body_is_read() {
    let world = World::start(Wires::Grpc).await;
    world.authority.revoke(&world.board, world.validity.not_before);
    let list = world.authority.crl_pem(world.validity.not_before, world.validity.not_after).unwrap();
    std::fs::write(world.data_dir().join("revoked.pem"), list).unwrap();
    // The list is looked at every 20 ms here: each try is a request of its own, and the loop ends by itself.
    let mut refused = None;
    for _ in 0..500 {
        let reply = world.soap_raw(&world.board.identity, b"GET /ssbt HTTP/1.1\r\nHost: x\r\n\r\n").await;
        if reply.status == 403 {
            refused = Some(announce(&world, &world.board.identity).await);
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let reply = refused.unwrap();
    assert!(reply.status == 403 && reply.fault().contains("spärrat"), "{}", reply.body);
}

#[tokio::test]
async fn the_account_the_case_and_the_person_must_fit_as_at_every_door() {
    let world = World::start(Wires::Grpc).await;
    world.register_case("EB-2", &["bo"]).await;
    world.register_case("EB-3", &["anna"]).await;
    let close = proto::CloseCaseRequest { case_id: "EB-3".into() };
    world.cases().close_case(world.assertion("system").on(close)).await.unwrap();
    let stranger = world.agencies.population().households().nth(3).unwrap()[0].number.expose().to_owned();
    let good = world.soap_question(11, Role::Applicant);
    let cases: [(Question, &str, &str); 8] = [
        (Question { organisation: OTHER_BOARD.into(), ..good.clone() }, "ingivare/organisationsnummer", ""),
        (
            Question { case_worker: "okand".into(), ..good.clone() },
            "ingivare/handlaggare",
            "case_worker_unknown",
        ),
        (
            Question { case_worker: "system".into(), ..good.clone() },
            "ingivare/handlaggare",
            "case_worker_may_not",
        ),
        (Question { case: "EB-9".into(), ..good.clone() }, "arendeidentitet", "case_unknown"),
        (Question { case: "EB-2".into(), ..good.clone() }, "arendeidentitet", "case_not_assigned"),
        (Question { case: "EB-3".into(), ..good.clone() }, "arendeidentitet", "case_closed"),
        (Question { person: stranger.clone(), ..good.clone() }, "personidentitet", "person_not_in_case"),
        (Question { case_worker: "x".repeat(80), ..good.clone() }, "ingivare/handlaggare", ""),
    ];
    for (question, element, denial) in cases {
        let reply = world.soap_ask(&question).await;
        assert_eq!(reply.status, 500, "{}", reply.body);
        assert!(reply.fault().contains(element), "{element}: {}", reply.body);
        for sent in [&question.person, &question.case, &question.case_worker] {
            assert!(!reply.body.contains(sent.as_str()), "nothing that was sent is repeated");
        }
        if !denial.is_empty() {
            let newest = world.newest_question().await.unwrap();
            assert_eq!((newest.state(), newest.denial.as_str()), (EntryState::Denied, denial));
            assert_eq!(newest.door, "soap_v11");
        }
    }
    assert_eq!(world.agencies.control().total_calls(), 0);
    assert_eq!(world.soap_ask(&good.only(&[Agency::Tns])).await.status, 200);
}
