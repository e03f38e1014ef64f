//! A broker's rooms below its doors, on a data directory.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use ssbtek_access_log::{
    AccessLog, Disclosure, DocumentWrite, Door, Filter, Holder, Lease, Leases, LoggedRecord, Manifest,
};
use ssbtek_authorize::{
    Ask, AskLimits, AssertionKey, Board, Case, CertificateOwner, DocumentHash, DocumentRef, KeyAlgorithm,
    Member, Provider, RawAsk, Registry, StepKind, Versioned, decide,
};
use ssbtek_domain::{
    CaseId, CaseWorkerId, Clock, DateTime, Deadline, Entropy, FixedClock, OrganisationNumber, Personnummer,
    Protection, Role, SystemEntropy, Utc,
};
use ssbtek_log_store::{CheckOptions, CheckpointSigner, Lifetimes, Poison, Store, StoreOptions};
use ssbtek_purge::{
    Around, FaultPoint, Killed, Ledger, NoFaults, Policy, PurgeError, Purger, Ran, RetentionStore,
    SecondClock, Step,
};
use ssbtek_registry::{Desk, DeskError};
use ssbtek_store_sqlite::{OpenError, SqliteOptions, check};
use ssbtek_transparency::{Receipt, Trust, note::NoteVerifier};
use ssbtek_vault::{DirectoryVault, Vault};
use tempfile::TempDir;

pub(crate) const POLICY: Policy = Policy {
    log_months: 1,
    min_log_months: 1,
    case_days: 10,
    clock_bound_s: 600,
    batch: 7,
    compact_tries: 2,
};

/// A second clock that is always right: it stands beside the world's own.
#[derive(Debug)]
pub(crate) struct Second(pub(crate) Arc<FixedClock>);

#[async_trait]
impl SecondClock for Second {
    async fn readings(&self) -> Vec<DateTime<Utc>> {
        vec![self.0.now()]
    }
}

pub(crate) fn board(n: usize) -> OrganisationNumber {
    OrganisationNumber::parse(["162120009994", "162021009994"][n]).unwrap()
}

pub(crate) struct World {
    pub(crate) directory: PathBuf,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) true_clock: Arc<FixedClock>,
    pub(crate) store: Arc<Store>,
    pub(crate) poison: Poison,
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) log: AccessLog,
    pub(crate) desk: Desk,
    pub(crate) purger: Purger,
    pub(crate) signer: Arc<CheckpointSigner>,
    _owned: Option<TempDir>,
}

