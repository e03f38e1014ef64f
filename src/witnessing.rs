//! Gets the logs' checkpoints cosigned, and stops the broker if a witness has seen more than is here, or something else.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use async_trait::async_trait;
use ssbtek_access_log::{Cosigner, TreeState, TreeStore};
use ssbtek_config::{Config, WitnessConfig};
use ssbtek_domain::{Clock, DateTime, OrganisationNumber, Utc};
use ssbtek_pki::{ALPN_HTTP11, Connector, Roots, client_config};
use ssbtek_purge::SecondClock;
use ssbtek_store_sqlite::SqliteStore;
use ssbtek_transparency::{NoteVerifier, SignedNote, Trust, trust::Opened};
use ssbtek_witness::{ClientError, WitnessClient, gather};
use tokio::{sync::Mutex, task::JoinHandle, time::MissedTickBehavior};

/// Logs that are tried for the witnesses' time before there is none.
const CLOCK_BOARDS: usize = 3;

/// The witnesses of all boards' logs.
pub(crate) struct Witnessing {
    store: Arc<SqliteStore>,
    clients: Vec<WitnessClient>,
    quorum: usize,
    interval: Duration,
    /// One asking at a time: bounded, and in order.
    turn: Mutex<()>,
    stop: Box<dyn Fn() + Send + Sync>,
}

/// A witness contradicts this log.
#[derive(Debug, thiserror::Error)]
#[error("the witness {witness} contradicts the access log of board {board}: {error}")]
struct Contradicted {
    witness: String,
    board: OrganisationNumber,
    error: ClientError,
}

impl Witnessing {
    /// The configured witnesses; `None` if there are none. `stop` is called when one contradicts a log.
    pub(crate) fn new(
        config: &Config,
        store: Arc<SqliteStore>,
        clock: &Arc<dyn Clock>,
        stop: impl Fn() + Send + Sync + 'static,
    ) -> Result<Option<Arc<Self>>> {
        if config.witness.is_empty() {
            return Ok(None);
        }
        let timeout = Duration::from_millis(config.witnessing.timeout_ms);
        let clients =
            config.witness.iter().map(|witness| client(witness, clock, timeout)).collect::<Result<_>>()?;
        Ok(Some(Arc::new(Self {
            store,
            clients,
            quorum: config.witnessing.quorum,
            interval: Duration::from_millis(config.witnessing.interval_ms.max(10)),
            turn: Mutex::new(()),
            stop: Box::new(stop),
        })))
    }

    /// Holds every log against what the witnesses saw last. An error: one has seen more, or something else.
    pub(crate) async fn check_at_start(&self, required: bool) -> Result<()> {
        // Also logs of which only the key is left: a witness may remember them.
        let boards =
            self.store.boards_with_keys().map_err(|_| anyhow::anyhow!("the key vault cannot be read"))?;
        for board in boards {
            if self.ask(board, true).await?.is_none() {
                if required {
                    bail!("too few witnesses have confirmed the access log of board {board}");
                }
                tracing::warn!(%board, "too few witnesses have confirmed the access log; asking goes on");
            }
        }
        Ok(())
    }

