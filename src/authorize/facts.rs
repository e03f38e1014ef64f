//! What a decision rests on, and the port it is read through.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use ssbtek_domain::{CaseId, CaseWorkerId, DateTime, OrganisationNumber, Personnummer, Utc};

use crate::{
    Agent, AgentNotification, Board, Case, CaseWorker, CertificateOwner, DocumentKind, DocumentRef,
    DocumentVersion, LegalBases, Provider, Remembered, Restriction, Versioned,
};

/// Which documents a decision needs.
#[derive(Debug, Clone)]
pub struct FactsKey {
    /// The board.
    pub board: OrganisationNumber,
    /// The account.
    pub case_worker: CaseWorkerId,
    /// The case, when a case matters.
    pub case: Option<CaseId>,
    /// The agent that carries the question, if one does.
    pub agent: Option<OrganisationNumber>,
    /// The person asked about, where that is known; else it may be anybody in the case.
    pub person: Option<Personnummer>,
}

impl FactsKey {
    /// The documents that describe one account of a board.
    pub fn account(board: OrganisationNumber, case_worker: CaseWorkerId) -> Self {
        Self { board, case_worker, case: None, agent: None, person: None }
    }

    /// The same, about one person.
    #[must_use]
    pub fn about(self, person: Option<&Personnummer>) -> Self {
        Self { person: person.cloned(), ..self }
    }

    /// The document of a kind that this key leads to; `None` if it leads to none.
    pub fn reference(&self, kind: DocumentKind) -> Option<DocumentRef> {
        Some(match kind {
            DocumentKind::Provider => DocumentRef::provider(),
            DocumentKind::LegalBases => DocumentRef::legal_bases(),
            DocumentKind::Board => DocumentRef::board(self.board),
            DocumentKind::CaseWorker => DocumentRef::case_worker(self.board, &self.case_worker),
            DocumentKind::Case => DocumentRef::case(self.board, self.case.as_ref()?),
            DocumentKind::Agent => DocumentRef::agent(self.agent?),
            DocumentKind::AgentNotification => DocumentRef::agent_notification(self.board, self.agent?),
            DocumentKind::Restriction => DocumentRef::restriction(self.board, self.person.as_ref()?),
            DocumentKind::SaidOfPerson => DocumentRef::said_of_person(self.board, self.person.as_ref()?),
            DocumentKind::ProtectedInCases => {
                DocumentRef::protected_in_cases(self.board, self.person.as_ref()?)
            }
            DocumentKind::Certificate
            | DocumentKind::Parties
            | DocumentKind::Accounts
            | DocumentKind::Portal
            | DocumentKind::SharedCase
            | DocumentKind::NamedInAnswers
            | DocumentKind::PublishedText
            | DocumentKind::Proposals
            | DocumentKind::ToTell
            | DocumentKind::Told => return None,
        })
    }
}

/// Whether what the caller came with is good at a moment: the certificate of a connection, by its validity, its issuers and their
/// lists; or a session, by being alive.
#[derive(Clone)]
pub struct CertificateCheck(Arc<dyn Fn(DateTime<Utc>) -> bool + Send + Sync>);

impl CertificateCheck {
    /// A check that asks `is_good`.
    pub fn new(is_good: impl Fn(DateTime<Utc>) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(is_good))
    }

    pub(crate) fn is_good(&self, now: DateTime<Utc>) -> bool {
        (self.0)(now)
    }
}

impl fmt::Debug for CertificateCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CertificateCheck")
    }
}

