//! Erasure over the real store, vault and log, on real files.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod begun;
mod canary;
mod clocks;
mod destroyed_meanwhile;
mod every_record;
mod faults;
mod gateways;
mod hidden;
mod key_files;
mod no_key_comes_back;
mod one_of_several;
mod remembered;
mod remembered_by_rule;
mod restored;
mod restrictions;
mod terms;
mod told;
mod unavailable;
mod whole_board;
mod world;
