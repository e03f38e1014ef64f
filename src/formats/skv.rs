//! Skatteverket. [`Skv::v10`]: SOAP, an XML document inside a string each way. [`Skv::v11`]: five parts, each JSON or an
//! error of its own. [`Skv::both`]: whichever can bring what is wanted; a question that neither can is not sent.
//!
//! **Not published, and therefore this product's own:** the document inside v10's question; v11's transport towards the
//! agency (here one `POST` of JSON, with the names, the base64 and the errors of the composed contract v11); the inner
//! form of every answer. Every document is carried verbatim; what is typed beside it is read by the names in `facts`,
//! and what has other names gives no typed facts, and is said to.

pub mod beside;
mod facts;
mod failing;
mod place;
mod question;
mod record;
pub mod reduce;
mod tree;
mod v10;
mod v11;
pub mod write;

#[cfg(test)]
mod tests;

use chrono::Datelike;
use ssbtek_domain::{Agency, NaiveDate, Note, Outcome, Period, Question, Source, SourceAnswer, Wanted};

use crate::{CannotAsk, Codec, HttpAnswer, HttpQuestion, Refused};

pub use v10::ANSWER;

/// Skatteverket's own wire format, in one or both of its two contract versions.
#[derive(Debug, Clone, Copy)]
pub struct Skv {
    spoken: Spoken,
    /// What v11's error 404 of a single part means. Most likely "nothing there"; nobody has said so.
    not_found: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spoken {
    V10,
    V11,
    Both,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contract {
    V10,
    V11,
}

impl Skv {
    /// XML inside SOAP, as behind the composed contract v10.
    pub fn v10() -> Self {
        Self { spoken: Spoken::V10, not_found: Outcome::FailedAtSource }
    }

    /// Five parts of JSON, as behind the composed contract v11. A part's error 404 counts as a failure, with a note.
    pub fn v11() -> Self {
        Self { spoken: Spoken::V11, ..Self::v10() }
    }

    /// Both at one address: v10 for who wants its document ([`Wanted::SkvDocument`]), v11 for everybody else.
    pub fn both() -> Self {
        Self { spoken: Spoken::Both, ..Self::v10() }
    }

    /// Takes a part's error 404 as "no such person there": only for an installation where Skatteverket has said that it
    /// means so.
    pub fn with_404_as_nothing_there(self) -> Self {
        Self { not_found: Outcome::NoSuchPerson, ..self }
    }

    fn contract(&self, wanted: &Wanted) -> Contract {
        match (self.spoken, wanted) {
            (Spoken::V10, _) | (Spoken::Both, Wanted::SkvDocument) => Contract::V10,
            (Spoken::V11 | Spoken::Both, _) => Contract::V11,
        }
    }
}

impl Codec for Skv {
    /// The whole income years that the period touches, up to the running one.
    fn derive_period(&self, wanted: Period, today: NaiveDate) -> Option<(Period, Option<Note>)> {
        let from = NaiveDate::from_ymd_opt(wanted.from().year(), 1, 1)?;
        let to = NaiveDate::from_ymd_opt(wanted.to().year().min(today.year()), 12, 31)?;
        let asked = Period::new(from, to).ok()?;
        let note =
            Note::PeriodWidened("Skatteverket knows whole income years: those that the period touches");
        Some((asked, (asked != wanted).then_some(note)))
    }

    fn question(&self, question: &Question) -> Result<HttpQuestion, CannotAsk> {
        match self.contract(&question.wanted) {
            Contract::V10 => v10::question(question),
            Contract::V11 => v11::question(question),
        }
    }

    fn answer(&self, question: &Question, answer: HttpAnswer) -> Result<SourceAnswer, Refused> {
        match self.contract(&question.wanted) {
            Contract::V10 => v10::answer(question, &answer),
            Contract::V11 => v11::answer(question, answer, self.not_found),
        }
    }
}

fn source() -> Source {
    Source::Agency(Agency::Skv)
}
