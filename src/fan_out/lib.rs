//! Asks every source of a manifest at once, under one deadline. Never fails as a whole: a failure is one source's outcome.
//!
//! Needs a permit and an opened log entry. Each source stands behind places of its own (so many questions under way at
//! most, shared fairly by the boards) and a breaker (a source that keeps failing to answer is not waited for); nothing goes
//! past them. Must never know an agency by name, except that
//! funds asked directly stand in for SO.

mod breaker;
mod fan_out;
mod manifest;
mod places;

pub use fan_out::{FanOut, FanOutLimits, StillPermitted, Timed};
