//! What is asked: income years and parts.

use chrono::Datelike;
use ssbtek_domain::{Information, Question, Wanted, sections::skv::Part};

use crate::CannotAsk;

/// Income years and parts of one question.
pub(super) struct Asked {
    /// At least one.
    pub(super) years: Vec<i32>,
    /// At least one, in the contract's order.
    pub(super) parts: Vec<Part>,
}

/// The caller's wish, else the years of the period and all parts; of them, what the permit covers.
pub(super) fn asked(question: &Question) -> Result<Asked, CannotAsk> {
    let asked = match &question.wanted {
        Wanted::Skv(request) => Asked { years: request.years.clone(), parts: request.parts() },
        Wanted::Standard | Wanted::SkvDocument | Wanted::Lefi(_) => Asked {
            years: (question.period.from().year()..=question.period.to().year()).collect(),
            parts: Part::ALL.to_vec(),
        },
    };
    let covered = |part: &Part| question.kinds.contains(&Information::skv(*part));
    let asked = Asked { parts: asked.parts.into_iter().filter(covered).collect(), ..asked };
    if asked.years.is_empty() {
        Err(CannotAsk("SKV/fraga/ar: at least one income year must be asked for"))
    } else if asked.parts.is_empty() {
        Err(CannotAsk("SKV/fraga: at least one of the five parts must be asked for"))
    } else {
        Ok(asked)
    }
}
