//! `ResultatKod`: what became of the question, in CSN's own words, and of each of CSN's systems.

use ssbtek_domain::{Outcome, PartOutcome};

/// CSN's systems. Studiestartsstöd is named with none of them in the table of codes; it is taken to live in `SM/SH`.
pub(super) const PARTS: [&str; 3] = ["SM/SH", "HUT", "OSS"];

/// What a code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Everything was looked up.
    Complete,
    /// No such person.
    NotFound,
    /// One system was down, by its name in [`PARTS`]; the others answered.
    Without(&'static str),
    /// Nothing was looked up.
    Failed,
    /// A code outside the published table: nothing can be concluded.
    Unknown,
}

impl Verdict {
    pub(super) fn of(code: &str) -> Self {
        match code {
            "0" => Verdict::Complete,
            "-2" => Verdict::NotFound,
            "-1004" | "-1005" | "-1006" | "-1007" | "-1103" => Verdict::Failed,
            "-1101" => Verdict::Without("HUT"),
            "-1102" => Verdict::Without("SM/SH"),
            "-1104" => Verdict::Without("OSS"),
            _ => Verdict::Unknown,
        }
    }

    /// The outcome of each system, in the order of [`PARTS`]. `code` goes with those that did not answer.
    pub(super) fn parts(self, code: Option<&str>) -> Vec<PartOutcome> {
        let outcome = |part: &str| match self {
            Verdict::Complete => Outcome::Answered,
            Verdict::NotFound => Outcome::NoSuchPerson,
            Verdict::Without(down) if down != part => Outcome::Answered,
            Verdict::Without(_) | Verdict::Failed | Verdict::Unknown => Outcome::FailedAtSource,
        };
        PARTS
            .into_iter()
            .map(|part| {
                let outcome = outcome(part);
                let code = code.filter(|_| outcome != Outcome::Answered).map(str::to_owned);
                PartOutcome { part: part.to_owned(), outcome, code }
            })
            .collect()
    }

    pub(super) fn outcome(self) -> Outcome {
        match self {
            Verdict::Complete => Outcome::Answered,
            Verdict::NotFound => Outcome::NoSuchPerson,
            Verdict::Without(_) => Outcome::AnsweredInPart,
            Verdict::Failed | Verdict::Unknown => Outcome::FailedAtSource,
        }
    }
}
