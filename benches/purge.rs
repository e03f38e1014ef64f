//! `cargo bench -p ssbtek-purge --bench purge`: what a start, a sweep, an export, a hand-over and whole purges cost in a board's log of
//! so many records, and how long questions take before, while and after a month is purged. `-- --entries 10000000` for the long run.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a measurement speaks to its reader, and stops if it cannot measure"
)]

use std::{
    fs,
    future::Future,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use clap::Parser;
use ssbtek_access_log::{
    AccessLog, Change, Criteria, DocumentWrite, Door, ExportOptions, RefusalBounds, Refused,
};
use ssbtek_authorize::{Ask, AskLimits, Denial, DocumentRef, RawAsk};
use ssbtek_domain::{DateTime, Entropy, FixedClock, OrganisationNumber, Role, SystemEntropy, Utc};
use ssbtek_log_store::{Around, CheckpointSigner, Lifetimes, Poison, Store, StoreOptions};
use ssbtek_purge::{Ledger, NoFaults, Policy, Purger, SecondClock};
use ssbtek_store_sqlite::SqliteOptions;
use ssbtek_vault::{DirectoryVault, Vault};

/// Questions under way at once, so that groups fill.
const AT_ONCE: u64 = 256;

/// Measures purges.
#[derive(Debug, Parser)]
struct Arguments {
    /// Records of the log, half of them in a month that expires.
    #[arg(long, default_value_t = 1_000_000)]
    entries: u64,
    /// Directory on the disk to be measured; filled if it is empty. A temporary one without.
    #[arg(long)]
    directory: Option<PathBuf>,
    /// Only fills the directory.
    #[arg(long)]
    fill: bool,
    /// Questions a second while a month is purged, and before and after it.
    #[arg(long, default_value_t = 100)]
    questions: u64,
    /// How long questions are asked before the purge, and after it, in seconds.
    #[arg(long, default_value_t = 30)]
    asked_s: u64,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

struct Second(Arc<FixedClock>);

#[async_trait::async_trait]
impl SecondClock for Second {
    async fn readings(&self) -> Vec<DateTime<Utc>> {
        vec![ssbtek_domain::Clock::now(&*self.0)]
    }
}

/// A broker's rooms below its doors.
struct Rooms {
    clock: Arc<FixedClock>,
    store: Arc<Store>,
    log: AccessLog,
    purger: Purger,
}

fn board() -> OrganisationNumber {
    OrganisationNumber::parse("162120009994").expect("a number")
}

impl Rooms {
    fn open(directory: &Path, at: &str) -> Self {
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let clock = Arc::new(FixedClock::at(at.parse().expect("a time")));
        let vault = DirectoryVault::open(&directory.join("keys"), entropy.clone()).expect("a vault");
        let vault: Arc<dyn Vault> = Arc::new(vault);
        let signer = Arc::new(CheckpointSigner::new("bench.example.se", vault.clone()));
        let policy = Policy { log_months: 1, min_log_months: 1, ..Policy::default() };
        let options = SqliteOptions {
            store: StoreOptions {
                lifetimes: Lifetimes { log_months: policy.log_months, case_days: policy.case_days },
                ..StoreOptions::default()
            },
            ..SqliteOptions::at(&directory.join("broker.db"))
        };
        let ledger = Ledger::open(&directory.join("purge-ledger.jsonl"), &*vault).expect("a ledger");
        let store = ssbtek_store_sqlite::open(
            &options,
            Around {
                vault: vault.clone(),
                signer,
                clock: clock.clone(),
                entropy: entropy.clone(),
                poison: Poison::default(),
            },
        );
        let store = Arc::new(store.expect("a store"));
        // Refusals are what is cheapest to make up: none is only counted.
        let bounds = RefusalBounds { max_recorded: u32::MAX, ..RefusalBounds::default() };
        let log = AccessLog::new(store.clone(), vault.clone(), clock.clone(), entropy.clone())
            .with_refusal_bounds(bounds);
        let around = ssbtek_purge::Around {
            store: store.clone(),
            leases: store.clone(),
            vault,
            log: log.clone(),
            ledger,
            clock: clock.clone(),
            second: Arc::new(Second(clock.clone())),
            entropy,
        };
        let purger = Purger::new(around, policy);
        Self { clock, store, log, purger }
    }

    fn at(&self, moment: &str) {
        self.clock.set(moment.parse().expect("a time"));
    }

    async fn register(&self) {
        let document = ssbtek_example::board(board(), &[7; 32], ssbtek_domain::Clock::now(&*self.clock));
        let write = DocumentWrite::new(DocumentRef::board(board()), 0, &document).expect("a document");
        self.log.change(board(), "operator", "register_board", None, vec![write]).await.expect("registered");
    }

    async fn end(&self) {
        let mut terms = self.log.terms(board()).await.expect("terms");
        terms.body.ended_on = Some("2026-12-05".parse().expect("a day"));
        terms.body.due_at = Some("2027-01-04T23:00:00Z".parse().expect("a time"));
        let change = Change { retention: Some(terms), ..Change::new(board(), "operator", "end_agreement") };
        self.log.make(change).await.expect("ended");
    }

    /// So many records, spread over the ten days from `from` on: what they spend has expired long before the last.
    async fn fill(&self, from: &str, entries: u64) {
        let from: DateTime<Utc> = from.parse().expect("a time");
        let next = Arc::new(AtomicU64::new(0));
        let tasks: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                let (log, next, clock) = (self.log.clone(), next.clone(), self.clock.clone());
                tokio::spawn(async move {
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        if n >= entries {
                            return;
                        }
                        let now = from + chrono::Duration::milliseconds((n * 864_000_000 / entries) as i64);
                        clock.set(now);
                        refuse(&log, now).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no record fails");
        }
    }

    /// Asks `a_second` questions each second until it is told to stop, whether those before are answered or not. Milliseconds from
    /// when each was due to its durable record.
    async fn ask(&self, a_second: u64, stop: Arc<AtomicBool>) -> Vec<f64> {
        let (begun, mut asked) = (Instant::now(), Vec::new());
        while !stop.load(Ordering::Relaxed) {
            let due = begun + Duration::from_micros(1_000_000 * asked.len() as u64 / a_second.max(1));
            tokio::time::sleep_until(due.into()).await;
            let (log, now) = (self.log.clone(), ssbtek_domain::Clock::now(&*self.clock));
            asked.push(tokio::spawn(async move {
                refuse(&log, now).await;
                due.elapsed().as_secs_f64() * 1e3
            }));
        }
        let mut took = Vec::new();
        for question in asked {
            took.push(question.await.expect("no record fails"));
        }
        took
    }

    /// Runs something while questions are asked, and tells how long they took.
    async fn asked_during<T>(&self, what: &str, a_second: u64, work: impl Future<Output = T>) -> (T, f64) {
        let stop = Arc::new(AtomicBool::new(false));
        let worked = async {
            let result = work.await;
            stop.store(true, Ordering::Relaxed);
            result
        };
        let (result, mut took) = tokio::join!(worked, self.ask(a_second, stop.clone()));
        took.sort_unstable_by(f64::total_cmp);
        let at = |part: usize| took.get(took.len() * part / 1000).copied().unwrap_or_default();
        println!(
            "{} questions {what}: median {:.2} ms, 99th percentile {:.2} ms, longest {:.2} ms",
            took.len(),
            at(500),
            at(990),
            took.last().copied().unwrap_or_default()
        );
        (result, at(990))
    }
}

async fn refuse(log: &AccessLog, now: DateTime<Utc>) {
    let mut token = [0; 32];
    SystemEntropy.fill(&mut token);
    let worker = format!("worker.{}", token[0]);
    let caller = ssbtek_example::caller(board(), &worker, [7; 32], token, now + chrono::Duration::minutes(5));
    let case = format!("EB-{}", u16::from_le_bytes([token[1], token[2]]));
    let raw = RawAsk {
        case_id: &case,
        role: Some(Role::Applicant),
        from: "2026-09-01",
        to: "2026-10-01",
        ..RawAsk::default()
    };
    let ask =
        Ask::parse(&raw, &AskLimits::default(), "2026-10-01".parse().expect("a day")).expect("a question");
    let refused = Refused::new(Some(&ask), Denial::CaseClosed, Vec::new(), now, Door::Grpc);
    log.refuse(&caller, refused).await.expect("the record is logged");
}

/// Runs something, and tells how long it took and how much more memory was in use on the way.
async fn measured<T>(what: &str, work: impl Future<Output = T>) -> T {
    // The highest mark is set back to what is in use now.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let (before, start) = (peak_mib(), Instant::now());
    let result = work.await;
    println!("{what}: {:.3} s, {:.0} MiB more", start.elapsed().as_secs_f64(), peak_mib() - before);
    result
}

fn peak_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let temporary = tempfile::tempdir().expect("a directory");
    let directory = arguments.directory.as_deref().unwrap_or(temporary.path());
    if !directory.join("broker.db").exists() {
        fs::create_dir_all(directory).expect("the directory can be made");
        let rooms = Rooms::open(directory, "2026-10-05T10:00:00Z");
        rooms.register().await;
        measured("filling", async {
            rooms.fill("2026-10-05T10:00:00Z", arguments.entries / 2).await;
            rooms.fill("2026-11-01T10:00:00Z", arguments.entries / 2).await;
        })
        .await;
        rooms.store.close().await;
    }
    if !arguments.fill {
        measure(directory, &arguments).await;
    }
}

async fn measure(directory: &Path, arguments: &Arguments) {
    let start = |at: &'static str| async move {
        let rooms = Rooms::open(directory, at);
        rooms.purger.erase_again(&NoFaults).await.expect("replayed");
        rooms.purger.replay(&NoFaults).await.expect("replayed");
        rooms
    };
    let rooms = measured("start", start("2026-11-12T10:00:00Z")).await;
    let tree = rooms.purger.tree(board(), None).await.expect("a tree");
    println!("{} records", tree.size);
    measured("sweep with nothing due", rooms.purger.run(None, &NoFaults)).await.expect("swept");
    let day = Criteria {
        from: Some("2026-11-06T00:00:00Z".parse().expect("a time")),
        until: Some("2026-11-07T00:00:00Z".parse().expect("a time")),
        ..Criteria::default()
    };
    for which in ["first", "second"] {
        let what = format!("{which} search by time after a start");
        measured(&what, rooms.log.find(board(), &day, None, 20)).await.expect("found");
    }
    let mut bytes = 0;
    measured("export of the whole log", async {
        let mut export = rooms.log.export(board(), ExportOptions::default()).await.expect("an export");
        while let Some(text) = export.next().await.expect("exported") {
            bytes += text.len();
        }
    })
    .await;
    println!("{} MiB exported", bytes >> 20);
    rooms.at("2026-12-02T10:00:00Z");
    let (a_second, asked) = (arguments.questions, Duration::from_secs(arguments.asked_s));
    let ((), before) = rooms.asked_during("before", a_second, tokio::time::sleep(asked)).await;
    let purge = measured("purge of the expired month", rooms.purger.run(None, &NoFaults));
    let (ran, during) = rooms.asked_during("during the purge", a_second, purge).await;
    let ((), after) = rooms.asked_during("after it", a_second, tokio::time::sleep(asked)).await;
    println!("99th percentile during to before {:.2}, to after {:.2}", during / before, during / after);
    let ran = ran.expect("purged");
    let receipt = ran.receipts.first().expect("a receipt");
    println!("{} records erased", receipt.record.leaves);
    rooms.store.close().await;
    drop(rooms);
    let rooms = measured("start after it", start("2026-12-02T10:00:00Z")).await;
    rooms.end().await;
    measured("root for a hand-over", async {
        let tree = rooms.purger.tree(board(), None).await.expect("a tree");
        let same = rooms.purger.tree(board(), Some(tree.size)).await.expect("a tree");
        assert_eq!(tree, same);
    })
    .await;
    rooms.at("2027-01-05T10:00:00Z");
    let ran = measured("purge of the whole board", rooms.purger.run(None, &NoFaults)).await.expect("purged");
    println!("{} records erased", ran.receipts.first().expect("a receipt").record.leaves);
    rooms.store.close().await;
}
