//! `AdministrationService`.

use ssbtek_authorize::{AskError, Attestation, DocumentHash, Duty, KeyAlgorithm, PowerOfAttorney, Together};
use ssbtek_domain::{CaseWorkerId, OrganisationNumber, Personnummer};
use ssbtek_proto::broker::v1::{
    Account, AccountKind as ProtoKind, BlockCaseWorkerRequest, BlockCaseWorkerResponse, Duty as ProtoDuty,
    RegisterBoardRequest, RegisterBoardResponse, RegisterCaseWorkerRequest, RegisterCaseWorkerResponse,
    RevokeCertificateRequest, RevokeCertificateResponse, SetAttestationRequest, SetAttestationResponse,
    SetOwnNumberRequest, SetOwnNumberResponse, SetSignInRequest, SetSignInResponse,
    administration_service_server::AdministrationService,
};
use ssbtek_registry::{Concerns, NewAccount, NewBoard, NewKey, SignIn};
use tonic::{Request, Response, Status};
use x509_parser::{oid_registry, pem::parse_x509_pem, prelude::FromDer, x509::SubjectPublicKeyInfo};

use super::{Done, GrpcServices, day, field};
use crate::{Refusal, calls};

#[tonic::async_trait]
impl AdministrationService for GrpcServices {
    async fn register_board(
        &self,
        request: Request<RegisterBoardRequest>,
    ) -> Result<Response<RegisterBoardResponse>, Status> {
        self.serve(&calls::REGISTER_BOARD, request, |by, message| async move {
            let operator = by.operator()?;
            let certificate = self.fingerprint(message.certificate.clone())?;
            let new = new_board(message.clone(), certificate)?;
            let concerns = Concerns::NewBoard(new.organisation);
            let new = &new;
            let register = |by| async move { Ok(self.desk.for_two(by).register_board(new.clone()).await?) };
            let version =
                self.by_two(operator, Together::RegisterBoard, concerns, &message, register).await?;
            Ok(Done::As(RegisterBoardResponse { version }))
        })
        .await
    }

    async fn revoke_certificate(
        &self,
        request: Request<RevokeCertificateRequest>,
    ) -> Result<Response<RevokeCertificateResponse>, Status> {
        self.serve(&calls::REVOKE_CERTIFICATE, request, |by, message| async move {
            let board =
                field("organisation_number", OrganisationNumber::parse(&message.organisation_number))?;
            let version = self.desk_for(&by).revoke_certificate(board, &message.sha256).await?;
            Ok(Done::As(RevokeCertificateResponse { version }))
        })
        .await
    }

    async fn set_attestation(
        &self,
        request: Request<SetAttestationRequest>,
    ) -> Result<Response<SetAttestationResponse>, Status> {
        self.serve(&calls::SET_ATTESTATION, request, |by, message| async move {
            let board =
                field("organisation_number", OrganisationNumber::parse(&message.organisation_number))?;
            let attestation = attestation(&message.from, &message.until)?;
            let desk = self.desk_for(&by).having_read(message.expected_version);
            let version = desk.set_attestation(board, attestation).await?;
            Ok(Done::As(SetAttestationResponse { version }))
        })
        .await
    }

    async fn register_case_worker(
        &self,
        request: Request<RegisterCaseWorkerRequest>,
    ) -> Result<Response<RegisterCaseWorkerResponse>, Status> {
        self.serve(&calls::REGISTER_CASE_WORKER, request, |by, request| async move {
            let caller = by.account()?;
            let account = account("account", request.account)?;
            let version = self.desk.register_case_worker(caller, account).await?;
            Ok(Done::As(RegisterCaseWorkerResponse { version }))
        })
        .await
    }

    async fn block_case_worker(
        &self,
        request: Request<BlockCaseWorkerRequest>,
    ) -> Result<Response<BlockCaseWorkerResponse>, Status> {
        self.serve(&calls::BLOCK_CASE_WORKER, request, |by, request| async move {
            let caller = by.account()?;
            let id = field("id", CaseWorkerId::parse(&request.id))?;
            let version = self.desk.block_case_worker(caller, &id).await?;
            Ok(Done::As(BlockCaseWorkerResponse { version }))
        })
        .await
    }

    async fn set_own_number(
        &self,
        request: Request<SetOwnNumberRequest>,
    ) -> Result<Response<SetOwnNumberResponse>, Status> {
        self.serve(&calls::SET_OWN_NUMBER, request, |by, message| async move {
            let caller = by.account()?;
            let id = field("id", CaseWorkerId::parse(&message.id))?;
            let number = match message.person_number.as_str() {
                "" => None,
                text => Some(field("person_number", Personnummer::parse(text, self.callers.clock.today()))?),
            };
            let desk = self.desk.having_read(message.expected_version);
            let version = desk.set_own_number(caller, &id, number.as_ref()).await?;
            Ok(Done::As(SetOwnNumberResponse { version }))
        })
        .await
    }

