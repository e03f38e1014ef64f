//! The handle by which behaviour is switched and calls are counted, for all sources at once.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use ssbtek_domain::{Agency, FUNDS, FundCode, SeededEntropy, Source, sections::Section};
use tokio::sync::watch;

use crate::{
    behaviour::{Behaviour, Lie, Outage},
    stream::stream,
};

/// What a mock source did with a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Did {
    /// Answered truthfully with facts.
    Answered,
    /// Said that it knows no such person.
    NoSuchPerson,
    /// Refused the question as malformed.
    BadQuestion,
    /// Failed, by rate or by script.
    Failed,
    /// Said that it is closed.
    Refused,
    /// Took the question and never answers.
    Hung,
    /// Closed the connection.
    Closed,
    /// Distorted the answer.
    Lied,
}

impl Did {
    const ALL: [Did; 8] = [
        Did::Answered,
        Did::NoSuchPerson,
        Did::BadQuestion,
        Did::Failed,
        Did::Refused,
        Did::Hung,
        Did::Closed,
        Did::Lied,
    ];
}

/// How often one source was asked, and what it did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Calls {
    /// Questions that arrived, whatever became of them.
    pub calls: u64,
    /// What it did, where that is decided (a question that is still delayed, or whose caller gave up while it was, is
    /// only among `calls`).
    pub did: BTreeMap<Did, u64>,
}

/// A source that the mocks do not play.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be {} or the code of a known unemployment fund", Agency::ALL.map(Agency::code).join(", "))]
pub struct UnknownSource;

/// Switches behaviour and counts calls. Clones share everything.
#[derive(Debug, Clone)]
pub struct Control(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sources: Vec<Desk>,
    strays: AtomicU64,
}

/// Rewrites the bytes of an answer.
#[derive(Clone)]
struct Twist(Arc<dyn Fn(Vec<u8>) -> Vec<u8> + Send + Sync>);

impl fmt::Debug for Twist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Twist")
    }
}

#[derive(Debug)]
struct Desk {
    source: Source,
    behaviour: RwLock<Arc<Behaviour>>,
    told: RwLock<Option<Arc<Section>>>,
    twist: RwLock<Option<Twist>>,
    recording: RwLock<Option<Arc<Vec<u8>>>>,
    chance: SeededEntropy,
    calls: AtomicU64,
    did: [AtomicU64; Did::ALL.len()],
    held: watch::Sender<bool>,
}

/// What to do with the question that has just arrived.
#[derive(Debug)]
pub(crate) struct Turn {
    control: Control,
    desk: usize,
    /// Wait this long first.
    delay: Duration,
    held: watch::Receiver<bool>,
    /// Then fail.
    pub(crate) fails: bool,
    behaviour: Arc<Behaviour>,
    /// What to tell about whomever is asked about, in place of what is known.
    pub(crate) told: Option<Arc<Section>>,
}

impl Control {
    /// All sources, well-behaved. `seed` decides jitter and which questions fail.
    pub fn new(seed: u64) -> Self {
        let funds = FUNDS.iter().filter_map(|(code, _)| FundCode::parse(code)).map(Source::Fund);
        let sources = Agency::ALL.into_iter().map(Source::Agency).chain(funds);
        let desk = |source: Source| Desk {
            chance: stream(seed, source.code()),
            source,
            behaviour: RwLock::default(),
            told: RwLock::default(),
            twist: RwLock::default(),
            recording: RwLock::default(),
            calls: AtomicU64::new(0),
            did: Default::default(),
            held: watch::Sender::new(false),
        };
        Self(Arc::new(Inner { sources: sources.map(desk).collect(), strays: AtomicU64::new(0) }))
    }

