//! What the facts of every agency can tell, whatever the agency.

use crate::{
    Information, Outcome, Personnummer, ProtectionSignal,
    payment::{BenefitTime, Payment},
    verdict::Withhold,
};

/// What every section can tell the merge, whatever the agency.
pub trait Facts: Withhold {
    /// Whom the answer is about, where the agency says so. Another person than asked: the answer is refused whole.
    fn person(&self) -> Option<&Personnummer>;

    /// The person's name as the agency has it (given names, family name).
    fn name(&self) -> Option<(&str, &str)> {
        None
    }

    /// What the agency says about protected identity.
    fn protection(&self) -> ProtectionSignal;

    /// How many flags that say "protected" the facts hold, of whomever: the one that [`Self::protection`] goes by, where the agency
    /// can tell of nobody else.
    fn flags(&self) -> usize {
        match self.protection() {
            ProtectionSignal::Sekretessmarkering | ProtectionSignal::SkyddadFolkbokforing => 1,
            ProtectionSignal::NotProtected | ProtectionSignal::Unsaid | ProtectionSignal::CannotSay => 0,
        }
    }

    /// Payments as lines, in the order of the answer.
    fn payments(&self) -> Vec<Payment>;

    /// Times for which it has paid a benefit that excludes others, or that others exclude.
    fn benefit_times(&self) -> Vec<BenefitTime>;

    /// What the facts themselves say became of the look-up, and of each of those who were to speak: a failure hides inside a
    /// successful answer.
    fn outcomes(&self) -> Vec<Outcome>;

    /// Takes out everything of one of the agency's several kinds of information, and returns whether there was anything. An agency
    /// that gives one kind is not asked at all where that has no ground, so that there is nothing to take apart.
    fn take_out(&mut self, kind: Information) -> bool;

    /// Whether the agency says of somebody else in the answer that that person is protected. Silence says nothing.
    fn flags_another(&self) -> bool {
        false
    }

    /// Numbers, as they came, of the others whom the agency flags; only where it says who they are.
    fn flagged_others(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether the agency has a flag of somebody else's that says neither yes nor no, so that the person may be protected.
    fn leaves_another_open(&self) -> bool {
        false
    }

    /// Whether the agency says of the person with that number, who stands in the answer beside the one it is about, that the
    /// identity is protected: `Some(None)` of who stands there and of whom it says nothing.
    fn says_of(&self, person: &Personnummer) -> Option<Option<bool>> {
        let _ = person;
        None
    }

    /// Texts in which the numbers of everybody else in the answer stand, as they came, flagged or not: the numbers themselves; of
    /// documents of unknown form, the documents.
    fn numbers_of_others(&self) -> Vec<&str>;

    /// Removes other persons' numbers, names and addresses and returns the names of the fields that were there. `open`: whose
    /// may stay, beside those of the person whom the answer is about.
    fn withhold_others(&mut self, open: &[Personnummer]) -> Vec<&'static str>;

    /// The same where nobody's but the person's own may stay.
    fn withhold_third_parties(&mut self) -> Vec<&'static str> {
        self.withhold_others(&[])
    }
}
