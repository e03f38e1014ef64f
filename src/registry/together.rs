//! Two operators' calls: the first is a proposal, the same one by another confirms it, if what it would change is as it was. The
//! proposal stands in the log of the board that it concerns, or in the provider's, with the certificate it came by; that it was
//! confirmed stands in the record of what is done, by both, and the proposal is spent in that transaction.

use ssbtek_access_log::{ByTwo, DocumentWrite, Proposes, operator_name as named};
use ssbtek_authorize::{
    Agent, Board, DocumentRef, Parties, Proposal, Proposals, Proposed, RegisteredCertificate, Together,
};
use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::Hash;

use crate::{Desk, DeskError, desk::by_operator};

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
    /// A certificate that is to be that of an agency's contact.
    Contact([u8; 32]),
    /// What is due to be erased: a digest of it.
    Purge([u8; 32]),
}

/// What a call would change, as it stands.
struct Basis {
    /// A text that is another once that has changed.
    text: String,
    /// The documents that say so, in their versions.
    rests_on: Vec<(DocumentRef, u64)>,
    /// The version of the board's terms of retention, where it is about them.
    terms: Option<u64>,
}

impl From<String> for Basis {
    fn from(text: String) -> Self {
        Self { text, rests_on: Vec::new(), terms: None }
    }
}

impl Desk {
    /// What `operator`'s call comes to, by this certificate: where another has made the same call before, what is done next confirms
    /// it; else it is only proposed, by the same way to the change that it would make, so that what cannot be done is not proposed and
    /// a proposal's record tells what would be set. `call` is the whole message: what is confirmed is exactly what was proposed, on
    /// what it was proposed for.
    pub async fn together(
        &self,
        operator: &[u8; 32],
        what: Together,
        concerns: Concerns,
        call: &[u8],
    ) -> Result<ByTwo, DeskError> {
        let board = match concerns {
            Concerns::Board(board) => Some(board),
            Concerns::NewBoard(_)
            | Concerns::Agent(_)
            | Concerns::NewAgent(_)
            | Concerns::Contact(_)
            | Concerns::Purge(_) => None,
        };
        let (now, reference) = (self.clock.now(), DocumentRef::proposals(board));
        let by = RegisteredCertificate::new(operator).sha256;
        let mut known = self.or_default::<Proposals>(&reference).await?;
        let basis = self.basis(what, concerns).await?;
        let proposal = Proposal {
            action: what.as_str().to_owned(),
            board,
            call_sha256: Hash::of(call).to_hex(),
            basis_sha256: Hash::of(basis.text.as_bytes()).to_hex(),
            by: by.clone(),
            until: now,
        };
        let came_to = known.body.call(proposal, now, self.proposal_life_h);
        let (by, proposes) = match came_to {
            Proposed::DoneAlready { until } => return Err(DeskError::DoneAlready(until)),
            Proposed::Waits { until, is_new: false } => return Err(DeskError::AwaitsSecond(until)),
            Proposed::Waits { until, is_new: true } => {
                let tree = board.unwrap_or(self.provider);
                let proposes = Proposes { action: what.as_str(), tree, until };
                ([named(&by), "another operator".to_owned()], Some(proposes))
            }
            Proposed::Confirmed { by: first } => ([named(&first), named(&by)], None),
        };
        let proposals = DocumentWrite::new(reference, known.version, &known.body)?;
        Ok(ByTwo { by, proposals, rests_on: basis.rests_on, terms: basis.terms, proposes })
    }

    /// Records that two operators have a purge run by their own word on the time; `due`: a digest of what is due. What follows is repeated until it is done.
    pub async fn record_run_of_purge(&self, due: Hash) -> Result<(), DeskError> {
        let deed = by_operator(self.provider, "run_purge").to("due_sha256", due.to_hex());
        self.change(&deed.for_a_purge(), Vec::new()).await.map(drop)
    }

    /// What a call would change, as it stands. What is there already cannot be proposed to be registered, and what is not there
    /// cannot be proposed to be changed.
    async fn basis(&self, what: Together, concerns: Concerns) -> Result<Basis, DeskError> {
        let exists = Err(DeskError::Exists("organisation_number"));
        match concerns {
            Concerns::Board(board) => self.basis_of_board(what, board).await,
            Concerns::NewBoard(board) => {
                // Also one that has ended, is hidden, and not erased yet.
                if self.log.newest_version(&DocumentRef::board(board)).await? > 0 {
                    return exists;
                }
                let parties = self.or_default::<Parties>(&DocumentRef::parties()).await?.body;
                Ok(format!("{:?}", parties.boards.get(&board)).into())
            }
            Concerns::Agent(agent) => {
                let reference = DocumentRef::agent(agent);
                let found = self.existing::<Agent>(&reference, "organisation_number").await?;
                let rests_on = vec![(reference, found.version)];
                Ok(Basis { rests_on, ..found.version.to_string().into() })
            }
            Concerns::NewAgent(agent) => match self.log.newest_version(&DocumentRef::agent(agent)).await? {
                0 => Ok(String::new().into()),
                _ => exists,
            },
            Concerns::Contact(certificate) => {
                let reference = DocumentRef::certificate(&certificate);
                Ok(self.log.newest_version(&reference).await?.to_string().into())
            }
            Concerns::Purge(due) => Ok(Hash::from_bytes(due).to_hex().into()),
        }
    }

    /// Of a board: the steps of its life, its terms of retention, and the keys of its log where it is about them. Not the rest
    /// of its document, which the board itself changes at any time. The steps hold its application: of a board that was purged
    /// and has applied again every proposal is void.
    async fn basis_of_board(&self, what: Together, board: OrganisationNumber) -> Result<Basis, DeskError> {
        let reference = DocumentRef::board(board);
        let found = self.existing::<Board>(&reference, "organisation_number").await?;
        let life = format!("{:?} {:?}", found.body.history, found.body.ends_on);
        let rests_on = vec![(reference, found.version)];
        if matches!(what, Together::RotateLogKey | Together::RetireLogKey) {
            let keys = self.log.log_keys(board).await.map_err(|_| DeskError::Unavailable)?;
            let keys: Vec<_> = keys.iter().map(|key| (key.key.vkey(), key.until)).collect();
            return Ok(Basis { rests_on, ..format!("{life} {keys:?}").into() });
        }
        let terms = self.log.terms(board).await?.version;
        Ok(Basis { text: format!("{life} terms {terms}"), rests_on, terms: Some(terms) })
    }
}
