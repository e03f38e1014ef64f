//! An answer as it comes, from the path to a door.

use ssbtek_domain::{Agency, DateTime, EntryId, Utc};
use ssbtek_merge::SectionAhead;
use tokio::sync::mpsc;

use crate::{QueryError, Released};

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
#[derive(Debug)]
pub(crate) struct Outlet(Option<mpsc::Sender<Result<Part, QueryError>>>);

impl Parts {
    pub(crate) fn new() -> (Outlet, Self) {
        let (to, from) = mpsc::channel(MAX_PARTS);
        (Outlet(Some(to)), Self { from, ended: false })
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
        Self(None)
    }

    /// Whether anything is told before the end.
    pub(crate) fn is_open(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn tell(&mut self, part: Part) {
        if let Some(to) = &self.0 {
            // There is room for all of them; whoever reads may be gone.
            let _ = to.try_send(Ok(part));
        }
    }

    /// Tells the end; nothing is told after it.
    pub(crate) fn end(&mut self, end: Result<Part, QueryError>) {
        if let Some(to) = self.0.take() {
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
