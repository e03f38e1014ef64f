//! The broker put together: configuration → rooms → doors. `main.rs` and the tests use the same wiring.

pub mod commands;
pub mod demo;
mod sources;
mod wiring;

pub use sources::{AsWhom, connectors_to};
pub use wiring::{Broker, Ports, StartError};
