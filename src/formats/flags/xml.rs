//! Counting flags in XML.

use ssbtek_xml::{Element, Limits};

use super::{Found, Members};

/// `None`: no XML.
pub(super) fn read(bytes: &[u8], inside: u8) -> Option<Found> {
    let root = ssbtek_xml::parse(bytes, &Limits::default()).ok()?;
    // The root has a name too.
    let mut document = Members::default();
    document.add(root.name(), element(&root, inside));
    Some(document.done())
}

fn element(of: &Element, inside: u8) -> Found {
    let mut members = Members::default();
    for attribute in of.attributes() {
        members.add(attribute.name(), Found::text(attribute.value(), inside));
    }
    for child in of.elements() {
        members.add(child.name(), element(child, inside));
    }
    let text = of.trimmed();
    if members.is_empty() {
        return if text.is_empty() { Found::default() } else { Found::text(text, inside) };
    }
    if !text.is_empty() {
        members.add("", Found::text(text, inside));
    }
    members.done()
}