    /// Every source that is played: agencies, then the funds.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.0.sources.iter().map(|desk| &desk.source)
    }

    /// The source with that code; agencies in upper or lower case.
    pub fn source(&self, code: &str) -> Result<&Source, UnknownSource> {
        let is = |source: &&Source| match source {
            Source::Agency(agency) => agency.code().eq_ignore_ascii_case(code),
            Source::Fund(fund) => fund.as_str() == code,
        };
        self.sources().find(is).ok_or(UnknownSource)
    }

    /// How a source behaves now.
    pub fn get(&self, source: &Source) -> Result<Behaviour, UnknownSource> {
        Ok((*self.desk(source)?.1.now()).clone())
    }

    /// Replaces how a source behaves; questions that have arrived keep the behaviour they met.
    pub fn set(&self, source: &Source, behaviour: Behaviour) -> Result<(), UnknownSource> {
        *self.desk(source)?.1.behaviour.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(behaviour);
        Ok(())
    }

    /// Replaces how every source behaves.
    pub fn set_all(&self, behaviour: &Behaviour) {
        for desk in &self.0.sources {
            *desk.behaviour.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(behaviour.clone());
        }
    }

    /// Holds every question that reaches a source, or lets all go that are held.
    pub fn hold(&self, source: &Source, held: bool) -> Result<(), UnknownSource> {
        self.desk(source)?.1.held.send_replace(held);
        Ok(())
    }

    /// From now on a source tells these facts about everybody whom it knows; `None`: what it knows, as before.
    pub fn tell(&self, source: &Source, facts: Option<Section>) -> Result<(), UnknownSource> {
        let told = &self.desk(source)?.1.told;
        *told.write().unwrap_or_else(PoisonError::into_inner) = facts.map(Arc::new);
        Ok(())
    }

    /// From now on every answer of a source in its own wire format is rewritten by `twist` before it is sent.
    pub fn twist(
        &self,
        source: &Source,
        twist: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
    ) -> Result<(), UnknownSource> {
        let place = &self.desk(source)?.1.twist;
        *place.write().unwrap_or_else(PoisonError::into_inner) = Some(Twist(Arc::new(twist)));
        Ok(())
    }

    /// From now on every question to a source in its own wire format is answered by these bytes, as a success.
    pub fn answer_with(&self, source: &Source, bytes: Vec<u8>) -> Result<(), UnknownSource> {
        let place = &self.desk(source)?.1.recording;
        *place.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(bytes));
        Ok(())
    }

    /// Every source behaves well again, and every counter is zero.
    pub fn reset(&self) {
        self.set_all(&Behaviour::default());
        self.0.strays.store(0, Ordering::SeqCst);
        for desk in &self.0.sources {
            *desk.told.write().unwrap_or_else(PoisonError::into_inner) = None;
            *desk.twist.write().unwrap_or_else(PoisonError::into_inner) = None;
            desk.calls.store(0, Ordering::SeqCst);
            desk.did.iter().for_each(|counter| counter.store(0, Ordering::SeqCst));
        }
    }

    /// Questions that reached one source.
    pub fn calls(&self, source: &Source) -> Result<u64, UnknownSource> {
        Ok(self.desk(source)?.1.calls.load(Ordering::SeqCst))
    }

    /// How often one source did that.
    pub fn did(&self, source: &Source, what: Did) -> Result<u64, UnknownSource> {
        Ok(self.desk(source)?.1.count(what))
    }

    /// Requests that reached any mock at all, strays included: zero proves that nothing was asked.
    pub fn total_calls(&self) -> u64 {
        let asked: u64 = self.0.sources.iter().map(|desk| desk.calls.load(Ordering::SeqCst)).sum();
        asked + self.strays()
    }

    /// Requests that named no source: a wrong path, or a redirect that was followed.
    pub fn strays(&self) -> u64 {
        self.0.strays.load(Ordering::SeqCst)
    }

    /// All counters, by the source's code.
    pub fn all_calls(&self) -> BTreeMap<String, Calls> {
        let told = |desk: &Desk| {
            let did =
                Did::ALL.into_iter().map(|what| (what, desk.count(what))).filter(|(_, count)| *count > 0);
            let calls = Calls { calls: desk.calls.load(Ordering::SeqCst), did: did.collect() };
            (desk.source.code().to_owned(), calls)
        };
        self.0.sources.iter().map(told).collect()
    }

    pub(crate) fn stray(&self) {
        self.0.strays.fetch_add(1, Ordering::SeqCst);
    }

    /// Counts a question that arrived and decides what happens to it.
    pub(crate) fn arrive(&self, source: &Source) -> Result<Turn, UnknownSource> {
        let (index, desk) = self.desk(source)?;
        desk.calls.fetch_add(1, Ordering::SeqCst);
        let behaviour = desk.now();
        let jitter = desk.chance.below(behaviour.jitter_ms.saturating_add(1));
        let fails = desk.chance.below(100) < u64::from(behaviour.failure_rate_percent);
        let delay = Duration::from_millis(behaviour.delay_ms.saturating_add(jitter));
        let told = desk.told.read().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Turn {
            control: self.clone(),
            desk: index,
            delay,
            held: desk.held.subscribe(),
            fails,
            behaviour,
            told,
        })
    }

    fn desk(&self, source: &Source) -> Result<(usize, &Desk), UnknownSource> {
        self.0.sources.iter().enumerate().find(|(_, desk)| desk.source == *source).ok_or(UnknownSource)
    }
}

