//! From configuration to open doors, in order; and back again.

use std::{net::SocketAddr, panic::Location, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, anyhow};
use chrono::TimeDelta;
use futures::{FutureExt, future::BoxFuture};
use ssbtek_access_log::{AccessLog, Marks, RefusalBounds, TreeStore};
use ssbtek_authenticate::AssertionRules;
use ssbtek_authorize::{AskLimits, Registry};
use ssbtek_config::{Config, SoapConfig};
use ssbtek_domain::{Clock, Entropy, OrganisationNumber, WatchedClock};
use ssbtek_fan_out::{FanOut, FanOutLimits};
use ssbtek_gateway::{
    Callers, Door, DoorLimits, GrpcService, GrpcServices, Places, Service, ServiceLimits, SoapLimits,
    SoapService,
};
use ssbtek_log_store::{Around, CheckpointSigner, Poison, Store};
use ssbtek_pki::{
    ALPN_H2, ALPN_HTTP11, Acceptor, FileWatch, Gatekeeper, Identity, RevocationLists, Roots, server_config,
};
use ssbtek_purge::Ledger;
use ssbtek_query::{KeepLimits, QueryPath};
use ssbtek_registry::Desk;
use ssbtek_telemetry::{Fault, FaultKind};
use ssbtek_vault::{DirectoryVault, VaultError};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    gaps::Gaps,
    key_watch::KeyWatch,
    witnessing::{self, Witnesses, Witnessing},
};

/// Why the broker did not start, where a caller can do something about it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program listens on the port.
    #[error("port {} for {door} is taken by another program", addr.port())]
    PortTaken {
        /// Which door.
        door: &'static str,
        /// Where it was to be.
        addr: SocketAddr,
    },
}

/// Where the doors are, once they are open.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    /// gRPC.
    pub grpc: SocketAddr,
    /// SOAP, if that door is open.
    pub soap: Option<SocketAddr>,
    /// The pages, if that door is open.
    pub web: Option<SocketAddr>,
    /// What is counted, if that can be read.
    pub metrics: Option<SocketAddr>,
}

/// A running broker.
pub struct Broker {
    /// Where its doors are.
    pub ports: Ports,
    signer: Arc<CheckpointSigner>,
    log: AccessLog,
    store: Arc<Store>,
    witnessing: Option<Arc<Witnessing>>,
    keys: Arc<KeyWatch>,
    stop: watch::Sender<bool>,
    poison: Poison,
    doors: Vec<JoinHandle<()>>,
    watchers: Vec<JoinHandle<()>>,
}

impl Broker {
    /// Opens storage, ends what a former process left open, and only then opens the doors.
    ///
    /// In a box, so that whoever starts a broker does not compile all of it once more.
    pub fn start<'a>(
        config: &'a Config,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> BoxFuture<'a, Result<Self>> {
        Self::started(config, clock, entropy).boxed()
    }

