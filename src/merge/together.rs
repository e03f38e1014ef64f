//! What is heard of everybody in a household who is asked about together, settled before anything that can locate any of them is told: an
//! answer about one must not tell what another's protection hides.

use std::collections::BTreeMap;

use ssbtek_authorize::{HeardBeside, Learned, Permit};
use ssbtek_domain::{HoldBack, Personnummer, Protection};

use crate::{Heard, ProtectionSummary};

/// What was heard of each, by whom it is about.
#[derive(Debug, Clone, Default)]
pub struct Household(BTreeMap<Personnummer, Says>);

/// What all answers about one person say.
#[derive(Debug, Clone)]
struct Says {
    /// Every source that can flag was heard, and nobody says that the person is protected.
    settled: bool,
    /// Whether anything is held back: of the person, or of whoever may live there.
    holds: bool,
    /// Somebody is said to be protected, and not only not known not to be.
    protects: bool,
    flags_somebody: bool,
    /// Whom they flag beside the person.
    flagged: Vec<Personnummer>,
}

impl Household {
    /// Of everybody who was asked about. Who was not is known by what the board remembers alone.
    pub fn of<'h, 'a: 'h>(heard: impl IntoIterator<Item = &'h Heard<'a>>) -> Self {
        let says = |heard: &Heard<'_>| {
            let ProtectionSummary { level, others_said_by, household_protected, .. } = &heard.protection;
            // That another adult was not checked lately is no longer so for whoever was heard now, and is judged for each by itself.
            let checked = ProtectionSummary { household_unchecked: false, ..heard.protection.clone() };
            Says {
                settled: *level == Protection::None,
                holds: checked.hold_back() > HoldBack::Nothing,
                protects: *level > Protection::NotKnown || !others_said_by.is_empty() || *household_protected,
                flags_somebody: heard.learned.flags_somebody(),
                flagged: heard.learned.flagged.iter().map(|(person, _)| person.clone()).collect(),
            }
        };
        Self(heard.into_iter().map(|heard| (heard.permit.person().clone(), says(heard))).collect())
    }

    /// What the re-check of an answer about this person has to know of the others.
    pub fn beside(&self, person: &Personnummer) -> HeardBeside {
        let settled = self.others(person).filter(|(_, says)| says.settled);
        HeardBeside {
            settled: settled.map(|(other, _)| other.clone()).collect(),
            holds_home: self.others(person).any(|(_, says)| says.holds),
            flags_somebody: self.others(person).any(|(_, says)| says.flags_somebody),
        }
    }

    /// Settles what is held back from the answer about one of them.
    pub(crate) fn settle(&self, permit: &Permit, summary: &mut ProtectionSummary, learned: &mut Learned) {
        let person = permit.person();
        if self.0.is_empty() {
            return;
        }
        let beside = self.beside(person);
        if self.others(person).any(|(_, says)| says.flagged.contains(person)) {
            // It does not say which protection; the lower one is what a flag proves.
            summary.level = summary.level.max(Protection::Sekretessmarkering);
            learned.settled = false;
        }
        let protects = self.others(person).any(|(_, says)| says.protects);
        summary.household_protected |= protects;
        // Whoever may be protected lives there, too.
        summary.household_unchecked = permit.clone().having_heard(beside.clone()).household_unchecked()
            || self.others(person).any(|(_, says)| says.holds && !says.protects);
        // The answer holds back for whomever it names.
        learned.named_protected |= protects;
    }

    fn others(&self, person: &Personnummer) -> impl Iterator<Item = (&Personnummer, &Says)> {
        self.0.iter().filter(move |(other, _)| *other != person)
    }
}
