//! Where traces go. Nothing personal is ever put into an event or a span, so there is nothing to filter out here; what
//! may stand in one is listed in docs/LOGGING.md.

mod fault;

pub use fault::{ANY_KEY, BoardName, Fault, FaultKind, KeyFault, fault_counts, keys_were_looked_at};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// How events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Lines for people.
    #[default]
    Text,
    /// JSON Lines for machines.
    Json,
}

/// Writes events to standard error, filtered by `RUST_LOG` or, without it, by `default_filter`. A second call changes
/// nothing.
pub fn init(format: Format, default_filter: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default_filter));
    let registry = tracing_subscriber::registry().with(filter);
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false);
    // An error means that a subscriber is set already, which is what a second call wants.
    let _ = match format {
        Format::Text => registry.with(lines).try_init(),
        Format::Json => registry.with(lines.json()).try_init(),
    };
}