impl World {
    /// A new one, at noon on a day.
    pub(crate) fn new(day: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::at(format!("{day}T11:00:00Z").parse().unwrap()));
        let mut world = Self::open(directory.path(), clock.clone(), clock);
        world._owned = Some(directory);
        world
    }

    /// The same directory, opened by another process.
    pub(crate) fn open(directory: &Path, clock: Arc<FixedClock>, true_clock: Arc<FixedClock>) -> Self {
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let vault = Arc::new(DirectoryVault::open(&directory.join("keys"), entropy).unwrap());
        Self::open_over(vault, directory, clock, true_clock)
    }

    /// The same over another vault.
    pub(crate) fn open_over(
        vault: Arc<dyn Vault>,
        directory: &Path,
        clock: Arc<FixedClock>,
        true_clock: Arc<FixedClock>,
    ) -> Self {
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let signer = Arc::new(CheckpointSigner::new("test.example", vault.clone()));
        let poison = Poison::default();
        let options = SqliteOptions {
            store: StoreOptions {
                lifetimes: Lifetimes { log_months: POLICY.log_months, case_days: POLICY.case_days },
                ..StoreOptions::default()
            },
            ..SqliteOptions::at(&directory.join("broker.db"))
        };
        let store = ssbtek_store_sqlite::open(
            &options,
            ssbtek_log_store::Around {
                vault: vault.clone(),
                signer: signer.clone(),
                clock: clock.clone(),
                entropy: entropy.clone(),
                poison: poison.clone(),
            },
        );
        let store = Arc::new(store.unwrap());
        let log = AccessLog::new(store.clone(), vault.clone(), clock.clone(), entropy.clone());
        let provider = OrganisationNumber::parse("165560000019").unwrap();
        let desk = Desk::new(log.clone(), store.clone(), clock.clone(), provider);
        let ledger = Ledger::open(&directory.join("purge-ledger.jsonl"), &*vault).unwrap();
        let around = Around {
            store: store.clone(),
            leases: store.clone(),
            vault: vault.clone(),
            log: log.clone(),
            ledger,
            clock: clock.clone(),
            second: Arc::new(Second(true_clock.clone())),
            entropy,
        };
        let purger = Purger::new(around, POLICY);
        Self {
            directory: directory.to_owned(),
            clock,
            true_clock,
            store,
            poison,
            vault,
            desk,
            log,
            purger,
            signer,
            _owned: None,
        }
    }

    /// The same directory, opened anew after the store was closed.
    pub(crate) fn reopened(self) -> World {
        let Self { directory, clock, true_clock, _owned, .. } = self;
        World { _owned, ..World::open(&directory, clock, true_clock) }
    }

    /// What a power cut would leave, opened again: the files as they are now, while the process still runs.
    pub(crate) fn after_power_cut(&self) -> (World, TempDir) {
        let copy = tempfile::tempdir().unwrap();
        copy_all(&self.directory, copy.path());
        (World::open(copy.path(), self.clock.clone(), self.true_clock.clone()), copy)
    }

    pub(crate) fn at(&self, moment: &str) {
        self.clock.set(moment.parse().unwrap());
    }

    /// Notice: the last day of a board's agreement.
    pub(crate) async fn end(&self, board: OrganisationNumber, last_day: &str) -> Result<Deadline, DeskError> {
        let (last_day, document) = (last_day.parse().unwrap(), DocumentHash::of(b"notice"));
        self.desk.take_step(board, StepKind::End, document, Some(last_day)).await?;
        Ok(Deadline::after(last_day).unwrap())
    }

    /// The lease of somebody else who purges, until it is given back.
    pub(crate) async fn lease(&self) -> Lease {
        let life = std::time::Duration::from_secs(60);
        self.store.hold("purge", Holder::from_bytes([9; 16]), life).await.unwrap().unwrap()
    }

    pub(crate) async fn run(&self) -> Result<Ran, PurgeError> {
        // In a world with few boards, the first that fails is all that is looked for.
        let mut ran = self.purger.run(None, &NoFaults).await?;
        if ran.failed.is_empty() { Ok(ran) } else { Err(ran.failed.remove(0).1) }
    }

    /// Registers a board with one account and one case about `person`.
    pub(crate) async fn register(&self, board: OrganisationNumber, case: &str, person: &Personnummer) {
        let worker = CaseWorkerId::parse("anna.berg").unwrap();
        if self.log.document::<Board>(&DocumentRef::board(board)).await.unwrap().is_none() {
            let now = self.clock.now();
            let mut document = ssbtek_example::board(board, &certificate(board), now);
            document.assertion_keys = vec![AssertionKey {
                kid: "k".to_owned(),
                algorithm: KeyAlgorithm::Es256,
                public_pem: "-".to_owned(),
                valid_from: now,
                valid_until: None,
            }];
            let account = ssbtek_example::case_worker("anna.berg", now);
            let owner = CertificateOwner::Board { organisation: board };
            let mut documents = vec![
                DocumentWrite::new(DocumentRef::board(board), 0, &document).unwrap(),
                DocumentWrite::new(DocumentRef::certificate(&certificate(board)), 0, &owner).unwrap(),
                DocumentWrite::new(DocumentRef::case_worker(board, &worker), 0, &account).unwrap(),
            ];
            if self.log.document::<Provider>(&DocumentRef::provider()).await.unwrap().is_none() {
                let provider = ssbtek_example::provider(now);
                documents.push(DocumentWrite::new(DocumentRef::provider(), 0, &provider).unwrap());
            }
            self.log.change(board, "operator", "register_board", None, documents).await.unwrap();
        }
        let member = Member::new(person.clone(), Role::Applicant);
        let case =
            Case::register(CaseId::parse(case).unwrap(), vec![member], BTreeSet::from([worker])).unwrap();
        let write = DocumentWrite::new(DocumentRef::case(board, &case.id), 0, &case).unwrap();
        self.log.change(board, "anna.berg", "register_case", None, vec![write]).await.unwrap();
    }

    pub(crate) async fn close_case(&self, board: OrganisationNumber, case: &str) {
        let reference = DocumentRef::case(board, &CaseId::parse(case).unwrap());
        let mut found: Versioned<Case> = self.log.document(&reference).await.unwrap().unwrap();
        found.body.close(self.clock.now()).unwrap();
        let write =
            DocumentWrite::new(reference, found.version, &found.body).unwrap().closed(self.clock.now());
        self.log.change(board, "anna.berg", "close_case", None, vec![write]).await.unwrap();
    }

    pub(crate) async fn case(&self, board: OrganisationNumber, case: &str) -> Option<Versioned<Case>> {
        self.log.document(&DocumentRef::case(board, &CaseId::parse(case).unwrap())).await.unwrap()
    }

    /// Asks in a case: INTENT and RELEASE. Gives the receipt that the caller would get.
    pub(crate) async fn ask(&self, board: OrganisationNumber, case: &str) -> Receipt {
        let permit = self.permit(board, case).await;
        let opened = self.log.open(&permit, &Manifest::default(), Door::Grpc).await.unwrap();
        let disclosure = Disclosure::nothing(Protection::None);
        self.log.close(opened, &permit, &disclosure, &ssbtek_authorize::Learned::default()).await.unwrap()
    }

    pub(crate) async fn permit(&self, board: OrganisationNumber, case: &str) -> ssbtek_authorize::Permit {
        let mut token = [0; 32];
        SystemEntropy.fill(&mut token);
        let now = self.clock.now();
        let caller = ssbtek_example::caller(board, "anna.berg", certificate(board), token, now);
        let today = self.clock.today().to_string();
        let raw = RawAsk {
            case_id: case,
            role: Some(Role::Applicant),
            from: &today,
            to: &today,
            purpose: "ekonomiskt bistånd",
            ..RawAsk::default()
        };
        let ask = Ask::parse(&raw, &AskLimits::default(), self.clock.today()).unwrap();
        let key = caller.facts_key(Some(CaseId::parse(case).unwrap()));
        let facts = self.store.facts(&key).await.unwrap();
        decide(&caller, &ask, &facts.under(&ssbtek_example::law()), now).unwrap()
    }

    pub(crate) async fn records(&self, board: OrganisationNumber, filter: &Filter) -> Vec<LoggedRecord> {
        self.log.read(board, filter, None, 100_000).await.unwrap()
    }

    /// What of a board is still there in any readable or sealed form.
    pub(crate) async fn leftovers(&self, board: OrganisationNumber) -> Vec<String> {
        let keys = self.vault.list().unwrap().into_iter().map(|key| key.as_str().to_owned());
        keys.filter(|key| {
            key.contains(board.as_str()) && !key.starts_with("sign.") && !key.starts_with("receipt.")
        })
        .chain(self.store.log_months(board).await.unwrap())
        .collect()
    }

    pub(crate) fn trust(&self, board: OrganisationNumber) -> Trust {
        let vkey = self.signer.signer(board).unwrap().verifier().vkey();
        Trust::new(self.signer.origin(board), vec![NoteVerifier::parse(&vkey).unwrap()], vec![], 0).unwrap()
    }

    /// How many purges of a board its log tells of.
    pub(crate) async fn purges_logged(&self, board: OrganisationNumber) -> usize {
        let records = self.records(board, &Filter::All).await;
        records.iter().filter(|record| record.header.kind == ssbtek_access_log::RecordKind::Purge).count()
    }
}

