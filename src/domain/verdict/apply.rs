//! Carrying verdicts out.

use std::mem;

use super::{Reveals, Verdict, is_known};
use crate::{Agency, HoldBack};

/// The names of everything that is held back of an agency's answer, whether or not anything was there: told by presence, a name
/// would tell that there is a vehicle, a house, a tax number abroad. Texts outside the known words are told by
/// [`Withholding::withheld`]: that an agency wrote some leads nowhere.
pub fn held_names(agency: Agency, held: HoldBack, names_open: bool) -> Vec<&'static str> {
    let withholding = Withholding::new(held, names_open);
    let rows = crate::verdicts::all().filter(|row| row.agency == agency && row.reveals != Reveals::FreeText);
    let mut names = vec![];
    for name in rows.filter(|row| withholding.holds(row)).map(|row| row.withheld_as) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What is held back from one answer, and what has been.
#[derive(Debug)]
pub struct Withholding {
    held: HoldBack,
    names_open: bool,
    withheld: Vec<&'static str>,
}

impl Withholding {
    /// `names_open`: a rule of the board's own lets it learn what the person asked about is called, protected or not.
    pub fn new(held: HoldBack, names_open: bool) -> Self {
        Self { held, names_open, withheld: vec![] }
    }

    /// The names of what was there and is gone, each once, in the order found.
    pub fn withheld(self) -> Vec<&'static str> {
        self.withheld
    }

    /// Whether a field is held back.
    pub fn holds(&self, verdict: &Verdict) -> bool {
        let open = verdict.reveals == Reveals::Name && self.names_open;
        verdict.held_from.is_some_and(|least| self.held >= least) && !open
    }

    /// Takes a field out, if it is held back and there is something in it.
    pub(crate) fn field(&mut self, verdict: &Verdict, field: &mut impl Leaf) {
        if self.holds(verdict) && field.take_out() {
            self.note(verdict.withheld_as);
        }
    }

    /// Takes out what is no word of a known list, if that is held back.
    pub(crate) fn text(&mut self, verdict: &Verdict, field: &mut impl Text) {
        if self.holds(verdict) && field.keep(is_known) {
            self.note(verdict.withheld_as);
        }
    }

    /// Says that something of this name is held back.
    pub fn note(&mut self, name: &'static str) {
        if !self.withheld.contains(&name) {
            self.withheld.push(name);
        }
    }
}

/// Takes out of `record` what is held back, and tells its names.
pub fn withhold(
    record: &mut (impl Withhold + ?Sized),
    held: HoldBack,
    names_open: bool,
) -> Vec<&'static str> {
    let mut withholding = Withholding::new(held, names_open);
    record.withhold(&mut withholding);
    withholding.withheld()
}

/// A record whose fields have verdicts.
pub trait Withhold {
    /// Takes out what is held back, here and in every record inside.
    fn withhold(&mut self, withholding: &mut Withholding);
}

impl<T: Withhold> Withhold for Option<T> {
    fn withhold(&mut self, withholding: &mut Withholding) {
        if let Some(inside) = self {
            inside.withhold(withholding);
        }
    }
}

impl<T: Withhold> Withhold for Vec<T> {
    fn withhold(&mut self, withholding: &mut Withholding) {
        for inside in self {
            inside.withhold(withholding);
        }
    }
}

/// A field that can be taken out whole.
pub(crate) trait Leaf {
    /// Empties it; whether there was anything.
    fn take_out(&mut self) -> bool;
}

impl<T> Leaf for Option<T> {
    fn take_out(&mut self) -> bool {
        self.take().is_some()
    }
}

impl<T> Leaf for Vec<T> {
    fn take_out(&mut self) -> bool {
        !mem::take(self).is_empty()
    }
}

/// A field that holds texts of an agency's own.
pub(crate) trait Text {
    /// Keeps what `known` knows; whether anything had to go.
    fn keep(&mut self, known: fn(&str) -> bool) -> bool;
}

