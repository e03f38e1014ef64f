//! Statements signed with a certificate's key outside TLS: what operators put their names to.

use rustls::{SignatureScheme, pki_types::CertificateDer};
use webpki::EndEntityCert;
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

use crate::{Identity, PkiError, identity::provider};

/// What a statement may be signed with, so that whoever writes a verifier needs no more.
const SCHEMES: [SignatureScheme; 2] = [SignatureScheme::ECDSA_NISTP256_SHA256, SignatureScheme::ED25519];

/// Signs a statement: ECDSA P-256 with SHA-256, or Ed25519.
pub fn sign_statement(identity: &Identity, statement: &[u8]) -> Result<Vec<u8>, PkiError> {
    let signer = identity.0.key.choose_scheme(&SCHEMES).ok_or(PkiError::UnusableKey)?;
    signer.sign(statement).map_err(|_| PkiError::UnusableKey)
}

/// Whether the key of this certificate (DER) signed the statement. Says nothing about whose it is, or whether it is valid.
pub fn statement_is_signed(certificate: &[u8], statement: &[u8], signature: &[u8]) -> bool {
    let certificate = CertificateDer::from(certificate);
    let Ok(certificate) = EndEntityCert::try_from(&certificate) else { return false };
    let provider = provider();
    let known = provider.signature_verification_algorithms.mapping;
    let allowed = known.iter().filter(|(scheme, _)| SCHEMES.contains(scheme));
    allowed
        .flat_map(|(_, algorithms)| algorithms.iter())
        .any(|algorithm| certificate.verify_signature(*algorithm, statement, signature).is_ok())
}

/// A certificate's public key (SubjectPublicKeyInfo, DER), by which two certificates are known to be of one key.
pub fn public_key(certificate: &[u8]) -> Result<Vec<u8>, PkiError> {
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| PkiError::MalformedCertificate)?;
    Ok(parsed.public_key().raw.to_vec())
}

impl Identity {
    /// Our own certificate, DER.
    pub fn certificate(&self) -> &[u8] {
        self.0.cert.first().map(AsRef::as_ref).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{TestAuthority, Validity};

    #[test]
    fn a_statement_is_signed_by_one_key_and_changed_by_nobody() {
        let at = |text: &str| text.parse().unwrap();
        let validity =
            Validity { not_before: at("2026-01-01T00:00:00Z"), not_after: at("2027-01-01T00:00:00Z") };
        let authority = TestAuthority::new("CA", validity).unwrap();
        let [first, second] = ["first", "second"]
            .map(|name| authority.client(name, "Leverantören", validity).unwrap().identity);
        let signature = sign_statement(&first, b"lost").unwrap();
        assert!(statement_is_signed(first.certificate(), b"lost", &signature));
        assert!(!statement_is_signed(first.certificate(), b"last", &signature));
        assert!(!statement_is_signed(second.certificate(), b"lost", &signature));
        assert!(!statement_is_signed(b"no certificate", b"lost", &signature));
        assert_ne!(public_key(first.certificate()).unwrap(), public_key(second.certificate()).unwrap());
    }
}
