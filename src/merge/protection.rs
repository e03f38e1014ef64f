//! The merged level of protected identity. It only rises, and silence is not a no.

use ssbtek_domain::{Agency, Outcome, Protection, ProtectionSignal};

use crate::{ProtectionSummary, SourceReport};

/// Agencies whose answers have a field for protected identity.
const CAN_SAY: [Agency; 3] = [Agency::Af, Agency::Csn, Agency::Fk];

/// Settles the level from what those agencies said, or failed to say.
pub(crate) fn settle(sources: &[SourceReport]) -> ProtectionSummary {
    let mut summary = ProtectionSummary { level: Protection::None, said_by: vec![], silent: vec![] };
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

fn signal(source: &SourceReport) -> ProtectionSignal {
    match (&source.section, source.outcome) {
        (Some(section), _) => section.facts().protection(),
        // Who is not in the register cannot be marked in it; that is an answer.
        (None, Outcome::NoSuchPerson) => ProtectionSignal::CannotSay,
        (None, _) => ProtectionSignal::Unsaid,
    }
}
