//! The desk where boards, accounts and cases are registered and changed. Every change is one transaction: the new version
//! of the document and its record in the board's log.
//!
//! Judges who may change what by the same facts as a question; decides nothing about questions.

mod accounts;
mod boards;
mod cases;
mod desk;

pub use accounts::NewAccount;
pub use boards::NewBoard;
pub use desk::{By, Desk, DeskError};
