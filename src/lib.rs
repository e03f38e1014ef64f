//! The broker put together: configuration → rooms → doors. `main.rs` and the tests use the same wiring.

pub mod check_command;
mod clock_watch;
pub mod commands;
pub mod config_command;
mod counted_refusals;
mod databases;
mod foundations;
pub mod gap_command;
mod gaps;
mod key_watch;
mod metrics;
mod reloading;
mod retention;
mod revocation;
mod sources;
mod web_door;
mod wiring;
pub mod witness_command;
mod witnessing;

pub use sources::{AsWhom, connectors_to};
pub use wiring::{Broker, Ports, StartError};
