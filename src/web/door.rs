//! The listener: TLS without a client certificate, HTTP/1.1 within bounds, graceful end.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hyper_util::rt::{TokioIo, TokioTimer};
use ssbtek_pki::Acceptor;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

use crate::Site;

/// How often sessions that have ended are let go of.
const SWEEP: Duration = Duration::from_secs(30);

/// Bounds of the door.
#[derive(Debug, Clone, Copy)]
pub struct DoorLimits {
    /// Connections at once.
    pub max_connections: usize,
    /// Of these, from one address (IPv6: one network of 64 bits).
    pub max_connections_per_address: usize,
    /// Largest head of a request, in bytes.
    pub max_head_bytes: usize,
    /// How long a head may take to arrive, and a connection may stay silent between requests, in seconds.
    pub header_timeout_s: u64,
    /// Age at which a connection is asked to end, in seconds. A page under way comes to its end.
    pub max_connection_age_s: u64,
    /// How long pages under way may go on once the door closes, in seconds.
    pub drain_s: u64,
}

/// An open door.
pub struct Door {
    /// Where it listens.
    pub listener: TcpListener,
    /// Its TLS.
    pub acceptor: Arc<Acceptor>,
    /// What answers.
    pub site: Arc<Site>,
    /// Bounds.
    pub limits: DoorLimits,
}

impl Door {
    /// Serves until `stop` turns true, then lets pages under way end.
    pub async fn serve(self, mut stop: watch::Receiver<bool>) {
        let Self { listener, acceptor, site, limits } = self;
        let (places, mut open) = (Addresses::new(limits), JoinSet::new());
        let mut sweep = tokio::time::interval(SWEEP);
        loop {
            let accepted = tokio::select! {
                biased;
                _ = stop.wait_for(|stopped| *stopped) => break,
                Some(_) = open.join_next() => continue,
                _ = sweep.tick() => {
                    site.sweep();
                    continue;
                }
                accepted = listener.accept() => accepted,
            };
            let (socket, address) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely: give others time to end.
                    tracing::warn!(kind = ?error.kind(), "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let Some(place) = places.take(address) else {
                tracing::debug!("a connection was refused: as many are open as may be");
                continue;
            };
            let (acceptor, site, stop) = (acceptor.clone(), site.clone(), stop.clone());
            open.spawn(async move {
                connection(socket, &acceptor, site, limits, stop).await;
                drop(place);
            });
        }
        drop(listener);
        let drained = tokio::time::timeout(Duration::from_secs(limits.drain_s), async {
            while open.join_next().await.is_some() {}
        });
        if drained.await.is_err() {
            tracing::warn!("pages were still under way when the time to end was over");
        }
    }
}

async fn connection(
    socket: TcpStream,
    acceptor: &Acceptor,
    site: Arc<Site>,
    limits: DoorLimits,
    mut stop: watch::Receiver<bool>,
) {
    // Small pieces should not wait for more; a failure costs only that.
    let _ = socket.set_nodelay(true);
    let stream = match acceptor.accept_anybody(socket).await {
        Ok(stream) => stream,
        Err(error) => return tracing::debug!(%error, "a connection was refused"),
    };
    let service = hyper::service::service_fn(move |request| {
        let site = site.clone();
        async move { Ok::<_, Infallible>(site.answer(request).await) }
    });
    let mut http1 = hyper::server::conn::http1::Builder::new();
    http1
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(limits.header_timeout_s))
        .max_buf_size(limits.max_head_bytes.max(8192));
    let mut serving = std::pin::pin!(http1.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ = serving.as_mut() => return,
        _ = stop.wait_for(|stopped| *stopped) => {}
        () = tokio::time::sleep(Duration::from_secs(limits.max_connection_age_s)) => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(Duration::from_secs(limits.drain_s), serving).await;
}

/// How many connections each address has.
struct Addresses {
    limits: DoorLimits,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection's place, until it is dropped.
struct Place {
    of: Arc<Addresses>,
    address: IpAddr,
}

impl Addresses {
    fn new(limits: DoorLimits) -> Arc<Self> {
        Arc::new(Self { limits, open: Mutex::default() })
    }

    fn take(self: &Arc<Self>, from: SocketAddr) -> Option<Place> {
        let address = network(from.ip());
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let own = open.get(&address).copied().unwrap_or_default();
        if open.values().sum::<usize>() >= self.limits.max_connections
            || own >= self.limits.max_connections_per_address
        {
            return None;
        }
        open.insert(address, own + 1);
        Some(Place { of: self.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.of.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = open.get_mut(&self.address) {
            *own -= 1;
            if *own == 0 {
                open.remove(&self.address);
            }
        }
    }
}

/// An IPv6 address stands for its network of 64 bits: whoever has one has all of it.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        four => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_holds_only_so_many_and_what_is_given_back_can_be_had_again() {
        let limits = DoorLimits {
            max_connections: 3,
            max_connections_per_address: 2,
            max_head_bytes: 16 * 1024,
            header_timeout_s: 5,
            max_connection_age_s: 600,
            drain_s: 1,
        };
        let places = Addresses::new(limits);
        let take = |address: &str| places.take(address.parse().unwrap());
        let (first, second) = (take("[2001:db8::1]:1").unwrap(), take("[2001:db8::2]:2").unwrap());
        assert!(take("[2001:db8::3]:3").is_none(), "one network");
        let other = take("192.0.2.1:4").unwrap();
        assert!(take("192.0.2.2:5").is_none(), "as many as there may be at all");
        drop((first, other));
        assert!(take("192.0.2.2:5").is_some());
        drop(second);
    }
}
