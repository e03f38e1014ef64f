//! A bound on refusals. Each account's over one certificate are recorded one by one up to so many in a window of time, its questions
//! apart from its other calls; what comes beyond is counted, and the count is recorded in the account's name when the window has
//! ended: "and N more". Nothing is dropped in silence, and no account's refusals are counted with another's.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use chrono::{SecondsFormat, TimeDelta};
use serde::{Deserialize, Serialize};
use ssbtek_authorize::{Caller, Denial};
use ssbtek_domain::{CaseWorkerId, DateTime, OrganisationNumber, Utc};

use crate::Door;

/// How many refusals of one account over one certificate a board's log takes one by one: so many questions, and so many other calls.
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
    whose: Whose,
    pub(crate) last: Caller,
    pub(crate) denial: Denial,
    pub(crate) door: Door,
    pub(crate) more: MoreRefusals,
}

/// Most accounts of one certificate in a board's log with a window of their own. Accounts are named by assertions, and who has
/// the board's key can name any: those beyond share one.
const MAX_ACCOUNTS: usize = 128;

/// Over which certificate, in which board's log.
type Over = ([u8; 32], OrganisationNumber);

/// Whose: an account's; `None`: of all beyond [`MAX_ACCOUNTS`].
type Whose = (Over, Option<CaseWorkerId>);

struct Window {
    began: DateTime<Utc>,
    /// Recorded one by one: of questions, and of other calls.
    recorded: [u32; 2],
    counted: Option<Counted>,
}

impl Window {
    fn begins(now: DateTime<Utc>) -> Self {
        Self { began: now, recorded: [0; 2], counted: None }
    }
}

/// The windows of all accounts. Certificates and boards are registered ones, so there are few of each.
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
        (denial, door, is_question): (Denial, Door, bool),
        now: DateTime<Utc>,
    ) -> (bool, Option<Counted>) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let whose = whose(&windows, caller);
        let window = windows.entry(whose.clone()).or_insert_with(|| Window::begins(now));
        let mut ended = None;
        if self.has_ended(window, now) {
            ended = window.counted.take();
            *window = Window::begins(now);
        }
        let recorded = &mut window.recorded[usize::from(is_question)];
        if *recorded < self.bounds.max_recorded {
            *recorded += 1;
            return (true, ended);
        }
        let counted = window.counted.get_or_insert_with(|| {
            tracing::warn!(board = %caller.board, alarm = "refusals_counted", "one account's refusals are counted, no longer recorded one by one");
            let since = window.began.to_rfc3339_opts(SecondsFormat::Millis, true);
            let more = MoreRefusals { count: 0, since, reasons: BTreeMap::new() };
            Counted { whose, last: caller.clone(), denial, door, more }
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
        let window = windows.entry(counted.whose.clone()).or_insert_with(|| Window::begins(now));
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

/// In whose window a caller's refusals are.
fn whose(windows: &HashMap<Whose, Window>, caller: &Caller) -> Whose {
    let over = (caller.certificate, caller.board);
    let own = (over, Some(caller.case_worker.clone()));
    if windows.contains_key(&own) {
        return own;
    }
    let accounts = windows.keys().filter(|(known, account)| *known == over && account.is_some()).count();
    if accounts < MAX_ACCOUNTS { own } else { (over, None) }
}
