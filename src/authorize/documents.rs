//! How documents of the registry are named and versioned. Every change is a new version; none is overwritten.

use serde::{Deserialize, Serialize};
use ssbtek_domain::{CaseId, CaseWorkerId, OrganisationNumber};

/// What a document describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// To whom a TLS client certificate belongs.
    Certificate,
    /// A board and its agreement.
    Board,
    /// A case worker of a board.
    CaseWorker,
    /// A case of a board.
    Case,
}

impl DocumentKind {
    /// The name in records.
    pub fn as_str(self) -> &'static str {
        match self {
            DocumentKind::Certificate => "certificate",
            DocumentKind::Board => "board",
            DocumentKind::CaseWorker => "case_worker",
            DocumentKind::Case => "case",
        }
    }
}

/// The name of a document. The store keeps it only as a blind term.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DocumentRef {
    /// What it describes.
    pub kind: DocumentKind,
    /// The board it belongs to; `None` for what the provider keeps.
    pub board: Option<OrganisationNumber>,
    /// Its id among its kind.
    pub id: String,
}

impl DocumentRef {
    /// To whom the certificate with this SHA-256 fingerprint belongs.
    pub fn certificate(fingerprint: &[u8; 32]) -> Self {
        let id = fingerprint.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { kind: DocumentKind::Certificate, board: None, id }
    }

    /// A board.
    pub fn board(board: OrganisationNumber) -> Self {
        Self { kind: DocumentKind::Board, board: Some(board), id: board.to_string() }
    }

    /// A case worker of a board.
    pub fn case_worker(board: OrganisationNumber, id: &CaseWorkerId) -> Self {
        Self { kind: DocumentKind::CaseWorker, board: Some(board), id: id.as_str().to_owned() }
    }

    /// A case of a board. Another board's case with the same id is another document.
    pub fn case(board: OrganisationNumber, id: &CaseId) -> Self {
        Self { kind: DocumentKind::Case, board: Some(board), id: id.as_str().to_owned() }
    }
}

/// A document's content with its version, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// Version, from 1, without gaps.
    pub version: u64,
    /// Content in that version.
    pub body: T,
}

/// Which version of which kind of document a decision rested on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentVersion {
    /// What it describes.
    pub kind: DocumentKind,
    /// The version used.
    pub version: u64,
}
