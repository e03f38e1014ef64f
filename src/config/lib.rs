//! The broker's configuration: one TOML file, typed, every limit with its unit in its name, unknown keys refused.

mod database;
mod doors;
mod limits;
mod retention;
mod sources;
mod web;
mod witness;

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use ssbtek_authorize::LegalBases;
use ssbtek_domain::{OrganisationNumber, Processor};
use ssbtek_telemetry::Format;

pub use database::DatabaseConfig;
pub use doors::DoorsConfig;
pub use limits::{AssertionConfig, GrpcConfig, QueryConfig, RefusalConfig, SoapConfig, StoreConfig};
pub use retention::RetentionConfig;
pub use sources::{AgencyTls, SourceConfig, SourceOptions, Wire, WithoutList};
pub use web::{SignInConfig, WebConfig};
pub use witness::{WitnessConfig, WitnessingConfig};

/// Longest that an ended answer may be kept in memory, in milliseconds.
const MAX_RESUME_WITHIN_MS: u64 = 600_000;

/// Everything the broker must be told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The deployment's name, first part of every log's origin, such as `broker.example.se`.
    pub deployment: String,
    /// Who runs the broker: the last processor in every chain.
    pub provider: Provider,
    /// SHA-256 fingerprints (64 hexadecimal digits) of the operators' TLS client certificates: one for each person. What no
    /// operator does alone needs two.
    #[serde(default)]
    pub operators: Vec<String>,
    /// For how long an operator's proposal waits for another operator's confirmation, in hours, 1 to 168.
    #[serde(default = "default_proposal_life_h")]
    pub proposal_life_h: u16,
    /// Where things are kept.
    pub store: StoreConfig,
    /// The database of the logs, where it is PostgreSQL's and not the file `store.database`.
    #[serde(default)]
    pub database: Option<DatabaseConfig>,
    /// The gRPC door.
    pub grpc: GrpcConfig,
    /// The SOAP door; closed if left out.
    #[serde(default)]
    pub soap: Option<SoapConfig>,
    /// The pages' door; closed if left out.
    #[serde(default)]
    pub web: Option<WebConfig>,
    /// What keeps the doors fair between those who share them.
    #[serde(default)]
    pub doors: DoorsConfig,
    /// Certificates and keys of the doors.
    pub tls: DoorTls,
    /// What is demanded of assertions.
    #[serde(default)]
    pub assertion: AssertionConfig,
    /// Bounds on questions.
    #[serde(default)]
    pub query: QueryConfig,
    /// Certificates towards agencies.
    pub agency_tls: AgencyTls,
    /// Who can be asked.
    pub sources: Vec<SourceConfig>,
    /// Under which provision each agency may answer.
    #[serde(default)]
    pub legal_basis: LegalBases,
    /// How long things are kept.
    #[serde(default)]
    pub retention: RetentionConfig,
    /// Witnesses of the access logs.
    #[serde(default)]
    pub witness: Vec<WitnessConfig>,
    /// How they are asked.
    #[serde(default)]
    pub witnessing: WitnessingConfig,
    /// How many refusals are recorded one by one.
    #[serde(default)]
    pub refusals: RefusalConfig,
    /// How events are written.
    #[serde(default)]
    pub log_format: Format,
}

/// The organisation that runs the broker.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Organisation number, 12 digits.
    pub organisation_number: OrganisationNumber,
    /// Name.
    pub name: String,
}

impl Provider {
    /// As a link in the chain of processors.
    pub fn processor(&self) -> Processor {
        Processor { organisation: self.organisation_number, name: self.name.clone() }
    }
}

/// Certificates and keys of the doors, PEM files, read anew when they change.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoorTls {
    /// The server's certificate chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// Issuers whose client certificates are accepted.
    pub client_ca: PathBuf,
    /// Revocation list, or a directory of them; without it only the registry's own revocations count.
    #[serde(default)]
    pub revocation_lists: Option<PathBuf>,
    /// How often all of these, and those towards agencies, are looked at, in milliseconds, at most 60000.
    #[serde(default = "default_revocation_interval_ms")]
    pub revocation_interval_ms: u64,
}

/// What [`Config::proposal_life_h`] is where nothing is said.
pub fn default_proposal_life_h() -> u16 {
    24
}

fn default_revocation_interval_ms() -> u64 {
    10_000
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{0}: cannot be read: {1}")]
    Read(PathBuf, std::io::ErrorKind),
    /// Not TOML, or a key is missing, unknown or of the wrong kind.
    #[error("{0}: {1}")]
    Parse(PathBuf, toml::de::Error),
    /// A value makes no sense.
    #[error("{field}: {reason}")]
    Invalid {
        /// The key.
        field: &'static str,
        /// What is wrong.
        reason: String,
    },
}