    async fn started(config: &Config, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Self> {
        crate::foundations::tell(config);
        let listener = listen("gRPC", config.grpc_address()).await?;
        let soap_listener = match &config.soap {
            Some(soap) => Some(listen("SOAP", soap.listen).await?),
            None => None,
        };
        let web_listener = match &config.web {
            Some(web) => Some(listen("the pages", web.listen).await?),
            None => None,
        };
        let metrics_listener = match config.doors.metrics_listen {
            Some(address) => Some(listen("metrics", address).await?),
            None => None,
        };
        crate::databases::refuse(config)?;
        let bound = TimeDelta::seconds(i64::from(config.assertion.max_clock_step_back_s));
        let watched = Arc::new(WatchedClock::new(clock, bound));
        let clock: Arc<dyn Clock> = watched.clone();
        let (keys, max_wait) = (&config.store, Duration::from_millis(config.store.max_key_wait_ms));
        let vault = DirectoryVault::bounded(&keys.keys, entropy.clone(), keys.max_keys_in_memory, max_wait)?;
        let vault = Arc::new(vault);
        let ledger = crate::retention::ledger(config, vault.clone()).await?;
        let gaps = Gaps::read(config)?;
        let signer = CheckpointSigner::new(&config.deployment, vault.clone()).with_origins(gaps.origins());
        let signer = Arc::new(signer);
        let poison = Poison::default();
        let store = crate::databases::open(
            config,
            Around {
                vault: vault.clone(),
                signer: signer.clone(),
                clock: clock.clone(),
                entropy: entropy.clone(),
                poison: poison.clone(),
            },
        )?;
        let store = Arc::new(store);
        let mut tasks = Tasks::default();
        let stored = Stored {
            listener,
            soap_listener,
            web_listener,
            metrics_listener,
            clock,
            watched,
            entropy,
            vault,
            ledger,
            gaps,
            signer: signer.clone(),
            store: store.clone(),
            poison: poison.clone(),
        };
        match stored.open(config, &mut tasks).await {
            Ok(Open { ports, log, witnessing, keys, stop }) => {
                let Tasks { doors, watchers } = tasks;
                Ok(Self { ports, signer, log, store, witnessing, keys, stop, poison, doors, watchers })
            }
            Err(error) => {
                // A start that was refused has let go of the database before it says so.
                tasks.end().await;
                store.close().await;
                Err(error)
            }
        }
    }

    /// The public key (C2SP vkey) that verifies a board's checkpoints.
    pub fn log_key(&self, board: OrganisationNumber) -> Option<String> {
        Some(self.signer.signer(board)?.verifier().vkey())
    }

    /// Holds its keys against their files, as it does now and then; returns how many are not what they were.
    pub async fn look_at_keys(&self) -> Option<usize> {
        self.keys.look().await
    }

    /// Resolves when the log has failed and the process must end.
    pub async fn poisoned(&self) {
        self.poison.until_set().await;
    }

    /// Closes the doors and lets questions under way end.
    pub async fn stop(self) {
        // No receiver means that no door is open.
        let _ = self.stop.send(true);
        for door in self.doors {
            if door.await.is_err() {
                Fault::new(Location::caller(), FaultKind::Panic)
                    .alarm("panic")
                    .tell(&"a door ended in a panic");
            }
        }
        for watcher in self.watchers {
            watcher.abort();
            // Awaited, so that nothing of it still holds the database when the next process opens it.
            let _ = watcher.await;
        }
        if self.log.record_counted_refusals().await.is_err() {
            tracing::warn!("refusals that were counted could not be recorded");
        }
        if let Some(witnessing) = &self.witnessing {
            witnessing.ask_all().await;
        }
        self.store.close().await;
    }
}

/// What a start has opened before it knows whether it may answer anybody.
struct Stored {
    listener: TcpListener,
    soap_listener: Option<TcpListener>,
    web_listener: Option<TcpListener>,
    metrics_listener: Option<TcpListener>,
    clock: Arc<dyn Clock>,
    watched: Arc<WatchedClock>,
    entropy: Arc<dyn Entropy>,
    vault: Arc<DirectoryVault>,
    ledger: Ledger,
    gaps: Gaps,
    signer: Arc<CheckpointSigner>,
    store: Arc<Store>,
    poison: Poison,
}

/// What answers.
struct Open {
    ports: Ports,
    log: AccessLog,
    witnessing: Option<Arc<Witnessing>>,
    keys: Arc<KeyWatch>,
    stop: watch::Sender<bool>,
}

/// What runs until the end.
#[derive(Default)]
struct Tasks {
    doors: Vec<JoinHandle<()>>,
    watchers: Vec<JoinHandle<()>>,
}

impl Tasks {
    /// Awaited, so that nothing of it still holds the database.
    async fn end(self) {
        for task in self.doors.into_iter().chain(self.watchers) {
            task.abort();
            let _ = task.await;
        }
    }
}

impl Stored {
    /// Ends what a former process left open, and only then opens the doors.
    async fn open(self, config: &Config, tasks: &mut Tasks) -> Result<Open> {
        let Self {
            listener,
            soap_listener,
            web_listener,
            metrics_listener,
            clock,
            watched,
            entropy,
            vault,
            ledger,
            gaps,
            signer,
            store,
            poison,
        } = self;
        // Only now is it sure that no other process is making keys here.
        for error in vault.remove_unfinished()? {
            tell_left(&error);
        }
        if let Some(at) = store.latest_time().await.map_err(|_| anyhow!("the access log cannot be read"))? {
            watched.was(at);
        }
        let registry: Arc<dyn Registry> = store.clone();
        let witnessing = Witnessing::new(
            config,
            witnessing::Around {
                trees: store.clone(),
                leases: store.clone(),
                signer: signer.clone(),
                clock: clock.clone(),
                entropy: entropy.clone(),
                poison,
            },
        )?;
        let mut log = AccessLog::new(store.clone(), vault.clone(), clock.clone(), entropy.clone())
            .with_refusal_bounds(RefusalBounds {
                max_recorded: config.refusals.max_recorded,
                window_s: config.refusals.window_s,
            })
            .with_gaps(gaps.all().clone());
        if let Some(witnessing) = &witnessing {
            log = log.with_cosigner(Arc::new(Witnesses(witnessing.clone())));
        }
        let purger = crate::retention::purger(
            config,
            ssbtek_purge::Around {
                store: store.clone(),
                leases: store.clone(),
                vault,
                log: log.clone(),
                ledger,
                clock: clock.clone(),
                second: crate::retention::second_clock(config, witnessing.clone(), &clock)?,
                entropy: entropy.clone(),
            },
        )
        .await?;
        // What was purged is gone again by now, even if a witness has seen a newer log and the start ends here.
        if let Some(witnessing) = &witnessing {
            witnessing.check_at_start(config.witnessing.required_at_start).await?;
        }
        gaps.record(&log).await?;
        crate::retention::replay(&purger).await?;
        // Each that is not what it was has been told of, and stops nobody but whose it is.
        let _ = store.look_at_keys().await;
        let configuration = crate::check_command::digest(config)?;
        let kept = store.keep_digest(crate::check_command::CONFIGURATION, configuration).await;
        // The store has told of it; the offline check will say that the configuration is another one.
        let _ = kept;
        let left_open = log.recover().await.context("the access log cannot be recovered")?;
        if left_open > 0 {
            tracing::warn!(entries = left_open, "questions without an end were logged as assumed disclosed");
        }
        let ending = log.clone();

        let roots = Roots::from_pem(&read(&config.tls.client_ca)?)?;
        let ([gatekeeper, of_agencies], watchers) = gatekeepers(config, &roots, store.clone()).await?;
        tasks.watchers.extend(watchers);
        tasks.watchers.extend(witnessing.clone().map(Witnessing::run));
        let callers = Callers {
            gatekeeper: gatekeeper.clone(),
            registry: registry.clone(),
            rules: AssertionRules {
                audience: config.assertion.audience.clone(),
                max_life_s: config.assertion.max_life_s,
                max_skew_s: config.assertion.max_skew_s,
            },
            operators: config.operator_fingerprints().into(),
            clock: clock.clone(),
        };
        let (connectors, agency_files) = crate::sources::connectors(config, of_agencies, &clock)?;
        let fan_out = FanOut::new(
            connectors,
            config.provider.processor(),
            FanOutLimits {
                agency_deadline_ms: config.query.agency_deadline_ms,
                max_in_flight_per_source: config.query.max_in_flight_per_source,
                max_waiting_per_board: config.query.max_waiting_per_board,
                breaker_after: config.query.breaker_after,
                breaker_pause_ms: config.query.breaker_pause_ms,
            },
        )
        .with_places(crate::sources::places(config)?);
        let provider = config.provider.organisation_number;
        let desk = Desk::new(log.clone(), registry.clone(), clock.clone(), provider)
            .with_proposals_for_h(config.proposal_life_h);
        show_twins(&desk).await;
        crate::retention::tell_boards(&desk).await;
        let telling = desk.clone();
        // While the provider's own documents cannot be read nobody is known, so that nobody is answered; why has been told of. It is
        // tried again with every look at the keys.
        let law = desk.law(config.legal_basis.clone()).await.ok();
        let query = QueryPath::new(registry.clone(), law, log.clone(), fan_out, clock.clone());
        let query = query.with_max_questions_an_hour(config.query.max_questions_an_hour);
        let query = query.with_household_check_days(config.query.household_check_days);
        let query = Arc::new(query.with_keep_limits(KeepLimits {
            resume_within_ms: config.query.resume_within_ms,
            max_resumable_bytes: config.query.max_resumable_bytes,
        }));
        tasks.watchers.push(tokio::spawn(crate::counted_refusals::tell(log.clone())));
        let keys = Arc::new(KeyWatch {
            store: store.clone(),
            desk: desk.clone(),
            query: query.clone(),
            law: config.legal_basis.clone(),
        });
        let services = GrpcServices {
            callers: callers.clone(),
            query: query.clone(),
            desk: desk.clone(),
            log: log.clone(),
            purger: purger.clone(),
            cosigned: witnessing.as_ref().map(|witnessing| witnessing.shown()),
            limits: service_limits(config),
        };

        let soap_address = soap_listener.as_ref().map(TcpListener::local_addr).transpose()?;
        let metrics = metrics_listener.as_ref().map(TcpListener::local_addr).transpose()?;
        let web = web_listener.as_ref().map(TcpListener::local_addr).transpose()?;
        let ports = Ports { grpc: listener.local_addr()?, soap: soap_address, web, metrics };
        tasks.watchers.extend(metrics_listener.map(|listener| tokio::spawn(crate::metrics::serve(listener))));
        let (stop, stopped) = watch::channel(false);
        let shared = &config.doors;
        let places = Places::new(
            shared.max_under_way,
            shared.max_under_way_per_certificate,
            shared.max_under_way_per_board,
        );
        let door = Door {
            listener,
            acceptor: acceptor(config, &roots, clock.clone(), ALPN_H2)?,
            callers: callers.clone(),
            service: Service::Grpc(Arc::new(GrpcService::new(services).await)),
            places: places.clone(),
            limits: door_limits(config),
        };
        let mut acceptors = vec![(door.acceptor.clone(), ALPN_H2)];
        tasks.doors.push(tokio::spawn(door.serve(stopped.clone())));
        let every = Duration::from_secs(config.retention.sweep_interval_s);
        let look_at_keys = Duration::from_secs(config.store.look_at_keys_every_s);
        tasks.watchers.push(tokio::spawn(crate::retention::end_left_open(ending.clone())));
        tasks.watchers.push(tokio::spawn(keys.clone().run(look_at_keys)));
        tasks.watchers.push(tokio::spawn(crate::clock_watch::run(watched, purger.clone())));
        tasks.watchers.push(tokio::spawn(crate::retention::sweep(purger, telling, every, stopped.clone())));
        if let (Some(soap), Some(listener)) = (&config.soap, soap_listener) {
            let (path, limits) = (soap.path.clone(), soap_limits(config, soap));
            let (query, entropy) = (query.clone(), entropy.clone());
            let service = SoapService { callers: callers.clone(), query, entropy, path, limits };
            let door = Door {
                listener,
                acceptor: acceptor(config, &roots, clock.clone(), ALPN_HTTP11)?,
                callers,
                service: Service::Soap(Arc::new(service)),
                places: places.clone(),
                limits: DoorLimits {
                    max_connections: soap.max_connections,
                    header_timeout_s: soap.header_timeout_s,
                    keep_alive_s: soap.keep_alive_s,
                    ..door_limits(config)
                },
            };
            acceptors.push((door.acceptor.clone(), ALPN_HTTP11));
            tasks.doors.push(tokio::spawn(door.serve(stopped.clone())));
        }
        let mut pages = None;
        if let (Some(web), Some(listener)) = (&config.web, web_listener) {
            let parts = crate::web_door::Parts {
                registry,
                desk,
                log: log.clone(),
                query,
                places,
                log_keys: Arc::new(move |board| Some(signer.signer(board)?.verifier().vkey())),
                clock: clock.clone(),
                entropy,
                ask: ask_limits(config),
            };
            let door = crate::web_door::open(config, web, listener, parts)?;
            pages = Some(door.acceptor.clone());
            tasks.doors.push(tokio::spawn(door.serve(stopped)));
        }
        let door_files = crate::reloading::doors(&config.tls, acceptors, pages, gatekeeper, clock);
        for watch in [door_files, agency_files] {
            tasks.watchers.push(tokio::spawn(watch.run(watch_interval(config))));
        }
        tracing::info!(grpc = %ports.grpc, "open");
        Ok(Open { ports, log, witnessing, keys, stop })
    }
}

/// Listens, or says which door's port is taken.
pub(crate) async fn listen(door: &'static str, addr: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(addr).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortTaken { door, addr }.into(),
        _ => anyhow::Error::new(error).context(format!("cannot listen on {addr} for {door}")),
    })
}

