//! A door: TLS with client certificate, HTTP/2 (gRPC) or HTTP/1.1 (SOAP) within bounds, graceful end.
//!
//! A connection is *arriving* until its certificate is known to be good, and holds none of the places for connections
//! until then. One whose certificate is refused never gets further: it is told so once and closed.

mod arrivals;
mod connection;
mod followed;
mod frames;
mod limits;
mod pace;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use ssbtek_pki::Acceptor;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

pub use self::limits::DoorLimits;
pub(crate) use self::pace::Framing;
use self::{
    arrivals::{Arrival, Arrivals},
    connection::Connection,
};
use crate::{Callers, GrpcService, Places, SoapService, shares::Shares};

/// What answers behind a door.
#[derive(Clone)]
pub enum Service {
    /// gRPC over HTTP/2.
    Grpc(Arc<GrpcService>),
    /// SOAP over HTTP/1.1.
    Soap(Arc<SoapService>),
}

/// An open door.
pub struct Door {
    /// Where it listens.
    pub listener: TcpListener,
    /// Its TLS.
    pub acceptor: Arc<Acceptor>,
    /// Judges certificates.
    pub callers: Callers,
    /// What answers.
    pub service: Service,
    /// For calls under way, at all doors together.
    pub places: Places,
    /// Bounds.
    pub limits: DoorLimits,
}

/// What every connection of a door needs.
struct Doorway {
    acceptor: Arc<Acceptor>,
    callers: Callers,
    service: Service,
    places: Places,
    limits: DoorLimits,
    arrivals: Arc<Arrivals>,
    connections: Arc<Shares<[u8; 32]>>,
}

impl Door {
    /// Serves until `stop` turns true, then lets questions under way end.
    pub async fn serve(self, mut stop: watch::Receiver<bool>) {
        let Self { listener, acceptor, callers, service, places, limits } = self;
        let arrivals = Arrivals::new(limits.max_handshakes, limits.max_handshakes_per_address);
        let connections = Shares::new(limits.max_connections, limits.max_connections_per_certificate);
        let doorway = Arc::new(Doorway { acceptor, callers, service, places, limits, arrivals, connections });
        let mut open = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                biased;
                _ = stop.wait_for(|stopped| *stopped) => break,
                Some(_) = open.join_next() => continue,
                accepted = accept(&listener) => accepted,
            };
            let Some((socket, address)) = accepted else { continue };
            let arrival = doorway.arrivals.enter(address.ip());
            open.spawn(doorway.clone().connection(socket, arrival, stop.clone()));
        }
        drop(listener);
        let drain = Duration::from_secs(limits.drain_s);
        let drained = tokio::time::timeout(drain, async { while open.join_next().await.is_some() {} });
        if drained.await.is_err() {
            tracing::warn!("questions were still under way when the time to end was over");
        }
    }
}

async fn accept(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    match listener.accept().await {
        Ok(accepted) => Some(accepted),
        Err(error) => {
            // Out of file descriptors, most likely: give others time to end.
            tracing::warn!(kind = ?error.kind(), "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

impl Doorway {
    async fn connection(
        self: Arc<Self>,
        socket: TcpStream,
        mut arrival: Arrival,
        stop: watch::Receiver<bool>,
    ) {
        // Small answers should not wait for more; a failure costs only that.
        let _ = socket.set_nodelay(true);
        let accepted = tokio::select! {
            () = arrival.sent_away() => return,
            accepted = self.acceptor.accept(socket) => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::debug!(%error, "a connection was refused");
                return;
            }
        };
        let certificate = peer.fingerprint_sha256;
        let good = self.callers.gatekeeper.check(&peer, self.callers.clock.now());
        let connection = Connection::new(self.clone(), peer);
        if let Err(error) = good {
            tracing::debug!(%error, "a connection was refused");
            let linger = Duration::from_millis(self.limits.refused_linger_ms);
            tokio::select! {
                () = arrival.sent_away() => {}
                _ = tokio::time::timeout(linger, connection.serve(stream, stop)) => {}
            }
            return;
        }
        let Some(place) = self.connections.take(certificate) else {
            tracing::warn!("a certificate has as many connections open as it may");
            return;
        };
        drop(arrival);
        connection.serve(stream, stop).await;
        drop(place);
    }
}
