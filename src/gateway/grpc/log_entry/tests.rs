//! Every record's line says all that the record says.

use serde_json::{Value, json};
use ssbtek_access_log::{Ended, LoggedRecord, Part, RecordKind};
use ssbtek_domain::CaseWorkerId;

use super::*;

const BOARD: &str = "162120009994";
const HASH: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

fn asker() -> Value {
    json!({
        "board": BOARD, "case_worker": "canary-account", "certificate": "canary-certificate", "agent": "162021009994",
        "processors": [{"organisation": "162120008988", "name": "Ombudet"}]
    })
}

/// A record of a kind with something unmistakable in every field. A new kind is written here, or nothing compiles.
fn full(kind: RecordKind) -> Value {
    let outcomes = json!([{"source": {"agency": "FK"}, "outcome": "timed_out"}]);
    match kind {
        RecordKind::Intent => json!({
            "asker": asker(), "unit": "canary-unit", "person": "198001019804", "role": "child", "case": "canary-case",
            "purpose": "canary-purpose", "period": ["2026-01-02", "2026-01-03"],
            "sources": [{"source": {"agency": "FK"}, "period": ["2026-01-04", "2026-01-05"], "basis": "canary-basis"}],
            "not_permitted": [["CSN", "no_legal_basis"]], "agencies": ["FK", "CSN"], "provisional": true,
            "attested": false, "versions": [{"kind": "case", "version": 4711}], "door": "soap_v11",
            "telling": "as_it_comes"
        }),
        RecordKind::Release => json!({
            "disclosure": {"outcomes": outcomes, "kinds": ["canary-kind"], "protection": "skyddad_folkbokforing",
                "same_family_name": true, "withheld": {"FK": ["canary-withheld"]},
                "contradictions": ["canary-contradiction"]},
            "duration_ms": 4712, "intent": HASH
        }),
        RecordKind::Withheld => json!({
            "denial": "case_closed", "outcomes": outcomes, "versions": [{"kind": "board", "version": 4713}],
            "protection": "sekretessmarkering", "left": ["SKV"]
        }),
        RecordKind::AssumedDisclosed => json!({"found_at": "canary-found-at"}),
        RecordKind::Denial => json!({
            "asker": asker(), "role": "child", "person": "198001019804", "case": "canary-case", "agencies": ["FK"],
            "denial": "malformed", "field": "canary-field",
            "versions": [{"kind": "case", "version": 4711}], "door": "soap_v10"
        }),
        RecordKind::RegistryChange => json!({
            "by": "canary-account", "action": "canary_action", "document": "case_worker", "id": "canary-id",
            "person": "198001019804", "version": 4714, "retention": true, "done_at": "canary-done-at"
        }),
        RecordKind::LogRead => json!({
            "asker": asker(), "action": "canary_action", "filter": "canary-filter",
            "selection": {"person": "canary-selected"}, "entries": 4715, "protected": 4729, "held_back": true
        }),
        RecordKind::Purge => json!({
            "board": BOARD, "scope": "expired", "months": ["2025-11", "2025-12"], "leaves": 4716, "documents": 4717,
            "keys": ["log.canary.2025-11"], "ended_on": "2026-01-06", "handed_over_at": "2026-01-07T00:00:00Z",
            "held": {"by": ["canary-one", "canary-two"], "reference": "canary-reference", "until": "2026-01-08"},
            "begun_at": "2026-01-09T00:00:00Z", "before": {"size": 4718, "root": HASH},
            "after": {"size": 4719, "root": HASH}
        }),
        RecordKind::SampleDrawn => json!({
            "asker": asker(), "month": "2026-02", "seed": "canary-seed",
            "rules": {"random": 4720, "askers_of_one_person": 4721, "persons_of_one_asker": 4722, "repeated": 4723,
                "odd_from_hour": 4724, "odd_until_hour": 4725, "action_within_days": 4726, "most_per_rule": 4727},
            "of": 4728, "entries": []
        }),
        RecordKind::Review => json!({
            "asker": asker(), "month": "2026-02", "entry": "0123456789abcdef0123456789abcdef",
            "outcome": "to_be_explained", "statement": "canary-statement"
        }),
        RecordKind::Delay => json!({
            "asker": asker(), "case": "canary-case", "reason": "canary-reason", "legal_basis": "canary-basis",
            "until": "2026-01-10"
        }),
        RecordKind::ProtectionLifted => json!({
            "asker": asker(), "person": "198001019804", "ground": "canary-ground"
        }),
    }
}

