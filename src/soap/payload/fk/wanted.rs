//! What of the facts was asked for. A source that was not told the caller's own LEFI question brings more than that; the
//! rest is not passed on.

use ssbtek_domain::sections::fk::common::Code;

use crate::{Asked, LefiQuestion};

/// The six lists of a LEFI question, and of its answer's deviations.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    Benefits,
    Claims,
    Decisions,
    Announced,
    Paid,
    Other,
}

impl List {
    pub(super) const ALL: [List; 6] =
        [List::Benefits, List::Claims, List::Decisions, List::Announced, List::Paid, List::Other];

    pub(super) fn name(self) -> &'static str {
        match self {
            List::Benefits => "formansinformation",
            List::Claims => "ansprak",
            List::Decisions => "beslut",
            List::Announced => "preliminaraUtbetalningar",
            List::Paid => "utbetalningar",
            List::Other => "ovrigInformation",
        }
    }
}

/// The caller's own LEFI question; `None` wants everything.
pub(super) struct Wanted<'a>(Option<&'a LefiQuestion>);

impl<'a> Wanted<'a> {
    pub(super) fn of(asked: &'a Asked) -> Self {
        match asked {
            Asked::Lefi(question) => Self(Some(question)),
            Asked::Standard | Asked::Skv(_) | Asked::SkvDocument => Self(None),
        }
    }

    /// Whether that type was asked for in that list.
    pub(super) fn has(&self, list: List, code: &str) -> bool {
        self.0.is_none_or(|question| question.asks(list.name(), |asked| asked == code))
    }

    /// Whether anything of that provider was asked for in that list.
    pub(super) fn any(&self, list: List, prefix: &str) -> bool {
        self.0.is_none_or(|question| question.asks(list.name(), |asked| asked.starts_with(prefix)))
    }

    /// Whether the fact's own code was asked for; a fact without one is not told unless everything is wanted.
    pub(super) fn code(&self, list: List, code: &Option<Code>) -> bool {
        let id = code.as_ref().and_then(|code| code.id.as_deref());
        self.0.is_none() || id.is_some_and(|id| self.has(list, id))
    }
}
