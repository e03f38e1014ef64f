//! Two operators' calls: the first is a proposal, the same one by another confirms it, if what it would change is as it was. Both
//! stand in the log of the board that they concern, or in the provider's, each with the certificate it came by.

use ssbtek_access_log::{ChangeError, DocumentWrite};
use ssbtek_authorize::{
    Agent, Board, DocumentRef, Parties, Proposal, Proposals, Proposed, RegisteredCertificate, Together,
};
use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::Hash;

use crate::{Desk, DeskError, desk::ATTEMPTS};

/// The two operators who did something, as records name them.
pub type Operators = [String; 2];

/// What a call by two operators would change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concerns {
    /// A registered board.
    Board(OrganisationNumber),
    /// A board that is to be registered.
    NewBoard(OrganisationNumber),
    /// A registered agent.
    Agent(OrganisationNumber),
    /// An agent that is to be registered.
    NewAgent(OrganisationNumber),
}

impl Desk {
    /// Whether `operator`, by this certificate, is the second to make the call. If not, it is proposed from now on, and
    /// [`DeskError::AwaitsSecond`] says until when. `call` is the whole message: what is confirmed is exactly what was proposed,
    /// on what it was proposed for. A confirmed proposal is spent, whatever comes of what follows.
    pub async fn together(
        &self,
        operator: &[u8; 32],
        what: Together,
        concerns: Concerns,
        call: &[u8],
    ) -> Result<Operators, DeskError> {
        let board = match concerns {
            Concerns::Board(board) => Some(board),
            Concerns::NewBoard(_) | Concerns::Agent(_) | Concerns::NewAgent(_) => None,
        };
        let (now, reference) = (self.clock.now(), DocumentRef::proposals());
        let (propose, confirm) = what.as_str();
        let by = RegisteredCertificate::new(operator).sha256;
        for _ in 0..ATTEMPTS {
            let mut known = self.or_default::<Proposals>(&reference).await?;
            let proposal = Proposal {
                action: propose.to_owned(),
                board,
                call_sha256: Hash::of(call).to_hex(),
                basis_sha256: Hash::of(self.basis(what, concerns).await?.as_bytes()).to_hex(),
                by: by.clone(),
                until: now,
            };
            let came_to = known.body.call(proposal, now, self.proposal_life_h);
            let (action, outcome) = match came_to {
                Proposed::DoneAlready { until } => return Err(DeskError::DoneAlready(until)),
                Proposed::Waits { until, is_new: false } => return Err(DeskError::AwaitsSecond(until)),
                Proposed::Waits { until, is_new: true } => (propose, Err(DeskError::AwaitsSecond(until))),
                Proposed::Confirmed { by: first } => (confirm, Ok([named(&first), named(&by)])),
            };
            let write = DocumentWrite::new(reference.clone(), known.version, &known.body)?;
            let tree = board.unwrap_or(self.provider);
            match self.log.change(tree, &named(&by), action, None, vec![write]).await {
                Ok(_) => return outcome,
                Err(ChangeError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(DeskError::Raced)
    }

    /// What a call would change, as it stands: a text that is another once that has changed. What is there already cannot be
    /// proposed to be registered, and what is not there cannot be proposed to be changed.
    async fn basis(&self, what: Together, concerns: Concerns) -> Result<String, DeskError> {
        let exists = Err(DeskError::Exists("organisation_number"));
        match concerns {
            Concerns::Board(board) => self.basis_of_board(what, board).await,
            Concerns::NewBoard(board) => {
                // Also one that has ended, is hidden, and not erased yet.
                if self.log.newest_version(&DocumentRef::board(board)).await? > 0 {
                    return exists;
                }
                let parties = self.or_default::<Parties>(&DocumentRef::parties()).await?.body;
                Ok(format!("{:?}", parties.boards.get(&board)))
            }
            Concerns::Agent(agent) => {
                let found = self.existing::<Agent>(&DocumentRef::agent(agent), "organisation_number").await?;
                Ok(found.version.to_string())
            }
            Concerns::NewAgent(agent) => match self.log.newest_version(&DocumentRef::agent(agent)).await? {
                0 => Ok(String::new()),
                _ => exists,
            },
        }
    }

    /// Of a board: the steps of its life, its terms of retention, and the keys of its log where it is about them. Not the rest
    /// of its document, which the board itself changes at any time. The steps hold its application: of a board that was purged
    /// and has applied again every proposal is void.
    async fn basis_of_board(&self, what: Together, board: OrganisationNumber) -> Result<String, DeskError> {
        let found = self.existing::<Board>(&DocumentRef::board(board), "organisation_number").await?.body;
        let life = format!("{:?} {:?}", found.history, found.ends_on);
        if matches!(what, Together::RotateLogKey | Together::RetireLogKey) {
            let keys = self.log.log_keys(board).await.map_err(|_| DeskError::Unavailable)?;
            let keys: Vec<_> = keys.iter().map(|key| (key.key.vkey(), key.until)).collect();
            return Ok(format!("{life} {keys:?}"));
        }
        Ok(format!("{life} terms {}", self.log.terms(board).await?.version))
    }
}

/// An operator, as records name it: by the first 16 digits of the certificate's SHA-256.
fn named(sha256: &str) -> String {
    format!("operator {}", sha256.get(..16).unwrap_or(sha256))
}
