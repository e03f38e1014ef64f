//! TLS settings for the mocks' doors: only clients with a certificate from the named authority are let in.

use std::sync::Arc;

use rustls::{RootCertStore, ServerConfig, server::WebPkiClientVerifier};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

/// Why PEM texts make no TLS settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// The mocks' own certificate chain.
    #[error("the certificate chain is no readable PEM")]
    Certificate,
    /// The certificate's private key.
    #[error("the private key is no readable PEM, or belongs to another certificate")]
    Key,
    /// The authority whose clients are let in.
    #[error("the client authority is no readable PEM certificate")]
    ClientAuthority,
    /// The cryptographic provider refuses its own defaults.
    #[error("TLS cannot be set up")]
    Settings,
}

/// Settings from three PEM texts: certificate chain (own certificate first), its private key, and the certificate
/// authority of the clients. Chain and validity of a client's certificate are checked in the handshake.
pub fn server_tls(chain: &[u8], key: &[u8], client_authority: &[u8]) -> Result<Arc<ServerConfig>, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(client_authority).ok_or(TlsError::ClientAuthority)? {
        roots.add(certificate).map_err(|_| TlsError::ClientAuthority)?;
    }
    let chain = certificates(chain).ok_or(TlsError::Certificate)?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::Key)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|_| TlsError::ClientAuthority)?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| TlsError::Settings)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .map_err(|_| TlsError::Key)?;
    Ok(Arc::new(config))
}

/// At least one certificate.
fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    read.ok().filter(|certificates| !certificates.is_empty())
}
