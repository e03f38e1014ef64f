//! The fan-out itself.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use futures::{Stream, future::join_all, stream::FuturesUnordered};
use ssbtek_access_log::{Manifest, ManifestLine, Opened};
use ssbtek_agencies::Connector;
use ssbtek_authorize::Permit;
use ssbtek_domain::{
    Agency, AskingParty, Information, OrganisationNumber, Outcome, PartOutcome, Processor, Question, Source,
    SourceAnswer,
};
use tokio::time::Instant;

use crate::{
    breaker::{Breaker, Heard},
    manifest::manifest,
    places::{Place, Places},
};

/// Bounds of a fan-out.
#[derive(Debug, Clone, Copy)]
pub struct FanOutLimits {
    /// How long one source may take, in milliseconds. Shorter than the whole question.
    pub agency_deadline_ms: u64,
    /// Most questions under way at one source that has no number of its own; more wait, within their deadline.
    pub max_in_flight_per_source: usize,
    /// Most questions of one board that wait for a place at one source; one more is not put to that source.
    pub max_waiting_per_board: usize,
    /// Silent answers in a row after which a source is left alone.
    pub breaker_after: u32,
    /// For how long, in milliseconds.
    pub breaker_pause_ms: u64,
}

impl Default for FanOutLimits {
    fn default() -> Self {
        Self {
            agency_deadline_ms: 25_000,
            max_in_flight_per_source: 256,
            max_waiting_per_board: 256,
            breaker_after: 5,
            breaker_pause_ms: 5_000,
        }
    }
}

/// An answer and how long it took.
#[derive(Debug, Clone)]
pub struct Timed {
    /// What the source brought.
    pub answer: SourceAnswer,
    /// Milliseconds from question to answer.
    pub duration_ms: u32,
}

/// Whether the question may still be put; asked when a place had to be waited for.
#[async_trait]
pub trait StillPermitted: Send + Sync {
    /// Whether what the permit rests on still leads to it.
    async fn holds(&self) -> bool;
}

/// All sources of a deployment.
pub struct FanOut {
    connectors: Vec<Arc<dyn Connector>>,
    guards: HashMap<Source, Guard>,
    processor: Processor,
    limits: FanOutLimits,
}

/// What stands before a source, whatever is wanted of it.
struct Guard {
    places: Arc<Places>,
    breaker: Breaker,
}

impl FanOut {
    /// Over these sources. `processor` is the provider itself, the last link of every chain. Where unemployment funds are
    /// given, they stand in for SO, which is then not asked: nothing may be counted twice.
    pub fn new(mut connectors: Vec<Arc<dyn Connector>>, processor: Processor, limits: FanOutLimits) -> Self {
        let funds = connectors.iter().any(|connector| matches!(connector.source(), Source::Fund(_)));
        connectors.retain(|connector| !(funds && *connector.source() == Source::Agency(Agency::So)));
        let guard = || Guard {
            places: Places::new(limits.max_in_flight_per_source, limits.max_waiting_per_board),
            breaker: Breaker::new(limits.breaker_after, Duration::from_millis(limits.breaker_pause_ms)),
        };
        let guards = connectors.iter().map(|connector| (connector.source().clone(), guard())).collect();
        Self { connectors, guards, processor, limits }
    }

    /// With a number of places of their own at some sources.
    #[must_use]
    pub fn with_places(mut self, places: impl IntoIterator<Item = (Source, usize)>) -> Self {
        for (source, places) in places {
            if let Some(guard) = self.guards.get_mut(&source) {
                guard.places = Places::new(places, self.limits.max_waiting_per_board);
            }
        }
        self
    }

    /// Which sources a permit leads to, with periods and bases, on the day of its decision: a question at midnight is of one day.
    /// Nothing is asked yet.
    pub fn manifest(&self, permit: &Permit) -> Manifest {
        Manifest { processors: self.processors(permit), ..manifest(&self.connectors, permit) }
    }

