//! Gets the logs' checkpoints cosigned, and stops the broker if a witness has seen more than is here, or something else.
//!
//! Nobody waits for all: every log is asked about on its own, every witness on its own, and the quorum suffices. What a
//! witness says after that still counts. A turn ends at one deadline, however many logs and silent witnesses there are.
//!
//! | module | holds |
//! |---|---|
//! | [`turn`] | one asking about one log |
//! | [`doubt`] | when a witness that says otherwise is believed |
//! | [`lag`] | how long a log has been without its quorum; events and the refusal that follow |
//! | [`connect`] | a witness's client, from configuration |
//! | [`ports`] | what the access log and the purge see of all this |

mod connect;
mod doubt;
mod lag;
mod ports;
mod turn;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use futures::{StreamExt, stream};
use ssbtek_access_log::{Holder, Leases, TreeStore};
use ssbtek_config::Config;
use ssbtek_domain::{Clock, Entropy, OrganisationNumber};
use ssbtek_log_store::{CheckpointSigner, Poison};
use ssbtek_transparency::{Checkpoint, SignedNote};
use tokio::{
    sync::{Semaphore, watch},
    task::{JoinHandle, JoinSet},
    time::{Instant, MissedTickBehavior},
};

use doubt::{Contradicted, Doubt};
use lag::Lag;
pub(crate) use ports::Witnesses;
use ssbtek_witness::WitnessClient;
use turn::{How, Turned};

/// Logs looked at, at once, for whether they have grown.
const LOOKED_AT: usize = 16;
/// Calls to one witness at once.
const CALLS_AT_ONCE: usize = 32;
/// The turn at the start may take so many times as long: every log is asked about, and a witness may have to note them all.
const PATIENCE_AT_START: u32 = 3;
/// How long, at the start, the witnesses beyond the quorum may still speak up.
const GRACE_AT_START: Duration = Duration::from_millis(500);

/// The lease under which witnesses are asked turn by turn.
const LEASE: &str = "witness_turns";
/// How long it is held at least: half of that passes between two of its rows.
const TURNS_ARE_HELD: Duration = Duration::from_secs(60);

/// Held while a witness is asked about a log.
type SharedDoubt = Arc<tokio::sync::Mutex<Doubt>>;

/// The largest checkpoint of a log that a configured witness has cosigned and shows when it is shown `checkpoint`.
pub(crate) async fn largest_seen(
    config: &Config,
    checkpoint: &str,
    clock: &Arc<dyn Clock>,
) -> Result<Option<String>> {
    let note = SignedNote::parse(checkpoint)?;
    let origin = Checkpoint::parse(note.text())?.origin;
    let mut largest: Option<(u64, String)> = None;
    for witness in &config.witness {
        let client = connect::client(witness, clock, Duration::from_millis(config.witnessing.timeout_ms))?;
        // Refused, if it has seen more: that is what is asked for.
        let _ = client.cosign(&note, async |_| Some(Vec::new())).await;
        let Some(shown) = client.shown(&origin) else { continue };
        let size = Checkpoint::parse(shown.text())?.size;
        if largest.as_ref().is_none_or(|(known, _)| *known < size) {
            largest = Some((size, shown.encode()));
        }
    }
    Ok(largest.map(|(_, note)| note))
}

/// The witnesses of all boards' logs.
pub(crate) struct Witnessing {
    trees: Arc<dyn TreeStore>,
    leases: Arc<dyn Leases>,
    signer: Arc<CheckpointSigner>,
    holder: Holder,
    witnesses: Vec<Asked>,
    quorum: usize,
    interval: Duration,
    /// The longest a turn may take.
    patience: Duration,
    /// How long a contradiction that is not proven may be repeated before it is believed.
    doubt_for: Duration,
    pairs: Mutex<HashMap<(OrganisationNumber, usize), SharedDoubt>>,
    /// The newest note of a log that some witness cosigned, with too few of them.
    partial: Mutex<HashMap<OrganisationNumber, (u64, String)>>,
    lag: Mutex<Lag>,
    tasks: Mutex<JoinSet<()>>,
    poison: Poison,
}

/// What witnesses are asked about, and what follows.
pub(crate) struct Around {
    /// The logs.
    pub(crate) trees: Arc<dyn TreeStore>,
    /// So that of several gateways one asks.
    pub(crate) leases: Arc<dyn Leases>,
    /// Knows the logs of which only the key is left.
    pub(crate) signer: Arc<CheckpointSigner>,
    /// Tells the time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Gives randomness.
    pub(crate) entropy: Arc<dyn Entropy>,
    /// Set when a witness contradicts a log.
    pub(crate) poison: Poison,
}

/// A witness, and how many calls to it there may be at once.
struct Asked {
    client: WitnessClient,
    places: Semaphore,
}

impl Witnessing {
    /// The configured witnesses; `None` if there are none.
    pub(crate) fn new(config: &Config, around: Around) -> Result<Option<Arc<Self>>> {
        if config.witness.is_empty() {
            return Ok(None);
        }
        let Around { trees, leases, signer, clock, entropy, poison } = around;
        let settings = &config.witnessing;
        let patience = Duration::from_millis(settings.timeout_ms);
        let client = |witness| connect::client(witness, &clock, patience);
        let witnesses = config
            .witness
            .iter()
            .map(|witness| Ok(Asked { client: client(witness)?, places: Semaphore::new(CALLS_AT_ONCE) }));
        Ok(Some(Arc::new(Self {
            trees,
            leases,
            signer,
            holder: Holder::draw(&*entropy),
            witnesses: witnesses.collect::<Result<_>>()?,
            quorum: config.quorum(),
            interval: Duration::from_millis(settings.interval_ms.max(10)),
            patience,
            doubt_for: Duration::from_secs(settings.unproven_contradiction_s),
            pairs: Mutex::default(),
            partial: Mutex::default(),
            lag: Mutex::new(Lag::new(settings, config.witness.len())),
            tasks: Mutex::new(JoinSet::new()),
            poison,
        })))
    }

