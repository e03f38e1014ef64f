//! Erasure over the real store, vault and log, on real files.

mod canary;
mod clocks;
mod faults;
mod hidden;
mod restored;
mod terms;
mod whole_board;
mod world;
