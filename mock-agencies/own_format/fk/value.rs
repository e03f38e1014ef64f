//! JSON for writing, with numbers as exact decimal texts.

use std::fmt;

/// A JSON value.
pub(super) enum Value {
    Flag(bool),
    Number(String),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

pub(super) fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

pub(super) fn number(number: impl ToString) -> Value {
    Value::Number(number.to_string())
}

/// An object of those members that are there.
pub(super) fn object<'a>(members: impl IntoIterator<Item = (&'a str, Option<Value>)>) -> Value {
    let there = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(there.collect())
}

/// A list, left out when empty.
pub(super) fn list<T>(items: &[T], encode: impl Fn(&T) -> Value) -> Option<Value> {
    (!items.is_empty()).then(|| Value::List(items.iter().map(encode).collect()))
}

/// A list of texts, left out when empty.
pub(super) fn texts(items: &[String]) -> Option<Value> {
    list(items, |item| text(item.as_str()))
}

impl Value {
    /// Puts `value` at a path such as `inkomster[0].summa`, making what is missing on the way.
    pub(super) fn put(&mut self, path: &str, value: Value) {
        if path.is_empty() {
            *self = value;
            return;
        }
        let path = path.strip_prefix('.').unwrap_or(path);
        if let Some((index, rest)) = path.strip_prefix('[').and_then(|path| path.split_once(']')) {
            self.put_item(index.parse().unwrap_or_default(), rest, value);
        } else {
            let (name, rest) = path.split_at(path.find(['.', '[']).unwrap_or(path.len()));
            self.put_member(name, rest, value);
        }
    }

    fn put_member(&mut self, name: &str, rest: &str, value: Value) {
        if !matches!(self, Value::Object(_)) {
            *self = Value::Object(vec![]);
        }
        let Value::Object(members) = self else { return };
        if let Some((_, member)) = members.iter_mut().find(|(known, _)| known == name) {
            return member.put(rest, value);
        }
        let mut member = Value::Object(vec![]);
        member.put(rest, value);
        members.push((name.to_owned(), member));
    }

    fn put_item(&mut self, index: usize, rest: &str, value: Value) {
        if !matches!(self, Value::List(_)) {
            *self = Value::List(vec![]);
        }
        let Value::List(items) = self else { return };
        while items.len() <= index {
            items.push(Value::Object(vec![]));
        }
        if let Some(item) = items.get_mut(index) {
            item.put(rest, value);
        }
    }

    /// Lets `change` rewrite every number.
    pub(super) fn each_number(&mut self, change: &mut impl FnMut(&mut String)) {
        match self {
            Value::Number(number) => change(number),
            Value::List(items) => items.iter_mut().for_each(|item| item.each_number(change)),
            Value::Object(members) => members.iter_mut().for_each(|(_, member)| member.each_number(change)),
            Value::Flag(_) | Value::Text(_) => {}
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Flag(flag) => write!(f, "{flag}"),
            Value::Number(number) => f.write_str(number),
            Value::Text(text) => write!(f, "{}", serde_json::Value::from(text.as_str())),
            Value::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { "," })?;
                }
                f.write_str("]")
            }
            Value::Object(members) => {
                f.write_str("{")?;
                for (i, (name, member)) in members.iter().enumerate() {
                    let name = serde_json::Value::from(name.as_str());
                    write!(f, "{}{name}:{member}", if i == 0 { "" } else { "," })?;
                }
                f.write_str("}")
            }
        }
    }
}
