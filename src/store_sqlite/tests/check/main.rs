//! The offline check: what it finds in a directory that somebody has laid hands on.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test says what went wrong by failing")]

mod export;
mod fixture;
mod flips;
mod index;
mod keys;
mod newer;
mod removed;
mod rewritten;
mod told;
