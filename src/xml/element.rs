//! The tree that a reader walks.

use std::{fmt, mem, ops::Range, sync::Arc};

use crate::names::is_xml_space;

/// An attribute. Namespace declarations are not attributes.
#[derive(Clone, PartialEq, Eq)]
pub struct Attribute {
    pub(crate) namespace: Option<Arc<str>>,
    pub(crate) name: Arc<str>,
    pub(crate) value: String,
}

impl Attribute {
    /// The namespace of a prefixed attribute.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The name without prefix.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value, references resolved.
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// Namespace declarations of one element and those around it.
pub(crate) struct Scope {
    pub(crate) outer: Option<Arc<Scope>>,
    /// Prefix (empty for the default namespace) and namespace (empty to undeclare).
    pub(crate) declared: Vec<(Arc<str>, Arc<str>)>,
    /// Declarations here and around.
    pub(crate) total: usize,
}

/// An element. All lookups by name go to direct children; those that end in `_named` ignore the namespace, for readers
/// that must be lenient. Lookups by namespace take `""` for "no namespace".
pub struct Element {
    pub(crate) namespace: Option<Arc<str>>,
    pub(crate) name: Arc<str>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) children: Vec<Element>,
    pub(crate) text: String,
    pub(crate) range: Range<usize>,
    pub(crate) scope: Option<Arc<Scope>>,
    /// Whether `scope` is declared on this element itself.
    pub(crate) declares: bool,
}

impl Element {
    /// The namespace, `None` when in none.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The name without prefix.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the element has that namespace (`""` for none) and that name.
    pub fn is(&self, namespace: &str, name: &str) -> bool {
        self.name() == name && self.namespace().unwrap_or_default() == namespace
    }

    /// Character data directly inside this element, pieces around children run together; references resolved.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// As [`Element::text`], without surrounding white space.
    pub fn trimmed(&self) -> &str {
        self.text.trim_matches(is_xml_space)
    }

    /// All attributes, in the order of the document.
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The value of the attribute without namespace and with that name.
    pub fn attr(&self, name: &str) -> Option<&str> {
        self.attr_in("", name)
    }

    /// The value of the attribute with that namespace (`""` for none) and name.
    pub fn attr_in(&self, namespace: &str, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|a| a.name() == name && a.namespace().unwrap_or_default() == namespace)
            .map(Attribute::value)
    }

    /// Whether the element says `xsi:nil="true"`.
    pub fn is_nil(&self) -> bool {
        matches!(self.attr_in(crate::XSI, "nil").map(str::trim), Some("true" | "1"))
    }

    /// All child elements, in the order of the document.
    pub fn elements(&self) -> &[Element] {
        &self.children
    }

    /// The first child with that namespace and name.
    pub fn child(&self, namespace: &str, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.is(namespace, name))
    }

    /// All children with that namespace and name.
    pub fn children<'a>(&'a self, namespace: &'a str, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.is(namespace, name))
    }

    /// The first child with that name, whatever its namespace.
    pub fn child_named(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name() == name)
    }

    /// All children with that name, whatever their namespace.
    pub fn children_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name() == name)
    }

    /// The trimmed text of the first child with that namespace and name; `None` if absent, nil or empty.
    pub fn child_text(&self, namespace: &str, name: &str) -> Option<&str> {
        self.child(namespace, name).and_then(Element::value)
    }

    /// As [`Element::child_text`], whatever the child's namespace.
    pub fn child_text_named(&self, name: &str) -> Option<&str> {
        self.child_named(name).and_then(Element::value)
    }

    /// The trimmed text; `None` if the element is nil or has none.
    pub fn value(&self) -> Option<&str> {
        Some(self.trimmed()).filter(|text| !text.is_empty() && !self.is_nil())
    }

    /// Where the element, tags included, stands in [`crate::Document::text`]; for UTF-8 input without a byte order
    /// mark, that is also where it stands in the input.
    pub fn raw_range(&self) -> Range<usize> {
        self.range.clone()
    }
}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element(redacted, {} children)", self.children.len())
    }
}

impl fmt::Debug for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attribute(redacted)")
    }
}

/// Takes the tree apart level by level: the derived drop would recurse, and a deep document would end the process.
impl Drop for Element {
    fn drop(&mut self) {
        let mut waiting = mem::take(&mut self.children);
        while let Some(mut element) = waiting.pop() {
            waiting.append(&mut element.children);
        }
    }
}
