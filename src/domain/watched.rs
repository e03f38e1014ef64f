//! A clock that is watched: what a machine's clock may do without anybody being told, and what not.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, Utc};

use crate::Clock;

/// A clock over another. Set back by no more than `bound`, it stands still until the other has caught up, so that what is
/// written in order has times in order. Set back by more, it says what the other says, and that it was set back, until the
/// other has caught up or another clock has confirmed it.
#[derive(Debug)]
pub struct WatchedClock {
    inner: Arc<dyn Clock>,
    bound: Duration,
    latest: Mutex<DateTime<Utc>>,
}

impl WatchedClock {
    /// Watches `inner` from now on.
    pub fn new(inner: Arc<dyn Clock>, bound: Duration) -> Self {
        let latest = Mutex::new(inner.now());
        Self { inner, bound, latest }
    }

    /// It was this late once, as something says that is durable.
    pub fn was(&self, moment: DateTime<Utc>) {
        let mut latest = self.latest();
        *latest = moment.max(*latest);
    }

    /// By how much it was set back, if by more than the bound.
    pub fn set_back_by(&self) -> Option<Duration> {
        let by = *self.latest() - self.inner.now();
        (by > self.bound).then_some(by)
    }

    fn latest(&self) -> MutexGuard<'_, DateTime<Utc>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for WatchedClock {
    fn now(&self) -> DateTime<Utc> {
        let mut latest = self.latest();
        let now = self.inner.now();
        if *latest - now > self.bound {
            return now;
        }
        *latest = now.max(*latest);
        *latest
    }

    fn is_set_back(&self) -> bool {
        self.set_back_by().is_some()
    }

    fn confirm(&self) {
        *self.latest() = self.inner.now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FixedClock;

    #[test]
    fn a_clock_set_back_a_little_stands_still_and_one_set_back_far_says_so_until_it_is_confirmed() {
        let noon: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
        let machine = Arc::new(FixedClock::at(noon));
        let clock = WatchedClock::new(machine.clone(), Duration::seconds(60));
        assert_eq!(clock.now(), noon);
        machine.advance(Duration::seconds(-60));
        assert!(clock.now() == noon && !clock.is_set_back());
        machine.advance(Duration::seconds(61));
        assert_eq!(clock.now(), noon + Duration::seconds(1));

        machine.advance(Duration::days(1));
        let ahead = clock.now();
        machine.set(noon);
        assert!(clock.now() == noon && clock.set_back_by() == Some(ahead - noon));
        machine.set(ahead - Duration::seconds(60));
        assert!(!clock.is_set_back() && clock.now() == ahead, "caught up");
        machine.set(noon);
        clock.confirm();
        assert!(!clock.is_set_back() && clock.now() == noon);
        clock.was(noon + Duration::seconds(61));
        assert!(clock.is_set_back());
    }
}
