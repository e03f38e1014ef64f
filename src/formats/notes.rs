//! What a reader passes over or cannot understand, gathered while an answer is read. Names of fields and codes, never values.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
};

use ssbtek_domain::{Amount, Note, Outcome, Personnummer, RefusedPart, SourceAnswer};

use crate::{
    Refused, failure, nothing,
    who::{self, Named},
};

/// Gathers notes. Reading goes on whatever is noted.
#[derive(Default)]
pub struct Notes {
    found: RefCell<BTreeSet<Note>>,
    lost: Cell<bool>,
    failed: Cell<bool>,
    /// Whom the answer must be about.
    asked: Option<Personnummer>,
    of_others: RefCell<BTreeSet<&'static str>>,
    /// Names that the contract has, wherever it has them.
    known: RefCell<BTreeSet<&'static str>>,
    /// What says something that no contract has: where, and under what names.
    strange: RefCell<BTreeSet<(&'static str, String)>>,
    /// What is lost may be of any part.
    doubted: Cell<bool>,
    refused_parts: RefCell<Vec<RefusedPart>>,
}

impl Notes {
    /// For an answer to a question about `asked`.
    pub fn about(asked: &Personnummer) -> Self {
        Self { asked: Some(asked.clone()), ..Self::default() }
    }

    /// Whether somebody else's number stands in a text.
    pub fn is_anothers(&self, text: &str) -> bool {
        self.asked.as_ref().is_some_and(|asked| who::names_another(asked, text))
    }

    /// Whom texts name.
    pub fn named<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Named {
        self.asked.as_ref().map_or(Named::Nobody, |asked| Named::in_texts(asked, texts))
    }

    /// What stands under that name is left out: somebody else's number stands in it.
    pub fn leave_to_another(&self, name: &'static str) {
        self.lose(name);
        self.of_others.borrow_mut().insert(name);
    }

    /// A part is refused.
    pub(crate) fn refuse(&self, part: &'static str, refused: Refused) {
        self.lose(part);
        let (reason, code) = (refused.0, refused.code().as_str());
        self.refused_parts.borrow_mut().push(RefusedPart { part, reason, code });
    }

