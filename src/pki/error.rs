//! What can be wrong with certificates, keys and lists that an operator hands us.

/// What can be wrong with certificates, keys and lists that an operator hands us. Never holds their content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PkiError {
    /// No certificate in the file.
    #[error("no certificate found")]
    NoCertificate,
    /// A certificate that cannot be read.
    #[error("a certificate cannot be read")]
    MalformedCertificate,
    /// No private key, or one that cannot be read or used.
    #[error("the private key is missing or cannot be used")]
    UnusableKey,
    /// The private key is another certificate's.
    #[error("the private key does not belong to the certificate")]
    KeyOfAnotherCertificate,
    /// No revocation list in the file or folder.
    #[error("no revocation list found")]
    NoRevocationList,
    /// A revocation list that cannot be read, or of a kind that is not supported (delta, indirect).
    #[error("a revocation list cannot be read or is of an unsupported kind")]
    MalformedRevocationList,
    /// A revocation list older than one that was in force.
    #[error("a revocation list is older than one that was in force before: lists only move forward")]
    OlderRevocationList,
    /// A revocation list that was in force is gone, and its issuer is still trusted.
    #[error("the revocation list of an issuer that is still trusted is gone")]
    RevocationListGone,
    /// A revocation list that its issuer has not signed.
    #[error("a revocation list is not signed by its issuer")]
    ForgedRevocationList,
    /// It cannot be remembered which revocation lists are in force, so none is put in force.
    #[error("revocation lists cannot be remembered now")]
    NotRemembered,
    /// A file that cannot be read from disk, or is larger than allowed.
    #[error("a file cannot be read or is too large")]
    UnreadableFile,
    /// The TLS library refuses the settings.
    #[error("the TLS settings are refused")]
    Settings,
    /// A certificate or list could not be issued.
    #[error("could not be issued")]
    NotIssued,
}
