//! The broker put together: configuration → rooms → doors. `main.rs` and the tests use the same wiring.

pub mod check_command;
pub mod demo;
mod sources;
mod wiring;
pub mod witness_command;
mod witnessing;

pub use wiring::{Broker, Ports, StartError};