/// Tells of something that lies where a key is written before it is one, and cannot be removed.
fn tell_left(error: &VaultError) {
    let board = error.fault().and_then(|(id, _)| OrganisationNumber::parse(id.owner()?).ok());
    let (key, state) = error.told();
    let fault = Fault::new(Location::caller(), FaultKind::Key).of_key((key, state.as_str()));
    fault
        .of_one(board.as_ref())
        .tell(&"what lies where a key is written before it is one cannot be removed; it is in nobody's way");
}

/// Accounts from before ids had one form: counted here, told one by one to each board's administrator.
async fn show_twins(desk: &Desk) {
    // What keeps them from being read has been told of.
    for board in desk.every_board().await.unwrap_or_default() {
        // What keeps one board's from being read has been told of, and keeps nobody else from starting.
        let Ok(twins) = desk.twin_accounts(board).await else { continue };
        if twins > 0 {
            tracing::warn!(board = %board, entries = twins, "accounts whose ids read alike, or cannot be named any more");
        }
    }
}

/// What judges callers' certificates, and agencies'; and what keeps them up with the lists on disk. Lists only move forward.
async fn gatekeepers(
    config: &Config,
    roots: &Roots,
    marks: Arc<dyn Marks>,
) -> Result<([Arc<Gatekeeper>; 2], Vec<JoinHandle<()>>)> {
    let memory = crate::revocation::KeptMarks::new(marks);
    let callers = Arc::new(Gatekeeper::new(roots.clone(), RevocationLists::default()));
    let (agencies, their_lists) = crate::sources::gatekeeper(config)?;
    let (own, theirs) = ("tls.revocation_lists", "agency_tls.revocation_lists");
    let mut watchers = Vec::new();
    for (gatekeeper, lists, field) in
        [(&callers, &config.tls.revocation_lists, own), (&agencies, &their_lists, theirs)]
    {
        let Some(path) = lists else { continue };
        let watch = FileWatch::revocation_lists(gatekeeper.clone(), path, memory.clone());
        let watch = crate::revocation::first_look(watch, field).await?;
        watchers.push(tokio::spawn(watch.run(watch_interval(config))));
    }
    Ok(([callers, agencies], watchers))
}

