//! The certificate at the other end of a connection.

use std::fmt;

use rustls::{CommonState, pki_types::CertificateDer};
use ssbtek_domain::{DateTime, Utc};
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

use crate::{PkiError, time::moment};

/// The certificate at the other end of a connection; possession of its key is proven, whether it is good now is for
/// the [`crate::Gatekeeper`].
#[derive(Clone, PartialEq, Eq)]
pub struct PeerCertificate {
    /// The chain as sent, the peer's own certificate first; never empty.
    pub chain: Vec<CertificateDer<'static>>,
    /// SHA-256 of the peer's own certificate (DER), by which the registry knows it.
    pub fingerprint_sha256: [u8; 32],
    /// First moment of validity.
    pub not_before: DateTime<Utc>,
    /// Last moment of validity.
    pub not_after: DateTime<Utc>,
    /// Common name of the subject, where there is one.
    pub subject_cn: Option<String>,
}

impl PeerCertificate {
    /// Reads a chain, the peer's own certificate first.
    pub fn from_chain(chain: &[CertificateDer<'_>]) -> Result<Self, PkiError> {
        let own = chain.first().ok_or(PkiError::NoCertificate)?;
        let (_, parsed) = X509Certificate::from_der(own).map_err(|_| PkiError::MalformedCertificate)?;
        let subject_cn =
            parsed.subject().iter_common_name().next().and_then(|cn| cn.as_str().ok()).map(str::to_owned);
        Ok(Self {
            fingerprint_sha256: fingerprint(own),
            not_before: moment(parsed.validity().not_before.timestamp()),
            not_after: moment(parsed.validity().not_after.timestamp()),
            subject_cn,
            chain: chain.iter().map(|certificate| certificate.clone().into_owned()).collect(),
        })
    }

    /// The certificate that the peer of a finished handshake presented.
    pub fn of_connection(connection: &CommonState) -> Result<Self, PkiError> {
        Self::from_chain(connection.peer_certificates().unwrap_or_default())
    }
}

impl fmt::Debug for PeerCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PeerCertificate(")?;
        self.fingerprint_sha256.iter().take(8).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…)")
    }
}

/// SHA-256 of a certificate (DER).
pub fn fingerprint(certificate: &CertificateDer<'_>) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, certificate);
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(digest.as_ref());
    fingerprint
}
