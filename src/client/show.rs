//! Answers and log entries for people. What was not said is never told as "nothing".

mod agreement;
mod answer;
mod entries;
mod facts;
mod payments;
mod phrases;
mod sources;

pub use agreement::{account, agreement, certificate};
pub use answer::{ReceiptCheck, answer};
pub use entries::entries;
