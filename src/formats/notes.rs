//! What a reader passes over or cannot understand, gathered while an answer is read. Names of fields and codes, never values.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    ops::Range,
};

use ssbtek_domain::{Amount, Note, Outcome, Personnummer, RefusedPart, SourceAnswer};

use crate::{
    Refused, failure,
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
    /// Where something is said that no contract has.
    said: RefCell<Vec<(Range<usize>, &'static str)>>,
    /// Where a list was looked for, and nothing stands.
    nothing: RefCell<Vec<Range<usize>>>,
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
        self.not_understood(part);
        let (reason, code) = (refused.0, refused.code().as_str());
        self.refused_parts.borrow_mut().push(RefusedPart { part, reason, code });
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

    /// A field cannot be understood and is left out.
    pub(crate) fn not_understood(&self, name: &'static str) {
        self.add(Note::NotUnderstood(name));
    }

    /// A whole record of the named kind had to be left out: what remains is a part.
    pub(crate) fn lose(&self, name: &'static str) {
        self.not_understood(name);
        self.lost.set(true);
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

    /// The source says something of its own of all that stands `within`: of a failure, or of whatever it may be. Where there is
    /// nothing, that may be why.
    pub(crate) fn say(&self, within: Range<usize>, place: &'static str, text: &str) {
        if failure::tells(text) {
            self.fail_at(place);
            self.doubted.set(true);
        } else if self.nothing.borrow().iter().any(|at| holds(&within, at)) {
            self.doubt(place);
        }
        self.said.borrow_mut().push((within, place));
    }

    /// Nothing stands where something was looked for. If the source says something of that, it has not said that there is nothing.
    pub(crate) fn nothing(&self, at: Range<usize>) {
        let said = self.said.borrow().iter().find(|(within, _)| holds(within, &at)).map(|(_, place)| *place);
        if let Some(place) = said {
            self.doubt(place);
        }
        self.nothing.borrow_mut().push(at);
    }

    fn doubt(&self, place: &'static str) {
        self.lose(place);
        self.doubted.set(true);
    }

    /// Whether records had to be left out since the last call.
    pub(crate) fn take_lost(&self) -> bool {
        self.doubted.set(false);
        self.lost.replace(false)
    }

    /// The same of what `read` reads; it still counts for the whole.
    pub(crate) fn loses(&self, read: impl FnOnce()) -> bool {
        let (lost, doubted) = (self.lost.replace(false), self.doubted.get());
        read();
        let loses = self.lost.get();
        self.lost.set(lost || loses);
        self.doubted.set(doubted);
        loses
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

    /// The answer with what was noted; an answer in part if records had to be left out or a failure stands beside them.
    pub fn onto(self, mut answer: SourceAnswer) -> SourceAnswer {
        let in_part = self.lost.get() || self.failed.get();
        answer.outcome = match answer.outcome {
            Outcome::Answered if in_part => Outcome::AnsweredInPart,
            // That nobody was found is told by a code, and not by words.
            Outcome::NoSuchPerson if self.failed.get() || !self.said.borrow().is_empty() => {
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

fn holds(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
