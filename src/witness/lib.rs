//! A witness: cosigns checkpoints of logs it knows, and only ever a larger tree after a smaller one (C2SP tlog-witness,
//! tlog-cosignature v1). A board or an agency runs one on a machine that the log's operator does not control.
//!
//! | module | holds |
//! |---|---|
//! | [`state`] | what was cosigned last, on disk before anything is answered |
//! | [`witness`] | one request in, one answer out |
//! | [`service`] | HTTP/1.1 round it, with limits |
//! | [`client`] | the log's side: asking a witness to cosign |
//!
//! Must never sign before its state is durable, never sign two trees of one log that contradict each other, and never start
//! without the state it left: a lost state file is a retired witness.

pub mod client;
pub mod service;
pub mod state;
pub mod witness;

pub use client::{ClientError, WitnessClient, gather};
pub use service::{Limits, serve};
pub use state::{StateError, StateFile, Storage};
pub use witness::{Answer, Witness};
