//! Text → tree, within limits. Iterative: depth costs memory, never stack.

use std::{collections::HashSet, ops::Range, sync::Arc};

use quick_xml::{
    Error, Reader, XmlVersion,
    errors::SyntaxError,
    escape::resolve_xml_entity,
    events::{BytesDecl, BytesRef, BytesStart, Event},
};

use crate::{
    Attribute, Document, Element, Limits, XmlError,
    decode::Encoding,
    element::Scope,
    names::{is_ncname, is_qname, is_xml_char, is_xml_space, only_xml_chars},
};

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// Reads a whole document from bytes: UTF-8, UTF-16 or, where it says so, ISO-8859-1.
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Element, XmlError> {
    Document::parse(bytes, limits).map(|document| document.into_root())
}

/// Reads a document that came inside another one, as a string. What it declares as its encoding says nothing then.
pub fn parse_str(text: &str, limits: &Limits) -> Result<Element, XmlError> {
    read(text.strip_prefix('\u{FEFF}').unwrap_or(text), None, limits)
}

/// Reads decoded text; `encoding` is what the declaration must agree with.
pub(crate) fn read(text: &str, encoding: Option<Encoding>, limits: &Limits) -> Result<Element, XmlError> {
    if text.len() > limits.max_bytes.saturating_mul(2) {
        return Err(XmlError::TooManyBytes);
    }
    if !only_xml_chars(text) {
        return Err(XmlError::Malformed);
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().enable_all_checks(true);
    let mut tree = Tree::new(limits);
    loop {
        let start = reader.buffer_position() as usize;
        let event = reader.read_event().map_err(fixed)?;
        let range = start..reader.buffer_position() as usize;
        match event {
            Event::Start(tag) => tree.start(&tag, range)?,
            Event::Empty(tag) => {
                tree.start(&tag, range.clone())?;
                tree.end(range.end)?;
            }
            Event::End(_) => tree.end(range.end)?,
            Event::Text(piece) if piece.contains("]]>") => return Err(XmlError::Malformed),
            Event::Text(piece) => tree.text(&piece.xml10_content())?,
            Event::CData(piece) => tree.cdata(&piece.xml10_content())?,
            Event::GeneralRef(reference) => tree.reference(&reference)?,
            Event::Decl(declaration) if start == 0 => check_declaration(&declaration, encoding)?,
            Event::Decl(_) => return Err(XmlError::Malformed),
            Event::Comment(_) => {}
            Event::PI(_) if limits.skips_instructions => {}
            Event::PI(_) => return Err(XmlError::ProcessingInstruction),
            Event::DocType(_) => return Err(XmlError::Doctype),
            Event::Eof => return tree.finish(),
        }
    }
}

/// The reader's own errors can quote the document; ours cannot.
fn fixed(error: Error) -> XmlError {
    match error {
        Error::Syntax(SyntaxError::UnclosedDoctype) => XmlError::Doctype,
        Error::Encoding(_) => XmlError::Encoding,
        Error::Escape(_) => XmlError::Entity,
        _ => XmlError::Malformed,
    }
}

fn check_declaration(declaration: &BytesDecl<'_>, encoding: Option<Encoding>) -> Result<(), XmlError> {
    if declaration.version().map_err(fixed)? != "1.0" {
        return Err(XmlError::Malformed);
    }
    let (Some(encoding), Some(declared)) = (encoding, declaration.encoding()) else { return Ok(()) };
    let declared = declared.map_err(|_| XmlError::Malformed)?;
    if encoding.may_be_called(&declared) { Ok(()) } else { Err(XmlError::Encoding) }
}

struct Tree<'l> {
    limits: &'l Limits,
    nodes: usize,
    /// Each name once, however often it is used.
    names: HashSet<Arc<str>>,
    xml: Arc<str>,
    open: Vec<Element>,
    root: Option<Element>,
}

impl<'l> Tree<'l> {
    fn new(limits: &'l Limits) -> Self {
        Self { limits, nodes: 0, names: HashSet::new(), xml: XML.into(), open: vec![], root: None }
    }

    fn start(&mut self, tag: &BytesStart<'_>, range: Range<usize>) -> Result<(), XmlError> {
        if self.root.is_some() {
            return Err(XmlError::Malformed);
        }
        if self.open.len() >= self.limits.max_depth {
            return Err(XmlError::TooDeep);
        }
        self.count(1)?;
        let (declared, plain) = self.split_attributes(tag)?;
        let declares = !declared.is_empty();
        let scope = self.scope(declared)?;
        let name = tag.name();
        let name = name.as_ref();
        if !is_qname(name) {
            return Err(XmlError::Malformed);
        }
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let namespace = self.resolve(prefix, scope.as_deref())?;
        let name = self.intern(local);
        let attributes = self.attributes(plain, scope.as_deref())?;
        self.open.push(Element {
            namespace,
            name,
            attributes,
            children: vec![],
            text: String::new(),
            range,
            scope,
            declares,
        });
        Ok(())
    }

