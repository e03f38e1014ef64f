//! The places at one source: so many questions under way, shared fairly by the boards.
//!
//! A board takes a place only while what is then left for others stays in proportion to what it holds, and the last place
//! is kept for a board that holds none: however slow the source is and however much one board asks, a newcomer finds a
//! place. Who waits is served by who holds least. Taking is one step under one lock, so nothing overshoots.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ssbtek_domain::OrganisationNumber;
use tokio::sync::oneshot;

/// A board holds at most so many times what is left free.
const SHARE: usize = 4;

/// The board has as many questions waiting at the source as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooManyWaiting;

/// All places at one source.
#[derive(Debug)]
pub(crate) struct Places {
    max_waiting_per_board: usize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    boards: HashMap<OrganisationNumber, Line>,
}

/// What one board holds, and what it waits for.
#[derive(Debug, Default)]
struct Line {
    held: usize,
    waiting: VecDeque<oneshot::Sender<Place>>,
}

/// One question under way; freed when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    /// `None` once it was given back by hand.
    of: Option<Arc<Places>>,
    board: OrganisationNumber,
    /// Whether it could not be had at once.
    pub(crate) waited: bool,
}

impl Places {
    pub(crate) fn new(places: usize, max_waiting_per_board: usize) -> Arc<Self> {
        let state = State { free: places.max(1), boards: HashMap::new() };
        Arc::new(Self { max_waiting_per_board, state: Mutex::new(state) })
    }

    /// A place for a question of `board`; waits for one. Who stops waiting leaves nothing behind.
    pub(crate) async fn take(self: &Arc<Self>, board: OrganisationNumber) -> Result<Place, TooManyWaiting> {
        let given = {
            let mut state = self.lock();
            let State { free, boards } = &mut *state;
            let line = boards.entry(board).or_default();
            line.waiting.retain(|waiting| !waiting.is_closed());
            if line.waiting.is_empty() && may_take(line.held, *free) {
                *free -= 1;
                line.held += 1;
                return Ok(Place { of: Some(self.clone()), board, waited: false });
            }
            if line.waiting.len() >= self.max_waiting_per_board {
                return Err(TooManyWaiting);
            }
            let (give, given) = oneshot::channel();
            line.waiting.push_back(give);
            given
        };
        // The sender is kept until it gives: it cannot be gone before.
        given.await.map_err(|_| TooManyWaiting)
    }

    fn give_back(self: &Arc<Self>, board: OrganisationNumber) {
        let mut state = self.lock();
        state.free += 1;
        if let Some(line) = state.boards.get_mut(&board) {
            line.held = line.held.saturating_sub(1);
        }
        while let Some(next) = state.next() {
            let State { free, boards } = &mut *state;
            let Some(line) = boards.get_mut(&next) else { break };
            let Some(give) = line.waiting.pop_front() else { break };
            let place = Place { of: Some(self.clone()), board: next, waited: true };
            match give.send(place) {
                Ok(()) => {
                    *free -= 1;
                    line.held += 1;
                }
                // Nobody waits for it any more; it was never counted.
                Err(mut place) => place.of = None,
            }
        }
        state.boards.retain(|_, line| line.held > 0 || !line.waiting.is_empty());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Of the boards that wait and may take a place, the one that holds least.
    fn next(&self) -> Option<OrganisationNumber> {
        let waiting = self.boards.iter().filter(|(_, line)| !line.waiting.is_empty());
        let (board, line) = waiting.min_by_key(|(board, line)| (line.held, **board))?;
        may_take(line.held, self.free).then_some(*board)
    }
}

/// Whether a board that holds so many may take one of so many that are free.
fn may_take(held: usize, free: usize) -> bool {
    match free.checked_sub(1) {
        None => false,
        Some(left) => held == 0 || held < SHARE * left,
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(places) = self.of.take() {
            places.give_back(self.board);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, future::join_all};

    use super::*;

    fn board(nth: usize) -> OrganisationNumber {
        let body = format!("1621{:07}", 2_000_000 + nth);
        (0..10).find_map(|digit| OrganisationNumber::parse(&format!("{body}{digit}")).ok()).unwrap()
    }

    fn take_all(places: &Arc<Places>, board: OrganisationNumber) -> Vec<Place> {
        let mut held = Vec::new();
        while let Some(Ok(place)) = places.take(board).now_or_never() {
            held.push(place);
        }
        held
    }

    #[test]
    fn however_much_one_board_holds_twenty_others_find_a_place_at_once() {
        let places = Places::new(256, 8);
        let greedy = take_all(&places, board(0));
        assert_eq!(greedy.len(), 204, "four fifths");
        let others: Vec<_> = (1..=20).map(|nth| places.take(board(nth)).now_or_never()).collect();
        assert!(others.iter().all(|place| matches!(place, Some(Ok(place)) if !place.waited)));
    }

    #[test]
    fn the_last_place_is_kept_for_a_board_that_holds_none() {
        for total in 2..20 {
            let places = Places::new(total, 8);
            let greedy = take_all(&places, board(0));
            assert!(greedy.len() < total && greedy.len() * 2 >= total, "{} of {total}", greedy.len());
            assert!(matches!(places.take(board(1)).now_or_never(), Some(Ok(_))), "{total}");
        }
        let only = Places::new(1, 8);
        assert_eq!(take_all(&only, board(0)).len(), 1);
    }

    #[tokio::test]
    async fn a_place_that_is_freed_goes_to_the_board_that_holds_least() {
        let places = Places::new(2, 8);
        let (greedy, other) = (take_all(&places, board(0)), places.take(board(1)).await.unwrap());
        assert_eq!(greedy.len(), 1);
        let mut again = Box::pin(places.take(board(0)));
        assert!(again.as_mut().now_or_never().is_none());
        let mut newcomer = Box::pin(places.take(board(2)));
        assert!(newcomer.as_mut().now_or_never().is_none());
        drop(other);
        assert!(newcomer.await.unwrap().waited, "it holds none");
        assert!(again.as_mut().now_or_never().is_none() || greedy.is_empty());
    }

    #[tokio::test]
    async fn who_stops_waiting_takes_no_place_and_a_full_line_refuses_at_once() {
        let places = Places::new(1, 2);
        let held = places.take(board(0)).await.unwrap();
        let mut waiting: Vec<_> = (0..2).map(|_| Box::pin(places.take(board(1)))).collect();
        assert!(join_all(waiting.iter_mut()).now_or_never().is_none());
        assert_eq!(places.take(board(1)).await.err(), Some(TooManyWaiting));
        waiting.clear();
        drop(held);
        assert!(matches!(places.take(board(1)).now_or_never(), Some(Ok(place)) if !place.waited));
        assert_eq!(places.lock().free, 1);
        assert!(places.lock().boards.is_empty());
    }
}
