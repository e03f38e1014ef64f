//! What of the facts was asked for. A source that was not told the caller's own LEFI question brings more than that; the
//! rest is not passed on.

use ssbtek_domain::sections::fk::common::Code;

use crate::fk::InformationClass;

/// What was asked for: everything, or these types of these lists.
pub struct Wanted<'a>(Option<Vec<(InformationClass, &'a str)>>);

impl<'a> Wanted<'a> {
    /// Everything.
    pub fn everything() -> Self {
        Self(None)
    }

    /// These types and nothing else.
    pub fn only(types: impl IntoIterator<Item = (InformationClass, &'a str)>) -> Self {
        Self(Some(types.into_iter().collect()))
    }

    fn asks(&self, class: InformationClass, fits: impl Fn(&str) -> bool) -> bool {
        self.0.as_ref().is_none_or(|types| types.iter().any(|(of, code)| *of == class && fits(code)))
    }

    /// Whether that type was asked for in that list.
    pub(super) fn has(&self, class: InformationClass, code: &str) -> bool {
        self.asks(class, |asked| asked == code)
    }

    /// Whether anything of that provider was asked for in that list.
    pub(super) fn any(&self, class: InformationClass, prefix: &str) -> bool {
        self.asks(class, |asked| asked.starts_with(prefix))
    }

    /// Whether the fact's own code was asked for; a fact without one is not told unless everything is wanted.
    pub(super) fn code(&self, class: InformationClass, code: &Option<Code>) -> bool {
        let id = code.as_ref().and_then(|code| code.id.as_deref());
        self.0.is_none() || id.is_some_and(|id| self.has(class, id))
    }
}
