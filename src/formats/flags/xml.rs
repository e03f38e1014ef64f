//! Flags in XML, and in what is nearly XML: cut off, with tags that nothing ends, with a DOCTYPE. Nothing in it is expanded or
//! fetched, and what follows a fault is read on.

use super::{Found, members::Walk, words::letters};

pub(super) fn read(text: &str, inside: u8) -> usize {
    let mut reader = Reader { rest: text, walk: Walk::new(), open: Vec::new(), inside, cut: false };
    while reader.step() {}
    reader.end()
}

struct Reader<'t> {
    rest: &'t str,
    walk: Walk,
    open: Vec<Open>,
    inside: u8,
    /// The document ends within a text.
    cut: bool,
}

/// An element whose end has not come.
struct Open {
    /// With its prefix.
    name: String,
    text: String,
    /// Whether anything stands in it beside text.
    has_members: bool,
}

impl<'t> Reader<'t> {
    fn step(&mut self) -> bool {
        let (text, rest) = self.rest.split_at(self.rest.find('<').unwrap_or(self.rest.len()));
        self.text(&plain(text));
        let Some(markup) = rest.strip_prefix('<') else {
            self.cut = !text.trim().is_empty();
            return false;
        };
        if let Some(comment) = markup.strip_prefix("!--") {
            self.rest = after(comment, "-->").1;
        } else if let Some(section) = markup.strip_prefix("![CDATA[") {
            let (text, rest) = after(section, "]]>");
            self.text(text);
            self.rest = rest;
        } else if let Some(instruction) = markup.strip_prefix('?') {
            self.rest = after(instruction, "?>").1;
        } else if let Some(declared) = markup.strip_prefix('!') {
            let subset = declared.find('[').filter(|at| declared.find('>').is_some_and(|end| *at < end));
            let end = if subset.is_some() { "]" } else { ">" };
            self.rest = after(declared, end).1;
            // What follows a subset.
            self.rest = if subset.is_some() { after(self.rest, ">").1 } else { self.rest };
        } else if let Some(end) = markup.strip_prefix('/') {
            let (name, rest) = after(end, ">");
            self.rest = rest;
            self.close(name.trim());
        } else {
            self.tag(markup);
        }
        true
    }

    fn tag(&mut self, markup: &'t str) {
        let end = markup.find(|c: char| c.is_whitespace() || c == '>' || c == '/');
        let (name, mut rest) = markup.split_at(end.unwrap_or(markup.len()));
        if let Some(parent) = self.open.last_mut() {
            parent.has_members = true;
        }
        self.open.push(Open { name: name.to_owned(), text: String::new(), has_members: false });
        self.walk.open(local(name).to_owned(), false);
        loop {
            rest = rest.trim_start();
            match rest.chars().next() {
                None => break,
                Some('>') => {
                    rest = rest.strip_prefix('>').unwrap_or(rest);
                    break;
                }
                Some('/') => {
                    rest = rest.strip_prefix('/').unwrap_or(rest);
                    if let Some(next) = rest.strip_prefix('>') {
                        self.rest = next;
                        self.close(name);
                        return;
                    }
                }
                Some(_) => rest = self.attribute(rest),
            }
        }
        self.rest = rest;
    }

    fn attribute(&mut self, tag: &'t str) -> &'t str {
        let end = tag.find(|c: char| c.is_whitespace() || "=>/".contains(c)).unwrap_or(tag.len());
        // A sign that belongs nowhere is passed over.
        let (name, rest) = tag.split_at(end.max(tag.chars().next().map_or(0, char::len_utf8)));
        let Some(value) = rest.trim_start().strip_prefix('=').map(str::trim_start) else { return rest };
        let quote = value.chars().next().filter(|sign| matches!(sign, '"' | '\''));
        let (value, rest, whole) = match quote {
            Some(quote) => {
                let value = value.get(1..).unwrap_or_default();
                let (text, rest) = after(value, if quote == '"' { "\"" } else { "'" });
                (text, rest, text.len() < value.len())
            }
            None => {
                let end = value.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(value.len());
                let (text, rest) = value.split_at(end);
                (text, rest, !rest.is_empty())
            }
        };
        if !is_about_xml(name) {
            let found = Found::text(&plain(value), self.inside);
            self.walk.value(local(name), if whole { found } else { found.cut() });
            if let Some(element) = self.open.last_mut() {
                element.has_members = true;
            }
        }
        rest
    }

    fn text(&mut self, text: &str) {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => self.walk.value("", Found::text(text, self.inside)),
        }
    }

    /// Ends the innermost element of that name, and with it what is still open in it; none, if there is none.
    fn close(&mut self, name: &str) {
        let Some(at) = self.open.iter().rposition(|element| element.name == name) else { return };
        while self.open.len() > at {
            self.close_one(true);
        }
    }

    fn close_one(&mut self, whole: bool) {
        let Some(element) = self.open.pop() else { return };
        let text = element.text.trim();
        let name = letters(local(&element.name));
        // `<true/>` stands where others write a text.
        let text = if text.is_empty() && !element.has_members && is_word(&name) { &name } else { text };
        let found = Found::text(text, self.inside);
        let found = if whole { found } else { found.cut() };
        if !element.has_members {
            self.walk.close_as(found);
            return;
        }
        if !text.is_empty() {
            self.walk.value("", found);
        }
        self.walk.close();
    }

    /// What is still open ends here; a text that nothing ended is cut off.
    fn end(mut self) -> usize {
        let mut whole = !self.cut;
        while !self.open.is_empty() {
            self.close_one(whole);
            whole = true;
        }
        self.walk.end()
    }
}

/// What stands before a sign, and what after it; all of it where there is none.
fn after<'t>(text: &'t str, sign: &str) -> (&'t str, &'t str) {
    text.split_once(sign).unwrap_or((text, ""))
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Attributes that say nothing of what the element says.
fn is_about_xml(name: &str) -> bool {
    name == "xmlns"
        || name.starts_with("xmlns:")
        || matches!(local(name), "nil" | "schemaLocation" | "noNamespaceSchemaLocation")
        || (name.contains(':') && local(name) == "type")
}

fn is_word(name: &str) -> bool {
    matches!(name, "true" | "false" | "ja" | "nej" | "yes" | "no")
}

/// Text with the five entities that XML knows, and with signs by number. Others stay as they are.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, reference)) = rest.split_once('&') {
        plain.push_str(before);
        let known = reference.split_once(';').and_then(|(name, after)| Some((sign(name)?, after)));
        rest = match known {
            Some((sign, after)) => {
                plain.push(sign);
                after
            }
            None => {
                plain.push('&');
                reference
            }
        };
    }
    plain.push_str(rest);
    plain
}

fn sign(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            code.ok().and_then(char::from_u32)
        }
    }
}
