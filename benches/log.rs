//! `cargo bench --bench log`: what a durable, sealed, tree-hashed entry costs against bare SQLite, and what a look-up costs
//! as the log grows. Everything in one run, so that the ratios hold. `--entries 10000000` for the long run.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a measurement speaks to its reader, and stops if it cannot measure"
)]

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use clap::Parser;
use rusqlite::{Connection, params};
use ssbtek_access_log::{AccessLog, Criteria, Door, Refused};
use ssbtek_authorize::{Ask, AskLimits, Caller, Denial, RawAsk, TokenUse};
use ssbtek_domain::{
    CaseWorkerId, Clock, Entropy, OrganisationNumber, Personnummer, Role, SeededEntropy, SystemClock,
    SystemEntropy,
};
use ssbtek_store_sqlite::{CheckpointSigner, SqliteOptions, SqliteStore};
use ssbtek_vault::DirectoryVault;

/// Entries in one group, in both.
const GROUP: usize = 64;
/// Questions under way at once, so that groups fill.
const AT_ONCE: u64 = 256;
/// Entries after which the rate of the young log is taken.
const YOUNG: u64 = 100_000;

/// Measures the access log.
#[derive(Debug, Parser)]
struct Arguments {
    /// Entries.
    #[arg(long, default_value_t = 200_000)]
    entries: u64,
    /// Directory on the disk to be measured; a temporary one without.
    #[arg(long)]
    directory: Option<PathBuf>,
    /// Figures as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Which person entry `n` is about: each of 100 000 comes up again and again, in no order.
fn person(n: u64) -> Personnummer {
    let at = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let (year, month, day) = (1930 + at % 70, 1 + at / 70 % 12, 1 + at / 840 % 28);
    let nine = format!("{:02}{month:02}{day:02}{}", year % 100, 980 + at / 23_520 % 20);
    let sum: u32 = nine
        .bytes()
        .enumerate()
        .map(|(place, digit)| {
            let product = u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 };
            product / 10 + product % 10
        })
        .sum();
    let text = format!("{:02}{nine}{}", year / 100, (10 - sum % 10) % 10);
    Personnummer::parse(&text, "2026-11-22".parse().expect("a date")).expect("a test number")
}

#[derive(Clone)]
struct Bench {
    log: AccessLog,
    board: OrganisationNumber,
}

