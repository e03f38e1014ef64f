//! The merged level of protected identity. It only rises, and silence is not a no.

use ssbtek_authorize::Permit;
use ssbtek_domain::{HoldBack, Outcome, Protection, ProtectionSignal};

use crate::{ProtectionSummary, SourceReport};

/// Settles the level from what those agencies said, or failed to say.
/// The case may have said so already, or the board may remember it; also of somebody whom the answers name (`names_protected`).
pub(crate) fn settle(sources: &[SourceReport], permit: &Permit, names_protected: bool) -> ProtectionSummary {
    let flags_another = |source: &&SourceReport| {
        source.section.as_ref().is_some_and(|section| section.facts().flags_another())
    };
    let leaves_open = |source: &&SourceReport| {
        source.section.as_ref().is_some_and(|section| section.facts().leaves_another_open())
    };
    let mut summary = ProtectionSummary {
        level: permit.protection(),
        said_by: vec![],
        silent: vec![],
        others_said_by: sources.iter().filter(flags_another).map(|source| source.agency).collect(),
        others_not_known_by: sources.iter().filter(leaves_open).map(|source| source.agency).collect(),
        household_protected: permit.household_protected() || names_protected,
        household_unchecked: permit.household_unchecked(),
        remembered: permit.is_remembered(),
    };
    let mut somebody_said_no = false;
    for source in sources {
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
        let another = self.household_protected
            || self.household_unchecked
            || !self.others_said_by.is_empty()
            || !self.others_not_known_by.is_empty();
        let for_another = if another { HoldBack::Home } else { HoldBack::Nothing };
        self.level.hold_back().max(for_another)
    }
}

pub(crate) fn signal(source: &SourceReport) -> ProtectionSignal {
    match (&source.section, source.outcome) {
        // Whose it is cannot be told, so it is the person's own; what it says, no more than the lower level.
        _ if source.unread_flag => ProtectionSignal::Sekretessmarkering,
        (Some(section), _) => section.facts().protection(),
        // Who is not in the register cannot be marked in it; that is an answer.
        (None, Outcome::NoSuchPerson) => ProtectionSignal::CannotSay,
        // Silence tells something only of a source that could have spoken; what any source says counts.
        (None, _) if source.agency.can_flag_protection() => ProtectionSignal::Unsaid,
        (None, _) => ProtectionSignal::CannotSay,
    }
}
