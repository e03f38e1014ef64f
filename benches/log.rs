//! `cargo bench -p ssbtek-store-sqlite --bench log`: what a durable, sealed, tree-hashed entry costs against bare SQLite, what
//! a look-up costs as the log grows, and what a person's report costs. Ours and the bare one in turns, in one run, so that the
//! ratios hold. `-- --entries 10000000` for the long run.

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

use std::path::{Path, PathBuf};

use clap::Parser;
use figures::{Meter, Slice, Spread};

/// Entries in one group, in both.
pub(crate) const GROUP: usize = 64;
/// Sizes at which figures are taken, where the run gets so far.
const SIZES: [u64; 3] = [100_000, 1_000_000, 10_000_000];
/// Look-ups in one round.
const LOOK_UPS: u64 = 200;

/// Measures the access log.
#[derive(Debug, Parser)]
struct Arguments {
    /// Entries.
    #[arg(long, default_value_t = 200_000)]
    entries: u64,
    /// Entries that each appends before it is the other's turn.
    #[arg(long, default_value_t = 25_000)]
    turn: u64,
    /// Rounds of look-ups.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Directory on the disk to be measured; a temporary one without.
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
        let ratio = figures["append_to_bare_by_processor_time"].as_f64().unwrap_or_default();
        assert!(ratio >= least, "appending runs at {ratio:.2} of the bare rate, not at {least}");
    }
}

async fn measure(arguments: &Arguments, directory: &Path) -> serde_json::Value {
    let ours = ours::Ours::open(directory);
    let mut bare = bare::Bare::create(&directory.join("bare.db"));
    let (mut slices, mut reports, mut done) = (Vec::new(), Vec::new(), 0);
    while done < arguments.entries {
        let until = arguments.entries.min(done + arguments.turn.max(1));
        let meter = Meter::start();
        ours.fill(done, until).await;
        let mine = meter.stop();
        // As many bytes as an entry of ours takes on disk, everything that belongs to it included.
        let bytes = size_of_log(directory) / until;
        let meter = Meter::start();
        bare.fill(done, until, bytes as usize);
        slices.push(Slice { until, entries: until - done, ours: mine, bare: meter.stop() });
        done = until;
        if SIZES.contains(&done) || done == arguments.entries {
            reports.push(ours.reports(done).await);
        }
    }
    drop(bare);
    let bytes = size_of_log(directory) / done;
    let indexed = bare::Indexed::create(&directory.join("indexed.db"), done, bytes as usize);
    let (mut look_ups, mut found) = (Vec::new(), 0);
    for round in 0..arguments.rounds.max(1) {
        let (mut ours_us, mut bare_us) = (Vec::new(), Vec::new());
        for n in 0..LOOK_UPS {
            let wanted =
                persons::person((u64::from(round) * LOOK_UPS + n).wrapping_mul(7919 * 104_729) % done);
            let (time, hits) = ours.look_up(&wanted).await;
            ours_us.push(time);
            found += hits;
            let (time, rows) = indexed.look_up(&wanted);
            bare_us.push(time);
            assert_eq!(rows, hits.min(bare::MOST_ROWS), "both find the same");
        }
        look_ups.push((figures::median(&mut ours_us), figures::median(&mut bare_us)));
    }
    ours.close().await;
    let ratios = Spread::of(look_ups.iter().map(|(ours, bare)| ours / bare));
    let entries_found = found as f64 / f64::from(arguments.rounds.max(1)) / LOOK_UPS as f64;
    let whole = Slice::sum(&slices);
    serde_json::json!({
        "entries": done,
        "bytes_per_entry": size_of_log(directory) / done,
        "append": SIZES.iter().filter(|size| **size <= done).chain([&done]).map(|size| figures::at(&slices, *size)).collect::<Vec<_>>(),
        "append_to_bare_by_processor_time": whole.bare.processor_s / whole.ours.processor_s,
        "look_up_us": Spread::of(look_ups.iter().map(|(ours, _)| *ours)),
        "bare_indexed_select_us": Spread::of(look_ups.iter().map(|(_, bare)| *bare)),
        "look_up_to_bare": ratios,
        "entries_found_per_look_up": entries_found,
        "person_reports": reports,
    })
}

/// Bytes of the log's database, those still in the write-ahead log included.
fn size_of_log(directory: &Path) -> u64 {
    let connection = rusqlite::Connection::open(directory.join("log.db")).expect("the log");
    let number = |pragma: &str| {
        connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).map_or(0, i64::unsigned_abs)
    };
    number("page_count") * number("page_size")
}
