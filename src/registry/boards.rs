//! Boards: register, revoke a certificate. For the provider's operators.

use std::collections::BTreeSet;

use ssbtek_access_log::{ChangeError, DocumentWrite};
use ssbtek_authorize::{
    AskError, AssertionKey, Board, BoardState, CertificateOwner, DocumentRef, KeyAlgorithm,
    RegisteredCertificate, Versioned,
};
use ssbtek_domain::OrganisationNumber;

use crate::{By, Desk, DeskError, NewAccount};

/// A new board, with its certificate's fingerprint and its key already read.
pub struct NewBoard {
    /// Organisation number.
    pub organisation: OrganisationNumber,
    /// Name.
    pub name: String,
    /// SHA-256 of the TLS client certificate.
    pub certificate: [u8; 32],
    /// Key id.
    pub kid: String,
    /// The algorithm the key is for.
    pub algorithm: KeyAlgorithm,
    /// Public key, PEM.
    pub public_pem: String,
    /// The first administrator.
    pub administrator: NewAccount,
}

impl Desk {
    /// Registers a board, its certificate and its administrator in one transaction. Returns the version, 1.
    pub async fn register_board(&self, new: NewBoard) -> Result<u64, DeskError> {
        let name = new.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
            return Err(AskError::new("name", "must have 1 to 200 characters").into());
        }
        if new.kid.is_empty() || new.kid.len() > 64 {
            return Err(AskError::new("assertion_kid", "must have 1 to 64 characters").into());
        }
        let administrator = new.administrator.parse()?;
        let sha256: String = new.certificate.iter().map(|byte| format!("{byte:02x}")).collect();
        let board = Board {
            organisation: new.organisation,
            name,
            state: BoardState::InForce,
            certificates: vec![RegisteredCertificate { sha256, revoked_at: None }],
            assertion_keys: vec![AssertionKey {
                kid: new.kid,
                algorithm: new.algorithm,
                public_pem: new.public_pem,
                valid_from: self.clock.now(),
                valid_until: None,
            }],
            never_asked: BTreeSet::new(),
            ended_on: None,
        };
        let owner = CertificateOwner::Board { organisation: new.organisation };
        let account = DocumentRef::case_worker(new.organisation, &administrator.id);
        let documents = vec![
            DocumentWrite::new(DocumentRef::board(new.organisation), 0, &board)?,
            DocumentWrite::new(DocumentRef::certificate(&new.certificate), 0, &owner)?,
            DocumentWrite::new(account, 0, &administrator)?,
        ];
        let by = By::Operator;
        match self.log.change(new.organisation, by.name(), "register_board", None, documents).await {
            Ok(changed) => Ok(changed.version),
            Err(ChangeError::Conflict) => Err(DeskError::Exists("organisation_number or certificate")),
            Err(error) => Err(error.into()),
        }
    }

    /// Revokes a board's certificate from now on. Returns the board's new version.
    pub async fn revoke_certificate(
        &self,
        organisation: OrganisationNumber,
        sha256: &str,
    ) -> Result<u64, DeskError> {
        let reference = DocumentRef::board(organisation);
        let found: Option<Versioned<Board>> = self.log.document(&reference).await?;
        let mut board = found.ok_or(DeskError::Unknown("organisation_number"))?;
        let now = self.clock.now();
        let certificate = board.body.certificates.iter_mut().find(|certificate| certificate.sha256 == sha256);
        certificate.ok_or(DeskError::Unknown("sha256"))?.revoked_at.get_or_insert(now);
        let write = DocumentWrite::new(reference, board.version, &board.body)?;
        let by = By::Operator;
        let changed =
            self.log.change(organisation, by.name(), "revoke_certificate", None, vec![write]).await?;
        Ok(changed.version)
    }
}
