//! The broker put together: configuration → rooms → doors. `main.rs` and the tests use the same wiring.

pub mod check_command;
pub mod commands;
pub mod demo;
pub mod memory;
pub mod purge_command;
mod retention;
mod sources;
mod wiring;
pub mod witness_command;
mod witnessing;

pub use sources::{AsWhom, connectors_to};
pub use wiring::{Broker, Ports, StartError};
