//! The broker put together: configuration → rooms → doors. `main.rs` and the tests use the same wiring.

pub mod demo;
pub mod memory;
pub mod purge_command;
mod retention;
mod sources;
mod wiring;

pub use wiring::{Broker, Ports, StartError};
