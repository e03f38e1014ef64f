//! CSN, schema 4.0: a plain XML document each way, `SBNUppgEkBistandBegar` → `CSNSvar`.
//!
//! The question's own schema (Sambruk) is not public. Known are its element's name and namespace, its type's namespace
//! (both from CSN's `kommunfraga`) and its fields; that the fields are qualified with the type's namespace is taken by
//! analogy with every other schema of CSN's.

mod amounts;
mod case;
mod namespaces;
mod question;
mod read;
mod result;
#[cfg(test)]
mod tests;
pub mod write;

use chrono::Months;
use ssbtek_domain::{NaiveDate, Note, Period, Question, SourceAnswer};

use crate::{CannotAsk, CaseBound, Codec, HttpAnswer, HttpQuestion, Refused};

pub use namespaces::{KOMMUNFRAGA, SAMBRUK};
pub use question::{MAX_ID_CHARS, repeated};
pub use read::ANSWER;

/// CSN's own wire format.
#[derive(Debug, Clone, Copy, Default)]
pub struct Csn;

impl Codec for Csn {
    /// From two months back to one month ahead; anything else CSN answers with −1006.
    fn derive_period(&self, wanted: Period, today: NaiveDate) -> Option<(Period, Option<Note>)> {
        let from = today.checked_sub_months(Months::new(2))?;
        let to = today.checked_add_months(Months::new(1))?;
        let asked = Period::new(from, to).ok()?.intersect(&wanted)?;
        let note = Note::PeriodNarrowed("CSN answers for two months back and one month ahead");
        Some((asked, (asked != wanted).then_some(note)))
    }

    fn case_bound(&self) -> Option<CaseBound> {
        let rule = "CSN takes at most 31 characters of a case's identity";
        Some(CaseBound { max_chars: MAX_ID_CHARS, rule })
    }

    fn question(&self, question: &Question) -> Result<HttpQuestion, CannotAsk> {
        question::write(question)
    }

    fn answer(&self, question: &Question, answer: HttpAnswer) -> Result<SourceAnswer, Refused> {
        read::answer(question, answer)
    }
}
