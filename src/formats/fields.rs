//! Typed reading of one element's children, as far as they go: what is missing, malformed or unknown is noted by its name, and
//! reading goes on. Who an answer is about, and what could turn a failure into "nothing there", is for each reader to be strict
//! about.

mod space;
#[cfg(test)]
mod tests;
mod value;

use std::cell::RefCell;

use ssbtek_domain::{Amount, NaiveDate, Note, Period};
use ssbtek_xml::{Attribute, Element};

use crate::{
    failure,
    notes::Notes,
    unknown::{self, Around, Records, Within},
    who::Named,
};

use self::value::{
    any_within, int, is_amount, is_record, names, says_anything, says_more_than_a_text, texts,
};
pub(crate) use self::{
    space::Space,
    value::{boolean, date},
};

/// The children of one element.
///
/// What the contract has and is not there may stand there by another name. So where an unknown sibling is what the absent one could be,
/// nothing has said that it is not there, and the answer is one in part.
pub(crate) struct Fields<'a> {
    element: &'a Element,
    space: Space,
    place: &'static str,
    known: Vec<&'static str>,
    /// Of these, what the reader has asked for.
    asked: RefCell<Vec<&'static str>>,
    /// Children that say something, and that the contract does not have.
    unknown: Vec<&'a Element>,
    /// The same of attributes.
    unknown_attributes: Vec<&'a Attribute>,
    notes: &'a Notes,
}

