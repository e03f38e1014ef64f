//! A board, the certificates and keys registered with its agreement, and its own rules.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ssbtek_domain::{Agency, DateTime, NaiveDate, OrganisationNumber, Utc};

/// Where a board's connection stands (SSBTEK § 1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoardState {
    /// Access is enabled.
    InForce,
    /// Suspended by the provider or the board.
    Suspended,
    /// The agreement has ended.
    Ended,
}

/// A board (socialnämnd or the board the council has named): the controller of what is asked in its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    /// Organisation number.
    pub organisation: OrganisationNumber,
    /// Name, as the agencies are told.
    pub name: String,
    /// Where its connection stands.
    pub state: BoardState,
    /// TLS client certificates registered with the agreement.
    pub certificates: Vec<RegisteredCertificate>,
    /// Keys that sign its case workers' assertions; several while a key is rotated.
    pub assertion_keys: Vec<AssertionKey>,
    /// Agencies the board has chosen never to ask.
    #[serde(default)]
    pub never_asked: BTreeSet<Agency>,
    /// The agreement's last day, once it is set.
    #[serde(default)]
    pub ended_on: Option<NaiveDate>,
}

impl Board {
    /// Whether a certificate is registered and not revoked at `now`.
    pub fn accepts_certificate(&self, fingerprint: &[u8; 32], now: DateTime<Utc>) -> bool {
        self.certificates.iter().any(|certificate| {
            certificate.sha256 == hex(fingerprint) && certificate.revoked_at.is_none_or(|at| now < at)
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A TLS client certificate of a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredCertificate {
    /// SHA-256 over the certificate's DER, lower-case hexadecimal.
    pub sha256: String,
    /// From when it is refused, although its issuer may not have revoked it.
    #[serde(default)]
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Signature algorithms accepted for assertions; no other is even parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyAlgorithm {
    /// ECDSA over P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// A public key that signs assertions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssertionKey {
    /// Key id, as in the assertion's header.
    pub kid: String,
    /// The one algorithm this key is used with.
    pub algorithm: KeyAlgorithm,
    /// Public key, PEM (SubjectPublicKeyInfo).
    pub public_pem: String,
    /// First moment it may have signed.
    pub valid_from: DateTime<Utc>,
    /// From when it is refused.
    #[serde(default)]
    pub valid_until: Option<DateTime<Utc>>,
}

impl AssertionKey {
    /// Whether the key is in use at `now`.
    pub fn is_valid_at(&self, now: DateTime<Utc>) -> bool {
        self.valid_from <= now && self.valid_until.is_none_or(|until| now < until)
    }
}

/// To whom a certificate belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "owner")]
pub enum CertificateOwner {
    /// A board's case system.
    Board {
        /// The board.
        organisation: OrganisationNumber,
    },
    /// The provider's own operators.
    Operator,
}
