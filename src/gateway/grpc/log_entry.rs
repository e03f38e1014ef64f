//! Log entries → `ssbtek.broker.v1`.

use ssbtek_access_log::{
    Asker, DenialRecord, Disclosure, Door, Intent, LogRead, LoggedEntry, Payload, Reader, RecordKind,
    SourceOutcome,
};
use ssbtek_authorize::DocumentVersion;
use ssbtek_domain::{Agency, OrganisationNumber, Source};
use ssbtek_proto::broker::v1::{EntryState, LogEntry, LoggedSource, NotPermittedAgency};

use crate::encode;

pub(super) fn encode(board: OrganisationNumber, entry: &LoggedEntry) -> LogEntry {
    let header = &entry.first.header;
    let mut encoded = LogEntry {
        entry_id: header.entry.to_string(),
        state: state(entry).into(),
        opened_at: header.at.clone(),
        ended_at: entry.ended.as_ref().map(|ended| ended.0.header.at.clone()).unwrap_or_default(),
        leaf_index: entry.first.index,
        erased: entry.first.payload.is_none(),
        organisation_number: board.to_string(),
        ..LogEntry::default()
    };
    match &entry.first.payload {
        Some(Payload::Intent(intent)) => question(&mut encoded, intent),
        Some(Payload::Denial(denial)) => refusal(&mut encoded, denial),
        Some(Payload::RegistryChange(change)) => {
            encoded.case_worker.clone_from(&change.by);
            encoded.action.clone_from(&change.action);
        }
        Some(Payload::LogRead(read)) => reading(&mut encoded, read),
        Some(Payload::SampleDrawn(drawn)) => {
            asker(&mut encoded, &drawn.asker);
            encoded.action = format!("draw {} of {}", drawn.entries.len(), drawn.of);
            encoded.month.clone_from(&drawn.month);
        }
        Some(Payload::Review(review)) => {
            asker(&mut encoded, &review.asker);
            review.outcome.as_str().clone_into(&mut encoded.action);
            encoded.month.clone_from(&review.month);
            encoded.reviewed_entry = review.entry.to_string();
        }
        Some(Payload::Delay(decided)) => {
            asker(&mut encoded, &decided.asker);
            "delay".clone_into(&mut encoded.action);
            decided.case.as_str().clone_into(&mut encoded.case_id);
            encoded.delayed_until = decided.until.to_string();
            encoded.reason.clone_from(&decided.reason);
            encoded.legal_basis.clone_from(&decided.legal_basis);
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
        RecordKind::Delay => EntryState::Delay,
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

fn reading(encoded: &mut LogEntry, read: &LogRead) {
    let mut selection: Vec<_> =
        read.selection.pairs().map(|(name, value)| format!("{name}={value}")).collect();
    match &read.by {
        Reader::Asker(by) => asker(encoded, by),
        Reader::Portal(portal) => {
            encoded.portal = portal.organisation.to_string();
            encoded.certificate.clone_from(&portal.certificate);
            selection.push(format!("login={}", portal.login));
        }
    }
    encoded.action = format!("{} by {}", read.action, read.filter);
    encoded.selection = selection;
    encoded.entries_read = read.entries;
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
    encoded.wanted = wanted(&intent.agencies);
    encoded.not_permitted = intent
        .not_permitted
        .iter()
        .map(|(agency, why)| NotPermittedAgency {
            agency: agency.code().to_owned(),
            reason: why.as_str().to_owned(),
        })
        .collect();
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
    encoded.wanted = wanted(&denial.agencies);
    encoded.case_id = denial.case.as_ref().map(|case| case.as_str().to_owned()).unwrap_or_default();
    encoded.role = denial.role.map_or(0, |role| encode::role(role).into());
    encoded.person_number =
        denial.person.as_ref().map(|named| named.0.expose().to_owned()).unwrap_or_default();
}

fn wanted(agencies: &[Agency]) -> Vec<String> {
    agencies.iter().map(|agency| agency.code().to_owned()).collect()
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
