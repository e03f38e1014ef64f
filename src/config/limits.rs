//! Bounds, each with its unit in its name, and what they are unless said otherwise.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// Where trees, documents and keys are kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// The SQLite database file; left out where there is a `[database]`.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub database: PathBuf,
    /// The key vault's directory. Never back it up together with the database.
    pub keys: PathBuf,
    /// Most checkpoints kept of each board because witnesses cosigned them: the newest, the oldest, the fewer the older.
    #[serde(default = "max_kept_checkpoints")]
    pub max_kept_checkpoints: usize,
    /// Most keys held in memory, some 2 KiB each; the others are read when they are used.
    #[serde(default = "max_keys_in_memory")]
    pub max_keys_in_memory: usize,
    /// Longest wait for a read of a key's file, in milliseconds, as where the disk is behind a network; then the key is unreadable.
    #[serde(default = "max_key_wait_ms")]
    pub max_key_wait_ms: u64,
    /// How often keys are held against their files, in seconds (at most 3600). A key in memory is used though its file be gone; this is
    /// for how long at most, and what is written meanwhile is under a key that may be lost.
    #[serde(default = "look_at_keys_every_s")]
    pub look_at_keys_every_s: u64,
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
    /// Most reads at once, each on a connection that stays open; more wait.
    #[serde(default = "max_readers")]
    pub max_readers: usize,
    /// Pages (4 KiB) of the write-ahead log after which they are moved into the database.
    #[serde(default = "checkpoint_pages")]
    pub checkpoint_pages: u32,
    /// The writer's page cache, in KiB.
    #[serde(default = "writer_cache_kib")]
    pub writer_cache_kib: u32,
    /// Each reader's page cache, in KiB.
    #[serde(default = "reader_cache_kib")]
    pub reader_cache_kib: u32,
    /// Most used assertions remembered at once; beyond it questions are refused until some expire.
    #[serde(default = "max_used_assertions")]
    pub max_used_assertions: usize,
    /// For one start, by `serve --take-up-rows`: removed rows of what the store was started with do not refuse it.
    #[serde(skip)]
    pub take_up_rows: bool,
}

fn is_empty(path: &Path) -> bool {
    path.as_os_str().is_empty()
}

fn max_kept_checkpoints() -> usize {
    100
}

fn max_keys_in_memory() -> usize {
    8192
}

fn max_key_wait_ms() -> u64 {
    2000
}

fn look_at_keys_every_s() -> u64 {
    60
}

/// The longest time between two looks at keys, in seconds.
pub(crate) const MAX_LOOK_AT_KEYS_EVERY_S: u64 = 3600;

fn reserve_bytes() -> u64 {
    8 * 1024 * 1024
}

fn max_readers() -> usize {
    4
}

fn checkpoint_pages() -> u32 {
    4096
}

fn writer_cache_kib() -> u32 {
    32 * 1024
}

fn reader_cache_kib() -> u32 {
    16 * 1024
}

fn max_used_assertions() -> usize {
    1_000_000
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
    /// Longest that what has begun to arrive may take: the preface, a head, a frame. In seconds.
    #[serde(default = "header_timeout_s")]
    pub header_timeout_s: u64,
    /// Connections open at once whose certificate is good. Nobody may hold as many as are still free.
    #[serde(default = "max_connections")]
    pub max_connections: usize,
    /// Calls under way on one connection, whether their streams are still there or not.
    #[serde(default = "max_streams")]
    pub max_streams: u32,
    /// Header list of one request, in bytes.
    #[serde(default = "max_header_list_bytes")]
    pub max_header_list_bytes: u32,
    /// Age at which a connection is asked to end, in seconds.
    #[serde(default = "max_connection_age_s")]
    pub max_connection_age_s: u64,
    /// How long an answer that is streamed, such as an export, may go on beyond that age, in seconds.
    #[serde(default = "max_stream_s")]
    pub max_stream_s: u64,
    /// How long questions under way may go on once the door closes, in seconds.
    #[serde(default = "drain_s")]
    pub drain_s: u64,
    /// Largest question, in bytes.
    #[serde(default = "max_question_bytes")]
    pub max_question_bytes: usize,
    /// Longest a question may take to arrive, in milliseconds.
    #[serde(default = "handshake_timeout_ms")]
    pub read_timeout_ms: u64,
}

