//! Migrationsverket's own format: `findByPersonnummer`, ssbtek 1, SOAP 1.1. Only the outermost element has a namespace.

mod question;
mod read;
#[cfg(test)]
mod tests;
pub mod write;

use ssbtek_domain::{Question, SourceAnswer};

use crate::{CannotAsk, Codec as Format, HttpAnswer, HttpQuestion, Refused};

pub use read::ANSWER;

const NAMESPACE: &str = "http://schema.migrationsverket.se/ssbtek/1/";

/// MIV's own wire format.
#[derive(Debug, Clone, Default)]
pub struct Codec {
    no_such_person: Vec<String>,
    without_question: bool,
}

impl Codec {
    /// `no_such_person`: values of `faultCode` by which MIV says that it knows no such person. MIV publishes no list;
    /// with none, every fault is a failure.
    pub fn new(no_such_person: Vec<String>) -> Self {
        Self { no_such_person, without_question: false }
    }

    /// For answers that were stored and are read without their question: what they repeat of it is taken as right.
    pub fn without_question(self) -> Self {
        Self { without_question: true, ..self }
    }
}

impl Format for Codec {
    fn question(&self, question: &Question) -> Result<HttpQuestion, CannotAsk> {
        question::write(question)
    }

    fn answer(&self, question: &Question, answer: HttpAnswer) -> Result<SourceAnswer, Refused> {
        read::read(self, question, &answer)
    }
}
