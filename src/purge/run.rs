//! Erasing what is due. Each step is durable before the next, can be repeated, and is found again in the ledger.
//!
//! 1. the board's log takes no more records (whole board only, and only with no question under way);
//! 2. the ledger names keys and rows: no way back from here;
//! 3. keys are destroyed; 4. rows are erased in small transactions; 5. the database is compacted;
//! 6. the tree is computed anew and compared; 7. the receipt is logged; 8. the ledger has the receipt.

use std::{collections::BTreeSet, panic::Location, sync::Arc};

use ssbtek_access_log::{PurgeRecord, PurgeScope, StoreError};
use ssbtek_domain::{DateTime, EntryId, OrganisationNumber, Utc};
use ssbtek_telemetry::FaultKind;
use ssbtek_transparency::Hash;
use ssbtek_vault::{DoomedKey, VaultError};

use crate::{
    Compaction, Due, EraseTarget, FaultPoint, Killed, LedgerError, PlannedPurge, PurgeReceipt, Purger, Step,
    ledger::{Begun, Known},
    plan::{Counting, Plan, PlanError, Unknown},
    port::{CloseOutcome, Counts},
    purger::tell,
    replay::blocking,
    time::Agreement,
};

/// Keys whose rows are erased together.
const KEYS_PER_BATCH: usize = 64;

/// Why a purge did not run or did not end; it goes on from the same step the next time.
#[derive(Debug, thiserror::Error)]
pub enum PurgeError {
    /// The clocks do not agree: nothing was begun.
    #[error("nothing is purged: {0}")]
    Clocks(Agreement),
    /// The time that operators state is not this machine's by so many seconds: nothing was begun, and nothing follows from it.
    #[error("is not this machine's time: they differ by {0} s, and one of them is wrong")]
    Stated(i64),
    /// The store failed, and has told of it.
    #[error("the store or the vault cannot be used now")]
    Unavailable,
    /// The vault failed.
    #[error("the key vault cannot be used now")]
    Vault,
    /// The board's terms of retention are not what was written.
    #[error(
        "the board's terms of retention are not as they were written: they were damaged or tampered with"
    )]
    Terms,
    /// What a purge wrote cannot be read again, or its task ended in a panic.
    #[error("what a purge has written cannot be read again")]
    Unreadable,
    /// Rows are still there that were to be erased.
    #[error("rows are still there under the keys that it destroyed: nothing is certified")]
    RowsLeft,
    /// A reader keeps old pages alive; the rows are gone, the compaction and the receipt wait.
    #[error("a reader is in the way of compacting the database")]
    ReaderInTheWay,
    /// The tree that is stored is not the one that was there before.
    #[error("the tree of board {0} is not what it was before the purge: it was damaged or tampered with")]
    Tree(OrganisationNumber),
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Another gateway purges now: nothing is wrong, and it is looked again with the next sweep.
    #[error("another gateway purges now")]
    Elsewhere,
    /// A test ended the run.
    #[error("the run was ended")]
    Killed,
}

impl PurgeError {
    /// Whether no board's purge can go on, and not only one's.
    pub(crate) fn is_everybodys(&self) -> bool {
        matches!(
            self,
            PurgeError::Clocks(_)
                | PurgeError::Stated(_)
                | PurgeError::Ledger(_)
                | PurgeError::Elsewhere
                | PurgeError::Killed
        )
    }

    /// What kind of fault it is; `None` if it is none, or if whoever found it has told of it.
    pub(crate) fn untold(&self) -> Option<FaultKind> {
        match self {
            PurgeError::Clocks(_)
            | PurgeError::Stated(_)
            | PurgeError::Elsewhere
            | PurgeError::Killed
            | PurgeError::Unavailable => None,
            PurgeError::Vault => Some(FaultKind::Key),
            PurgeError::Terms | PurgeError::Tree(_) | PurgeError::RowsLeft => Some(FaultKind::Damaged),
            PurgeError::Unreadable => Some(FaultKind::Unreadable),
            PurgeError::ReaderInTheWay => Some(FaultKind::InTheWay),
            PurgeError::Ledger(_) => Some(FaultKind::Ledger),
        }
    }
}

