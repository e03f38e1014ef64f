//! Seven mock agencies and the unemployment funds, over one generated population. Never linked into the broker except by
//! its demo.
//!
//! [`MockAgencies::start`] opens the doors; the [`Control`] it hands back switches [`Behaviour`] and counts calls.
//! Without sockets, [`GrpcMock`] and [`OwnFormatMock`] answer in the same process.

mod behaviour;
mod body;
mod control;
mod control_port;
pub mod facts;
mod grpc;
mod lie;
pub mod own_format;
mod own_format_http;
pub mod population;
mod serve;
mod start;
mod stream;
mod tls;

pub use behaviour::{Behaviour, Lie, Outage};
pub use body::MockBody;
pub use control::{Calls, Control, Did, UnknownSource};
pub use grpc::GrpcMock;
pub use own_format_http::{OwnFormatMock, path_prefix};
pub use population::{Population, Situation, TestPerson};
pub use rustls::ServerConfig;
pub use start::{Door, Layout, MockAgencies, MockConfig, Mocks, Running, StartError};
pub use tls::{TlsError, server_tls};
