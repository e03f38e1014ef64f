//! One query, from an authenticated caller to an answer that may leave.

use std::{
    collections::BTreeMap,
    pin::pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use futures::StreamExt;
use ssbtek_access_log::{
    AccessLog, Answered, Door, LogError, Manifest, Opened, Putting, Refused, RefusedCall, Telling,
};
use ssbtek_authorize::{
    Ask, Caller, CertificateCheck, Denial, Facts, LegalBases, Permit, Registry, Versioned, asked_about,
    decide,
};
use ssbtek_domain::{Agency, Clock, EntryId, OrganisationNumber, Outcome};
use ssbtek_fan_out::{FanOut, StillPermitted};
use ssbtek_merge::{Merging, Named, OriginalsWanted};
use tokio::{sync::mpsc, time::Instant};

use crate::{
    KeepLimits, Parts, Released, Write,
    bounded::Bounded,
    kept::KeptAnswers,
    leaving::{Judges, Leaving},
    parts::{Outlet, Part},
};

/// Why a question got no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Refused; the log says why.
    #[error("refused: {}", .0.as_str())]
    Denied(Denial),
    /// The question could not be judged or logged now, so nothing was asked or nothing is told.
    #[error("the broker cannot take the question now")]
    Unavailable,
    /// Agencies may have been asked, but the answer's record could not be made, so nothing more of it leaves.
    #[error("the answer could not be recorded")]
    Unrecorded,
    /// Its time was over before anybody was asked: nothing was asked, and nothing recorded.
    #[error("the question's time was over before anybody was asked")]
    TooLate,
    /// The question names one that it follows, and that is no answered one of this account's, in this case and about this person, at which
    /// any of the agencies asked for failed.
    #[error("nothing of the question named can be asked again")]
    NothingToAskAgain,
    /// Nothing is kept under that entry for who comes back for it: it is over, another's, or there was none.
    #[error("no answer is kept under that entry for this account")]
    NotKept,
    /// The assertion was used before; the log does not say so yet.
    #[error("the assertion was used before")]
    Replayed,
}

impl From<LogError> for QueryError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::TokenUsed => QueryError::Denied(Denial::AssertionUsed),
            LogError::Denied(denial) => QueryError::Denied(denial),
            LogError::Unavailable | LogError::Poisoned => QueryError::Unavailable,
        }
    }
}

/// How often a question is decided anew because what it rests on changes while it is being recorded.
const MAX_DECISIONS: usize = 4;

/// One question as it comes to the path.
pub struct Asking {
    /// Who asks.
    pub caller: Caller,
    /// What is asked, well-formed.
    pub ask: Ask,
    /// Through which door.
    pub door: Door,
    /// The entry of an answered question that it follows: only those are asked that failed then.
    pub follows: Option<EntryId>,
    /// What is wanted of the agencies' bytes.
    pub originals: OriginalsWanted,
    /// What is left of the question's time.
    pub within: Duration,
    /// Whether the certificate of the caller's connection is still good.
    pub certificate: CertificateCheck,
}

/// Everything one query needs.
pub struct QueryPath {
    pub(crate) registry: Arc<dyn Registry>,
    law: OnceLock<Versioned<Arc<LegalBases>>>,
    pub(crate) log: AccessLog,
    fan_out: FanOut,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) kept: Arc<KeptAnswers>,
    max_questions_an_hour: u32,
    household_check_days: u16,
    bounded: Bounded,
}

impl QueryPath {
    /// Most questions of one account within an hour, where nothing else is configured.
    pub const MAX_QUESTIONS_AN_HOUR: u32 = 120;

    /// Within how many days every other adult of a household must have been found not to be protected before a home is told, where
    /// nothing else is configured: a month from one application to the next, and some days.
    pub const HOUSEHOLD_CHECK_DAYS: u16 = 40;

    /// Over these rooms. `law` is stored in the version it says, so that decisions under it can be decided again; until it is known
    /// nothing is decided.
    pub fn new(
        registry: Arc<dyn Registry>,
        law: impl Into<Option<Versioned<Arc<LegalBases>>>>,
        log: AccessLog,
        fan_out: FanOut,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let max_questions_an_hour = Self::MAX_QUESTIONS_AN_HOUR;
        let (household_check_days, bounded) = (Self::HOUSEHOLD_CHECK_DAYS, Bounded::default());
        let kept = KeptAnswers::new(KeepLimits::default(), clock.clone());
        Self {
            registry,
            law: law.into().map_or_else(OnceLock::new, OnceLock::from),
            log,
            fan_out,
            clock,
            kept,
            max_questions_an_hour,
            household_check_days,
            bounded,
        }
    }

    /// Whether it is known under which law it decides.
    pub fn knows_law(&self) -> bool {
        self.law.get().is_some()
    }

    /// From here on this is the law, unless it was known before.
    pub fn decide_under(&self, law: Versioned<Arc<LegalBases>>) {
        let _ = self.law.set(law);
    }

