//! Times, and what is told of them.

use std::{fs::File, path::Path, time::Instant};

use serde::Serialize;

/// What some work took.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    pub(crate) wall_s: f64,
    /// User and system time of this process, all its threads included.
    pub(crate) processor_s: f64,
}

/// Runs while work is done.
pub(crate) struct Meter {
    start: Instant,
    processor_s: f64,
}

impl Meter {
    pub(crate) fn start() -> Self {
        Self { start: Instant::now(), processor_s: processor_s() }
    }

    pub(crate) fn stop(self) -> Cost {
        Cost { wall_s: self.start.elapsed().as_secs_f64(), processor_s: processor_s() - self.processor_s }
    }
}

fn processor_s() -> f64 {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

/// One turn of all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slice {
    pub(crate) entries: u64,
    pub(crate) ours: Cost,
    pub(crate) bare: Cost,
    pub(crate) young: Cost,
}

impl Slice {
    /// Entries a second.
    pub(crate) fn rate(&self, cost: Cost) -> f64 {
        self.entries as f64 / cost.wall_s.max(1e-9)
    }

    /// Microseconds of processor time for an entry.
    pub(crate) fn processor_us(&self, cost: Cost) -> f64 {
        cost.processor_s * 1e6 / self.entries as f64
    }
}

/// Middle, least and most of several measurements.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Spread {
    median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        let median = median(&mut values);
        let ends = (values.first().copied(), values.last().copied());
        Self { median, least: ends.0.unwrap_or(0.0), most: ends.1.unwrap_or(0.0) }
    }
}

/// Reads a file from end to end, so that as much of it as fits lies in memory.
pub(crate) fn read_through(path: &Path) {
    let mut file = File::open(path).expect("the file is there");
    std::io::copy(&mut file, &mut std::io::sink()).expect("the file can be read");
}

/// The middle one; sorts.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Memory of this process that lies in the machine's, in KiB.
pub(crate) fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
