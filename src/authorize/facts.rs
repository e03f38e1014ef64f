//! What a decision rests on, and the port it is read through.

use async_trait::async_trait;
use ssbtek_domain::{CaseId, CaseWorkerId, OrganisationNumber};

use crate::{Board, Case, CaseWorker, CertificateOwner, DocumentKind, DocumentVersion, Versioned};

/// Which documents a decision needs.
#[derive(Debug, Clone)]
pub struct FactsKey {
    /// The board.
    pub board: OrganisationNumber,
    /// The account.
    pub case_worker: CaseWorkerId,
    /// The case, when a case matters.
    pub case: Option<CaseId>,
}

/// The documents as they stood when they were read, all at one moment.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The board.
    pub board: Option<Versioned<Board>>,
    /// The account.
    pub case_worker: Option<Versioned<CaseWorker>>,
    /// The case.
    pub case: Option<Versioned<Case>>,
}

impl Facts {
    /// Which versions these are.
    pub fn versions(&self) -> Vec<DocumentVersion> {
        let of = |kind, version: Option<u64>| version.map(|version| DocumentVersion { kind, version });
        [
            of(DocumentKind::Board, self.board.as_ref().map(|board| board.version)),
            of(DocumentKind::CaseWorker, self.case_worker.as_ref().map(|worker| worker.version)),
            of(DocumentKind::Case, self.case.as_ref().map(|case| case.version)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The registry cannot be read just now. Nothing may be decided without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the registry cannot be read")]
pub struct RegistryError;

/// Read access to the registry. Never served from a replica: a block must hold from the next question on.
#[async_trait]
pub trait Registry: Send + Sync {
    /// To whom a certificate belongs, by its SHA-256 fingerprint.
    async fn certificate_owner(
        &self,
        fingerprint: &[u8; 32],
    ) -> Result<Option<CertificateOwner>, RegistryError>;

    /// Board, account and case in one consistent reading.
    async fn facts(&self, key: &FactsKey) -> Result<Facts, RegistryError>;
}
