//! Transportstyrelsen: the vehicles a person owns (fordonsinnehav).

use crate::{
    Format, Information, Kind, Outcome, Personnummer, Profile, ProtectionSignal,
    payment::{BenefitTime, Payment},
    verdict::{Leaf, verdicts},
};

pub(super) const PROFILE: Profile = Profile {
    name: "Transportstyrelsen",
    can_flag_protection: false,
    kinds: &[Kind { name: "TNS", part: None, ordinance: None }],
    format: Some(Format::Tns),
    verdicts: VERDICTS,
};

/// What TNS knows about one person: vehicles. No payments, and no field for protected identity.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// Whom the answer is about, where it says so; TNS's own format never does.
    pub person: Option<Personnummer>,
    /// Vehicles (`fordonsinnehav/fordon`). `Some` and empty: TNS says there are none. `None`: held back or not stated.
    pub vehicles: Option<Vec<Vehicle>>,
}

/// One vehicle (`fordon`), all texts as TNS writes them.
#[derive(Clone, PartialEq, Eq)]
pub struct Vehicle {
    /// `regnr`.
    pub registration_number: String,
    /// `fabrikat`.
    pub make: String,
    /// `fordonsar`.
    pub year: String,
    /// `fordonsslag`.
    pub kind: String,
    /// `handelsbeteckning`.
    pub trade_name: String,
}

verdicts! {
    VERDICTS of Tns;
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

impl super::Facts for Section {
    fn person(&self) -> Option<&Personnummer> {
        self.person.as_ref()
    }

    fn protection(&self) -> ProtectionSignal {
        ProtectionSignal::CannotSay
    }

    fn payments(&self) -> Vec<Payment> {
        vec![]
    }

    fn benefit_times(&self) -> Vec<BenefitTime> {
        vec![]
    }

    fn outcomes(&self) -> Vec<Outcome> {
        vec![]
    }

    fn take_out(&mut self, _: Information) -> bool {
        false
    }

    fn numbers_of_others(&self) -> Vec<&str> {
        vec![]
    }

    fn withhold_others(&mut self, _: &[Personnummer]) -> Vec<&'static str> {
        vec![]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HoldBack, verdict::withhold};

    #[test]
    fn withheld_vehicles_do_not_look_like_none() {
        let text = || "x".to_owned();
        let vehicle = Vehicle {
            registration_number: text(),
            make: text(),
            year: text(),
            kind: text(),
            trade_name: text(),
        };
        let mut section = Section { person: None, vehicles: Some(vec![vehicle]) };
        assert_eq!(withhold(&mut section, HoldBack::Whereabouts, false), ["fordon"]);
        assert!(section.vehicles.is_none());
        assert!(withhold(&mut section, HoldBack::Whereabouts, false).is_empty());

        let mut section = Section { person: None, vehicles: Some(vec![]) };
        assert_eq!(withhold(&mut section, HoldBack::Whereabouts, false), ["fordon"]);
        assert!(section.vehicles.is_none(), "that there is none would tell of one elsewhere");
    }
}