impl From<StoreError> for PurgeError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LeaseLost => PurgeError::Elsewhere,
            StoreError::Busy | StoreError::Damaged | StoreError::Vault | StoreError::Io => {
                PurgeError::Unavailable
            }
        }
    }
}

impl From<PlanError> for PurgeError {
    fn from(_: PlanError) -> Self {
        PurgeError::Unavailable
    }
}

impl From<VaultError> for PurgeError {
    fn from(_: VaultError) -> Self {
        PurgeError::Vault
    }
}

impl From<Killed> for PurgeError {
    fn from(_: Killed) -> Self {
        PurgeError::Killed
    }
}

/// What a run did.
#[derive(Debug, Default)]
pub struct Ran {
    /// Purges completed.
    pub receipts: Vec<PurgeReceipt>,
    /// Boards whose purge waits for so many questions under way.
    pub waiting: Vec<(OrganisationNumber, u64)>,
    /// Boards whose expired content is kept under a legal hold.
    pub held: Vec<OrganisationNumber>,
    /// Boards whose purge did not end, and why; the others' did.
    pub failed: Vec<(OrganisationNumber, PurgeError)>,
    /// Those of them of which it cannot be told what is due.
    unplanned: BTreeSet<OrganisationNumber>,
}

/// What a planned purge came to.
enum Purged {
    Done(Box<PurgeReceipt>),
    Waits(u64),
    PlannedAnew,
}

/// Whether a planned purge begins.
enum Begins {
    /// It stands in the ledger.
    Now(Arc<Known>),
    /// So many questions are under way.
    Waits(u64),
    /// The board's terms have changed since it was planned.
    PlannedAnew,
}

impl Purger {
    /// Completes what was begun, then purges everything that is due. `confirmed` is the time as an operator states it, a
    /// second source beside [`crate::SecondClock`].
    pub async fn run(
        &self,
        confirmed: Option<DateTime<Utc>>,
        faults: &dyn FaultPoint,
    ) -> Result<Ran, PurgeError> {
        let ran = self.run_alone(confirmed, faults).await;
        ran.inspect_err(|error| tell(Location::caller(), None, error))
    }

    /// As [`Purger::run`], and then how every board stands, with its alarms. Whatever fails has been told of; what the store
    /// could not read for the run it is not asked for again.
    pub async fn sweep(
        &self,
        confirmed: Option<DateTime<Utc>>,
        faults: &dyn FaultPoint,
    ) -> Result<Ran, PurgeError> {
        let ran = self.run(confirmed, faults).await;
        let unknown = match &ran {
            Err(PurgeError::Unavailable) => return ran,
            Err(_) => BTreeSet::new(),
            Ok(ran) => ran.unplanned.clone(),
        };
        let _ = self.status_but(self.clock.now(), Counting::Without, &unknown).await;
        ran
    }

    async fn run_alone(
        &self,
        confirmed: Option<DateTime<Utc>>,
        faults: &dyn FaultPoint,
    ) -> Result<Ran, PurgeError> {
        let _alone = self.running.lock().await;
        let mut ran = Ran::default();
        let now = self.clock.now();
        confirmed.map_or(Ok(()), |time| self.judge_stated(time))?;
        // Also with nothing due: a clock that is behind would keep what is due from being seen.
        let agreement = self.ask_clocks(now, confirmed).await;
        self.try_anew();
        let begun = self.to_complete();
        let plan = self.plan(now, Counting::Without).await?;
        if begun.is_empty() && plan.due.is_empty() {
            self.fail_unplanned(&plan, &mut ran);
            return may_purge(agreement, false).map(|_| ran);
        }
        self.alone_with_room(self.run_all(now, agreement, (begun, plan), faults, &mut ran)).await?;
        Ok(ran)
    }

