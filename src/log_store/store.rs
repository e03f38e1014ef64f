//! The ports, over one writer thread and a few read connections.

use std::{
    panic::Location,
    sync::{
        Arc,
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::Duration,
};

use async_trait::async_trait;
use ssbtek_access_log::{
    Append, AppendError, Appended, BoardTerms, CaseAt, CaseVersions, EntryEffect, Header, LogStore,
    OpenEntry, Page, StoreError, StoredLeaf,
};
use ssbtek_authorize::{CertificateOwner, DocumentRef, Facts, FactsKey, Registry, RegistryError, Versioned};
use ssbtek_domain::{Clock, Entropy, EntryId, OrganisationNumber};
use ssbtek_telemetry::FaultKind;
use ssbtek_transparency::leaf::leaf_hash;
use ssbtek_vault::{KeyState, Vault, VaultError};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::{
    CheckpointSigner, Fault, OpenError, Poison,
    answers::Answers,
    asked::Asked,
    beside::{self, Beside},
    documents,
    engine::{Done, Engine, Rows, change, read},
    format,
    group::Held,
    index, key_rows, keys, lease_rows, missing, prove,
    reader::Readers,
    retention,
    rows::{LeafRow, TreeRow},
    steps::Steps,
    tokens::SpentTokens,
    trees, trouble,
    visible::{Lifetimes, Moment},
    work::{Job, Record, Work},
    writer::Writer,
};

/// Told where an operator has said that the rows that are there are the ones that belong there.
const TAKEN_UP: &str =
    "rows of `started` were removed; those that are left were taken up, as an operator said";
/// Told of a board whose log stands still.
const CANNOT_SIGN: &str = "nothing is written in the board's log before the keys that sign it are there again and the broker is started anew; \
                           all other boards go on";
/// Leaves of one entry that are read at most: a question has two.
const MOST_OF_AN_ENTRY: u32 = 8;

/// Most records that are made together: a question about everybody in a household has one for each.
pub(crate) const MOST_TOGETHER: usize = 20;

/// Bounds of the store, whatever its engine.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Longest wait for company before a group is committed, in milliseconds.
    pub gather_ms: u64,
    /// Most appends in one group.
    pub max_group: usize,
    /// Most appends waiting; beyond it they are refused at once.
    pub max_queue: usize,
    /// Most reads at once; more wait.
    pub max_readers: usize,
    /// Most spent assertions remembered at once; beyond it questions are refused until some expire.
    pub max_tokens: usize,
    /// How far ahead of now a token may expire, in seconds: where spent ones were removed, those that expire until then are spent.
    pub max_token_life_s: u32,
    /// Take what stands in `started` for what belongs there, though rows are missing: an operator has looked.
    pub take_up_rows: bool,
    /// Most checkpoints kept of each board because witnesses cosigned them: the newest, the oldest, the fewer the older.
    pub max_kept_checkpoints: usize,
    /// How long things are visible where no board says otherwise.
    pub lifetimes: Lifetimes,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            gather_ms: 2,
            max_group: 64,
            max_queue: 1024,
            max_readers: 4,
            max_tokens: 1_000_000,
            max_token_life_s: 360,
            take_up_rows: false,
            max_kept_checkpoints: 100,
            lifetimes: Lifetimes::default(),
        }
    }
}

/// What a store works with beside its engine.
pub struct Around {
    /// The keys.
    pub vault: Arc<dyn Vault>,
    /// Signs checkpoints.
    pub signer: Arc<CheckpointSigner>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Set by the store once a fault has made it untrustworthy, or by somebody outside: the process should end.
    pub poison: Poison,
}

/// Trees and documents in an engine.
pub struct Store {
    pub(crate) jobs: SyncSender<Box<Work<Writer>>>,
    pub(crate) readers: Readers,
    pub(crate) signer: Arc<CheckpointSigner>,
    pub(crate) vault: Arc<dyn Vault>,
    entropy: Arc<dyn Entropy>,
    pub(crate) clock: Arc<dyn Clock>,
    lifetimes: Lifetimes,
}