    fn end(&mut self, at: usize) -> Result<(), XmlError> {
        let mut element = self.open.pop().ok_or(XmlError::Malformed)?;
        element.range.end = at;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, piece: &str) -> Result<(), XmlError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(piece),
            None if piece.chars().all(is_xml_space) => {}
            None => return Err(XmlError::Malformed),
        }
        Ok(())
    }

    fn cdata(&mut self, piece: &str) -> Result<(), XmlError> {
        self.open.last_mut().ok_or(XmlError::Malformed)?.text.push_str(piece);
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), XmlError> {
        let text = &mut self.open.last_mut().ok_or(XmlError::Malformed)?.text;
        match reference.resolve_char_ref().map_err(|_| XmlError::Entity)? {
            Some(c) if is_xml_char(c) => text.push(c),
            Some(_) => return Err(XmlError::Entity),
            None => text.push_str(resolve_xml_entity(reference).ok_or(XmlError::Entity)?),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, XmlError> {
        if self.open.is_empty() { self.root.ok_or(XmlError::Malformed) } else { Err(XmlError::Malformed) }
    }

    fn count(&mut self, nodes: usize) -> Result<(), XmlError> {
        self.nodes += nodes;
        if self.nodes > self.limits.max_nodes { Err(XmlError::TooManyNodes) } else { Ok(()) }
    }

    /// Namespace declarations (prefix, namespace) and plain attributes (name as written, value).
    #[expect(clippy::type_complexity, reason = "two lists of pairs, taken apart at once by the only caller")]
    fn split_attributes(
        &mut self,
        tag: &BytesStart<'_>,
    ) -> Result<(Vec<(Arc<str>, Arc<str>)>, Vec<(String, String)>), XmlError> {
        let (mut declared, mut plain) = (vec![], vec![]);
        // The reader's own check for doubles is quadratic without bound; ours comes after the count.
        for (i, attribute) in tag.attributes().with_checks(false).enumerate() {
            if i >= self.limits.max_attributes_per_element {
                return Err(XmlError::TooManyAttributes);
            }
            self.count(1)?;
            let attribute = attribute.map_err(|_| XmlError::Malformed)?;
            if attribute.value.contains('<') {
                return Err(XmlError::Malformed);
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(fixed)?;
            // A reference can name a character that XML does not allow.
            if !only_xml_chars(&value) {
                return Err(XmlError::Entity);
            }
            match attribute.key.0 {
                "xmlns" => declared.push((self.intern(""), self.intern(&value))),
                name => match name.strip_prefix("xmlns:") {
                    Some(prefix) => declared.push((self.intern(prefix), self.intern(&value))),
                    None => plain.push((name.to_owned(), value.into_owned())),
                },
            }
        }
        Ok((declared, plain))
    }

    /// The scope inside the element about to open: its own declarations before those around it.
    fn scope(&self, declared: Vec<(Arc<str>, Arc<str>)>) -> Result<Option<Arc<Scope>>, XmlError> {
        let outer = self.open.last().and_then(|parent| parent.scope.clone());
        if declared.is_empty() {
            return Ok(outer);
        }
        for (i, (prefix, namespace)) in declared.iter().enumerate() {
            let reserved = matches!(&**prefix, "xml" | "xmlns") || matches!(&**namespace, XML | XMLNS);
            let own_xml = &**prefix == "xml" && &**namespace == XML;
            let named = prefix.is_empty() || is_ncname(prefix) && !namespace.is_empty();
            let double = declared.iter().take(i).any(|(other, _)| other == prefix);
            if double {
                return Err(XmlError::Malformed);
            }
            if !named || reserved && !own_xml {
                return Err(XmlError::Namespace);
            }
        }
        let total = declared.len() + outer.as_ref().map_or(0, |outer| outer.total);
        if total > self.limits.max_namespaces_in_scope {
            return Err(XmlError::TooManyNamespaces);
        }
        Ok(Some(Arc::new(Scope { outer, declared, total })))
    }

    fn resolve(&self, prefix: &str, scope: Option<&Scope>) -> Result<Option<Arc<str>>, XmlError> {
        if prefix == "xml" {
            return Ok(Some(self.xml.clone()));
        }
        let mut next = scope;
        while let Some(scope) = next {
            if let Some((_, namespace)) = scope.declared.iter().find(|(declared, _)| **declared == *prefix) {
                return Ok(Some(namespace.clone()).filter(|namespace| !namespace.is_empty()));
            }
            next = scope.outer.as_deref();
        }
        if prefix.is_empty() { Ok(None) } else { Err(XmlError::Namespace) }
    }

    fn attributes(
        &mut self,
        plain: Vec<(String, String)>,
        scope: Option<&Scope>,
    ) -> Result<Vec<Attribute>, XmlError> {
        let mut attributes: Vec<Attribute> = Vec::with_capacity(plain.len());
        for (written, value) in plain {
            if !is_qname(&written) {
                return Err(XmlError::Malformed);
            }
            let (namespace, local) = match written.split_once(':') {
                Some((prefix, local)) => (self.resolve(prefix, scope)?, local),
                None => (None, &*written),
            };
            let name = self.intern(local);
            if attributes.iter().any(|other| other.name == name && other.namespace == namespace) {
                return Err(XmlError::Malformed);
            }
            attributes.push(Attribute { namespace, name, value });
        }
        Ok(attributes)
    }

    fn intern(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.names.get(text) {
            return known.clone();
        }
        let text: Arc<str> = text.into();
        self.names.insert(text.clone());
        text
    }
}
