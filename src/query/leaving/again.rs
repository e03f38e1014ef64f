//! What was cut off, told again: each part after a record of its own and its own re-check.

use std::{fmt, sync::Arc};

use ssbtek_access_log::{Door, LogError, Reading, Refused, RefusedCall};
use ssbtek_authorize::{Caller, CertificateCheck, Facts, Permit};
use ssbtek_domain::EntryId;

use super::released::{Again, Released};
use crate::{
    QueryError, QueryPath,
    kept::{KeptAnswer, Question},
};

/// The question whose answer does not leave any more, and why.
type HeldBack = (EntryId, Permit, QueryError);

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
    by: Caller,
    certificate: CertificateCheck,
    entry: EntryId,
    read: usize,
    ended: bool,
}

impl QueryPath {
    /// Takes up an answer that is told as it comes, or was until lately, for the account that asked. Nobody is asked again; that it is
    /// told again is recorded before anything leaves, of everybody whom it is about, and spends the caller's assertion.
    pub async fn take_up(self: &Arc<Self>, taking: TakingUp) -> Result<PartsAgain, QueryError> {
        let TakingUp { caller, entry, door, call, certificate } = taking;
        let answer = self.kept.of(entry, &caller, &certificate).ok_or(QueryError::NotKept)?;
        let facts = self.registry.facts(&answer.facts_key).await.map_err(|_| QueryError::Unavailable)?;
        let (questions, end) = answer.questions_and_end();
        let going_on: Vec<Question> = questions.into_iter().filter(|question| !question.stopped).collect();
        let judged = match end {
            // Told to whoever asked, and recorded, as what became of the first.
            Some(Err(error)) => Err(Box::new((entry, answer.permit.clone(), error))),
            _ => self.judge(&going_on, (&caller, &certificate), &facts),
        };
        if let Err(held_back) = judged {
            let (_, permit, error) = *held_back;
            let QueryError::Denied(denial) = error else { return Err(error) };
            let (ask, versions) = (permit.asked(), facts.versions(Some(permit.person())));
            let refused = Refused::new(Some(ask), denial, versions, self.clock.now(), door);
            return Err(self.refuse(&caller, Refused { call: Some(call), ..refused }).await);
        }
        let reading = |of: &Question| Reading::answer_again("resume", of.entry, of.permit.person());
        let readings = going_on.iter().map(reading).collect();
        match self.log.record_readings(&caller, readings, Some(caller.token.clone())).await {
            Ok(()) => Ok(PartsAgain {
                path: self.clone(),
                answer,
                by: caller,
                certificate,
                entry,
                read: 0,
                ended: false,
            }),
            Err(LogError::TokenUsed) => Err(QueryError::Replayed),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether answers to these questions may leave now, in the hands of who comes back; if not, which does not, and why.
    fn judge(
        &self,
        questions: &[Question],
        (caller, certificate): (&Caller, &CertificateCheck),
        facts: &Facts,
    ) -> Result<(), Box<HeldBack>> {
        for Question { entry, permit, said, .. } in questions {
            let taken_up = permit.taken_up_by(caller, certificate.clone());
            let permit = taken_up.ok_or_else(|| Box::new((*entry, permit.clone(), QueryError::NotKept)))?;
            let judged = permit.recheck(facts, *said, self.clock.now());
            judged.map_err(|denial| Box::new((*entry, permit, QueryError::Denied(denial))))?;
        }
        Ok(())
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
        loop {
            self.answer.wait_after(self.read).await;
            let Ok(facts) = self.path.registry.facts(&self.answer.facts_key).await else {
                return Some(Err(QueryError::Unavailable));
            };
            // No waiting from here on: what was judged is what leaves.
            let (questions, end) = self.answer.questions_and_end();
            let Some((part, of)) = self.answer.part(self.read) else {
                return end.and_then(Result::err).map(Err);
            };
            let concerned = questions.into_iter().enumerate();
            let concerned =
                concerned.filter(|(nth, question)| of.is_none_or(|of| of == *nth) && !question.stopped);
            let concerned: Vec<Question> = concerned.map(|(_, question)| question).collect();
            self.read += 1;
            if concerned.is_empty() {
                // Of somebody who is held back by now: what is told of the others goes on.
                continue;
            }
            let Err(held_back) = self.path.judge(&concerned, (&self.by, &self.certificate), &facts) else {
                return Some(Ok(Released::new(self.entry, Again(part))));
            };
            let (entry, permit, error) = *held_back;
            let reading = Reading::answer_again("resume_held_back", entry, permit.person());
            // If this cannot be recorded, what is recorded says that more left than did.
            let _ = self.path.log.record_reading(&self.by, reading, None).await;
            return Some(Err(error));
        }
    }
}

impl fmt::Debug for PartsAgain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartsAgain({})", self.entry)
    }
}
