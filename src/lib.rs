//! The broker put together: configuration → rooms → doors. `main.rs` and the tests use the same wiring.

pub mod check_command;
mod clock_watch;
pub mod commands;
pub mod config_command;
mod counted_refusals;
pub mod demo;
mod foundations;
pub mod gap_command;
mod gaps;
pub mod memory;
mod metrics;
pub mod output;
pub mod purge_command;
mod reloading;
mod retention;
mod revocation;
mod sources;
mod wiring;
pub mod witness_command;
mod witnessing;

pub use sources::{AsWhom, connectors_to};
/// SHA-256 in lower-case hexadecimal digits.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub use wiring::{Broker, Ports, StartError};
