//! What a connection alone proves, for doors whose messages carry no assertion.

use ssbtek_authorize::{FactsKey, Registry};
use ssbtek_domain::{CaseWorkerId, DateTime, OrganisationNumber, Utc};

use crate::{AuthenticationError, board_of};

/// The board a certificate is registered for, if the board has not revoked it by `now`. Who asks in the board's name, and
/// whether its agreement is in force, is for the decision.
pub async fn board_in_force(
    registry: &dyn Registry,
    certificate: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<OrganisationNumber, AuthenticationError> {
    let owner = board_of(registry, certificate).await?;
    // No account is known yet; the board's own document is what is looked at.
    let nobody = CaseWorkerId::parse("-").map_err(|_| AuthenticationError::Unavailable)?;
    let facts = registry.facts(&FactsKey { board: owner, case_worker: nobody, case: None }).await?;
    let board = facts.board.ok_or(AuthenticationError::CertificateOfNobody)?.body;
    if board.accepts_certificate(certificate, now) {
        Ok(owner)
    } else {
        Err(AuthenticationError::CertificateRevoked)
    }
}
