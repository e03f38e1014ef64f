//! The closed list of what can have become of one source.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What became of one source or sub-source. Closed: "nothing there" is said only by [`Outcome::Answered`] with an
/// empty section or [`Outcome::NoSuchPerson`], and only when the source itself said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The caller did not want this source.
    NotAsked,
    /// The permit does not cover it; it was not asked.
    NotPermitted,
    /// The source answered in full.
    Answered,
    /// Some of its sub-sources answered.
    AnsweredInPart,
    /// The source says that it knows no such person.
    NoSuchPerson,
    /// The source says that it failed.
    FailedAtSource,
    /// No answer within the deadline.
    TimedOut,
    /// No connection, or the circuit is open.
    NotReachable,
    /// The answer breaks the contract or is about another person: refused whole.
    AnswerRefused,
    /// Who answered in its name could not prove to be it: another name, an issuer that is not trusted, a certificate that
    /// has expired or been revoked. It was told nothing.
    IdentityRefused,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Outcome; 10] = [
        Outcome::NotAsked,
        Outcome::NotPermitted,
        Outcome::Answered,
        Outcome::AnsweredInPart,
        Outcome::NoSuchPerson,
        Outcome::FailedAtSource,
        Outcome::TimedOut,
        Outcome::NotReachable,
        Outcome::AnswerRefused,
        Outcome::IdentityRefused,
    ];

    /// The name in records and machine-readable output.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::NotAsked => "not_asked",
            Outcome::NotPermitted => "not_permitted",
            Outcome::Answered => "answered",
            Outcome::AnsweredInPart => "answered_in_part",
            Outcome::NoSuchPerson => "no_such_person",
            Outcome::FailedAtSource => "failed_at_source",
            Outcome::TimedOut => "timed_out",
            Outcome::NotReachable => "not_reachable",
            Outcome::AnswerRefused => "answer_refused",
            Outcome::IdentityRefused => "identity_refused",
        }
    }

    /// The outcome with that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }

    /// Whether the source spoke for itself on everything it was asked: facts, or that there are none.
    pub fn is_conclusive(self) -> bool {
        matches!(self, Outcome::Answered | Outcome::NoSuchPerson)
    }

    /// One outcome for a source out of those of its parts: conclusive only if all are.
    /// `None` when there are no parts.
    pub fn of_parts(parts: impl IntoIterator<Item = Outcome>) -> Option<Outcome> {
        let parts: Vec<Outcome> = parts.into_iter().collect();
        let first = *parts.first()?;
        if parts.iter().all(|part| *part == first) {
            return Some(first);
        }
        let spoke = |part: &Outcome| part.is_conclusive() || *part == Outcome::AnsweredInPart;
        Some(if parts.iter().all(|part| part.is_conclusive()) {
            Outcome::Answered
        } else if parts.iter().any(spoke) {
            Outcome::AnsweredInPart
        } else {
            Outcome::FailedAtSource
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_silent_part_makes_the_whole_a_part_answer() {
        use Outcome::*;
        assert_eq!(Outcome::of_parts([Answered, TimedOut]), Some(AnsweredInPart));
        assert_eq!(Outcome::of_parts([Answered, NoSuchPerson]), Some(Answered));
        assert_eq!(Outcome::of_parts([NotReachable, NotReachable]), Some(NotReachable));
        assert_eq!(Outcome::of_parts([NotReachable, TimedOut]), Some(FailedAtSource));
        assert_eq!(Outcome::of_parts([]), None);
    }

    #[test]
    fn every_outcome_is_found_by_its_name() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::parse(outcome.as_str()), Some(outcome));
        }
    }
}
