//! The facts of an agency, whatever the agency, by the contract's own description: a field that is added there appears
//! here without a line of code.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use prost::Message;
use prost_reflect::{
    DescriptorPool, DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, ReflectMessage, Value,
};
use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

use crate::agency::v1 as agency;

static CONTRACTS: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(crate::DESCRIPTORS).unwrap_or_default());

/// A section as JSON: `{"af": {…}}` with the contract's names in the contract's order.
#[derive(Debug)]
pub struct Facts(DynamicMessage);

impl Facts {
    /// Of this section; `None` if it does not fit its contract.
    pub fn of(section: &agency::Section) -> Option<Self> {
        let contract = CONTRACTS.get_message_by_name("ssbtek.agency.v1.Section")?;
        DynamicMessage::decode(contract, section.encode_to_vec().as_slice()).map(Self).ok()
    }

    /// The facts with their contract's description, for who tells them in words.
    pub fn message(&self) -> &DynamicMessage {
        &self.0
    }
}

/// `OUTCOME_TIMED_OUT`, `OUTCOME_` → `timed_out`: a contract's enum as programs show it.
pub fn word(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_ascii_lowercase()
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields(&self.0).serialize(serializer)
    }
}

struct Fields<'a>(&'a DynamicMessage);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let contract = self.0.descriptor();
        let mut map = serializer.serialize_map(None)?;
        for field in contract.fields() {
            // Where the contract tells "left out" from "empty", so do we.
            if field.supports_presence() && !self.0.has_field(&field) {
                continue;
            }
            map.serialize_entry(field.name(), &Fact { value: &self.0.get_field(&field), field: &field })?;
        }
        map.end()
    }
}

struct Fact<'a> {
    value: &'a Value,
    field: &'a FieldDescriptor,
}

impl Serialize for Fact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::I32(value) => serializer.serialize_i32(*value),
            Value::I64(value) => serializer.serialize_i64(*value),
            Value::U32(value) => serializer.serialize_u32(*value),
            Value::U64(value) => serializer.serialize_u64(*value),
            Value::F32(value) => serializer.serialize_f32(*value),
            Value::F64(value) => serializer.serialize_f64(*value),
            Value::String(text) => serializer.serialize_str(text),
            Value::Bytes(bytes) => serializer.serialize_str(&STANDARD.encode(bytes)),
            Value::EnumNumber(number) => match self.field.kind() {
                Kind::Enum(contract) => enum_word(&contract, *number).serialize(serializer),
                _ => serializer.serialize_i32(*number),
            },
            Value::Message(message) => Fields(message).serialize(serializer),
            Value::List(values) => {
                let mut list = serializer.serialize_seq(Some(values.len()))?;
                for value in values {
                    list.serialize_element(&Fact { value, field: self.field })?;
                }
                list.end()
            }
            // The contract has no maps.
            Value::Map(_) => serializer.serialize_none(),
        }
    }
}

/// `null` for "never sent", the number where this client is older than the value.
fn enum_word(contract: &EnumDescriptor, number: i32) -> Option<String> {
    match (number, contract.get_value(number)) {
        (0, _) => None,
        (_, Some(value)) => Some(word(value.name(), &prefix(contract.name()))),
        (_, None) => Some(number.to_string()),
    }
}

/// `CsnCaseStatus` → `CSN_CASE_STATUS_`, which every name of the enum begins with.
fn prefix(name: &str) -> String {
    let mut prefix = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() && !prefix.is_empty() {
            prefix.push('_');
        }
        prefix.push(c.to_ascii_uppercase());
    }
    prefix.push('_');
    prefix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_enum_of_the_contract_becomes_words_without_its_prefix() {
        let enums: Vec<_> =
            CONTRACTS.all_enums().filter(|e| e.package_name().starts_with("ssbtek.")).collect();
        assert!(enums.len() > 10);
        for contract in enums {
            for value in contract.values() {
                assert!(value.name().starts_with(&prefix(contract.name())), "{}", value.name());
            }
        }
    }

    #[test]
    fn the_contract_has_no_maps_and_no_floating_point_numbers() {
        for message in CONTRACTS.all_messages().filter(|m| m.package_name().starts_with("ssbtek.")) {
            for field in message.fields() {
                assert!(!field.is_map(), "{}", field.full_name());
                assert!(!matches!(field.kind(), Kind::Double | Kind::Float), "{}", field.full_name());
            }
        }
    }

    #[test]
    fn what_was_not_said_is_left_out_and_what_was_said_empty_is_empty() {
        let af = agency::AfSection {
            sekretessmarkering: Some(false),
            decisions: Some(agency::AfDecisions::default()),
            ..agency::AfSection::default()
        };
        let section = agency::Section { agency: Some(agency::section::Agency::Af(af)) };
        let json = serde_json::to_value(Facts::of(&section).unwrap()).unwrap();
        let expected = serde_json::json!({
            "af": { "sekretessmarkering": false, "decisions": { "decisions": [] }, "status_code": 0 }
        });
        assert_eq!(json, expected);
    }
}
