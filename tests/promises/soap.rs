//! The published SOAP contract, through its real door.

mod agents;
mod answers;
mod attested;
mod bad_input;
pub(crate) mod client;
mod recorded;
mod same;
mod system;
mod who;

pub(crate) use client::{PLAIN, read};