    async fn set_sign_in(
        &self,
        request: Request<SetSignInRequest>,
    ) -> Result<Response<SetSignInResponse>, Status> {
        self.serve(&calls::SET_SIGN_IN, request, |by, message| async move {
            let caller = by.account()?;
            let id = field("id", CaseWorkerId::parse(&message.id))?;
            let sign_in = match (message.issuer.as_str(), message.subject.as_str()) {
                ("", "") => None,
                (issuer, subject) => Some(SignIn::parse(issuer, subject)?),
            };
            let desk = self.desk.having_read(message.expected_version);
            let version = desk.set_sign_in(caller, &id, sign_in.as_ref()).await?;
            Ok(Done::As(SetSignInResponse { version }))
        })
        .await
    }
}

/// `None` when both days are empty.
fn attestation(from: &str, until: &str) -> Result<Option<Attestation>, Refusal> {
    if from.is_empty() && until.is_empty() {
        return Ok(None);
    }
    let set = Attestation::new(day("from", from)?, day("until", until)?);
    field("until", set.map(Some).ok_or("must lie after from, at most two years"))
}

fn new_board(message: RegisterBoardRequest, certificate: [u8; 32]) -> Result<NewBoard, Refusal> {
    Ok(NewBoard {
        organisation: field("organisation_number", OrganisationNumber::parse(&message.organisation_number))?,
        name: message.name,
        certificate,
        key: key(message.assertion_kid, message.assertion_key)?,
        administrator: account("administrator", message.administrator)?,
        application: field("application_sha256", DocumentHash::parse(&message.application_sha256))?,
        power_of_attorney: PowerOfAttorney {
            needed: message.power_of_attorney_needed,
            ..PowerOfAttorney::default()
        },
    })
}

/// The fingerprint of a certificate in DER.
pub(super) fn fingerprint(der: Vec<u8>) -> Result<[u8; 32], AskError> {
    let peer = ssbtek_pki::PeerCertificate::from_chain(&[rustls_pki_types::CertificateDer::from(der)]);
    let peer = peer.map_err(|_| AskError::new("certificate", "must be an X.509 certificate in DER"))?;
    Ok(peer.fingerprint_sha256)
}

/// A key that signs assertions.
pub(super) fn key(kid: String, public_pem: String) -> Result<NewKey, AskError> {
    Ok(NewKey { kid, algorithm: algorithm(&public_pem)?, public_pem })
}

/// The algorithm that a public key is for, by its kind.
fn algorithm(pem: &str) -> Result<KeyAlgorithm, AskError> {
    let wrong = || AskError::new("assertion_key", "must be a public key in PEM, P-256 or Ed25519");
    let (_, block) = parse_x509_pem(pem.as_bytes()).map_err(|_| wrong())?;
    let (_, key) = SubjectPublicKeyInfo::from_der(&block.contents).map_err(|_| wrong())?;
    let is_p256 = || {
        let curve = key.algorithm.parameters.as_ref().and_then(|curve| curve.as_oid().ok());
        curve.is_some_and(|curve| curve == oid_registry::OID_EC_P256)
    };
    if key.algorithm.algorithm == oid_registry::OID_SIG_ED25519 {
        Ok(KeyAlgorithm::EdDsa)
    } else if key.algorithm.algorithm == oid_registry::OID_KEY_TYPE_EC_PUBLIC_KEY && is_p256() {
        Ok(KeyAlgorithm::Es256)
    } else {
        Err(wrong())
    }
}

fn account(name: &'static str, account: Option<Account>) -> Result<NewAccount, Refusal> {
    let account = account.ok_or_else(|| AskError::new(name, "is required"))?;
    let duty = |duty: &i32| match ProtoDuty::try_from(*duty) {
        Ok(ProtoDuty::Asks) => Ok(Duty::Asks),
        Ok(ProtoDuty::KeepsCases) => Ok(Duty::KeepsCases),
        Ok(ProtoDuty::Audits) => Ok(Duty::Audits),
        Ok(ProtoDuty::Administers) => Ok(Duty::Administers),
        Ok(ProtoDuty::DelaysDisclosure) => Ok(Duty::DelaysDisclosure),
        Ok(ProtoDuty::Unspecified) | Err(_) => Err(AskError::new("account.duties", "holds an unknown duty")),
    };
    let duties = account.duties.iter().map(duty).collect::<Result<_, _>>()?;
    let system_of = match ProtoKind::try_from(account.kind) {
        Ok(ProtoKind::System) if account.responsible.is_empty() => {
            return Err(AskError::new("account.responsible", "is required of a system").into());
        }
        Ok(ProtoKind::System) => Some(account.responsible),
        Ok(ProtoKind::Unspecified | ProtoKind::Person) if account.responsible.is_empty() => None,
        Ok(ProtoKind::Unspecified | ProtoKind::Person) => {
            return Err(AskError::new("account.responsible", "is for a system").into());
        }
        Err(_) => return Err(AskError::new("account.kind", "is unknown").into()),
    };
    Ok(NewAccount { id: account.id, name: account.name, unit: account.unit, duties, system_of })
}
