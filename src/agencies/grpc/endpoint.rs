//! HTTP/2 connections to one address, shared by all sources behind it.
//!
//! Another connection is opened when those there carry as many questions as they may, so that questions that hang at one
//! source leave room for those to the others.

use std::{
    fmt,
    future::Future,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use http::{Uri, uri::PathAndQuery};
use http_body_util::Full;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use ssbtek_pki::{ConnectError, PeerCertificate};
use tokio::time::Instant;

/// The contract's only method.
const METHOD: &str = "/ssbtek.agency.v1.AgencyService/GetPersonFacts";

/// Bounds on one endpoint.
#[derive(Debug, Clone, Copy)]
pub struct GrpcLimits {
    /// Bytes of one answer.
    pub max_answer_bytes: usize,
    /// Bytes of an answer's headers, as HTTP/2 counts them.
    pub max_header_bytes: u32,
    /// Questions under way on one connection; fewer where the other end says so. One more opens another connection.
    pub max_streams: usize,
    /// A connection older than this takes no more questions, so that renewed certificates and addresses are noticed.
    pub max_connection_age: Duration,
    /// How often a silent connection is tested.
    pub keep_alive_interval: Duration,
    /// How long a test may go unanswered.
    pub keep_alive_timeout: Duration,
}

impl Default for GrpcLimits {
    fn default() -> Self {
        Self {
            max_answer_bytes: 1024 * 1024,
            max_header_bytes: 16 * 1024,
            max_streams: 100,
            max_connection_age: Duration::from_secs(600),
            keep_alive_interval: Duration::from_secs(20),
            keep_alive_timeout: Duration::from_secs(5),
        }
    }
}

pub(super) type Sender = SendRequest<Full<Bytes>>;

/// One address that speaks the agency contract. Connects when first asked, and again when a connection is lost.
pub struct GrpcEndpoint {
    connector: ssbtek_pki::Connector,
    pub(super) method: Uri,
    pub(super) limits: GrpcLimits,
    open: Mutex<Vec<Arc<Open>>>,
    /// Held while connecting, so that a burst of questions opens one connection.
    connecting: tokio::sync::Mutex<()>,
    last_failure: Mutex<(u64, ConnectError)>,
    pub(super) asked_again: AtomicU64,
}

/// An open connection.
struct Open {
    sender: Sender,
    peer: Option<PeerCertificate>,
    since: Instant,
    under_way: AtomicUsize,
    /// What the other end allows, as it last said.
    max_streams: Arc<AtomicUsize>,
}

/// A turn on an open connection; given back when dropped.
pub(super) struct Turn(Arc<Open>);

impl Turn {
    pub(super) fn sender(&self) -> Sender {
        self.0.sender.clone()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::AcqRel);
    }
}

impl GrpcEndpoint {
    /// The service at `base`, scheme and host and perhaps port; nothing is connected yet. `None` if `base` is no such
    /// address.
    pub fn new(base: &Uri, connector: ssbtek_pki::Connector, limits: GrpcLimits) -> Option<Self> {
        let mut parts = base.clone().into_parts();
        parts.path_and_query = Some(PathAndQuery::from_static(METHOD));
        parts.scheme.as_ref().zip(parts.authority.as_ref())?;
        let method = Uri::from_parts(parts).ok()?;
        Some(Self {
            connector,
            method,
            limits,
            open: Mutex::default(),
            connecting: tokio::sync::Mutex::default(),
            last_failure: Mutex::new((0, ConnectError::NotReachable)),
            asked_again: AtomicU64::new(0),
        })
    }

    /// How many questions were put once more.
    pub fn asked_again(&self) -> u64 {
        self.asked_again.load(Ordering::Relaxed)
    }

    /// A turn on an open connection, or why there can be none.
    pub(super) async fn turn(&self) -> Result<Turn, ConnectError> {
        if let Some(turn) = self.take() {
            return Ok(turn);
        }
        let (failures, _) = *self.last_failure();
        let _only_one = self.connecting.lock().await;
        if let Some(turn) = self.take() {
            return Ok(turn);
        }
        // Somebody else tried while we waited: trying again in turn would keep the last in line waiting for all.
        let (since, error) = *self.last_failure();
        if since != failures {
            return Err(error);
        }
        match self.connect().await {
            Ok(open) => {
                open.under_way.fetch_add(1, Ordering::AcqRel);
                self.lock().push(open.clone());
                Ok(Turn(open))
            }
            Err(error) => {
                *self.last_failure() = (failures.wrapping_add(1), error);
                Err(error)
            }
        }
    }

    /// No further question goes over that connection; those under way there end by themselves.
    pub(super) fn retire(&self, turn: &Turn) {
        self.lock().retain(|open| !Arc::ptr_eq(open, &turn.0));
    }

    /// A turn on the newest connection that has room; those that may not be used any more are let go of. Counting and
    /// taking are one step under the lock.
    fn take(&self) -> Option<Turn> {
        let mut connections = self.lock();
        connections.retain(|open| {
            let fresh = open.since.elapsed() < self.limits.max_connection_age;
            fresh && !open.sender.is_closed() && self.connector.still_good(open.peer.as_ref()).is_ok()
        });
        let has_room = |open: &&Arc<Open>| {
            let allowed = open.max_streams.load(Ordering::Acquire).min(self.limits.max_streams).max(1);
            open.under_way.load(Ordering::Acquire) < allowed
        };
        let open = connections.iter().rev().find(has_room)?;
        open.under_way.fetch_add(1, Ordering::AcqRel);
        Some(Turn(open.clone()))
    }

    async fn connect(&self) -> Result<Arc<Open>, ConnectError> {
        let stream = self.connector.connect(&self.method).await?;
        let peer = stream.peer();
        let window = u32::try_from(self.limits.max_answer_bytes).unwrap_or(u32::MAX).clamp(65_535, 1 << 24);
        let (sender, connection) = Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .initial_stream_window_size(window)
            .initial_connection_window_size(window * 8)
            .max_header_list_size(self.limits.max_header_bytes)
            .keep_alive_interval(self.limits.keep_alive_interval)
            .keep_alive_timeout(self.limits.keep_alive_timeout)
            .keep_alive_while_idle(true)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| ConnectError::NotReachable)?;
        let max_streams = Arc::new(AtomicUsize::new(connection.current_max_send_streams()));
        let told = max_streams.clone();
        // Ends by itself when the connection does, or when the last sender is gone.
        tokio::spawn(async move {
            let mut connection = pin!(connection);
            std::future::poll_fn(|cx| {
                let polled = connection.as_mut().poll(cx).map(|_| ());
                if polled == Poll::Pending {
                    told.store(connection.current_max_send_streams(), Ordering::Release);
                }
                polled
            })
            .await;
        });
        Ok(Arc::new(Open {
            sender,
            peer,
            since: Instant::now(),
            under_way: AtomicUsize::new(0),
            max_streams,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Open>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn last_failure(&self) -> MutexGuard<'_, (u64, ConnectError)> {
        self.last_failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for GrpcEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrpcEndpoint").field("limits", &self.limits).finish_non_exhaustive()
    }
}
