//! How long a log has been without its quorum, and a witness without an answer: events, and the refusal that follows.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use ssbtek_config::WitnessingConfig;
use ssbtek_domain::OrganisationNumber;
use ssbtek_witness::ClientError;
use tokio::{sync::watch, time::Instant};

/// How often a lag that lasts is told again.
const AGAIN: Duration = Duration::from_secs(3600);

/// Since when what is lagging.
#[derive(Debug)]
pub(super) struct Lag {
    alarm_after: Duration,
    /// Beyond this a board is refused; `None`: never.
    refuse_after: Option<Duration>,
    boards: HashMap<OrganisationNumber, Behind>,
    witnesses: Vec<Option<Silent>>,
    /// For each log, whether no lag of it is told now.
    shown: watch::Sender<BTreeMap<OrganisationNumber, bool>>,
}

/// A log whose newest records have no quorum.
#[derive(Debug)]
struct Behind {
    since: Instant,
    reached: u64,
    size: u64,
    told: Option<Instant>,
}

/// A witness that does not cosign.
#[derive(Debug)]
struct Silent {
    since: Instant,
    name: String,
    error: ClientError,
    told: Option<Instant>,
}

impl Lag {
    pub(super) fn new(settings: &WitnessingConfig, witnesses: usize) -> Self {
        let refuse_after = (settings.max_lag_s > 0).then(|| Duration::from_secs(settings.max_lag_s));
        Self {
            alarm_after: Duration::from_secs(settings.lag_alarm_s),
            refuse_after,
            boards: HashMap::new(),
            witnesses: (0..witnesses).map(|_| None).collect(),
            shown: watch::Sender::default(),
        }
    }

    /// For each log, whether no lag of it is told now.
    pub(super) fn shown(&self) -> watch::Receiver<BTreeMap<OrganisationNumber, bool>> {
        self.shown.subscribe()
    }

    fn show(&self, board: OrganisationNumber) {
        let fine = self.boards.get(&board).is_none_or(|behind| behind.told.is_none());
        self.shown.send_if_modified(|shown| shown.insert(board, fine) != Some(fine));
    }

    /// A log of `size` records is cosigned up to `reached`.
    pub(super) fn note(&mut self, board: OrganisationNumber, reached: u64, size: u64, now: Instant) {
        self.behind(board, reached, size, now);
        self.show(board);
    }

    fn behind(&mut self, board: OrganisationNumber, reached: u64, size: u64, now: Instant) {
        if let Some(behind) = self.boards.get_mut(&board)
            && reached < size
        {
            if behind.reached < reached {
                behind.since = now;
            }
            (behind.reached, behind.size) = (reached, size);
            return;
        }
        if reached < size {
            self.boards.insert(board, Behind { since: now, reached, size, told: None });
        } else if self.boards.remove(&board).is_some_and(|behind| behind.told.is_some()) {
            tracing::info!(%board, records = size, "the access log is cosigned to its end again");
        }
    }

    /// A witness has cosigned.
    pub(super) fn answered(&mut self, at: usize, name: &str) {
        let Some(place) = self.witnesses.get_mut(at) else { return };
        if place.take().is_some_and(|silent| silent.told.is_some()) {
            tracing::info!(witness = name, "the witness cosigns again");
        }
    }

    /// A witness has not.
    pub(super) fn silent(&mut self, at: usize, name: &str, error: ClientError, now: Instant) {
        let Some(place) = self.witnesses.get_mut(at) else { return };
        let silent = || Silent { since: now, name: name.to_owned(), error, told: None };
        place.get_or_insert_with(silent).error = error;
    }

    /// Raises what has lasted too long, once and then every hour.
    pub(super) fn tell(&mut self, now: Instant) {
        let due = |since: Instant, told: &mut Option<Instant>| {
            let due = now - since >= self.alarm_after && told.is_none_or(|told| now - told >= AGAIN);
            if due {
                *told = Some(now);
            }
            due
        };
        for (board, behind) in &mut self.boards {
            if due(behind.since, &mut behind.told) {
                tracing::error!(
                    alarm = "witness_lags",
                    %board,
                    cosigned = behind.reached,
                    records = behind.size,
                    seconds = (now - behind.since).as_secs(),
                    "the access log's newest records are not cosigned"
                );
            }
        }
        self.boards.keys().for_each(|board| self.show(*board));
        for silent in self.witnesses.iter_mut().flatten() {
            if due(silent.since, &mut silent.told) {
                tracing::error!(
                    alarm = "witness_silent",
                    witness = silent.name,
                    seconds = (now - silent.since).as_secs(),
                    "the witness does not cosign: {}",
                    silent.error
                );
            }
        }
    }

    /// Whether a log has been without its quorum for longer than is allowed.
    pub(super) fn refuses(&self, board: OrganisationNumber, now: Instant) -> bool {
        let bound = self.refuse_after.unwrap_or(Duration::MAX);
        self.boards.get(&board).is_some_and(|behind| now - behind.since > bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> WitnessingConfig {
        WitnessingConfig { lag_alarm_s: 60, max_lag_s: 600, ..WitnessingConfig::default() }
    }

    #[test]
    fn a_log_without_its_quorum_is_refused_beyond_the_bound_and_taken_again_once_it_is_cosigned() {
        let board = OrganisationNumber::parse("162120009994").unwrap();
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let mut lag = Lag::new(&settings(), 1);
        lag.note(board, 3, 4, at(0));
        lag.note(board, 3, 9, at(600));
        assert!(!lag.refuses(board, at(600)));
        assert!(lag.refuses(board, at(601)), "records that come later do not make the first one younger");
        lag.note(board, 8, 9, at(602));
        assert!(!lag.refuses(board, at(602)), "only the newest record waits, and not for long");
        lag.note(board, 9, 9, at(603));
        assert!(!lag.refuses(board, at(9000)));
        let mut never = Lag::new(&WitnessingConfig { max_lag_s: 0, ..settings() }, 1);
        never.note(board, 0, 1, at(0));
        assert!(!never.refuses(board, at(1 << 30)));
    }

    #[test]
    fn what_lasts_is_told_once_and_then_every_hour() {
        let board = OrganisationNumber::parse("162120009994").unwrap();
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let mut lag = Lag::new(&settings(), 1);
        lag.note(board, 0, 1, at(0));
        lag.silent(0, "w", ClientError::NotReachable, at(0));
        let told = |lag: &Lag| (lag.boards[&board].told, lag.witnesses[0].as_ref().unwrap().told);
        lag.tell(at(59));
        assert_eq!(told(&lag), (None, None));
        assert_eq!(lag.shown().borrow().get(&board), Some(&true));
        for (now, last) in [(60, 60), (61, 60), (3659, 60), (3660, 3660)] {
            lag.tell(at(now));
            assert_eq!(told(&lag), (Some(at(last)), Some(at(last))));
            assert_eq!(lag.shown().borrow().get(&board), Some(&false));
        }
        lag.note(board, 1, 1, at(3661));
        assert_eq!(lag.shown().borrow().get(&board), Some(&true));
        lag.answered(0, "w");
        assert!(lag.witnesses[0].is_none());
    }
}
