//! A released answer → the contract's answer. There is no other way to encode one.

use std::collections::BTreeMap;

use ssbtek_domain::{Agency, Note};
use ssbtek_merge::SourceReport;
use ssbtek_query::Released;
use ssbtek_soap::{AgencyAnswer, InformationQuestion, Reported, compose};

/// The answer's envelope. Where it repeats the question, it says what each agency was really told.
pub(super) fn encode(asked: &InformationQuestion, released: &Released) -> Vec<u8> {
    let sources =
        || released.report().sources.iter().filter(|source| asked.agencies.contains_key(&source.agency));
    let sections: BTreeMap<Agency, AgencyAnswer> =
        sources().map(|source| (source.agency, section(asked, source, released))).collect();
    let periods = sources().filter_map(|source| Some((source.agency, source.period?))).collect();
    ssbtek_soap::answer_told(asked, &periods, &sections)
}

fn section(asked: &InformationQuestion, source: &SourceReport, released: &Released) -> AgencyAnswer {
    let report = released.report();
    // The agencies are told the board's name as it is registered, whatever the caller calls it, the entry's number, and the provider
    // as the last processor.
    let mut told = asked.told(source.agency);
    (told.name, told.correlation_id) = (&report.board_name, released.entry().to_string());
    told.processors = report.processors.iter().collect();
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
        faults: &source.faults,
        section: source.section.as_ref(),
        original: source.originals.unreduced(),
        held_back: report.protection.hold_back(),
        withheld: !source.withheld.is_empty(),
        household: &report.household,
        not_sent: source.notes.iter().any(|note| matches!(note, Note::CannotBeAsked(_))),
    };
    compose(asked, source.agency, &told, &reported)
}
