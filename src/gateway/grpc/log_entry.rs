//! Log entries → `ssbtek.broker.v1`.

use ssbtek_access_log::{
    Asker, DenialRecord, Disclosure, Door, Intent, LoggedEntry, Payload, RecordKind, SourceOutcome,
};
use ssbtek_authorize::DocumentVersion;
use ssbtek_domain::Source;
use ssbtek_proto::broker::v1::{EntryState, LogEntry, LoggedSource};

use crate::encode;

pub(super) fn encode(entry: &LoggedEntry) -> LogEntry {
    let header = &entry.first.header;
    let mut encoded = LogEntry {
        entry_id: header.entry.to_string(),
        state: state(entry).into(),
        opened_at: header.at.clone(),
        ended_at: entry.ended.as_ref().map(|ended| ended.0.header.at.clone()).unwrap_or_default(),
        leaf_index: entry.first.index,
        erased: entry.first.payload.is_none(),
        ..LogEntry::default()
    };
    match &entry.first.payload {
        Some(Payload::Intent(intent)) => question(&mut encoded, intent),
        Some(Payload::Denial(denial)) => refusal(&mut encoded, denial),
        Some(Payload::RegistryChange(change)) => {
            encoded.case_worker.clone_from(&change.by);
            encoded.action.clone_from(&change.action);
        }
        Some(Payload::LogRead(read)) => {
            asker(&mut encoded, &read.asker);
            encoded.action = format!("{} by {}", read.action, read.filter);
        }
        Some(Payload::SampleDrawn(drawn)) => {
            asker(&mut encoded, &drawn.asker);
            encoded.action = format!("draw sample {}", drawn.month);
        }
        Some(Payload::Review(review)) => {
            asker(&mut encoded, &review.asker);
            encoded.action = format!("review {} {}", review.entry, review.outcome.as_str());
        }
        _ => {}
    }
    match entry.ended.as_ref().and_then(|ended| ended.0.payload.as_ref()) {
        Some(Payload::Release(release)) => {
            encoded.duration_ms = release.duration_ms;
            disclosure(&mut encoded, &release.disclosure);
        }
        Some(Payload::Withheld(withheld)) => {
            encoded.denial = withheld.denial.as_str().to_owned();
            outcomes(&mut encoded, &withheld.outcomes);
        }
        _ => {}
    }
    encoded
}

fn state(entry: &LoggedEntry) -> EntryState {
    match entry.first.header.kind {
        RecordKind::Denial => EntryState::Denied,
        RecordKind::RegistryChange => EntryState::RegistryChange,
        RecordKind::LogRead => EntryState::LogRead,
        RecordKind::Purge => EntryState::Purge,
        RecordKind::SampleDrawn => EntryState::SampleDrawn,
        RecordKind::Review => EntryState::Review,
        _ => match entry.ended.as_ref().map(|ended| ended.0.header.kind) {
            None => EntryState::Open,
            Some(RecordKind::Release) => EntryState::Released,
            Some(RecordKind::Withheld) => EntryState::Withheld,
            Some(_) => EntryState::AssumedDisclosed,
        },
    }
}

fn asker(encoded: &mut LogEntry, asker: &Asker) {
    encoded.case_worker = asker.case_worker.as_str().to_owned();
    encoded.certificate.clone_from(&asker.certificate);
    encoded.agent = asker.agent.map(|agent| agent.to_string()).unwrap_or_default();
    encoded.agents = asker.processors.iter().map(|link| link.organisation.to_string()).collect();
}

fn question(encoded: &mut LogEntry, intent: &Intent) {
    asker(encoded, &intent.asker);
    encoded.provisional_case = intent.provisional;
    encoded.unit.clone_from(&intent.unit);
    encoded.person_number = intent.person.expose().to_owned();
    encoded.attested = intent.attested;
    // An attested case says nothing of a role.
    encoded.role = if intent.attested { 0 } else { encode::role(intent.role).into() };
    encoded.case_id = intent.case.as_str().to_owned();
    encoded.purpose = intent.purpose.as_str().to_owned();
    encoded.period = Some(ssbtek_wire::period(&intent.period));
    encoded.door = door(intent.door).to_owned();
    encoded.versions = versions(&intent.versions);
    encoded.sources = intent
        .sources
        .iter()
        .map(|line| LoggedSource {
            source: line.source.code().to_owned(),
            period: Some(ssbtek_wire::period(&line.period)),
            legal_basis: line.basis.0.clone(),
            outcome: 0,
        })
        .collect();
}

fn refusal(encoded: &mut LogEntry, denial: &DenialRecord) {
    asker(encoded, &denial.asker);
    encoded.denial = denial.denial.as_str().to_owned();
    encoded.malformed_field = denial.field.clone().unwrap_or_default();
    encoded.door = door(denial.door).to_owned();
    encoded.versions = versions(&denial.versions);
    encoded.case_id = denial.case.as_ref().map(|case| case.as_str().to_owned()).unwrap_or_default();
    encoded.role = denial.role.map_or(0, |role| encode::role(role).into());
    encoded.person_number =
        denial.person.as_ref().map(|named| named.0.expose().to_owned()).unwrap_or_default();
}

fn versions(versions: &[DocumentVersion]) -> Vec<String> {
    versions.iter().map(|used| format!("{} {}", used.kind.as_str(), used.version)).collect()
}

fn disclosure(encoded: &mut LogEntry, disclosure: &Disclosure) {
    encoded.kinds.clone_from(&disclosure.kinds);
    encoded.protection = encode::protection(disclosure.protection).into();
    outcomes(encoded, &disclosure.outcomes);
}

fn outcomes(encoded: &mut LogEntry, outcomes: &[SourceOutcome]) {
    let code = |source: &Source| source.code().to_owned();
    for source in &mut encoded.sources {
        if let Some(found) = outcomes.iter().find(|outcome| code(&outcome.source) == source.source) {
            source.outcome = ssbtek_wire::outcome_to_proto(found.outcome).into();
        }
    }
}

fn door(door: Door) -> &'static str {
    match door {
        Door::Grpc => "grpc",
        Door::SoapV10 => "soap_v10",
        Door::SoapV11 => "soap_v11",
    }
}
