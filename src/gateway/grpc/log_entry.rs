//! Log entries → `ssbtek.broker.v1`.

mod details;

use std::collections::BTreeSet;

use ssbtek_access_log::{
    Asker, Criteria, DenialRecord, Disclosure, Intent, LogRead, LoggedEntry, NowProtected, Payload,
    ReadError, Reader, RecordKind, SourceOutcome, Standing, shown_account,
};
use ssbtek_authorize::{DocumentKind, DocumentVersion, NotPermitted};
use ssbtek_domain::{Agency, OrganisationNumber, Personnummer, Source};
use ssbtek_proto::broker::v1::{EntryState, LogEntry, LoggedSource, NotPermittedAgency};

use crate::encode;

/// How a reader came to an entry, and so whom of the protected it may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who<'p> {
    /// Opened alone by its id: everybody.
    Opened,
    /// The reader named this person: nobody else.
    Named(&'p Personnummer),
    /// It stands in a list: nobody.
    Listed,
}

impl<'p> Who<'p> {
    /// How whoever asks so comes to what is found.
    pub(super) fn of(criteria: &'p Criteria) -> Self {
        match &criteria.person {
            _ if criteria.entry.is_some() => Who::Opened,
            Some(person) => Who::Named(person),
            None => Who::Listed,
        }
    }
}

/// Entries as their reader is told of them, and of how many of them it is known that somebody in them is protected.
pub(super) async fn told(
    now: &mut NowProtected<'_>,
    board: OrganisationNumber,
    entries: &[LoggedEntry],
    who: Who<'_>,
) -> Result<(Vec<LogEntry>, u64), ReadError> {
    let (mut told, mut protected) = (Vec::with_capacity(entries.len()), 0);
    for entry in entries {
        let mut encoded = whole(board, entry);
        let standing = now.in_entry(entry, None).await?;
        match who {
            // The versions that its decision rested on tell of the household.
            Who::Opened => protected += u64::from(standing > Standing::None),
            Who::Named(person) => {
                protected += u64::from(standing == Standing::Protected);
                without_memory(&mut encoded);
                if now.in_entry(entry, Some(person)).await? == Standing::Protected {
                    hold_back(&mut encoded);
                }
            }
            Who::Listed => {
                without_memory(&mut encoded);
                protected += u64::from(standing == Standing::Protected);
                // Who was asked about together stands side by side: what is told of one tells whose household the other's is.
                let least = if is_of_household(entry) { Standing::Beside } else { Standing::Protected };
                if standing >= least {
                    hold_back(&mut encoded);
                }
            }
        }
        told.push(encoded);
    }
    Ok((told, protected))
}

/// Whether it is one of the questions about everybody in a household.
fn is_of_household(entry: &LoggedEntry) -> bool {
    matches!(&entry.first.payload, Some(Payload::Intent(intent)) if intent.household.is_some())
}

/// Takes out on which version of what is remembered of a household a decision rested: there is one only where there is something.
fn without_memory(encoded: &mut LogEntry) {
    let remembered = [DocumentKind::SaidOfPerson, DocumentKind::ProtectedInCases].map(DocumentKind::as_str);
    encoded.versions.retain(|version| !remembered.iter().any(|kind| version.starts_with(kind)));
    encoded.details.retain(|detail| !detail.starts_with("versions."));
}

/// Takes out what tells who it is: number, role and case and what they can be told from, what was searched by, the ground of a lift.
fn hold_back(encoded: &mut LogEntry) {
    encoded.person_held_back = true;
    encoded.person_number.clear();
    encoded.role = 0;
    encoded.case_id.clear();
    encoded.versions.clear();
    encoded.reason.clear();
    encoded.same_family_name = false;
    encoded.details.retain(|detail| !detail.starts_with("household="));
    encoded.sources.iter_mut().for_each(|source| source.case_alias.clear());
    for pair in &mut encoded.selection {
        let name = pair.split_once('=').map(|(name, _)| name.to_owned());
        if let Some(name) = name.filter(|name| matches!(name.as_str(), "person" | "case" | "login")) {
            *pair = format!("{name}=?");
        }
    }
}

