//! Witnesses that cosign the access logs' checkpoints.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// One witness (C2SP tlog-witness).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessConfig {
    /// Its address without `/add-checkpoint`: `https://…`; `http://…` only for one on this machine.
    pub url: String,
    /// Its public key (C2SP vkey, cosignature v1).
    pub key: String,
    /// Issuers of its server certificate, PEM; needed with `https`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
}

/// How witnesses are asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WitnessingConfig {
    /// How many witnesses must have cosigned what is exported.
    pub quorum: usize,
    /// Least time between two askings about one log, in milliseconds.
    pub interval_ms: u64,
    /// Longest one witness may take, in milliseconds.
    pub timeout_ms: u64,
    /// Do not start before the quorum has confirmed that no log is smaller than what they cosigned last.
    pub required_at_start: bool,
}

impl Default for WitnessingConfig {
    fn default() -> Self {
        Self { quorum: 0, interval_ms: 1_000, timeout_ms: 5_000, required_at_start: false }
    }
}
