//! `ssbtek log report`: a month's use, or what a person is owed.

use std::{collections::BTreeSet, fs};

use ssbtek_domain::stockholm_date;
use ssbtek_proto::broker::v1::{
    GetPersonReportRequest, GetPersonReportResponse, GetUsageReportRequest, GetUsageReportResponse,
    NamedCount, PersonCase, PersonChange,
};

use crate::{
    ClientError, World,
    arguments::{LogReport, Shared},
    broker::Broker,
    command::{log_verify, receipt},
    json,
    run::Done,
    settings::{Account, Settings},
    show,
};

pub(crate) async fn report(
    shared: &Shared,
    report: LogReport,
    world: &mut World<'_>,
) -> Result<Done, ClientError> {
    let settings = shared.settings(world)?;
    let account = settings.account(shared.account.as_deref(), Account::Auditor)?;
    let broker = shared.broker(&settings, world)?;
    if report.person.is_some() {
        return person(&broker, account, &settings, report, world).await;
    }
    let month = report.month.unwrap_or_else(|| stockholm_date(world.clock.now()).format("%Y-%m").to_string());
    let usage = broker.get_usage_report(account, GetUsageReportRequest { month }).await?;
    if let Some(path) = &report.svg {
        fs::write(path, show::usage_svg(&usage))?;
        writeln!(world.stderr, "ssbtek: picture written to {}", path.display())?;
    }
    if report.json {
        writeln!(world.stdout, "{}", usage_json(&usage))?;
    } else {
        world.stdout.write_all(show::usage(&usage, world.screen).as_bytes())?;
    }
    Ok(Done::Whole)
}

fn usage_json(usage: &GetUsageReportResponse) -> serde_json::Value {
    serde_json::json!({
        "month": usage.month, "questions": usage.questions, "released": usage.released,
        "withheld": usage.withheld, "assumed_disclosed": usage.assumed_disclosed, "denied": usage.denied,
        "denials": pairs(&usage.denials), "by_unit": pairs(&usage.by_unit), "by_agency": pairs(&usage.by_agency),
        "by_day": pairs(&usage.by_day), "by_hour": usage.by_hour, "case_workers": usage.case_workers,
        "persons": usage.persons, "protected": usage.protected, "attested": usage.attested,
        "log_reads": usage.log_reads, "reviews": usage.reviews, "median_ms": usage.median_ms,
    })
}

fn pairs(counts: &[NamedCount]) -> serde_json::Map<String, serde_json::Value> {
    counts.iter().map(|count| (count.name.clone(), count.count.into())).collect()
}

/// Shows the report only after each proof in it holds and, if wanted, nothing is missing from it.
async fn person(
    broker: &Broker,
    account: &str,
    settings: &Settings,
    report: LogReport,
    world: &mut World<'_>,
) -> Result<Done, ClientError> {
    let person_number = report.person.unwrap_or_default();
    let request = GetPersonReportRequest {
        person_number: person_number.clone(),
        with_case_worker: report.with_case_worker,
        with_delayed: report.with_delayed,
    };
    let answer = broker.get_person_report(account, request).await?;
    let proofs = || answer.lines.iter().flat_map(|line| &line.proofs);
    let mut checked = show::PersonChecks { proofs: None, complete: None };
    if let Some(key) = settings.log_key() {
        for proof in proofs() {
            receipt::holds(&json::Receipt::of(proof), key)?;
        }
        checked.proofs = Some(proofs().count());
    }
    if report.complete {
        let first_records = answer.lines.iter().filter_map(|line| line.proofs.first());
        let told: BTreeSet<u64> = first_records.map(|proof| proof.leaf_index).collect();
        let found = log_verify::records_about(broker, account, settings, &person_number).await?;
        let size = log_verify::size_of(settings, &answer.checkpoint)?;
        nothing_is_missing(&told, &found.indices, size, answer.delayed)?;
        checked.complete = Some(found.size);
    }
    if report.json {
        writeln!(world.stdout, "{}", person_json(&answer, checked))?;
    } else {
        world.stdout.write_all(show::person(&answer, checked, world.screen).as_bytes())?;
    }
    Ok(Done::Whole)
}

