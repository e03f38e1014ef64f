//! The merged level of protected identity. It only rises, and silence is not a no.

use ssbtek_authorize::Permit;
use ssbtek_domain::{Agency, HoldBack, Outcome, Protection, ProtectionSignal};

use crate::{ProtectionSummary, SourceReport};

/// Agencies whose answers have a field for protected identity.
const CAN_SAY: [Agency; 3] = [Agency::Af, Agency::Csn, Agency::Fk];

/// Settles the level from what those agencies said, or failed to say.
/// The case may have said so already.
pub(crate) fn settle(sources: &[SourceReport], permit: &Permit) -> ProtectionSummary {
    let flags_another = |source: &&SourceReport| {
        source.section.as_ref().is_some_and(|section| section.facts().flags_another())
    };
    let mut summary = ProtectionSummary {
        level: if permit.person_protected() { Protection::Sekretessmarkering } else { Protection::None },
        said_by: vec![],
        silent: vec![],
        others_said_by: sources.iter().filter(flags_another).map(|source| source.agency).collect(),
        household_protected: permit.household_protected(),
    };
    let mut somebody_said_no = false;
    for source in sources.iter().filter(|source| CAN_SAY.contains(&source.agency)) {
        let signal = signal(source);
        summary.level = summary.level.max(Protection::from_signal(signal));
        match signal {
            ProtectionSignal::Unsaid => summary.silent.push(source.agency),
            ProtectionSignal::Sekretessmarkering | ProtectionSignal::SkyddadFolkbokforing => {
                summary.said_by.push(source.agency);
            }
            ProtectionSignal::NotProtected => somebody_said_no = true,
            ProtectionSignal::CannotSay => {}
        }
    }
    if !somebody_said_no {
        summary.level = summary.level.max(Protection::NotKnown);
    }
    summary
}

impl ProtectionSummary {
    /// What is held back from the whole answer: for the person's own sake, or for another's.
    pub fn hold_back(&self) -> HoldBack {
        let another = self.household_protected || !self.others_said_by.is_empty();
        let for_another = if another { HoldBack::Home } else { HoldBack::Nothing };
        self.level.hold_back().max(for_another)
    }
}

fn signal(source: &SourceReport) -> ProtectionSignal {
    match (&source.section, source.outcome) {
        (Some(section), _) => section.facts().protection(),
        // Who is not in the register cannot be marked in it; that is an answer.
        (None, Outcome::NoSuchPerson) => ProtectionSignal::CannotSay,
        (None, _) => ProtectionSignal::Unsaid,
    }
}
