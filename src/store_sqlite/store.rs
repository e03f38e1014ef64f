//! The ports, over one writer thread and a few read connections.

use std::{
    panic::Location,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::Duration,
};

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use ssbtek_access_log::{
    Append, AppendError, Appended, BoardTerms, CaseAt, CaseVersions, EntryEffect, Header, LogStore,
    OpenEntry, Page, StoreError, StoredLeaf,
};
use ssbtek_authorize::{CertificateOwner, DocumentRef, Facts, FactsKey, Registry, RegistryError, Versioned};
use ssbtek_domain::{Clock, Entropy, EntryId, OrganisationNumber};
use ssbtek_transparency::{Hash, leaf::leaf_hash};
use ssbtek_vault::{KeyId, Vault, VaultError};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::{
    CheckpointSigner, OpenError,
    answers::Answers,
    asked::Asked,
    commit::checkpoint_openly,
    documents::{self, ReadFault},
    format, index,
    lock::DatabaseLock,
    log_keys,
    reader::{Readers, Snapshot},
    reserve::Reserve,
    retention, schema,
    sealed::SealedBlocks,
    tokens::SpentTokens,
    trees::{self, TreeIds, leaf_id, leaf_index},
    trouble,
    visible::{Lifetimes, Moment, VisibleLog},
    writer::{Job, Work, Writer},
};

/// Leaves of one entry that are read at most: a question has two.
const MOST_OF_AN_ENTRY: u32 = 8;

/// Bounds of the store.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// The database file.
    pub path: PathBuf,
    /// Longest wait for company before a group is committed, in milliseconds.
    pub gather_ms: u64,
    /// Most appends in one group.
    pub max_group: usize,
    /// Most appends waiting; beyond it they are refused at once.
    pub max_queue: usize,
    /// Most reads at once, each on a connection that stays open; more wait.
    pub max_readers: usize,
    /// Space kept for what must still be written when the disk is full, in bytes; 0: none.
    pub reserve_bytes: u64,
    /// Pages of the write-ahead log after which the writer moves them into the database.
    pub checkpoint_pages: u32,
    /// The writer's page cache, in KiB.
    pub writer_cache_kib: u32,
    /// Each reader's page cache, in KiB.
    pub reader_cache_kib: u32,
    /// Most spent assertions remembered at once; beyond it questions are refused until some expire.
    pub max_tokens: usize,
    /// Most checkpoints kept of each board because witnesses cosigned them: the newest, the oldest, the fewer the older.
    pub max_kept_checkpoints: usize,
    /// How long things are visible where no board says otherwise.
    pub lifetimes: Lifetimes,
}

impl SqliteOptions {
    /// The usual bounds for a database file.
    pub fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            gather_ms: 2,
            max_group: 64,
            max_queue: 1024,
            max_readers: 4,
            reserve_bytes: 0,
            checkpoint_pages: 4096,
            writer_cache_kib: 32_768,
            reader_cache_kib: 16_384,
            max_tokens: 1_000_000,
            max_kept_checkpoints: 100,
            lifetimes: Lifetimes::default(),
        }
    }
}

/// Trees and documents in one SQLite database.
pub struct SqliteStore {
    pub(crate) jobs: SyncSender<Work>,
    pub(crate) readers: Readers,
    pub(crate) signer: Arc<CheckpointSigner>,
    pub(crate) vault: Arc<dyn Vault>,
    tree_ids: Arc<TreeIds>,
    entropy: Arc<dyn Entropy>,
    pub(crate) clock: Arc<dyn Clock>,
    lifetimes: Lifetimes,
    poisoned: Arc<AtomicBool>,
}