impl Store {
    /// Opens the store over an engine that nobody else has: holds every tree against its checkpoint, makes the look-up index anew where
    /// it is not whole, and starts the writer.
    pub fn open(engine: Arc<dyn Engine>, options: &StoreOptions, around: Around) -> Result<Self, OpenError> {
        let Around { vault, signer, clock, entropy, poison } = around;
        let mut end = engine.writing_end()?;
        prove::provider(&*engine, &*vault)?;
        let level = change(&mut *end, |changes| format::begin(changes, &*vault))??;
        let written_under = read(&*engine, |rows| keys::expect(rows, &*vault, &signer))?;
        prove::all(&*engine, &*vault, &signer, (level, written_under))?;
        if !engine.is_shared() && read(&*engine, |rows| lease_rows::is_any_held(rows))? {
            change(&mut *end, lease_rows::end_all)?;
        }
        let unknown = read(&*engine, |rows| key_rows::remember_retired(rows, &*vault, &signer))?;
        let trees = read(&*engine, |rows| Ok(trees::load(rows)))??;
        shut_who_cannot_sign(&signer, read(&*engine, |rows| rows.trees())?, &unknown)?;
        read(&*engine, |rows| format::knows_newest(rows, &*vault))??;
        index::rebuild(&mut *end, &*vault)?;
        let now = clock.now();
        let (asked, steps, newest) = read(&*engine, |rows| {
            Ok((Asked::open(rows, &*vault, now)?, Steps::open(rows)?, Beside::newest(rows, &*vault)?))
        })?;
        let latest = now.timestamp().saturating_add(options.max_token_life_s.into());
        let tokens = change(&mut *end, |changes| {
            if !beside::is_whole(changes, &*vault, newest)? {
                if !options.take_up_rows {
                    return Ok(None);
                }
                trouble::tell_kind(Location::caller(), None, FaultKind::Damaged, TAKEN_UP);
                beside::take_up(changes, &*vault, newest)?;
            }
            SpentTokens::open(changes, &*vault, options.max_tokens, (newest.spent, latest)).map(Some)
        })?;
        let tokens = tokens.ok_or(OpenError::RowsRemoved)?;
        let kept = read(&*engine, |rows| missing::look(rows, &*vault))?;
        let writer = Writer {
            end,
            held: Held {
                trees,
                asked,
                steps,
                tokens,
                kept,
                vault: vault.clone(),
                signer: signer.clone(),
                clock: clock.clone(),
                entropy: entropy.clone(),
                lifetimes: options.lifetimes,
            },
            answers: Answers::begin().map_err(|error| OpenError::Thread(error.kind()))?,
            poison,
            gather: Duration::from_millis(options.gather_ms),
            max_group: options.max_group.max(1),
            max_kept_checkpoints: options.max_kept_checkpoints,
        };
        let (jobs, queue) = sync_channel(options.max_queue.max(1));
        thread::Builder::new()
            .name("log-writer".to_owned())
            .spawn(move || writer.run(&queue))
            .map_err(|error| OpenError::Thread(error.kind()))?;
        let readers = Readers::new(engine, options.max_readers);
        let lifetimes = options.lifetimes;
        Ok(Self { jobs, readers, signer, vault, entropy, clock, lifetimes })
    }

