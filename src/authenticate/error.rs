//! Why a caller could not be established.

use ssbtek_authorize::RegistryError;

/// A closed list; no text quotes the assertion or the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticationError {
    /// No TLS client certificate was presented.
    #[error("certificate: none was presented")]
    CertificateMissing,
    /// The certificate's validity is over.
    #[error("certificate: has expired")]
    CertificateExpired,
    /// The certificate's validity has not begun.
    #[error("certificate: is not yet valid")]
    CertificateNotYetValid,
    /// On the issuer's revocation list, or revoked in the registry.
    #[error("certificate: has been revoked")]
    CertificateRevoked,
    /// Registered by an operator, and not confirmed by the board's administrator.
    #[error("certificate: the board's administrator has not confirmed it yet")]
    CertificateNotConfirmed,
    /// The issuer's revocation list is too old to trust: nobody gets in until it is renewed.
    #[error("certificate: the issuer's revocation list is out of date")]
    RevocationListExpired,
    /// The certificate was not issued for this use or by a trusted issuer.
    #[error("certificate: not issued by a trusted issuer for client authentication")]
    CertificateNotTrusted,
    /// No board has registered it.
    #[error("certificate: belongs to no registered board")]
    CertificateOfNobody,
    /// Registered, but for another board than the assertion's issuer.
    #[error("certificate: belongs to another board than the one in the assertion")]
    CertificateOfAnother,
    /// No assertion.
    #[error("assertion: missing; send `authorization: Bearer <JWT>`")]
    AssertionMissing,
    /// Not a JWT of the documented form.
    #[error("assertion: not a JWT in the documented form")]
    AssertionMalformed,
    /// A header that is not understood here, or is not what it should be.
    #[error("assertion: header {0} is not understood or not what it should be")]
    AssertionHeader(&'static str),
    /// Another algorithm than ES256 or EdDSA, or another than the key's own.
    #[error("assertion: algorithm must be ES256 or EdDSA, as registered for the key")]
    AssertionAlgorithm,
    /// No key of the board's, in use today, made the signature.
    #[error("assertion: not signed by a key registered for the board and valid now")]
    AssertionSignature,
    /// Its time has passed.
    #[error("assertion: has expired")]
    AssertionExpired,
    /// Its time has not come.
    #[error("assertion: is not yet valid")]
    AssertionNotYetValid,
    /// It lives longer than allowed.
    #[error("assertion: lives longer than allowed")]
    AssertionTooLong,
    /// It names another audience.
    #[error("assertion: is meant for another audience")]
    AssertionAudience,
    /// It is bound to another certificate.
    #[error("assertion: is bound to another certificate")]
    AssertionForeign,
    /// The broker's clock was set back: an assertion that is over could seem good.
    #[error("assertion: cannot be judged just now, because the broker's clock was set back")]
    ClockSetBack,
    /// A claim is missing or malformed.
    #[error("assertion: claim {0} is missing or malformed")]
    Claim(&'static str),
    /// The registry cannot be read; nobody is let in without it.
    #[error("the registry cannot be read just now")]
    Unavailable,
}

impl From<RegistryError> for AuthenticationError {
    fn from(_: RegistryError) -> Self {
        AuthenticationError::Unavailable
    }
}