    /// Asks again and again, until aborted.
    pub(crate) fn run(self: Arc<Self>) -> JoinHandle<()> {
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(self.interval);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                self.ask_all().await;
            }
        })
    }

    /// Asks once about every log; last thing before the broker stops, so that no entry can be taken back unseen.
    pub(crate) async fn ask_all(&self) {
        for board in self.store.boards().await.unwrap_or_default() {
            self.ask_or_stop(board).await;
        }
    }

    async fn ask_or_stop(&self, board: OrganisationNumber) -> Option<(u64, String)> {
        match self.ask(board, false).await {
            Ok(cosigned) => cosigned,
            Err(error) => {
                tracing::error!("{error}; this process discloses nothing more");
                self.store.poison();
                (self.stop)();
                None
            }
        }
    }

    /// Gets the newest state cosigned, unless it is already (`anew`: even so, as what is kept here proves nothing at start). `None`: too few have answered.
    async fn ask(
        &self,
        board: OrganisationNumber,
        anew: bool,
    ) -> Result<Option<(u64, String)>, Contradicted> {
        let _turn = self.turn.lock().await;
        let Some(state) = self.state(board).await else { return Ok(None) };
        let size = state.size;
        if !anew
            && let Ok(Some(kept)) = self.store.newest_kept_checkpoint(board, size).await
            && kept.0 == size
        {
            return Ok(Some(kept));
        }
        let Some(note) = self.gathered(board, &state).await? else { return Ok(None) };
        if !self.opened(board, &note).is_some_and(|opened| opened.has_quorum(self.quorum.max(1))) {
            return Ok(None);
        }
        let note = note.encode();
        // Not kept is not lost: the next asking keeps it.
        let _ = self.store.keep_checkpoint(board, size, note.clone()).await;
        Ok(Some((size, note)))
    }

    /// A board's tree as it is now; of a log of which only the key is left, the empty one.
    async fn state(&self, board: OrganisationNumber) -> Option<TreeState> {
        match self.store.tree(board).await {
            Ok(None) => {
                let checkpoint = self.store.empty_checkpoint(board)?;
                Some(TreeState { size: 0, checkpoint })
            }
            found => found.ok().flatten(),
        }
    }

    /// A tree's checkpoint with every cosignature that can be had now.
    async fn gathered(
        &self,
        board: OrganisationNumber,
        state: &TreeState,
    ) -> Result<Option<SignedNote>, Contradicted> {
        let Ok(mut note) = SignedNote::parse(&state.checkpoint) else { return Ok(None) };
        let prove = |old: u64| match (old, state.size) {
            (0, _) => Some(Vec::new()),
            (_, size) => self.store.consistency_now(board, old, size).ok(),
        };
        let missing = gather(&self.clients, &mut note, prove).await;
        for (witness, error) in missing {
            if matches!(error, ClientError::LogBehind(_) | ClientError::Refused(409 | 422)) {
                return Err(Contradicted { witness, board, error });
            }
            tracing::debug!(witness, %error, "no cosignature");
        }
        Ok(Some(note))
    }

    fn opened(&self, board: OrganisationNumber, note: &SignedNote) -> Option<Opened> {
        let trust =
            Trust::new(self.store.origin(board), self.store.log_keys(board), self.keys(), self.quorum);
        trust.ok()?.open_note(note).ok()
    }
}

/// The witnesses' clocks: a cosignature says when it was made, and is made anew for every reading, so that an old one
/// cannot be passed off as the present. The first of a few logs that a witness knows will do.
#[async_trait]
impl SecondClock for Witnessing {
    async fn readings(&self) -> Vec<DateTime<Utc>> {
        for board in self.store.boards().await.unwrap_or_default().into_iter().take(CLOCK_BOARDS) {
            let _turn = self.turn.lock().await;
            let Some(state) = self.state(board).await else { continue };
            // A contradiction is found and acted on by the regular asking.
            let Ok(Some(note)) = self.gathered(board, &state).await else { continue };
            let cosigned = self.opened(board, &note).map(|opened| opened.cosigned).unwrap_or_default();
            let times = cosigned
                .into_iter()
                .filter_map(|(_, time)| DateTime::from_timestamp(i64::try_from(time).ok()?, 0));
            let times: Vec<_> = times.collect();
            if !times.is_empty() {
                return times;
            }
        }
        Vec::new()
    }
}

#[async_trait]
impl Cosigner for Witnessing {
    async fn cosigned(&self, board: OrganisationNumber) -> Option<(u64, String)> {
        if let Some(now) = self.ask_or_stop(board).await {
            return Some(now);
        }
        self.store.newest_kept_checkpoint(board, 0).await.ok().flatten()
    }

    fn keys(&self) -> Vec<NoteVerifier> {
        self.clients.iter().map(|client| client.key().clone()).collect()
    }

    fn quorum(&self) -> usize {
        self.quorum
    }
}

fn client(witness: &WitnessConfig, clock: &Arc<dyn Clock>, timeout: Duration) -> Result<WitnessClient> {
    let key = NoteVerifier::parse(&witness.key).context("witness.key is no verifier key (name+id+key)")?;
    let url = format!("{}/add-checkpoint", witness.url.trim_end_matches('/'));
    let submit: http::Uri = url.parse().context("witness.url")?;
    let connector = match (submit.scheme_str(), &witness.ca) {
        (Some("https"), Some(ca)) => {
            let roots = Roots::from_pem(&std::fs::read(ca).context("witness.ca cannot be read")?)?;
            let tls = client_config(None, &roots, clock.clone(), &[ALPN_HTTP11])?;
            Connector::tls(tls, timeout, timeout)
        }
        (Some("https"), None) => bail!("witness.ca is needed with https"),
        (Some("http"), _) => Connector::plain(timeout),
        _ => bail!("witness.url must begin with https:// or http://"),
    };
    Ok(WitnessClient::new(submit, key, connector, timeout))
}
