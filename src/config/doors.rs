//! What keeps the doors fair between those who share them.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// Shares of what all callers use together. Of calls and connections alike, nobody may hold as many as are still free, so
/// that a newcomer always finds a place.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DoorsConfig {
    /// Calls under way at all doors together.
    pub max_under_way: usize,
    /// Of these, calls with one certificate.
    pub max_under_way_per_certificate: usize,
    /// Of these, calls for one board.
    pub max_under_way_per_board: usize,
    /// Connections with one certificate, at each door.
    pub max_connections_per_certificate: usize,
    /// Connections whose certificate is not known to be good, at each door. Beyond it the oldest makes room.
    pub max_handshakes: usize,
    /// Of these, connections from one address (IPv6: one network of 64 bits).
    pub max_handshakes_per_address: usize,
    /// How long a connection whose certificate is refused may stay to be told so, in milliseconds.
    pub refused_linger_ms: u64,
    /// Streams of one connection that were reset and are not yet forgotten; beyond it the connection ends (HTTP/2).
    pub max_reset_streams: usize,
    /// Silence after which the other end is probed (HTTP/2), and how often an open connection's certificate is looked at, in
    /// seconds.
    pub keepalive_interval_s: u64,
    /// How long a probe may take to be answered, in seconds.
    pub keepalive_timeout_s: u64,
    /// Where monitoring reads what is counted, over HTTP without TLS: an address of this machine's own, such as
    /// `127.0.0.1:9464`. Closed if left out.
    pub metrics_listen: Option<SocketAddr>,
}

impl Default for DoorsConfig {
    fn default() -> Self {
        Self {
            max_under_way: 1024,
            max_under_way_per_certificate: 128,
            max_under_way_per_board: 128,
            max_connections_per_certificate: 256,
            max_handshakes: 512,
            max_handshakes_per_address: 256,
            refused_linger_ms: 5_000,
            max_reset_streams: 20,
            keepalive_interval_s: 30,
            keepalive_timeout_s: 10,
            metrics_listen: None,
        }
    }
}

impl DoorsConfig {
    /// A bound with which nobody would ever get in.
    pub(crate) fn too_small(&self) -> Option<&'static str> {
        let bounds = [
            ("doors.max_under_way", self.max_under_way),
            ("doors.max_under_way_per_certificate", self.max_under_way_per_certificate),
            ("doors.max_under_way_per_board", self.max_under_way_per_board),
            ("doors.max_connections_per_certificate", self.max_connections_per_certificate),
            ("doors.max_handshakes", self.max_handshakes),
            ("doors.max_handshakes_per_address", self.max_handshakes_per_address),
        ];
        bounds.into_iter().find(|(_, bound)| *bound == 0).map(|(field, _)| field)
    }
}
