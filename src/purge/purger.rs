//! What all steps of a purge share.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    panic::Location,
    sync::{Arc, Mutex, PoisonError},
};

use ssbtek_access_log::AccessLog;
use ssbtek_domain::{Clock, Entropy, OrganisationNumber};
use ssbtek_telemetry::Fault;
use ssbtek_vault::Vault;
use tokio::sync::watch;

use crate::{Ledger, PurgeError, RetentionStore, SecondClock, time::Agreement};

/// How long things are kept where no board says otherwise, and the bounds of a purge.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// Whole calendar months that log payloads are kept after the month in which they were made.
    pub log_months: u32,
    /// Fewest months a board may choose.
    pub min_log_months: u32,
    /// Days that a case is kept after it was closed.
    pub case_days: u32,
    /// How far the two clocks may differ, in seconds.
    pub clock_bound_s: u32,
    /// Rows erased in one transaction.
    pub batch: u32,
    /// How often compacting is tried while a reader is in the way, before the purge is put off to the next sweep.
    pub compact_tries: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            log_months: 60,
            min_log_months: 3,
            case_days: 90,
            clock_bound_s: 600,
            batch: 200,
            compact_tries: 20,
        }
    }
}

/// Origin and public key (vkey) of a board's log.
pub type LogIdentity = Arc<dyn Fn(OrganisationNumber) -> Option<(String, String)> + Send + Sync>;

/// Erases what is due.
pub struct Purger {
    pub(crate) store: Arc<dyn RetentionStore>,
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) log: AccessLog,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) identity: LogIdentity,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) second: Arc<dyn SecondClock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) policy: Policy,
    /// One purge at a time.
    pub(crate) running: tokio::sync::Mutex<()>,
    last: Mutex<Option<Agreement>>,
    /// Boards whose purge failed when it was last tried.
    failed: Mutex<BTreeSet<OrganisationNumber>>,
    pub(crate) readiness: watch::Sender<Readiness>,
}

/// Boards whose purge is overdue or has failed (`false`) or not (`true`).
pub type Readiness = BTreeMap<OrganisationNumber, bool>;

impl Purger {
    /// Over these ports.
    #[expect(clippy::too_many_arguments, reason = "every one is a port or a bound of its own")]
    pub fn new(
        store: Arc<dyn RetentionStore>,
        vault: Arc<dyn Vault>,
        log: AccessLog,
        ledger: Ledger,
        identity: LogIdentity,
        clock: Arc<dyn Clock>,
        second: Arc<dyn SecondClock>,
        entropy: Arc<dyn Entropy>,
        policy: Policy,
    ) -> Self {
        Self {
            store,
            vault,
            log,
            ledger: Arc::new(ledger),
            identity,
            clock,
            second,
            entropy,
            policy,
            running: tokio::sync::Mutex::default(),
            last: Mutex::default(),
            failed: Mutex::default(),
            readiness: watch::Sender::default(),
        }
    }

    /// The bounds it works by.
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// The log and registry it certifies in.
    pub fn log(&self) -> &AccessLog {
        &self.log
    }

    /// The clock it works by.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Which boards are overdue, and every change of it.
    pub fn readiness(&self) -> watch::Receiver<Readiness> {
        self.readiness.subscribe()
    }

    /// What the clocks said when a purge last asked them.
    pub fn last_agreement(&self) -> Option<Agreement> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Boards whose purge failed when it was last tried.
    pub fn failed(&self) -> BTreeSet<OrganisationNumber> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What one board's purge came to: its own fault (the inner error) has been told of, and ends nobody else's.
    #[track_caller]
    pub(crate) fn one_boards<T>(
        &self,
        board: OrganisationNumber,
        result: Result<T, PurgeError>,
    ) -> Result<Result<T, PurgeError>, PurgeError> {
        match result {
            Err(error) if error.is_everybodys() => Err(error),
            Err(error) => {
                self.has_failed(board, &error);
                Ok(Err(error))
            }
            done => Ok(done),
        }
    }

    /// Says so, once for each time that it is tried.
    #[track_caller]
    pub(crate) fn has_failed(&self, board: OrganisationNumber, error: &PurgeError) {
        if self.failed.lock().unwrap_or_else(PoisonError::into_inner).insert(board) {
            tell(Location::caller(), Some(board), error);
        }
    }

    /// Whatever failed is tried anew.
    pub(crate) fn try_anew(&self) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn remember(&self, agreement: Agreement) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(agreement);
    }
}

/// Tells of a fault, unless whoever found it has.
pub(crate) fn tell(at: &Location<'_>, board: Option<OrganisationNumber>, error: &PurgeError) {
    let Some(kind) = error.untold() else { return };
    let fault = Fault::new(at, kind).alarm("purge_failed");
    match &board {
        Some(board) => fault.of(board).tell(&format_args!("a board's purge did not end: {error}")),
        None => fault.tell(&format_args!("a purge did not end: {error}")),
    }
}

impl fmt::Debug for Purger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Purger")
    }
}
