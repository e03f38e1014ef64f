//! Our own certificate and key, and whom we trust.

use std::{
    fmt,
    sync::{Arc, LazyLock},
};

use rustls::{
    RootCertStore,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, TrustAnchor, pem::PemObject},
    sign::CertifiedKey,
};

use crate::{PkiError, fingerprint};

/// The one cryptographic provider, passed explicitly everywhere: no process-wide default is set or read.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: LazyLock<Arc<CryptoProvider>> =
        LazyLock::new(|| Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    PROVIDER.clone()
}

/// A certificate chain with its private key, known to belong together.
#[derive(Clone)]
pub struct Identity(pub(crate) Arc<CertifiedKey>);

impl Identity {
    /// Reads a chain (own certificate first) and a private key (PKCS #8, SEC 1 or PKCS #1), both PEM.
    pub fn from_pem(chain_pem: &[u8], key_pem: &[u8]) -> Result<Self, PkiError> {
        let chain = certificates_from_pem(chain_pem)?;
        let key = PrivateKeyDer::from_pem_slice(key_pem).map_err(|_| PkiError::UnusableKey)?;
        let certified = CertifiedKey::from_der(chain, key, &provider()).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => PkiError::KeyOfAnotherCertificate,
            rustls::Error::InvalidCertificate(_) => PkiError::MalformedCertificate,
            _ => PkiError::UnusableKey,
        })?;
        Ok(Self(Arc::new(certified)))
    }

    /// SHA-256 of our own certificate (DER).
    pub fn fingerprint(&self) -> [u8; 32] {
        self.0.cert.first().map(fingerprint).unwrap_or_default()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(redacted)")
    }
}

/// The authorities whose certificates we accept.
#[derive(Debug, Clone)]
pub struct Roots(pub(crate) Arc<RootCertStore>);

impl Roots {
    /// Reads one or more authorities' certificates, PEM.
    pub fn from_pem(pem: &[u8]) -> Result<Self, PkiError> {
        let mut store = RootCertStore::empty();
        for certificate in certificates_from_pem(pem)? {
            store.add(certificate).map_err(|_| PkiError::MalformedCertificate)?;
        }
        Ok(Self(Arc::new(store)))
    }

    /// The public keys (SubjectPublicKeyInfo, DER) of the authorities with this name (DER).
    pub(crate) fn keys_of<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = Vec<u8>> + 'a {
        // Trust anchors hold the insides of both sequences.
        let named = move |anchor: &&TrustAnchor<'_>| sequence(&anchor.subject) == name;
        self.0.roots.iter().filter(named).map(|anchor| sequence(&anchor.subject_public_key_info))
    }
}

/// These insides as a DER sequence.
fn sequence(insides: &[u8]) -> Vec<u8> {
    let length = insides.len().to_be_bytes();
    let length = length.iter().skip_while(|byte| **byte == 0).copied().collect::<Vec<_>>();
    let mut der = vec![0x30];
    if insides.len() >= 0x80 {
        der.push(0x80 | length.len() as u8);
    }
    der.extend_from_slice(&length);
    der.extend_from_slice(insides);
    der
}

/// Certificates in PEM, in their order; at least one.
pub fn certificates_from_pem(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, PkiError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let all = all.map_err(|_| PkiError::MalformedCertificate)?;
    if all.is_empty() { Err(PkiError::NoCertificate) } else { Ok(all) }
}