    /// Asks every source of the manifest at once: their answers in the order in which they come, one for each, the last when all
    /// have answered or run out of time. `within` is what is left of the whole question's time. A source whose place had to be
    /// waited for is asked only if `still_permitted` says so once the place is there.
    ///
    /// ```
    /// # use {ssbtek_access_log::{Manifest, Opened}, ssbtek_authorize::Permit, ssbtek_fan_out::{FanOut, StillPermitted}};
    /// # use std::time::Duration;
    /// # type Still<'a> = &'a dyn StillPermitted;
    /// # use futures::StreamExt;
    /// async fn ask(fan_out: &FanOut, permit: &Permit, opened: &Opened, what: &Manifest, within: Duration, still: Still<'_>) {
    ///     fan_out.ask(permit, opened, what, within, still).count().await;
    /// }
    /// ```
    ///
    /// Without an opened entry nobody is asked:
    ///
    /// ```compile_fail,E0061
    /// # use {ssbtek_access_log::Manifest, ssbtek_authorize::Permit, ssbtek_fan_out::{FanOut, StillPermitted}};
    /// # use std::time::Duration;
    /// # type Still<'a> = &'a dyn StillPermitted;
    /// async fn ask(fan_out: &FanOut, permit: &Permit, what: &Manifest, within: Duration, still: Still<'_>) {
    ///     let _ = fan_out.ask(permit, what, within, still);
    /// }
    /// ```
    ///
    /// Without a permit neither:
    ///
    /// ```compile_fail,E0061
    /// # use {ssbtek_access_log::{Manifest, Opened}, ssbtek_fan_out::{FanOut, StillPermitted}};
    /// # use std::time::Duration;
    /// # type Still<'a> = &'a dyn StillPermitted;
    /// async fn ask(fan_out: &FanOut, opened: &Opened, what: &Manifest, within: Duration, still: Still<'_>) {
    ///     let _ = fan_out.ask(opened, what, within, still);
    /// }
    /// ```
    pub fn ask<'a>(
        &'a self,
        permit: &Permit,
        opened: &Opened,
        manifest: &'a Manifest,
        within: Duration,
        still_permitted: &'a dyn StillPermitted,
    ) -> impl Stream<Item = Timed> + Send + use<'a> {
        let given = Given::new(self.agency_deadline(), within);
        let asking = self.asking(permit);
        // Looks only at those that have news.
        let questions = FuturesUnordered::new();
        for line in &manifest.ask {
            let question = self.question(permit, opened, line, asking.clone());
            questions.push(async move {
                let start = Instant::now();
                let answer = self.ask_one(&line.source, &question, given, still_permitted).await;
                let duration_ms = u32::try_from(start.elapsed().as_millis()).unwrap_or(u32::MAX);
                Timed { answer: told_what_was_left_out(answer, &line.without_ground), duration_ms }
            });
        }
        questions
    }

    /// Which agencies can be reached: all of an agency's sources, or what became of the first that cannot. Nothing is asked;
    /// but a place is taken at each source, and its breaker heeded, as for a question of `party`.
    pub async fn reach(&self, party: OrganisationNumber) -> BTreeMap<Agency, Result<(), Outcome>> {
        let given = Given::new(self.agency_deadline(), self.agency_deadline());
        let tries = self.connectors.iter().map(|connector| async move {
            (connector.source().agency(), self.reach_one(&**connector, party, given).await)
        });
        let mut reached = BTreeMap::new();
        for (agency, one) in join_all(tries).await {
            let all = reached.entry(agency).or_insert(Ok(()));
            *all = all.and(one);
        }
        reached
    }

    async fn reach_one(
        &self,
        connector: &dyn Connector,
        party: OrganisationNumber,
        given: Given,
    ) -> Result<(), Outcome> {
        let guard = self.guards.get(connector.source()).ok_or(Outcome::NotReachable)?;
        let place = guard.enter(party, given.deadline).await?;
        let reached = tokio::time::timeout_at(given.deadline, connector.reach(given.deadline)).await;
        let reached = reached.unwrap_or(Err(Outcome::TimedOut));
        // A connection is not yet an answer, so it tells nothing good; none at all tells something bad.
        if let Err(outcome) = reached {
            guard.breaker.learn(party, Heard::from(outcome, !place.waited), Instant::now());
        }
        reached
    }

    async fn ask_one(
        &self,
        source: &Source,
        question: &Question,
        given: Given,
        still_permitted: &dyn StillPermitted,
    ) -> SourceAnswer {
        let without = |outcome| SourceAnswer::without_facts(source.clone(), outcome);
        let connector = self.connectors.iter().find(|connector| connector.source() == source);
        let (Some(connector), Some(guard)) = (connector, self.guards.get(source)) else {
            return without(Outcome::NotReachable);
        };
        let board = question.asking.organisation;
        let place = match guard.enter(board, given.deadline).await {
            Ok(place) => place,
            Err(outcome) => return without(outcome),
        };
        // Much can have changed while it waited; whatever it was, nobody else learns of the question now.
        if place.waited && !still_permitted.holds().await {
            return without(Outcome::NotPermitted);
        }
        let answer = tokio::time::timeout_at(given.deadline, connector.ask(question, given.deadline))
            .await
            .unwrap_or_else(|_| without(Outcome::TimedOut));
        let heard = Heard::from(answer.outcome, given.in_full && !place.waited);
        guard.breaker.learn(board, heard, Instant::now());
        tracing::debug!(source = source.code(), outcome = answer.outcome.as_str(), "a source answered");
        answer
    }

    fn agency_deadline(&self) -> Duration {
        Duration::from_millis(self.limits.agency_deadline_ms)
    }

    fn asking(&self, permit: &Permit) -> AskingParty {
        AskingParty {
            organisation: permit.board(),
            name: permit.board_name().to_owned(),
            case_worker: permit.caller().case_worker.clone(),
            processors: self.processors(permit),
        }
    }

    /// The chain as every source is told it.
    fn processors(&self, permit: &Permit) -> Vec<Processor> {
        permit.caller().processors.iter().chain([&self.processor]).cloned().collect()
    }

    fn question(
        &self,
        permit: &Permit,
        opened: &Opened,
        line: &ManifestLine,
        asking: AskingParty,
    ) -> Question {
        let wanted = permit.wish(line.source.agency()).map(|wish| wish.wanted.clone()).unwrap_or_default();
        Question {
            entry: opened.entry(),
            asking,
            case: line.case_alias.and(opened.case_alias()).unwrap_or(permit.case()).clone(),
            person: permit.person().clone(),
            period: line.period,
            purpose: permit.purpose().clone(),
            legal_basis: line.basis.clone(),
            kinds: line.kinds.clone(),
            asked_at: opened.at(),
            wanted,
        }
    }
}

