//! Transportstyrelsen.

use crate::{
    sections::tns::{Section, Vehicle},
    verdict::{Leaf, Verdict, Withholding, verdicts},
};

verdicts! {
    TABLE of Tns;
    Section {
        person: nothing("the number that was asked about"),
        vehicles: by(
            owned,
            home,
            "fordon",
            "a plate leads to its owner, whose address in the open register is the home of everybody in the household"
        ),
    }
    Vehicle {
        registration_number: home("fordon", "held back with the list of vehicles"),
        make: home("fordon", "held back with the list of vehicles"),
        year: home("fordon", "held back with the list of vehicles"),
        kind: home("fordon", "held back with the list of vehicles"),
        trade_name: home("fordon", "held back with the list of vehicles"),
    }
}

/// A vehicle leads to its owner. That there are none leads nowhere, so an empty list may stay.
fn owned(verdict: &Verdict, vehicles: &mut Option<Vec<Vehicle>>, to: &mut Withholding) {
    if vehicles.as_ref().is_some_and(|list| !list.is_empty()) {
        to.field(verdict, vehicles);
    }
}

impl Leaf for String {
    fn take_out(&mut self) -> bool {
        !std::mem::take(self).is_empty()
    }
}
