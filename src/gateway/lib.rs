//! The doors: gRPC, and the published SOAP contract. Bytes in, a caller and a question out; a released answer in, bytes out.
//!
//! Decides nothing: who may ask is settled in `authorize`. A door can encode only a [`ssbtek_query::Released`].

mod caller;
pub mod calls;
mod door;
mod grpc;
mod grpc_door;
mod once;
mod shares;
mod soap;
mod status;
mod under_way;

use ssbtek_encode as encode;

pub use caller::Callers;
pub use door::{Door, DoorLimits, Service};
pub use grpc::{GrpcServices, ServiceLimits};
pub use grpc_door::GrpcService;
pub use soap::{SoapLimits, SoapService};
pub use status::Refusal;
pub use under_way::{Places, UnderWay};
