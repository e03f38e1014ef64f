//! Facts from this agency.

use crate::{Personnummer, ProtectionSignal, payment::Payment};

/// The agency's facts about one person.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// Whom the answer is about.
    pub person: Option<Personnummer>,
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
    fn withhold_location(&mut self) -> Vec<&'static str> {
        vec![]
    }
    fn withhold_third_parties(&mut self) -> Vec<&'static str> {
        vec![]
    }
}
