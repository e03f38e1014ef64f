//! The mocks' promises, seen from outside.

#![expect(clippy::unwrap_used, reason = "tests and their helpers fail by panicking")]

mod control;
mod grpc;
mod http;
mod sockets;
mod world;
