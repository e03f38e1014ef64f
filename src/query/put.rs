//! Deciding what is asked, of everybody whom it is about, and recording it before anybody is asked.

use ssbtek_access_log::{LogError, Manifest, Opened, Putting, Refused, Telling};
use ssbtek_authorize::{
    Ask, Denial, DocumentVersion, Facts, Permit, Whom, asked_about, decide, household_today,
};
use ssbtek_domain::DateTime;
use ssbtek_domain::Utc;
use tokio::time::Instant;

use crate::{Asking, QueryError, QueryPath};

/// How often a question is decided anew because what it rests on changes while it is being recorded.
const MAX_DECISIONS: usize = 4;

/// Of whom is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// One person.
    One,
    /// Everybody in the household of the case, today.
    Household,
}

/// A permitted question.
pub(crate) struct Question {
    /// Who it is about, where everybody in a household is asked about.
    pub(crate) whom: Option<Whom>,
    pub(crate) permit: Permit,
    pub(crate) manifest: Manifest,
}

/// What is put to the agencies.
pub(crate) struct Put {
    pub(crate) facts: Facts,
    /// At least one, each with its entry.
    pub(crate) questions: Vec<(Question, Opened)>,
    /// Of whom nobody is asked, though everybody in the household was to be.
    pub(crate) held_back: Vec<(Whom, Denial)>,
}

/// What was decided on one reading of the facts.
struct Decided {
    questions: Vec<Question>,
    held_back: Vec<(Whom, Ask, Denial)>,
}

impl QueryPath {
    /// Decides and records. What was changed between the two is decided anew.
    pub(crate) async fn put(
        &self,
        asking: &Asking,
        about: About,
        deadline: Instant,
        telling: Telling,
    ) -> Result<Put, QueryError> {
        let Asking { caller, ask, certificate, door, .. } = asking;
        let door = *door;
        let facts_key = caller.facts_key(Some(ask.case.clone())).about(ask.person.as_ref());
        let household = about == About::Household;
        let putting = Putting { door, telling, follows: asking.follows, household };
        for _ in 0..MAX_DECISIONS {
            let facts = self.registry.facts(&facts_key).await.map_err(|_| QueryError::Unavailable)?;
            let law = self.law.get().ok_or(QueryError::Unavailable)?;
            let facts = facts.under(law).over(Some(certificate.clone()));
            let facts = facts.checked_within(self.household_check_days);
            let now = self.clock.now();
            let refused =
                |ask, denial| Refused::new(Some(ask), denial, versions(ask, &facts, now), now, door);
            let decided = match self.decide(asking, about, &facts, now) {
                Ok(decided) => decided,
                Err(not_put) => {
                    let (ask, denial) = *not_put;
                    return Err(self.refuse(caller, refused(&ask, denial)).await);
                }
            };
            // An INTENT says that agencies may have been told; nobody can be told anything any more.
            if Instant::now() >= deadline {
                return Err(QueryError::TooLate);
            }
            let questions: Vec<_> = decided.questions.iter().map(|of| (&of.permit, &of.manifest)).collect();
            let held_back: Vec<_> =
                decided.held_back.iter().map(|(_, ask, denial)| refused(ask, *denial)).collect();
            match self.log.open_all_but(putting, caller, &questions, &held_back).await {
                Ok(opened) => {
                    let questions: Vec<_> = decided.questions.into_iter().zip(opened).collect();
                    let held_back = decided.held_back.into_iter();
                    let held_back: Vec<_> = held_back.map(|(whom, _, denial)| (whom, denial)).collect();
                    return match held_back.first() {
                        Some((_, denial)) if questions.is_empty() => Err(QueryError::Denied(*denial)),
                        _ => Ok(Put { facts, questions, held_back }),
                    };
                }
                Err(LogError::Denied(Denial::FactsChanged)) => {}
                Err(LogError::TokenUsed) => {
                    return Err(self.refuse(caller, refused(ask, Denial::AssertionUsed)).await);
                }
                Err(LogError::Denied(denial)) => {
                    if denial == Denial::TooManyQuestions && self.bounded.is_news(caller, now) {
                        let board = caller.board;
                        tracing::warn!(alarm = "too_many_questions", %board, "an account has reached its bound");
                    }
                    return Err(self.refuse(caller, refused(ask, denial)).await);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(QueryError::Unavailable)
    }

    /// What is asked, on these facts; or the question that may not be put, and why, where that is so of all of them. One person whom nobody
    /// may ask about does not stop the others.
    fn decide(
        &self,
        asking: &Asking,
        about: About,
        facts: &Facts,
        now: DateTime<Utc>,
    ) -> Result<Decided, Box<(Ask, Denial)>> {
        let Asking { caller, ask, .. } = asking;
        let asks = match about {
            About::One => vec![(None, ask.clone())],
            About::Household => {
                let everybody = household_today(caller, ask, facts, now);
                let everybody = everybody.map_err(|denial| Box::new((ask.clone(), denial)))?.into_iter();
                everybody.map(|(whom, person)| (Some(whom), ask.about(whom, person))).collect()
            }
        };
        let mut decided = Decided { questions: Vec::new(), held_back: Vec::new() };
        for (whom, ask) in asks {
            let permit = match (decide(caller, &ask, facts, now), whom) {
                (Ok(permit), _) => permit,
                (Err(denial @ Denial::PersonRestricted), Some(whom)) => {
                    decided.held_back.push((whom, ask, denial));
                    continue;
                }
                (Err(denial), _) => return Err(Box::new((ask, denial))),
            };
            let permit = match self.max_questions_an_hour {
                0 => permit,
                most => permit.at_most_an_hour(most),
            };
            let manifest = self.fan_out.manifest(&permit);
            decided.questions.push(Question { whom, permit, manifest });
        }
        Ok(decided)
    }
}

/// The versions of the documents that a refusal rests on.
fn versions(ask: &Ask, facts: &Facts, now: DateTime<Utc>) -> Vec<DocumentVersion> {
    facts.versions(asked_about(ask, facts, now))
}