impl Config {
    /// Reads and checks a file.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|e| ConfigError::Read(path.to_owned(), e.kind()))?;
        let config: Self = toml::from_str(&text).map_err(|e| ConfigError::Parse(path.to_owned(), e))?;
        config.check()?;
        Ok(config)
    }

    /// Checks what types cannot say.
    pub fn check(&self) -> Result<(), ConfigError> {
        let invalid = |field, reason: &str| Err(ConfigError::Invalid { field, reason: reason.to_owned() });
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '/' | ':');
        if self.deployment.is_empty() || !self.deployment.chars().all(plain) {
            return invalid("deployment", "must be a host name");
        }
        if self.query.agency_deadline_ms >= self.query.deadline_ms {
            return invalid("query.agency_deadline_ms", "must be shorter than query.deadline_ms");
        }
        if self.query.resume_within_ms > MAX_RESUME_WITHIN_MS {
            return invalid("query.resume_within_ms", "must be at most 600000: answers are kept in memory");
        }
        if self.query.max_in_flight_per_source == 0 {
            return invalid("query.max_in_flight_per_source", "must be at least 1");
        }
        if self.sources.iter().any(|source| source.max_in_flight == Some(0)) {
            return invalid("sources.max_in_flight", "must be at least 1");
        }
        if self.assertion.max_life_s > 300 {
            return invalid("assertion.max_life_s", "must be at most 300");
        }
        if self.assertion.max_clock_step_back_s > 300 {
            return invalid("assertion.max_clock_step_back_s", "must be at most 300");
        }
        if !(1..=60_000).contains(&self.tls.revocation_interval_ms) {
            return invalid("tls.revocation_interval_ms", "must be 1 to 60000");
        }
        if let Err(error) = self.legal_basis.check() {
            return invalid("legal_basis", &error.to_string());
        }
        match &self.database {
            None if self.store.database.as_os_str().is_empty() => {
                return invalid(
                    "store.database",
                    "must name the database file, unless there is a [database]",
                );
            }
            Some(_) if !self.store.database.as_os_str().is_empty() => {
                return invalid("store.database", "must be left out where there is a [database]");
            }
            Some(database) => {
                if let Some((field, reason)) = database.wrong() {
                    return invalid(field, reason);
                }
            }
            None => {}
        }
        if let Some(field) = self.store.too_small().or(self.doors.too_small()).or(self.without_time()) {
            return invalid(field, "must be at least 1");
        }
        if self.store.look_at_keys_every_s > limits::MAX_LOOK_AT_KEYS_EVERY_S {
            return invalid("store.look_at_keys_every_s", "must be at most 3600");
        }
        if self.soap.as_ref().is_some_and(|soap| !soap.has_good_path()) {
            return invalid(
                "soap.path",
                "must begin with / and not end with it, in unreserved characters of a URI",
            );
        }
        if let Some((field, reason)) = self.web.as_ref().and_then(WebConfig::wrong) {
            return invalid(field, reason);
        }
        if self.doors.metrics_listen.is_some_and(|listen| !listen.ip().is_loopback()) {
            return invalid("doors.metrics_listen", "must be an address of this machine's own (loopback)");
        }
        if self.operators.iter().any(|print| fingerprint(print).is_none()) {
            return invalid("operators", "must be SHA-256 fingerprints, 64 hexadecimal digits each");
        }
        let operators = self.operator_fingerprints();
        if operators.iter().collect::<BTreeSet<_>>().len() < operators.len() {
            return invalid("operators", "lists one operator's certificate twice");
        }
        if !(1..=168).contains(&self.proposal_life_h) {
            return invalid("proposal_life_h", "must be 1 to 168");
        }
        if self.refusals.max_recorded == 0 {
            return invalid("refusals.max_recorded", "must be at least 1");
        }
        if !(1..=3600).contains(&self.refusals.window_s) {
            return invalid("refusals.window_s", "must be 1 to 3600");
        }
        let retention = &self.retention;
        if !(1..=120).contains(&retention.log_months) || retention.log_months < retention.min_log_months {
            return invalid("retention.log_months", "must be 1 to 120 and at least min_log_months");
        }
        if retention.clock_bound_s > 3600 {
            return invalid("retention.clock_bound_s", "must be at most 3600");
        }
        if !(1..=3600).contains(&retention.sweep_interval_s) {
            return invalid("retention.sweep_interval_s", "must be 1 to 3600");
        }
        if !(1..=10_000).contains(&self.witnessing.timeout_ms) {
            return invalid("witnessing.timeout_ms", "must be 1 to 10000: start and stop wait for it");
        }
        if self.witnessing.quorum > self.witness.len() {
            return invalid("witnessing.quorum", "must be at most the number of witnesses");
        }
        if self.sources.is_empty() {
            return invalid("sources", "must name at least one source");
        }
        Ok(())
    }

    /// A door whose callers would have no time to begin.
    fn without_time(&self) -> Option<&'static str> {
        let soap = self.soap.as_ref();
        let times = [
            ("grpc.header_timeout_s", Some(self.grpc.header_timeout_s)),
            ("soap.header_timeout_s", soap.map(|soap| soap.header_timeout_s)),
            ("soap.keep_alive_s", soap.map(|soap| soap.keep_alive_s)),
        ];
        times.into_iter().find(|(_, time)| *time == Some(0)).map(|(field, _)| field)
    }

    /// The operators' fingerprints as bytes.
    pub fn operator_fingerprints(&self) -> Vec<[u8; 32]> {
        self.operators.iter().filter_map(|print| fingerprint(print)).collect()
    }

    /// How many witnesses must have cosigned.
    pub fn quorum(&self) -> usize {
        match self.witnessing.quorum {
            0 => self.witness.len() / 2 + 1,
            quorum => quorum,
        }
    }

    /// Where the gRPC door listens.
    pub fn grpc_address(&self) -> SocketAddr {
        self.grpc.listen
    }
}

fn fingerprint(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
