//! A source that keeps failing to answer is left alone for a while.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use ssbtek_domain::Outcome;
use tokio::time::Instant;

/// Opens after so many silent answers in a row; lets one question through after the pause.
#[derive(Debug)]
pub(crate) struct Breaker {
    after: u32,
    pause: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    silent_in_a_row: u32,
    closed_again_at: Option<Instant>,
}

impl Breaker {
    pub(crate) fn new(after: u32, pause: Duration) -> Self {
        Self { after: after.max(1), pause, state: Mutex::default() }
    }

    /// Whether the source may be asked now. While open, one question per pause goes through to find out.
    pub(crate) fn lets_through(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
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
    pub(crate) fn learn(&self, outcome: Outcome, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(outcome, Outcome::TimedOut | Outcome::NotReachable) {
            *state = State::default();
            return;
        }
        state.silent_in_a_row = state.silent_in_a_row.saturating_add(1);
        if state.silent_in_a_row >= self.after {
            state.closed_again_at = Some(now + self.pause);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_source_is_left_alone_and_tried_again_after_the_pause() {
        let breaker = Breaker::new(2, Duration::from_secs(5));
        let start = Instant::now();
        breaker.learn(Outcome::TimedOut, start);
        assert!(breaker.lets_through(start));
        breaker.learn(Outcome::NotReachable, start);
        assert!(!breaker.lets_through(start));
        let later = start + Duration::from_secs(5);
        assert!(breaker.lets_through(later), "one probe");
        assert!(!breaker.lets_through(later), "only one");
        breaker.learn(Outcome::Answered, later);
        assert!(breaker.lets_through(later));
    }

    #[test]
    fn a_source_that_says_it_failed_is_not_silent() {
        let breaker = Breaker::new(1, Duration::from_secs(5));
        breaker.learn(Outcome::FailedAtSource, Instant::now());
        assert!(breaker.lets_through(Instant::now()));
    }
}
