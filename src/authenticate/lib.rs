//! Who is calling: a registered certificate and a case worker's signed assertion → [`Caller`]. Decides no access.
//!
//! The certificate's own validity (issuer, time, revocation list) is judged by `pki`'s gatekeeper; what it found comes in
//! as a fingerprint. An assertion is a JWT signed by a key registered with the board's agreement; nothing in it is
//! fetched, and only two algorithms are accepted.

mod assertion;
mod connection;
mod error;
mod jws;
mod review;
mod strict;
#[cfg(test)]
mod tests;

pub use assertion::{AssertionRules, Claims, Confirmation, thumbprint};
pub use connection::{Connected, Stated, caller_on, connected};
pub use error::AuthenticationError;
pub use review::{ReviewClaims, ReviewStatement, review_is_signed};

use ssbtek_authorize::{Caller, CertificateOwner, FactsKey, Registry};
use ssbtek_domain::{DateTime, Utc};

/// Establishes the caller from the fingerprint of a certificate that the gatekeeper has passed, and the assertion.
pub async fn authenticate(
    registry: &dyn Registry,
    certificate: &[u8; 32],
    assertion: Option<&str>,
    rules: &AssertionRules,
    now: DateTime<Utc>,
) -> Result<Caller, AuthenticationError> {
    let owner = registry.certificate_owner(certificate).await?;
    let assertion = assertion.ok_or(AuthenticationError::AssertionMissing)?;
    let unverified = assertion::Unverified::parse(assertion)?;
    let issuer = unverified.issuer();
    let agent = match owner {
        Some(CertificateOwner::Board { organisation }) if organisation == issuer => None,
        Some(CertificateOwner::Board { .. }) => return Err(AuthenticationError::CertificateOfAnother),
        // Whether the agent may ask for this board is decided with the question, so that the refusal is logged.
        Some(CertificateOwner::Agent { organisation }) => Some(organisation),
        Some(
            CertificateOwner::Agency { .. } | CertificateOwner::Portal { .. } | CertificateOwner::Operator,
        )
        | None => {
            return Err(AuthenticationError::CertificateOfNobody);
        }
    };
    let key = FactsKey { agent, ..FactsKey::account(issuer, unverified.subject()) };
    let facts = registry.facts(&key).await?;
    let board = &facts.board.as_ref().ok_or(AuthenticationError::CertificateOfNobody)?.body;
    // Whether the board has revoked the certificate is decided with the call, so that the refusal is logged.
    let case_worker = unverified.subject();
    let (claims, kid) = unverified.verify(&board.assertion_keys, now)?;
    let token = claims.check(certificate, rules, now)?;
    let (processors, signed_with) = (connection::registered(&facts), Some(kid));
    let (certificate, kind) = (*certificate, connection::kind(&facts));
    let signed_in = false;
    Ok(Caller {
        board: issuer,
        case_worker,
        kind,
        certificate,
        signed_in,
        agent,
        processors,
        token,
        signed_with,
    })
}
