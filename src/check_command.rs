//! `ssbtek-broker check-log`: the whole data directory held against itself and against checkpoints kept elsewhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use ssbtek_config::Config;
use ssbtek_domain::SystemEntropy;
use ssbtek_log_store::{CheckOptions, CheckReport, CheckpointSigner};
use ssbtek_program::output;
use ssbtek_purge::Ledger;
use ssbtek_transparency::Hash;
use ssbtek_vault::{DirectoryVault, Vault};

use crate::databases;

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
    let known = options
        .known
        .iter()
        .map(|file| fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display())));
    let report = match examine(&config, known.collect::<Result<_>>()?) {
        Ok(report) => report,
        Err(error) => {
            let verdict = if databases::is_unchecked(&error) { "NOT CHECKED" } else { "DAMAGED" };
            output::result(&format!("{verdict}: {error:#}"));
            return Ok(ExitCode::FAILURE);
        }
    };
    print(&report);
    Ok(if report.findings.is_empty() && report.newer == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Database, keys, purge ledger and configuration, held against each other and against checkpoints kept elsewhere. An error:
/// one of them cannot be read at all.
pub fn examine(config: &Config, known: Vec<String>) -> Result<CheckReport> {
    // Looking must not make what is missing.
    if databases::must_be_there(config).is_err() || !config.store.keys.is_dir() {
        bail!("store: the database or the keys are not there");
    }
    // First of all: whatever a newer version wrote, here or beside, this one can only misread.
    databases::refuse(config)?;
    let vault: Arc<dyn Vault> = Arc::new(DirectoryVault::open(&config.store.keys, Arc::new(SystemEntropy))?);
    let origins = crate::gaps::Gaps::read(config)?.origins();
    let signer = Arc::new(CheckpointSigner::new(&config.deployment, vault.clone()).with_origins(origins));
    let ledger = Ledger::audit(&crate::retention::ledger_path(config), &*vault)?;
    let begun = ledger.known.iter().flat_map(|purge| &purge.begun.target.keys);
    let options = CheckOptions {
        vault: vault.clone(),
        signer,
        known,
        doomed: begun.cloned().collect(),
        started_with: BTreeMap::from([(CONFIGURATION.to_owned(), digest(config)?)]),
    };
    let mut report = databases::check(config, &options)?;
    if ledger.cut_off {
        report.findings.push("the purge ledger's last line is cut off".to_owned());
    }
    let listed: BTreeSet<_> =
        ledger.known.iter().map(|purge| (purge.begun.target.board, purge.purge)).collect();
    for (board, purge) in report.purges.difference(&listed) {
        report
            .findings
            .push(format!("board {board}: purge {purge} is in the log and not in the purge ledger"));
    }
    Ok(report)
}

/// Under this name the store keeps the configuration's digest.
pub(crate) const CONFIGURATION: &str = "configuration";

/// The digest of a configuration as it is meant: comments and spaces do not count.
pub(crate) fn digest(config: &Config) -> Result<Hash> {
    Ok(Hash::of(toml::to_string(config).context("the configuration cannot be written")?.as_bytes()))
}

fn print(report: &CheckReport) {
    for finding in &report.findings {
        output::result(&format!("- {finding}"));
    }
    for note in &report.notes {
        output::result(&format!(
            "- note: {note}. If nobody who may has edited it since, somebody else has; the next start takes it as it is"
        ));
    }
    output::result(&format!(
        "{}: {} boards, {} records ({} erased, {} questions open), {} document versions, {} checkpoints from elsewhere",
        match (report.findings.is_empty(), report.newer) {
            (true, 0) => "SOUND",
            (true, _) => "NOT CHECKED WHOLE",
            (false, _) => "DAMAGED OR TAMPERED WITH",
        },
        report.boards,
        report.leaves,
        report.erased,
        report.open,
        report.documents,
        report.known,
    ));
    if report.newer > 0 {
        output::result(&format!(
            "{} records were written by a newer version of this program, and are as they were written: check them with that one",
            report.newer
        ));
    }
    output::result(&format!("content {}", report.content.to_hex()));
}
