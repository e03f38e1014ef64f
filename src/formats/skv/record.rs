//! The members of one object of a document, read by names that may be none of Skatteverket's. So every name that is not known leaves a
//! note, and where what was looked for is not there, an unknown one that could be it makes the part one in part: nobody has said that
//! there is none. What was looked for is known from the reading itself.

use std::cell::RefCell;

use ssbtek_domain::{Amount, NaiveDate, Note, Period, Personnummer, is_year, parse_day};

use super::{facts, tree::Node};
use crate::{
    failure,
    notes::Notes,
    unknown::{Around, Records, Within},
};

/// Whether a value could be what was looked for.
type CouldBe = fn(&Node) -> bool;

/// One object, as it is read. What nobody looked for in it is judged when it has been read.
pub(super) struct Record<'a> {
    node: &'a Node,
    place: &'static str,
    person: &'a Personnummer,
    notes: &'a Notes,
    looked: RefCell<Vec<Wanted>>,
}

/// One thing that was looked for.
struct Wanted {
    name: &'static str,
    could_be: CouldBe,
}

impl<'a> Record<'a> {
    /// `place` names the object in notes.
    pub(super) fn of(
        node: &'a Node,
        place: &'static str,
        person: &'a Personnummer,
        notes: &'a Notes,
    ) -> Self {
        Self { node, place, person, notes, looked: RefCell::default() }
    }

    /// Whether something stands under that name, or an empty list does.
    pub(super) fn stands(&self, name: &str) -> bool {
        self.node.child(name).is_some() || self.node.empty_lists.iter().any(|empty| empty == name)
    }

    /// What the part is about is not told.
    pub(super) fn miss(&self, name: &'static str) {
        self.notes.lose_missing(name);
    }

    /// The line cannot be told without that.
    pub(super) fn lose(&self, name: &'static str) {
        self.notes.lose(name);
    }

    /// A list's objects.
    pub(super) fn records(&self, name: &'static str) -> Vec<Record<'a>> {
        self.look(Wanted { name, could_be: is_record });
        self.node.all(name).map(|node| Record::of(node, name, self.person, self.notes)).collect()
    }

    /// One object. One in which nothing stands says that there is nothing.
    pub(super) fn one(&self, name: &'static str) -> Option<Record<'a>> {
        self.look(Wanted { name, could_be: is_record });
        let node = self.single(name)?;
        if !node.text.trim().is_empty() {
            self.notes.lose(name);
        }
        node.says_anything().then(|| Record::of(node, name, self.person, self.notes))
    }

    pub(super) fn text(&self, name: &'static str) -> Option<String> {
        self.value(name, is_text, |text| Some(text.to_owned()))
    }

    pub(super) fn year(&self, name: &'static str) -> Option<i32> {
        let year = |text: &str| text.parse().ok().filter(|year| is_year(*year));
        self.value(name, |node| node.text.trim().len() == 4 && is_number(node), year)
    }

    pub(super) fn day(&self, name: &'static str) -> Option<NaiveDate> {
        self.value(name, |node| parse_day(node.text.trim()).is_some(), parse_day)
    }

    pub(super) fn month(&self, name: &'static str) -> Option<Period> {
        self.value(name, |node| facts::month(node.text.trim()).is_some(), facts::month)
    }

    pub(super) fn flag(&self, name: &'static str) -> Option<bool> {
        self.value(name, |node| matches!(node.text.trim(), "true" | "false"), |text| text.parse().ok())
    }

    /// An amount, exactly, or rounded with a note. One that cannot be read makes the part one in part.
    pub(super) fn amount(&self, name: &'static str) -> Option<Amount> {
        self.value(name, is_number, |text| self.notes.amount(text, name))
    }

    fn value<T>(&self, name: &'static str, could_be: CouldBe, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.look(Wanted { name, could_be });
        if self.node.empty_lists.iter().any(|empty| empty == name) {
            self.notes.lose(name);
        }
        let node = self.single(name)?;
        let text = Some(node.text.trim()).filter(|text| !text.is_empty() && node.children.is_empty());
        let told = text.and_then(read);
        match told {
            None if node.says_anything() => self.notes.lose(name),
            None => self.notes.missing(name),
            Some(_) => {}
        }
        told
    }

    /// What stands under that name; of several the first, and what the others say is lost.
    fn single(&self, name: &'static str) -> Option<&'a Node> {
        let mut all = self.node.all(name);
        let first = all.next();
        if all.next().is_some() {
            self.notes.lose(name);
        }
        first
    }

    fn look(&self, wanted: Wanted) {
        self.looked.borrow_mut().push(wanted);
    }

    /// What nobody looked for, and what was looked for in vain.
    fn judge(&self) {
        let looked = self.looked.borrow();
        let is_known = |node: &Node| looked.iter().any(|wanted| wanted.name == node.name);
        let unknown: Vec<&Node> = self
            .node
            .children
            .iter()
            .filter(|child| !is_known(child) && child.says_anything() && !child.only_names(self.person))
            .collect();
        self.notes.add_if(!unknown.is_empty(), Note::PassedOver(self.place));
        // A failure is judged as one (`failing.rs`), and is no fact by another name.
        let may_be = |node: &&&Node| !failure::is_name(&node.name) && !failure::is_status(&node.name);
        for wanted in looked.iter().filter(|wanted| !self.tells(wanted.name)) {
            let found =
                |node: &&&Node| (wanted.could_be)(node) || failure::is_same_name(&node.name, wanted.name);
            if unknown.iter().filter(may_be).any(|node| found(&node)) {
                self.notes.lose_missing(wanted.name);
            }
        }
        let lacks_all = !looked.iter().any(|wanted| self.stands(wanted.name));
        if let Some(first) = looked.first().filter(|_| lacks_all) {
            self.notes.lose_missing(first.name);
        }
        let count = || Records::of(self.node.counts());
        let around = Around::new(Within::Record, &count);
        // A failure's own words are told as a failure's.
        let mut lost = unknown.iter().filter(|node| node.is_more(&around));
        let says_words = !self.node.children.is_empty() && !self.node.text.trim().is_empty();
        // Where a part lacks all that is known, that is said already.
        self.notes.lose_if(lost.next().is_some() && !lacks_all || says_words, self.place);
    }

    fn tells(&self, name: &str) -> bool {
        self.node.all(name).any(Node::says_anything)
    }
}

impl Drop for Record<'_> {
    fn drop(&mut self) {
        self.judge();
    }
}

fn is_record(node: &Node) -> bool {
    !node.children.is_empty()
}

fn is_number(node: &Node) -> bool {
    let text = node.text.trim();
    node.children.is_empty() && (text.parse::<Amount>().is_ok() || Amount::nearest_ore(text).is_some())
}

fn is_text(node: &Node) -> bool {
    node.children.is_empty() && !node.text.trim().is_empty() && !matches!(node.text.trim(), "true" | "false")
}
