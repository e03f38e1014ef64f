//! The desk where boards, accounts and cases are registered and changed. Every change is one transaction: the new version
//! of the document and its record in the board's log.
//!
//! Judges who may change what by the same facts as a question; decides nothing about questions.

mod accounts;
mod agents;
mod boards;
mod cases;
mod certificates;
mod concerned;
mod desk;
mod extract;
mod files;
mod persons;
mod provider;
mod replay;
mod rights;
mod terms;
mod together;
mod untold;

pub use accounts::{AccountLine, NewAccount, SignIn};
pub use boards::{NewBoard, NewKey};
pub use cases::NewCase;
pub use desk::{By, Desk, DeskError, Judged};
pub use extract::{Held, HeldCase};
pub use files::BoardFile;
pub use provider::Texts;
pub use replay::{Rechecked, Replayed, Verdict};
pub use rights::AccountCorrection;
pub use together::Concerns;