/// Whether the report tells of every record about the person that the log of the first `size` records holds, but for those whose
/// telling is delayed: these are left out on purpose. What was asked since the report was made lies beyond it.
fn nothing_is_missing(
    told: &BTreeSet<u64>,
    held: &BTreeSet<u64>,
    size: u64,
    delayed: u64,
) -> Result<(), ClientError> {
    let missing = held.difference(told).filter(|index| **index < size).count();
    if u64::try_from(missing).unwrap_or(u64::MAX) == delayed {
        return Ok(());
    }
    Err(ClientError::Log(format!(
        "{missing} questions about the person stand in the log and not in the report, {delayed} of them delayed"
    )))
}

fn person_json(answer: &GetPersonReportResponse, checked: show::PersonChecks) -> serde_json::Value {
    let stated = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let lines: Vec<_> = answer
        .lines
        .iter()
        .map(|line| {
            serde_json::json!({
                "entry": line.entry_id, "at": line.at, "state": line.state, "purpose": line.purpose,
                "agencies": line.agencies, "kinds": line.kinds, "processors": line.processors,
                "delayed_until": stated(&line.delayed_until), "case_worker": stated(&line.case_worker),
                "proofs": line.proofs.iter().map(json::Receipt::of).collect::<Vec<_>>(),
            })
        })
        .collect();
    serde_json::json!({
        "organisation_number": answer.organisation_number, "checkpoint": answer.checkpoint, "lines": lines,
        "cases": cases(answer), "restriction": restriction(answer),
        "protection": protection(answer), "accounts": answer.accounts,
        "proofs_checked": checked.proofs, "complete_over_records": checked.complete,
    })
}

fn cases(answer: &GetPersonReportResponse) -> Vec<serde_json::Value> {
    let one = |case: &PersonCase| {
        serde_json::json!({
            "case_id": case.case_id, "role": case.role, "from": case.from, "to": case.to,
            "protected": case.protected, "current": case.current, "closed": case.closed,
            "changes": changes(&case.changes), "delayed_until": case.delayed_until,
            "delay_reason": case.delay_reason, "delay_legal_basis": case.delay_legal_basis,
        })
    };
    answer.cases.iter().map(one).collect()
}

fn restriction(answer: &GetPersonReportResponse) -> Option<serde_json::Value> {
    let told = answer.restriction.as_ref()?;
    Some(serde_json::json!({
        "reference": told.reference, "in_force": told.in_force, "since": told.since,
        "lifted_at": told.lifted_at, "changes": changes(&told.changes),
    }))
}

fn protection(answer: &GetPersonReportResponse) -> Option<serde_json::Value> {
    let told = answer.protection.as_ref()?;
    Some(serde_json::json!({
        "level": crate::words::protection(told.level), "said_by": told.said_by, "cases": told.cases,
        "settled_at": told.settled_at, "lifted_at": told.lifted_at,
    }))
}

fn changes(changes: &[PersonChange]) -> Vec<serde_json::Value> {
    let one = |change: &PersonChange| serde_json::json!({ "at": change.at, "action": change.action });
    changes.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_the_report_leaves_out_is_found_and_one_that_is_delayed_or_too_new_is_not_missed() {
        let set = |indices: &[u64]| indices.iter().copied().collect::<BTreeSet<u64>>();
        let held = set(&[3, 9, 14, 20]);
        let whole = |told: &[u64], delayed| nothing_is_missing(&set(told), &held, 20, delayed);
        assert!(whole(&[3, 9, 14], 0).is_ok(), "record 20 came after the report");
        assert!(whole(&[3, 14], 1).is_ok(), "one is delayed");
        for (told, delayed) in [(&[3, 14][..], 0), (&[14], 1), (&[3, 9, 14], 1), (&[], 0)] {
            let error = whole(told, delayed).unwrap_err().to_string();
            assert!(error.contains("not in the report"), "{error}");
        }
    }
}
