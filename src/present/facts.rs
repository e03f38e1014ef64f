//! The facts of an agency, all of them, by the contract's own description: a field that is added there is told here, and a test
//! asks for its label.

mod labels;
mod said;
mod shapes;
mod walk;

use ssbtek_proto::{broker::v1::SourceReport, facts::Facts as Described};

use crate::{Language, outcome::is_conclusive, plain::plain, sources::name, writing};

/// One fact, or several that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// How deep it lies: 0 is the agency's own.
    pub depth: usize,
    /// What it is about; may be empty where the text speaks for itself.
    pub label: String,
    /// What is said.
    pub text: String,
    /// Shown only where somebody asks for everything.
    pub folded: bool,
    /// Must be seen: somebody is protected.
    pub alarm: bool,
}

impl Line {
    pub(crate) fn new(depth: usize, label: &str, text: &str) -> Self {
        Self { depth, label: plain(label), text: plain(text), folded: false, alarm: false }
    }

    pub(crate) fn folded(self, folded: bool) -> Self {
        Self { folded, ..self }
    }

    pub(crate) fn alarm(self, alarm: bool) -> Self {
        // What must be seen is not folded away.
        Self { alarm, folded: self.folded && !alarm, ..self }
    }
}

/// An agency's facts, with what makes them citable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The agency's code.
    pub source: String,
    /// Its name.
    pub name: String,
    /// The days it was asked about.
    pub asked_about: Option<String>,
    /// The legal basis told to it.
    pub basis: String,
    /// In the contract's order.
    pub lines: Vec<Line>,
}

/// The facts of one source, if it has any.
pub(crate) fn facts(source: &SourceReport, language: Language) -> Option<Facts> {
    let section = source.section.as_ref()?;
    let mut lines =
        Described::of(section).map(|facts| walk::lines(facts.message(), language)).unwrap_or_default();
    lines.extend(said::lines(section, is_conclusive(source.outcome), language));
    (!lines.is_empty()).then(|| Facts {
        source: plain(&source.source),
        name: name(&source.source).to_owned(),
        asked_about: source.period.as_ref().map(writing::period),
        basis: plain(&source.legal_basis),
        lines,
    })
}
