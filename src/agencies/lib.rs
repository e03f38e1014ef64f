//! A connector for each source: over HTTP in an agency's own format (`ssbtek-formats`), or over the gRPC contract for agencies and
//! funds that speak it. Must never keep an answer, and never put an agency's text into an error or a log.

mod alarms;
mod connector;
mod grpc;
mod http;
mod own_format;

pub use connector::Connector;
pub use grpc::{GrpcAgency, GrpcEndpoint, GrpcLimits};
pub use http::{HttpClient, HttpLimits};
pub use own_format::OwnFormat;
