//! Answers that are told as they come, kept for a while in memory: whoever was cut off can have the same parts again, and no agency is
//! asked again. Nothing here is let out; that is `again.rs`.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ssbtek_authorize::{Caller, CertificateCheck, FactsKey, Permit};
use ssbtek_domain::{Clock, DateTime, EntryId, OrganisationNumber, Protection, Utc};
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::{Part, QueryError};

/// How a door writes a part: as it travels.
pub type Write = fn(&Part) -> Vec<u8>;

/// A part as its door has written it. Wiped when the last who holds it lets go.
pub(crate) type Written = Arc<Zeroizing<Vec<u8>>>;

/// What an answer counts for beside its parts, in bytes: whom it may be told to and on what it rests.
const ANSWER_BYTES: usize = 8 * 1024;

/// How much is kept, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct KeepLimits {
    /// For how long after its end, in milliseconds; 0: nothing is kept.
    pub resume_within_ms: u64,
    /// Most bytes of answers that have ended. Of more, the oldest of the board that holds most are let go first.
    pub max_resumable_bytes: usize,
}

impl Default for KeepLimits {
    fn default() -> Self {
        Self { resume_within_ms: 60_000, max_resumable_bytes: 64 * 1024 * 1024 }
    }
}

/// One answer: of one question, or of those about everybody in a household.
pub(crate) struct KeptAnswer {
    /// Of the first question.
    pub(crate) permit: Permit,
    /// The documents that everybody whom it is about depends on, in one reading.
    pub(crate) facts_key: FactsKey,
    write: Write,
    told: watch::Sender<Told>,
}

/// What has been told of it.
struct Told {
    /// Each with the question that it belongs to; `None`: to all.
    parts: Vec<(Written, Option<usize>)>,
    questions: Vec<Question>,
    /// How it ended, and when.
    end: Option<(Result<(), QueryError>, DateTime<Utc>)>,
}

/// One question that is answered.
#[derive(Clone)]
pub(crate) struct Question {
    pub(crate) entry: EntryId,
    /// On what the answer rests.
    pub(crate) permit: Permit,
    /// What was said of protected identity by then.
    pub(crate) said: (Protection, bool),
    /// Nothing more is told of it.
    pub(crate) stopped: bool,
}

/// All of them. Those under way count by the places of their calls; those that have ended, by their bytes.
pub(crate) struct KeptAnswers {
    limits: KeepLimits,
    clock: Arc<dyn Clock>,
    shelf: Mutex<Shelf>,
}

#[derive(Default)]
struct Shelf {
    answers: HashMap<EntryId, Arc<KeptAnswer>>,
    ended: Ended,
}

/// Those that have ended, by board, oldest first, each with its bytes.
#[derive(Default)]
struct Ended(HashMap<OrganisationNumber, VecDeque<(EntryId, usize)>>);

impl Ended {
    /// Counts one more. Returns those that are too much: of the board that holds most, the oldest first.
    fn count(&mut self, board: OrganisationNumber, one: (EntryId, usize), most: usize) -> Vec<EntryId> {
        self.0.entry(board).or_default().push_back(one);
        let held = |ended: &VecDeque<(EntryId, usize)>| ended.iter().map(|(_, bytes)| bytes).sum::<usize>();
        let mut all: usize = self.0.values().map(held).sum();
        let mut too_much = Vec::new();
        while all > most {
            let fullest = self.0.values_mut().max_by_key(|ended| held(ended));
            let Some((oldest, bytes)) = fullest.and_then(VecDeque::pop_front) else { break };
            all -= bytes;
            too_much.push(oldest);
        }
        too_much
    }

    fn forget(&mut self, entry: EntryId) {
        self.0.retain(|_, ended| {
            ended.retain(|(other, _)| *other != entry);
            !ended.is_empty()
        });
    }
}

