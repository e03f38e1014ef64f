//! What each field of an agency's answer tells, and from when on it is held back: one table, from which withholding at every
//! door, the documentation and the tests are derived.
//!
//! Each record states a verdict for each of its fields (`sections/`): a field without one does not compile, so nothing can be
//! added to an answer that nobody has thought about.

mod apply;
mod known;

pub(crate) use apply::{Leaf, Text, verdicts};
pub use apply::{Withhold, Withholding, held_names, withhold};
pub use known::{is_known, is_known_part};

use crate::{Agency, HoldBack};

/// What a field tells somebody who looks for the person, and holds the open registers in his hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reveals {
    /// Nothing that leads to anybody.
    Nothing,
    /// Where somebody is, or can be found.
    Whereabouts,
    /// What the person is called.
    Name,
    /// Who others are: children, parents, co-applicants, payees.
    Relatives,
    /// Nothing by itself, but something that can be worked out from it.
    Inference,
    /// Whatever the agency has written; only words and codes of a known list stay.
    FreeText,
}

/// The verdict on one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whose answer it stands in.
    pub agency: Agency,
    /// The record that has the field.
    pub record: &'static str,
    /// The field.
    pub field: &'static str,
    /// What it tells.
    pub reveals: Reveals,
    /// The least that holds it back; `None`: never held back (for others' identity: always).
    pub held_from: Option<HoldBack>,
    /// What `withheld` calls it. Where the field's own name would tell, the name of nothing in particular.
    pub withheld_as: &'static str,
    /// Why.
    pub because: &'static str,
}

/// What `withheld` says of a field whose name alone would tell something.
pub const UNNAMED: &str = "uppgifter";

/// What `withheld` says of texts and codes outside every known list.
pub const FREE_TEXT: &str = "fritext";

impl Verdict {
    const fn new(
        (agency, record, field): (Agency, &'static str, &'static str),
        reveals: Reveals,
        held_from: Option<HoldBack>,
        withheld_as: &'static str,
        because: &'static str,
    ) -> Self {
        Self { agency, record, field, reveals, held_from, withheld_as, because }
    }

    /// A field that never leads to anybody.
    pub(crate) const fn nothing(at: (Agency, &'static str, &'static str), because: &'static str) -> Self {
        Self::new(at, Reveals::Nothing, None, "", because)
    }

    /// A field that tells where the household lives, or where anybody of it can be met.
    pub(crate) const fn home(
        at: (Agency, &'static str, &'static str),
        name: &'static str,
        because: &'static str,
    ) -> Self {
        Self::new(at, Reveals::Whereabouts, Some(HoldBack::Home), name, because)
    }

    /// A field that leads to the person alone.
    pub(crate) const fn own(
        at: (Agency, &'static str, &'static str),
        name: &'static str,
        because: &'static str,
    ) -> Self {
        Self::new(at, Reveals::Whereabouts, Some(HoldBack::Whereabouts), name, because)
    }

    /// What the person is called.
    pub(crate) const fn name(at: (Agency, &'static str, &'static str), because: &'static str) -> Self {
        Self::new(at, Reveals::Name, Some(HoldBack::Whereabouts), "namn", because)
    }

    /// A field from which the home can be worked out.
    pub(crate) const fn inference(
        at: (Agency, &'static str, &'static str),
        name: &'static str,
        because: &'static str,
    ) -> Self {
        Self::new(at, Reveals::Inference, Some(HoldBack::Home), name, because)
    }

    /// A text or code: one of a known list stays.
    pub(crate) const fn text(at: (Agency, &'static str, &'static str), because: &'static str) -> Self {
        Self::new(at, Reveals::FreeText, Some(HoldBack::Home), FREE_TEXT, because)
    }

    /// Who others are: never told of anybody but the person asked about.
    pub(crate) const fn others(at: (Agency, &'static str, &'static str), because: &'static str) -> Self {
        Self::new(at, Reveals::Relatives, None, "", because)
    }
}

#[cfg(test)]
mod tests;
