//! For whose sake what tells where somebody is is held back. Which fields that are, and from which of these on: `verdicts`.

/// For whose sake something is held back. Ordered: the later, the more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HoldBack {
    /// For nobody's: everyone in the answer is known not to be protected, as far as sources can say.
    Nothing,
    /// For somebody else's in the answer or the household, who lives where the person asked about lives, or is to be found
    /// through it: what tells where that is.
    Home,
    /// For the person's own: everything that can lead to where the person is.
    Whereabouts,
}

impl HoldBack {
    /// Whether anything is held back at all.
    pub fn is_something(self) -> bool {
        self > HoldBack::Nothing
    }
}
