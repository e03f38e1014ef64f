//! JSON with exact numbers: a number is text all the way.

use std::fmt;

/// One value.
pub(super) enum Json {
    Null,
    /// A number, `true` or `false`, as it is written.
    Plain(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Json::Text(text.into())
    }

    /// A number that is already in plain decimal form.
    pub(super) fn number(number: impl fmt::Display) -> Self {
        Json::Plain(number.to_string())
    }

    pub(super) fn flag(flag: bool) -> Self {
        Json::Plain(flag.to_string())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Plain(plain) => f.write_str(plain),
            Json::Text(text) => quoted(text, f),
            Json::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    f.write_str(if i > 0 { "," } else { "" })?;
                    item.fmt(f)?;
                }
                f.write_str("]")
            }
            Json::Object(members) => {
                f.write_str("{")?;
                for (i, (name, value)) in members.iter().enumerate() {
                    f.write_str(if i > 0 { "," } else { "" })?;
                    quoted(name, f)?;
                    f.write_str(":")?;
                    value.fmt(f)?;
                }
                f.write_str("}")
            }
        }
    }
}

/// Characters that must not stand in a JSON string are escaped; all others stay as they are.
fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            c if c < ' ' => write!(f, "\\u{:04x}", u32::from(c))?,
            c => fmt::Write::write_char(f, c)?,
        }
    }
    f.write_str("\"")
}

/// An object under construction. What is absent is left out; an empty list too.
#[derive(Default)]
pub(super) struct Object(Vec<(String, Json)>);

impl Object {
    pub(super) fn put(mut self, name: &str, value: Option<Json>) -> Self {
        if let Some(value) = value {
            self.0.push((name.to_owned(), value));
        }
        self
    }

    pub(super) fn text(self, name: &str, text: Option<impl Into<String>>) -> Self {
        self.put(name, text.map(Json::text))
    }

    pub(super) fn number(self, name: &str, number: Option<impl fmt::Display>) -> Self {
        self.put(name, number.map(Json::number))
    }

    pub(super) fn flag(self, name: &str, flag: Option<bool>) -> Self {
        self.put(name, flag.map(Json::flag))
    }

    pub(super) fn list(self, name: &str, items: impl IntoIterator<Item = Json>) -> Self {
        let items: Vec<Json> = items.into_iter().collect();
        self.put(name, (!items.is_empty()).then_some(Json::List(items)))
    }

    pub(super) fn texts(self, name: &str, texts: &[String]) -> Self {
        self.list(name, texts.iter().map(Json::text))
    }

    pub(super) fn done(self) -> Json {
        Json::Object(self.0)
    }

    /// `None` when nothing was put in.
    pub(super) fn some(self) -> Option<Json> {
        if self.0.is_empty() { None } else { Some(self.done()) }
    }

    pub(super) fn into_members(self) -> Vec<(String, Json)> {
        self.0
    }
}

impl From<Vec<(String, Json)>> for Object {
    fn from(members: Vec<(String, Json)>) -> Self {
        Object(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_numbers_stand_as_they_are() {
        let written = Object::default()
            .text("a\"", Some("\\ \u{1} å \"x\"\n"))
            .number("n", Some("1234567890.0100"))
            .flag("f", Some(false))
            .list("tom", [])
            .list("l", [Json::Null, Json::flag(true)])
            .done()
            .to_string();
        assert_eq!(
            written,
            r#"{"a\"":"\\ \u0001 å \"x\"\u000a","n":1234567890.0100,"f":false,"l":[null,true]}"#
        );
        let read: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(read["a\""], "\\ \u{1} å \"x\"\n");
    }
}
