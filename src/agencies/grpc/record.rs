//! A message of the contract, field by field as it came, what nobody knows included.

use std::borrow::Cow;

use prost::encoding::{WireType, encode_key, encode_varint};
use prost_types::field_descriptor_proto::Type;
use ssbtek_formats::Refused;

use super::{
    contract::{CONTRACT, Field, Message},
    raw::{take, varint},
};

/// The contract nests less deep.
const MAX_DEPTH: usize = 16;
const BROKEN: Refused = Refused::breach("the answer is not the contract's message");

/// One message.
pub(super) struct Record<'a> {
    pub(super) of: &'static Message,
    pub(super) fields: Vec<Told<'a>>,
}

/// One field as it came.
pub(super) struct Told<'a> {
    number: u32,
    /// `None`: the contract has no such field.
    pub(super) field: Option<&'static Field>,
    pub(super) value: Value<'a>,
}

/// What stands in it.
pub(super) enum Value<'a> {
    Number(u64),
    Double([u8; 8]),
    Float([u8; 4]),
    Bytes(&'a [u8]),
    Record(Record<'a>),
}

impl<'a> Record<'a> {
    /// Reads bytes as the message of that full name. What the contract has once, or one of, may not stand there twice: two readers
    /// would see two answers.
    pub(super) fn read(bytes: &'a [u8], of: &str) -> Result<Self, Refused> {
        Self::read_at(bytes, of, 0)
    }

    fn read_at(mut bytes: &'a [u8], of: &str, depth: usize) -> Result<Self, Refused> {
        if depth > MAX_DEPTH {
            return Err(Refused::TOO_DEEP);
        }
        let of = CONTRACT.messages.get(of).ok_or(BROKEN)?;
        let mut record = Record { of, fields: vec![] };
        while !bytes.is_empty() {
            let (number, value) = field(&mut bytes).ok_or(BROKEN)?;
            let field = of.fields.get(&number);
            let value = match (field, value) {
                (Some(field), Value::Bytes(inside)) if field.kind == Type::Message => {
                    Value::Record(Self::read_at(inside, &field.of, depth + 1)?)
                }
                (_, value) => value,
            };
            if field.is_some_and(|field| record.has_no_room_for(field)) {
                return Err(Refused::breach("what the contract has once stands there twice"));
            }
            record.fields.push(Told { number, field, value });
        }
        Ok(record)
    }

    fn has_no_room_for(&self, field: &Field) -> bool {
        let mut known = self.fields.iter().filter_map(|told| told.field);
        !field.repeated
            && known.any(|other| std::ptr::eq(other, field) || (other.is_choice && field.is_choice))
    }

    /// The message's bytes, without what the contract does not have.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = vec![];
        for told in self.fields.iter().filter(|told| told.field.is_some()) {
            match &told.value {
                Value::Number(number) => {
                    encode_key(told.number, WireType::Varint, &mut out);
                    encode_varint(*number, &mut out);
                }
                Value::Double(bytes) => {
                    encode_key(told.number, WireType::SixtyFourBit, &mut out);
                    out.extend(bytes);
                }
                Value::Float(bytes) => {
                    encode_key(told.number, WireType::ThirtyTwoBit, &mut out);
                    out.extend(bytes);
                }
                Value::Bytes(bytes) => write_bytes(told.number, bytes, &mut out),
                Value::Record(record) => write_bytes(told.number, &record.write(), &mut out),
            }
        }
        out
    }
}

impl Value<'_> {
    /// Whether anything stands in it.
    pub(super) fn says_anything(&self) -> bool {
        match self {
            Value::Number(number) => *number != 0,
            Value::Double(bytes) => bytes.iter().any(|byte| *byte != 0),
            Value::Float(bytes) => bytes.iter().any(|byte| *byte != 0),
            Value::Bytes(bytes) => bytes.iter().any(|byte| *byte != 0 && !byte.is_ascii_whitespace()),
            Value::Record(record) => record.fields.iter().any(|told| told.value.says_anything()),
        }
    }

    /// What a value says as a text, of a number each that it can be; nothing of a record, whose fields say it. What nobody knows may
    /// be a message too.
    pub(super) fn texts(&self, known: bool) -> Vec<Cow<'_, str>> {
        match self {
            Value::Number(number) => vec![number.to_string().into()],
            Value::Double(bytes) => {
                let texts = [u64::from_le_bytes(*bytes).to_string(), f64::from_le_bytes(*bytes).to_string()];
                texts.map(Cow::from).into()
            }
            Value::Float(bytes) => vec![u32::from_le_bytes(*bytes).to_string().into()],
            Value::Bytes(bytes) => {
                let mut texts = vec![String::from_utf8_lossy(bytes)];
                if !known {
                    texts.extend(texts_inside(bytes, 0));
                }
                texts
            }
            Value::Record(_) => vec![],
        }
    }
}

/// What bytes say if they are a message that nobody knows.
fn texts_inside(mut bytes: &[u8], depth: usize) -> Vec<Cow<'_, str>> {
    let mut texts = vec![];
    while !bytes.is_empty() && depth < MAX_DEPTH {
        let Some((_, value)) = field(&mut bytes) else { break };
        match value {
            Value::Bytes(inside) => {
                texts.push(String::from_utf8_lossy(inside));
                texts.extend(texts_inside(inside, depth + 1));
            }
            value => texts.extend(value.texts(true).into_iter().map(|text| Cow::from(text.into_owned()))),
        }
    }
    texts
}

fn field<'a>(bytes: &mut &'a [u8]) -> Option<(u32, Value<'a>)> {
    let tag = varint(bytes)?;
    let number = u32::try_from(tag >> 3).ok().filter(|number| *number != 0)?;
    let value = match tag & 7 {
        0 => Value::Number(varint(bytes)?),
        1 => Value::Double(take(bytes, 8)?.try_into().ok()?),
        2 => {
            let length = usize::try_from(varint(bytes)?).ok()?;
            Value::Bytes(take(bytes, length)?)
        }
        5 => Value::Float(take(bytes, 4)?.try_into().ok()?),
        _ => return None,
    };
    Some((number, value))
}

fn write_bytes(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}
