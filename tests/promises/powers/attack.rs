//! An operator's own trusted certificate, and every door it could open.

use std::collections::BTreeSet;

use ssbtek_domain::Role;
use ssbtek_gateway::calls::Call;
use ssbtek_pki::Issued;
use ssbtek_proto::broker::v1::{
    self as proto, access_log_service_client::AccessLogServiceClient,
    agreement_service_client::AgreementServiceClient,
    citizen_portal_service_client::CitizenPortalServiceClient,
    disclosure_service_client::DisclosureServiceClient,
};
use tonic::{Request, Status, transport::Channel};

use super::moves::{AGENT, INVENTED, PORTAL};
use crate::{
    harness::{Ask, BOARD, World, hex, raw},
    soap::client::{PLAIN, Question, Reply},
};

/// A world with an agent and a portal that the board has let in, and one operator with a certificate of its own.
pub(super) struct Attack {
    /// The operator's connection.
    pub(super) operator: Channel,
    /// A trusted certificate that the operator has the key of. It belongs to nobody yet.
    pub(super) own: Issued,
    /// Others of the same kind: for an invented board, an invented agent, an agency's contact and a portal's further one.
    pub(super) others: Vec<Issued>,
    /// The operator's own assertion key, as a file for the broker.
    pub(super) own_key_pem: String,
    /// The file of the board as the operator exported it.
    pub(super) file: Vec<u8>,
    /// An entry of the board's log.
    pub(super) entry: String,
    /// The day.
    pub(super) today: String,
    persons: Vec<String>,
}

impl Attack {
    pub(super) async fn prepared(world: &World) -> Self {
        let issue = |name: &str| world.authority.client(name, "Leverantören", world.validity).unwrap();
        let own = issue("operatorns-eget");
        let operator = world.connect(&world.operator.identity);
        let agents = issue("ombud");
        let register = proto::RegisterAgentRequest {
            organisation_number: AGENT.into(),
            name: "Ombudet".into(),
            certificate: agents.certificate.chain[0].to_vec(),
        };
        let register =
            async |channel| AgreementServiceClient::new(channel).register_agent(register.clone()).await;
        world.by_two(register).await.unwrap();
        for item in ssbtek_authorize::QualificationItem::ALL {
            let evidence = proto::RecordEvidenceRequest {
                organisation_number: AGENT.into(),
                item: item.as_str().into(),
                document_sha256: "b2".repeat(32),
                dated: "2026-11-22".into(),
                valid_to: None,
            };
            AgreementServiceClient::new(operator.clone()).record_evidence(evidence).await.unwrap();
        }
        let sign = proto::SignAgentAgreementRequest {
            organisation_number: AGENT.into(),
            document_sha256: "b3".repeat(32),
        };
        AgreementServiceClient::new(operator.clone()).sign_agent_agreement(sign).await.unwrap();
        let notify = proto::NotifyCustomerRequest {
            board: BOARD.into(),
            from: "2026-11-22".into(),
            document_sha256: "b1".repeat(32),
            processor_agreement_sha256: "b4".repeat(32),
            processors_before: vec![],
        };
        world.agreements(&agents.identity).notify_customer(notify).await.unwrap();
        let signed = proto::SignNotificationRequest { agent: AGENT.into(), document_sha256: "b1".repeat(32) };
        let signed = world.assertion("admin").on(signed);
        world.agreements(&world.board.identity).sign_notification(signed).await.unwrap();
        let portal = issue("portal");
        let register = proto::RegisterPortalRequest {
            organisation_number: PORTAL.into(),
            name: "Medborgarportalen".into(),
            certificate: portal.certificate.chain[0].to_vec(),
        };
        DisclosureServiceClient::new(operator.clone()).register_portal(register).await.unwrap();
        let open = proto::SetPortalsRequest {
            portals: vec![PORTAL.into()],
            certificates: vec![hex(&portal.identity.fingerprint())],
            ..Default::default()
        };
        let open = world.assertion("admin").on(open);
        let mut board = DisclosureServiceClient::new(world.connect(&world.board.identity));
        board.set_portals(open).await.unwrap();
        let answer = Ask::with(world, world.question()).await.unwrap();
        let file = proto::ExportBoardRequest { organisation_number: BOARD.into() };
        let file = AgreementServiceClient::new(operator.clone()).export_board(file).await.unwrap();
        Self {
            operator,
            own,
            others: ["a", "b", "c", "d"].map(issue).into(),
            own_key_pem: rcgen::KeyPair::generate().unwrap().public_key_pem(),
            file: file.into_inner().file,
            entry: answer.entry_id,
            today: "2026-11-22".into(),
            persons: world.household.iter().map(|person| person.number.expose().to_owned()).collect(),
        }
    }

