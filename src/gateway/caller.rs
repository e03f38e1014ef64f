//! Who is at the other end of a request.

use std::sync::Arc;

use ssbtek_authenticate::{
    AssertionRules, AuthenticationError, Connected, Stated, authenticate, caller_on, connected,
};
use ssbtek_authorize::{Caller, CertificateCheck, CertificateOwner, Registry};
use ssbtek_domain::{Clock, DateTime, Utc};
use ssbtek_pki::{CertificateRefusal, Gatekeeper, PeerCertificate};
use tonic::metadata::MetadataMap;

use crate::{Refusal, under_way::UnderWay};

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
    pub async fn account(&self, request: &tonic::Request<()>) -> Result<Caller, Refusal> {
        let certificate = self.certificate(request)?;
        let assertion = bearer(request.metadata())?;
        self.no_operator(&certificate)?;
        let now = self.time()?;
        let caller = authenticate(&*self.registry, &certificate, assertion, &self.rules, now).await?;
        match request.extensions().get::<Arc<UnderWay>>() {
            Some(call) if !call.count_for(caller.board) => Err(Refusal::TooManyUnderWay),
            _ => Ok(caller),
        }
    }

    /// To whom the connection's certificate belongs, for parties that call without an assertion.
    pub async fn owner(&self, request: &tonic::Request<()>) -> Result<CertificateOwner, Refusal> {
        let certificate = self.certificate(request)?;
        if self.operators.contains(&certificate) {
            return Ok(CertificateOwner::Operator);
        }
        let owner = self.registry.certificate_owner(&certificate).await.map_err(AuthenticationError::from)?;
        Ok(owner.ok_or(AuthenticationError::CertificateOfNobody)?)
    }

    /// An operator's certificate is no party's, whoever has it registered: the provider's staff ask nothing.
    fn no_operator(&self, certificate: &[u8; 32]) -> Result<(), AuthenticationError> {
        let is_one = self.operators.contains(certificate);
        if is_one { Err(AuthenticationError::CertificateOfNobody) } else { Ok(()) }
    }

    /// Whether a connection's certificate is good now.
    pub(crate) fn holds_good(&self, peer: &PeerCertificate) -> Result<(), Refusal> {
        Ok(self.gatekeeper.check(peer, self.clock.now()).map_err(refusal)?)
    }

    /// The party at the other end of a connection, from its certificate alone.
    pub(crate) async fn party_on(&self, peer: &PeerCertificate) -> Result<Connected, Refusal> {
        let now = self.time()?;
        self.holds_good(peer)?;
        self.no_operator(&peer.fingerprint_sha256)?;
        Ok(connected(&*self.registry, &peer.fingerprint_sha256, now).await?)
    }

    /// Who asks in a message without an assertion.
    pub(crate) async fn stated_on(
        &self,
        peer: &PeerCertificate,
        party: Connected,
        stated: Stated,
        call: &UnderWay,
    ) -> Result<Caller, Refusal> {
        let caller = caller_on(&*self.registry, party, &peer.fingerprint_sha256, stated).await?;
        if call.count_for(caller.board) { Ok(caller) } else { Err(Refusal::TooManyUnderWay) }
    }

    /// The time, by which it is judged what is good for a time only.
    fn time(&self) -> Result<DateTime<Utc>, AuthenticationError> {
        if self.clock.is_set_back() {
            return Err(AuthenticationError::ClockSetBack);
        }
        Ok(self.clock.now())
    }

    /// Looks at the connection's certificate again whenever asked: it may be revoked while a question is under way.
    pub(crate) fn certificate_check(&self, peer: Option<Arc<PeerCertificate>>) -> CertificateCheck {
        let gatekeeper = self.gatekeeper.clone();
        CertificateCheck::new(move |now| {
            peer.as_ref().is_some_and(|peer| gatekeeper.check(peer, now).is_ok())
        })
    }

    /// The fingerprint of the certificate of a connection, if the certificate is good now.
    pub(crate) fn certificate(&self, request: &tonic::Request<()>) -> Result<[u8; 32], AuthenticationError> {
        if let Some(call) = request.extensions().get::<Arc<UnderWay>>() {
            call.judge();
        }
        let peer = request.extensions().get::<Arc<PeerCertificate>>();
        let peer = peer.ok_or(AuthenticationError::CertificateMissing)?;
        self.gatekeeper.check(peer, self.clock.now()).map_err(refusal)?;
        Ok(peer.fingerprint_sha256)
    }
}

/// The token of the one `authorization` field (RFC 9110 section 11.6.2): the scheme in whatever case, spaces, the token.
fn bearer(metadata: &MetadataMap) -> Result<Option<&str>, AuthenticationError> {
    let malformed = AuthenticationError::AssertionMalformed;
    let mut fields = metadata.get_all("authorization").iter();
    let Some(field) = fields.next() else { return Ok(None) };
    if fields.next().is_some() {
        return Err(malformed);
    }
    let (scheme, token) = field.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(malformed)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(malformed);
    }
    Ok(Some(token.trim_start_matches(' ')))
}

fn refusal(refusal: CertificateRefusal) -> AuthenticationError {
    match refusal {
        CertificateRefusal::Expired => AuthenticationError::CertificateExpired,
        CertificateRefusal::NotYetValid => AuthenticationError::CertificateNotYetValid,
        CertificateRefusal::Revoked => AuthenticationError::CertificateRevoked,
        CertificateRefusal::RevocationListExpired | CertificateRefusal::RevocationUnknown => {
            AuthenticationError::RevocationListExpired
        }
        CertificateRefusal::UnknownIssuer | CertificateRefusal::NotForThisUse => {
            AuthenticationError::CertificateNotTrusted
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[&str]) -> Result<Option<String>, AuthenticationError> {
        let mut metadata = MetadataMap::new();
        for field in fields {
            metadata.append("authorization", field.parse().unwrap());
        }
        bearer(&metadata).map(|token| token.map(str::to_owned))
    }

    #[test]
    fn the_scheme_is_read_in_whatever_case_and_the_token_as_it_is() {
        for field in ["Bearer a.b.c", "bearer a.b.c", "BEARER a.b.c", "bEaReR   a.b.c"] {
            assert_eq!(of(&[field]), Ok(Some("a.b.c".to_owned())), "{field}");
        }
        assert_eq!(of(&[]), Ok(None));
    }

    #[test]
    fn two_fields_another_scheme_and_a_scheme_alone_are_refused() {
        let refused: [&[&str]; 8] = [
            &["Bearer a.b.c", "Bearer a.b.c"],
            &["Bearer a.b.c", "Basic eDp5"],
            &["Basic eDp5"],
            &["a.b.c"],
            &["Bearer"],
            &["Bearer\ta.b.c"],
            &["BearerX a.b.c"],
            &[""],
        ];
        for fields in refused {
            assert_eq!(of(fields), Err(AuthenticationError::AssertionMalformed), "{fields:?}");
        }
    }
}
