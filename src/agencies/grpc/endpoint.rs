//! HTTP/2 connections to one address, shared by all sources behind it.

use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Uri, uri::PathAndQuery};
use http_body_util::Full;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
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
    /// Connections kept open; questions are spread over them.
    pub connections: usize,
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
            connections: 1,
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
    slots: Vec<Slot>,
    next: AtomicUsize,
}

#[derive(Default)]
struct Slot {
    open: Mutex<Option<(Sender, Instant)>>,
    /// Held while connecting, so that a burst of questions opens one connection.
    connecting: tokio::sync::Mutex<()>,
    failures: AtomicU64,
}

impl GrpcEndpoint {
    /// The service at `base`, scheme and host and perhaps port; nothing is connected yet. `None` if `base` is no such
    /// address.
    pub fn new(base: &Uri, connector: ssbtek_pki::Connector, limits: GrpcLimits) -> Option<Self> {
        let mut parts = base.clone().into_parts();
        parts.path_and_query = Some(PathAndQuery::from_static(METHOD));
        parts.scheme.as_ref().zip(parts.authority.as_ref())?;
        let slots = (0..limits.connections.max(1)).map(|_| Slot::default()).collect();
        let method = Uri::from_parts(parts).ok()?;
        Some(Self { connector, method, limits, slots, next: AtomicUsize::new(0) })
    }

    /// An open connection; `None` if there can be none.
    pub(super) async fn sender(&self) -> Option<Sender> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.slots.len().max(1);
        let slot = self.slots.get(turn)?;
        if let Some(sender) = self.usable(slot) {
            return Some(sender);
        }
        let failures = slot.failures.load(Ordering::Acquire);
        let _only_one = slot.connecting.lock().await;
        if let Some(sender) = self.usable(slot) {
            return Some(sender);
        }
        // Somebody else tried while we waited: trying again in turn would keep the last in line waiting for all.
        if slot.failures.load(Ordering::Acquire) != failures {
            return None;
        }
        let connected = self.connect().await;
        match &connected {
            Some(sender) => *lock(slot) = Some((sender.clone(), Instant::now())),
            None => drop(slot.failures.fetch_add(1, Ordering::Release)),
        }
        connected
    }

    fn usable(&self, slot: &Slot) -> Option<Sender> {
        let open = lock(slot);
        let (sender, since) = open.as_ref()?;
        let fresh = since.elapsed() < self.limits.max_connection_age;
        (fresh && !sender.is_closed()).then(|| sender.clone())
    }

    async fn connect(&self) -> Option<Sender> {
        let stream = self.connector.connect(&self.method).await.ok()?;
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
            .ok()?;
        // Ends by itself when the connection does, or when the last sender is gone.
        tokio::spawn(connection);
        Some(sender)
    }
}

fn lock(slot: &Slot) -> std::sync::MutexGuard<'_, Option<(Sender, Instant)>> {
    slot.open.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for GrpcEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrpcEndpoint").field("limits", &self.limits).finish_non_exhaustive()
    }
}