    /// A call as the operator.
    pub(super) async fn call(&self, call: &Call, message: Vec<u8>) -> Result<Vec<u8>, Status> {
        raw(self.operator.clone(), &format!("{}/{}", call.service, call.method), Request::new(message)).await
    }

    pub(super) async fn soap(&self, world: &World, question: &Question) -> Reply {
        self.soap_with(world, &self.own, question).await
    }

    pub(super) async fn soap_with(&self, world: &World, with: &Issued, question: &Question) -> Reply {
        let body = question.envelope();
        let length = body.len();
        let request = format!(
            "POST /ssbt HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{PLAIN}\r\n{body}"
        );
        world.soap_raw(&with.identity, request.as_bytes()).await
    }

    /// Every certificate that the operator holds fails at every door, and nobody is asked.
    pub(super) async fn fails(&self, world: &World, after: &[&str]) {
        let asked = world.agencies.control().total_calls();
        for own in std::iter::once(&self.own).chain(&self.others) {
            for board in [BOARD, INVENTED] {
                let question =
                    Question { organisation: board.into(), ..world.soap_question(11, Role::Applicant) };
                let reply = self.soap_with(world, own, &question).await;
                assert_ne!(reply.status, 200, "answered after {after:?}");
                assert!(!self.persons.iter().any(|person| reply.body.contains(person)), "{after:?}");
            }
            let look = proto::FindUsageRequest {
                organisation_number: BOARD.into(),
                person_number: self.persons[0].clone(),
                login: "x".into(),
                ..Default::default()
            };
            let told = CitizenPortalServiceClient::new(world.connect(&own.identity)).find_usage(look).await;
            assert!(told.is_err(), "told of a person after {after:?}");
        }
        // The board's own accounts, as the operator can name them, without the board's key or with no assertion at all.
        let mut log = AccessLogServiceClient::new(world.connect(&self.own.identity));
        assert!(log.list_entries(proto::ListEntriesRequest::default()).await.is_err(), "{after:?}");
        let bound = world.assertion("greta").bound_to(&self.own).on(proto::ListEntriesRequest::default());
        assert!(log.list_entries(bound).await.is_err(), "an auditor's assertion over it, after {after:?}");
        assert_eq!(world.agencies.control().total_calls(), asked, "an agency was asked after {after:?}");
    }

    /// What must not be lost: keys, and records that the board's auditor can read.
    pub(super) async fn kept(&self, world: &World) -> BTreeSet<String> {
        let keys = std::fs::read_dir(&world.config.store.keys).unwrap();
        let keys = keys.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let entries = world.log().await.into_iter();
        let readable = entries.filter(|entry| !entry.erased).map(|entry| entry.entry_id);
        let mut retention =
            proto::retention_service_client::RetentionServiceClient::new(self.operator.clone());
        let status = retention.get_purge_status(proto::GetPurgeStatusRequest {}).await.unwrap().into_inner();
        let terms = status.boards.into_iter().map(|board| {
            format!(
                "{} {} {} {}",
                board.organisation_number, board.log_months, board.ended_on, board.held_until
            )
        });
        keys.chain(readable).chain(terms).collect()
    }

    pub(super) async fn the_honest_are_answered(&self, world: &World) {
        let reply = self.soap_with(world, &world.board, &world.soap_question(11, Role::Applicant)).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
}
