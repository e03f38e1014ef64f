//! How long things are kept where no board says otherwise, and what a purge asks before it runs.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Retention.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionConfig {
    /// Whole calendar months that log payloads are kept after the month in which they were made. No binding time is known
    /// for logs in social services: each board decides.
    pub log_months: u32,
    /// Fewest months a board may choose.
    pub min_log_months: u32,
    /// Days that a case is kept after it was closed.
    pub case_days: u32,
    /// How often it is looked for what is due, in seconds.
    pub sweep_interval_s: u64,
    /// How far the two clocks may differ, in seconds.
    pub clock_bound_s: u32,
    /// The second clock: an HTTP or HTTPS address of a machine with a clock of its own, whose `Date` header is read. Without
    /// one a purge runs only when an operator confirms the time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_url: Option<String>,
    /// The purge ledger; usually `purge-ledger.jsonl` beside the key vault's directory. Never restore an old one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger: Option<PathBuf>,
}

impl Default for RetentionConfig {
    fn default() -> Self {
        Self {
            log_months: 60,
            min_log_months: 3,
            case_days: 90,
            sweep_interval_s: 600,
            clock_bound_s: 600,
            time_url: None,
            ledger: None,
        }
    }
}
