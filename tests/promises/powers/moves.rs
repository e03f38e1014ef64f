//! Every call that an operator can make, as an operator makes it who wants to see an answer. What shuts the board off is undone in
//! the same move, so that no later failure is owed to it. Refusals are part of it: what a move comes to is for the attack to see.

use futures::future::{BoxFuture, FutureExt};
use ssbtek_proto::broker::v1::{
    self as proto, ConnectionStep as Step, Duty, administration_service_client::AdministrationServiceClient,
    agreement_service_client::AgreementServiceClient, disclosure_service_client::DisclosureServiceClient,
    log_key_service_client::LogKeyServiceClient, retention_service_client::RetentionServiceClient,
};

use super::attack::Attack;
use crate::harness::{BOARD, hex, step_of};

/// A board that does not exist.
pub(super) const INVENTED: &str = "162120000142";
/// The agent whose notification the board has signed.
pub(super) const AGENT: &str = "165560000001";
/// The portal to which the board has opened its log.
pub(super) const PORTAL: &str = "162021008988";
/// An agent that does not exist.
const INVENTED_AGENT: &str = "165560000019";

/// One call, or several of one method.
pub(super) struct Move {
    /// The method.
    pub(super) name: &'static str,
    /// Makes it.
    pub(super) make: for<'a> fn(&'a Attack) -> BoxFuture<'a, ()>,
}

/// A move: the client, and what is sent.
macro_rules! moves {
    ($($name:literal: $client:ident, |$attack:ident| [$($method:ident($message:expr)),+ $(,)?];)*) => {
        pub(super) static MOVES: &[Move] = &[$(Move {
            name: $name,
            make: |$attack| async move {
                let mut client = $client::new($attack.operator.clone());
                $(let _ = client.$method($message).await;)+
            }.boxed(),
        },)*];
    };
}

fn der(issued: &ssbtek_pki::Issued) -> Vec<u8> {
    issued.certificate.chain[0].to_vec()
}

fn sha256(issued: &ssbtek_pki::Issued) -> String {
    hex(&issued.identity.fingerprint())
}

fn invented_board(attack: &Attack, organisation: &str) -> proto::RegisterBoardRequest {
    proto::RegisterBoardRequest {
        organisation_number: organisation.into(),
        name: "Påhittade nämnden".into(),
        certificate: der(&attack.others[0]),
        assertion_kid: "k1".into(),
        assertion_key: attack.own_key_pem.clone(),
        administrator: Some(proto::Account {
            id: "admin".into(),
            name: "Namn".into(),
            unit: "Enheten".into(),
            duties: vec![Duty::Administers.into()],
        }),
        application_sha256: "a1".repeat(32),
        power_of_attorney_needed: false,
    }
}

fn import(attack: &Attack) -> proto::ImportBoardRequest {
    let text = String::from_utf8(attack.file.clone()).unwrap().replace(BOARD, INVENTED);
    proto::ImportBoardRequest { file: text.into_bytes() }
}

fn agent(organisation: &str, issued: &ssbtek_pki::Issued) -> proto::RegisterAgentRequest {
    proto::RegisterAgentRequest {
        organisation_number: organisation.into(),
        name: "Ombudet".into(),
        certificate: der(issued),
    }
}

fn board() -> String {
    BOARD.into()
}