    /// Holds every log against what the witnesses saw last, all logs at once. An error: one has seen more, or something else.
    pub(crate) async fn check_at_start(self: &Arc<Self>, required: bool) -> Result<()> {
        let checked = self.checked_at_start(required).await;
        if checked.is_err() {
            self.end().await;
        }
        checked
    }

    async fn checked_at_start(self: &Arc<Self>, required: bool) -> Result<()> {
        // Also logs of which only the key is left: a witness may remember them.
        let boards = self.signer.boards().context("the key vault cannot be read")?;
        let how = How {
            anew: true,
            wait: true,
            until: Instant::now() + PATIENCE_AT_START * self.patience,
            grace: GRACE_AT_START,
        };
        let turns = boards.into_iter().map(|board| async move { (board, self.turn(board, how).await) });
        for (board, turned) in futures::future::join_all(turns).await {
            let heard = match turned? {
                Turned::Cosigned(..) => continue,
                Turned::TooFew { heard } => heard,
            };
            // A log that the witnesses were never told of cannot be compared with anything, and holds up no other.
            let was_cosigned = self.newest_kept(board).await.is_some();
            // One that nobody can sign on takes no record, so nothing of its board is asked or told.
            let stands_still = self.trees.log_keys(board).is_empty();
            if required && !stands_still && (!heard || was_cosigned) {
                bail!(
                    "too few witnesses have confirmed the access log of board {board}: without them an older database \
                     cannot be told from the newest (witnessing.required_at_start)"
                );
            }
            tracing::error!(
                alarm = "witness_unconfirmed",
                %board,
                "too few witnesses have confirmed that this is the newest access log; opening all the same"
            );
        }
        Ok(())
    }

    /// Asks again and again, until aborted. A turn that has not ended holds up no other.
    pub(crate) fn run(self: Arc<Self>) -> JoinHandle<()> {
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(self.interval);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                self.tick().await;
            }
        })
    }

    async fn tick(self: &Arc<Self>) {
        // Every gateway looks how far the logs have come, and one asks. Without an answer to who it is, none does until the next tick.
        let life = TURNS_ARE_HELD.max(3 * self.interval);
        let mine = self.leases.hold(LEASE, self.holder, life).await.is_ok_and(|lease| lease.is_some());
        let boards = self.trees.boards().await.unwrap_or_default();
        let how =
            How { anew: false, wait: false, until: Instant::now() + self.patience, grace: Duration::ZERO };
        let look = |board| async move {
            let Ok(Some(state)) = self.trees.tree(board).await else { return };
            let kept = self.newest_kept(board).await;
            let reached = kept.map_or(0, |(size, _)| size);
            self.lag().note(board, reached, state.size, Instant::now());
            if mine && reached < state.size {
                let turning = self.clone();
                self.spawn(async move { drop(turning.turn_or_stop(board, how).await) });
            }
        };
        stream::iter(boards).for_each_concurrent(LOOKED_AT, look).await;
        self.lag().tell(Instant::now());
    }

    /// Asks once about every log; last thing before the broker stops, so that no entry can be taken back unseen.
    pub(crate) async fn ask_all(self: &Arc<Self>) {
        let boards = self.trees.boards().await.unwrap_or_default();
        let how =
            How { anew: false, wait: true, until: Instant::now() + self.patience, grace: Duration::ZERO };
        futures::future::join_all(boards.into_iter().map(|board| self.turn_or_stop(board, how))).await;
        self.end().await;
    }

    /// Nothing of it may hold the database when the next process opens it.
    async fn end(&self) {
        let mut tasks = std::mem::take(&mut *self.tasks());
        tasks.shutdown().await;
    }

    /// The quorum's newest, asked for now.
    async fn now(self: &Arc<Self>, board: OrganisationNumber) -> Option<(u64, String)> {
        let until = Instant::now() + self.patience;
        self.turn_or_stop(board, How { anew: false, wait: true, until, grace: Duration::ZERO }).await
    }

    async fn turn_or_stop(self: &Arc<Self>, board: OrganisationNumber, how: How) -> Option<(u64, String)> {
        match self.turn(board, how).await {
            Ok(Turned::Cosigned(size, note)) => Some((size, note)),
            Ok(Turned::TooFew { .. }) => None,
            Err(contradicted) => {
                self.stop_for(&contradicted);
                None
            }
        }
    }

    fn stop_for(&self, contradicted: &Contradicted) {
        tracing::error!(alarm = "witness_contradicts", "{contradicted}; this process discloses nothing more");
        self.poison.set();
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks();
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    fn tasks(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For each log, whether no lag of its cosignatures is told now.
    pub(crate) fn shown(&self) -> watch::Receiver<BTreeMap<OrganisationNumber, bool>> {
        self.lag().shown()
    }

    fn lag(&self) -> MutexGuard<'_, Lag> {
        self.lag.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