impl KeptAnswers {
    pub(crate) fn new(limits: KeepLimits, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { limits, clock, shelf: Mutex::default() })
    }

    /// For how long after its end an answer is kept.
    pub(crate) fn within(&self) -> Duration {
        Duration::from_millis(self.limits.resume_within_ms)
    }

    /// Begins to keep an answer; `None` where none are kept.
    pub(crate) fn keep<'p>(
        self: &Arc<Self>,
        questions: impl IntoIterator<Item = (EntryId, &'p Permit)>,
        write: Write,
    ) -> Option<Keeper> {
        if self.within().is_zero() {
            return None;
        }
        let question = |(entry, permit): (EntryId, &Permit)| {
            let said = (permit.protection().max(Protection::NotKnown), false);
            Question { entry, permit: permit.clone(), said, stopped: false }
        };
        let questions: Vec<_> = questions.into_iter().map(question).collect();
        let Question { entry, permit, .. } = questions.first()?.clone();
        let facts_key = match questions.len() {
            1 => permit.facts_key(),
            _ => permit.facts_key().about(None),
        };
        let told = watch::Sender::new(Told { parts: Vec::new(), questions, end: None });
        let answer = KeptAnswer { permit, facts_key, write, told };
        let answer = Arc::new(answer);
        self.shelf().answers.insert(entry, answer.clone());
        Some(Keeper { all: self.clone(), entry, answer })
    }

    /// The answer that was begun under this entry by this very account over this very certificate; `None` for everybody else, and where
    /// it is over.
    pub(crate) fn of(
        &self,
        entry: EntryId,
        caller: &Caller,
        certificate: &CertificateCheck,
    ) -> Option<Arc<KeptAnswer>> {
        let answer = self.shelf().answers.get(&entry)?.clone();
        let of = |question: &Question| question.permit.taken_up_by(caller, certificate.clone());
        if !answer.told.borrow().questions.iter().all(|question| of(question).is_some()) {
            return None;
        }
        let ended = answer.told.borrow().end.as_ref().map(|(_, at)| *at);
        if ended.is_some_and(|ended| !self.is_within(ended)) {
            self.forget(entry);
            return None;
        }
        Some(answer)
    }

    /// By the wall clock, which may have been set: the sooner end counts.
    fn is_within(&self, ended: DateTime<Utc>) -> bool {
        (self.clock.now() - ended).abs().to_std().is_ok_and(|gone| gone < self.within())
    }

    /// Lets go of an answer. Whoever is being told of it is told no more.
    pub(crate) fn forget(&self, entry: EntryId) {
        let mut shelf = self.shelf();
        shelf.ended.forget(entry);
        let answer = shelf.answers.remove(&entry);
        drop(shelf);
        if let Some(answer) = answer {
            answer.over(QueryError::NotKept, self.clock.now());
        }
    }

    /// Counts what has ended, and lets go of what is too much.
    fn count(&self, entry: EntryId, answer: &KeptAnswer) {
        let bytes = answer.told.borrow().parts.iter().map(|(part, _)| part.len()).sum::<usize>();
        let bytes = bytes + ANSWER_BYTES * answer.told.borrow().questions.len();
        let (board, most) = (answer.permit.board(), self.limits.max_resumable_bytes);
        let too_much = self.shelf().ended.count(board, (entry, bytes), most);
        too_much.into_iter().for_each(|entry| self.forget(entry));
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeptAnswer {
    /// Waits until there is a part after so many, or none will come.
    pub(crate) async fn wait_after(&self, read: usize) {
        let mut told = self.told.subscribe();
        // Whoever tells is held by the answer itself.
        let _ = told.wait_for(|told| told.parts.len() > read || told.end.is_some()).await;
    }

    /// The part after so many, if there is one.
    pub(crate) fn part(&self, read: usize) -> Option<(Written, Option<usize>)> {
        self.told.borrow().parts.get(read).cloned()
    }

    /// The questions as they stand by now, and how the answer ended, if it did.
    pub(crate) fn questions_and_end(&self) -> (Vec<Question>, Option<Result<(), QueryError>>) {
        let told = self.told.borrow();
        (told.questions.clone(), told.end.as_ref().map(|(end, _)| end.clone()))
    }

    /// Nothing of it is told any more.
    fn over(&self, why: QueryError, at: DateTime<Utc>) {
        self.told.send_modify(|told| {
            told.parts.clear();
            told.end = Some((Err(why), at));
        });
    }
}

/// Where the path puts what it tells of one answer.
pub(crate) struct Keeper {
    all: Arc<KeptAnswers>,
    entry: EntryId,
    answer: Arc<KeptAnswer>,
}

impl Keeper {
    /// What the answer to one of the questions rests on by now, and what has been said of protected identity.
    pub(crate) fn said(&self, nth: usize, permit: &Permit, said: (Protection, bool)) {
        self.change(nth, |question| (question.permit, question.said) = (permit.clone(), said));
    }

    /// Nothing more is told of the answer to one of the questions.
    pub(crate) fn stopped(&self, nth: usize) {
        self.change(nth, |question| question.stopped = true);
    }

    fn change(&self, nth: usize, change: impl FnOnce(&mut Question)) {
        self.answer.told.send_modify(|told| {
            if let Some(question) = told.questions.get_mut(nth) {
                change(question);
            }
        });
    }

    pub(crate) fn tell(&self, of: Option<usize>, part: &Part) {
        let written = Arc::new(Zeroizing::new((self.answer.write)(part)));
        self.answer.told.send_modify(|told| told.parts.push((written, of)));
    }

    /// Tells the end, and that it is kept for so long from now on. Of an answer that is held back, nothing is kept but that.
    pub(crate) fn end(self, end: &Result<Part, QueryError>) {
        match end {
            Ok(part) => {
                self.tell(None, part);
                let now = self.all.clock.now();
                self.answer.told.send_modify(|told| told.end = Some((Ok(()), now)));
            }
            Err(error) => self.answer.over(error.clone(), self.all.clock.now()),
        }
        self.all.count(self.entry, &self.answer);
        let (all, entry) = (self.all.clone(), self.entry);
        tokio::spawn(async move {
            tokio::time::sleep(all.within()).await;
            all.forget(entry);
        });
    }
}

impl Drop for Keeper {
    /// A path that ended in a panic has told of no end.
    fn drop(&mut self) {
        if self.answer.told.borrow().end.is_none() {
            self.all.forget(self.entry);
        }
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keeper({})", self.entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_much_the_oldest_of_the_board_that_holds_most_is_let_go_first() {
        let board = |number: &str| OrganisationNumber::parse(number).unwrap();
        let (one, other) = (board("162120009994"), board("162021009994"));
        let entry = |byte| EntryId::from_bytes([byte; 16]);
        let mut ended = Ended::default();
        assert!(ended.count(one, (entry(1), 40), 100).is_empty());
        assert!(ended.count(other, (entry(2), 30), 100).is_empty());
        assert!(ended.count(one, (entry(3), 30), 100).is_empty(), "all of it fits");
        assert_eq!(ended.count(other, (entry(4), 20), 100), [entry(1)], "the other's own are not too much");
        ended.forget(entry(3));
        assert!(ended.count(one, (entry(5), 50), 100).is_empty(), "what is gone does not count");
        assert_eq!(
            ended.count(one, (entry(6), 101), 100),
            [entry(5), entry(6)],
            "larger than all that may be kept"
        );
        assert!(ended.count(one, (entry(7), 50), 100).is_empty());
    }
}