fn record(kind: RecordKind) -> LoggedRecord {
    let payload = serde_json::from_value(json!({kind.as_str(): full(kind)}))
        .unwrap_or_else(|error| panic!("{}: {error}", kind.as_str()));
    let header = json!({
        "v": 1, "kind": kind.as_str(), "entry": "07070707070707070707070707070707", "at": "2026-02-02T02:40:00.000Z",
        "key": "log.162120009994.2026-02"
    });
    LoggedRecord { index: 0, header: serde_json::from_value(header).unwrap(), payload: Some(payload) }
}

/// Every plain value with the path to it.
fn leaves(path: &str, value: &Value, into: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| leaves(&format!("{path}.{name}"), value, into))
        }
        Value::Array(all) => all.iter().for_each(|value| leaves(path, value, into)),
        Value::String(text) => into.push((path.to_owned(), text.clone())),
        other => into.push((path.to_owned(), other.to_string())),
    }
}

#[test]
fn every_value_of_every_kind_of_record_stands_in_its_line() {
    // Told as a number or a word of the contract, or for whoever verifies; each looked at by hand.
    let otherwise = |path: &str| {
        [
            ".role",
            ".protection",
            ".outcome",
            ".outcomes.outcome",
            ".disclosure.outcomes.outcome",
            ".intent",
            ".processors.name",
            ".same_family_name",
            ".provisional",
            ".attested",
            ".disclosure.protection",
        ]
        .iter()
        .any(|end| path.ends_with(end))
    };
    for kind in RecordKind::ALL {
        let entry = match kind.part() {
            Part::Ends => {
                LoggedEntry { first: record(RecordKind::Intent), ended: Some(Ended(record(*kind))) }
            }
            Part::Opens | Part::Alone => LoggedEntry { first: record(*kind), ended: None },
        };
        let line = whole(OrganisationNumber::parse(BOARD).unwrap(), &entry);
        let text = format!("{line:?}").replace("[\"", "").replace("\"]", "");
        let mut values = Vec::new();
        leaves("", &full(*kind), &mut values);
        for (path, value) in values.into_iter().filter(|(path, _)| !otherwise(path)) {
            assert!(text.contains(&value), "{}: {path} = {value} is told nowhere", kind.as_str());
        }
        assert_ne!(line.state(), EntryState::Unspecified);
    }
}

#[test]
fn a_change_of_a_case_says_which_case() {
    let mut record = record(RecordKind::RegistryChange);
    if let Some(Payload::RegistryChange(change)) = &mut record.payload {
        change.document = ssbtek_authorize::DocumentKind::Case;
        "EB-17".clone_into(&mut change.id);
    }
    let line = whole(OrganisationNumber::parse(BOARD).unwrap(), &LoggedEntry { first: record, ended: None });
    assert_eq!(line.case_id, "EB-17");
}

#[test]
fn an_account_that_calls_itself_an_operator_is_shown_as_an_account() {
    let name = "operator 0123456789abcdef";
    let shown = |mut record: LoggedRecord| {
        match &mut record.payload {
            Some(Payload::Denial(denial)) => denial.asker.case_worker = CaseWorkerId::parse(name).unwrap(),
            Some(Payload::RegistryChange(change)) => name.clone_into(&mut change.by),
            _ => panic!("nobody named"),
        }
        let entry = LoggedEntry { first: record, ended: None };
        whole(OrganisationNumber::parse(BOARD).unwrap(), &entry).case_worker
    };
    assert_eq!(shown(record(RecordKind::Denial)), r#"account "operator 0123456789abcdef""#);
    assert_eq!(shown(record(RecordKind::RegistryChange)), name, "that was an operator");
}

#[test]
fn what_an_answer_discloses_is_told_with_its_question() {
    let entry =
        LoggedEntry { first: record(RecordKind::Intent), ended: Some(Ended(record(RecordKind::Release))) };
    let line = whole(OrganisationNumber::parse(BOARD).unwrap(), &entry);
    assert!(line.same_family_name && line.provisional_case);
    assert_eq!(
        line.protection,
        i32::from(encode::protection(ssbtek_domain::Protection::SkyddadFolkbokforing))
    );
}
