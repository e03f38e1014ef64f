//! `ssbtek-broker check-log`: the whole database held against itself and against checkpoints kept elsewhere.

#![expect(clippy::print_stdout, reason = "the report is what the command is asked for")]

use std::{fs, path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::{Context, Result};
use ssbtek_config::Config;
use ssbtek_domain::SystemEntropy;
use ssbtek_store_sqlite::{CheckOptions, CheckReport, CheckpointSigner, check};
use ssbtek_vault::DirectoryVault;

/// What to check.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// The broker's configuration file (TOML). The broker must be stopped.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// A checkpoint kept elsewhere (from a receipt, a bundle, a witness), as a file; may be given several times. Finds what the
    /// log's own key has signed anew.
    #[arg(long, value_name = "FILE")]
    pub known: Vec<PathBuf>,
}

/// Checks and reports. Status 0: nothing is wrong; 1: something is.
pub fn run(options: &Options) -> Result<ExitCode> {
    let config = Config::load(&options.config)?;
    let vault = Arc::new(DirectoryVault::open(&config.store.keys, Arc::new(SystemEntropy))?);
    let signer = Arc::new(CheckpointSigner::new(&config.deployment, vault.clone()));
    let known = options
        .known
        .iter()
        .map(|file| fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display())));
    let options = CheckOptions {
        path: config.store.database.clone(),
        vault,
        signer,
        known: known.collect::<Result<_>>()?,
    };
    let report = match check(&options) {
        Ok(report) => report,
        Err(error) => {
            println!("DAMAGED: {error}");
            return Ok(ExitCode::FAILURE);
        }
    };
    print(&report);
    Ok(if report.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(report: &CheckReport) {
    for finding in &report.findings {
        println!("- {finding}");
    }
    println!(
        "{}: {} boards, {} records ({} erased, {} questions open), {} document versions, {} checkpoints from elsewhere",
        if report.findings.is_empty() { "SOUND" } else { "DAMAGED OR TAMPERED WITH" },
        report.boards,
        report.leaves,
        report.erased,
        report.open,
        report.documents,
        report.known,
    );
    println!("content {}", report.content.to_hex());
}
