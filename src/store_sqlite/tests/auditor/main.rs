//! The log as auditors search it: every way of selecting entries against a reader that looks at everything.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod filters;
mod naive;
mod persons;
mod world;
