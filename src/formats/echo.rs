//! The question as an answer repeats it. Whose it is, is judged by the person's number; that it is the answer to *this* question, by
//! what else is repeated. Nothing repeated says nothing.

use ssbtek_domain::{NaiveDate, Question};
use ssbtek_xml::Element;

use crate::{
    failure::plain,
    fields::{self, Fields},
};

/// A case's identity may be cut by an agency, not to less than this.
const MIN_CASE_CHARS: usize = 16;

/// Names of what is repeated.
pub(crate) struct Names {
    /// The case.
    pub(crate) case: &'static str,
    /// The first day.
    pub(crate) from: &'static str,
    /// The last day.
    pub(crate) to: &'static str,
}

impl Names {
    /// Another case, or a period that does not hold the whole period that was asked about: what is not there may be another answer's
    /// silence.
    pub(crate) fn judge(&self, told: &Fields<'_>, question: &Question) {
        let texts = |name| told.values(name).into_iter().filter_map(Element::value);
        let asked = plain(question.case.as_str());
        let is_asked = |text: &str| {
            let text = plain(text);
            text == asked || text.len() >= MIN_CASE_CHARS && asked.starts_with(&text)
        };
        told.notes().lose_if(texts(self.case).any(|text| !is_asked(text)), self.case);
        let begins = |text: &str| day(text).is_some_and(|day| day <= question.period.from());
        told.notes().lose_if(texts(self.from).any(|text| !begins(text)), self.from);
        let ends = |text: &str| day(text).is_some_and(|day| day >= question.period.to());
        told.notes().lose_if(texts(self.to).any(|text| !ends(text)), self.to);
    }
}

/// A day in whatever writing: with a zone, with a time behind it, without hyphens.
fn day(text: &str) -> Option<NaiveDate> {
    let digits = || text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text);
    fields::date(text)
        .or_else(|| NaiveDate::parse_from_str(digits()?, "%Y%m%d").ok())
        .or_else(|| fields::date(text.split_once(['T', ' '])?.0))
}
