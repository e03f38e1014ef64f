//! Starts every door of the mocks, and stops them.

use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use futures::{FutureExt, future::BoxFuture};
use ssbtek_domain::{Clock, NaiveDate, Source};
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

use crate::{
    control::{Control, UnknownSource},
    control_port,
    grpc::GrpcMock,
    own_format_http::{OwnFormatMock, path_prefix},
    population::Population,
    serve::{Handler, Listening, listen},
};

/// What all doors share: who there is, what day it is, how to behave.
#[derive(Debug, Clone)]
pub struct Mocks {
    /// The generated persons.
    pub population: Arc<Population>,
    /// Where the mocks' today comes from.
    pub clock: Arc<dyn Clock>,
    /// Behaviour and counters.
    pub control: Control,
}

impl Mocks {
    /// Generates the population; `seed` also decides jitter and failures.
    pub fn generate(seed: u64, households: usize, clock: Arc<dyn Clock>) -> Self {
        let today = clock.today();
        Self::generate_as_of(seed, households, today, clock)
    }

    /// As [`Mocks::generate`], with the ages that persons had on `day`: the same seed and day give the same persons.
    pub fn generate_as_of(seed: u64, households: usize, day: NaiveDate, clock: Arc<dyn Clock>) -> Self {
        let population = Arc::new(Population::generate(seed, households, day));
        Self { population, clock, control: Control::new(seed) }
    }
}

/// Whether sources share a gRPC port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One port for all; the question's `source` says which is meant. 0: any free port.
    OnePort(u16),
    /// One port for each: the given one for AF, the next for CSN, and so on through the seven agencies and then the
    /// funds in the order of [`ssbtek_domain::FUNDS`]. 0: any free ports. A question that means another source than the
    /// port's is refused.
    PortPerSource(u16),
}

/// What to start.
#[derive(Clone)]
pub struct MockConfig {
    /// Where to listen; the control port listens on 127.0.0.1 whatever stands here.
    pub bind: IpAddr,
    /// gRPC ports.
    pub grpc: Layout,
    /// Port of the own wire formats; 0 for any free one, `None` for none.
    pub http_port: Option<u16>,
    /// Port of the control interface; 0 for any free one, `None` for none.
    pub control_port: Option<u16>,
    /// TLS for gRPC and own formats; without it they are plain. ALPN is set by the mocks where it is empty.
    pub tls: Option<Arc<rustls::ServerConfig>>,
}

impl Default for MockConfig {
    /// Loopback, free ports, one for gRPC, plain.
    fn default() -> Self {
        Self {
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            grpc: Layout::OnePort(0),
            http_port: Some(0),
            control_port: Some(0),
            tls: None,
        }
    }
}

/// A door of the mocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// The agency contract over gRPC.
    Grpc,
    /// The own wire formats over HTTP.
    OwnFormats,
    /// The control interface.
    Control,
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Door::Grpc => "gRPC",
            Door::OwnFormats => "own formats",
            Door::Control => "control",
        })
    }
}

/// Why the mocks did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program listens there.
    #[error("port {} for {door} is taken by another program; choose another port", addr.port())]
    PortTaken {
        /// Which door.
        door: Door,
        /// Where it was to be.
        addr: SocketAddr,
    },
    /// The system does not let us listen there.
    #[error("cannot listen on {addr} for {door}")]
    CannotListen {
        /// Which door.
        door: Door,
        /// Where it was to be.
        addr: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// There are not as many ports above the given one as there are sources.
    #[error("too few ports above the first gRPC port; choose a lower one")]
    TooFewPorts,
}

/// The mocks, not yet started.
#[derive(Debug)]
pub struct MockAgencies;

