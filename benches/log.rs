//! `cargo bench -p ssbtek-store-sqlite --bench log`: what a durable, sealed, tree-hashed entry costs against bare SQLite and
//! against a young log, what a look-up costs against a bare select, and what a person's report costs. All in turns, in one run,
//! so that the ratios hold. `-- --entries 10000000` for the long run.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a measurement speaks to its reader, and stops if it cannot measure"
)]

#[path = "log/bare.rs"]
mod bare;
#[path = "log/figures.rs"]
mod figures;
#[path = "log/ours.rs"]
mod ours;
#[path = "log/persons.rs"]
mod persons;

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use clap::Parser;
use figures::{Meter, Slice, Spread};
use ssbtek_domain::Personnummer;

/// Entries in one group, in all.
pub(crate) const GROUP: usize = 64;
/// Entries of the young log, and in each measured turn of all.
const YOUNG: u64 = 100_000;
/// Rows of the bare table before the turns: a larger one appends no slower, and takes room on the disk.
const MOST_BARE_ROWS: u64 = 1_000_000;
/// Look-ups in one round.
const LOOK_UPS: u64 = 200;

/// Measures the access log.
#[derive(Debug, Parser)]
struct Arguments {
    /// Entries that the log holds when it is measured; what is missing is filled in first.
    #[arg(long, default_value_t = 200_000)]
    entries: u64,
    /// Entries that each appends before it is the next one's turn.
    #[arg(long, default_value_t = 50_000)]
    turn: u64,
    /// Rounds: of turns, and of look-ups.
    #[arg(long, default_value_t = 7)]
    rounds: u64,
    /// Directory on the disk to be measured, kept, and grown further by the next run; a temporary one without.
    #[arg(long)]
    directory: Option<PathBuf>,
    /// Figures as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Fails if appending is slower than this share of the bare one's rate, by processor time.
    #[arg(long)]
    at_least: Option<f64>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let temporary = std::env::temp_dir().join(format!("ssbtek-bench-log-{}", std::process::id()));
    let directory = arguments.directory.clone().unwrap_or(temporary);
    std::fs::create_dir_all(&directory).expect("the directory can be made");
    let figures = measure(&arguments, &directory).await;
    println!("{}", serde_json::to_string_pretty(&figures).unwrap_or_default());
    if let Some(path) = &arguments.json {
        std::fs::write(path, figures.to_string()).expect("the figures can be written");
    }
    if arguments.directory.is_none() {
        let _ = std::fs::remove_dir_all(&directory);
    }
    if let Some(least) = arguments.at_least {
        let ratio = figures["append_to_bare_by_processor_time"]["median"].as_f64().unwrap_or_default();
        assert!(ratio >= least, "appending runs at {ratio:.2} of the bare rate, not at {least}");
    }
}

/// Look-ups, ours and bare in turns.
#[derive(Default)]
struct LookUps {
    /// Medians of rounds, in microseconds: ours, bare, bare with each row opened.
    time: Vec<[f64; 3]>,
    processor: Vec<[f64; 3]>,
    longest_us: f64,
    done: u64,
    found: usize,
    differing: u64,
}

impl LookUps {
    async fn round(&mut self, log: &ours::Ours, indexed: &bare::Indexed, wanted: Vec<Personnummer>) {
        let (mut ours_us, mut bare_us, mut opened_us, mut counts) = (vec![], vec![], vec![], vec![]);
        let meter = Meter::start();
        for person in &wanted {
            let (time, hits) = log.look_up(person).await;
            ours_us.push(time);
            counts.push(hits);
        }
        let ours = meter.stop();
        let meter = Meter::start();
        for (person, hits) in wanted.iter().zip(&counts) {
            let (time, rows) = indexed.look_up(person);
            bare_us.push(time);
            self.differing += u64::from(rows != *hits);
        }
        let bare = meter.stop();
        let meter = Meter::start();
        for (person, hits) in wanted.iter().zip(&counts) {
            let (time, rows) = indexed.look_up_and_open(person);
            opened_us.push(time);
            self.differing += u64::from(rows != *hits);
        }
        let opened = meter.stop();
        let each = 1e6 / wanted.len().max(1) as f64;
        self.processor.push([ours, bare, opened].map(|cost| cost.processor_s * each));
        self.longest_us = ours_us.iter().copied().fold(self.longest_us, f64::max);
        self.time.push([&mut ours_us, &mut bare_us, &mut opened_us].map(|times| figures::median(times)));
        self.done += wanted.len() as u64;
        self.found += counts.iter().sum::<usize>();
    }