    /// Takes nothing more, finishes what was taken, and leaves everything in one place behind.
    pub async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.jobs.send(Box::new(Work::Close { reply })).is_ok() {
            let _ = closed.await;
        }
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment { now: self.clock.now(), lifetimes: self.lifetimes }
    }

    /// Names and seals what a record brings along; what the writer need not do.
    fn prepare(&self, append: Append) -> Result<Record, AppendError> {
        let (board, mut append) = (append.board, append);
        let no_key = |error: VaultError| {
            trouble::tell(Location::caller(), Some(board), error.into());
            AppendError::Unavailable
        };
        let writes = std::mem::take(&mut append.documents).into_iter();
        let documents = writes
            .map(|write| documents::prepare(&*self.vault, &*self.entropy, write, &append.leaf.key))
            .collect::<Result<Vec<_>, _>>();
        let documents = match documents {
            Ok(documents) => documents,
            // A later version of what was erased: to its caller it has changed meanwhile.
            Err(error) if error.is_absence() => return Err(AppendError::Conflict),
            Err(error) => return Err(no_key(error)),
        };
        let mut rests_on = Vec::with_capacity(append.rests_on.len());
        for (reference, version) in &append.rests_on {
            match documents::name(&*self.vault, reference) {
                Ok(name) => rests_on.push((name, *version)),
                // Its owner has no documents, now as when it was looked at.
                Err(error) if error.is_absence() && *version == 0 => {}
                Err(error) if error.is_absence() => return Err(AppendError::Conflict),
                Err(error) => return Err(no_key(error)),
            }
        }
        let leaf_hash = leaf_hash(&append.leaf.header, &append.leaf.commitment);
        Ok(Record { append, leaf_hash, documents, rests_on })
    }
}

/// What only the first of several records that are made together may do.
fn stands_alone(append: &Append) -> bool {
    let changes = !append.documents.is_empty() || append.retention.is_some() || append.reopens.is_some();
    let spends = append.once.is_some() || !append.spends.is_empty();
    changes || spends || matches!(append.effect, EntryEffect::Ends(_))
}

