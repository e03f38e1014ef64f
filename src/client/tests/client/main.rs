//! The command against a double of the broker, over real TLS with client certificates and real assertions.
#![expect(clippy::unwrap_used, reason = "tests")]

mod asking;
mod canned;
mod changing;
mod double;
mod household;
mod in_swedish;
mod listing;
mod receipts;
mod refusals;
mod settings;
mod streaming;
mod tables;
