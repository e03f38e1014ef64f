//! What tells where somebody is: one table of fields, and for whose sake each is held back.

use crate::Agency;

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

/// A field that tells where somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocatingField {
    /// Whose answer it stands in.
    pub agency: Agency,
    /// Its name, as `withheld` states it.
    pub name: &'static str,
    /// The least that holds it back.
    pub held_from: HoldBack,
    /// How it leads to a place.
    pub because: &'static str,
}

const fn field(
    agency: Agency,
    name: &'static str,
    held_from: HoldBack,
    because: &'static str,
) -> LocatingField {
    LocatingField { agency, name, held_from, because }
}

/// All of them. The reasons for the third column: docs/adr/0021.
pub const LOCATING_FIELDS: [LocatingField; 12] = {
    use Agency::{Fk, Miv, Skv, Tns};
    use HoldBack::{Home, Whereabouts};
    [
        field(Fk, "adress", Home, "the home"),
        field(Fk, "folkbokford", Home, "municipality and county of residence"),
        field(Fk, "institutionsplacering", Home, "where a child is placed"),
        field(
            Fk,
            "arbetsstallen",
            Home,
            "a place of work is within reach of the home, and one can be followed from it",
        ),
        field(Fk, "skatteredovisningsnummer", Home, "country of residence"),
        field(
            Fk,
            "medborgarskap",
            Whereabouts,
            "where the person may have gone, not where the household lives",
        ),
        field(Skv, "fastighetsbeteckning", Home, "the home, where it is owned"),
        field(Skv, "arbetsgivare", Home, "as a place of work"),
        field(Skv, "foretag", Home, "small companies are registered at home"),
        field(Skv, "dokument", Home, "any of the above may stand in it"),
        field(Tns, "fordon", Whereabouts, "a number plate leads to its owner, whose own register is open"),
        field(Miv, "hemland", Whereabouts, "where the person may have gone, not where the household lives"),
    ]
};

impl HoldBack {
    /// Whether a field is held back. One that is not in the table is, as soon as anything is.
    pub fn holds(self, agency: Agency, name: &str) -> bool {
        let known = LOCATING_FIELDS.iter().find(|field| field.agency == agency && field.name == name);
        self >= known.map_or(HoldBack::Home, |field| field.held_from)
    }

    /// Whether anything is held back at all.
    pub fn is_something(self) -> bool {
        self > HoldBack::Nothing
    }
}

#[cfg(test)]
mod tests;