impl SqliteStore {
    /// Opens the database, brings it to the newest schema, holds every tree against its checkpoint and starts the writer.
    /// `on_poison` is called once an I/O error has made the store untrustworthy: the process should exit.
    pub fn open(
        options: &SqliteOptions,
        vault: Arc<dyn Vault>,
        signer: Arc<CheckpointSigner>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        on_poison: Box<dyn Fn() + Send>,
    ) -> Result<Self, OpenError> {
        let lock = DatabaseLock::take(&options.path)?;
        // SQLite gives its other files the mode of the first.
        ssbtek_vault::private_file(&options.path).map_err(|error| OpenError::File(error.kind()))?;
        format::refuse_newer(&options.path)?;
        let mut connection = Connection::open(&options.path)?;
        schema::configure(&connection)?;
        schema::size(&connection, options.writer_cache_kib)?;
        checkpoint_openly(&mut connection, options.checkpoint_pages)?;
        schema::migrate(&mut connection, &*vault)?;
        log_keys::remember_retired(&connection, &*vault, &signer)?;
        let trees = trees::load(&connection)?;
        format::knows_newest(&connection, &*vault)?;
        index::rebuild(&connection, &*vault)?;
        let asked = Asked::open(&connection, &*vault, clock.now())?;
        let tokens = SpentTokens::open(&connection, options.max_tokens)?;
        let poisoned = Arc::new(AtomicBool::new(false));
        let writer = Writer {
            connection,
            answers: Answers::begin().map_err(|error| OpenError::Thread(error.kind()))?,
            reserve: Reserve::beside(&options.path, options.reserve_bytes),
            trees,
            asked,
            tokens,
            sealed: SealedBlocks::default(),
            lock,
            vault: vault.clone(),
            signer: signer.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            poisoned: poisoned.clone(),
            on_poison,
            gather: Duration::from_millis(options.gather_ms),
            max_group: options.max_group.max(1),
            lifetimes: options.lifetimes,
            max_kept_checkpoints: options.max_kept_checkpoints,
        };
        let (jobs, queue) = sync_channel(options.max_queue.max(1));
        thread::Builder::new()
            .name("log-writer".to_owned())
            .spawn(move || writer.run(&queue))
            .map_err(|error| OpenError::Thread(error.kind()))?;
        let readers = Readers::new(&options.path, options.max_readers, options.reader_cache_kib);
        Ok(Self {
            jobs,
            readers,
            signer,
            vault,
            tree_ids: Arc::default(),
            entropy,
            clock,
            lifetimes: options.lifetimes,
            poisoned,
        })
    }

    /// Takes nothing more: somebody outside has proof that this is not the log's history.
    pub fn poison(&self) {
        self.poisoned.store(true, Ordering::Release);
    }

    /// Whether an I/O error has made the store untrustworthy.
    pub fn is_poisoned(&self) -> bool {
        self.poisoned.load(Ordering::Acquire)
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment { now: self.clock.now(), lifetimes: self.lifetimes }
    }
}

