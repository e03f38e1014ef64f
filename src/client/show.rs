//! Answers (their words are the room `present`'s; here they are laid out) and log entries for people. What was not said is never told
//! as "nothing".

mod agreement;
mod answer;
mod entries;
mod entry;
mod money;
mod person;
mod phrases;
mod reviews;
mod sources;
mod svg;
mod usage;
mod view;

use ssbtek_proto::broker::v1::{AccountKind, LogEntry};

pub use agreement::{account, agreement, certificate, legal_basis};
pub use answer::{Answered, ReceiptCheck, answer, answers};
pub use entries::entries;
pub use entry::entry;
pub use person::{PersonChecks, person};
pub use reviews::{overdue, protected, sample};
pub(crate) use sources::told as source_told;
pub use svg::usage_svg;
pub use usage::usage;
pub use view::View;

/// That an entry does not say which person asked.
fn by_system(entry: &LogEntry) -> Option<String> {
    let by_system = entry.account_kind() == AccountKind::System;
    by_system.then(|| format!("a system, which person is not known; {} answers for it", entry.responsible))
}
