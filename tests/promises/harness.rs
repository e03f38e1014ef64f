//! A whole broker in this process, its agencies, one board and one household.

mod browser;
mod calls;
mod process;
mod raw;
mod witness;
mod world;

pub(crate) use browser::{ORIGIN, Page, Pages, chosen, provider, with_pages};
pub(crate) use calls::{Ask, Parts, role, with_token};
pub(crate) use process::{Process, can_trace, is_root, strace};
pub(crate) use raw::raw;
pub(crate) use witness::{nobody, with_witness, with_witness_of};
pub(crate) use world::{BOARD, OTHER_BOARD, Wires, World, hex, proposed, source_count, step_of};