/// A board whose log nobody can sign on, by the keys that have signed it, takes no more records; all others go on.
fn shut_who_cannot_sign(
    signer: &CheckpointSigner,
    trees: Vec<TreeRow>,
    unknown: &[(OrganisationNumber, &'static str)],
) -> Done<()> {
    for tree in trees.into_iter().filter(|tree| tree.size > 0) {
        let Ok(board) = OrganisationNumber::parse(&tree.board) else { continue };
        let is_unknown = unknown.iter().any(|(of, _)| *of == board);
        if is_unknown || !signer.signs(board)? || !signer.has_signed(board, &tree.checkpoint) {
            if is_unknown {
                trouble::tell_kind(Location::caller(), Some(board), FaultKind::Damaged, CANNOT_SIGN);
            } else {
                trouble::tell_of_key(Location::caller(), board, ("sign", signer.state(board)), CANNOT_SIGN);
            }
            signer.shut(board);
        }
    }
    Ok(())
}

#[async_trait]
impl LogStore for Store {
    async fn append_all(&self, appends: Vec<Append>) -> Result<Vec<Appended>, AppendError> {
        let board = appends.first().ok_or(AppendError::Unavailable)?.board;
        let further = appends.iter().skip(1);
        if appends.len() > MOST_TOGETHER
            || further.into_iter().any(|one| one.board != board || stands_alone(one))
        {
            return Err(AppendError::Unavailable);
        }
        let (reply, answer) = oneshot::channel();
        let records =
            appends.into_iter().map(|append| self.prepare(append)).collect::<Result<Vec<_>, _>>()?;
        // What ends an entry is waited for: refused, it would leave open what somebody was asked. There are no more of them than
        // questions under way.
        let waits = records.iter().any(|Record { append, .. }| {
            matches!(append.effect, EntryEffect::Ends(_)) || append.reopens.is_some()
        });
        let job = Box::new(Work::Append(Job { board, records, reply }));
        match self.jobs.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(job)) if waits => {
                let jobs = self.jobs.clone();
                let sent = tokio::task::spawn_blocking(move || jobs.send(job)).await;
                sent.map_err(|_| AppendError::Unavailable)?.map_err(|_| AppendError::Poisoned)?;
            }
            Err(TrySendError::Full(_)) => return Err(AppendError::Unavailable),
            Err(TrySendError::Disconnected(_)) => return Err(AppendError::Poisoned),
        }
        // The writer answers every job it took, unless it panicked: then nothing more is disclosed.
        answer.await.unwrap_or(Err(AppendError::Poisoned))
    }

    async fn open_entries(&self) -> Result<Vec<OpenEntry>, StoreError> {
        self.readers
            .run(None, |rows| {
                let (trees, mut open) = (rows.trees()?, Vec::new());
                for (tree, entry) in rows.open_entries()? {
                    let board = trees.iter().find(|row| row.id == tree).map(|row| row.board.as_str());
                    let board = board.and_then(|board| OrganisationNumber::parse(board).ok());
                    let board = board.ok_or(Fault::Damaged("an open entry is of no board's log"))?;
                    open.push(OpenEntry { board, entry });
                }
                Ok(open)
            })
            .await
    }

    async fn page(&self, board: OrganisationNumber, page: Page) -> Result<Vec<StoredLeaf>, StoreError> {
        let (moment, vault) = (self.moment(), self.vault.clone());
        self.readers
            .run(board, move |rows| {
                let Some(tree) = rows.tree(board)? else { return Ok(Vec::new()) };
                read_page(rows, &*vault, moment, (board, &tree), &page)
            })
            .await
    }

    async fn entries(
        &self,
        board: OrganisationNumber,
        entries: Vec<EntryId>,
    ) -> Result<Vec<StoredLeaf>, StoreError> {
        let (moment, vault) = (self.moment(), self.vault.clone());
        self.readers
            .run(board, move |rows| {
                let Some(tree) = rows.tree(board)? else { return Ok(Vec::new()) };
                let visible = moment.log(rows, &*vault, board)?;
                let mut leaves = Vec::new();
                for entry in entries {
                    leaves.extend(of_entry(rows, &tree, entry, u64::MAX, MOST_OF_AN_ENTRY)?);
                }
                visible.hide(&mut leaves);
                Ok(leaves)
            })
            .await
    }

    async fn document(
        &self,
        reference: &DocumentRef,
    ) -> Result<Option<Versioned<Zeroizing<Vec<u8>>>>, StoreError> {
        let (vault, reference, moment) = (self.vault.clone(), reference.clone(), self.moment());
        self.readers
            .run(reference.board, move |rows| documents::read(rows, &*vault, moment, &reference))
            .await
    }

    async fn terms(&self, board: OrganisationNumber) -> Result<Versioned<BoardTerms>, StoreError> {
        let vault = self.vault.clone();
        self.readers.run(board, move |rows| retention::versioned(rows, &*vault, board)).await
    }

    async fn newest_version(&self, reference: &DocumentRef) -> Result<u64, StoreError> {
        let (vault, reference) = (self.vault.clone(), reference.clone());
        self.readers
            .run(reference.board, move |rows| match documents::name(&*vault, &reference) {
                Ok(name) => documents::version(rows, &name),
                // Its owner has no documents.
                Err(error) if error.is_absence() => Ok(0),
                Err(error) => Err(error.into()),
            })
            .await
    }

    async fn case_versions(
        &self,
        board: OrganisationNumber,
        after: Option<CaseAt>,
        limit: u32,
    ) -> Result<CaseVersions, StoreError> {
        let (vault, moment) = (self.vault.clone(), self.moment());
        self.readers
            .run(board, move |rows| {
                if !moment.shows_board(rows, &*vault, board)? {
                    return Ok(CaseVersions::default());
                }
                documents::case_versions(rows, &*vault, moment, board, (after, limit))
            })
            .await
    }

    async fn document_version(
        &self,
        reference: &DocumentRef,
        version: u64,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let (vault, reference, moment) = (self.vault.clone(), reference.clone(), self.moment());
        self.readers
            .run(reference.board, move |rows| {
                documents::read_version(rows, &*vault, moment, &reference, version)
            })
            .await
    }
}

