//! What all steps of a purge share.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    panic::Location,
    sync::{Arc, Mutex, PoisonError},
};

use ssbtek_access_log::{AccessLog, Holder, Leases};
use ssbtek_domain::{Clock, Entropy, EntryId, OrganisationNumber};
use ssbtek_telemetry::Fault;
use ssbtek_vault::Vault;
use tokio::sync::watch;

use crate::{Ledger, PurgeError, RetentionStore, SecondClock, time::Agreement, turn::Turn};

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

/// What a purger works with.
pub struct Around {
    /// What it erases from.
    pub store: Arc<dyn RetentionStore>,
    /// So that of several gateways one purges at a time.
    pub leases: Arc<dyn Leases>,
    /// The keys.
    pub vault: Arc<dyn Vault>,
    /// Where it certifies.
    pub log: AccessLog,
    /// Where it writes down what it begins and what it has done.
    pub ledger: Ledger,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Tells the time too.
    pub second: Arc<dyn SecondClock>,
    /// Gives randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// Erases what is due.
pub struct Purger {
    pub(crate) store: Arc<dyn RetentionStore>,
    pub(crate) leases: Arc<dyn Leases>,
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) log: AccessLog,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) second: Arc<dyn SecondClock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) policy: Policy,
    /// One purge at a time.
    pub(crate) running: tokio::sync::Mutex<()>,
    pub(crate) turn: Turn,
    last: Mutex<Option<Agreement>>,
    /// Boards whose purge failed when it was last tried.
    failed: Mutex<BTreeSet<OrganisationNumber>>,
    /// Purges that are to be repeated in a database that was put back.
    pub(crate) repeated_later: Mutex<Vec<EntryId>>,
    pub(crate) readiness: watch::Sender<Readiness>,
}

/// Boards whose purge is overdue or has failed (`false`) or not (`true`).
pub type Readiness = BTreeMap<OrganisationNumber, bool>;

impl Purger {
    /// With all this, by these bounds.
    pub fn new(around: Around, policy: Policy) -> Self {
        let Around { store, leases, vault, log, ledger, clock, second, entropy } = around;
        Self {
            store,
            leases,
            vault,
            log,
            ledger: Arc::new(ledger),
            clock,
            second,
            turn: Turn::new(Holder::draw(&*entropy)),
            entropy,
            policy,
            running: tokio::sync::Mutex::default(),
            last: Mutex::default(),
            failed: Mutex::default(),
            repeated_later: Mutex::default(),
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