    /// The same, with another bound on the questions of one account within an hour; 0 for none but the boards' own, which can
    /// only tighten it.
    #[must_use]
    pub fn with_max_questions_an_hour(self, max_questions_an_hour: u32) -> Self {
        Self { max_questions_an_hour, ..self }
    }

    /// The same, with another bound on how long ago the household was checked; 0: it need not have been.
    #[must_use]
    pub fn with_household_check_days(self, household_check_days: u16) -> Self {
        Self { household_check_days, ..self }
    }

    /// The same, with other bounds on what is kept for whoever comes back.
    #[must_use]
    pub fn with_keep_limits(self, limits: KeepLimits) -> Self {
        Self { kept: KeptAnswers::new(limits, self.clock.clone()), ..self }
    }

    /// Asks, and tells the answer whole. Runs in a task of its own, so that a caller who hangs up cannot cut it in half: every
    /// INTENT gets an end.
    pub async fn ask(self: &Arc<Self>, asking: Asking) -> Result<Released, QueryError> {
        let (path, deadline) = (self.clone(), Instant::now() + asking.within);
        let task = tokio::spawn(async move { path.run(asking, deadline, &mut Outlet::closed()).await });
        // A panic ends the task; what it had opened is ended as assumed disclosed (`AccessLog::end_left_open`).
        task.await.unwrap_or(Err(QueryError::Unrecorded))
    }

    /// The same path, told as the agencies answer. `held` is what the work holds: it is dropped when that ends, whatever becomes of
    /// whoever reads. `write`: how the door writes a part, for who is cut off and comes back ([`QueryPath::take_up`]).
    pub fn ask_as_it_comes(
        self: &Arc<Self>,
        asking: Asking,
        held: impl Send + 'static,
        write: Write,
    ) -> Parts {
        let (path, deadline) = (self.clone(), Instant::now() + asking.within);
        let (outlet, parts) = Parts::new();
        let mut outlet = outlet.keeping(self.kept.clone(), write);
        tokio::spawn(async move {
            let answer = path.run(asking, deadline, &mut outlet).await;
            drop(held);
            outlet.end(answer.map(|answer| Part::Answer(Box::new(answer))));
        });
        parts
    }

    /// Which agencies can be reached, for the party that wants to know; for others, what would become of a question. Nothing
    /// is asked, so nothing is logged.
    pub async fn reach(&self, party: OrganisationNumber) -> BTreeMap<Agency, Result<(), Outcome>> {
        self.fan_out.reach(party).await
    }

    /// The one path, however the answer is told.
    async fn run(
        &self,
        mut asking: Asking,
        deadline: Instant,
        outlet: &mut Outlet,
    ) -> Result<Released, QueryError> {
        if let Some(first) = asking.follows {
            self.only_what_failed(&asking.caller, &mut asking.ask, first).await?;
        }
        let telling = if outlet.is_open() { Telling::AsItComes } else { Telling::Whole };
        let (facts, permit, manifest, opened) = self.open(&asking, deadline, telling).await?;
        let judges = Judges { registry: &*self.registry, log: &self.log, clock: &*self.clock };
        let mut leaving = Leaving::begin(judges, &permit, opened, outlet);
        let still = Still { path: self, permit: &permit };
        let within = deadline.saturating_duration_since(Instant::now());
        let mut answers = pin!(self.fan_out.ask(&permit, leaving.opened(), &manifest, within, &still));
        let mut merging = Merging::new(&permit, &manifest, asking.originals);
        // Nobody who answers waits for what is done with another's answer.
        let (hand_over, mut come) = mpsc::channel(manifest.ask.len().max(1));
        let asked = async move {
            while let Some(answer) = answers.next().await {
                // Whoever takes them is there until the last has come.
                let _ = hand_over.send(answer).await;
            }
        };
        let told = async {
            if leaving.is_told_as_it_comes() {
                let not_asked = Agency::ALL.into_iter().filter(|agency| !manifest.asks(*agency));
                let sections = not_asked.filter_map(|agency| merging.ahead(agency)).collect();
                leaving.sections(sections, merging.said_ahead()).await;
            }
            while let Some(answer) = come.recv().await {
                let agency = merging.take(answer);
                if leaving.is_told_as_it_comes() {
                    let section = merging.ahead(agency);
                    leaving.sections(section.into_iter().collect(), merging.said_ahead()).await;
                }
            }
        };
        tokio::join!(asked, told);
        let persons = merging.named();
        // What cannot be read cannot be recorded either; until then it counts as said.
        let protected = self.log.remembers_one_of(&permit, &persons).await.unwrap_or(true);
        let report = merging.whole(Named { persons, protected });
        let family_name = facts.case_worker.as_ref().and_then(|found| found.body.family_name());
        let same_family_name = family_name.is_some_and(|name| report.bears_name(name));
        leaving.whole(report, same_family_name).await
    }

