//! Transportstyrelsen: the vehicles a person owns (fordonsinnehav).

use crate::{Personnummer, ProtectionSignal, payment::Payment};

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
