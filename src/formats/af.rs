//! Arbetsförmedlingen's own format: `FragaMeddelande` → `SvarMeddelande`, ersattningsstod v2, SOAP 1.1.
//!
//! AF takes one processor (personuppgiftsbiträde) only: the first of the chain is named, the rest are not.

mod question;
mod read;
#[cfg(test)]
mod tests;
pub mod write;

use ssbtek_domain::{Question, SourceAnswer};

use crate::{
    CannotAsk, Codec as Format, HttpAnswer, HttpQuestion, Refused,
    echo::Names,
    fields::{Fields, Space},
};

pub use question::fields;
pub use read::ANSWER;

const NAMESPACE: &str = "http://api.arbetsformedlingen.se/arbetssokande/ersattningsstod/v2";
/// Of whatever version.
const SPACE: Space = Space("http://api.arbetsformedlingen.se/arbetssokande/ersattningsstod/v*");
/// What of the question tells which one it is.
const ECHO: Names = Names { case: "Referensnummer", from: "From", to: "Tom" };

/// AF's own wire format.
#[derive(Debug, Clone, Default)]
pub struct Codec {
    no_such_person: Vec<i32>,
    without_question: bool,
}

impl Codec {
    /// `no_such_person`: values of `StatusSokandeinformationKod` by which AF says that it knows no such person. AF
    /// publishes no list; with none, every value but 0 is a failure.
    pub fn new(no_such_person: Vec<i32>) -> Self {
        Self { no_such_person, without_question: false }
    }

    /// For an answer to a question that nobody knows any more: what it repeats of it is taken as right.
    pub fn without_question(self) -> Self {
        Self { without_question: true, ..self }
    }

    fn judge_echo(&self, told: &Fields<'_>, question: &Question) {
        if !self.without_question {
            ECHO.judge(told, question);
        }
    }
}

impl Format for Codec {
    fn question(&self, question: &Question) -> Result<HttpQuestion, CannotAsk> {
        question::write(question)
    }

    fn answer(&self, question: &Question, answer: HttpAnswer) -> Result<SourceAnswer, Refused> {
        read::read(question, &answer, self)
    }
}
