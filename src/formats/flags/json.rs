//! Flags in JSON, and in what is nearly JSON: cut off, with two values for a name, with signs that do not belong there. What follows
//! a fault is read on.

use super::{Found, members::Walk};

pub(super) fn read(text: &str, inside: u8) -> usize {
    let mut reader = Reader { rest: text, walk: Walk::new(), name: None, inside };
    while reader.step() {}
    reader.walk.end()
}

struct Reader<'t> {
    rest: &'t str,
    walk: Walk,
    /// Of the value that comes next.
    name: Option<String>,
    inside: u8,
}

impl Reader<'_> {
    fn step(&mut self) -> bool {
        self.rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == ':' || c == '=');
        let Some(next) = self.rest.chars().next() else { return false };
        match next {
            '{' | '[' => {
                let name = self.name.take().unwrap_or_default();
                self.walk.open(name, next == '[');
                self.skip(next);
            }
            '}' | ']' => {
                self.name = None;
                self.walk.close();
                self.skip(next);
            }
            ',' | ';' | '&' => {
                self.name = None;
                self.skip(next);
            }
            '"' | '\'' => {
                self.skip(next);
                let (text, whole) = self.quoted(next);
                self.told(text, whole);
            }
            _ => {
                let end = self.rest.find(|c: char| c.is_whitespace() || ",;&:={}[]\"".contains(c));
                let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
                let (word, whole) = (word.to_owned(), !rest.is_empty() || self.walk.depth() == 0);
                self.rest = rest;
                self.told(word, whole);
            }
        }
        true
    }

    fn skip(&mut self, sign: char) {
        self.rest = self.rest.strip_prefix(sign).unwrap_or(self.rest);
    }

    /// A text up to its end, and whether it has one.
    fn quoted(&mut self, quote: char) -> (String, bool) {
        let mut text = String::new();
        let mut signs = self.rest.char_indices();
        while let Some((at, sign)) = signs.next() {
            if sign == quote {
                self.rest = self.rest.get(at + 1..).unwrap_or_default();
                return (text, true);
            }
            if sign != '\\' {
                text.push(sign);
                continue;
            }
            match signs.next().map(|(_, escaped)| escaped) {
                Some('u') => {
                    let unit = |signs: &mut std::str::CharIndices<'_>| {
                        let digits: String = signs.by_ref().take(4).map(|(_, digit)| digit).collect();
                        u16::from_str_radix(&digits, 16).ok()
                    };
                    let first = unit(&mut signs).unwrap_or_default();
                    let mut units = vec![first];
                    if (0xd800..0xdc00).contains(&first) && signs.as_str().starts_with("\\u") {
                        signs.nth(1);
                        units.extend(unit(&mut signs));
                    }
                    text.extend(char::decode_utf16(units).map(|read| read.unwrap_or('\u{fffd}')));
                }
                Some('n' | 'r' | 't' | 'b' | 'f') => text.push(' '),
                Some(escaped) => text.push(escaped),
                None => {}
            }
        }
        self.rest = "";
        (text, false)
    }

    /// The name of what comes next, or a value. One that is cut off says neither yes nor no, but its words may tell.
    fn told(&mut self, text: String, whole: bool) {
        let names = self.rest.trim_start().starts_with([':', '=']) && self.name.is_none();
        if names {
            self.name = Some(text);
            return;
        }
        let found = Found::text(&text, self.inside);
        let name = self.name.take().unwrap_or_default();
        self.walk.value(&name, if whole { found } else { found.cut() });
    }
}
