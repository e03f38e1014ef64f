//! The unemployment funds' own format: `GetUnemploymentBenefitPayment`, INT014, SOAP 1.1. Spoken with Samorganisationen
//! for all funds at once, or with one fund directly.

mod question;
mod read;
#[cfg(test)]
mod tests;
pub mod write;

use ssbtek_domain::{Agency, FundCode, Question, Source, SourceAnswer, sections::so::StatusTexts};

use crate::{CannotAsk, Codec as Format, HttpAnswer, HttpQuestion, Refused, echo::Names, fields::Fields};

pub use question::fields;
pub use read::ANSWER;

const NAMESPACE: &str = "http://INT014.UBPService.Schemas";
/// What of the question tells which one it is.
const ECHO: Names = Names { case: "Referensnummer", from: "From", to: "Tom" };

/// The funds' own wire format.
#[derive(Debug, Clone)]
pub struct Codec {
    source: Source,
    texts: StatusTexts,
    expected: Vec<String>,
    without_question: bool,
}

impl Codec {
    /// All funds through Samorganisationen. `texts` are the status texts that are recognised.
    pub fn all_funds(texts: StatusTexts) -> Self {
        Self { source: Source::Agency(Agency::So), texts, expected: vec![], without_question: false }
    }

    /// One fund directly: its answer has exactly one entry.
    pub fn one_fund(fund: FundCode, texts: StatusTexts) -> Self {
        Self { source: Source::Fund(fund), texts, expected: vec![], without_question: false }
    }

    /// Names of funds (`SvarandeOrganisation`) that Samorganisationen answers for. One that is missing from an answer
    /// then counts as failed; without this, who is not mentioned is not missed.
    pub fn expecting(self, names: Vec<String>) -> Self {
        Self { expected: names, ..self }
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
        read::read(self, question, &answer)
    }
}
