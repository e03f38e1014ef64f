//! Whom an answer is about: found by the number that was asked, never by a field's name.

use ssbtek_domain::{Personnummer, Question, sections::skv};

use crate::Refused;

/// Whom texts name, by numbers that stand in them, whatever their fields are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The person asked about, perhaps among others.
    Asked,
    /// Only others.
    Others,
    /// Nobody.
    Nobody,
}

impl Named {
    pub(crate) fn in_texts<'t>(asked: &Personnummer, texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut named = Named::Nobody;
        for text in texts {
            if is_asked(asked, text.trim()) {
                return Named::Asked;
            }
            if names_another(asked, text) {
                named = Named::Others;
            }
        }
        named
    }
}

/// Whether somebody else's number stands in a text.
pub(crate) fn names_another(asked: &Personnummer, text: &str) -> bool {
    skv::names_another(text, Some(asked))
}

/// The same of personal numbers alone.
pub(crate) fn names_another_by_number(asked: &Personnummer, text: &str) -> bool {
    skv::names_others_by_number(text, std::slice::from_ref(asked))
}

/// Whether anybody's number stands in a text.
pub(crate) fn names_anybody(text: &str) -> bool {
    skv::names_another(text, None)
}

/// Whether a text is the number that was asked about: twelve or ten digits, with or without a separator.
pub(crate) fn is_asked(asked: &Personnummer, text: &str) -> bool {
    asked.is_written(text)
}

/// The person asked about, if the text is that person's number; any other text refuses the answer.
pub(crate) fn same(question: &Question, text: &str) -> Result<Personnummer, Refused> {
    if is_asked(&question.person, text) { Ok(question.person.clone()) } else { Err(Refused::ANOTHER_PERSON) }
}
