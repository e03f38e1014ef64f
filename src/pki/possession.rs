//! What a client certificate must prove during the handshake: who issued it, and that the caller holds its key.

use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, UnixTime},
    server::danger::{ClientCertVerified, ClientCertVerifier},
};
use webpki::{EndEntityCert, KeyUsage};

use crate::{PeerCertificate, Roots, identity::provider, time::unix_time};

/// Proves issuer, key usage and possession of the key — but neither current validity nor revocation.
///
/// A certificate that is expired, not yet valid or revoked gets through on purpose. Refused in the handshake, its
/// owner would see a broken connection and would not know why; let through, each request is refused by the
/// [`crate::Gatekeeper`] with a clear status and a record of who tried. It also has to be asked per request anyway: a
/// handshake says nothing about a certificate revoked a minute later.
///
/// The path library looks at validity before signatures, so the path is verified at the moment nearest to now at which
/// the certificate was valid. An expired certificate of an unknown issuer is then still of an unknown issuer.
#[derive(Debug)]
pub(crate) struct ProvePossession {
    roots: Roots,
    subjects: Vec<DistinguishedName>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ProvePossession {
    pub(crate) fn new(roots: &Roots) -> Self {
        Self {
            roots: roots.clone(),
            subjects: roots.0.subjects(),
            algorithms: provider().signature_verification_algorithms,
        }
    }
}

impl ClientCertVerifier for ProvePossession {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.subjects
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let malformed = |_| Error::InvalidCertificate(CertificateError::BadEncoding);
        let peer = PeerCertificate::from_chain(std::slice::from_ref(end_entity))
            .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
        let nearest = now.max(unix_time(peer.not_before)).min(unix_time(peer.not_after));
        EndEntityCert::try_from(end_entity)
            .map_err(malformed)?
            .verify_for_usage(
                self.algorithms.all,
                &self.roots.0.roots,
                intermediates,
                nearest,
                KeyUsage::client_auth(),
                None,
                None,
            )
            .map_err(|error| Error::InvalidCertificate(alert(&error)))?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn alert(error: &webpki::Error) -> CertificateError {
    match error {
        webpki::Error::UnknownIssuer => CertificateError::UnknownIssuer,
        webpki::Error::RequiredEkuNotFoundContext(_) => CertificateError::InvalidPurpose,
        webpki::Error::InvalidSignatureForPublicKey => CertificateError::BadSignature,
        webpki::Error::CertExpired { .. } => CertificateError::Expired,
        webpki::Error::CertNotValidYet { .. } => CertificateError::NotValidYet,
        _ => CertificateError::ApplicationVerificationFailure,
    }
}
