//! What a record tells beyond the fields of an entry, each as `name=value`: taken from the record itself, so that nothing that is
//! added to one can be forgotten here.

use serde_json::Value;
use ssbtek_access_log::Payload;

/// Everything that has no field of its own.
pub(super) fn of(payload: &Payload) -> Vec<String> {
    // A record's own form is an object with one field, named for its kind.
    let Ok(Value::Object(named)) = serde_json::to_value(payload) else { return Vec::new() };
    let mut details = Vec::new();
    for (name, value) in named.into_iter().filter_map(|(_, record)| as_object(record)).flatten() {
        if !told_elsewhere(payload).contains(&name.as_str()) {
            flatten(&name, &value, &mut details);
        }
    }
    details
}

fn as_object(value: Value) -> Option<serde_json::Map<String, Value>> {
    match value {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}

/// The fields of a record that fields of an entry tell, or that are read by a call of their own.
fn told_elsewhere(payload: &Payload) -> &'static [&'static str] {
    match payload {
        Payload::Intent(_) => &[
            "asker",
            "unit",
            "person",
            "role",
            "case",
            "purpose",
            "period",
            "sources",
            "not_permitted",
            "agencies",
            "provisional",
            "attested",
            "versions",
            "door",
        ],
        // `intent`, the hash of the question's record, is for whoever verifies, and stands in exports.
        Payload::Release(_) => &["disclosure", "duration_ms", "intent"],
        Payload::Withheld(_) => &["denial", "outcomes", "protection", "left"],
        Payload::AssumedDisclosed(_) => &[],
        Payload::Denial(_) => {
            &["asker", "role", "person", "case", "agencies", "denial", "field", "call", "versions", "door"]
        }
        Payload::RegistryChange(_) => &["by", "by_kind", "action", "person"],
        Payload::LogRead(_) => &["asker", "portal", "operator", "action", "filter", "selection", "entries"],
        Payload::Purge(_) => &["board"],
        // The entries drawn are many, and read with the state of the review.
        Payload::SampleDrawn(_) => &["asker", "month", "of", "entries"],
        Payload::Review(_) => &["asker", "month", "entry", "outcome"],
        Payload::Delay(_) => &["asker", "case", "reason", "legal_basis", "until"],
        Payload::ProtectionLifted(_) => &["asker", "person", "ground"],
    }
}

/// Fields of fields as `outer.inner`, lists of plain values as `a,b`, empty values not at all.
fn flatten(name: &str, value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => fields.iter().for_each(|(inner, value)| {
            flatten(&format!("{name}.{inner}"), value, into);
        }),
        Value::Array(all) if all.iter().any(|one| one.is_object() || one.is_array()) => {
            all.iter().enumerate().for_each(|(n, one)| flatten(&format!("{name}.{}", n + 1), one, into));
        }
        Value::Array(all) if all.is_empty() => {}
        Value::Array(all) => {
            into.push(format!("{name}={}", all.iter().map(plain).collect::<Vec<_>>().join(",")));
        }
        Value::String(text) if text.is_empty() => {}
        _ => into.push(format!("{name}={}", plain(value))),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
