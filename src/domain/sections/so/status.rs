//! `StatusSvarandeOrganisation`: free text in, closed outcome out.

use crate::Outcome;

/// The texts by which a fund's status is recognised. SO publishes no list, so this is configuration; a text that is not
/// in it could not be checked, and is never taken for "nothing there".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusTexts(Vec<(String, Outcome)>);

/// The broker's own texts, written where it composes the section itself, and so always recognised.
const OWN: [(&str, Outcome); 10] = [
    ("OK", Outcome::Answered),
    ("Ofullständigt svar", Outcome::AnsweredInPart),
    ("Personen finns inte", Outcome::NoSuchPerson),
    ("Tekniskt fel", Outcome::FailedAtSource),
    ("Inget svar i tid", Outcome::TimedOut),
    ("Inte nåbar", Outcome::NotReachable),
    ("Svaret godtogs inte", Outcome::AnswerRefused),
    ("Är inte den den ska vara", Outcome::IdentityRefused),
    ("Inte tillfrågad", Outcome::NotAsked),
    ("Får inte tillfrågas", Outcome::NotPermitted),
];

impl Default for StatusTexts {
    /// The broker's own texts only.
    fn default() -> Self {
        Self(OWN.iter().map(|(text, outcome)| ((*text).to_owned(), *outcome)).collect())
    }
}

impl StatusTexts {
    /// The broker's own texts and further ones, which come first.
    pub fn with(further: impl IntoIterator<Item = (String, Outcome)>) -> Self {
        Self(further.into_iter().chain(Self::default().0).collect())
    }

    /// The outcome a text stands for; case and outer spaces do not matter, anything else does. `None`: not recognised.
    pub fn outcome(&self, text: &str) -> Option<Outcome> {
        let text = text.trim().to_lowercase();
        self.0.iter().find(|(known, _)| known.to_lowercase() == text).map(|(_, outcome)| *outcome)
    }

    /// The broker's own text for an outcome.
    pub fn own_text(outcome: Outcome) -> &'static str {
        OWN.iter().find(|(_, own)| *own == outcome).map_or("Tekniskt fel", |(text, _)| *text)
    }
}

/// Whether a text is one of the broker's own.
pub(crate) fn is_own_status(text: &str) -> bool {
    OWN.iter().any(|(own, _)| *own == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_a_text_that_is_recognised_as_that_outcome() {
        for outcome in Outcome::ALL {
            assert_eq!(StatusTexts::default().outcome(StatusTexts::own_text(outcome)), Some(outcome));
        }
    }

    #[test]
    fn a_text_matches_whole_and_never_by_prefix() {
        let texts = StatusTexts::with([("all clear".to_owned(), Outcome::Answered)]);
        assert_eq!(texts.outcome(" All Clear "), Some(Outcome::Answered));
        for text in ["all clear-ish", "all", "", "OK, men systemet är nere"] {
            assert_eq!(texts.outcome(text), None, "{text}");
        }
    }
}
