//! Bounds of a door.

/// Every one is configurable.
#[derive(Debug, Clone, Copy)]
pub struct DoorLimits {
    /// Connections open at once whose certificate is good. Beyond it newcomers are closed, but nobody may hold as many as
    /// are still free.
    pub max_connections: usize,
    /// Of these, connections with one certificate.
    pub max_connections_per_certificate: usize,
    /// Connections open at once whose certificate is not known to be good. Beyond it the oldest makes room.
    pub max_handshakes: usize,
    /// Of these, connections from one address (IPv6: one network of 64 bits).
    pub max_handshakes_per_address: usize,
    /// How long a connection may stay whose certificate is not good, in milliseconds.
    pub refused_linger_ms: u64,
    /// Calls under way on one connection, whether their streams are still there or not.
    pub max_streams: u32,
    /// Streams that the other end has reset and that are not yet forgotten; beyond it the connection ends (HTTP/2).
    pub max_reset_streams: usize,
    /// Header list of one request, in bytes.
    pub max_header_list_bytes: u32,
    /// Age at which a connection is asked to end, in seconds: it takes no new calls.
    pub max_connection_age_s: u64,
    /// How long an answer that is streamed may go on beyond that age, in seconds.
    pub max_stream_s: u64,
    /// Silence after which the other end is probed (HTTP/2), and how often the certificate of an open connection is looked
    /// at, in seconds.
    pub keepalive_interval_s: u64,
    /// How long a probe may take to be answered, in seconds.
    pub keepalive_timeout_s: u64,
    /// How long what has begun to arrive may take, in seconds: the preface, the head of a request, a frame.
    pub header_timeout_s: u64,
    /// How long a connection is kept open between requests, in seconds (HTTP/1.1).
    pub keep_alive_s: u64,
    /// How long questions under way may go on once the door closes, in seconds.
    pub drain_s: u64,
}

impl Default for DoorLimits {
    fn default() -> Self {
        Self {
            max_connections: 4096,
            max_connections_per_certificate: 256,
            max_handshakes: 512,
            max_handshakes_per_address: 256,
            refused_linger_ms: 5_000,
            max_streams: 100,
            max_reset_streams: 20,
            max_header_list_bytes: 16 * 1024,
            max_connection_age_s: 600,
            max_stream_s: 3_600,
            keepalive_interval_s: 30,
            keepalive_timeout_s: 10,
            header_timeout_s: 5,
            keep_alive_s: 60,
            drain_s: 30,
        }
    }
}
