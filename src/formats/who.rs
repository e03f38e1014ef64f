//! Whom an answer is about: found by the number that was asked, never by a field's name.

use ssbtek_domain::{Personnummer, Question};

use crate::Refused;

/// Whether a text is the number that was asked about: twelve or ten digits, with or without a separator.
pub(crate) fn is_asked(asked: &Personnummer, text: &str) -> bool {
    asked.is_written(text)
}

/// The person asked about, if the text is that person's number; any other text refuses the answer.
pub(crate) fn same(question: &Question, text: &str) -> Result<Personnummer, Refused> {
    if is_asked(&question.person, text) { Ok(question.person.clone()) } else { Err(Refused::ANOTHER_PERSON) }
}