impl Bench {
    async fn entry(&self, n: u64) {
        let mut token = [0; 32];
        SystemEntropy.fill(&mut token);
        let now = SystemClock.now();
        let caller = Caller {
            board: self.board,
            case_worker: CaseWorkerId::parse(&format!("worker.{}", n % 500)).expect("an account"),
            certificate: [7; 32],
            processors: Vec::new(),
            agent: None,
            token: TokenUse { token, expires_at: now },
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
        let refused = Refused::new(Some(&ask), Denial::CaseClosed, Vec::new(), now, Door::Grpc);
        self.log.refuse(&caller, refused).await.expect("the entry is logged");
    }

    /// Entries `from..until`, many at once. Returns how long it took.
    async fn fill(&self, from: u64, until: u64) -> Duration {
        let next = Arc::new(AtomicU64::new(from));
        let start = Instant::now();
        let tasks: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                let (bench, next) = (self.clone(), next.clone());
                tokio::spawn(async move {
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        if n >= until {
                            break;
                        }
                        bench.entry(n).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no entry fails");
        }
        start.elapsed()
    }
}

fn pragmas(connection: &Connection) {
    let batch = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
    connection.execute_batch(batch).expect("SQLite takes its pragmas");
}

/// The same bytes into one table, one transaction for each group.
fn bare(path: &Path, entries: u64, bytes: usize) -> Duration {
    let connection = Connection::open(path).expect("a database");
    pragmas(&connection);
    connection
        .execute_batch("CREATE TABLE entry (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
        .expect("a table");
    let chance = SeededEntropy::new(1);
    let mut body = vec![0; bytes];
    let start = Instant::now();
    for group in 0..entries.div_ceil(GROUP as u64) {
        connection.execute_batch("BEGIN IMMEDIATE").expect("begun");
        for n in group * GROUP as u64..((group + 1) * GROUP as u64).min(entries) {
            chance.fill(&mut body);
            let mut insert =
                connection.prepare_cached("INSERT INTO entry VALUES (?1, ?2)").expect("prepared");
            insert.execute(params![n as i64, body]).expect("inserted");
        }
        connection.execute_batch("COMMIT").expect("committed");
    }
    start.elapsed()
}

/// A bare table with an index by person, and the median time of a look-up in it.
fn bare_look_up(path: &Path, entries: u64, bytes: usize) -> Duration {
    let connection = Connection::open(path).expect("a database");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN;
             CREATE TABLE entry (id INTEGER PRIMARY KEY, person TEXT NOT NULL, body BLOB NOT NULL);",
        )
        .expect("a table");
    let (chance, mut body) = (SeededEntropy::new(1), vec![0; bytes]);
    for n in 0..entries {
        chance.fill(&mut body);
        let mut insert =
            connection.prepare_cached("INSERT INTO entry VALUES (?1, ?2, ?3)").expect("prepared");
        insert.execute(params![n as i64, person(n).expose(), body]).expect("inserted");
    }
    connection.execute_batch("CREATE INDEX by_person ON entry (person, id); COMMIT;").expect("committed");
    median((0..400).map(|n| {
        let wanted = person(n * 7919 % entries);
        let start = Instant::now();
        let mut select = connection
            .prepare_cached("SELECT id, body FROM entry WHERE person = ?1 ORDER BY id DESC LIMIT 100")
            .expect("prepared");
        let rows = select.query_map([wanted.expose()], |row| row.get::<_, Vec<u8>>(1)).expect("read");
        assert!(rows.count() > 0);
        start.elapsed()
    }))
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let temporary = std::env::temp_dir().join(format!("ssbtek-bench-log-{}", std::process::id()));
    let directory = arguments.directory.clone().unwrap_or(temporary);
    std::fs::create_dir_all(&directory).expect("the directory can be made");
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let vault = Arc::new(DirectoryVault::open(&directory.join("keys"), entropy.clone()).expect("a vault"));
    let signer = Arc::new(CheckpointSigner::new("bench.example.se", vault.clone()));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let options = SqliteOptions { max_group: GROUP, ..SqliteOptions::at(&directory.join("log.db")) };
    let (on_poison, entropy_of_store) = (Box::new(|| ()), entropy.clone());
    let store =
        SqliteStore::open(&options, vault.clone(), signer, clock.clone(), entropy_of_store, on_poison);
    let store = Arc::new(store.expect("a store"));
    let log = AccessLog::new(store.clone(), vault, clock, entropy);
    let board = OrganisationNumber::parse("162120009994").expect("a number");
    let bench = Bench { log: log.clone(), board };

    let entries = arguments.entries;
    let window = YOUNG.min(entries / 2).max(1);
    let young = bench.fill(0, window).await;
    let middle =
        if entries > 2 * window { bench.fill(window, entries - window).await } else { Duration::ZERO };
    let old = bench.fill(entries.saturating_sub(window).max(window), entries).await;
    let rate = |count: u64, time: Duration| count as f64 / time.as_secs_f64().max(1e-9);
    let (young_rate, old_rate) = (rate(window, young), rate(window.min(entries - window), old));
    let whole_rate = rate(entries, young + middle + old);

    let mut found = 0;
    let mut look_ups = Vec::new();
    let mut reports = Vec::new();
    for n in 0..400 {
        let criteria = Criteria { person: Some(person(n * 7919 % entries)), ..Criteria::default() };
        let start = Instant::now();
        let (hits, _) = log.find(board, &criteria, None, 100).await.expect("read");
        look_ups.push(start.elapsed());
        found += hits.len();
        if n % 20 == 0 {
            let wanted = person(n * 7919 % entries);
            let start = Instant::now();
            let lines = log.person_report(board, &wanted, false).await.expect("read").len();
            reports.push((start.elapsed(), lines));
        }
    }
    let look_up = median(look_ups.into_iter());
    let report =
        median(reports.iter().map(|(time, lines)| *time / u32::try_from((*lines).max(1)).unwrap_or(1)));
    store.close().await;
    let bytes = std::fs::metadata(directory.join("log.db")).map_or(0, |file| file.len()) / entries;
    let bare_time = bare(&directory.join("bare.db"), entries.min(1_000_000), bytes as usize);
    let bare_rate = rate(entries.min(1_000_000), bare_time);
    let bare_select = bare_look_up(&directory.join("indexed.db"), entries, bytes as usize);

    let figures = serde_json::json!({
        "entries": entries,
        "append_per_second_young": young_rate,
        "append_per_second_old": old_rate,
        "append_per_second": whole_rate,
        "bare_sqlite_per_second": bare_rate,
        "append_to_bare": whole_rate / bare_rate,
        "old_to_young": old_rate / young_rate,
        "look_up_us": look_up.as_secs_f64() * 1e6,
        "bare_indexed_select_us": bare_select.as_secs_f64() * 1e6,
        "look_up_to_bare": look_up.as_secs_f64() / bare_select.as_secs_f64(),
        "entries_found_per_look_up": found as f64 / 400.0,
        "person_report_us_per_entry": report.as_secs_f64() * 1e6,
        "bytes_per_entry": bytes,
    });
    println!("{}", serde_json::to_string_pretty(&figures).unwrap_or_default());
    if let Some(path) = &arguments.json {
        std::fs::write(path, figures.to_string()).expect("the figures can be written");
    }
    if arguments.directory.is_none() {
        let _ = std::fs::remove_dir_all(&directory);
    }
}