impl GrpcConfig {
    /// A door at an address, with the usual bounds.
    pub fn at(listen: SocketAddr) -> Self {
        Self {
            listen,
            handshake_timeout_ms: handshake_timeout_ms(),
            header_timeout_s: header_timeout_s(),
            max_connections: max_connections(),
            max_streams: max_streams(),
            max_header_list_bytes: max_header_list_bytes(),
            max_connection_age_s: max_connection_age_s(),
            max_stream_s: max_stream_s(),
            drain_s: drain_s(),
            max_question_bytes: max_question_bytes(),
            read_timeout_ms: handshake_timeout_ms(),
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

fn max_stream_s() -> u64 {
    3_600
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
    /// A bound with which nothing would ever be done.
    pub(crate) fn too_small(&self) -> Option<&'static str> {
        let bounds = [
            ("store.max_group", self.max_group),
            ("store.max_queue", self.max_queue),
            ("store.max_keys_in_memory", self.max_keys_in_memory),
            ("store.max_key_wait_ms", self.max_key_wait_ms as usize),
            ("store.look_at_keys_every_s", self.look_at_keys_every_s as usize),
            ("store.max_kept_checkpoints", self.max_kept_checkpoints),
            ("store.max_readers", self.max_readers),
            ("store.checkpoint_pages", self.checkpoint_pages as usize),
            ("store.max_used_assertions", self.max_used_assertions),
        ];
        bounds.into_iter().find(|(_, bound)| *bound == 0).map(|(field, _)| field)
    }

    /// A database and a vault, with the usual bounds.
    pub fn at(database: PathBuf, keys: PathBuf) -> Self {
        Self {
            database,
            keys,
            gather_ms: gather_ms(),
            max_group: max_group(),
            max_queue: max_queue(),
            max_keys_in_memory: max_keys_in_memory(),
            max_key_wait_ms: max_key_wait_ms(),
            look_at_keys_every_s: look_at_keys_every_s(),
            max_kept_checkpoints: max_kept_checkpoints(),
            reserve_bytes: reserve_bytes(),
            max_readers: max_readers(),
            checkpoint_pages: checkpoint_pages(),
            writer_cache_kib: writer_cache_kib(),
            reader_cache_kib: reader_cache_kib(),
            max_used_assertions: max_used_assertions(),
            take_up_rows: false,
        }
    }
}

/// The SOAP door.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoapConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The path at which questions are taken, and below which the versions have theirs (`…/v10`, `…/v11`).
    #[serde(default = "soap_path")]
    pub path: String,
    /// Longest a question may take to arrive, in milliseconds.
    #[serde(default = "handshake_timeout_ms")]
    pub read_timeout_ms: u64,
    /// Longest the head of a request may take to arrive, in seconds.
    #[serde(default = "header_timeout_s")]
    pub header_timeout_s: u64,
    /// How long a connection is kept open between requests, in seconds.
    #[serde(default = "keep_alive_s")]
    pub keep_alive_s: u64,
    /// Longest a whole question may take at this door, in milliseconds: case systems give up reading after 30 s.
    #[serde(default = "soap_deadline_ms")]
    pub deadline_ms: u64,
    /// Connections open at once whose certificate is good. Nobody may hold as many as are still free.
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
            path: soap_path(),
            read_timeout_ms: handshake_timeout_ms(),
            header_timeout_s: header_timeout_s(),
            keep_alive_s: keep_alive_s(),
            deadline_ms: soap_deadline_ms(),
            max_connections: max_connections(),
            max_question_bytes: max_question_bytes(),
        }
    }
}

