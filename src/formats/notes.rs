//! What a reader passes over or cannot understand, gathered while an answer is read. Names of fields and codes, never values.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
};

use ssbtek_domain::{Amount, Note, Outcome, SourceAnswer};

/// Gathers notes. Reading goes on whatever is noted.
#[derive(Default)]
pub(crate) struct Notes {
    found: RefCell<BTreeSet<Note>>,
    lost: Cell<bool>,
}

impl Notes {
    pub(crate) fn add(&self, note: Note) {
        self.found.borrow_mut().insert(note);
    }

    pub(crate) fn add_if(&self, holds: bool, note: Note) {
        if holds {
            self.add(note);
        }
    }

    /// A required field is not there.
    pub(crate) fn missing(&self, name: &'static str) {
        self.add(Note::Missing(name));
    }

    /// A field cannot be understood and is left out.
    pub(crate) fn not_understood(&self, name: &'static str) {
        self.add(Note::NotUnderstood(name));
    }

    /// A whole record of the named kind had to be left out: what remains is a part.
    pub(crate) fn lose(&self, name: &'static str) {
        self.not_understood(name);
        self.lost.set(true);
    }

    /// Whether records had to be left out since the last call.
    pub(crate) fn take_lost(&self) -> bool {
        self.lost.replace(false)
    }

    /// The amount in a text: exactly, or to the nearest öre with a note; `None` with a note where it is none.
    pub(crate) fn amount(&self, text: &str, name: &'static str) -> Option<Amount> {
        if let Ok(exact) = text.parse() {
            return Some(exact);
        }
        let rounded = Amount::nearest_ore(text);
        match rounded {
            Some(_) => self.add(Note::Rounded(name)),
            None => self.lose(name),
        }
        rounded
    }

    /// The answer with what was noted; an answer in part if records had to be left out.
    pub(crate) fn onto(self, mut answer: SourceAnswer) -> SourceAnswer {
        if self.lost.get() && answer.outcome == Outcome::Answered {
            answer.outcome = Outcome::AnsweredInPart;
        }
        let mut found = self.found.into_inner();
        found.extend(answer.notes.drain(..));
        answer.notes.extend(found);
        answer
    }
}
