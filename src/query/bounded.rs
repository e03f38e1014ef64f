//! Which accounts have lately reached their bound on questions, so that each is an event once an hour and not once a question.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::TimeDelta;
use ssbtek_authorize::Caller;
use ssbtek_domain::{CaseWorkerId, DateTime, OrganisationNumber, Utc};

/// Most accounts remembered; of more, some are an event more often.
const MAX_ACCOUNTS: usize = 4096;

/// Accounts that have reached their bound, and when that was told.
#[derive(Default)]
pub(crate) struct Bounded(Mutex<HashMap<(OrganisationNumber, CaseWorkerId), DateTime<Utc>>>);

impl Bounded {
    /// Whether this has not been told of the account within the hour.
    pub(crate) fn is_news(&self, caller: &Caller, now: DateTime<Utc>) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hour_ago = now - TimeDelta::hours(1);
        let account = (caller.board, caller.case_worker.clone());
        if told.get(&account).is_some_and(|at| *at > hour_ago) {
            return false;
        }
        if told.len() >= MAX_ACCOUNTS {
            told.retain(|_, at| *at > hour_ago);
        }
        if told.len() < MAX_ACCOUNTS {
            told.insert(account, now);
        }
        true
    }
}
