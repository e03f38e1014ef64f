//! A released answer → the contract's answer. There is no other way to encode one.

use std::collections::BTreeMap;

use ssbtek_domain::{Agency, HoldBack, Note};
use ssbtek_merge::SourceReport;
use ssbtek_query::Released;
use ssbtek_soap::{AgencyAnswer, InformationQuestion, Reported, compose};

/// The answer's envelope.
pub(super) fn encode(asked: &InformationQuestion, released: &Released) -> Vec<u8> {
    let held_back = released.report().protection.hold_back();
    let sections: BTreeMap<Agency, AgencyAnswer> = released
        .report()
        .sources
        .iter()
        .filter(|source| asked.agencies.contains_key(&source.agency))
        .map(|source| (source.agency, section(asked, source, held_back)))
        .collect();
    ssbtek_soap::answer(asked, &sections)
}

fn section(asked: &InformationQuestion, source: &SourceReport, held_back: HoldBack) -> AgencyAnswer {
    let mut told = asked.told(source.agency);
    if let Some(period) = source.period {
        told.period = period;
    }
    if let Some(basis) = &source.basis {
        told.legal_basis = &basis.0;
    }
    let reported = Reported {
        outcome: source.outcome,
        parts: &source.parts,
        fault_code: source.fault_code.as_deref(),
        section: source.section.as_ref(),
        original: source.originals.unreduced(),
        held_back,
        withheld: !source.withheld.is_empty(),
        not_sent: source.notes.iter().any(|note| matches!(note, Note::CannotBeAsked(_))),
    };
    compose(asked, source.agency, &told, &reported)
}
