//! How documents of the registry are named and versioned. Every change is a new version; none is overwritten.

use serde::{Deserialize, Serialize};
use ssbtek_domain::{CaseId, CaseWorkerId, OrganisationNumber, Personnummer};

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
    /// What the provider publishes.
    Provider,
    /// An agent.
    Agent,
    /// An agent's notification of a customer.
    AgentNotification,
    /// Who has signed.
    Parties,
    /// The accounts of a board.
    Accounts,
    /// The restriction of one person at a board.
    Restriction,
    /// A citizen portal.
    Portal,
    /// The text of a published version.
    PublishedText,
    /// Under which provision each agency may answer.
    LegalBases,
    /// What operators have proposed and others must confirm.
    Proposals,
    /// What answers have said of a person's protected identity at a board.
    SaidOfPerson,
    /// In which cases of a board a person shares a household with somebody protected.
    ProtectedInCases,
    /// A case of a board in which a person shares a household, one for each place that there is for one.
    SharedCase,
    /// What is still to be told in boards' logs.
    ToTell,
    /// Up to where a board has been told.
    Told,
    /// Whom the answers about a person named in a month.
    NamedInAnswers,
}

impl DocumentKind {
    /// Whether the provider keeps it, and not a board.
    pub fn is_the_providers(self) -> bool {
        matches!(
            self,
            DocumentKind::Certificate
                | DocumentKind::Provider
                | DocumentKind::Parties
                | DocumentKind::Agent
                | DocumentKind::Portal
                | DocumentKind::PublishedText
                | DocumentKind::LegalBases
                | DocumentKind::Proposals
                | DocumentKind::ToTell
        )
    }

    /// Whether its id is a person's number: told, and found, as persons are.
    pub fn is_of_a_person(self) -> bool {
        matches!(
            self,
            DocumentKind::Restriction | DocumentKind::SaidOfPerson | DocumentKind::ProtectedInCases
        )
    }

    /// The name in records.
    pub fn as_str(self) -> &'static str {
        match self {
            DocumentKind::Certificate => "certificate",
            DocumentKind::Board => "board",
            DocumentKind::CaseWorker => "case_worker",
            DocumentKind::Case => "case",
            DocumentKind::Provider => "provider",
            DocumentKind::Agent => "agent",
            DocumentKind::AgentNotification => "agent_notification",
            DocumentKind::Parties => "parties",
            DocumentKind::Accounts => "accounts",
            DocumentKind::Restriction => "restriction",
            DocumentKind::Portal => "portal",
            DocumentKind::PublishedText => "published_text",
            DocumentKind::LegalBases => "legal_bases",
            DocumentKind::Proposals => "proposals",
            DocumentKind::SaidOfPerson => "said_of_person",
            DocumentKind::ProtectedInCases => "protected_in_cases",
            DocumentKind::SharedCase => "shared_case",
            DocumentKind::ToTell => "to_tell",
            DocumentKind::Told => "told",
            DocumentKind::NamedInAnswers => "named_in_answers",
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

    /// What the provider publishes.
    pub fn provider() -> Self {
        Self { kind: DocumentKind::Provider, board: None, id: "provider".to_owned() }
    }

    /// The restriction of a person at a board. The number goes into the blind name and nowhere else.
    pub fn restriction(board: OrganisationNumber, person: &Personnummer) -> Self {
        Self { kind: DocumentKind::Restriction, board: Some(board), id: person.expose().to_owned() }
    }

    /// What answers have said of a person's protected identity. The number goes into the blind name and nowhere else.
    pub fn said_of_person(board: OrganisationNumber, person: &Personnummer) -> Self {
        Self { kind: DocumentKind::SaidOfPerson, board: Some(board), id: person.expose().to_owned() }
    }

    /// In which cases a person shares a household with somebody protected. The number goes into the blind name and nowhere else.
    pub fn protected_in_cases(board: OrganisationNumber, person: &Personnummer) -> Self {
        Self { kind: DocumentKind::ProtectedInCases, board: Some(board), id: person.expose().to_owned() }
    }

    /// The place for one of the cases in which a person shares a household. The number goes into the blind name and nowhere else.
    pub fn shared_case(board: OrganisationNumber, person: &Personnummer, place: usize) -> Self {
        let id = format!("{} {place}", person.expose());
        Self { kind: DocumentKind::SharedCase, board: Some(board), id }
    }

    /// Whom the answers about a person named in a month (`2026-11`). The number goes into the blind name and nowhere else.
    pub fn named_in_answers(board: OrganisationNumber, person: &Personnummer, month: &str) -> Self {
        let id = format!("{} {month}", person.expose());
        Self { kind: DocumentKind::NamedInAnswers, board: Some(board), id }
    }

    /// Under which provision each agency may answer.
    pub fn legal_bases() -> Self {
        Self { kind: DocumentKind::LegalBases, board: None, id: "legal_bases".to_owned() }
    }

    /// What operators have proposed for a board, or, without one, for nobody in particular, and others must confirm.
    pub fn proposals(board: Option<OrganisationNumber>) -> Self {
        let id = board.map_or("proposals".to_owned(), |board| board.to_string());
        Self { kind: DocumentKind::Proposals, board: None, id }
    }

    /// What is still to be told in boards' logs.
    pub fn to_tell() -> Self {
        Self { kind: DocumentKind::ToTell, board: None, id: "to_tell".to_owned() }
    }

    /// Up to where a board has been told.
    pub fn told(board: OrganisationNumber) -> Self {
        Self { kind: DocumentKind::Told, board: Some(board), id: board.to_string() }
    }

    /// Who has signed.
    pub fn parties() -> Self {
        Self { kind: DocumentKind::Parties, board: None, id: "parties".to_owned() }
    }

    /// The accounts of a board.
    pub fn accounts(board: OrganisationNumber) -> Self {
        Self { kind: DocumentKind::Accounts, board: Some(board), id: board.to_string() }
    }

    /// An agent.
    pub fn agent(agent: OrganisationNumber) -> Self {
        Self { kind: DocumentKind::Agent, board: None, id: agent.to_string() }
    }

    /// A citizen portal.
    pub fn portal(portal: OrganisationNumber) -> Self {
        Self { kind: DocumentKind::Portal, board: None, id: portal.to_string() }
    }

    /// The text of a version of `texts` (`instructions` or `terms`).
    pub fn published_text(texts: &str, version: &str) -> Self {
        Self { kind: DocumentKind::PublishedText, board: None, id: format!("{texts}:{version}") }
    }

    /// An agent's notification of a customer.
    pub fn agent_notification(board: OrganisationNumber, agent: OrganisationNumber) -> Self {
        Self { kind: DocumentKind::AgentNotification, board: Some(board), id: agent.to_string() }
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

/// Which version of which kind of document a decision rested on. Which document of its kind follows from the record it
/// stands in: its board, account, case and agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentVersion {
    /// What it describes.
    pub kind: DocumentKind,
    /// The version used.
    pub version: u64,
    /// Of what is kept of each member of a case's household: which member, counted from 0 as the case lists them. `None`: the
    /// person asked about, or what there is one of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<u16>,
}
