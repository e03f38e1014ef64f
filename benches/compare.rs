//! `cargo bench --bench compare`: what a whole question costs, against a bare tonic fan-out over the same mocks.
//!
//! Gateways, mocks and load run as processes of their own (this binary again, with `--role`), so that each gateway's CPU
//! time can be read by itself. README.md beside this file says what the figures mean.

#[path = "compare/run.rs"]
mod run;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, ValueEnum};

/// What this process is.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Role {
    Mocks,
    Floor,
    Broker,
    Load,
}

/// Compares CPU per question of the broker with that of a bare tonic fan-out.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where to write the figures as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Seconds of load for each gateway in each round.
    #[arg(long, value_name = "N", default_value_t = 3.0)]
    seconds: f64,
    /// Rounds; the gateways take turns in each.
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,
    /// Numbers of sources to measure with, in this order; the first gives the headline.
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "30,8")]
    sources: Vec<usize>,
    /// Questions under way at once.
    #[arg(long, value_name = "N", default_value_t = 32)]
    in_flight: usize,
    /// All sources behind one address, instead of one address for each.
    #[arg(long)]
    one_address: bool,
    /// Processor time is not bound to cores.
    #[arg(long)]
    unpinned: bool,
    /// For the bench itself: what this process is.
    #[arg(long, hide = true)]
    role: Option<Role>,
    /// For the bench itself: where the processes leave word for each other.
    #[arg(long, hide = true, default_value = ".")]
    dir: PathBuf,
    /// Passed by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

#[expect(clippy::print_stderr, reason = "a program for people: why it failed is its output")]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.role {
        None => run::compare(&arguments),
        Some(role) => run::play(role, &arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("compare: {error:#}");
            ExitCode::FAILURE
        }
    }
}