pub(crate) fn certificate(board: OrganisationNumber) -> [u8; 32] {
    let mut fingerprint = [7; 32];
    fingerprint[..12].copy_from_slice(board.as_str().as_bytes());
    fingerprint
}

/// The n-th canary: a generated test number with birth number 980–999 and right check digit.
pub(crate) fn person(n: u32) -> Personnummer {
    let (day, birth) = (n / 20, 980 + n % 20);
    let date = chrono::NaiveDate::from_ymd_opt(1950, 1, 1).unwrap() + chrono::Duration::days(i64::from(day));
    let nine = format!("{}{birth}", date.format("%Y%m%d"));
    (0..10).find_map(|check| Personnummer::parse_undated(&format!("{nine}{check}")).ok()).unwrap()
}

pub(crate) fn copy_all(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy_all(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Ends the run at the n-th step.
#[derive(Debug, Default)]
pub(crate) struct KillAt {
    pub(crate) at: usize,
    seen: std::sync::Mutex<Vec<Step>>,
}

impl KillAt {
    pub(crate) fn step(at: usize) -> Self {
        Self { at, ..Self::default() }
    }

    pub(crate) fn seen(&self) -> Vec<Step> {
        self.seen.lock().unwrap().clone()
    }
}

impl FaultPoint for KillAt {
    fn reached(&self, step: Step) -> Result<(), Killed> {
        let mut seen = self.seen.lock().unwrap();
        seen.push(step);
        if seen.len() > self.at { Err(Killed) } else { Ok(()) }
    }
}

/// The same directory after a stop, held against itself in between.
pub(crate) async fn checked(world: World, when: &str) -> World {
    world.store.close().await;
    let options = CheckOptions {
        vault: world.vault.clone(),
        signer: world.signer.clone(),
        known: vec![],
        doomed: BTreeSet::new(),
        started_with: BTreeMap::new(),
    };
    let report = loop {
        match check(&world.directory.join("broker.db"), &options) {
            Err(OpenError::InUse) => tokio::task::yield_now().await,
            report => break report.unwrap(),
        }
    };
    assert_eq!(report.findings, Vec::<String>::new(), "{when}");
    world.reopened()
}
