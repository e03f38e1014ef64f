//! A bound on refusals. Each account's over one certificate are recorded one by one up to so many in a window of time, its questions
//! apart from its other calls; what comes beyond is counted, and the count is recorded in the account's name soon after: "and N
//! more". Nothing is dropped in silence, and no account's refusals are counted with another's. The assertions of what was counted
//! are spent by the record of the count.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use chrono::{SecondsFormat, TimeDelta};
use serde::{Deserialize, Serialize};
use ssbtek_authorize::{Caller, Denial, TokenUse};
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
    /// The assertions that were refused, but those that were spent before.
    pub(crate) spends: Vec<TokenUse>,
}

/// Most assertions that one record of a count spends: when they are so many, it is recorded at once.
const MAX_SPENT: usize = 1024;

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
    /// Whether it was an event that this window's are counted.
    told: bool,
}

impl Window {
    fn begins(now: DateTime<Utc>) -> Self {
        Self { began: now, recorded: [0; 2], counted: None, told: false }
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

    /// Whether this refusal is to be recorded by itself; else it is counted. With what was counted in a window that has ended, or is
    /// too much to wait.
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
        if !std::mem::replace(&mut window.told, true) {
            tracing::warn!(board = %caller.board, alarm = "refusals_counted", "one account's refusals are counted, no longer recorded one by one");
        }
        let counted = window.counted.get_or_insert_with(|| {
            let since = now.to_rfc3339_opts(SecondsFormat::Millis, true);
            let more = MoreRefusals { count: 0, since, reasons: BTreeMap::new() };
            Counted { whose, last: caller.clone(), denial, door, more, spends: Vec::new() }
        });
        counted.more.count += 1;
        *counted.more.reasons.entry(denial.as_str().to_owned()).or_default() += 1;
        (counted.last, counted.denial, counted.door) = (caller.clone(), denial, door);
        if denial != Denial::AssertionUsed {
            counted.spends.push(caller.token.clone());
        }
        // An ended window's count is told first; this window has only begun then.
        let too_much = counted.spends.len() >= MAX_SPENT;
        (false, ended.or_else(|| if too_much { window.counted.take() } else { None }))
    }

    /// What was counted and is not recorded yet. Windows that have ended are forgotten.
    pub(crate) fn counted(&self, now: DateTime<Utc>) -> Vec<Counted> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = windows.values_mut().filter_map(|window| window.counted.take()).collect();
        windows.retain(|_, window| !self.has_ended(window, now));
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
                later.spends.extend(counted.spends);
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
