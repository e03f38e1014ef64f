//! An entry of the access log.

use serde::Serialize;
use ssbtek_proto::broker::v1 as proto;

use super::answer::{Period, period, stated};
use crate::words;

/// `LogEntry`, its id as `entry`.
#[derive(Serialize)]
pub struct Entry<'a> {
    entry: &'a str,
    state: String,
    opened_at: &'a str,
    ended_at: Option<&'a str>,
    leaf_index: u64,
    erased: bool,
    case_worker: Option<&'a str>,
    unit: Option<&'a str>,
    certificate: Option<&'a str>,
    person_number: Option<&'a str>,
    role: Option<String>,
    case_id: Option<&'a str>,
    purpose: Option<&'a str>,
    period: Option<Period<'a>>,
    sources: Vec<Source<'a>>,
    kinds: &'a [String],
    protection: Option<String>,
    denial: Option<&'a str>,
    malformed_field: Option<&'a str>,
    door: Option<&'a str>,
    duration_ms: u64,
    action: Option<&'a str>,
    organisation_number: Option<&'a str>,
    /// The agent whose certificate carried the question, and everybody in between.
    agent: Option<&'a str>,
    agents: &'a [String],
    wanted: &'a [String],
    not_permitted: Vec<NotPermitted<'a>>,
    versions: &'a [String],
    provisional_case: bool,
    attested: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    responsible: Option<&'a str>,
    same_family_name: bool,
    person_held_back: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    selection: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    entries_read: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    portal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reviewed_entry: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    month: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delayed_until: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    legal_basis: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    details: &'a [String],
}

#[derive(Serialize)]
struct NotPermitted<'a> {
    agency: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct Source<'a> {
    source: &'a str,
    period: Option<Period<'a>>,
    legal_basis: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    case_alias: Option<&'a str>,
    outcome: Option<String>,
}

impl<'a> Entry<'a> {
    /// One entry.
    pub fn of(entry: &'a proto::LogEntry) -> Self {
        Self {
            entry: &entry.entry_id,
            state: words::entry_state(entry.state),
            opened_at: &entry.opened_at,
            ended_at: stated(&entry.ended_at),
            leaf_index: entry.leaf_index,
            erased: entry.erased,
            case_worker: stated(&entry.case_worker),
            unit: stated(&entry.unit),
            certificate: stated(&entry.certificate),
            person_number: stated(&entry.person_number),
            role: (entry.role != 0).then(|| words::role(entry.role)),
            case_id: stated(&entry.case_id),
            purpose: stated(&entry.purpose),
            period: entry.period.as_ref().map(period),
            sources: entry
                .sources
                .iter()
                .map(|source| Source {
                    source: &source.source,
                    period: source.period.as_ref().map(period),
                    legal_basis: stated(&source.legal_basis),
                    case_alias: stated(&source.case_alias),
                    outcome: (source.outcome != 0).then(|| words::outcome(source.outcome)),
                })
                .collect(),
            kinds: &entry.kinds,
            protection: (entry.protection != 0).then(|| words::protection(entry.protection)),
            denial: stated(&entry.denial),
            malformed_field: stated(&entry.malformed_field),
            door: stated(&entry.door),
            duration_ms: entry.duration_ms,
            action: stated(&entry.action),
            organisation_number: stated(&entry.organisation_number),
            agent: stated(&entry.agent),
            agents: &entry.agents,
            wanted: &entry.wanted,
            not_permitted: entry
                .not_permitted
                .iter()
                .map(|left_out| NotPermitted { agency: &left_out.agency, reason: &left_out.reason })
                .collect(),
            versions: &entry.versions,
            provisional_case: entry.provisional_case,
            attested: entry.attested,
            account_kind: (entry.account_kind != 0).then(|| words::account_kind(entry.account_kind)),
            responsible: stated(&entry.responsible),
            same_family_name: entry.same_family_name,
            person_held_back: entry.person_held_back,
            selection: &entry.selection,
            entries_read: entry.entries_read,
            portal: stated(&entry.portal),
            reviewed_entry: stated(&entry.reviewed_entry),
            month: stated(&entry.month),
            delayed_until: stated(&entry.delayed_until),
            reason: stated(&entry.reason),
            legal_basis: stated(&entry.legal_basis),
            details: &entry.details,
        }
    }
}
