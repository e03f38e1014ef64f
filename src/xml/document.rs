//! A parsed document together with its own text.

use std::borrow::Cow;

use crate::{Element, Limits, Writer, XmlError, decode::decode, parse::read};

/// A parsed document together with its text, for relaying a part of it unchanged.
pub struct Document<'a> {
    text: Cow<'a, str>,
    root: Element,
}

impl<'a> Document<'a> {
    /// As [`crate::parse`], but keeps the text.
    pub fn parse(bytes: &'a [u8], limits: &Limits) -> Result<Self, XmlError> {
        if bytes.len() > limits.max_bytes {
            return Err(XmlError::TooManyBytes);
        }
        let (text, encoding) = decode(bytes)?;
        let root = read(&text, Some(encoding), limits)?;
        Ok(Self { text, root })
    }

    /// The document element.
    pub fn root(&self) -> &Element {
        &self.root
    }

    pub(crate) fn into_root(self) -> Element {
        self.root
    }

    /// The whole document as UTF-8, without byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The element exactly as it came, tags included. `element` must be of this document.
    pub fn raw(&self, element: &Element) -> &str {
        self.text.get(element.raw_range()).unwrap_or_default()
    }

    /// The element as it came, as a document of its own: namespace declarations that it inherits are added to its start
    /// tag, everything else is untouched. `element` must be of this document.
    pub fn standalone(&self, element: &Element) -> String {
        let raw = self.raw(element);
        let name_end = raw.find(['>', '/', ' ', '\t', '\r', '\n']).unwrap_or(raw.len());
        let (head, tail) = raw.split_at(name_end);
        let mut out = head.to_owned();
        for (prefix, namespace) in inherited(element) {
            Writer::declaration(&mut out, prefix, namespace);
        }
        out + tail
    }
}

/// The innermost outer declaration of each prefix that the element does not declare itself.
fn inherited(element: &Element) -> Vec<(&str, &str)> {
    let mut seen: Vec<(&str, &str)> = vec![];
    let mut next = element.scope.as_deref();
    let mut own = element.declares;
    let mut declared_here = vec![];
    while let Some(scope) = next {
        for (prefix, namespace) in &scope.declared {
            if own {
                declared_here.push(&**prefix);
            } else if !declared_here.contains(&&**prefix)
                && !seen.iter().any(|(known, _)| *known == &**prefix)
            {
                seen.push((prefix, namespace));
            }
        }
        own = false;
        next = scope.outer.as_deref();
    }
    // An undeclared default namespace is what a document of its own starts with anyway.
    seen.retain(|(_, namespace)| !namespace.is_empty());
    seen
}
