//! Transportstyrelsen.

use crate::{
    sections::tns::{Section, Vehicle},
    verdict::{Leaf, verdicts},
};

verdicts! {
    TABLE of Tns;
    Section {
        person: nothing("the number that was asked about"),
        vehicles: home(
            "fordon",
            "a plate leads to its owner, whose address in the open register is the home of everybody in the household; told only where there is none, an empty list would tell of one"
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

impl Leaf for String {
    fn take_out(&mut self) -> bool {
        !std::mem::take(self).is_empty()
    }
}
