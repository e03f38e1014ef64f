//! An answer as it comes, from the path to a door.

use std::sync::Arc;

use ssbtek_authorize::Permit;
use ssbtek_domain::{Agency, DateTime, EntryId, Protection, Utc};
use ssbtek_merge::SectionAhead;
use tokio::sync::mpsc;

use crate::{
    QueryError, Released, Write,
    kept::{Keeper, KeptAnswers},
};

/// Room for everything that one question can come to, so that the path never waits for whoever reads: the beginning, a section
/// for each agency, and the end.
const MAX_PARTS: usize = Agency::ALL.len() + 2;

/// A part of an answer that is told as it comes.
#[derive(Debug)]
pub enum Part {
    /// The question is durably logged; nobody has been asked before that.
    Begun(Begun),
    /// One agency's section. Each agency has one, in the order in which they answer.
    Section(Box<Released<SectionAhead>>),
    /// The whole answer, in which everything stands: the last part.
    Answer(Box<Released>),
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
        let (to, from) = mpsc::channel(MAX_PARTS);
        (Outlet { to: Some(to), ..Outlet::default() }, Self { from, ended: false })
    }

    /// The next part, as soon as it may leave; `None` after the answer or an error.
    pub async fn next(&mut self) -> Option<Result<Part, QueryError>> {
        if self.ended {
            return None;
        }
        // A path that ended in a panic has told of no end.
        let part = self.from.recv().await.unwrap_or(Err(QueryError::Unrecorded));
        self.ended = matches!(part, Err(_) | Ok(Part::Answer(_)));
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

    /// The question is logged, under this entry.
    pub(crate) fn opened(&mut self, entry: EntryId, permit: &Permit) {
        self.kept = self.keeping.take().and_then(|(all, write)| all.keep(entry, permit, write));
    }

    /// What is said of protected identity by now, before anything is told or recorded that rests on it.
    pub(crate) fn said(&mut self, said: (Protection, bool)) {
        if let Some(kept) = &self.kept {
            kept.said(said);
        }
    }

    pub(crate) fn tell(&mut self, part: Part) {
        if let Some(kept) = &self.kept {
            kept.tell(&part);
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
        outlet.tell(Part::Begun(begun));
        outlet.end(Err(QueryError::TooLate));
        outlet.tell(Part::Begun(begun));
        assert!(matches!(parts.next().await, Some(Ok(Part::Begun(_)))));
        assert!(matches!(parts.next().await, Some(Err(QueryError::TooLate))));
        assert!(parts.next().await.is_none(), "nothing is told after the end");
    }

    #[tokio::test]
    async fn the_path_waits_for_nobody_who_reads() {
        let (mut outlet, mut parts) = Parts::new();
        let begun = Begun { entry: EntryId::from_bytes([7; 16]), asked_at: DateTime::UNIX_EPOCH };
        for _ in 0..MAX_PARTS - 1 {
            outlet.tell(Part::Begun(begun));
        }
        outlet.end(Err(QueryError::TooLate));
        for _ in 0..MAX_PARTS - 1 {
            assert!(matches!(parts.next().await, Some(Ok(_))));
        }
        assert!(matches!(parts.next().await, Some(Err(QueryError::TooLate))), "there was room for the end");
    }
}
