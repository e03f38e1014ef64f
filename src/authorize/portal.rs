//! Citizen portals: through which a person sees, logged in there, what a board has asked about the person.

use serde::{Deserialize, Serialize};
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};

use crate::{Board, BoardState, RegisteredCertificate, board::registered};

/// A portal. It has no assertion, no account and no duty: its certificate reaches the three calls for persons and no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portal {
    /// Who runs it.
    pub organisation: OrganisationNumber,
    /// Name.
    pub name: String,
    /// Its TLS client certificates.
    pub certificates: Vec<RegisteredCertificate>,
}

impl Portal {
    /// Whether a certificate is registered and not revoked at `now`.
    pub fn accepts_certificate(&self, fingerprint: &[u8; 32], now: DateTime<Utc>) -> bool {
        registered(&self.certificates, fingerprint, now).is_some()
    }

    /// Whether this board has opened its log to persons through this portal and over this certificate. What a board owes to
    /// persons does not end with its access to agencies, only when nothing is kept any more.
    pub fn may_show(&self, board: &Board, fingerprint: &[u8; 32]) -> bool {
        let named = board.portal_certificates.contains(&RegisteredCertificate::new(fingerprint).sha256);
        named && board.portals.contains(&self.organisation) && board.state != BoardState::Purged
    }
}
