//! What a connection alone proves, for doors whose messages carry no assertion.

use ssbtek_authorize::{
    AccountKind, Caller, CertificateOwner, Denial, Facts, FactsKey, Registry, TokenUse, registered_chain,
};
use ssbtek_domain::{CaseWorkerId, DateTime, OrganisationNumber, Processor, Utc};

use crate::AuthenticationError;

/// Whom the certificate of a connection belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connected {
    /// A board.
    Board(OrganisationNumber),
    /// An agent: which board it asks for is said with the question, and whether it may is decided with it.
    Agent(OrganisationNumber),
}

/// Who asks, as a message says that carries no proof of its own.
#[derive(Clone)]
pub struct Stated {
    /// For which board.
    pub board: OrganisationNumber,
    /// Which of its accounts.
    pub case_worker: CaseWorkerId,
    /// The chain of processors, nearest the board first; empty where the message names none.
    pub processors: Vec<Processor>,
    /// The question's own one-time name.
    pub token: TokenUse,
}

/// The owner of a certificate, if it has not been revoked by `now` and, for a board's, the board has confirmed it. Who asks, and whether agreements are in force, is for
/// the decision.
pub async fn connected(
    registry: &dyn Registry,
    certificate: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Connected, AuthenticationError> {
    let (party, agent) = match registry.certificate_owner(certificate).await? {
        Some(CertificateOwner::Board { organisation }) => (Connected::Board(organisation), None),
        Some(CertificateOwner::Agent { organisation }) => {
            (Connected::Agent(organisation), Some(organisation))
        }
        Some(
            CertificateOwner::Agency { .. } | CertificateOwner::Portal { .. } | CertificateOwner::Operator,
        )
        | None => return Err(AuthenticationError::CertificateOfNobody),
    };
    // No account is known yet; the party's own document is what is looked at.
    let nobody = CaseWorkerId::parse("-").map_err(|_| AuthenticationError::Unavailable)?;
    let (Connected::Board(owner) | Connected::Agent(owner)) = party;
    let facts = registry.facts(&FactsKey { agent, ..FactsKey::account(owner, nobody) }).await?;
    let accepts = match party {
        Connected::Board(_) => facts.board.map(|found| found.body.accepts_certificate(certificate, now)),
        Connected::Agent(_) => facts.agent.map(|found| {
            found
                .body
                .accepts_certificate(certificate, now)
                .then_some(())
                .ok_or(Denial::CertificateNotRegistered)
        }),
    };
    match accepts {
        Some(Ok(())) => Ok(party),
        Some(Err(Denial::CertificateNotConfirmed)) => Err(AuthenticationError::CertificateNotConfirmed),
        Some(Err(_)) => Err(AuthenticationError::CertificateRevoked),
        None => Err(AuthenticationError::CertificateOfNobody),
    }
}

/// The caller of one message. A board speaks for itself alone; an agent for whichever board it names, and whether it may
/// is for the decision, so that the refusal stands in that board's log. A chain that is not named is the registered one.
pub async fn caller_on(
    registry: &dyn Registry,
    party: Connected,
    certificate: &[u8; 32],
    stated: Stated,
) -> Result<Caller, AuthenticationError> {
    let agent = match party {
        Connected::Board(board) if board == stated.board => None,
        Connected::Board(_) => return Err(AuthenticationError::CertificateOfAnother),
        Connected::Agent(agent) => Some(agent),
    };
    let mut processors = stated.processors;
    let key = FactsKey { agent, ..FactsKey::account(stated.board, stated.case_worker.clone()) };
    let facts = registry.facts(&key).await?;
    if agent.is_some() {
        // Nobody's log to write the refusal into.
        facts.board.as_ref().ok_or(AuthenticationError::CertificateOfAnother)?;
        if processors.is_empty() {
            processors = registered(&facts);
        }
    }
    Ok(Caller {
        board: stated.board,
        case_worker: stated.case_worker,
        kind: kind(&facts),
        certificate: *certificate,
        agent,
        processors,
        token: stated.token,
        signed_with: None,
        signed_in: false,
    })
}

/// The kind of the account that is named; whether there is one is for the decision.
pub(crate) fn kind(facts: &Facts) -> AccountKind {
    facts.case_worker.as_ref().map(|found| found.body.kind.clone()).unwrap_or_default()
}

/// The chain as it is registered; empty where there is no agent.
pub(crate) fn registered(facts: &Facts) -> Vec<Processor> {
    let agent = facts.agent.as_ref().map(|found| &found.body);
    let notification = facts.notification.as_ref().map(|found| &found.body);
    agent.map_or(vec![], |agent| registered_chain(agent, notification))
}