moves! {
    "RegisterBoard": AdministrationServiceClient, |attack| [
        register_board(invented_board(attack, INVENTED)),
        register_board(invented_board(attack, BOARD)),
    ];
    "RevokeCertificate": AdministrationServiceClient, |attack| [revoke_certificate(proto::RevokeCertificateRequest {
        organisation_number: board(),
        sha256: "0".repeat(64),
    })];
    "SetAttestation": AdministrationServiceClient, |_attack| [set_attestation(proto::SetAttestationRequest {
        organisation_number: board(),
        from: "2026-11-22".into(),
        until: "2027-11-22".into(),
    })];
    "AddCertificate": AgreementServiceClient, |attack| [
        add_certificate(proto::AddCertificateRequest { organisation_number: board(), certificate: der(&attack.own) }),
        add_certificate(proto::AddCertificateRequest {
            organisation_number: INVENTED.into(),
            certificate: der(&attack.others[0]),
        }),
    ];
    "TakeStep": AgreementServiceClient, |attack| [
        take_step(step_of(INVENTED, Step::Check, None)),
        take_step(step_of(INVENTED, Step::Approve, None)),
        take_step(step_of(INVENTED, Step::Enable, None)),
        take_step(step_of(BOARD, Step::Suspend, None)),
        take_step(step_of(BOARD, Step::Resume, None)),
        take_step(step_of(BOARD, Step::End, Some(attack.today.clone()))),
        take_step(step_of(BOARD, Step::Purge, None)),
    ];
    "SetProcessorAgreement": AgreementServiceClient, |attack| [
        set_processor_agreement(proto::SetProcessorAgreementRequest {
            organisation_number: INVENTED.into(),
            variant: proto::ProcessorAgreementVariant::Common.into(),
            version: "1".into(),
            instructions_version: "1".into(),
            signed_on: attack.today.clone(),
            document_sha256: "a2".repeat(32),
        }),
    ];
    "SetPowerOfAttorney": AgreementServiceClient, |_attack| [
        set_power_of_attorney(proto::SetPowerOfAttorneyRequest {
            organisation_number: board(),
            document_sha256: "a2".repeat(32),
            variant: 0,
        }),
    ];
    // Instructions would stop the case workers until they confirm, and so hide what follows.
    "Publish": AgreementServiceClient, |attack| [publish(proto::PublishRequest {
        text: proto::PublishedText::Terms.into(),
        version: "1".into(),
        document_sha256: ssbtek_authorize::DocumentHash::of(b"Villkoren").as_str().to_owned(),
        valid_from: attack.today.clone(),
        content: "Villkoren".into(),
    })];
    "SetSubProcessors": AgreementServiceClient, |_attack| [
        set_sub_processors(proto::SetSubProcessorsRequest { sub_processors: vec![] }),
    ];
    "RegisterAgent": AgreementServiceClient, |attack| [
        register_agent(agent(INVENTED_AGENT, &attack.others[1])),
        register_agent(agent(AGENT, &attack.others[1])),
    ];
    "RecordEvidence": AgreementServiceClient, |attack| [record_evidence(proto::RecordEvidenceRequest {
        organisation_number: AGENT.into(),
        item: "taxes_paid".into(),
        document_sha256: "b2".repeat(32),
        dated: attack.today.clone(),
        valid_to: None,
    })];
    "SignAgentAgreement": AgreementServiceClient, |_attack| [
        sign_agent_agreement(proto::SignAgentAgreementRequest {
            organisation_number: INVENTED_AGENT.into(),
            document_sha256: "b3".repeat(32),
        }),
    ];
    "EndAgent": AgreementServiceClient, |_attack| [end_agent(proto::EndAgentRequest {
        organisation_number: AGENT.into(),
        on: "2027-12-31".into(),
    })];
    "AddAgentCertificate": AgreementServiceClient, |attack| [
        add_agent_certificate(proto::AddAgentCertificateRequest {
            organisation_number: AGENT.into(),
            certificate: der(&attack.others[1]),
        }),
    ];
    "RevokeAgentCertificate": AgreementServiceClient, |attack| [
        revoke_agent_certificate(proto::RevokeAgentCertificateRequest {
            organisation_number: AGENT.into(),
            sha256: sha256(&attack.own),
        }),
    ];
    "GetAgent": AgreementServiceClient, |_attack| [
        get_agent(proto::GetAgentRequest { organisation_number: AGENT.into() }),
    ];
    "RegisterAgencyContact": AgreementServiceClient, |attack| [
        register_agency_contact(proto::RegisterAgencyContactRequest {
            agency: "MIV".into(),
            certificate: der(&attack.others[2]),
        }),
    ];
    "SetAgency": AgreementServiceClient, |_attack| [
        set_agency(proto::SetAgencyRequest { agency: "MIV".into(), ..Default::default() }),
    ];
    "GetAgency": AgreementServiceClient, |_attack| [
        get_agency(proto::GetAgencyRequest { agency: "MIV".into() }),
    ];
    "ExportBoard": AgreementServiceClient, |_attack| [
        export_board(proto::ExportBoardRequest { organisation_number: board() }),
    ];
    "ImportBoard": AgreementServiceClient, |attack| [import_board(import(attack))];
    "ReplayDecision": AgreementServiceClient, |attack| [replay_decision(proto::ReplayDecisionRequest {
        entry_id: attack.entry.clone(),
        organisation_number: None,
    })];
    "GetBoard": AgreementServiceClient, |_attack| [
        get_board(proto::GetBoardRequest { organisation_number: board() }),
    ];
    "RegisterPortal": DisclosureServiceClient, |attack| [
        register_portal(proto::RegisterPortalRequest {
            organisation_number: PORTAL.into(),
            name: "Medborgarportalen".into(),
            certificate: der(&attack.others[3]),
        }),
    ];
    "RevokePortal": DisclosureServiceClient, |attack| [revoke_portal(proto::RevokePortalRequest {
        organisation_number: PORTAL.into(),
        sha256: sha256(&attack.own),
    })];
    "ListLogKeys": LogKeyServiceClient, |_attack| [
        list_log_keys(proto::ListLogKeysRequest { organisation_number: board() }),
    ];
    "RotateLogKey": LogKeyServiceClient, |_attack| [
        rotate_log_key(proto::RotateLogKeyRequest { organisation_number: board() }),
    ];
    "RetireLogKey": LogKeyServiceClient, |_attack| [
        retire_log_key(proto::RetireLogKeyRequest { organisation_number: board() }),
    ];
    "PlanPurge": RetentionServiceClient, |_attack| [plan_purge(proto::PlanPurgeRequest {})];
    "RunPurge": RetentionServiceClient, |_attack| [
        run_purge(proto::RunPurgeRequest { confirmed_time: "2026-11-22T10:00:00Z".into() }),
        run_purge(proto::RunPurgeRequest { confirmed_time: "2036-11-22T10:00:00Z".into() }),
    ];
    "GetPurgeStatus": RetentionServiceClient, |_attack| [get_purge_status(proto::GetPurgeStatusRequest {})];
    "GetPurgeReceipt": RetentionServiceClient, |attack| [
        get_purge_receipt(proto::GetPurgeReceiptRequest { purge_id: attack.entry.clone() }),
    ];
    "EndBoardAgreement": RetentionServiceClient, |attack| [
        end_board_agreement(proto::EndBoardAgreementRequest {
            organisation_number: board(),
            last_day: attack.today.clone(),
            document_sha256: "9".repeat(64),
        }),
    ];
    "SetLogRetention": RetentionServiceClient, |_attack| [
        set_log_retention(proto::SetLogRetentionRequest { organisation_number: board(), months: Some(3) }),
    ];
    "PlaceLegalHold": RetentionServiceClient, |_attack| [place_legal_hold(proto::PlaceLegalHoldRequest {
        organisation_number: board(),
        reference: "DNR 1".into(),
        until: "2026-12-31".into(),
        ..Default::default()
    })];
    "LiftLegalHold": RetentionServiceClient, |_attack| [
        lift_legal_hold(proto::LiftLegalHoldRequest { organisation_number: board() }),
    ];
}
