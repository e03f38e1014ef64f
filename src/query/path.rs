//! One query, from an authenticated caller to an answer that may leave.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use futures::{StreamExt, stream::select_all};
use ssbtek_access_log::{AccessLog, Answered, Door, LogError, Opened, Refused, RefusedCall, Telling};
use ssbtek_authorize::{Ask, Caller, CertificateCheck, Denial, LegalBases, Permit, Registry, Versioned};
use ssbtek_domain::{Agency, Clock, EntryId, OrganisationNumber, Outcome};
use ssbtek_fan_out::{FanOut, StillPermitted};
use ssbtek_merge::{Household, Merging, Named, OriginalsWanted};
use tokio::{sync::mpsc, time::Instant};

use crate::{
    KeepLimits, Parts, Released, Write,
    bounded::Bounded,
    first::begun,
    kept::KeptAnswers,
    leaving::{self, Judges, Leaving},
    parts::{Outlet, Part},
    put::{About, Put, Question},
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
    pub(crate) law: OnceLock<Versioned<Arc<LegalBases>>>,
    pub(crate) log: AccessLog,
    pub(crate) fan_out: FanOut,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) kept: Arc<KeptAnswers>,
    pub(crate) max_questions_an_hour: u32,
    pub(crate) household_check_days: u16,
    pub(crate) bounded: Bounded,
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
        let task = tokio::spawn(async move {
            match path.run(asking, About::One, deadline, &mut Outlet::closed()).await? {
                Part::Answer(answer) => Ok(*answer),
                // About one person there is no other end.
                _ => Err(QueryError::Unrecorded),
            }
        });
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
        self.tell_as_it_comes(asking, About::One, Parts::new(), (held, write))
    }

    /// The same about everybody in the household of the case, whoever that is today: one question for each, recorded together and
    /// answered together. What the question says of role and person does not matter.
    pub fn ask_household(self: &Arc<Self>, asking: Asking, held: impl Send + 'static, write: Write) -> Parts {
        let ask = Ask { role: None, person: None, ..asking.ask };
        let asking = Asking { ask, follows: None, ..asking };
        self.tell_as_it_comes(asking, About::Household, Parts::of_household(), (held, write))
    }

    fn tell_as_it_comes(
        self: &Arc<Self>,
        asking: Asking,
        about: About,
        (outlet, parts): (Outlet, Parts),
        (held, write): (impl Send + 'static, Write),
    ) -> Parts {
        let (path, deadline) = (self.clone(), Instant::now() + asking.within);
        let mut outlet = outlet.keeping(self.kept.clone(), write);
        tokio::spawn(async move {
            let end = path.run(asking, about, deadline, &mut outlet).await;
            drop(held);
            outlet.end(end);
        });
        parts
    }

    /// Which agencies can be reached, for the party that wants to know; for others, what would become of a question. Nothing
    /// is asked, so nothing is logged.
    pub async fn reach(&self, party: OrganisationNumber) -> BTreeMap<Agency, Result<(), Outcome>> {
        self.fan_out.reach(party).await
    }

    /// The one path, however the answer is told and of however many. Gives the last part.
    async fn run(
        &self,
        mut asking: Asking,
        about: About,
        deadline: Instant,
        outlet: &mut Outlet,
    ) -> Result<Part, QueryError> {
        if let Some(first) = asking.follows {
            self.only_what_failed(&asking.caller, &mut asking.ask, first).await?;
        }
        let telling = if outlet.is_open() { Telling::AsItComes } else { Telling::Whole };
        let Put { facts, questions, held_back } = self.put(&asking, about, deadline, telling).await?;
        let (questions, opened): (Vec<_>, Vec<_>) = questions.into_iter().unzip();
        let begun = begun(&questions, &opened, &held_back)?;
        let entry = begun.entry();
        outlet.opened(opened.iter().map(Opened::entry).zip(questions.iter().map(|of| &of.permit)));
        let judges = Judges { registry: &*self.registry, log: &self.log, clock: &*self.clock };
        let leaving = questions.iter().zip(opened).enumerate();
        let mut leaving: Vec<Leaving> = leaving
            .map(|(nth, (of, opened))| Leaving::begin(judges, &of.permit, opened, (nth, of.whom)))
            .collect();
        // Who asked is told so at once, but where it must not be told from a refusal: of an account that may not be told of protected
        // persons nothing leaves before it is known whether the person is one.
        let tells_ahead = questions.iter().all(|of| of.permit.may_tell_of_protected());
        if tells_ahead {
            outlet.tell(None, begun.part());
        }
        let merging = self.ask_all(&asking, &questions, &mut leaving, deadline, outlet).await;

        let mut heard = Vec::with_capacity(questions.len());
        for (of, merging) in questions.iter().zip(merging) {
            let persons = merging.named();
            // What cannot be read cannot be recorded either; until then it counts as said.
            let protected = self.log.remembers_one_of(&of.permit, &persons).await.unwrap_or(true);
            heard.push(merging.heard(Named { persons, protected }));
        }
        // Of all of them, before anything that can locate any of them leaves.
        let household = match about {
            About::One => Household::default(),
            About::Household => Household::of(&heard),
        };
        let family_name = facts.case_worker.as_ref().and_then(|found| found.body.family_name());
        let mut reports = Vec::with_capacity(questions.len());
        for ((leaving, heard), of) in leaving.iter_mut().zip(heard).zip(&questions) {
            let report = heard.whole(&household);
            leaving.settle(&report, household.beside(of.permit.person()), outlet);
            reports.push(report);
        }
        let mut ended = Vec::with_capacity(questions.len());
        for (leaving, report) in leaving.into_iter().zip(reports) {
            let same_family_name = family_name.is_some_and(|name| report.bears_name(name));
            ended.push(leaving.whole(report, same_family_name, outlet).await);
        }
        if !tells_ahead && ended.iter().any(|ended| ended.whole.is_ok()) {
            outlet.tell(None, begun.part());
        }
        for (nth, ended) in ended.iter_mut().enumerate() {
            ended.waiting.drain(..).for_each(|part| outlet.tell(Some(nth), part));
        }
        let whole = ended.into_iter().map(|ended| ended.whole);
        match about {
            About::One => {
                let answer = whole.last().unwrap_or(Err(QueryError::Unrecorded))?;
                Ok(Part::Answer(Box::new(answer)))
            }
            About::Household => {
                let told = questions.iter().filter_map(|of| of.whom).zip(whole);
                let held_back = held_back.into_iter();
                let held_back = held_back.map(|(whom, denial)| (whom, Err(QueryError::Denied(denial))));
                let answer = leaving::household(entry, told.chain(held_back).collect())?;
                Ok(Part::Household(Box::new(answer)))
            }
        }
    }

    /// Asks everybody whom the questions lead to, all at once, and lets sections leave as they answer. Gives the answers, question by
    /// question.
    async fn ask_all<'q>(
        &self,
        asking: &Asking,
        questions: &'q [Question],
        leaving: &mut [Leaving<'_>],
        deadline: Instant,
        outlet: &mut Outlet,
    ) -> Vec<Merging<'q>> {
        let still: Vec<_> = questions.iter().map(|of| Still { path: self, permit: &of.permit }).collect();
        let within = deadline.saturating_duration_since(Instant::now());
        let answers = questions.iter().zip(leaving.iter()).zip(&still).enumerate();
        let answers = answers.map(|(nth, ((of, leaving), still))| {
            let answers = self.fan_out.ask(&of.permit, leaving.opened(), &of.manifest, within, still);
            answers.map(move |answer| (nth, answer)).boxed()
        });
        let mut answers = select_all(answers);
        let mut merging: Vec<_> =
            questions.iter().map(|of| Merging::new(&of.permit, &of.manifest, asking.originals)).collect();
        // Nobody who answers waits for what is done with another's answer.
        let most: usize = questions.iter().map(|of| of.manifest.ask.len()).sum();
        let (hand_over, mut come) = mpsc::channel(most.max(1));
        let asked = async move {
            while let Some(answer) = answers.next().await {
                // Whoever takes them is there until the last has come.
                let _ = hand_over.send(answer).await;
            }
        };
        let told = async {
            let is_open = outlet.is_open();
            let each = questions.iter().zip(merging.iter_mut()).zip(leaving.iter_mut());
            for ((of, merging), leaving) in each.filter(|_| is_open) {
                let not_asked = Agency::ALL.into_iter().filter(|agency| !of.manifest.asks(*agency));
                let sections = not_asked.filter_map(|agency| merging.ahead(agency)).collect();
                leaving.sections(sections, merging.said_ahead(), outlet).await;
            }
            end_if_stopped(leaving, outlet);
            while let Some((nth, answer)) = come.recv().await {
                let Some(merging) = merging.get_mut(nth) else { continue };
                let agency = merging.take(answer);
                if let (true, Some(of)) = (is_open, leaving.get_mut(nth)) {
                    let section = merging.ahead(agency).into_iter().collect();
                    of.sections(section, merging.said_ahead(), outlet).await;
                    end_if_stopped(leaving, outlet);
                }
            }
        };
        tokio::join!(asked, told);
        merging
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

/// Nothing more is told at all where nothing more may be told of anybody.
fn end_if_stopped(leaving: &[Leaving<'_>], outlet: &mut Outlet) {
    let first = leaving.first().and_then(Leaving::stopped);
    if let Some(denial) = first.filter(|_| leaving.iter().all(|leaving| leaving.stopped().is_some())) {
        outlet.end(Err(QueryError::Denied(denial)));
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