#[async_trait]
impl Registry for Store {
    async fn certificate_owner(
        &self,
        fingerprint: &[u8; 32],
    ) -> Result<Option<CertificateOwner>, RegistryError> {
        let (vault, reference) = (self.vault.clone(), DocumentRef::certificate(fingerprint));
        let moment = self.moment();
        self.readers
            .run(None, move |rows| documents::parsed::<CertificateOwner>(rows, &*vault, moment, &reference))
            .await
            .map(|found| found.map(|owner| owner.body))
            .map_err(|_| RegistryError)
    }

    async fn facts(&self, key: &FactsKey) -> Result<Facts, RegistryError> {
        let (vault, key, moment) = (self.vault.clone(), key.clone(), self.moment());
        self.readers
            // All documents are of one moment.
            .run(key.board, move |rows| documents::facts(rows, &*vault, moment, &key))
            .await
            .map_err(|_| RegistryError)
    }
}

fn read_page(
    rows: &dyn Rows,
    vault: &dyn Vault,
    moment: Moment,
    (board, tree): (OrganisationNumber, &TreeRow),
    page: &Page,
) -> Done<Vec<StoredLeaf>> {
    let visible = moment.log(rows, vault, board)?;
    let before = page.before.unwrap_or(u64::MAX);
    let mut leaves = match (page.entry, &page.sought) {
        (Some(entry), _) => of_entry(rows, tree, entry, before, page.limit)?,
        (None, None) => newest(rows, tree, before, page.limit)?,
        (None, Some(sought)) => {
            if rows.unindexed()?.iter().any(|(waiting, _)| *waiting == tree.id) {
                return Err(NOT_INDEXED);
            }
            // What has expired must not even tell that there was a record; an entry's id tells what the header tells anyway.
            let Some(kept) = visible.first() else { return Ok(Vec::new()) };
            let found = index::search(rows, vault, (board, tree.id), (sought, kept), before, page.limit)?;
            let leaves = at(rows, tree, found)?;
            if !leaves.iter().all(|leaf| visible.shows(&leaf.key)) {
                return Err(LEADS_ASTRAY);
            }
            leaves
        }
    };
    visible.hide(&mut leaves);
    Ok(leaves)
}

/// What leads to some records waits for their key.
const NOT_INDEXED: Fault = Fault::Vault(("log", KeyState::Gone));
const LEADS_ASTRAY: Fault = Fault::Damaged("the look-up index leads to no record, or to another");

/// The leaves of an entry.
fn of_entry(
    rows: &dyn Rows,
    tree: &TreeRow,
    entry: EntryId,
    before: u64,
    limit: u32,
) -> Done<Vec<StoredLeaf>> {
    let leaves = rows.term_leaves(tree.id, index::NO_MONTH, entry.as_bytes(), before, limit)?;
    let leaves = at(rows, tree, leaves)?;
    let is_its = |leaf: &StoredLeaf| Header::from_bytes(&leaf.header).is_none_or(|of| of.entry == entry);
    if leaves.iter().all(is_its) { Ok(leaves) } else { Err(LEADS_ASTRAY) }
}

/// The leaves at these places: the index leads to no others.
fn at(rows: &dyn Rows, tree: &TreeRow, places: Vec<u64>) -> Done<Vec<StoredLeaf>> {
    let leaf = |at: u64| {
        let leaf = rows.leaves(tree.id, at..at.saturating_add(1), 1)?.pop();
        leaf.ok_or(LEADS_ASTRAY)?.stored()
    };
    places.into_iter().map(leaf).collect()
}

/// The newest leaves before an index, from new to old.
fn newest(rows: &dyn Rows, tree: &TreeRow, before: u64, limit: u32) -> Done<Vec<StoredLeaf>> {
    let end = before.min(tree.size);
    let leaves = rows.leaves(tree.id, end.saturating_sub(limit.into())..end, limit)?;
    leaves.into_iter().rev().map(LeafRow::stored).collect()
}
