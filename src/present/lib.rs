//! An answer in words: lines, months, what is missing and why, in Swedish and English, for whatever shows it (a terminal, a page).
//!
//! Made from the contract's answer and nothing else, so that nothing can be shown that was not recorded before it left. Must never
//! do I/O, read a clock, add up silently, decide which month a payment counts towards, or leave out what an answer holds.
//!
//! | module | holds |
//! |---|---|
//! | [`answer`] | the whole of it, in the order in which it is read |
//! | [`sources`], [`outcome`] | what became of each source, and what to do about it |
//! | [`facts`] | every fact with its label |
//! | [`payments`] | payments by month, people side by side |
//! | [`since`] | one month against another |
//! | [`stated`] | what somebody stated, beside what the sources say |
//! | [`texts`] | every text in both languages |

pub mod answer;
pub mod facts;
mod language;
mod month;
pub mod outcome;
mod pay;
pub mod payments;
mod plain;
mod protection;
pub mod since;
pub mod sources;
pub mod stated;
pub mod texts;
pub mod writing;

pub use answer::{Presented, ReceiptCheck, Sentence, answer};
pub use language::Language;
pub use month::Month;
pub use plain::plain;
