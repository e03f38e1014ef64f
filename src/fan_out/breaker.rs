//! A source that keeps failing to answer is left alone for a while.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ssbtek_domain::{OrganisationNumber, Outcome};
use tokio::time::Instant;

/// Opens after so many silent answers in a row; lets one question through after the pause.
///
/// Each board's questions are counted by themselves, so that what one asks about, and how, never cuts off another.
#[derive(Debug)]
pub(crate) struct Breaker {
    after: u32,
    pause: Duration,
    /// Only boards whose last question met silence.
    boards: Mutex<HashMap<OrganisationNumber, State>>,
}

#[derive(Debug, Default)]
struct State {
    silent_in_a_row: u32,
    closed_again_at: Option<Instant>,
}

/// What a question tells about the source itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It spoke.
    Spoke,
    /// It did not, in all the time that a source is given, or it closed its door.
    Silent,
    /// Nothing: what ended the question was not the source.
    Nothing,
}

impl Heard {
    /// From an outcome. `in_full`: the source had the whole time that a source is given. A time-out within less says
    /// nothing of it, whoever called it one: the caller's deadline or the wait for a place made it short.
    pub(crate) fn from(outcome: Outcome, in_full: bool) -> Self {
        match outcome {
            Outcome::TimedOut if in_full => Heard::Silent,
            Outcome::NotReachable => Heard::Silent,
            // Who answers in its name is to be told of each time.
            Outcome::TimedOut | Outcome::IdentityRefused => Heard::Nothing,
            Outcome::NotAsked | Outcome::NotPermitted => Heard::Nothing,
            Outcome::Answered
            | Outcome::AnsweredInPart
            | Outcome::NoSuchPerson
            | Outcome::FailedAtSource
            | Outcome::AnswerRefused => Heard::Spoke,
        }
    }
}

impl Breaker {
    pub(crate) fn new(after: u32, pause: Duration) -> Self {
        Self { after: after.max(1), pause, boards: Mutex::default() }
    }

    /// Whether the board may ask the source now. While open, one question per pause goes through to find out.
    pub(crate) fn lets_through(&self, board: OrganisationNumber, now: Instant) -> bool {
        let mut boards = self.lock();
        let Some(state) = boards.get_mut(&board) else { return true };
        match state.closed_again_at {
            Some(at) if now < at => false,
            Some(_) => {
                state.closed_again_at = Some(now + self.pause);
                true
            }
            None => true,
        }
    }

    /// Learns from what became of a question.
    pub(crate) fn learn(&self, board: OrganisationNumber, heard: Heard, now: Instant) {
        match heard {
            Heard::Nothing => {}
            Heard::Spoke => drop(self.lock().remove(&board)),
            Heard::Silent => {
                let mut boards = self.lock();
                let state = boards.entry(board).or_default();
                state.silent_in_a_row = state.silent_in_a_row.saturating_add(1);
                if state.silent_in_a_row >= self.after {
                    state.closed_again_at = Some(now + self.pause);
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<OrganisationNumber, State>> {
        self.boards.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board(number: &str) -> OrganisationNumber {
        (0..10).find_map(|digit| OrganisationNumber::parse(&format!("{number}{digit}")).ok()).unwrap()
    }

    #[test]
    fn a_silent_source_is_left_alone_and_tried_again_after_the_pause() {
        let (breaker, board) = (Breaker::new(2, Duration::from_secs(5)), board("16212000999"));
        let start = Instant::now();
        breaker.learn(board, Heard::Silent, start);
        assert!(breaker.lets_through(board, start));
        breaker.learn(board, Heard::Silent, start);
        assert!(!breaker.lets_through(board, start));
        let later = start + Duration::from_secs(5);
        assert!(breaker.lets_through(board, later), "one probe");
        assert!(!breaker.lets_through(board, later), "only one");
        breaker.learn(board, Heard::Spoke, later);
        assert!(breaker.lets_through(board, later));
    }

    #[test]
    fn a_source_that_is_silent_to_one_board_is_still_asked_for_another() {
        let (one, other) = (board("16212000999"), board("16212000898"));
        let (breaker, now) = (Breaker::new(1, Duration::from_secs(5)), Instant::now());
        breaker.learn(one, Heard::Silent, now);
        assert!(!breaker.lets_through(one, now) && breaker.lets_through(other, now));
    }

    #[test]
    fn it_learns_only_from_what_the_source_itself_did() {
        use Heard::{Nothing, Silent, Spoke};
        for (outcome, in_full, in_short) in [
            (Outcome::NotAsked, Nothing, Nothing),
            (Outcome::NotPermitted, Nothing, Nothing),
            (Outcome::Answered, Spoke, Spoke),
            (Outcome::AnsweredInPart, Spoke, Spoke),
            (Outcome::NoSuchPerson, Spoke, Spoke),
            (Outcome::FailedAtSource, Spoke, Spoke),
            (Outcome::TimedOut, Silent, Nothing),
            (Outcome::NotReachable, Silent, Silent),
            (Outcome::AnswerRefused, Spoke, Spoke),
            (Outcome::IdentityRefused, Nothing, Nothing),
        ] {
            let heard = (Heard::from(outcome, true), Heard::from(outcome, false));
            assert_eq!(heard, (in_full, in_short), "{outcome}");
        }
    }
}
