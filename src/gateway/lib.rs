//! The doors: gRPC now. Bytes in, a caller and a question out; a released answer in, bytes out.
//!
//! Decides nothing: who may ask is settled in `authorize`. A door can encode only a [`ssbtek_query::Released`].

mod caller;
mod door;
mod encode;
mod grpc;
mod status;

pub use caller::Callers;
pub use door::{Door, DoorLimits};
pub use grpc::{GrpcServices, ServiceLimits};
pub use status::Refusal;