impl Desk {
    fn now(&self) -> Arc<Behaviour> {
        self.behaviour.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn count(&self, what: Did) -> u64 {
        self.did.get(what as usize).map_or(0, |counter| counter.load(Ordering::SeqCst))
    }
}

impl Turn {
    /// Waits as long as the source takes, and while it is held.
    pub(crate) async fn wait(&self) {
        tokio::time::sleep(self.delay).await;
        // The sender lives in the control, so this never fails.
        let _ = self.held.clone().wait_for(|held| !held).await;
    }

    pub(crate) fn outage(&self) -> Outage {
        self.behaviour.outage
    }

    pub(crate) fn lie(&self) -> Option<Lie> {
        self.behaviour.lie
    }

    pub(crate) fn scripted(&self) -> Option<&str> {
        self.behaviour.scripted.as_deref()
    }

    /// What is to be sent instead of an answer of one's own.
    pub(crate) fn recording(&self) -> Option<Arc<Vec<u8>>> {
        let desk = self.control.0.sources.get(self.desk);
        desk.and_then(|desk| desk.recording.read().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// The answer's bytes as they are to be sent.
    pub(crate) fn twisted(&self, bytes: Vec<u8>) -> Vec<u8> {
        let desk = self.control.0.sources.get(self.desk);
        let twist = desk.and_then(|desk| desk.twist.read().unwrap_or_else(PoisonError::into_inner).clone());
        match twist {
            Some(Twist(twist)) => twist(bytes),
            None => bytes,
        }
    }

    /// Counts what was done.
    pub(crate) fn did(&self, what: Did) {
        let desk = self.control.0.sources.get(self.desk);
        if let Some(counter) = desk.and_then(|desk| desk.did.get(what as usize)) {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FK: Source = Source::Agency(Agency::Fk);

    #[test]
    fn every_agency_and_every_fund_is_played() {
        let control = Control::new(1);
        assert_eq!(control.sources().count(), Agency::ALL.len() + FUNDS.len());
        assert_eq!(control.source("fk"), Ok(&FK));
        assert_eq!(control.source("F"), Err(UnknownSource));
        assert!(matches!(control.source("unionen"), Ok(Source::Fund(_))));
    }

    #[test]
    fn failures_come_at_the_asked_rate_and_the_same_seed_fails_the_same_questions() {
        let failures = |seed| {
            let control = Control::new(seed);
            control.set(&FK, Behaviour { failure_rate_percent: 30, ..Behaviour::default() }).unwrap();
            (0..1000).map(|_| control.arrive(&FK).unwrap().fails).collect::<Vec<_>>()
        };
        let count = failures(1).into_iter().filter(|failed| *failed).count();
        assert!((240..360).contains(&count), "{count}");
        assert_eq!(failures(1), failures(1));
        assert_ne!(failures(1), failures(2));
    }

    #[test]
    fn a_rate_of_zero_never_fails_and_of_a_hundred_always_does() {
        let control = Control::new(1);
        assert!((0..500).all(|_| !control.arrive(&FK).unwrap().fails));
        control.set(&FK, Behaviour { failure_rate_percent: 100, ..Behaviour::default() }).unwrap();
        assert!((0..500).all(|_| control.arrive(&FK).unwrap().fails));
    }

    #[test]
    fn jitter_stays_within_its_bound() {
        let control = Control::new(1);
        control.set(&FK, Behaviour { jitter_ms: 10, ..Behaviour::slow(5) }).unwrap();
        let delays: Vec<_> = (0..500).map(|_| control.arrive(&FK).unwrap().delay.as_millis()).collect();
        assert_eq!((delays.iter().min(), delays.iter().max()), (Some(&5), Some(&15)));
    }

    #[test]
    fn calls_are_counted_for_each_source_alone_and_reset_to_zero() {
        let control = Control::new(1);
        control.arrive(&FK).unwrap().did(Did::Answered);
        control.arrive(&FK).unwrap();
        control.stray();
        let told = &control.all_calls()["FK"];
        assert_eq!((told.calls, told.did.get(&Did::Answered)), (2, Some(&1)));
        assert_eq!(control.calls(&Source::Agency(Agency::Af)), Ok(0));
        assert_eq!(control.total_calls(), 3);
        control.reset();
        assert_eq!(control.total_calls(), 0);
        assert_eq!(control.did(&FK, Did::Answered), Ok(0));
    }
}