/// Of the kinds of information that may not be asked for, the answer says so, part by part: they are not "nothing there".
fn told_what_was_left_out(mut answer: SourceAnswer, without_ground: &[Information]) -> SourceAnswer {
    for part in without_ground.iter().filter_map(|kind| kind.part()) {
        answer.parts.retain(|told| told.part != part || told.outcome != Outcome::NotAsked);
        if answer.parts.iter().all(|told| told.part != part) {
            let part = part.to_owned();
            answer.parts.push(PartOutcome { part, outcome: Outcome::NotPermitted, code: None });
        }
    }
    answer
}

/// How much time the sources are given.
#[derive(Debug, Clone, Copy)]
struct Given {
    deadline: Instant,
    /// Whether it is as much as a source is given, not less for the caller's sake.
    in_full: bool,
}

impl Given {
    fn new(agency_deadline: Duration, within: Duration) -> Self {
        let deadline = Instant::now() + agency_deadline.min(within);
        Self { deadline, in_full: agency_deadline <= within }
    }
}

impl Guard {
    /// A place at the source, before `deadline`; or what becomes of the question without one.
    async fn enter(&self, board: OrganisationNumber, deadline: Instant) -> Result<Place, Outcome> {
        if !self.breaker.lets_through(board, Instant::now()) {
            return Err(Outcome::NotReachable);
        }
        match tokio::time::timeout_at(deadline, self.places.take(board)).await {
            Ok(Ok(place)) => Ok(place),
            // Not asked, for want of a place here: that is nothing the source did.
            Ok(Err(_)) | Err(_) => Err(Outcome::TimedOut),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Counts who knocks; nobody gets in.
    struct Closed(Arc<AtomicUsize>);

    #[async_trait]
    impl Connector for Closed {
        fn source(&self) -> &Source {
            &Source::Agency(Agency::Fk)
        }
        async fn reach(&self, _: Instant) -> Result<(), Outcome> {
            self.0.fetch_add(1, Ordering::SeqCst);
            Err(Outcome::NotReachable)
        }
        async fn ask(&self, _: &Question, _: Instant) -> SourceAnswer {
            SourceAnswer::without_facts(self.source().clone(), Outcome::NotReachable)
        }
    }

    fn organisation(number: &str) -> OrganisationNumber {
        (0..10).find_map(|digit| OrganisationNumber::parse(&format!("{number}{digit}")).ok()).unwrap()
    }

    #[tokio::test]
    async fn nothing_goes_past_the_places_and_the_breaker_not_even_to_see_whether_a_source_can_be_reached() {
        let knocks = Arc::new(AtomicUsize::new(0));
        let (one, other) = (organisation("16212000999"), organisation("16212000898"));
        let processor = Processor { organisation: one, name: "Leverantören".to_owned() };
        let limits = FanOutLimits { breaker_after: 2, agency_deadline_ms: 20, ..FanOutLimits::default() };
        let connectors: Vec<Arc<dyn Connector>> = vec![Arc::new(Closed(knocks.clone()))];
        let source = Source::Agency(Agency::Fk);
        let fan_out = FanOut::new(connectors, processor, limits).with_places([(source.clone(), 1)]);

        let held = fan_out.guards.get(&source).unwrap().places.take(other).await.unwrap();
        let reached = fan_out.reach(one).await;
        assert_eq!(reached.get(&Agency::Fk), Some(&Err(Outcome::TimedOut)));
        assert_eq!(knocks.load(Ordering::SeqCst), 0, "without a place nobody knocks");
        drop(held);
        for _ in 0..5 {
            assert_eq!(fan_out.reach(one).await.get(&Agency::Fk), Some(&Err(Outcome::NotReachable)));
        }
        assert_eq!(knocks.load(Ordering::SeqCst), 2, "then it is left alone");
        fan_out.reach(other).await;
        assert_eq!(knocks.load(Ordering::SeqCst), 3, "but for the other board it is not");
    }
}
