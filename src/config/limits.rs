//! Bounds, each with its unit in its name, and what they are unless said otherwise.

use std::{net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};

/// Where trees, documents and keys are kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// The SQLite database file.
    pub database: PathBuf,
    /// The key vault's directory. Never back it up together with the database.
    pub keys: PathBuf,
    /// Longest wait for company before a group of log entries is committed, in milliseconds.
    #[serde(default = "gather_ms")]
    pub gather_ms: u64,
    /// Most log entries in one group.
    #[serde(default = "max_group")]
    pub max_group: usize,
    /// Most log entries waiting; beyond it questions are refused at once.
    #[serde(default = "max_queue")]
    pub max_queue: usize,
    /// Space kept beside the database for what must still be written when the disk is full, in bytes: ends of questions under
    /// way, refusals, purges. Questions are refused while it is not whole.
    #[serde(default = "reserve_bytes")]
    pub reserve_bytes: u64,
}

fn reserve_bytes() -> u64 {
    8 * 1024 * 1024
}

fn gather_ms() -> u64 {
    2
}

fn max_group() -> usize {
    64
}

fn max_queue() -> usize {
    1024
}

/// The gRPC door.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrpcConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Longest TLS handshake, in milliseconds.
    #[serde(default = "handshake_timeout_ms")]
    pub handshake_timeout_ms: u64,
    /// Connections open at once.
    #[serde(default = "max_connections")]
    pub max_connections: usize,
    /// Questions under way on one connection.
    #[serde(default = "max_streams")]
    pub max_streams: u32,
    /// Header list of one request, in bytes.
    #[serde(default = "max_header_list_bytes")]
    pub max_header_list_bytes: u32,
    /// Age at which a connection is asked to end, in seconds.
    #[serde(default = "max_connection_age_s")]
    pub max_connection_age_s: u64,
    /// How long questions under way may go on once the door closes, in seconds.
    #[serde(default = "drain_s")]
    pub drain_s: u64,
    /// Largest question, in bytes.
    #[serde(default = "max_question_bytes")]
    pub max_question_bytes: usize,
}

impl GrpcConfig {
    /// A door at an address, with the usual bounds.
    pub fn at(listen: SocketAddr) -> Self {
        Self {
            listen,
            handshake_timeout_ms: handshake_timeout_ms(),
            max_connections: max_connections(),
            max_streams: max_streams(),
            max_header_list_bytes: max_header_list_bytes(),
            max_connection_age_s: max_connection_age_s(),
            drain_s: drain_s(),
            max_question_bytes: max_question_bytes(),
        }
    }
}

fn handshake_timeout_ms() -> u64 {
    5_000
}

fn max_connections() -> usize {
    4096
}

fn max_streams() -> u32 {
    100
}

fn max_header_list_bytes() -> u32 {
    16 * 1024
}

fn max_connection_age_s() -> u64 {
    600
}

fn drain_s() -> u64 {
    30
}

fn max_question_bytes() -> usize {
    256 * 1024
}

impl StoreConfig {
    /// A database and a vault, with the usual bounds.
    pub fn at(database: PathBuf, keys: PathBuf) -> Self {
        Self {
            database,
            keys,
            gather_ms: gather_ms(),
            max_group: max_group(),
            max_queue: max_queue(),
            reserve_bytes: reserve_bytes(),
        }
    }
}

/// The SOAP door.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoapConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Longest a question may take to arrive, in milliseconds.
    #[serde(default = "handshake_timeout_ms")]
    pub read_timeout_ms: u64,
    /// Longest a whole question may take at this door, in milliseconds: case systems give up reading after 30 s.
    #[serde(default = "soap_deadline_ms")]
    pub deadline_ms: u64,
    /// Connections open at once.
    #[serde(default = "max_connections")]
    pub max_connections: usize,
    /// Largest question, in bytes.
    #[serde(default = "max_question_bytes")]
    pub max_question_bytes: usize,
}

impl SoapConfig {
    /// A door at an address, with the usual bounds.
    pub fn at(listen: SocketAddr) -> Self {
        Self {
            listen,
            read_timeout_ms: handshake_timeout_ms(),
            deadline_ms: soap_deadline_ms(),
            max_connections: max_connections(),
            max_question_bytes: max_question_bytes(),
        }
    }
}

fn soap_deadline_ms() -> u64 {
    27_000
}

/// What is demanded of assertions.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AssertionConfig {
    /// The audience they must name.
    pub audience: String,
    /// Longest life, in seconds, at most 300.
    pub max_life_s: i64,
    /// Clock skew allowed, in seconds.
    pub max_skew_s: i64,
}

impl Default for AssertionConfig {
    fn default() -> Self {
        Self { audience: "ssbtek-broker".to_owned(), max_life_s: 300, max_skew_s: 60 }
    }
}

/// Bounds on questions.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QueryConfig {
    /// Longest a whole question may take, in milliseconds.
    pub deadline_ms: u64,
    /// Longest one source may take, in milliseconds; shorter than the whole.
    pub agency_deadline_ms: u64,
    /// Longest period asked about, in days.
    pub max_period_days: i64,
    /// How far ahead of today a period may end, in days.
    pub max_ahead_days: i64,
    /// After how many days a provisional case lapses unless it is confirmed, its first day counted.
    pub provisional_case_days: u16,
    /// Longest that telling a person of the questions in a case may be delayed by one decision, in days.
    pub max_delay_days: u16,
    /// Most questions under way at one source.
    pub max_in_flight_per_source: usize,
    /// Silent answers in a row after which a source is left alone.
    pub breaker_after: u32,
    /// For how long, in milliseconds.
    pub breaker_pause_ms: u64,
}

impl Default for QueryConfig {
    fn default() -> Self {
        Self {
            deadline_ms: 30_000,
            agency_deadline_ms: 25_000,
            max_period_days: 3 * 366,
            max_ahead_days: 62,
            provisional_case_days: 14,
            max_delay_days: 365,
            max_in_flight_per_source: 256,
            breaker_after: 5,
            breaker_pause_ms: 5_000,
        }
    }
}
