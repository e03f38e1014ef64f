//! Reports out of the log → `ssbtek.broker.v1`.

use std::collections::BTreeMap;

use ssbtek_access_log::{PersonLine, PersonReport, UsageReport};
use ssbtek_authorize::{Remembered, Restriction};
use ssbtek_domain::{NaiveDate, OrganisationNumber};
use ssbtek_proto::broker::v1::{
    GetPersonReportResponse, GetUsageReportResponse, NamedCount, PersonCase, PersonChange, PersonProtection,
    PersonReportLine, PersonRestriction, Usage,
};
use ssbtek_registry::{Held, HeldCase};

use crate::encode;

pub(super) fn person(board: OrganisationNumber, report: PersonReport, held: Held) -> GetPersonReportResponse {
    let restriction = held.restriction;
    let restricted = restriction.is_some() || !held.restriction_changes.is_empty();
    GetPersonReportResponse {
        cases: held.cases.into_iter().map(case).collect(),
        delayed_cases: held.delayed,
        restriction: restricted.then(|| PersonRestriction {
            reference: restriction.as_ref().map(|found| found.reference.clone()).unwrap_or_default(),
            in_force: restriction.as_ref().is_some_and(Restriction::is_in_force),
            since: restriction.as_ref().map(|found| encode::time(found.since)).unwrap_or_default(),
            lifted_at: restriction
                .and_then(|found| found.lifted)
                .map(|(at, _)| encode::time(at))
                .unwrap_or_default(),
            changes: held.restriction_changes.into_iter().map(change).collect(),
        }),
        protection: held.remembered.as_ref().map(protection),
        accounts: held.accounts.iter().map(|id| id.as_str().to_owned()).collect(),
        organisation_number: board.to_string(),
        checkpoint: report.checkpoint,
        lines: report.lines.into_iter().map(line).collect(),
        delayed: report.delayed,
    }
}

/// Of the person alone: who lives beside is another's matter.
fn protection(remembered: &Remembered) -> PersonProtection {
    let said = remembered.said.as_ref().map(|found| &found.body);
    let cases = remembered.in_cases.iter().flat_map(|found| found.body.marks(&remembered.person));
    let lifted = [
        said.and_then(|said| said.lifted.as_ref()),
        remembered.in_cases.as_ref().and_then(|found| found.body.lifted.as_ref()),
    ];
    PersonProtection {
        level: encode::protection(remembered.level()).into(),
        said_by: said
            .iter()
            .flat_map(|said| said.own(&remembered.person))
            .map(|(agency, _)| agency.to_string())
            .collect(),
        cases: cases.map(|(id, _)| id.as_str().to_owned()).collect(),
        settled_at: remembered.settled_at().map(encode::time).unwrap_or_default(),
        lifted_at: lifted
            .into_iter()
            .flatten()
            .map(|lifted| encode::time(lifted.at))
            .max()
            .unwrap_or_default(),
    }
}

fn case(held: HeldCase) -> PersonCase {
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let delay = held.delay;
    PersonCase {
        case_id: held.case.as_str().to_owned(),
        role: held.member.role.as_str().to_owned(),
        from: day(held.member.from),
        to: day(held.member.to),
        protected: held.member.protected,
        current: held.current,
        closed: held.closed,
        changes: held.changes.into_iter().map(change).collect(),
        delayed_until: day(delay.as_ref().map(|delay| delay.until)),
        delay_reason: delay.as_ref().map(|delay| delay.reason.clone()).unwrap_or_default(),
        delay_legal_basis: delay.map(|delay| delay.legal_basis).unwrap_or_default(),
    }
}

fn change((at, action): (String, String)) -> PersonChange {
    PersonChange { at, action }
}

fn line(line: PersonLine) -> PersonReportLine {
    let PersonLine { usage, case_worker, proofs } = line;
    let Usage { entry_id, at, state, purpose, agencies, kinds, processors, delayed_until } =
        self::told(usage);
    PersonReportLine {
        at,
        state,
        purpose,
        agencies,
        case_worker: case_worker.unwrap_or_default(),
        proofs: proofs.iter().map(encode::receipt).collect(),
        entry_id,
        kinds,
        processors,
        delayed_until,
    }
}

/// What a person is told of one question.
pub(super) fn told(usage: ssbtek_access_log::Usage) -> Usage {
    Usage {
        entry_id: usage.entry.to_string(),
        at: usage.at,
        state: usage.state.to_owned(),
        purpose: usage.purpose,
        agencies: usage.agencies.iter().map(|agency| agency.code().to_owned()).collect(),
        kinds: usage.kinds,
        processors: usage.processors.iter().map(ToString::to_string).collect(),
        delayed_until: usage.delayed_until.map(|day| day.to_string()).unwrap_or_default(),
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
