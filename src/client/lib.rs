//! `ssbtek`: the thin client of case workers, case systems and auditors.
//!
//! Asks, registers and lists through the broker's gRPC door, shows answers to people and to programs, and checks
//! receipts without trusting the server. Must never hold a rule of its own about who may ask, or link a room of the
//! server.
//!
//! | module | holds |
//! |---|---|
//! | [`settings`] | where the broker is and who we are: a demo's folder, or a file |
//! | [`assertion`] | the signed statement that goes with each call |
//! | [`broker`] | the calls |
//! | [`json`] | answers and entries for programs, with keys that stay |
//! | [`show`] | the same for people |
//! | [`run`] | a command line from arguments to exit status |

mod arguments;
pub mod assertion;
pub mod broker;
mod command;
mod error;
mod household_lines;
pub mod json;
mod lines;
mod page;
mod progress;
mod run;
pub mod settings;
pub mod show;
mod words;

pub use command::ask::check_receipt;
pub use error::ClientError;
pub use page::Screen;
pub use run::{World, run};