fn watch_interval(config: &Config) -> Duration {
    Duration::from_millis(config.tls.revocation_interval_ms)
}

fn acceptor(config: &Config, roots: &Roots, clock: Arc<dyn Clock>, alpn: &[u8]) -> Result<Arc<Acceptor>> {
    let identity = Identity::from_pem(&read(&config.tls.certificate)?, &read(&config.tls.key)?)?;
    let tls = server_config(&identity, roots, clock, &[alpn])?;
    Ok(Arc::new(Acceptor::new(tls, Duration::from_millis(config.grpc.handshake_timeout_ms))))
}

fn service_limits(config: &Config) -> ServiceLimits {
    ServiceLimits {
        max_question_bytes: config.grpc.max_question_bytes,
        read_timeout_ms: config.grpc.read_timeout_ms,
        query_deadline_ms: config.query.deadline_ms,
        ask: ask_limits(config),
        provisional_days: config.query.provisional_case_days,
        max_delay_days: config.query.max_delay_days,
        max_protected_reads_an_hour: config.query.max_protected_reads_an_hour,
    }
}

fn soap_limits(config: &Config, soap: &SoapConfig) -> SoapLimits {
    SoapLimits {
        max_question_bytes: soap.max_question_bytes,
        read_timeout_ms: soap.read_timeout_ms,
        query_deadline_ms: soap.deadline_ms.min(config.query.deadline_ms),
        ask: ask_limits(config),
    }
}

fn ask_limits(config: &Config) -> AskLimits {
    AskLimits { max_period_days: config.query.max_period_days, max_ahead_days: config.query.max_ahead_days }
}

fn door_limits(config: &Config) -> DoorLimits {
    let shared = &config.doors;
    DoorLimits {
        max_connections: config.grpc.max_connections,
        max_connections_per_certificate: shared.max_connections_per_certificate,
        max_handshakes: shared.max_handshakes,
        max_handshakes_per_address: shared.max_handshakes_per_address,
        refused_linger_ms: shared.refused_linger_ms,
        max_reset_streams: shared.max_reset_streams,
        keepalive_interval_s: shared.keepalive_interval_s,
        keepalive_timeout_s: shared.keepalive_timeout_s,
        max_streams: config.grpc.max_streams,
        header_timeout_s: config.grpc.header_timeout_s,
        max_header_list_bytes: config.grpc.max_header_list_bytes,
        max_connection_age_s: config.grpc.max_connection_age_s,
        max_stream_s: config.grpc.max_stream_s,
        drain_s: config.grpc.drain_s,
        ..DoorLimits::default()
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("tls: {} cannot be read", path.display()))
}
