//! A line for each agency.

use ssbtek_present::{Language, outcome::phrase, plain, sources::name, texts::answer as t};
use ssbtek_proto::broker::v1::SourceReport;

/// Room for the longest name of an agency.
const NAME_COLUMNS: usize = 27;

/// An agency and what became of it, or `waiting` of one that has not answered.
pub(crate) fn told(code: &str, source: Option<&SourceReport>, waiting: &str, language: Language) -> String {
    let fault = source.and_then(|source| source.fault_code.as_ref());
    let fault = fault.map(|code| format!(" ({})", t::fault_code(language, code))).unwrap_or_default();
    let outcome = source.map_or(waiting, |source| phrase(source.outcome, language));
    line(code, name(code), &format!("{outcome}{fault}"))
}

/// Code, name, outcome.
pub(super) fn line(code: &str, name: &str, outcome: &str) -> String {
    plain(&format!("{code:<4} {name:<NAME_COLUMNS$} {outcome}"))
}
