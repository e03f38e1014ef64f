//! Reports out of the log → `ssbtek.broker.v1`.

use std::collections::BTreeMap;

use ssbtek_access_log::{PersonLine, UsageReport};
use ssbtek_domain::OrganisationNumber;
use ssbtek_proto::broker::v1::{
    GetPersonReportResponse, GetUsageReportResponse, NamedCount, PersonReportLine,
};

use crate::encode;

pub(super) fn person(board: OrganisationNumber, lines: &[PersonLine]) -> GetPersonReportResponse {
    let checkpoint = lines.iter().flat_map(|line| &line.proofs).next();
    GetPersonReportResponse {
        organisation_number: board.to_string(),
        checkpoint: checkpoint.map(|proof| proof.checkpoint.clone()).unwrap_or_default(),
        lines: lines
            .iter()
            .map(|line| PersonReportLine {
                at: line.at.clone(),
                state: line.state.to_owned(),
                purpose: line.purpose.clone(),
                agencies: line.agencies.iter().map(|agency| agency.code().to_owned()).collect(),
                case_worker: line.case_worker.clone().unwrap_or_default(),
                proofs: line.proofs.iter().map(encode::receipt).collect(),
            })
            .collect(),
    }
}

pub(super) fn usage(report: &UsageReport) -> GetUsageReportResponse {
    let agencies = report
        .by_agency
        .iter()
        .map(|((agency, outcome), count)| NamedCount { name: format!("{agency} {outcome}"), count: *count });
    GetUsageReportResponse {
        month: report.month.clone(),
        questions: report.questions,
        released: report.released,
        withheld: report.withheld,
        assumed_disclosed: report.assumed_disclosed,
        denied: report.denied,
        denials: counts(&report.denials),
        by_unit: counts(&report.by_unit),
        by_agency: agencies.collect(),
        by_hour: report.by_hour.to_vec(),
        by_day: counts(&report.by_day),
        case_workers: report.case_workers,
        persons: report.persons,
        protected: report.protected,
        attested: report.attested,
        log_reads: report.log_reads,
        reviews: report.reviews,
        median_ms: report.median_ms,
    }
}

fn counts(counts: &BTreeMap<String, u64>) -> Vec<NamedCount> {
    counts.iter().map(|(name, count)| NamedCount { name: name.clone(), count: *count }).collect()
}
