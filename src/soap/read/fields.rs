//! Lookups inside one element of the contract, by name, with every flaw noted under the element's path.

use ssbtek_domain::Period;
use ssbtek_xml::Element;

use crate::{
    flaws::{Flaw, Flaws},
    lexical,
};

/// One element and the path its children are named by in faults.
pub(super) struct Fields<'a> {
    element: &'a Element,
    namespace: &'static str,
    path: String,
}

impl<'a> Fields<'a> {
    pub(super) fn new(element: &'a Element, namespace: &'static str, path: &str) -> Self {
        Self { element, namespace, path: path.to_owned() }
    }

    /// A child of this element, with a path of its own.
    pub(super) fn inside(&self, element: &'a Element, path: &str) -> Fields<'a> {
        Fields::new(element, self.namespace, path)
    }

    /// The element itself.
    pub(super) fn element(&self) -> &'a Element {
        self.element
    }

    /// The path of a child in faults: `ingivare/namn`.
    pub(super) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}/{name}", self.path) }
    }

    /// Notes children that the contract does not have here, and those of `once` that come more often.
    pub(super) fn only(&self, once: &[&str], many: &[&str], flaws: &mut Flaws) {
        let unknown = |child: &Element| !once.iter().chain(many).any(|name| child.name() == *name);
        if self.element.elements().iter().any(unknown) {
            let path = if self.path.is_empty() { "hamtaBastjanstInformation" } else { &self.path };
            flaws.add(path, Flaw::unexpected("har ett element som avtalet inte har på den platsen"));
        }
        for name in once {
            if self.element.children_named(name).count() > 1 {
                flaws.add(&self.path_of(name), Flaw::unexpected("får förekomma högst en gång"));
            }
        }
        let strays =
            |name: &&&str| self.element.children_named(name).any(|child| !child.is(self.namespace, name));
        for name in once.iter().chain(many).filter(strays) {
            flaws.add(&self.path_of(name), Flaw::unexpected("har en annan namnrymd än frågan"));
        }
    }

    /// A child, unless absent or nil.
    pub(super) fn child(&self, name: &str) -> Option<&'a Element> {
        self.element.child(self.namespace, name).filter(|child| !child.is_nil())
    }

    /// All children of a name.
    pub(super) fn children(&self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.element.children(self.namespace, name)
    }

    /// A required child with children of its own, which `path` will stand before in faults.
    pub(super) fn group(&self, name: &str, path: &str, flaws: &mut Flaws) -> Option<Fields<'a>> {
        let child = self.child(name);
        if child.is_none() && self.element.child_named(name).is_none_or(Element::is_nil) {
            flaws.missing(&self.path_of(name));
        }
        child.map(|element| Fields::new(element, self.namespace, path))
    }

    /// The trimmed text of a child; `None` if absent, nil or empty. A text with elements inside is a flaw.
    pub(super) fn optional_text(&self, name: &str, flaws: &mut Flaws) -> Option<&'a str> {
        let child = self.child(name)?;
        if !child.elements().is_empty() {
            flaws.add(&self.path_of(name), Flaw::unexpected("ska ha text och inga element"));
            return None;
        }
        child.value()
    }

    /// The trimmed text of a required child.
    pub(super) fn text(&self, name: &str, flaws: &mut Flaws) -> Option<&'a str> {
        match self.element.child_named(name) {
            None => flaws.missing(&self.path_of(name)),
            Some(child) if child.trimmed().is_empty() && child.elements().is_empty() => {
                flaws.add(&self.path_of(name), Flaw::invalid("får inte vara tomt"));
            }
            Some(_) => {}
        }
        self.optional_text(name, flaws)
    }

    /// A required child read with `read`.
    pub(super) fn read<T, E: Into<Flaw>>(
        &self,
        name: &str,
        flaws: &mut Flaws,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(name, flaws)?;
        flaws.take(&self.path_of(name), read(text))
    }

    /// A required boolean.
    pub(super) fn boolean(&self, name: &str, flaws: &mut Flaws) -> Option<bool> {
        self.read(name, flaws, |text| lexical::boolean(text).ok_or_else(not_boolean))
    }

    /// `tidsperiod` with its two days.
    pub(super) fn period(&self, flaws: &mut Flaws) -> Option<Period> {
        self.only(&["fromDatum", "tomDatum"], &[], flaws);
        let date =
            |text: &str| lexical::date(text).ok_or_else(|| Flaw::invalid("ska vara ett datum, ÅÅÅÅ-MM-DD"));
        let from = self.read("fromDatum", flaws, date);
        let to = self.read("tomDatum", flaws, date);
        flaws.take(&self.path, Period::new(from?, to?))
    }
}

/// What is wrong with a boolean that is none.
pub(super) fn not_boolean() -> Flaw {
    Flaw::invalid("ska vara true, false, 1 eller 0")
}

/// A text that is not empty, at most `max` characters and free of control characters.
pub(super) fn bounded(text: &str, max: usize) -> Result<String, Flaw> {
    if text.chars().count() > max {
        return Err(Flaw::invalid(format!("får ha högst {max} tecken")));
    }
    if text.chars().any(char::is_control) {
        return Err(Flaw::invalid("får inte ha styrtecken"));
    }
    Ok(text.to_owned())
}
