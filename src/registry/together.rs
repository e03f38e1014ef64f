//! Two operators' calls: the first is a proposal, the same one by another confirms it. Both stand in the log of the board that
//! they concern, or in the provider's, each with the certificate it came by.

use ssbtek_access_log::{ChangeError, DocumentWrite};
use ssbtek_authorize::{Board, DocumentRef, Proposal, Proposals, Proposed, RegisteredCertificate, Together};
use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::Hash;

use crate::{Desk, DeskError, desk::ATTEMPTS};

/// The two operators who did something, as records name them.
pub type Operators = [String; 2];

impl Desk {
    /// Whether `operator`, by this certificate, is the second to make the call. If not, it is proposed from now on, and
    /// [`DeskError::AwaitsSecond`] says until when. `call` is the whole message: what is confirmed is exactly what was proposed.
    /// A confirmed proposal is spent, whatever comes of what follows.
    pub async fn together(
        &self,
        operator: &[u8; 32],
        what: Together,
        board: Option<OrganisationNumber>,
        call: &[u8],
    ) -> Result<Operators, DeskError> {
        if let Some(board) = board {
            self.existing::<Board>(&DocumentRef::board(board), "organisation_number").await?;
        }
        let (now, reference) = (self.clock.now(), DocumentRef::proposals());
        let (propose, confirm) = what.as_str();
        let by = RegisteredCertificate::new(operator).sha256;
        let proposal = Proposal {
            action: propose.to_owned(),
            board,
            call_sha256: Hash::of(call).to_hex(),
            by: by.clone(),
            until: now,
        };
        for _ in 0..ATTEMPTS {
            let mut known = self.or_default::<Proposals>(&reference).await?;
            let came_to = known.body.call(proposal.clone(), now, self.proposal_life_h);
            let (action, outcome) = match came_to {
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
}

/// An operator, as records name it: by the first 16 digits of the certificate's SHA-256.
fn named(sha256: &str) -> String {
    format!("operator {}", sha256.get(..16).unwrap_or(sha256))
}