#[async_trait]
impl LogStore for SqliteStore {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let (board, mut append) = (append.board, append);
        let no_key = || {
            trouble::tell(Location::caller(), Some(board), &ReadFault::Vault);
            AppendError::Unavailable
        };
        let writes = std::mem::take(&mut append.documents).into_iter();
        let documents = writes
            .map(|write| documents::prepare(&*self.vault, &*self.entropy, write, &append.leaf.key))
            .collect::<Result<Vec<_>, _>>();
        let documents = match documents {
            Ok(documents) => documents,
            // A later version of what was erased: to its caller it has changed meanwhile.
            Err(VaultError::Missing(_)) => return Err(AppendError::Conflict),
            Err(_) => return Err(no_key()),
        };
        let mut rests_on = Vec::with_capacity(append.rests_on.len());
        for (reference, version) in &append.rests_on {
            match documents::name(&*self.vault, reference) {
                Ok(name) => rests_on.push((name, *version)),
                // Its owner has no documents, now as when it was looked at.
                Err(VaultError::Missing(_)) if *version == 0 => {}
                Err(VaultError::Missing(_)) => return Err(AppendError::Conflict),
                Err(_) => return Err(no_key()),
            }
        }
        let (reply, answer) = oneshot::channel();
        let leaf_hash = leaf_hash(&append.leaf.header, &append.leaf.commitment);
        // What ends an entry is waited for: refused, it would leave open what somebody was asked. There are no more of them than
        // questions under way.
        let waits = matches!(append.effect, EntryEffect::Ends(_)) || append.reopens.is_some();
        let job = Work::Append(Box::new(Job { append, leaf_hash, documents, rests_on, reply }));
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
            .run(None, |connection| {
                let mut statement = connection.prepare(
                    "SELECT tree.organisation, open_entry.entry FROM open_entry
                     JOIN tree ON tree.id = open_entry.tree ORDER BY open_entry.entry",
                )?;
                let rows = statement
                    .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, [u8; 16]>(1)?)))?
                    .collect::<Result<Vec<_>, _>>()?;
                rows.into_iter()
                    .map(|(board, entry)| {
                        let board = OrganisationNumber::parse(&board).map_err(|_| StoreError)?;
                        Ok(OpenEntry { board, entry: EntryId::from_bytes(entry) })
                    })
                    .collect()
            })
            .await
    }

    async fn page(&self, board: OrganisationNumber, page: Page) -> Result<Vec<StoredLeaf>, StoreError> {
        let (moment, vault) = (self.moment(), self.vault.clone());
        let trees = self.tree_ids.clone();
        self.readers
            .run_told(board, move |connection| {
                let Some(tree) = trees.of(connection, board)? else { return Ok(Vec::new()) };
                read_page(connection, &*vault, moment, (board, tree), &page)
            })
            .await
    }

    async fn entries(
        &self,
        board: OrganisationNumber,
        entries: Vec<EntryId>,
    ) -> Result<Vec<StoredLeaf>, StoreError> {
        let (moment, vault) = (self.moment(), self.vault.clone());
        let trees = self.tree_ids.clone();
        self.readers
            .run_told(board, move |connection| {
                let Some(tree) = trees.of(connection, board)? else { return Ok(Vec::new()) };
                read_entries(connection, &*vault, moment, (board, tree), &entries)
            })
            .await
    }

    async fn checkpoint(&self, board: OrganisationNumber) -> Result<Option<String>, StoreError> {
        self.readers
            .run(board, move |connection| {
                Ok(connection
                    .prepare_cached("SELECT checkpoint FROM tree WHERE organisation = ?1")?
                    .query_row([board.as_str()], |row| row.get(0))
                    .optional()?)
            })
            .await
    }

    async fn document(
        &self,
        reference: &DocumentRef,
    ) -> Result<Option<Versioned<Zeroizing<Vec<u8>>>>, StoreError> {
        let (vault, reference, moment) = (self.vault.clone(), reference.clone(), self.moment());
        self.readers
            .run_told(reference.board, move |connection| {
                documents::read(connection, &*vault, moment, &reference)
            })
            .await
    }

    async fn terms(&self, board: OrganisationNumber) -> Result<Versioned<BoardTerms>, StoreError> {
        let vault = self.vault.clone();
        self.readers.run(board, move |connection| Ok(retention::versioned(connection, &*vault, board)?)).await
    }

    async fn newest_version(&self, reference: &DocumentRef) -> Result<u64, StoreError> {
        let (vault, reference) = (self.vault.clone(), reference.clone());
        self.readers
            .run(reference.board, move |connection| match documents::name(&*vault, &reference) {
                Ok(name) => Ok(documents::version(connection, &name)?),
                // Its owner has no documents.
                Err(VaultError::Missing(_)) => Ok(0),
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
            .run_told(board, move |connection| {
                if !moment.shows_board(connection, &*vault, board)? {
                    return Ok(CaseVersions::default());
                }
                documents::case_versions(connection, &*vault, moment, board, (after, limit))
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
            .run_told(reference.board, move |connection| {
                documents::read_version(connection, &*vault, moment, &reference, version)
            })
            .await
    }
}

#[async_trait]
impl Registry for SqliteStore {
    async fn certificate_owner(
        &self,
        fingerprint: &[u8; 32],
    ) -> Result<Option<CertificateOwner>, RegistryError> {
        let (vault, reference) = (self.vault.clone(), DocumentRef::certificate(fingerprint));
        let moment = self.moment();
        self.readers
            .run_told(None, move |connection| {
                documents::parsed::<CertificateOwner>(connection, &*vault, moment, &reference)
            })
            .await
            .map(|found| found.map(|owner| owner.body))
            .map_err(|_| RegistryError)
    }

    async fn facts(&self, key: &FactsKey) -> Result<Facts, RegistryError> {
        let (vault, key, moment) = (self.vault.clone(), key.clone(), self.moment());
        self.readers
            .run_told(key.board, move |connection| {
                // One read transaction, so that all documents are of one moment.
                let transaction = Snapshot::of(connection)?;
                documents::facts(&transaction, &*vault, moment, &key)
            })
            .await
            .map_err(|_| RegistryError)
    }
}

fn read_page(
    connection: &Connection,
    vault: &dyn Vault,
    moment: Moment,
    (board, tree): (OrganisationNumber, i64),
    page: &Page,
) -> Result<Vec<StoredLeaf>, ReadFault> {
    let transaction = Snapshot::of(connection)?;
    let visible = moment.log(&transaction, vault, board)?;
    let before = page.before.unwrap_or(u64::MAX);
    let mut leaves = match (page.entry, &page.sought) {
        (Some(entry), _) => of_entry(&transaction, tree, entry, before, page.limit)?,
        (None, None) => newest(&transaction, tree, page.before, page.limit)?,
        (None, Some(sought)) => {
            // What has expired must not even tell that there was a record; an entry's id tells what the header tells anyway.
            let Some(kept) = visible.first() else { return Ok(Vec::new()) };
            let sought = (sought, kept);
            let found = index::search(&transaction, vault, (board, tree), sought, before, page.limit)?;
            let leaves = at(&transaction, tree, found)?;
            if !leaves.iter().all(|leaf| visible.shows(&leaf.key)) {
                return Err(ReadFault::Damaged);
            }
            leaves
        }
    };
    hide(&mut leaves, &visible);
    Ok(leaves)
}

fn read_entries(
    connection: &Connection,
    vault: &dyn Vault,
    moment: Moment,
    (board, tree): (OrganisationNumber, i64),
    entries: &[EntryId],
) -> Result<Vec<StoredLeaf>, ReadFault> {
    let transaction = Snapshot::of(connection)?;
    let visible = moment.log(&transaction, vault, board)?;
    let mut leaves = Vec::new();
    for entry in entries {
        leaves.extend(of_entry(&transaction, tree, *entry, u64::MAX, MOST_OF_AN_ENTRY)?);
    }
    hide(&mut leaves, &visible);
    Ok(leaves)
}

/// Takes away what is sealed in leaves that have expired.
fn hide(leaves: &mut [StoredLeaf], visible: &VisibleLog) {
    for leaf in leaves.iter_mut().filter(|leaf| !visible.shows(&leaf.key)) {
        leaf.sealed = None;
    }
}

/// The leaves of an entry.
fn of_entry(
    connection: &Connection,
    tree: i64,
    entry: EntryId,
    before: u64,
    limit: u32,
) -> Result<Vec<StoredLeaf>, ReadFault> {
    let row = (tree, index::NO_MONTH, entry.as_bytes());
    let leaves = at(connection, tree, index::leaves(connection, row, before, limit)?)?;
    let is_its = |leaf: &StoredLeaf| Header::from_bytes(&leaf.header).is_none_or(|of| of.entry == entry);
    if leaves.iter().all(is_its) { Ok(leaves) } else { Err(ReadFault::Damaged) }
}

/// The leaves at these places: the index leads to no others.
fn at(connection: &Connection, tree: i64, places: Vec<u64>) -> Result<Vec<StoredLeaf>, ReadFault> {
    let mut statement =
        connection.prepare_cached("SELECT id, header, commitment, sealed, key_id FROM leaf WHERE id = ?1")?;
    let mut leaves = Vec::with_capacity(places.len());
    for place in places {
        let mut rows = statement.query([leaf_id(tree, place)])?;
        leaves.push(stored_leaf(rows.next()?.ok_or(ReadFault::Damaged)?)?);
    }
    Ok(leaves)
}

fn newest(
    connection: &Connection,
    tree: i64,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<StoredLeaf>, StoreError> {
    let before = leaf_id(tree, before.unwrap_or(u64::MAX));
    let mut statement = connection.prepare_cached(
        "SELECT id, header, commitment, sealed, key_id FROM leaf
         WHERE id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
    )?;
    let mut rows = statement.query(params![leaf_id(tree, 0), before, limit])?;
    let mut leaves = Vec::new();
    while let Some(row) = rows.next()? {
        leaves.push(stored_leaf(row)?);
    }
    Ok(leaves)
}

/// A row of id, header, commitment, sealed, key id.
pub(crate) fn stored_leaf(row: &rusqlite::Row<'_>) -> Result<StoredLeaf, StoreError> {
    let key = row.get_ref(4)?.as_str()?;
    Ok(StoredLeaf {
        index: leaf_index(row.get(0)?),
        header: row.get(1)?,
        commitment: Hash::from_bytes(row.get(2)?),
        sealed: row.get(3)?,
        key: KeyId::parse(key).ok_or(StoreError)?,
    })
}
