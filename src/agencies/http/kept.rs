//! Connections kept for the next question. Before each use the certificate at the other end is looked at again.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{Uri, uri::Authority};
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;
use ssbtek_pki::{Connector, PeerCertificate};
use tokio::time::Instant;

use super::HttpLimits;

/// How long a connection whose answer has been read may take to be ready for the next question.
const READY_AGAIN: Duration = Duration::from_secs(1);

/// An open connection.
pub(super) struct Open {
    pub(super) sender: SendRequest<Full<Bytes>>,
    to: Option<Authority>,
    peer: Option<PeerCertificate>,
    opened: Instant,
    last_used: Instant,
}

impl Open {
    pub(super) fn new(sender: SendRequest<Full<Bytes>>, uri: &Uri, peer: Option<PeerCertificate>) -> Self {
        let now = Instant::now();
        Self { sender, to: uri.authority().cloned(), peer, opened: now, last_used: now }
    }

    fn is_usable(&self, connector: &Connector, limits: &HttpLimits) -> bool {
        !self.sender.is_closed()
            && self.opened.elapsed() < limits.max_connection_age
            && self.last_used.elapsed() < limits.idle_timeout
            && connector.still_good(self.peer.as_ref()).is_ok()
    }
}

/// Connections nobody uses just now.
#[derive(Clone, Default)]
pub(super) struct Kept(Arc<Mutex<Vec<Open>>>);

impl Kept {
    /// One to that address that may still be used; those that may not are closed.
    pub(super) fn take(&self, uri: &Uri, connector: &Connector, limits: &HttpLimits) -> Option<Open> {
        let mut kept = self.lock();
        kept.retain(|open| open.is_usable(connector, limits));
        // The newest: the others grow old and are closed.
        let nth = kept.iter().rposition(|open| open.to.as_ref() == uri.authority())?;
        Some(kept.swap_remove(nth))
    }

    /// Keeps it, once it is ready for another question.
    pub(super) fn keep(&self, mut open: Open, limits: &HttpLimits) {
        open.last_used = Instant::now();
        let max_kept = limits.max_kept;
        if open.sender.is_ready() {
            return self.put(open, max_kept);
        }
        let kept = self.clone();
        tokio::spawn(async move {
            let ready = tokio::time::timeout(READY_AGAIN, open.sender.ready()).await;
            if matches!(ready, Ok(Ok(()))) {
                kept.put(open, max_kept);
            }
        });
    }

    fn put(&self, open: Open, max_kept: usize) {
        let mut kept = self.lock();
        if kept.len() < max_kept {
            kept.push(open);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
