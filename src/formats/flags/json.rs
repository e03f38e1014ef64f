//! Counting flags in JSON as it is read, so that a name that stands twice counts twice.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Found, Members};

/// `None`: no JSON.
pub(super) fn read(bytes: &[u8], inside: u8) -> Option<Found> {
    // A number that does not fit stops a reader; no flag may hide behind one.
    count(bytes, inside).or_else(|| count(&plain_numbers(bytes), inside))
}

fn count(bytes: &[u8], inside: u8) -> Option<Found> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    Count { inside }.deserialize(&mut reader).ok()
}

/// JSON with 0 for every number that is zero, and 1 for every other.
fn plain_numbers(json: &[u8]) -> Vec<u8> {
    let (mut plain, mut at, mut in_string) = (Vec::with_capacity(json.len()), 0, false);
    while let Some(byte) = json.get(at).copied() {
        let len = match byte {
            b'\\' if in_string => 2,
            b'-' | b'0'..=b'9' if !in_string => {
                let rest = json.get(at..).unwrap_or_default();
                let len = rest.iter().take_while(|b| b"0123456789+-.eE".contains(b)).count();
                let mantissa = rest.iter().take(len).take_while(|b| !matches!(b, b'e' | b'E'));
                plain.push(if mantissa.into_iter().any(|b| matches!(b, b'1'..=b'9')) { b'1' } else { b'0' });
                at += len;
                continue;
            }
            _ => 1,
        };
        in_string ^= byte == b'"';
        plain.extend_from_slice(json.get(at..(at + len).min(json.len())).unwrap_or_default());
        at += len;
    }
    plain
}

#[derive(Clone, Copy)]
struct Count {
    /// How many documents the value stands in.
    inside: u8,
}

impl<'de> DeserializeSeed<'de> for Count {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Count {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Found, E> {
        Ok(Found::value(yes))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Found, E> {
        Ok(Found::value(number != 0))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Found, E> {
        Ok(Found::value(number != 0))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Found, E> {
        Ok(Found::value(number != 0.0))
    }

    fn visit_str<E>(self, text: &str) -> Result<Found, E> {
        Ok(Found::text(text, self.inside))
    }

    fn visit_unit<E>(self) -> Result<Found, E> {
        Ok(Found::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Found, A::Error> {
        let mut all = Found::default();
        while let Some(found) = items.next_element_seed(self)? {
            all.and(found);
        }
        Ok(all)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Found, A::Error> {
        let mut all = Members::default();
        while let Some(name) = members.next_key::<String>()? {
            all.add(&name, members.next_value_seed(self)?);
        }
        Ok(all.done())
    }
}