    /// Boards of which it cannot be told what is due.
    fn fail_unplanned(&self, plan: &Plan, ran: &mut Ran) {
        for (board, why) in &plan.unknown {
            let error = match why {
                Unknown::Terms => PurgeError::Terms,
                Unknown::Told => PurgeError::Unavailable,
            };
            self.has_failed(*board, &error);
            ran.failed.push((*board, error));
            ran.unplanned.insert(*board);
        }
    }

    async fn run_all(
        &self,
        now: DateTime<Utc>,
        agreement: Agreement,
        (begun, mut plan): (Vec<Arc<Known>>, Plan),
        faults: &dyn FaultPoint,
        ran: &mut Ran,
    ) -> Result<(), PurgeError> {
        for known in &begun {
            let board = known.begun.target.board;
            let completed = self.complete(known, faults).await;
            match self.one_boards(board, completed)? {
                Ok(receipt) => ran.receipts.push(receipt),
                Err(error) => ran.failed.push((board, error)),
            }
        }
        if !begun.is_empty() {
            // What was due has become less.
            plan = self.plan(now, Counting::Without).await?;
        }
        self.fail_unplanned(&plan, ran);
        if !may_purge(agreement, !plan.due.is_empty())? {
            return Ok(());
        }
        let unfinished: BTreeSet<_> =
            self.to_complete().iter().map(|known| known.begun.target.board).collect();
        for plan in plan.due.iter().filter(|plan| !unfinished.contains(&plan.row.board)) {
            let board = plan.row.board;
            match plan.due {
                Due::Held(_) => ran.held.push(board),
                Due::Now => {
                    let purged = self.purge(plan, now, faults).await;
                    match self.one_boards(board, purged)? {
                        Ok(Purged::Done(receipt)) => ran.receipts.push(*receipt),
                        Ok(Purged::Waits(under_way)) => ran.waiting.push((board, under_way)),
                        Ok(Purged::PlannedAnew) => {}
                        Err(error) => ran.failed.push((board, error)),
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a time that an operator states is this machine's, within the bound that holds between clocks. If not, nothing
    /// follows from it: it may be a slip of the pen, and is no reading of a clock.
    pub fn judge_stated(&self, time: DateTime<Utc>) -> Result<(), PurgeError> {
        match Agreement::of(self.clock.now(), &[time], self.policy.clock_bound_s) {
            Agreement::Differ(by) => Err(PurgeError::Stated(by)),
            Agreement::Agree | Agreement::Alone => Ok(()),
        }
    }

    /// Whether no other clock can be asked, so that a purge rests on what operators say of the time.
    pub async fn is_alone(&self) -> bool {
        self.second.readings().await.is_empty()
    }

    /// Does what has to be written before a purge, with room for it also on a full disk: only the purge makes space there.
    pub async fn with_room<T>(&self, act: impl Future<Output = T>) -> Result<T, PurgeError> {
        let _alone = self.running.lock().await;
        self.alone_with_room(async { Ok(act.await) }).await
    }

    /// A digest of everything that would be erased now: another once that is something else.
    pub async fn due_digest(&self) -> Result<[u8; 32], PurgeError> {
        let plan = self.plan(self.clock.now(), Counting::Without).await?;
        let due = plan.due.iter().map(|due| {
            (
                due.row.board,
                due.row.version,
                due.scope,
                &due.due,
                &due.months,
                &due.target.keys,
                &due.target.documents,
            )
        });
        Ok(*Hash::of(format!("{:?}", due.collect::<Vec<_>>()).as_bytes()).as_bytes())
    }

    /// Asks the other clocks. If they agree with this machine's, it is right, whatever it said before.
    pub async fn ask_clocks_now(&self) -> Agreement {
        self.ask_clocks(self.clock.now(), None).await
    }

    /// One purge from its beginning to its end.
    async fn purge(
        &self,
        plan: &PlannedPurge,
        now: DateTime<Utc>,
        faults: &dyn FaultPoint,
    ) -> Result<Purged, PurgeError> {
        Ok(match self.begin(plan, now, faults).await? {
            Begins::Now(known) => Purged::Done(Box::new(self.complete(&known, faults).await?)),
            Begins::Waits(under_way) => Purged::Waits(under_way),
            Begins::PlannedAnew => Purged::PlannedAnew,
        })
    }

    async fn ask_clocks(&self, now: DateTime<Utc>, confirmed: Option<DateTime<Utc>>) -> Agreement {
        let mut others = self.second.readings().await;
        others.extend(confirmed);
        let agreement = Agreement::of(now, &others, self.policy.clock_bound_s);
        self.remember(agreement);
        if agreement == Agreement::Agree {
            self.clock.confirm();
        }
        agreement
    }

    /// Settles what is to be erased, and writes it into the ledger.
    async fn begin(
        &self,
        plan: &PlannedPurge,
        now: DateTime<Utc>,
        faults: &dyn FaultPoint,
    ) -> Result<Begins, PurgeError> {
        let board = plan.row.board;
        match self.store.settle(board, plan.scope, plan.row.version, &self.lease().await?).await? {
            CloseOutcome::Closed => {}
            // A hold, a longer time or a later end: planned anew with the next sweep.
            CloseOutcome::TermsChanged => return Ok(Begins::PlannedAnew),
            CloseOutcome::QuestionsUnderWay(count) => return Ok(Begins::Waits(count)),
        }
        if plan.scope == PurgeScope::Board {
            faults.reached(Step::Closed)?;
        }
        let handed_over_at = match plan.scope {
            PurgeScope::Board => self.handed_over(&plan.row).await?,
            _ => None,
        };
        let before = self.tree(board, None).await?;
        let mut target = plan.target.clone();
        target.leaves_below = before.size;
        let (vault, ids) = (self.vault.clone(), target.keys.clone());
        let keys = blocking(move || {
            let doomed = ids.iter().map(|id| DoomedKey::now(&*vault, id)).collect::<Result<_, _>>();
            Ok(doomed?)
        });
        let keys: Vec<DoomedKey> = keys.await?;
        let counts = self.store.count(&target).await?;
        let whole = plan.scope == PurgeScope::Board;
        if !whole && counts == Counts::default() && keys.iter().all(|doomed| doomed.check.is_none()) {
            // Another gateway has purged it since it was planned.
            return Ok(Begins::PlannedAnew);
        }
        let record = PurgeRecord {
            board,
            scope: plan.scope,
            months: plan.months.clone(),
            leaves: counts.leaves,
            documents: counts.documents,
            keys: target.keys.clone(),
            not_had: keys.iter().filter(|key| key.check.is_none()).map(|key| key.id.clone()).collect(),
            ended_on: plan.row.terms.ended_on.filter(|_| whole),
            handed_over_at,
            held: plan.row.terms.held.clone(),
            begun_at: now,
            before,
            after: before,
        };
        let purge = EntryId::draw(&*self.entropy, now);
        let begun = Begun { record, target, keys };
        let ledger = self.ledger.clone();
        let known = blocking(move || {
            ledger.begin(purge, &begun)?;
            ledger.find(purge).ok_or(PurgeError::Unreadable)
        });
        let known = known.await?;
        tracing::info!(%board, scope = plan.scope.as_str(), leaves = counts.leaves, "a purge begins");
        faults.reached(Step::Begun)?;
        Ok(Begins::Now(known))
    }

    /// Every step after the ledger's first line.
    pub(crate) async fn complete(
        &self,
        known: &Arc<Known>,
        faults: &dyn FaultPoint,
    ) -> Result<PurgeReceipt, PurgeError> {
        let (begun, board) = (&known.begun, known.begun.target.board);
        let destroyed = match self.destroy_keys(known, faults).await {
            // Nobody gets it any more. What it sealed is erased all the same, and only then nothing is certified.
            Err(PurgeError::Vault) => Err(PurgeError::Vault),
            destroyed => Ok(destroyed?),
        };
        let certified = self.log.certified(board, known.purge).await.map_err(|_| PurgeError::Unavailable)?;
        let certified = match certified {
            Some(certified) => certified,
            None => {
                let mut record = begun.record.clone();
                if known.receipt.is_some() {
                    // A restored database: its tree is an older one.
                    record.before = self.tree(board, None).await?;
                }
                self.erase_rows(&begun.target, faults).await?;
                destroyed?;
                self.nothing_is_left(begun).await?;
                // The one pass over the whole tree: that erasing has changed nothing that stays.
                let (before, after) = self.tree_anew(board, record.before.size).await?;
                if before != record.before {
                    return Err(PurgeError::Tree(board));
                }
                record.after = after;
                let lease = self.lease().await?;
                let certified = self.log.certify_purge(known.purge, &record, &lease).await;
                let certified = certified.map_err(|_| PurgeError::Unavailable)?;
                faults.reached(Step::Certified)?;
                certified
            }
        };
        let receipt = self.receipt_of(known.purge, certified)?;
        let (ledger, purge, done) = (self.ledger.clone(), known.purge, receipt.clone());
        blocking(move || Ok(ledger.done(purge, &done)?)).await?;
        self.has_ended(known);
        tracing::info!(%board, purge = %known.purge, "a purge is complete");
        faults.reached(Step::Done)?;
        Ok(receipt)
    }

    /// Every row of the target, in small transactions, and then what is left of it in the database's files.
    pub(crate) async fn erase_rows(
        &self,
        target: &EraseTarget,
        faults: &dyn FaultPoint,
    ) -> Result<(), PurgeError> {
        // A few keys at a time, so that no transaction looks through thousands whose rows are gone already.
        for keys in target.keys.chunks(KEYS_PER_BATCH) {
            let part = EraseTarget { keys: keys.to_vec(), documents: Vec::new(), ..target.clone() };
            self.erase_part(&part, faults).await?;
        }
        self.erase_part(&EraseTarget { keys: Vec::new(), ..target.clone() }, faults).await?;
        self.compact().await?;
        faults.reached(Step::Compacted)?;
        Ok(())
    }

    /// What a receipt says is counted anew before it is written. Of a whole board nothing may be left, whichever key opens it; of a case
    /// or a month, what was sealed since under a later key of the same name.
    async fn nothing_is_left(&self, begun: &Begun) -> Result<(), PurgeError> {
        let left = match begun.record.scope {
            PurgeScope::Board => self.store.count(&begun.target).await?,
            PurgeScope::Expired => self.store.count_erasable(&begun.target).await?,
        };
        if left == Counts::default() { Ok(()) } else { Err(PurgeError::RowsLeft) }
    }

    async fn erase_part(&self, part: &EraseTarget, faults: &dyn FaultPoint) -> Result<(), PurgeError> {
        while self.store.erase_batch(part, self.policy.batch, &self.lease().await?).await? > 0 {
            faults.reached(Step::BatchErased)?;
        }
        Ok(())
    }

    async fn compact(&self) -> Result<(), PurgeError> {
        for _ in 0..self.policy.compact_tries.max(1) {
            if self.store.compact().await? == Compaction::Done {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        Err(PurgeError::ReaderInTheWay)
    }

    fn receipt_of(
        &self,
        purge: EntryId,
        certified: ssbtek_access_log::Certified,
    ) -> Result<PurgeReceipt, PurgeError> {
        let payload = serde_json::from_slice(&certified.payload).map_err(|_| PurgeError::Unreadable)?;
        let ssbtek_access_log::Payload::Purge(record) = payload else { return Err(PurgeError::Unreadable) };
        let trees = self.log.trees();
        let key = trees.log_keys(record.board).pop().ok_or(PurgeError::Vault)?;
        let identity = (trees.origin(record.board), key.vkey());
        Ok(PurgeReceipt::new(purge, *record, identity, certified))
    }
}

/// Whether there is something due and two clocks let it be purged. One that differs is an error even with nothing due.
fn may_purge(agreement: Agreement, due: bool) -> Result<bool, PurgeError> {
    match agreement {
        Agreement::Agree => Ok(due),
        Agreement::Alone if !due => Ok(false),
        _ => {
            tracing::error!(alarm = "purge_clocks", "nothing is purged: {agreement}");
            Err(PurgeError::Clocks(agreement))
        }
    }
}
