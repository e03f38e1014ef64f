//! One level of JSON at a time, with every value inside as it stands.

use std::fmt;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::CannotRelay;

/// Whether the value is an object or an array.
pub(super) fn is_container(raw: &RawValue) -> bool {
    matches!(raw.get().as_bytes().first(), Some(b'{' | b'['))
}

/// An object's members, in order.
pub(crate) fn members(raw: &RawValue) -> Result<Vec<(String, &RawValue)>, CannotRelay> {
    serde_json::Deserializer::from_str(raw.get()).deserialize_map(Members).map_err(|_| CannotRelay)
}

/// An array's items.
pub(crate) fn items(raw: &RawValue) -> Result<Vec<&RawValue>, CannotRelay> {
    serde_json::Deserializer::from_str(raw.get()).deserialize_seq(Items).map_err(|_| CannotRelay)
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = vec![];
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = vec![];
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(items)
    }
}
