//! A conformance kit for one agency's service: a fixed list of questions, asked through the broker's own connector, and a
//! report of where the answers deviate from what the broker relies on.
//!
//! For an agency that builds its service, and for whoever runs a broker. Reads answers as strictly as the broker does,
//! because it is the broker's reading. Must never put into a report what an answer says about a person: reports name
//! outcomes, times, sizes and rules.
//!
//! [`Subject`] says what is asked, [`run`] asks, [`Report`] tells. [`stored`] reads an answer that was stored, by the same reading
//! and the same judgement.

mod check;
mod judge;
mod question;
mod reasons;
mod report;
mod run;
mod stored;
mod subject;

pub use check::Check;
pub use reasons::Reasons;
pub use report::{CheckReport, Heard, Report};
pub use run::run;
pub use stored::{HeldBack, Stored, held_back, stored};
pub use subject::{Expectations, Persons, Subject};
