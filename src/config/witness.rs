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
    /// How many witnesses must have cosigned for a log to count as cosigned; 0: more than half of them.
    pub quorum: usize,
    /// Least time between two askings about one log, in milliseconds. Within it and `timeout_ms` two live copies of one log are
    /// found.
    pub interval_ms: u64,
    /// Longest a turn may take, in milliseconds, however many logs and witnesses there are: before the end, and for an export;
    /// at the start, when every log is asked about, three times as long. At most 10000.
    pub timeout_ms: u64,
    /// Do not start before the quorum has confirmed that no log is smaller than what they cosigned last.
    pub required_at_start: bool,
    /// After how many seconds without its quorum a log, and without an answer a witness, raises an alarm.
    pub lag_alarm_s: u64,
    /// After how many seconds without its quorum a log takes no more questions; 0: never.
    pub max_lag_s: u64,
    /// How long a witness must contradict a log without a break, in seconds, before it is believed without proof.
    pub unproven_contradiction_s: u64,
}

impl Default for WitnessingConfig {
    fn default() -> Self {
        Self {
            quorum: 0,
            interval_ms: 1_000,
            timeout_ms: 5_000,
            required_at_start: true,
            lag_alarm_s: 60,
            max_lag_s: 86_400,
            unproven_contradiction_s: 60,
        }
    }
}