    fn told(&self) -> serde_json::Value {
        let of = |costs: &[[f64; 3]], which: usize| Spread::of(costs.iter().map(|cost| cost[which]));
        let to =
            |costs: &[[f64; 3]], which: usize| Spread::of(costs.iter().map(|cost| cost[0] / cost[which]));
        serde_json::json!({
            "us": of(&self.time, 0),
            "longest_us": self.longest_us,
            "bare_us": of(&self.time, 1),
            "bare_opened_us": of(&self.time, 2),
            "to_bare": to(&self.time, 1),
            "to_bare_opened": to(&self.time, 2),
            "to_bare_by_processor_time": to(&self.processor, 1),
            "to_bare_opened_by_processor_time": to(&self.processor, 2),
            "processor_us": of(&self.processor, 0),
            "found": self.found as f64 / self.done.max(1) as f64,
        })
    }
}

async fn measure(arguments: &Arguments, directory: &Path) -> serde_json::Value {
    let (rounds, turn) = (arguments.rounds.max(1), arguments.turn.max(1));
    let planned = arguments.entries + rounds * turn;
    let log = ours::Ours::open(&directory.join("log"), planned);
    let held = log.entries().await;
    let entries = held.max(arguments.entries) + rounds * turn;
    // As many bytes as an entry of ours takes on disk, everything that belongs to it included.
    if held < YOUNG {
        log.fill(held, YOUNG.min(arguments.entries)).await;
    }
    let held = log.entries().await;
    let bytes = log.bytes() / held;
    log.fill(held, arguments.entries).await;
    let young_directory = directory.join("young");
    let young = ours::Ours::open(&young_directory, YOUNG.min(arguments.entries) + rounds * turn);
    young.fill(young.entries().await, YOUNG.min(arguments.entries)).await;
    let young_reports = young.reports(YOUNG.min(arguments.entries)).await;
    let rows = log.entries().await.min(MOST_BARE_ROWS);
    let mut bare = bare::Bare::create(&directory.join("bare.db"), rows, bytes as usize);
    let mut slices = Vec::new();
    for _ in 0..rounds {
        let (old, new) = (log.entries().await, young.entries().await);
        let questions = log.questions(old, old + turn);
        let meter = Meter::start();
        log.append(questions).await;
        let ours = meter.stop();
        let meter = Meter::start();
        bare.fill(turn);
        let bare = meter.stop();
        let questions = young.questions(new, new + turn);
        let meter = Meter::start();
        young.append(questions).await;
        slices.push(Slice { entries: turn, ours, bare, young: meter.stop() });
    }
    bare.remove();
    young.close().await;
    let _ = std::fs::remove_dir_all(&young_directory);

    assert_eq!(log.entries().await, entries, "every entry is there");
    let reports = log.reports(entries).await;
    let path = directory.join("indexed.db");
    let indexed = bare::Indexed::create(&path, &log.database, log.vault.clone(), log.board);
    // So that neither is read from the disk while the other lies in memory.
    log.warm();
    figures::read_through(&path);
    let (mut rare, mut common) = (LookUps::default(), LookUps::default());
    for round in 0..rounds {
        let wanted = (round * LOOK_UPS..(round + 1) * LOOK_UPS)
            .map(|n| persons::person(n.wrapping_mul(7919 * 104_729) % entries))
            .filter(|person| *person != persons::common());
        rare.round(&log, &indexed, wanted.collect()).await;
        common.round(&log, &indexed, vec![persons::common(); LOOK_UPS as usize / 4]).await;
    }
    assert!(rare.differing == 0 && common.differing == 0, "all find the same");
    let bytes = log.bytes() / entries;
    log.close().await;
    let (resident, begun) = (figures::resident_kib(), Instant::now());
    let log = ours::Ours::open(&directory.join("log"), entries);
    let (start_s, start_kib) =
        (begun.elapsed().as_secs_f64(), figures::resident_kib().saturating_sub(resident));
    log.close().await;
    serde_json::json!({
        "entries": entries,
        "bytes_per_entry": bytes,
        "append_per_second": Spread::of(slices.iter().map(|slice| slice.rate(slice.ours))),
        "bare_per_second": Spread::of(slices.iter().map(|slice| slice.rate(slice.bare))),
        "append_to_bare": Spread::of(slices.iter().map(|slice| slice.bare.wall_s / slice.ours.wall_s)),
        "append_to_bare_by_processor_time":
            Spread::of(slices.iter().map(|slice| slice.bare.processor_s / slice.ours.processor_s)),
        "append_to_young": Spread::of(slices.iter().map(|slice| slice.young.wall_s / slice.ours.wall_s)),
        "processor_us_per_entry": Spread::of(slices.iter().map(|slice| slice.processor_us(slice.ours))),
        "bare_processor_us_per_entry": Spread::of(slices.iter().map(|slice| slice.processor_us(slice.bare))),
        "young_processor_us_per_entry": Spread::of(slices.iter().map(|slice| slice.processor_us(slice.young))),
        "look_up_of_a_rare_person": rare.told(),
        "look_up_of_a_common_person": common.told(),
        "start_s": start_s,
        "start_resident_kib": start_kib,
        "person_reports": [young_reports, reports],
    })
}