    /// What the contract has in some place; attributes by `@` and their name.
    pub(crate) fn knows(&self, names: &[&'static str]) {
        self.known.borrow_mut().extend(names.iter().map(|name| name.trim_start_matches('@')));
    }

    /// Something says something in the named place that no contract has there, under that name.
    pub(crate) fn strange(&self, place: &'static str, name: &str) {
        self.strange.borrow_mut().insert((place, failure::plain(name)));
    }

    /// Whether what was read says less, or more, than that nobody was found.
    pub(crate) fn say_otherwise(&self) -> bool {
        self.lost.get() || self.failed.get() || self.doubted.get() || !self.strange.borrow().is_empty()
    }

    /// What the contract has in another place is told by nobody who looked there; and beside nothing, whatever says something may say why.
    fn weigh_what_is_strange(&self, answer: &SourceAnswer) {
        let known: BTreeSet<String> = self.known.borrow().iter().map(|name| failure::plain(name)).collect();
        let nothing = answer.outcome == Outcome::NoSuchPerson
            || answer.outcome == Outcome::Answered && answer.section.as_ref().is_some_and(nothing::stands_in);
        for (place, name) in self.strange.borrow().iter() {
            self.lose_if(nothing || known.contains(name), place);
        }
    }

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

    /// What stands in the named place is not understood, or had to be left out: what remains is a part.
    pub(crate) fn lose(&self, name: &'static str) {
        self.add(Note::NotUnderstood(name));
        self.lost.set(true);
    }

    pub(crate) fn lose_if(&self, holds: bool, name: &'static str) {
        if holds {
            self.lose(name);
        }
    }

    /// A list is as long as it can be: whether that is all, nobody has said.
    pub(crate) fn cut_if(&self, is_full: bool, list: &'static str) {
        if is_full {
            self.add(Note::PerhapsTruncated(list));
            self.lost.set(true);
        }
    }

    /// A line cannot be told, since a field of its is not there.
    pub(crate) fn lose_missing(&self, name: &'static str) {
        self.missing(name);
        self.lost.set(true);
    }

    /// A line cannot be told, since a code of its is none that is known.
    pub(crate) fn lose_code(&self, name: &'static str) {
        self.add(Note::UnknownCode(name));
        self.lost.set(true);
    }

    /// A failure stands beside the facts: what is there may not be all, and what is not there may be anything.
    pub(crate) fn fail(&self) {
        self.fail_at(failure::NAME);
    }

    /// The same, in a named place.
    pub fn fail_at(&self, name: &'static str) {
        self.lose(name);
        self.failed.set(true);
    }

    /// Something stands in the named place that the contract does not have.
    pub fn pass_over(&self, place: &'static str) {
        self.add(Note::PassedOver(place));
    }

    /// What a field says, if it is one that tells how a look-up went.
    pub fn status(&self, name: &'static str, text: &str) {
        if failure::is_status(name) {
            self.words(name, text);
        }
    }

    /// Words that may tell of a failure.
    pub fn words(&self, place: &'static str, text: &str) {
        if failure::tells(text) {
            self.fail_at(place);
        }
    }

    /// Something stands in the named place that no contract has and that may mean that the answer is not whole. Of which part it is
    /// cannot be told.
    pub fn doubt(&self, place: &'static str) {
        self.lose(place);
        self.doubted.set(true);
    }

    /// The same of what is said there: of a failure, or of whatever it may be.
    pub(crate) fn say(&self, place: &'static str, text: &str) {
        if failure::tells(text) {
            self.fail_at(place);
        }
        self.doubt(place);
    }

    /// Whether records had to be left out since the last call.
    pub(crate) fn take_lost(&self) -> bool {
        self.doubted.set(false);
        self.lost.replace(false)
    }

    /// What `read` reads, and whether something of that is lost; it counts for the whole, and for no other part.
    pub(crate) fn loses<T>(&self, read: impl FnOnce() -> T) -> (T, bool) {
        let (lost, doubted) = (self.lost.replace(false), self.doubted.get());
        let told = read();
        let loses = self.lost.get();
        self.lost.set(lost || loses);
        self.doubted.set(doubted);
        (told, loses)
    }

    /// The amount in a text: exactly, or to the nearest öre with a note; `None` with a note where it is none.
    pub(crate) fn amount(&self, text: &str, name: &'static str) -> Option<Amount> {
        if let Ok(exact) = text.parse() {
            return Some(exact);
        }
        let rounded = Amount::nearest_ore(text);
        match rounded {
            Some(_) => {
                self.add(Note::Rounded(name));
                // What the source wrote is another amount.
                self.lose_if(!Amount::is_printed_double(text), name);
            }
            None => self.lose(name),
        }
        rounded
    }

    /// The answer with what was noted; an answer in part if records had to be left out or a failure stands beside them.
    pub fn onto(self, mut answer: SourceAnswer) -> SourceAnswer {
        self.weigh_what_is_strange(&answer);
        let in_part = self.lost.get() || self.failed.get();
        answer.outcome = match answer.outcome {
            Outcome::Answered if in_part => Outcome::AnsweredInPart,
            // Whoever says something else besides has not said that nobody was found.
            Outcome::NoSuchPerson if in_part => {
                let parts = answer.parts.iter_mut().filter(|part| part.outcome == Outcome::NoSuchPerson);
                parts.for_each(|part| part.outcome = Outcome::FailedAtSource);
                Outcome::FailedAtSource
            }
            outcome => outcome,
        };
        // Of which of them it is said cannot be told.
        for part in answer.parts.iter_mut().filter(|_| self.doubted.get()) {
            part.outcome = match part.outcome {
                Outcome::Answered => Outcome::AnsweredInPart,
                outcome => outcome,
            };
        }
        answer.of_others.extend(self.of_others.into_inner());
        answer.refused_parts.extend(self.refused_parts.into_inner());
        let mut found = self.found.into_inner();
        found.extend(answer.notes.drain(..));
        answer.notes.extend(found);
        answer
    }
}
