//! What is asked: income years and parts.

use chrono::Datelike;
use ssbtek_domain::{Question, SkvRequest, Wanted, sections::skv::Part};

use crate::CannotAsk;

/// Income years and parts of one question.
pub(super) struct Asked {
    /// At least one.
    pub(super) years: Vec<i32>,
    /// At least one, in the contract's order.
    pub(super) parts: Vec<Part>,
}

/// The caller's wish, else the years of the period and all parts.
pub(super) fn asked(question: &Question) -> Result<Asked, CannotAsk> {
    let asked = match &question.wanted {
        Wanted::Skv(request) => Asked { years: request.years.clone(), parts: parts(request) },
        Wanted::Standard | Wanted::SkvDocument | Wanted::Lefi(_) => Asked {
            years: (question.period.from().year()..=question.period.to().year()).collect(),
            parts: Part::ALL.to_vec(),
        },
    };
    if asked.years.is_empty() {
        Err(CannotAsk("SKV/fraga/ar: at least one income year must be asked for"))
    } else if asked.parts.is_empty() {
        Err(CannotAsk("SKV/fraga: at least one of the five parts must be asked for"))
    } else {
        Ok(asked)
    }
}

fn parts(request: &SkvRequest) -> Vec<Part> {
    let wanted = |part: &Part| match part {
        Part::CompanyInformation => request.company_information,
        Part::IndividualStatements => request.individual_statements,
        Part::TaxAccount => request.tax_account,
        Part::TaxData => request.tax_data,
        Part::TaxAppendices => request.tax_appendices,
    };
    Part::ALL.into_iter().filter(wanted).collect()
}
