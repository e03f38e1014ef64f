//! Answers and log entries for people. What was not said is never told as "nothing".

mod agreement;
mod answer;
mod entries;
mod entry;
mod facts;
mod payments;
mod person;
mod phrases;
mod reviews;
mod sources;
mod svg;
mod usage;

pub use agreement::{account, agreement, certificate, legal_basis};
pub use answer::{ReceiptCheck, answer};
pub use entries::entries;
pub use entry::entry;
pub use person::{PersonChecks, person};
pub use reviews::{overdue, protected, sample};
pub use svg::usage_svg;
pub use usage::usage;
