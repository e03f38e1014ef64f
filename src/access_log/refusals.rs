//! A bound on refusals. Each certificate's are recorded one by one up to so many in a window of time; what comes beyond is counted,
//! and the count is recorded when the window has ended: "and N more". Nothing is dropped in silence.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use chrono::{SecondsFormat, TimeDelta};
use serde::{Deserialize, Serialize};
use ssbtek_authorize::{Caller, Denial};
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};

use crate::Door;

/// How many refusals of one certificate a board's log takes one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusalBounds {
    /// Most that are recorded one by one in a window; those beyond it are counted.
    pub max_recorded: u32,
    /// The window, in seconds.
    pub window_s: u32,
}

impl Default for RefusalBounds {
    fn default() -> Self {
        Self { max_recorded: 300, window_s: 60 }
    }
}

/// Refusals that were counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoreRefusals {
    /// How many, beside those recorded one by one.
    pub count: u64,
    /// Since when, RFC 3339, UTC.
    pub since: String,
    /// How many for each reason, by the reason's name.
    pub reasons: BTreeMap<String, u64>,
}

/// Counted refusals that are to be recorded; with the last of them.
pub(crate) struct Counted {
    pub(crate) last: Caller,
    pub(crate) denial: Denial,
    pub(crate) door: Door,
    pub(crate) more: MoreRefusals,
}

/// Whose: a certificate, in one board's log.
type Whose = ([u8; 32], OrganisationNumber);

struct Window {
    began: DateTime<Utc>,
    recorded: u32,
    counted: Option<Counted>,
}

/// The windows of all certificates. Certificates and boards are registered ones, so there are few.
pub(crate) struct Refusals {
    bounds: RefusalBounds,
    windows: Mutex<HashMap<Whose, Window>>,
}

impl Refusals {
    pub(crate) fn new(bounds: RefusalBounds) -> Self {
        Self { bounds, windows: Mutex::default() }
    }

    fn has_ended(&self, window: &Window, now: DateTime<Utc>) -> bool {
        // A clock that was put back ends a window too.
        now < window.began || now - window.began >= TimeDelta::seconds(self.bounds.window_s.into())
    }

    /// Whether this refusal is to be recorded by itself; else it is counted. With what was counted in a window that has ended.
    pub(crate) fn admit(
        &self,
        caller: &Caller,
        (denial, door): (Denial, Door),
        now: DateTime<Utc>,
    ) -> (bool, Option<Counted>) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry((caller.certificate, caller.board));
        let window = window.or_insert(Window { began: now, recorded: 0, counted: None });
        let mut ended = None;
        if self.has_ended(window, now) {
            ended = window.counted.take();
            *window = Window { began: now, recorded: 0, counted: None };
        }
        if window.recorded < self.bounds.max_recorded {
            window.recorded += 1;
            return (true, ended);
        }
        let counted = window.counted.get_or_insert_with(|| {
            tracing::warn!(board = %caller.board, alarm = "refusals_counted", "one certificate's refusals are counted, no longer recorded one by one");
            let since = window.began.to_rfc3339_opts(SecondsFormat::Millis, true);
            let more = MoreRefusals { count: 0, since, reasons: BTreeMap::new() };
            Counted { last: caller.clone(), denial, door, more }
        });
        counted.more.count += 1;
        *counted.more.reasons.entry(denial.as_str().to_owned()).or_default() += 1;
        (counted.last, counted.denial, counted.door) = (caller.clone(), denial, door);
        (false, ended)
    }

    /// What was counted in windows that have ended; in all, if the process ends.
    pub(crate) fn ended(&self, now: DateTime<Utc>, all: bool) -> Vec<Counted> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let mut counted = Vec::new();
        windows.retain(|_, window| {
            let is_over = all || self.has_ended(window, now);
            if is_over {
                counted.extend(window.counted.take());
            }
            !is_over
        });
        counted
    }

    /// Counts again what could not be recorded.
    pub(crate) fn put_back(&self, counted: Counted, now: DateTime<Utc>) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let whose = (counted.last.certificate, counted.last.board);
        let window = windows.entry(whose).or_insert(Window { began: now, recorded: 0, counted: None });
        match &mut window.counted {
            None => window.counted = Some(counted),
            Some(later) => {
                later.more.count += counted.more.count;
                later.more.since = counted.more.since;
                for (reason, count) in counted.more.reasons {
                    *later.more.reasons.entry(reason).or_default() += count;
                }
            }
        }
    }
}
