//! What was cut off, told again: each part after a record of its own and its own re-check.

use std::{fmt, sync::Arc};

use ssbtek_access_log::{Door, LogError, Reading, Refused, RefusedCall};
use ssbtek_authorize::{Caller, CertificateCheck, Permit};
use ssbtek_domain::EntryId;

use super::released::{Again, Released};
use crate::{QueryError, QueryPath, kept::KeptAnswer};

/// Somebody comes back for an answer.
pub struct TakingUp {
    /// Who.
    pub caller: Caller,
    /// Under which entry it was begun.
    pub entry: EntryId,
    /// Through which door.
    pub door: Door,
    /// The call, as its contract has it, for the record of a refusal.
    pub call: RefusedCall,
    /// Whether the certificate of the caller's connection is still good.
    pub certificate: CertificateCheck,
}

/// An answer that is told again, from its beginning and to its end.
pub struct PartsAgain {
    path: Arc<QueryPath>,
    answer: Arc<KeptAnswer>,
    permit: Permit,
    entry: EntryId,
    read: usize,
    ended: bool,
}

impl QueryPath {
    /// Takes up an answer that is told as it comes, or was until lately, for the account that asked. Nobody is asked again; that it is
    /// told again is recorded before anything leaves, and spends the caller's assertion.
    pub async fn take_up(self: &Arc<Self>, taking: TakingUp) -> Result<PartsAgain, QueryError> {
        let TakingUp { caller, entry, door, call, certificate } = taking;
        let (answer, permit) = self.kept.of(entry, &caller, certificate).ok_or(QueryError::NotKept)?;
        let facts = self.registry.facts(&permit.facts_key()).await.map_err(|_| QueryError::Unavailable)?;
        let (said, end) = answer.said_and_end();
        let judged = match end {
            Some(Err(error)) => Err(error),
            _ => permit.recheck(&facts, said, self.clock.now()).map_err(QueryError::Denied),
        };
        match judged {
            Ok(()) => {}
            Err(QueryError::Denied(denial)) => {
                let (ask, versions) = (permit.asked(), facts.versions(Some(permit.person())));
                let refused = Refused::new(Some(ask), denial, versions, self.clock.now(), door);
                return Err(self.refuse(&caller, Refused { call: Some(call), ..refused }).await);
            }
            Err(error) => return Err(error),
        }
        let reading = Reading::answer_again("resume", entry, permit.person());
        match self.log.record_reading(&caller, reading, Some(caller.token.clone())).await {
            Ok(()) => Ok(PartsAgain { path: self.clone(), answer, permit, entry, read: 0, ended: false }),
            Err(LogError::TokenUsed) => Err(QueryError::Replayed),
            Err(error) => Err(error.into()),
        }
    }
}

impl PartsAgain {
    /// The next part, as soon as there is one, if it may leave by the registry as it is then; `None` after the whole answer or an error.
    pub async fn next(&mut self) -> Option<Result<Released<Again>, QueryError>> {
        if self.ended {
            return None;
        }
        let part = self.part().await;
        self.ended = !matches!(part, Some(Ok(_)));
        part
    }

    async fn part(&mut self) -> Option<Result<Released<Again>, QueryError>> {
        self.answer.wait_after(self.read).await;
        let Ok(facts) = self.path.registry.facts(&self.permit.facts_key()).await else {
            return Some(Err(QueryError::Unavailable));
        };
        // No waiting from here on: what was judged is what leaves.
        let (said, end) = self.answer.said_and_end();
        let Some(part) = self.answer.part(self.read) else {
            return end.and_then(Result::err).map(Err);
        };
        if let Err(denial) = self.permit.recheck(&facts, said, self.path.clock.now()) {
            let reading = Reading::answer_again("resume_held_back", self.entry, self.permit.person());
            // If this cannot be recorded, what is recorded says that more left than did.
            let _ = self.path.log.record_reading(self.permit.caller(), reading, None).await;
            return Some(Err(QueryError::Denied(denial)));
        }
        self.read += 1;
        Some(Ok(Released::new(self.entry, Again(part))))
    }
}

impl fmt::Debug for PartsAgain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartsAgain({})", self.entry)
    }
}
