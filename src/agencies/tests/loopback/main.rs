//! Connectors against servers over loopback: the mocks with all their lies, and servers that break HTTP itself.
#![expect(clippy::unwrap_used, reason = "tests")]

mod grpc;
mod http;
mod lies;
mod server;
mod world;