impl Text for String {
    fn keep(&mut self, known: fn(&str) -> bool) -> bool {
        let goes = !known(self);
        if goes {
            self.clear();
        }
        goes
    }
}

impl<T: Text> Text for Option<T> {
    fn keep(&mut self, known: fn(&str) -> bool) -> bool {
        self.as_mut().is_some_and(|text| text.keep(known))
    }
}

impl<T: Text> Text for Vec<T> {
    fn keep(&mut self, known: fn(&str) -> bool) -> bool {
        self.iter_mut().fold(false, |gone, text| text.keep(known) | gone)
    }
}

/// States the verdict on every field of an agency's records, and derives from it the table and [`Withhold`].
///
/// `nothing`, `home`, `own`, `name`, `inference`, `text`, `others`: see [`Verdict`]'s functions of these names. `inside`: the
/// field holds records with verdicts of their own. `by`: a function of its own takes out what is held back.
macro_rules! verdicts {
    ($table:ident of $agency:ident; $( $record:ty { $( $field:ident: $how:ident $arguments:tt ),+ $(,)? } )+) => {
        pub(super) const $table: &[&[$crate::verdict::Verdict]] = &[$(
            &[$( $crate::verdict::verdicts!(@row $how, $agency, $record, $field, $arguments) ),+]
        ),+];
        $( impl $crate::verdict::Withhold for $record {
            fn withhold(&mut self, withholding: &mut $crate::verdict::Withholding) {
                // Every field by name: one that is added does not compile until it has a verdict.
                let _ = &withholding;
                let Self { $( $field ),+ } = self;
                $( $crate::verdict::verdicts!(@apply $how, withholding, $agency, $record, $field, $arguments); )+
            }
        } )+
    };
    (@at $agency:ident, $record:ty, $field:ident) => {
        ($crate::Agency::$agency, stringify!($record), stringify!($field))
    };
    (@row inside, $agency:ident, $record:ty, $field:ident, ()) => {
        $crate::verdict::Verdict::nothing(
            $crate::verdict::verdicts!(@at $agency, $record, $field),
            "what stands in it has verdicts of its own",
        )
    };
    (@row by, $agency:ident, $record:ty, $field:ident, ($function:path, $kind:ident, $($rest:tt)+)) => {
        $crate::verdict::verdicts!(@row $kind, $agency, $record, $field, ($($rest)+))
    };
    (@row $kind:ident, $agency:ident, $record:ty, $field:ident, ($($argument:expr),+ $(,)?)) => {
        $crate::verdict::Verdict::$kind($crate::verdict::verdicts!(@at $agency, $record, $field), $($argument),+)
    };
    (@apply inside, $to:ident, $agency:ident, $record:ty, $field:ident, ()) => {
        $crate::verdict::Withhold::withhold($field, $to)
    };
    (@apply nothing, $to:ident, $agency:ident, $record:ty, $field:ident, $arguments:tt) => {
        {
            let _ = $field;
        }
    };
    (@apply others, $to:ident, $agency:ident, $record:ty, $field:ident, $arguments:tt) => {
        {
            let _ = $field;
        }
    };
    (@apply text, $to:ident, $agency:ident, $record:ty, $field:ident, $arguments:tt) => {
        $to.text(&$crate::verdict::verdicts!(@row text, $agency, $record, $field, $arguments), $field)
    };
    (@apply by, $to:ident, $agency:ident, $record:ty, $field:ident, ($function:path, $kind:ident, $($rest:tt)+)) => {
        $function(&$crate::verdict::verdicts!(@row $kind, $agency, $record, $field, ($($rest)+)), $field, $to)
    };
    (@apply $kind:ident, $to:ident, $agency:ident, $record:ty, $field:ident, $arguments:tt) => {
        $to.field(&$crate::verdict::verdicts!(@row $kind, $agency, $record, $field, $arguments), $field)
    };
}
pub(crate) use verdicts;
