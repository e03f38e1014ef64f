//! What became of a question that was answered, for another that follows it.

use std::collections::BTreeSet;

use ssbtek_domain::{Agency, CaseId, CaseWorkerId, EntryId, OrganisationNumber, Outcome, Personnummer};

use crate::{AccessLog, Filter, Payload, ReadError};

/// Records of one question: its own and its end.
const RECORDS: u32 = 2;

/// A question that was answered.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Which account asked.
    pub case_worker: CaseWorkerId,
    /// In which case.
    pub case: CaseId,
    /// About whom.
    pub person: Personnummer,
    /// Agencies of which some source was asked and did not speak for itself in full.
    pub failed: BTreeSet<Agency>,
}

impl AccessLog {
    /// A question of a board whose answer has left whole; `None` of any other entry, and of one that is erased.
    pub async fn answered(
        &self,
        board: OrganisationNumber,
        entry: EntryId,
    ) -> Result<Option<Answered>, ReadError> {
        let (mut question, mut answer) = (None, None);
        for record in self.read(board, &Filter::Entry(entry), None, RECORDS).await? {
            match record.payload {
                Some(Payload::Intent(intent)) => question = Some(intent),
                Some(Payload::Release(release)) => answer = Some(release),
                _ => {}
            }
        }
        let (Some(question), Some(answer)) = (question, answer) else { return Ok(None) };
        let failed = answer.disclosure.outcomes.iter().filter(|line| failed(line.outcome));
        Ok(Some(Answered {
            case_worker: question.asker.case_worker,
            case: question.case,
            person: question.person,
            failed: failed.map(|line| line.source.agency()).collect(),
        }))
    }
}

/// Whether a source was asked and did not speak for itself in full.
fn failed(outcome: Outcome) -> bool {
    !outcome.is_conclusive() && !matches!(outcome, Outcome::NotAsked | Outcome::NotPermitted)
}
