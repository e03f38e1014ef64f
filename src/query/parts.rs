//! An answer as it comes, from the path to a door.

use std::sync::Arc;

use ssbtek_authorize::{Case, Denial, Permit, Whom};
use ssbtek_domain::{Agency, DateTime, EntryId, Protection, Utc};
use ssbtek_merge::SectionAhead;
use tokio::sync::mpsc;

use crate::{
    HouseholdAnswer, QueryError, Released, Write,
    kept::{Keeper, KeptAnswers},
};

/// Room for everything that one question can come to, so that the path never waits for whoever reads: the beginning, a section
/// for each agency, and the end.
const MAX_PARTS: usize = Agency::ALL.len() + 2;
/// The same of a question about everybody in a household.
const MAX_HOUSEHOLD_PARTS: usize = Case::MAX_MEMBERS * Agency::ALL.len() + 2;

/// A part of an answer that is told as it comes.
#[derive(Debug)]
pub enum Part {
    /// The question is durably logged; nobody has been asked before that.
    Begun(Begun),
    /// One agency's section. Each agency has one, in the order in which they answer.
    Section(Box<Released<SectionAhead>>),
    /// The whole answer, in which everything stands: the last part.
    Answer(Box<Released>),
    /// The questions about everybody in a household are durably logged; nobody has been asked before that.
    HouseholdBegun(HouseholdBegun),
    /// One agency's section about a member of the household.
    MemberSection(Whom, Box<Released<SectionAhead>>),
    /// The whole answer about the household: the last part.
    Household(Box<Released<HouseholdAnswer>>),
}

impl Part {
    /// Whether nothing comes after it.
    fn is_last(&self) -> bool {
        matches!(self, Part::Answer(_) | Part::Household(_))
    }
}

/// Questions about everybody in a household that are logged.
#[derive(Debug, Clone)]
pub struct HouseholdBegun {
    /// The first of their entries, by which the others name it, and under which the answer is taken up again.
    pub entry: EntryId,
    /// When they were permitted.
    pub asked_at: DateTime<Utc>,
    /// Everybody in the household: the entry of the question, or why there is none.
    pub members: Vec<(Whom, Result<EntryId, Denial>)>,
}

/// A question that is logged.
#[derive(Debug, Clone, Copy)]
pub struct Begun {
    /// The log entry.
    pub entry: EntryId,
    /// When it was permitted.
    pub asked_at: DateTime<Utc>,
}

/// The parts of one answer. Ends with the whole answer or with an error, whatever becomes of the path.
#[derive(Debug)]
pub struct Parts {
    from: mpsc::Receiver<Result<Part, QueryError>>,
    ended: bool,
}

/// Where the path puts them. Whoever reads may be gone: nothing of the path depends on it.
#[derive(Default)]
pub(crate) struct Outlet {
    to: Option<mpsc::Sender<Result<Part, QueryError>>>,
    /// Where an answer is to be kept, and how its parts are written there.
    keeping: Option<(Arc<KeptAnswers>, Write)>,
    kept: Option<Keeper>,
}

impl Parts {
    pub(crate) fn new() -> (Outlet, Self) {
        Self::with_room(MAX_PARTS)
    }

    /// Of a household.
    pub(crate) fn of_household() -> (Outlet, Self) {
        Self::with_room(MAX_HOUSEHOLD_PARTS)
    }

    fn with_room(parts: usize) -> (Outlet, Self) {
        let (to, from) = mpsc::channel(parts);
        (Outlet { to: Some(to), ..Outlet::default() }, Self { from, ended: false })
    }

    /// The next part, as soon as it may leave; `None` after the answer or an error.
    pub async fn next(&mut self) -> Option<Result<Part, QueryError>> {
        if self.ended {
            return None;
        }
        // A path that ended in a panic has told of no end.
        let part = self.from.recv().await.unwrap_or(Err(QueryError::Unrecorded));
        self.ended = part.as_ref().map_or(true, Part::is_last);
        Some(part)
    }
}

impl Outlet {
    /// For an answer that is told whole.
    pub(crate) fn closed() -> Self {
        Self::default()
    }

    /// The same, for an answer that is kept for whoever comes back for it.
    pub(crate) fn keeping(self, all: Arc<KeptAnswers>, write: Write) -> Self {
        Self { keeping: Some((all, write)), ..self }
    }

    /// Whether anything is told before the end.
    pub(crate) fn is_open(&self) -> bool {
        self.to.is_some()
    }

    /// These questions are logged.
    pub(crate) fn opened<'p>(&mut self, questions: impl IntoIterator<Item = (EntryId, &'p Permit)>) {
        self.kept = self.keeping.take().and_then(|(all, write)| all.keep(questions, write));
    }

    /// What the answer to one of the questions rests on by now, and what is said of protected identity, before anything is told or
    /// recorded that rests on it.
    pub(crate) fn said(&mut self, nth: usize, permit: &Permit, said: (Protection, bool)) {
        if let Some(kept) = &self.kept {
            kept.said(nth, permit, said);
        }
    }

    /// Nothing more is told of the answer to one of the questions.
    pub(crate) fn stopped(&mut self, nth: usize) {
        if let Some(kept) = &self.kept {
            kept.stopped(nth);
        }
    }

    /// Tells a part of the answer to one of the questions; `None`: of all.
    pub(crate) fn tell(&mut self, of: Option<usize>, part: Part) {
        if let Some(kept) = &self.kept {
            kept.tell(of, &part);
        }
        if let Some(to) = &self.to {
            // There is room for all of them; whoever reads may be gone.
            let _ = to.try_send(Ok(part));
        }
    }

    /// Tells the end; nothing is told after it.
    pub(crate) fn end(&mut self, end: Result<Part, QueryError>) {
        if let Some(kept) = self.kept.take() {
            kept.end(&end);
        }
        if let Some(to) = self.to.take() {
            let _ = to.try_send(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_stream_ends_without_an_answer_or_an_error_and_none_goes_on_after_one() {
        let (outlet, mut parts) = Parts::new();
        // The path ends in a panic.
        drop(outlet);
        assert!(matches!(parts.next().await, Some(Err(QueryError::Unrecorded))));
        assert!(parts.next().await.is_none());

        let (mut outlet, mut parts) = Parts::new();
        let begun = Begun { entry: EntryId::from_bytes([7; 16]), asked_at: DateTime::UNIX_EPOCH };
        outlet.tell(None, Part::Begun(begun));
        outlet.end(Err(QueryError::TooLate));
        outlet.tell(None, Part::Begun(begun));
        assert!(matches!(parts.next().await, Some(Ok(Part::Begun(_)))));
        assert!(matches!(parts.next().await, Some(Err(QueryError::TooLate))));
        assert!(parts.next().await.is_none(), "nothing is told after the end");
    }

    #[tokio::test]
    async fn the_path_waits_for_nobody_who_reads() {
        let (mut outlet, mut parts) = Parts::new();
        let begun = Begun { entry: EntryId::from_bytes([7; 16]), asked_at: DateTime::UNIX_EPOCH };
        for _ in 0..MAX_PARTS - 1 {
            outlet.tell(None, Part::Begun(begun));
        }
        outlet.end(Err(QueryError::TooLate));
        for _ in 0..MAX_PARTS - 1 {
            assert!(matches!(parts.next().await, Some(Ok(_))));
        }
        assert!(matches!(parts.next().await, Some(Err(QueryError::TooLate))), "there was room for the end");
    }
}
