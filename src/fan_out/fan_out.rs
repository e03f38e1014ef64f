//! The fan-out itself.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use futures::{StreamExt, future::join_all, stream::FuturesOrdered};
use ssbtek_access_log::{Manifest, ManifestLine, Opened};
use ssbtek_agencies::Connector;
use ssbtek_authorize::Permit;
use ssbtek_domain::{Agency, AskingParty, NaiveDate, Outcome, Processor, Question, Source, SourceAnswer};
use tokio::{sync::Semaphore, time::Instant};

use crate::{breaker::Breaker, manifest::manifest};

/// Bounds of a fan-out.
#[derive(Debug, Clone, Copy)]
pub struct FanOutLimits {
    /// How long one source may take, in milliseconds. Shorter than the whole question.
    pub agency_deadline_ms: u64,
    /// Most questions under way at one source; more wait, within their deadline.
    pub max_in_flight_per_source: usize,
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
            breaker_after: 5,
            breaker_pause_ms: 5_000,
        }
    }
}

/// An answer and how long it took.
#[derive(Debug)]
pub struct Timed {
    /// What the source brought.
    pub answer: SourceAnswer,
    /// Milliseconds from question to answer.
    pub duration_ms: u32,
}

/// All sources of a deployment.
pub struct FanOut {
    connectors: Vec<Arc<dyn Connector>>,
    guards: HashMap<Source, Guard>,
    processor: Processor,
    limits: FanOutLimits,
}

struct Guard {
    bulkhead: Semaphore,
    breaker: Breaker,
}

impl FanOut {
    /// Over these sources. `processor` is the provider itself, the last link of every chain. Where unemployment funds are
    /// given, they stand in for SO, which is then not asked: nothing may be counted twice.
    pub fn new(mut connectors: Vec<Arc<dyn Connector>>, processor: Processor, limits: FanOutLimits) -> Self {
        let funds = connectors.iter().any(|connector| matches!(connector.source(), Source::Fund(_)));
        connectors.retain(|connector| !(funds && *connector.source() == Source::Agency(Agency::So)));
        let guard = || Guard {
            bulkhead: Semaphore::new(limits.max_in_flight_per_source),
            breaker: Breaker::new(limits.breaker_after, Duration::from_millis(limits.breaker_pause_ms)),
        };
        let guards = connectors.iter().map(|connector| (connector.source().clone(), guard())).collect();
        Self { connectors, guards, processor, limits }
    }

    /// Which sources a permit leads to, with periods and bases. Nothing is asked yet.
    pub fn manifest(&self, permit: &Permit, today: NaiveDate) -> Manifest {
        manifest(&self.connectors, permit, today)
    }

    /// Asks every source of the manifest at once and returns when all have answered or run out of time. `within` is what
    /// is left of the whole question's time.
    ///
    /// ```
    /// # use {ssbtek_access_log::{Manifest, Opened}, ssbtek_authorize::Permit, ssbtek_fan_out::FanOut, std::time::Duration};
    /// async fn ask(fan_out: &FanOut, permit: &Permit, opened: &Opened, manifest: &Manifest, within: Duration) {
    ///     fan_out.ask(permit, opened, manifest, within).await;
    /// }
    /// ```
    ///
    /// Without an opened entry nobody is asked:
    ///
    /// ```compile_fail,E0061
    /// # use {ssbtek_access_log::Manifest, ssbtek_authorize::Permit, ssbtek_fan_out::FanOut, std::time::Duration};
    /// async fn ask(fan_out: &FanOut, permit: &Permit, manifest: &Manifest, within: Duration) {
    ///     fan_out.ask(permit, manifest, within).await;
    /// }
    /// ```
    ///
    /// Without a permit neither:
    ///
    /// ```compile_fail,E0061
    /// # use {ssbtek_access_log::{Manifest, Opened}, ssbtek_fan_out::FanOut, std::time::Duration};
    /// async fn ask(fan_out: &FanOut, opened: &Opened, manifest: &Manifest, within: Duration) {
    ///     fan_out.ask(opened, manifest, within).await;
    /// }
    /// ```
    pub async fn ask(
        &self,
        permit: &Permit,
        opened: &Opened,
        manifest: &Manifest,
        within: Duration,
    ) -> Vec<Timed> {
        let agency_deadline = Duration::from_millis(self.limits.agency_deadline_ms);
        let deadline = Instant::now() + agency_deadline.min(within);
        let asking = self.asking(permit);
        let questions = manifest.ask.iter().map(|line| {
            let question = self.question(permit, opened, line, asking.clone());
            async move {
                let start = Instant::now();
                let answer = self.ask_one(&line.source, &question, deadline).await;
                let duration_ms = u32::try_from(start.elapsed().as_millis()).unwrap_or(u32::MAX);
                Timed { answer, duration_ms }
            }
        });
        // Looks only at those that have news; `join_all` looks at all of them each time.
        questions.collect::<FuturesOrdered<_>>().collect().await
    }

    /// Which agencies can be reached: all of an agency's sources, or it is not. Nothing is asked.
    pub async fn reachable(&self) -> BTreeMap<Agency, bool> {
        let deadline = Instant::now() + Duration::from_millis(self.limits.agency_deadline_ms);
        let tries = self.connectors.iter().map(|connector| async move {
            (connector.source().agency(), connector.is_reachable(deadline).await)
        });
        let mut reachable = BTreeMap::new();
        for (agency, reached) in join_all(tries).await {
            *reachable.entry(agency).or_insert(true) &= reached;
        }
        reachable
    }

    async fn ask_one(&self, source: &Source, question: &Question, deadline: Instant) -> SourceAnswer {
        let without = |outcome| SourceAnswer::without_facts(source.clone(), outcome);
        let connector = self.connectors.iter().find(|connector| connector.source() == source);
        let (Some(connector), Some(guard)) = (connector, self.guards.get(source)) else {
            return without(Outcome::NotReachable);
        };
        if !guard.breaker.lets_through(Instant::now()) {
            return without(Outcome::NotReachable);
        }
        let answer = tokio::time::timeout_at(deadline, async {
            // A closed semaphore cannot be: it lives as long as this.
            let _place = guard.bulkhead.acquire().await;
            connector.ask(question, deadline).await
        })
        .await
        .unwrap_or_else(|_| without(Outcome::TimedOut));
        guard.breaker.learn(answer.outcome, Instant::now());
        tracing::debug!(source = source.code(), outcome = answer.outcome.as_str(), "a source answered");
        answer
    }

    fn asking(&self, permit: &Permit) -> AskingParty {
        let mut processors = permit.caller().processors.clone();
        processors.push(self.processor.clone());
        AskingParty {
            organisation: permit.board(),
            name: permit.board_name().to_owned(),
            case_worker: permit.caller().case_worker.clone(),
            processors,
        }
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
            case: permit.case().clone(),
            person: permit.person().clone(),
            period: line.period,
            purpose: permit.purpose().clone(),
            legal_basis: line.basis.clone(),
            asked_at: opened.at(),
            wanted,
        }
    }
}
