//! What is told of an answer, and what never is.
#![expect(clippy::unwrap_used, reason = "tests")]

mod canned;
mod facts;
mod payments;
mod since;
mod sources;
mod stated;
