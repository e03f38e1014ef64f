//! The broker's server, and what is done where it stands: arguments → configuration → wiring → serve → drain.

use std::{ffi::OsString, path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Result;
use clap::{Parser, Subcommand};
use ssbtek_broker::{Broker, check_command, commands, config_command, gap_command, witness_command};
use ssbtek_config::Config;
use ssbtek_domain::{Clock, SystemClock, SystemEntropy};
use ssbtek_program::{Work, become_the_one_beside, memory, output, terminated};

/// Whatever is freed is overwritten first, also by libraries that know nothing of secrets.
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// Exit status after the access log has failed: nothing more is disclosed, and the process must be looked after.
const LOG_FAILED: u8 = 70;

#[derive(Parser)]
#[command(name = "ssbtek-broker", version, about = "A federated person-query broker in the manner of SSBTEK")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve, as a configuration file says.
    Serve {
        /// The configuration file (TOML).
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// For this start only: rows of `started` that were removed do not refuse it. Only after the runbook rows-removed.md:
        /// the newest revocation lists are in place.
        #[arg(long)]
        take_up_rows: bool,
    },
    /// Put a fixed list of questions to one source's service and report where it deviates. Exit status: 0 no deviation, 1
    /// deviations, 2 it could not be tried.
    CheckAgency(commands::check_agency::Options),
    /// Show what a connector makes of one stored answer; offline. Exit status: 0 read, in full or in part; 1 refused, with why.
    ReadAnswer(commands::read_answer::Options),
    /// Cosign checkpoints of access logs, for a board or an agency that does not want to take the operator's word.
    Witness(witness_command::Options),
    /// What two operators do when a database is lost and an older one is all there is.
    Gap(gap_command::Options),
    /// Look at a configuration: what a promise rests on and is missing, and which kinds of information have no legal basis.
    Check(config_command::Options),
    /// Check the whole access log offline, broker stopped: what is damaged, missing or rewritten is named.
    CheckLog(check_command::Options),
    /// All else is a program of its own that stands beside this one: `demo` is ssbtek-demo's, the rest ssbtek-operator's.
    #[command(external_subcommand)]
    Beside(Vec<OsString>),
}

#[tokio::main]
async fn main() -> ExitCode {
    work().await
}

fn work() -> Work {
    Box::pin(async {
        let arguments = Arguments::parse();
        if let Err(error) = memory::keep_to_itself() {
            // Asked for in vain, never fatal: some sandboxes forbid even giving up a right.
            tracing::error!("{error:#}");
        }
        let result = match arguments.command {
            Command::Serve { config, take_up_rows } => serve(&config, take_up_rows).await,
            Command::CheckAgency(options) => {
                let clock: Arc<dyn Clock> = Arc::new(SystemClock);
                Ok(commands::check_agency::run(&options, clock, &SystemEntropy).await)
            }
            Command::ReadAnswer(options) => {
                ssbtek_telemetry::init(Default::default(), "off");
                commands::read_answer::run(&options, &SystemClock)
            }
            Command::Witness(options) => {
                ssbtek_telemetry::init(Default::default(), "info");
                witness_command::run(&options, Arc::new(SystemClock), &SystemEntropy)
                    .await
                    .map(|()| ExitCode::SUCCESS)
            }
            Command::Gap(options) => {
                ssbtek_telemetry::init(Default::default(), "warn");
                gap_command::run(options, Arc::new(SystemClock)).await
            }
            Command::Check(options) => config_command::run(&options, &SystemClock),
            Command::CheckLog(options) => {
                ssbtek_telemetry::init(Default::default(), "warn");
                check_command::run(&options)
            }
            Command::Beside(words) => Err(match words.split_first() {
                Some((demo, words)) if demo == "demo" => become_the_one_beside("ssbtek-demo", words),
                _ => become_the_one_beside("ssbtek-operator", &words),
            }),
        };
        result.unwrap_or_else(|error| {
            output::problem(&format!("{error:#}"));
            ExitCode::FAILURE
        })
    })
}

/// What goes wrong before the configuration is read is told as a sentence, and from then on as events, as it says.
async fn serve(path: &std::path::Path, take_up_rows: bool) -> Result<ExitCode> {
    let mut config = Config::load(path)?;
    config.store.take_up_rows = take_up_rows;
    ssbtek_telemetry::init(config.log_format, "info");
    Ok(until_ended(&config).await.unwrap_or_else(|error| {
        tracing::error!("{error:#}");
        ExitCode::FAILURE
    }))
}

async fn until_ended(config: &Config) -> Result<ExitCode> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let broker = Broker::start(config, clock, Arc::new(SystemEntropy)).await?;
    tokio::select! {
        signal = terminated() => signal?,
        () = broker.poisoned() => return Ok(ExitCode::from(LOG_FAILED)),
    }
    broker.stop().await;
    Ok(ExitCode::SUCCESS)
}
