//! The access log as it is: sealed, hashed, durable.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use chrono::TimeDelta;
use ssbtek_access_log::{AccessLog, Criteria, Door, RefusalBounds, Refused, TreeStore};
use ssbtek_authorize::{Ask, AskLimits, Caller, Denial, RawAsk, TokenUse};
use ssbtek_domain::{
    CaseWorkerId, DateTime, Entropy, FixedClock, OrganisationNumber, Personnummer, Role, SystemEntropy, Utc,
};
use ssbtek_log_store::{Around, CheckpointSigner, Poison, Store, StoreOptions};
use ssbtek_store_sqlite::SqliteOptions;
use ssbtek_vault::{DirectoryVault, Vault};

use crate::{
    GROUP,
    bare::MOST_ROWS,
    figures::{median, read_through},
    persons::{FEW, entries_of, person, strewn},
};

/// Questions under way at once, so that groups fill.
const AT_ONCE: u64 = 256;
/// Questions made up beforehand.
const PREPARED: usize = 50_000;

/// Months over which a log's entries are spread.
const MONTHS: u64 = 24;
/// When the first entry is logged, in seconds since 1970: 2024-12-01.
const BEGINS: i64 = 1_733_011_200;

/// When entry `n` of a log of so many is logged.
fn moment(n: u64, entries: u64) -> DateTime<Utc> {
    let seconds = u128::from(MONTHS * 2_629_000) * u128::from(n) / u128::from(entries.max(1));
    DateTime::from_timestamp(BEGINS + seconds as i64, 0).expect("a moment")
}

/// A log of one board.
pub(crate) struct Ours {
    store: Arc<Store>,
    log: AccessLog,
    clock: Arc<FixedClock>,
    /// How many there will be.
    entries: u64,
    pub(crate) board: OrganisationNumber,
    pub(crate) database: PathBuf,
    pub(crate) vault: Arc<dyn Vault>,
}

impl Ours {
    /// A log that will have so many entries.
    pub(crate) fn open(directory: &Path, entries: u64) -> Self {
        std::fs::create_dir_all(directory).expect("the directory can be made");
        let database = directory.join("log.db");
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let vault: Arc<dyn Vault> =
            Arc::new(DirectoryVault::open(&directory.join("keys"), entropy.clone()).expect("a vault"));
        let signer = Arc::new(CheckpointSigner::new("bench.example.se", vault.clone()));
        let clock = Arc::new(FixedClock::at(moment(entries, entries)));
        let options = SqliteOptions {
            store: StoreOptions { max_group: GROUP, ..StoreOptions::default() },
            ..SqliteOptions::at(&database)
        };
        let opened = ssbtek_store_sqlite::open(
            &options,
            Around {
                vault: vault.clone(),
                signer,
                clock: clock.clone(),
                entropy: entropy.clone(),
                poison: Poison::default(),
            },
        );
        let store = Arc::new(opened.expect("a store"));
        // Refusals are what is cheapest to make up: none is only counted.
        let bounds = RefusalBounds { max_recorded: u32::MAX, ..RefusalBounds::default() };
        let log =
            AccessLog::new(store.clone(), vault.clone(), clock.clone(), entropy).with_refusal_bounds(bounds);
        let board = OrganisationNumber::parse("162120009994").expect("a number");
        Self { store, log, clock, entries, board, database, vault }
    }

    /// How many it holds.
    pub(crate) async fn entries(&self) -> u64 {
        TreeStore::tree(&*self.store, self.board).await.expect("read").map_or(0, |tree| tree.size)
    }

    /// Bytes of its database, those still in the write-ahead log included.
    pub(crate) fn bytes(&self) -> u64 {
        let connection = rusqlite::Connection::open(&self.database).expect("the log");
        let number = |pragma: &str| {
            let read = connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
            read.map_or(0, i64::unsigned_abs)
        };
        number("page_count") * number("page_size")
    }

    /// Its database in memory, as far as it fits.
    pub(crate) fn warm(&self) {
        read_through(&self.database);
    }

