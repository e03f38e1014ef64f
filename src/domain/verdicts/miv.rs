//! Migrationsverket. Its codes have no published list, and the names beside them are its own words.

use crate::{
    sections::miv::{Matter, Section, Validity},
    verdict::{Text, verdicts},
};

verdicts! {
    TABLE of Miv;
    Section {
        person: nothing("the number that was asked about"),
        given_name: name("what the person is called, perhaps anew"),
        family_name: name("what the person is called, perhaps anew"),
        home_country: own("hemland", "where the person may have gone, and whom the person may live among"),
        entered_on: nothing("a day"),
        matters: inside(),
    }
    Matter {
        ground_code: text("a code without a published list"),
        ground: text("MIV's own words"),
        applied_on: nothing("a day"),
        kind_code: text("a code without a published list"),
        kind: text("MIV's own words"),
        decision_code: text("a code without a published list"),
        decision: text("MIV's own words"),
        decision_kind_code: text("a code without a published list"),
        decision_kind: text("MIV's own words"),
        decided_on: nothing("a day"),
        valid_from: nothing("a day"),
        valid_to: nothing("a day"),
        validity: text("a published form; another is whatever MIV wrote"),
    }
}

impl Text for Validity {
    fn keep(&mut self, known: fn(&str) -> bool) -> bool {
        match self {
            Self::Other(text) => text.keep(known),
            Self::Permanent | Self::TimeLimited => false,
        }
    }
}