fn whole(board: OrganisationNumber, entry: &LoggedEntry) -> LogEntry {
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
    for payload in [Some(&entry.first), entry.ended.as_ref().map(|ended| &ended.0)]
        .into_iter()
        .flatten()
        .filter_map(|record| record.payload.as_ref())
    {
        tell(&mut encoded, payload);
        encoded.details.extend(details::of(payload));
    }
    encoded
}

/// Everything that a record tells. What a list is searched by is told by the record in one place for all kinds.
fn tell(encoded: &mut LogEntry, payload: &Payload) {
    let about = payload.about();
    if let Some(name) = about.account() {
        // Who asked is an account, whatever it says that it is called.
        let shown = if about.asker.is_some() { shown_account(name) } else { name.into() };
        encoded.case_worker = shown.into_owned();
    }
    if let Some(case) = about.case() {
        case.clone_into(&mut encoded.case_id);
    }
    if let Some(person) = about.person() {
        person.clone_into(&mut encoded.person_number);
    }
    if let Some(by) = about.asker {
        asker(encoded, by);
    }
    if let Some(responsible) = about.account_kind.responsible() {
        encoded.account_kind = encode::account_kind(about.account_kind).into();
        responsible.as_str().clone_into(&mut encoded.responsible);
    }
    match payload {
        Payload::Intent(intent) => question(encoded, intent),
        Payload::Release(release) => {
            encoded.duration_ms = release.duration_ms;
            disclosure(encoded, &release.disclosure);
        }
        Payload::Withheld(withheld) => {
            withheld.denial.as_str().clone_into(&mut encoded.denial);
            encoded.kinds = withheld.kinds();
            encoded.protection = withheld.protection.map_or(0, |level| encode::protection(level).into());
            outcomes(encoded, &withheld.outcomes);
        }
        Payload::AssumedDisclosed(_) | Payload::Purge(_) => {}
        Payload::Denial(denial) => refusal(encoded, denial),
        Payload::RegistryChange(change) => encoded.action.clone_from(&change.action),
        Payload::LogRead(read) => reading(encoded, read),
        Payload::SampleDrawn(drawn) => {
            encoded.action = format!("draw {} of {}", drawn.entries.len(), drawn.of);
            encoded.month.clone_from(&drawn.month);
        }
        Payload::Review(review) => {
            review.outcome.as_str().clone_into(&mut encoded.action);
            encoded.month.clone_from(&review.month);
            encoded.reviewed_entry = review.entry.to_string();
        }
        Payload::Delay(decided) => {
            "delay".clone_into(&mut encoded.action);
            encoded.delayed_until = decided.until.to_string();
            encoded.reason.clone_from(&decided.reason);
            encoded.legal_basis.clone_from(&decided.legal_basis);
        }
        Payload::ProtectionLifted(lifted) => {
            "lift_protection".clone_into(&mut encoded.action);
            encoded.reason.clone_from(&lifted.ground);
        }
    }
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
        RecordKind::ProtectionLifted => EntryState::ProtectionLifted,
        RecordKind::Intent => match &entry.ended {
            None => EntryState::Open,
            Some(ended) => how_ended(ended.0.header.kind),
        },
        // Never first; told for what it is all the same.
        kind @ (RecordKind::Release | RecordKind::Withheld | RecordKind::AssumedDisclosed) => how_ended(kind),
    }
}

fn how_ended(kind: RecordKind) -> EntryState {
    match kind {
        RecordKind::Release => EntryState::Released,
        RecordKind::Withheld => EntryState::Withheld,
        _ => EntryState::AssumedDisclosed,
    }
}