    /// Entries `from..until`.
    pub(crate) async fn fill(&self, from: u64, until: u64) {
        for from in (from..until).step_by(PREPARED) {
            self.append(self.questions(from, until.min(from + PREPARED as u64))).await;
        }
    }

    /// Questions `from..until`, made up.
    pub(crate) fn questions(&self, from: u64, until: u64) -> Vec<Question> {
        (from..until).map(|n| Question::new(self.board, n, moment(n, self.entries))).collect()
    }

    /// An entry for each question, many at once.
    pub(crate) async fn append(&self, questions: Vec<Question>) {
        let (next, questions) = (Arc::new(AtomicUsize::new(0)), Arc::new(questions));
        let tasks: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                let (log, next, questions) = (self.log.clone(), next.clone(), questions.clone());
                let clock = self.clock.clone();
                tokio::spawn(async move {
                    while let Some(question) = questions.get(next.fetch_add(1, Ordering::Relaxed)) {
                        clock.set(question.at);
                        question.log(&log).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no entry fails");
        }
    }

    /// Microseconds that a look-up takes, and how many entries it finds.
    pub(crate) async fn look_up(&self, wanted: &Personnummer) -> (f64, usize) {
        let criteria = Criteria { person: Some(wanted.clone()), ..Criteria::default() };
        let start = Instant::now();
        let (found, _) = self.log.find(self.board, &criteria, None, MOST_ROWS).await.expect("read");
        (start.elapsed().as_secs_f64() * 1e6, found.len())
    }

    /// What the reports to the strewn persons cost in a log of this size.
    pub(crate) async fn reports(&self, entries: u64) -> serde_json::Value {
        let (mut twenty, mut fifty) = (Vec::new(), Vec::new());
        for which in (0..11).cycle().take(110) {
            let person = strewn(which);
            let start = Instant::now();
            let report = self.log.person_report(self.board, &person, Default::default());
            let lines = report.await.expect("read").lines.len();
            let time = start.elapsed().as_secs_f64() * 1e6;
            assert!(entries < FEW || lines == entries_of(which), "the report is whole");
            if which == 10 { fifty.push(time) } else { twenty.push(time) }
        }
        serde_json::json!({
            "entries": entries,
            "of_20_entries_us": median(&mut twenty),
            "of_50_entries_us": median(&mut fifty),
        })
    }

    pub(crate) async fn close(self) {
        self.store.close().await;
    }
}

/// A question that is refused.
pub(crate) struct Question {
    caller: Caller,
    ask: Ask,
    at: DateTime<Utc>,
}

impl Question {
    fn new(board: OrganisationNumber, n: u64, at: DateTime<Utc>) -> Self {
        let mut token = [0; 32];
        SystemEntropy.fill(&mut token);
        let caller = Caller {
            board,
            case_worker: CaseWorkerId::parse(&format!("worker.{}", n % 500)).expect("an account"),
            certificate: [7; 32],
            processors: Vec::new(),
            agent: None,
            token: TokenUse { token, expires_at: at + TimeDelta::minutes(5) },
            signed_with: None,
            signed_in: false,
            kind: ssbtek_authorize::AccountKind::Person,
        };
        let case = format!("EB-2026-{:06}", n / 8);
        let raw = RawAsk {
            case_id: &case,
            role: Some(Role::Applicant),
            from: "2026-09-01",
            to: "2026-11-22",
            ..RawAsk::default()
        };
        let today = "2026-11-22".parse().expect("a date");
        let mut ask = Ask::parse(&raw, &AskLimits::default(), today).expect("a question");
        ask.person = Some(person(n));
        Self { caller, ask, at }
    }

    async fn log(&self, log: &AccessLog) {
        let refused = Refused::new(Some(&self.ask), Denial::CaseClosed, Vec::new(), self.at, Door::Grpc);
        log.refuse(&self.caller, refused).await.expect("the entry is logged");
    }
}
