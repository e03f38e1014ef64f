//! Transportstyrelsen's own format: `HamtaUppgifter`, ssbtek 1, SOAP 1.1.
//!
//! Neither the question nor the answer carries a case, a purpose or an asker, and the answer does not say whom it is
//! about: that it belongs to the question rests on the connection alone.

mod question;
mod read;
#[cfg(test)]
mod tests;
pub mod write;

use ssbtek_domain::{Question, SourceAnswer};

use crate::{CannotAsk, Codec as Format, HttpAnswer, HttpQuestion, Refused, fields::Space};

pub use read::ANSWER;

/// Question and answer.
pub const RESPONDER: &str = "http://schema.transportstyrelsen.se/ssbtek/hamtauppgifterresponder/1";
/// Whom the question is about.
pub const PERSON: &str = "http://schema.transportstyrelsen.se/ssbtek/person/1";
/// Of a vehicle.
pub const VEHICLE: &str = "http://schema.transportstyrelsen.se/ssbtek/fordon/1";
/// Of whatever version.
const ANY_RESPONDER: Space = Space("http://schema.transportstyrelsen.se/ssbtek/hamtauppgifterresponder/*");
/// Of whatever version.
const ANY_VEHICLE: Space = Space("http://schema.transportstyrelsen.se/ssbtek/fordon/*");

/// TNS's own wire format.
#[derive(Debug, Clone, Default)]
pub struct Codec {
    no_such_person: Vec<i32>,
}

impl Codec {
    /// `no_such_person`: values of `felkod` by which TNS says that it knows no such person. TNS publishes no list; with
    /// none, every `FEL` is a failure.
    pub fn new(no_such_person: Vec<i32>) -> Self {
        Self { no_such_person }
    }
}

impl Format for Codec {
    fn question(&self, question: &Question) -> Result<HttpQuestion, CannotAsk> {
        question::write(question)
    }

    fn answer(&self, question: &Question, answer: HttpAnswer) -> Result<SourceAnswer, Refused> {
        read::read(question, &answer, &self.no_such_person)
    }
}
