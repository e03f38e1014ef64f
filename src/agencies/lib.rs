//! One file per agency: its own wire format ⇄ domain. Also the gRPC contract for agencies and funds that speak it.
//! Must never keep an answer, and never put an agency's text into an error or a log.

pub mod af;
mod belongs;
mod codec;
mod connector;
pub mod csn;
mod fields;
pub mod fk;
mod flags;
mod grpc;
mod http;
pub mod miv;
mod notes;
mod own_format;
mod reading;
mod refused;
pub mod skv;
pub mod so;
mod soap_answer;
#[cfg(test)]
mod test_schema;
#[cfg(test)]
mod test_world;
pub mod tns;
mod unreadable;
mod who;

pub use codec::{CannotAsk, Codec, HttpAnswer, HttpQuestion};
pub use connector::{CaseBound, Connector};
pub use grpc::{GrpcAgency, GrpcEndpoint, GrpcLimits};
pub use http::{HttpClient, HttpLimits};
pub use own_format::OwnFormat;
pub use reading::{ReadAnswer, read_answer};
pub use refused::{RefusalCode, Refused};
