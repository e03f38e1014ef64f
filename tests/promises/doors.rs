//! The doors: what two boards share there and what keeps it fair, and the protocols read to the end.

mod begun;
pub(crate) mod client;
mod connections;
mod grpc;
mod http1;
mod neighbours;
mod under_way;