/// Everything that a decision rests on, beside the question and the time. The one list: the decision, the record before
/// the first agency is asked, the re-check before an answer leaves, and a replay all judge these facts by [`crate::decide`].
///
/// The documents are as they stood when they were read, all at one moment.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The board.
    pub board: Option<Versioned<Board>>,
    /// The account.
    pub case_worker: Option<Versioned<CaseWorker>>,
    /// The case.
    pub case: Option<Versioned<Case>>,
    /// What the provider publishes.
    pub provider: Option<Versioned<Provider>>,
    /// The agent, where one carries the question.
    pub agent: Option<Versioned<Agent>>,
    /// Its notification of this board.
    pub notification: Option<Versioned<AgentNotification>>,
    /// Of the persons the key leads to, the restrictions that there are or have been.
    pub restrictions: Vec<(Personnummer, Versioned<Restriction>)>,
    /// Of the person asked about and of everybody in the case, what the board remembers of protected identity.
    pub remembered: Vec<Remembered>,
    /// Within how many days every adult of the household must have been found not to be protected before a home is told, as the
    /// deployment has it; 0: not asked for.
    pub household_check_days: u16,
    /// The provisions that the deployment's configuration holds; kept in memory, so a registry never reads them.
    pub law: Option<Versioned<Arc<LegalBases>>>,
    /// The certificate of the caller's connection, judged anew each time; no registry holds it, and a replay cannot ask it.
    pub certificate: Option<CertificateCheck>,
}

impl Facts {
    /// The same facts under these provisions. Without provisions no agency may be asked.
    #[must_use]
    pub fn under(self, law: &Versioned<Arc<LegalBases>>) -> Self {
        Self { law: Some(law.clone()), ..self }
    }

    /// The same facts where the deployment wants adults of a household checked within so many days.
    #[must_use]
    pub fn checked_within(self, household_check_days: u16) -> Self {
        Self { household_check_days, ..self }
    }

    /// The same facts for a caller whose certificate is checked so.
    #[must_use]
    pub fn over(self, certificate: Option<CertificateCheck>) -> Self {
        Self { certificate, ..self }
    }

    /// Whether nobody may ask about a person.
    pub(crate) fn is_restricted(&self, person: &Personnummer) -> bool {
        self.restrictions.iter().any(|(whose, found)| whose == person && found.body.is_in_force())
    }

    /// What is remembered of a person.
    pub(crate) fn remembered_of(&self, person: &Personnummer) -> Option<&Remembered> {
        self.remembered.iter().find(|known| known.person == *person)
    }

    /// Which versions these are, for a decision about `person`; for one that came to no person, without any restriction.
    pub fn versions(&self, person: Option<&Personnummer>) -> Vec<DocumentVersion> {
        let restriction = self.restrictions.iter().find(|(whose, _)| Some(whose) == person);
        let of = |kind, version: Option<u64>| {
            version.map(|version| DocumentVersion { kind, version, member: None })
        };
        let members = self.case.as_ref().map(|case| case.body.members.as_slice()).unwrap_or_default();
        let remembered = self.remembered.iter().flat_map(|known| {
            let index = members.iter().position(|member| member.person == known.person);
            let member = index.and_then(|index| u16::try_from(index).ok());
            let said = known.said.as_ref().map(|found| (DocumentKind::SaidOfPerson, found.version));
            let in_cases =
                known.in_cases.as_ref().map(|found| (DocumentKind::ProtectedInCases, found.version));
            let found = said.into_iter().chain(in_cases);
            found.map(move |(kind, version)| DocumentVersion { kind, version, member })
        });
        [
            of(DocumentKind::Board, self.board.as_ref().map(|board| board.version)),
            of(DocumentKind::CaseWorker, self.case_worker.as_ref().map(|worker| worker.version)),
            of(DocumentKind::Case, self.case.as_ref().map(|case| case.version)),
            of(DocumentKind::Provider, self.provider.as_ref().map(|provider| provider.version)),
            of(DocumentKind::Agent, self.agent.as_ref().map(|agent| agent.version)),
            of(DocumentKind::AgentNotification, self.notification.as_ref().map(|found| found.version)),
            of(DocumentKind::LegalBases, self.law.as_ref().map(|law| law.version)),
            of(DocumentKind::Restriction, restriction.map(|(_, found)| found.version)),
        ]
        .into_iter()
        .flatten()
        .chain(remembered)
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
