//! JSON with exact numbers. Numbers become decimal texts and never floating-point values; duplicate keys, deep nesting and
//! great numbers of values are refused. Strings are decoded by serde_json, one at a time.

use std::collections::BTreeSet;

use serde_json::value::RawValue;
use ssbtek_domain::plain_decimal;

use crate::{RefusalCode, Refused, unreadable};

/// Deepest nesting accepted. LEFI's own deepest path has some twelve levels.
pub(super) const MAX_DEPTH: usize = 32;
/// Most values accepted in one document: bounds the memory that a document of tiny values takes.
pub(super) const MAX_VALUES: usize = 100_000;

/// One JSON value. Personal: has no `Debug`.
pub(super) enum Json {
    Null,
    Flag(bool),
    /// In plain decimal form (`0.50` has become `0.5`), and as it came. One that is too long to be one of ours is left as it came.
    Number(String, String),
    /// A number with an exponent: in plain decimal form where it has one (`1.2E3` has become `1200`), and as it came.
    Exponent(String, String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Every text and number in a value, but for what stands under the names given, wherever that is.
    pub(super) fn texts(&self, but: &[&str]) -> Vec<&str> {
        match self {
            Json::Null | Json::Flag(_) => vec![],
            Json::Text(text) | Json::Number(text, _) | Json::Exponent(text, _) => vec![text],
            Json::List(items) => items.iter().flat_map(|item| item.texts(but)).collect(),
            Json::Object(members) => members
                .iter()
                .filter(|(name, _)| !but.contains(&name.as_str()))
                .flat_map(|(_, value)| value.texts(but))
                .collect(),
        }
    }

    /// Whether anything stands in a value.
    pub(super) fn says_anything(&self) -> bool {
        match self {
            Json::Null => false,
            Json::Text(text) => !text.trim().is_empty(),
            Json::Flag(_) | Json::Number(..) | Json::Exponent(..) => true,
            Json::List(items) => items.iter().any(Json::says_anything),
            Json::Object(members) => members.iter().any(|(_, value)| value.says_anything()),
        }
    }
}

const NOT_JSON: Refused = Refused("not a JSON document in UTF-8", RefusalCode::NotWellFormed);

/// Reads one document. Errors never quote it.
pub(super) fn parse(bytes: &[u8]) -> Result<Json, Refused> {
    let bytes = unreadable::utf_8(bytes)?.as_bytes();
    let mut parser = Parser { bytes, at: 0, values: 0 };
    let value = parser.value(0)?;
    parser.space();
    if parser.at == bytes.len() { Ok(value) } else { Err(NOT_JSON) }
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
    values: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Takes `byte` if it comes next, after white space.
    fn takes(&mut self, byte: u8) -> bool {
        self.space();
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self, depth: usize) -> Result<Json, Refused> {
        if depth > MAX_DEPTH {
            return Err(Refused::TOO_DEEP);
        }
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(Refused("JSON with too many values", RefusalCode::TooLarge));
        }
        self.space();
        match self.peek().ok_or(NOT_JSON)? {
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'"' => self.string().map(Json::Text),
            b't' => self.word(b"true", Json::Flag(true)),
            b'f' => self.word(b"false", Json::Flag(false)),
            b'n' => self.word(b"null", Json::Null),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &[u8], value: Json) -> Result<Json, Refused> {
        if !self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(NOT_JSON);
        }
        self.at += word.len();
        Ok(value)
    }

    fn object(&mut self, depth: usize) -> Result<Json, Refused> {
        self.at += 1;
        let mut members = Vec::new();
        if !self.takes(b'}') {
            loop {
                self.space();
                let key = self.string()?;
                if !self.takes(b':') {
                    return Err(NOT_JSON);
                }
                members.push((key, self.value(depth + 1)?));
                if self.takes(b'}') {
                    break;
                }
                if !self.takes(b',') {
                    return Err(NOT_JSON);
                }
            }
        }
        // Two readers of a duplicate key may see two different answers.
        let distinct: BTreeSet<&str> = members.iter().map(|(key, _)| key.as_str()).collect();
        if distinct.len() == members.len() {
            Ok(Json::Object(members))
        } else {
            Err(Refused("JSON with a duplicate key", RefusalCode::NotWellFormed))
        }
    }

    fn list(&mut self, depth: usize) -> Result<Json, Refused> {
        self.at += 1;
        let mut items = Vec::new();
        if self.takes(b']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.takes(b']') {
                return Ok(Json::List(items));
            }
            if !self.takes(b',') {
                return Err(NOT_JSON);
            }
        }
    }

    /// From one quotation mark to the next that is not escaped.
    fn string(&mut self) -> Result<String, Refused> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(NOT_JSON);
        }
        self.at += 1;
        loop {
            match self.peek().ok_or(NOT_JSON)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        let quoted = self.bytes.get(start..self.at).ok_or(NOT_JSON)?;
        serde_json::from_slice(quoted).map_err(|_| NOT_JSON)
    }

    fn number(&mut self) -> Result<Json, Refused> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) {
            self.at += 1;
        }
        let raw = self.bytes.get(start..self.at).and_then(|raw| std::str::from_utf8(raw).ok());
        // Whether it is a number at all is serde_json's to say; whether it is one of ours, that of who reads the field.
        let raw = raw.filter(|raw| serde_json::from_str::<&RawValue>(raw).is_ok()).ok_or(NOT_JSON)?;
        let plain = plain_decimal(raw).unwrap_or_else(|| raw.to_owned());
        Ok(match raw.contains(['e', 'E']) {
            true => Json::Exponent(plain, raw.to_owned()),
            false => Json::Number(plain, raw.to_owned()),
        })
    }
}