    /// Leaves of a question those agencies that failed at the one it follows, about the person whom that was about.
    async fn only_what_failed(
        &self,
        caller: &Caller,
        ask: &mut Ask,
        first: EntryId,
    ) -> Result<(), QueryError> {
        let answered = self.log.answered(caller.board, first).await.map_err(|_| QueryError::Unavailable)?;
        let is_mine = |answered: &Answered| {
            (&answered.case_worker, &answered.case) == (&caller.case_worker, &ask.case)
                && ask.person.as_ref().is_none_or(|person| *person == answered.person)
        };
        let answered = answered.filter(is_mine).ok_or(QueryError::NothingToAskAgain)?;
        ask.agencies.retain(|agency| answered.failed.contains(agency));
        if ask.agencies.is_empty() {
            return Err(QueryError::NothingToAskAgain);
        }
        // By number, so that it is about the same person whoever has the role by now.
        ask.person = Some(answered.person);
        Ok(())
    }

    /// Decides and records the question. What was changed between the two is decided anew.
    async fn open(
        &self,
        asking: &Asking,
        deadline: Instant,
        telling: Telling,
    ) -> Result<(Facts, Permit, Manifest, Opened), QueryError> {
        let Asking { caller, ask, certificate, door, .. } = asking;
        let door = *door;
        let facts_key = caller.facts_key(Some(ask.case.clone())).about(ask.person.as_ref());
        for _ in 0..MAX_DECISIONS {
            let facts = self.registry.facts(&facts_key).await.map_err(|_| QueryError::Unavailable)?;
            let law = self.law.get().ok_or(QueryError::Unavailable)?;
            let facts = facts.under(law).over(Some(certificate.clone()));
            let facts = facts.checked_within(self.household_check_days);
            let now = self.clock.now();
            let versions = || facts.versions(asked_about(ask, &facts, now));
            let refused = |denial| Refused::new(Some(ask), denial, versions(), now, door);
            let permit = match decide(caller, ask, &facts, now) {
                Ok(permit) if self.max_questions_an_hour == 0 => permit,
                Ok(permit) => permit.at_most_an_hour(self.max_questions_an_hour),
                Err(denial) => return Err(self.refuse(caller, refused(denial)).await),
            };
            let manifest = self.fan_out.manifest(&permit);
            // An INTENT says that agencies may have been told; nobody can be told anything any more.
            if Instant::now() >= deadline {
                return Err(QueryError::TooLate);
            }
            let putting = Putting { door, telling, follows: asking.follows, household: false };
            match self.log.open_all(putting, &[(&permit, &manifest)]).await.map(|mut opened| opened.pop()) {
                Ok(Some(opened)) => return Ok((facts, permit, manifest, opened)),
                Ok(None) => return Err(QueryError::Unavailable),
                Err(LogError::Denied(Denial::FactsChanged)) => {}
                Err(LogError::TokenUsed) => {
                    return Err(self.refuse(caller, refused(Denial::AssertionUsed)).await);
                }
                Err(LogError::Denied(denial)) => {
                    if denial == Denial::TooManyQuestions && self.bounded.is_news(caller, now) {
                        let board = caller.board;
                        tracing::warn!(alarm = "too_many_questions", %board, "an account has reached its bound");
                    }
                    return Err(self.refuse(caller, refused(denial)).await);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(QueryError::Unavailable)
    }

    /// Logs that a caller put a malformed question, or made another malformed call, and spends its assertion: what is refused
    /// leaves a trace, whatever the reason. Only the names of call and field are kept, as the door's contract has them.
    pub async fn refuse_malformed(
        &self,
        caller: &Caller,
        field: &'static str,
        call: Option<RefusedCall>,
        door: Door,
    ) -> Result<(), QueryError> {
        let refused = Refused::new(None, Denial::Malformed, Vec::new(), self.clock.now(), door);
        match self.refuse(caller, Refused { field: Some(field), call, ..refused }).await {
            QueryError::Denied(Denial::Malformed) => Ok(()),
            other => Err(other),
        }
    }

    /// Logs a refusal. One that cannot be logged is told as "not now".
    pub(crate) async fn refuse(&self, caller: &Caller, refused: Refused<'_>) -> QueryError {
        match self.log.refuse(caller, refused).await {
            Ok(denial) => {
                tracing::info!(denial = denial.as_str(), "a question was refused");
                QueryError::Denied(denial)
            }
            Err(error) => error.into(),
        }
    }
}

/// Judges a permit again by the registry as it is now.
struct Still<'a> {
    path: &'a QueryPath,
    permit: &'a Permit,
}

#[async_trait]
impl StillPermitted for Still<'_> {
    async fn holds(&self) -> bool {
        let facts = self.path.registry.facts(&self.permit.facts_key()).await;
        facts.is_ok_and(|facts| self.permit.still_stands(&facts, self.path.clock.now()).is_ok())
    }
}
