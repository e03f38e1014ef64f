//! Who is at the other end of a request.

use std::sync::Arc;

use ssbtek_authenticate::{
    AssertionRules, AuthenticationError, Connected, Stated, authenticate, caller_on, connected,
};
use ssbtek_authorize::{Caller, CertificateOwner, Registry};
use ssbtek_domain::{Clock, DateTime, OrganisationNumber, Utc};
use ssbtek_pki::{CertificateRefusal, Gatekeeper, PeerCertificate};

use crate::Refusal;

/// Establishes callers, on every request anew: a certificate that was good at the handshake may be revoked by now.
#[derive(Clone)]
pub struct Callers {
    /// Judges certificates by time and revocation list.
    pub gatekeeper: Arc<Gatekeeper>,
    /// Knows whose certificates they are.
    pub registry: Arc<dyn Registry>,
    /// What is demanded of assertions.
    pub rules: AssertionRules,
    /// SHA-256 fingerprints of the operators' certificates.
    pub operators: Arc<[[u8; 32]]>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Callers {
    /// The account that calls, from connection and `authorization` metadata.
    pub async fn account<T>(&self, request: &tonic::Request<T>) -> Result<Caller, Refusal> {
        let certificate = self.certificate(request)?;
        let assertion = match request.metadata().get("authorization").map(|value| value.to_str()) {
            None => None,
            Some(Ok(value)) => {
                Some(value.strip_prefix("Bearer ").ok_or(AuthenticationError::AssertionMalformed)?)
            }
            Some(Err(_)) => return Err(AuthenticationError::AssertionMalformed.into()),
        };
        let now = self.time()?;
        Ok(authenticate(&*self.registry, &certificate, assertion, &self.rules, now).await?)
    }

    /// The operator that calls, by its certificate's fingerprint, from the connection alone.
    pub fn operator<T>(&self, request: &tonic::Request<T>) -> Result<[u8; 32], Refusal> {
        let certificate = self.certificate(request)?;
        if self.operators.contains(&certificate) { Ok(certificate) } else { Err(Refusal::OperatorsOnly) }
    }

    /// To whom the connection's certificate belongs, for parties that call without an assertion.
    pub async fn owner<T>(&self, request: &tonic::Request<T>) -> Result<CertificateOwner, Refusal> {
        let certificate = self.certificate(request)?;
        if self.operators.contains(&certificate) {
            return Ok(CertificateOwner::Operator);
        }
        let owner = self.registry.certificate_owner(&certificate).await.map_err(AuthenticationError::from)?;
        Ok(owner.ok_or(AuthenticationError::CertificateOfNobody)?)
    }

    /// The citizen portal that calls, from the connection alone: who runs it, and with which certificate.
    pub async fn portal<T>(
        &self,
        request: &tonic::Request<T>,
    ) -> Result<(OrganisationNumber, [u8; 32]), Refusal> {
        match self.owner(request).await? {
            CertificateOwner::Portal { organisation } => Ok((organisation, self.certificate(request)?)),
            _ => Err(Refusal::PortalsOnly),
        }
    }

    /// Whether anybody with a trusted certificate calls, registered or not.
    pub fn anybody<T>(&self, request: &tonic::Request<T>) -> Result<(), Refusal> {
        Ok(self.certificate(request).map(|_| ())?)
    }

    /// The party at the other end of a connection, from its certificate alone.
    pub async fn party_on(&self, peer: &PeerCertificate) -> Result<Connected, Refusal> {
        let now = self.time()?;
        self.gatekeeper.check(peer, now).map_err(refusal)?;
        Ok(connected(&*self.registry, &peer.fingerprint_sha256, now).await?)
    }

    /// Who asks in a message without an assertion.
    pub async fn stated_on(
        &self,
        peer: &PeerCertificate,
        party: Connected,
        stated: Stated,
    ) -> Result<Caller, Refusal> {
        Ok(caller_on(&*self.registry, party, &peer.fingerprint_sha256, stated).await?)
    }

    /// The time, by which it is judged what is good for a time only.
    fn time(&self) -> Result<DateTime<Utc>, AuthenticationError> {
        if self.clock.is_set_back() {
            return Err(AuthenticationError::ClockSetBack);
        }
        Ok(self.clock.now())
    }

    /// The fingerprint of the certificate of a connection, if the certificate is good now.
    pub(crate) fn certificate<T>(
        &self,
        request: &tonic::Request<T>,
    ) -> Result<[u8; 32], AuthenticationError> {
        let peer = request.extensions().get::<Arc<PeerCertificate>>();
        let peer = peer.ok_or(AuthenticationError::CertificateMissing)?;
        self.gatekeeper.check(peer, self.clock.now()).map_err(refusal)?;
        Ok(peer.fingerprint_sha256)
    }
}

fn refusal(refusal: CertificateRefusal) -> AuthenticationError {
    match refusal {
        CertificateRefusal::Expired => AuthenticationError::CertificateExpired,
        CertificateRefusal::NotYetValid => AuthenticationError::CertificateNotYetValid,
        CertificateRefusal::Revoked => AuthenticationError::CertificateRevoked,
        CertificateRefusal::RevocationListExpired | CertificateRefusal::RevocationUnknown => {
            AuthenticationError::RevocationListExpired
        }
        CertificateRefusal::UnknownIssuer | CertificateRefusal::NotForClientAuth => {
            AuthenticationError::CertificateNotTrusted
        }
    }
}