fn asker(encoded: &mut LogEntry, asker: &Asker) {
    encoded.certificate.clone_from(&asker.certificate);
    encoded.agent = asker.agent.map(|agent| agent.to_string()).unwrap_or_default();
    encoded.agents = asker.processors.iter().map(|link| link.organisation.to_string()).collect();
}

fn reading(encoded: &mut LogEntry, read: &LogRead) {
    let mut selection: Vec<_> =
        read.selection.pairs().map(|(name, value)| format!("{name}={value}")).collect();
    match &read.by {
        Reader::Asker(_) => {}
        Reader::Portal(portal) => {
            encoded.portal = portal.organisation.to_string();
            encoded.certificate.clone_from(&portal.certificate);
            selection.push(format!("login={}", portal.login));
        }
        Reader::Operator(operator) => {
            encoded.case_worker = operator.name();
            encoded.certificate.clone_from(&operator.certificate);
        }
    }
    encoded.action = format!("{} by {}", read.action, read.filter);
    encoded.selection = selection;
    encoded.entries_read = read.entries;
}

fn question(encoded: &mut LogEntry, intent: &Intent) {
    encoded.provisional_case = intent.provisional;
    encoded.unit.clone_from(&intent.unit);
    encoded.attested = intent.attested;
    // An attested case says nothing of a role.
    encoded.role = if intent.attested { 0 } else { encode::role(intent.role).into() };
    encoded.purpose = intent.purpose.as_str().to_owned();
    encoded.period = Some(ssbtek_wire::period(&intent.period));
    encoded.door = intent.door.name();
    encoded.versions = versions(&intent.versions);
    encoded.wanted = wanted(&intent.agencies);
    let left_out = |name: &str, why: NotPermitted| NotPermittedAgency {
        agency: name.to_owned(),
        reason: why.as_str().to_owned(),
    };
    let agencies = intent.not_permitted.iter().map(|(agency, why)| left_out(agency.code(), *why));
    let kinds: BTreeSet<_> = intent.sources.iter().flat_map(|line| &line.without_ground).collect();
    let kinds = kinds.into_iter().map(|kind| left_out(kind.name(), NotPermitted::NoLegalBasis));
    encoded.not_permitted = agencies.chain(kinds).collect();
    encoded.sources = intent
        .sources
        .iter()
        .map(|line| LoggedSource {
            source: line.source.code().to_owned(),
            period: Some(ssbtek_wire::period(&line.period)),
            legal_basis: line.basis.0.clone(),
            outcome: 0,
            case_alias: line.case_alias.as_ref().map(|alias| alias.as_str().to_owned()).unwrap_or_default(),
        })
        .collect();
}

fn refusal(encoded: &mut LogEntry, denial: &DenialRecord) {
    encoded.denial = denial.denial.as_str().to_owned();
    encoded.action = denial.call.clone().unwrap_or_default();
    encoded.malformed_field = denial.field.clone().unwrap_or_default();
    encoded.door = denial.door.name();
    encoded.versions = versions(&denial.versions);
    encoded.wanted = wanted(&denial.agencies);
    encoded.role = denial.role.map_or(0, |role| encode::role(role).into());
}

fn wanted(agencies: &[Agency]) -> Vec<String> {
    agencies.iter().map(|agency| agency.code().to_owned()).collect()
}

fn versions(versions: &[DocumentVersion]) -> Vec<String> {
    versions.iter().map(|used| format!("{} {}", used.kind.as_str(), used.version)).collect()
}

fn disclosure(encoded: &mut LogEntry, disclosure: &Disclosure) {
    encoded.kinds.clone_from(&disclosure.kinds);
    let withheld = disclosure.withheld.iter();
    encoded.details.extend(withheld.map(|(agency, names)| format!("withheld.{agency}={}", names.join(","))));
    if !disclosure.contradictions.is_empty() {
        encoded.details.push(format!("contradictions={}", disclosure.contradictions.join(",")));
    }
    encoded.same_family_name = disclosure.same_family_name;
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

#[cfg(test)]
mod tests;