impl<'a> Fields<'a> {
    /// The children of an element whose contract has `known` names in `space`; attributes are known by `@` and their name. `place`
    /// names the element in notes. A known child that the reader does not ask for is lost.
    pub(crate) fn of(
        element: &'a Element,
        space: Space,
        known: &[&'static str],
        place: &'static str,
        notes: &'a Notes,
    ) -> Self {
        let holds_lists =
            element.elements().iter().any(|child| known.contains(&child.name()) && is_record(child));
        let within = match known.iter().filter(|name| !name.starts_with('@')).count() {
            1 => Within::List,
            _ if holds_lists => Within::Lists,
            _ => Within::Record,
        };
        let count = || Records::in_element(element);
        let around = Around::new(within, &count);
        notes.knows(known);
        // A list that says that it is not there, and is.
        notes.lose_if(
            element.is_nil() && (!element.trimmed().is_empty() || says_more_than_a_text(element)),
            place,
        );
        let mut unknown = vec![];
        for child in element.elements() {
            if !known.contains(&child.name()) {
                notes.add(Note::PassedOver(place));
                if says_anything(child) {
                    unknown.push(child);
                    if !texts(child, &[]).into_iter().all(failure::is_plain_ok) {
                        names(child).into_iter().for_each(|name| notes.strange(place, name));
                    }
                }
                if unknown::is_more_in(child, &around) {
                    texts(child, &[]).into_iter().for_each(|text| notes.say(place, text));
                }
                if texts(child, &[]).into_iter().any(|text| notes.is_anothers(text)) {
                    notes.leave_to_another(place);
                }
            } else if !space.holds(child.namespace()) {
                notes.add(Note::OtherVersion(place));
                // Beside the contract's own it is none of them.
                let own = element.children_named(child.name()).any(|own| space.holds(own.namespace()));
                notes.lose_if(own && says_anything(child), place);
            }
            // It says that it is not there, and is; or says something of that.
            if child.is_nil() && (!child.trimmed().is_empty() || says_more_than_a_text(child)) {
                notes.lose(place);
            }
        }
        let is_known = |name: &str| known.iter().any(|known| known.strip_prefix('@') == Some(name));
        let unknown_attributes: Vec<&Attribute> = element
            .attributes()
            .iter()
            .filter(|attribute| unknown::says_of_it(attribute))
            .filter(|attribute| attribute.namespace().is_some() || !is_known(attribute.name()))
            .inspect(|_| notes.add(Note::PassedOver(place)))
            .filter(|attribute| !attribute.value().trim().is_empty())
            .collect();
        if unknown_attributes.iter().any(|attribute| notes.is_anothers(attribute.value())) {
            notes.leave_to_another(place);
        }
        // Of a list in which nothing stands it says why.
        let is_empty_list = known.len() == 1 && element.elements().is_empty();
        for attribute in &unknown_attributes {
            if !failure::is_plain_ok(attribute.value()) {
                notes.strange(place, attribute.name());
                notes.lose_if(is_empty_list, place);
            }
            if unknown::is_more(attribute.name(), attribute.value(), &around) {
                notes.say(place, attribute.value());
            }
        }
        if !element.elements().is_empty() && !element.trimmed().is_empty() {
            notes.add(Note::PassedOver(place));
            if !failure::is_plain_ok(element.trimmed()) {
                notes.strange(place, "");
            }
            if !failure::is_harmless(element.trimmed()) {
                notes.say(place, element.trimmed());
            }
        }
        // Nothing but what nobody knows is no empty list either: what stands there may be what was asked for, by another name.
        if !element.elements().is_empty() && !element.elements().iter().any(|it| known.contains(&it.name())) {
            notes.lose(place);
        }
        // Words where elements should be may be anything, and are no empty list.
        if element.elements().is_empty() && !element.is_nil() && !element.trimmed().is_empty() {
            notes.fail_at(place);
        }
        Self {
            element,
            space,
            place,
            known: known.to_vec(),
            asked: RefCell::default(),
            unknown,
            unknown_attributes,
            notes,
        }
    }

    /// All children with that name: those in the contract's namespace or, where there are none, those in any other, so that
    /// none is overlooked. One that is nil says nothing, and counts as absent.
    pub(crate) fn all(&self, name: &'static str) -> impl Iterator<Item = &'a Element> + use<'a> {
        self.asked.borrow_mut().push(name);
        let space = self.space;
        let own = self.element.children_named(name).any(|child| space.holds(child.namespace()));
        let known = move |child: &&Element| !own || space.holds(child.namespace());
        self.element.children_named(name).filter(known).filter(|child| !child.is_nil())
    }

    /// All records with that name, of which the contract has any number. An unknown one beside them may be one of them, and one that
    /// is nil is one that is not told.
    pub(crate) fn repeated(&self, name: &'static str) -> impl Iterator<Item = &'a Element> + use<'a> {
        self.look_elsewhere(name, is_record);
        if self.is_nil(name) {
            self.notes.lose(name);
        }
        self.all(name)
    }

    /// Children that are texts and that the reader judges itself, all of them.
    pub(crate) fn values(&self, name: &'static str) -> Vec<&'a Element> {
        self.all(name).inspect(|element| self.is_a_text(name, Some(element))).collect()
    }

    /// What only repeats the question, or tells which message it is: nothing but whether it tells of something else is asked of it.
    pub(crate) fn repeated_texts(&self, names: &[&'static str]) {
        for (name, element) in
            names.iter().flat_map(|name| self.values(name).into_iter().map(move |it| (name, it)))
        {
            if failure::tells(element.trimmed()) {
                self.notes.say(name, element.trimmed());
            }
        }
    }

    /// What only identifies a message. Words are no such thing.
    pub(crate) fn ids(&self, name: &'static str) -> Vec<&'a str> {
        let found: Vec<&str> = self.values(name).into_iter().filter_map(Element::value).collect();
        for text in &found {
            let is_id = text.bytes().any(|byte| byte.is_ascii_digit())
                || text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
            if failure::tells(text) || text.contains(char::is_whitespace) || !is_id {
                self.notes.say(name, text);
            }
        }
        found
    }

    /// Whether amounts of the record are in another currency than Swedish kronor, wherever in it that stands.
    pub(crate) fn is_in_another_currency(&self) -> bool {
        let is_other = |name: &str, text: &str| unknown::is_currency(name) && !unknown::is_kronor(text);
        let mut waiting = vec![self.element];
        while let Some(element) = waiting.pop() {
            if is_other(element.name(), element.trimmed())
                || element.attributes().iter().any(|attribute| is_other(attribute.name(), attribute.value()))
            {
                return true;
            }
            waiting.extend(element.elements());
        }
        false
    }

    /// A text that goes with the source's word that it succeeded. Of anything but what is known to be harmless nobody knows what it
    /// means for what is not there.
    pub(crate) fn said_of_all(&self, name: &'static str, text: &str) {
        if failure::is_said("text", text) {
            self.notes.say(name, text);
        }
    }

    /// The same without those that name only somebody else: these are not the person's. What stands `apart` in one (names of
    /// children; attributes by `@` and their name) is judged by itself, or is where the contract has others.
    pub(crate) fn records(&self, name: &'static str, apart: &[&str]) -> Vec<&'a Element> {
        let records = self.repeated(name).filter(|record| self.is_theirs(record, name, apart));
        records
            .inspect(|record| {
                // Of whatever stands there nothing is told.
                if !says_anything(record) {
                    self.notes.lose(name);
                }
            })
            .collect()
    }

    /// Whether a record may be the person's.
    pub(crate) fn is_theirs(&self, record: &Element, name: &'static str, apart: &[&str]) -> bool {
        let theirs = self.notes.named(texts(record, apart)) != Named::Others;
        if !theirs {
            self.notes.leave_to_another(name);
        }
        theirs
    }

    /// Whether the element names only somebody else, leaving aside what stands `apart`.
    pub(crate) fn names_only_others(&self, apart: &[&str]) -> bool {
        self.notes.named(texts(self.element, apart)) == Named::Others
    }

    /// Whether the child is there, and nil.
    pub(crate) fn is_nil(&self, name: &'static str) -> bool {
        self.element.children_named(name).any(Element::is_nil)
    }

    /// A list's elements. The contract has each list once; none of a second one's elements is overlooked.
    pub(crate) fn lists(&self, name: &'static str) -> Vec<&'a Element> {
        let found: Vec<&Element> = self.all(name).collect();
        // Which of them is the list, or whether all are, is not told.
        self.notes.lose_if(found.len() > 1, name);
        if !found.iter().copied().any(says_anything) {
            self.look_elsewhere(name, is_record);
        }
        found
    }

    /// The child that has children of its own, if it is there; of several the first, and what the others say is lost.
    pub(crate) fn one(&self, name: &'static str) -> Option<&'a Element> {
        let found = self.first(name);
        if !found.is_some_and(says_anything) {
            self.look_elsewhere(name, is_record);
        }
        found
    }

    /// The same of a child that the contract requires.
    pub(crate) fn required(&self, name: &'static str) -> Option<&'a Element> {
        let found = self.one(name);
        self.notes.add_if(found.is_none(), Note::Missing(name));
        found
    }

    /// The child that is a text, if it is there, empty or not.
    pub(crate) fn leaf(&self, name: &'static str) -> Option<&'a Element> {
        let found = self.first(name);
        if found.is_none() {
            self.look_elsewhere(name, |other| !is_record(other));
        }
        self.is_a_text(name, found);
        found
    }

    /// Text without surrounding space; `None` where absent, nil or empty.
    pub(crate) fn text(&self, name: &'static str) -> Option<String> {
        self.told(name, |_| true).map(str::to_owned)
    }

    /// Text of a child that the contract requires, though it may be empty.
    pub(crate) fn required_text(&self, name: &'static str) -> String {
        self.notes.add_if(self.first(name).is_none(), Note::Missing(name));
        self.told(name, |_| true).unwrap_or_default().to_owned()
    }

    /// `xs:date`; `None` where absent, nil or empty.
    pub(crate) fn date(&self, name: &'static str) -> Option<NaiveDate> {
        self.parsed(name, date)
    }

    /// `xs:date` that the contract requires. What is there and empty is missing.
    pub(crate) fn required_date(&self, name: &'static str) -> Option<NaiveDate> {
        self.required_parsed(name, date)
    }

    /// The text of a child that the contract requires and that may not be empty.
    pub(crate) fn required_value(&self, name: &'static str) -> Option<&'a str> {
        self.required_told(name, |_| true)
    }

    /// `xs:boolean`; `None` where absent, nil or empty.
    pub(crate) fn boolean(&self, name: &'static str) -> Option<bool> {
        self.parsed(name, boolean)
    }

    /// `xs:int`; `None` where absent, nil or empty.
    pub(crate) fn int(&self, name: &'static str) -> Option<i32> {
        self.parsed(name, int)
    }

    /// `xs:decimal` that the contract requires: exactly, or rounded with a note.
    pub(crate) fn required_amount(&self, name: &'static str) -> Option<Amount> {
        self.notes.amount(self.required_told(name, is_amount)?, name)
    }

    /// `xs:decimal` that is no amount of money: what cannot be understood costs no line.
    pub(crate) fn required_decimal(&self, name: &'static str) -> Option<Amount> {
        let text = self.required_told(name, is_amount)?;
        let exact = text.parse().ok();
        let read = exact.or_else(|| Amount::nearest_ore(text));
        self.notes.add_if(exact.is_none() && read.is_some(), Note::Rounded(name));
        self.notes.lose_if(read.is_none(), name);
        read
    }

    /// `xs:int` that the contract requires.
    pub(crate) fn required_int(&self, name: &'static str) -> Option<i32> {
        self.required_parsed(name, int)
    }

    /// Two days of which the contract requires both.
    pub(crate) fn period(&self, from: &'static str, to: &'static str) -> Option<Period> {
        let (from, last) = (self.required_date(from)?, self.required_date(to)?);
        let period = Period::new(from, last).ok();
        self.notes.lose_if(period.is_none(), to);
        period
    }

    /// An attribute in no namespace.
    pub(crate) fn attr(&self, name: &'static str) -> Option<&'a str> {
        // It may stand there as an element.
        if self.element.attr(name).is_none() {
            self.look_elsewhere(name, |_| false);
        }
        let value = self.attr_of_another(name)?;
        if self.notes.is_anothers(value) {
            self.notes.leave_to_another(name);
            return None;
        }
        Some(value)
    }

    /// The same where the contract has somebody else.
    pub(crate) fn attr_of_another(&self, name: &'static str) -> Option<&'a str> {
        self.asked.borrow_mut().push(name);
        let found = self.element.attr(name);
        if found.is_none() && !self.unknown_attributes.is_empty() {
            self.notes.lose(self.place);
        }
        found
    }

    /// Where notes go.
    pub(crate) fn notes(&self) -> &'a Notes {
        self.notes
    }

    fn first(&self, name: &'static str) -> Option<&'a Element> {
        let mut found = self.all(name);
        let first = found.next();
        if found.next().is_some() {
            self.notes.lose(name);
        }
        first
    }

    /// The text of a child that is a text, of which `could_be` tells what it could be.
    fn told(&self, name: &'static str, could_be: impl Fn(&str) -> bool) -> Option<&'a str> {
        let found = self.first(name);
        if found.is_none() && !self.is_nil(name) {
            self.look_elsewhere(name, |other| !is_record(other) && could_be(other.trimmed()));
            let is_it = |attribute: &&Attribute| {
                failure::is_same_name(attribute.name(), name) || could_be(attribute.value().trim())
            };
            if self.unknown_attributes.iter().any(is_it) {
                self.notes.lose(self.place);
            }
        }
        self.is_a_text(name, found);
        let value = found.and_then(Element::value)?;
        if self.notes.is_anothers(value) {
            self.notes.leave_to_another(name);
            return None;
        }
        Some(value)
    }

    /// What stands in a text's place and is no text is not told.
    fn is_a_text(&self, name: &'static str, found: Option<&Element>) {
        if found.is_some_and(says_more_than_a_text) {
            self.notes.lose(name);
        }
    }

    fn required_told(&self, name: &'static str, could_be: impl Fn(&str) -> bool) -> Option<&'a str> {
        let value = self.told(name, could_be);
        self.notes.add_if(value.is_none(), Note::Missing(name));
        value
    }

    fn parsed<T>(&self, name: &'static str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let read = parse(self.told(name, |text| parse(text).is_some())?);
        self.notes.lose_if(read.is_none(), name);
        read
    }

    fn required_parsed<T>(&self, name: &'static str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let read = parse(self.required_told(name, |text| parse(text).is_some())?);
        self.notes.lose_if(read.is_none(), name);
        read
    }

    /// Whether what is not there under its name may stand there under another.
    fn look_elsewhere(&self, name: &'static str, could_be: impl Fn(&Element) -> bool) {
        let is_it = |other: &Element| failure::is_same_name(other.name(), name) || could_be(other);
        if self.unknown.iter().any(|other| any_within(other, &is_it)) {
            self.notes.lose(self.place);
        }
    }
}

/// What the contract has, and nobody asked for.
impl Drop for Fields<'_> {
    fn drop(&mut self) {
        let asked = self.asked.borrow();
        let is_left = |child: &&Element| self.known.contains(&child.name()) && !asked.contains(&child.name());
        if self.element.elements().iter().filter(is_left).any(says_anything) {
            self.notes.doubt(self.place);
        }
    }
}
