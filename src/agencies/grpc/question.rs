//! Domain → message.

use ssbtek_domain::{Question, Source};
use ssbtek_proto::agency::v1 as proto;

/// The question as the contract has it.
pub(super) fn message(source: &Source, question: &Question) -> proto::GetPersonFactsRequest {
    let asking = &question.asking;
    proto::GetPersonFactsRequest {
        source: source.code().to_owned(),
        entry_id: question.entry.to_string(),
        organisation_number: asking.organisation.to_string(),
        organisation_name: asking.name.clone(),
        case_worker: asking.case_worker.as_str().to_owned(),
        case_id: question.case.as_str().to_owned(),
        processors: asking
            .processors
            .iter()
            .map(|processor| proto::Processor {
                organisation_number: processor.organisation.to_string(),
                name: processor.name.clone(),
            })
            .collect(),
        person_number: question.person.expose().to_owned(),
        period: Some(ssbtek_wire::period(&question.period)),
        purpose: question.purpose.as_str().to_owned(),
        legal_basis: question.legal_basis.0.clone(),
        kinds: question.kinds.iter().map(|kind| kind.name().to_owned()).collect(),
    }
}
