//! One file per agency: its own wire format ⇄ domain. Also the gRPC contract for agencies and funds that speak it.
//! Must never keep an answer, and never put an agency's text into an error or a log.

mod codec;
mod connector;

pub use codec::{CannotAsk, Codec, HttpAnswer, HttpQuestion, Refused};
pub use connector::Connector;