impl SoapConfig {
    /// Whether the path is one that a request can be for, as it stands (RFC 3986 section 2.3).
    pub(crate) fn has_good_path(&self) -> bool {
        let unreserved = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
        let part = |part: &str| !matches!(part, "" | "." | "..") && part.chars().all(unreserved);
        self.path.strip_prefix('/').is_some_and(|parts| parts.split('/').all(part))
    }
}

fn soap_path() -> String {
    "/ssbt".to_owned()
}

fn header_timeout_s() -> u64 {
    5
}

fn keep_alive_s() -> u64 {
    60
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
    /// How far this machine's clock may be set back, in seconds, before no assertion is accepted until it has caught up or
    /// another clock has confirmed it.
    pub max_clock_step_back_s: u32,
}

impl Default for AssertionConfig {
    fn default() -> Self {
        Self {
            audience: "ssbtek-broker".to_owned(),
            max_life_s: 300,
            max_skew_s: 60,
            max_clock_step_back_s: 60,
        }
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
    /// Most questions that one account may ask within an hour; a board can only tighten it. 0: no bound, for measuring.
    pub max_questions_an_hour: u32,
    /// Most readings of protected persons, in the access log or in what is remembered of them, of one account within an hour.
    pub max_protected_reads_an_hour: u32,
    /// Within how many days every other adult of a household must have been found not to be protected before a home is told: who is
    /// asked first is then told of anew once the others have been asked about. A board can only shorten it. 0: they need not have been.
    pub household_check_days: u16,
    /// For how long after its end an answer that is told as it comes is kept in memory for whoever was cut off, in milliseconds;
    /// 0: not at all.
    pub resume_within_ms: u64,
    /// Most bytes of such answers that are kept; of more, the oldest of the board that holds most are let go.
    pub max_resumable_bytes: usize,
    /// Most questions under way at one source, unless it has a `max_in_flight` of its own; shared fairly by the boards: see
    /// docs/ARCHITECTURE.md.
    pub max_in_flight_per_source: usize,
    /// Most questions of one board that wait for a place at one source.
    pub max_waiting_per_board: usize,
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
            max_questions_an_hour: 120,
            max_protected_reads_an_hour: 20,
            household_check_days: 40,
            resume_within_ms: 60_000,
            max_resumable_bytes: 64 * 1024 * 1024,
            max_in_flight_per_source: 256,
            max_waiting_per_board: 256,
            breaker_after: 5,
            breaker_pause_ms: 5_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_that_a_request_can_be_for() {
        let is_good = |path: &str| {
            let soap = SoapConfig::at(([127, 0, 0, 1], 0).into());
            SoapConfig { path: path.into(), ..soap }.has_good_path()
        };
        assert!(["/ssbt", "/a/b", "/a-b._~9"].into_iter().all(is_good));
        for bad in
            ["", "/", "ssbt", "/ssbt/", "/a//b", "/a/../b", "/a b", "/a?b", "/a%20", "/å", "https://x/ssbt"]
        {
            assert!(!is_good(bad), "{bad}");
        }
    }

    #[test]
    fn every_bound_of_the_store_can_be_set_and_one_with_which_nothing_would_be_done_is_named() {
        let text = r#"
            database = "broker.db"
            keys = "keys"
            max_readers = 2
            checkpoint_pages = 1000
        "#;
        let mut store: StoreConfig = toml::from_str(text).expect("a store");
        assert_eq!((store.max_readers, store.checkpoint_pages, store.max_group), (2, 1000, 64));
        assert_eq!(store.too_small(), None);
        store.max_readers = 0;
        assert_eq!(store.too_small(), Some("store.max_readers"));
    }
}

/// How many refusals of one account over one certificate a board's log takes one by one; those beyond it are counted, and the count is recorded.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RefusalConfig {
    /// Most of one account's over one certificate that are recorded one by one in a window: questions, and as many other calls.
    pub max_recorded: u32,
    /// The window, in seconds, at most 3600.
    pub window_s: u32,
}

impl Default for RefusalConfig {
    fn default() -> Self {
        Self { max_recorded: 300, window_s: 60 }
    }
}
