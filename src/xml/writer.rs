//! Well-formed XML out.

use std::mem;

use crate::{Element, XmlError, names::is_qname, names::is_xml_char};

/// Writes XML as UTF-8 text, escaped. Names are given as they shall stand, with prefix; the prefixes are declared with
/// [`Writer::namespace`]. Characters that XML cannot carry become U+FFFD.
///
/// ```
/// # use ssbtek_xml::Writer;
/// let xml = Writer::new().open("a:x").namespace("a", "urn:a").element_with_text("a:y", "1 < 2").finish();
/// assert_eq!(xml, r#"<a:x xmlns:a="urn:a"><a:y>1 &lt; 2</a:y></a:x>"#);
/// ```
#[derive(Default)]
pub struct Writer {
    out: String,
    open: Vec<String>,
    /// The last start tag still lacks its `>`.
    in_tag: bool,
}

impl Writer {
    /// An empty document without XML declaration.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty document that begins with an XML declaration for UTF-8.
    pub fn with_declaration() -> Self {
        Self { out: r#"<?xml version="1.0" encoding="UTF-8"?>"#.to_owned(), ..Self::default() }
    }

    /// Starts an element inside the one that is open.
    pub fn open(&mut self, name: &str) -> &mut Self {
        debug_assert!(is_qname(name), "element names are fixed texts of our own");
        self.end_tag();
        self.out.push('<');
        self.out.push_str(name);
        self.open.push(name.to_owned());
        self.in_tag = true;
        self
    }

    /// Declares a namespace on the element just opened; the empty prefix stands for the default namespace.
    pub fn namespace(&mut self, prefix: &str, namespace: &str) -> &mut Self {
        debug_assert!(self.in_tag, "a namespace is declared before any content");
        Self::declaration(&mut self.out, prefix, namespace);
        self
    }

    /// An attribute of the element just opened.
    pub fn attribute(&mut self, name: &str, value: &str) -> &mut Self {
        debug_assert!(self.in_tag && is_qname(name), "an attribute is written before any content");
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(&mut self.out, value, true);
        self.out.push('"');
        self
    }

    /// Character data.
    pub fn text(&mut self, text: &str) -> &mut Self {
        if !text.is_empty() {
            self.end_tag();
            escape(&mut self.out, text, false);
        }
        self
    }

    /// Ends the innermost open element.
    pub fn close(&mut self) -> &mut Self {
        if let Some(name) = self.open.pop() {
            if mem::take(&mut self.in_tag) {
                self.out.push_str("/>");
            } else {
                self.out.push_str("</");
                self.out.push_str(&name);
                self.out.push('>');
            }
        }
        self
    }

    /// An element that holds only text.
    pub fn element_with_text(&mut self, name: &str, text: &str) -> &mut Self {
        self.open(name).text(text).close()
    }

    /// An element that holds only text, or nothing at all for `None`.
    pub fn optional(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.element_with_text(name, text),
            None => self,
        }
    }

    /// Whatever `content` writes, in the same chain.
    pub fn with(&mut self, content: impl FnOnce(&mut Self)) -> &mut Self {
        content(self);
        self
    }

    /// An element as it stands, such as [`crate::Document::standalone`] gives it. The caller answers for its form.
    pub fn raw(&mut self, xml: &str) -> &mut Self {
        self.end_tag();
        self.out.push_str(xml);
        self
    }

    /// As [`Writer::raw`], for an element from elsewhere: it is parsed first, and refused if it is not well-formed.
    pub fn checked(&mut self, xml: &str, limits: &crate::Limits) -> Result<&mut Self, XmlError> {
        crate::parse_str(xml, limits)?;
        Ok(self.raw(xml))
    }

    /// A parsed element, written anew with namespaces as default declarations. Text around children is left out.
    pub fn tree(&mut self, element: &Element) -> &mut Self {
        self.tree_inside(element, "")
    }

    /// Ends everything that is open and hands out the document.
    pub fn finish(&mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        mem::take(&mut self.out)
    }

    fn tree_inside(&mut self, element: &Element, default: &str) -> &mut Self {
        let namespace = element.namespace().unwrap_or_default();
        self.open(element.name());
        if namespace != default {
            self.namespace("", namespace);
        }
        for (i, attribute) in element.attributes().iter().enumerate() {
            match attribute.namespace() {
                None => self.attribute(attribute.name(), attribute.value()),
                Some("http://www.w3.org/XML/1998/namespace") => {
                    self.attribute(&format!("xml:{}", attribute.name()), attribute.value())
                }
                Some(namespace) => self
                    .namespace(&format!("n{i}"), namespace)
                    .attribute(&format!("n{i}:{}", attribute.name()), attribute.value()),
            };
        }
        if element.elements().is_empty() {
            self.text(element.text());
        }
        for child in element.elements() {
            self.tree_inside(child, namespace);
        }
        self.close()
    }

    fn end_tag(&mut self) {
        if mem::take(&mut self.in_tag) {
            self.out.push('>');
        }
    }

    /// ` xmlns:prefix="namespace"`.
    pub(crate) fn declaration(out: &mut String, prefix: &str, namespace: &str) {
        out.push_str(" xmlns");
        if !prefix.is_empty() {
            out.push(':');
            out.push_str(prefix);
        }
        out.push_str("=\"");
        escape(out, namespace, true);
        out.push('"');
    }
}

/// White space in attributes and any carriage return would be normalized away by the reader: written as references.
fn escape(out: &mut String, text: &str, attribute: bool) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if attribute => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\n' if attribute => out.push_str("&#10;"),
            '\t' if attribute => out.push_str("&#9;"),
            c if is_xml_char(c) => out.push(c),
            _ => out.push('\u{FFFD}'),
        }
    }
}
