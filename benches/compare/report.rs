//! The figures: medians and spread, printed and as JSON.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::process::Cores;

/// One gateway's turn.
pub(crate) struct Round {
    pub(crate) questions: u64,
    pub(crate) cpu: Duration,
    pub(crate) elapsed: Duration,
}

impl Round {
    fn cpu_us(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.questions as f64
    }

    fn per_s(&self) -> f64 {
        self.questions as f64 / self.elapsed.as_secs_f64()
    }
}

/// All rounds over one number of sources; floor and broker in each.
pub(crate) struct Scenario {
    pub(crate) sources: usize,
    pub(crate) rounds: Vec<(Round, Round)>,
}

impl Scenario {
    fn figures(&self) -> Map<String, Value> {
        let of = |figure: fn(&(Round, Round)) -> f64| self.rounds.iter().map(figure).collect::<Vec<_>>();
        let ratios = of(|(floor, broker)| broker.cpu_us() / floor.cpu_us());
        let figures = [
            ("floor_cpu_ratio", median(&ratios)),
            ("floor_cpu_ratio_min", ratios.iter().copied().fold(f64::INFINITY, f64::min)),
            ("floor_cpu_ratio_max", ratios.iter().copied().fold(0.0, f64::max)),
            ("cpu_us_per_question_broker", median(&of(|(_, broker)| broker.cpu_us()))),
            ("cpu_us_per_question_floor", median(&of(|(floor, _)| floor.cpu_us()))),
            ("questions_per_s_broker", median(&of(|(_, broker)| broker.per_s()))),
            ("questions_per_s_floor", median(&of(|(floor, _)| floor.per_s()))),
        ];
        let questions: u64 =
            self.rounds.iter().map(|(floor, broker)| floor.questions + broker.questions).sum();
        let mut map: Map<String, Value> =
            figures.into_iter().map(|(name, figure)| (name.to_owned(), json!(round(figure)))).collect();
        let each: Vec<f64> = ratios.iter().copied().map(round).collect();
        map.insert("floor_cpu_ratios".to_owned(), json!(each));
        map.insert("sources".to_owned(), json!(self.sources));
        map.insert("rounds".to_owned(), json!(self.rounds.len()));
        map.insert("questions".to_owned(), json!(questions));
        map
    }
}

/// The middle one, or the mean of the two in the middle.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    if values.len() % 2 == 1 { at(middle) } else { (at(middle.wrapping_sub(1)) + at(middle)) / 2.0 }
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn note(cores: &Cores) -> String {
    let pinned = if cores.gateway.is_empty() {
        "no process is bound to a core".to_owned()
    } else {
        format!("gateways on core {}, mocks and load on core {}", cores.gateway, cores.load)
    };
    format!(
        "CPU (user + system) of the gateway process over answered questions; medians of interleaved rounds in one run; \
         {pinned}; compare ratios only, and only within one run"
    )
}

/// Prints a table for people.
#[expect(clippy::print_stdout, reason = "a program for people: the figures are its output")]
pub(crate) fn print(scenarios: &[Scenario], fsync_us: f64, cores: &Cores) {
    println!("sources  ratio  (min  to max)   broker µs  floor µs  broker q/s  floor q/s  rounds");
    for scenario in scenarios {
        let figures = scenario.figures();
        let figure = |name: &str| figures.get(name).and_then(Value::as_f64).unwrap_or(f64::NAN);
        println!(
            "{:>7}  {:>5.2}  ({:.2} to {:.2})  {:>9.0}  {:>8.0}  {:>10.0}  {:>9.0}  {:>6}",
            scenario.sources,
            figure("floor_cpu_ratio"),
            figure("floor_cpu_ratio_min"),
            figure("floor_cpu_ratio_max"),
            figure("cpu_us_per_question_broker"),
            figure("cpu_us_per_question_floor"),
            figure("questions_per_s_broker"),
            figure("questions_per_s_floor"),
            scenario.rounds.len(),
        );
    }
    println!(
        "every answer checked, every answer in the log; a small durable write takes {fsync_us:.0} µs here"
    );
    println!("{}", note(cores));
}

/// Writes the first scenario's figures as the headline, the others below `others`.
pub(crate) fn write(file: &Path, scenarios: &[Scenario], fsync_us: f64, cores: &Cores) -> Result<()> {
    let (first, others) = scenarios.split_first().context("nothing was measured")?;
    let mut figures = first.figures();
    figures.insert("fsync_us".to_owned(), json!(round(fsync_us)));
    figures.insert("note".to_owned(), json!(note(cores)));
    figures.insert("others".to_owned(), others.iter().map(|other| Value::Object(other.figures())).collect());
    std::fs::write(file, format!("{:#}\n", Value::Object(figures)))
        .with_context(|| format!("{} cannot be written", file.display()))
}
