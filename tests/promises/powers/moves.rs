//! Every call that an operator can make, as an operator makes it who wants to see an answer: taken from the table of calls, with
//! what an operator would write into each field, so that neither a new call nor a new field can be forgotten here. What shuts the
//! board off is undone in the same move, so that no later failure is owed to it. Refusals are part of it: what a move comes to is
//! for the attack to see.

use std::sync::LazyLock;

use prost::Message;
use prost_reflect::{
    Cardinality, DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage,
    Value,
};
use ssbtek_gateway::calls::{CALLS, Call, Who};
use ssbtek_proto::broker::v1::{AccountKind, ConnectionStep, Duty, PublishedText};

use super::attack::Attack;
use crate::harness::{BOARD, hex};

/// A board that does not exist.
pub(super) const INVENTED: &str = "162120000142";
/// The agent whose notification the board has signed.
pub(super) const AGENT: &str = "165560000001";
/// The portal to which the board has opened its log.
pub(super) const PORTAL: &str = "162021008988";
/// An agent that does not exist.
const INVENTED_AGENT: &str = "165560000019";

static CONTRACTS: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(ssbtek_proto::DESCRIPTORS).unwrap());

/// Every call that an operator can make, alone or with another.
pub(super) static MOVES: LazyLock<Vec<&'static Call>> = LazyLock::new(|| {
    let is_operators =
        |call: &&&Call| call.who.iter().any(|who| matches!(who, Who::Operator | Who::TwoOperators));
    CALLS.iter().filter(is_operators).copied().collect()
});

/// One move by its method.
pub(super) fn one(method: &str) -> &'static Call {
    MOVES.iter().find(|call| call.method == method).unwrap()
}

/// All messages of a move, in an order in which each may help the next.
pub(super) fn messages(call: &Call, attack: &Attack) -> Vec<DynamicMessage> {
    let service = format!("ssbtek.broker.v1.{}", call.service);
    let service = CONTRACTS.get_service_by_name(&service).unwrap();
    let method = service.methods().find(|method| method.name() == call.method).unwrap();
    filled(call, &method.input(), attack)
}

/// Every combination of what may stand in its fields.
fn filled(call: &Call, of: &MessageDescriptor, attack: &Attack) -> Vec<DynamicMessage> {
    let mut all = vec![DynamicMessage::new(of.clone())];
    for field in of.fields() {
        let values = values(call, &field, attack);
        if values.is_empty() {
            continue;
        }
        let with = |message: &DynamicMessage| {
            let set = |value: &Value| {
                let mut message = message.clone();
                message.set_field(&field, value.clone());
                message
            };
            values.iter().map(set).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(with).collect();
    }
    // What a certificate is registered for decides which of the operator's own it is.
    all.into_iter().map(|message| with_certificate(message, attack)).collect()
}

/// What an operator would write into a field; nothing leaves it out.
fn values(call: &Call, field: &FieldDescriptor, attack: &Attack) -> Vec<Value> {
    let text =
        |texts: &[&str]| texts.iter().map(|text| Value::String((*text).to_owned())).collect::<Vec<_>>();
    match (call.method, field.name()) {
        (method, "organisation_number") if method.contains("Portal") => text(&[PORTAL]),
        ("GetAgent" | "RecordEvidence" | "SignAgentAgreement" | "EndAgent", "organisation_number") => {
            text(&[INVENTED_AGENT, AGENT])
        }
        (method, "organisation_number") if method.contains("Agent") => text(&[INVENTED_AGENT, AGENT]),
        (_, "organisation_number") => text(&[INVENTED, BOARD]),
        ("EndAgent", "on") => text(&["2027-12-31"]),
        ("SetAttestation", "until") => text(&["2027-11-22"]),
        // Instructions would stop the case workers until they confirm, and so hide what follows.
        ("Publish", "text") => vec![Value::EnumNumber(PublishedText::Terms.into())],
        ("Publish", "document_sha256") => {
            text(&[ssbtek_authorize::DocumentHash::of("Påhittat".as_bytes()).as_str()])
        }
        ("RevokeCertificate", "sha256") => text(&[&"0".repeat(64)]),
        (_, "sha256") => text(&[&hex(&attack.own.identity.fingerprint())]),
        (_, "step") => {
            use ConnectionStep as Step;
            let steps = [
                Step::Check,
                Step::Approve,
                Step::Enable,
                Step::Suspend,
                Step::Resume,
                Step::End,
                Step::Purge,
            ];
            steps.map(|step| Value::EnumNumber(step.into())).into()
        }
        (_, "duties") => vec![Value::List(vec![Value::EnumNumber(Duty::Administers.into())])],
        (_, "variant") => vec![Value::EnumNumber(2)],
        // An operator writes no account of a system: without the agreement's attestation it asks nothing.
        (_, "kind") => vec![Value::EnumNumber(AccountKind::Person.into())],
        (_, "responsible") => Vec::new(),
        (_, "confirmed_time") => {
            text(&["2026-11-22T10:00:00Z", "2036-11-22T10:00:00Z", "2026-11-22T10:09:00Z"])
        }
        (_, "id") => text(&["admin"]),
        (_, "name" | "unit" | "content" | "phone") => text(&["Påhittat"]),
        (_, "email") => text(&["pahittat@example.se"]),
        (_, "version" | "instructions_version") => text(&["1"]),
        (_, "reference") => text(&["DNR 1"]),
        (_, "agency") => text(&["MIV"]),
        (_, "item") => text(&["taxes_paid"]),
        (_, "assertion_kid") => text(&["k1"]),
        (_, "assertion_key") => text(&[&attack.own_key_pem]),
        (_, "application_sha256" | "document_sha256") => text(&[&"a1".repeat(32)]),
        (_, "entry_id" | "purge_id") => text(&[&attack.entry]),
        (_, "from" | "on" | "until" | "last_day" | "signed_on" | "dated" | "valid_from") => {
            text(&[&attack.today])
        }
        (_, "months") => vec![Value::U32(3)],
        (_, "file") => {
            let file = String::from_utf8(attack.file.clone()).unwrap().replace(BOARD, INVENTED);
            vec![Value::Bytes(file.into_bytes().into())]
        }
        // Set with the whole message.
        (_, "certificate") => Vec::new(),
        // What was read before is for who means well; a name that one operator typed is not read any more.
        (_, "expected_version" | "by" | "valid_to") => Vec::new(),
        (_, "power_of_attorney_needed" | "nothing") => Vec::new(),
        _ => match field.kind() {
            Kind::Message(_) if field.cardinality() == Cardinality::Repeated => Vec::new(),
            Kind::Message(inner) => filled(call, &inner, attack).into_iter().map(Value::Message).collect(),
            _ => panic!("{}.{}: say here what an operator would write", call.method, field.name()),
        },
    }
}

fn with_certificate(mut message: DynamicMessage, attack: &Attack) -> DynamicMessage {
    let Some(field) = message.descriptor().get_field_by_name("certificate") else { return message };
    let number = message.get_field_by_name("organisation_number");
    let issued = match number.as_ref().and_then(|number| number.as_str()) {
        Some(BOARD) => &attack.own,
        Some(INVENTED) => &attack.others[0],
        Some(PORTAL) => &attack.others[3],
        Some(_) => &attack.others[1],
        None => &attack.others[2],
    };
    message.set_field(&field, Value::Bytes(issued.certificate.chain[0].to_vec().into()));
    message
}

/// Makes a move: every message of it.
pub(super) async fn make(call: &Call, attack: &Attack) {
    for message in messages(call, attack) {
        let _ = attack.call(call, message.encode_to_vec()).await;
    }
}