impl MockAgencies {
    /// Opens every door of `config`, or none.
    ///
    /// In a box, so that whoever starts them does not compile all of them once more.
    pub fn start(config: &MockConfig, mocks: Mocks) -> BoxFuture<'_, Result<Running, StartError>> {
        Self::started(config, mocks).boxed()
    }

    async fn started(config: &MockConfig, mocks: Mocks) -> Result<Running, StartError> {
        let at = |port| SocketAddr::new(config.bind, port);
        let (stop, stopped) = watch::channel(false);
        let mut doors = Vec::new();
        let mut grpc = BTreeMap::new();
        match config.grpc {
            Layout::OnePort(port) => {
                let (door, addr) = grpc_door(config, &mocks, None, at(port)).await?;
                doors.push(door);
                grpc.extend(mocks.control.sources().map(|source| (source.clone(), addr)));
            }
            Layout::PortPerSource(first) => {
                for (n, source) in mocks.control.sources().enumerate() {
                    let next = u16::try_from(n).ok().and_then(|n| first.checked_add(n));
                    let port = if first == 0 { 0 } else { next.ok_or(StartError::TooFewPorts)? };
                    let (door, addr) = grpc_door(config, &mocks, Some(source.clone()), at(port)).await?;
                    doors.push(door);
                    grpc.insert(source.clone(), addr);
                }
            }
        }
        let mut http_addr = None;
        if let Some(port) = config.http_port {
            let mock = OwnFormatMock::new(mocks.clone());
            let handler: Handler = Arc::new(move |request| {
                let mock = mock.clone();
                Box::pin(async move { mock.handle(request).await })
            });
            let tls = config.tls.as_ref().map(|tls| acceptor(tls, &[b"h2", b"http/1.1"]));
            let (door, addr) = door(Door::OwnFormats, at(port), tls, false, handler).await?;
            doors.push(door);
            http_addr = Some(addr);
        }
        let mut control_addr = None;
        if let Some(port) = config.control_port {
            let loopback = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
            let (door, addr) =
                door(Door::Control, loopback, None, false, control_port::handler(&mocks)).await?;
            doors.push(door);
            control_addr = Some(addr);
        }
        let tasks = doors.into_iter().map(|door| tokio::spawn(door.serve(stopped.clone()))).collect();
        Ok(Running { mocks, grpc, http_addr, control_addr, tls: config.tls.is_some(), stop, tasks })
    }
}

async fn grpc_door(
    config: &MockConfig,
    mocks: &Mocks,
    only: Option<Source>,
    addr: SocketAddr,
) -> Result<(Listening, SocketAddr), StartError> {
    let mock = GrpcMock::new(mocks.clone(), only);
    let handler: Handler = Arc::new(move |request| {
        let mock = mock.clone();
        Box::pin(async move { mock.handle(request).await })
    });
    let tls = config.tls.as_ref().map(|tls| acceptor(tls, &[b"h2"]));
    door(Door::Grpc, addr, tls, true, handler).await
}

async fn door(
    door: Door,
    addr: SocketAddr,
    tls: Option<TlsAcceptor>,
    http2_only: bool,
    handler: Handler,
) -> Result<(Listening, SocketAddr), StartError> {
    let (listener, bound) = listen(addr).await.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortTaken { door, addr },
        _ => StartError::CannotListen { door, addr, source },
    })?;
    Ok((Listening { listener, tls, http2_only, handler }, bound))
}

fn acceptor(tls: &Arc<rustls::ServerConfig>, protocols: &[&[u8]]) -> TlsAcceptor {
    let mut tls = (**tls).clone();
    if tls.alpn_protocols.is_empty() {
        tls.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    }
    TlsAcceptor::from(Arc::new(tls))
}

/// The mocks at work. Dropping it stops them without waiting.
#[derive(Debug)]
pub struct Running {
    mocks: Mocks,
    grpc: BTreeMap<Source, SocketAddr>,
    http_addr: Option<SocketAddr>,
    control_addr: Option<SocketAddr>,
    tls: bool,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Where a source answers over gRPC.
    pub fn grpc_addr(&self, source: &Source) -> Result<SocketAddr, UnknownSource> {
        self.grpc.get(source).copied().ok_or(UnknownSource)
    }

    /// Where the own wire formats are, if asked for.
    pub fn http_addr(&self) -> Option<SocketAddr> {
        self.http_addr
    }

    /// Where the control interface is, if asked for.
    pub fn control_addr(&self) -> Option<SocketAddr> {
        self.control_addr
    }

    /// A source's base URL for its own wire format, such as `https://127.0.0.1:8443/fk`; none where it has no such format.
    pub fn base_url(&self, source: &Source) -> Option<String> {
        source.format()?;
        let scheme = if self.tls { "https" } else { "http" };
        self.http_addr.map(|addr| format!("{scheme}://{addr}{}", path_prefix(source)))
    }

    /// A source's gRPC endpoint, such as `https://127.0.0.1:50051`.
    pub fn grpc_url(&self, source: &Source) -> Result<String, UnknownSource> {
        let scheme = if self.tls { "https" } else { "http" };
        self.grpc_addr(source).map(|addr| format!("{scheme}://{addr}"))
    }

    /// Switches behaviour, counts calls.
    pub fn control(&self) -> &Control {
        &self.mocks.control
    }

    /// The generated persons.
    pub fn population(&self) -> &Arc<Population> {
        &self.mocks.population
    }

    /// Stops listening, lets questions under way end for a moment, closes every connection.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let mut tasks: JoinSet<_> = self.tasks.into_iter().collect();
        while tasks.join_next().await.is_some() {}
    }
}
