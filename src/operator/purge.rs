//! `ssbtek-operator purge`: what an operator does about retention, on the running broker.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use ssbtek_authorize::DocumentHash;
use ssbtek_config::Config;
use ssbtek_domain::SystemClock;
use ssbtek_pki::{ALPN_H2, Connector, Identity, Roots, client_config};
use ssbtek_proto::broker::v1::{
    BoardRetention, DuePurge, EndBoardAgreementRequest, GetPurgeReceiptRequest, GetPurgeStatusRequest,
    LiftLegalHoldRequest, PlaceLegalHoldRequest, PlanPurgeRequest, PurgeDone, RunPurgeRequest,
    SetLogRetentionRequest, retention_service_client::RetentionServiceClient,
};
use tonic::transport::{Channel, Endpoint};

/// `ssbtek-operator purge …`.
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    broker: Reach,
}

/// Which broker, and as whom.
#[derive(Debug, Args)]
struct Reach {
    /// A demo's directory.
    #[arg(long, value_name = "DIR", global = true)]
    demo: Option<PathBuf>,
    /// As the demo's second operator.
    #[arg(long, global = true, requires = "demo")]
    second_operator: bool,
    /// The broker's configuration file; needs --certificate, --key and --ca.
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "demo")]
    config: Option<PathBuf>,
    /// The operator's certificate (PEM).
    #[arg(long, value_name = "FILE", global = true)]
    certificate: Option<PathBuf>,
    /// Its private key (PEM).
    #[arg(long, value_name = "FILE", global = true)]
    key: Option<PathBuf>,
    /// Issuers of the broker's certificate (PEM).
    #[arg(long, value_name = "FILE", global = true)]
    ca: Option<PathBuf>,
    /// The name in the broker's certificate.
    #[arg(long, value_name = "NAME", global = true, default_value = "localhost")]
    name: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What is due now. Changes nothing.
    Plan,
    /// Complete what was begun and purge what is due.
    Run {
        /// The time as you have it from elsewhere than this machine, RFC 3339: where no other clock can be asked. Two operators
        /// each say it.
        #[arg(long, value_name = "TIME", default_value = "")]
        confirm_time: String,
    },
    /// How every board stands. Exit status 2 if a purge is overdue or has failed.
    Status,
    /// The receipt of a purge, as a bundle that `ssbtek log verify` verifies.
    Receipt {
        /// The purge; the newest if left out.
        purge_id: Option<String>,
        /// As JSON, with record, salt, proof and key.
        #[arg(long)]
        json: bool,
    },
    /// End a board's agreement: the same step as `board step BOARD end`. May be moved until the day has passed. Two operators.
    EndAgreement {
        /// The board, 12 digits.
        board: String,
        /// The last day on which it may ask, YYYY-MM-DD.
        last_day: String,
        /// The signed notice; its hash is kept.
        #[arg(long, value_name = "FILE")]
        document: PathBuf,
    },
    /// Keep a board's log payloads for so many whole months. Two operators.
    KeepLog {
        /// The board, 12 digits.
        board: String,
        /// Whole months; the deployment's own if left out.
        months: Option<u32>,
    },
    /// Place a legal hold. Two operators: each gives this same command.
    Hold {
        /// The board, 12 digits.
        board: String,
        /// The matter's reference number.
        #[arg(long)]
        reference: String,
        /// Last day, YYYY-MM-DD.
        #[arg(long)]
        until: String,
    },
    /// End a legal hold. Two operators.
    LiftHold {
        /// The board, 12 digits.
        board: String,
    },
}

/// Runs the command; what it tells goes to `out`.
pub async fn run(options: &Options, out: &mut dyn Write) -> Result<ExitCode> {
    told(options, out).await.map_err(|error| match error.downcast_ref::<tonic::Status>() {
        // The broker's own words; the rest of a status is for programs.
        Some(status) if !status.message().is_empty() => anyhow::anyhow!("{}", status.message()),
        _ => error,
    })
}

async fn told(options: &Options, out: &mut dyn Write) -> Result<ExitCode> {
    let mut service = RetentionServiceClient::new(options.broker.connect()?);
    match &options.command {
        Command::Plan => {
            let plan = service.plan_purge(PlanPurgeRequest {}).await?.into_inner();
            for board in &plan.unknown {
                writeln!(out, "{board}: it cannot be told what is due")?;
            }
            if plan.due.is_empty() && plan.unknown.is_empty() {
                writeln!(out, "nothing is due")?;
            }
            for due in &plan.due {
                writeln!(out, "{}", due_line(due))?;
            }
        }
        Command::Run { confirm_time } => {
            let request = RunPurgeRequest { confirmed_time: confirm_time.clone() };
            let ran = service.run_purge(request).await?.into_inner();
            for board in &ran.waiting {
                writeln!(out, "{board}: waits for questions under way")?;
            }
            for board in &ran.held {
                writeln!(out, "{board}: kept under a legal hold")?;
            }
            for board in &ran.failed {
                writeln!(
                    out,
                    "{board}: failed; the event log says why, and it is tried again with every sweep"
                )?;
            }
            for done in &ran.done {
                writeln!(out, "{}", done_line(done))?;
            }
            if ran.done.is_empty() && ran.waiting.is_empty() && ran.held.is_empty() && ran.failed.is_empty() {
                writeln!(out, "nothing is due")?;
            }
        }
        Command::Status => return status(&mut service, out).await,
        Command::Receipt { purge_id, json } => {
            let purge_id = match purge_id {
                Some(id) => id.clone(),
                None => newest(&mut service).await?,
            };
            let found = service.get_purge_receipt(GetPurgeReceiptRequest { purge_id }).await?.into_inner();
            let text = if *json || found.bundle.is_empty() { found.json } else { found.bundle };
            writeln!(out, "{}", text.trim_end())?;
        }
        Command::EndAgreement { board, last_day, document } => {
            let document_sha256 = DocumentHash::of(&read(document)?).as_str().to_owned();
            let request = EndBoardAgreementRequest {
                organisation_number: board.clone(),
                last_day: last_day.clone(),
                document_sha256,
            };
            let ended = service.end_board_agreement(request).await?.into_inner();
            writeln!(out, "{board}: invisible and purged from {}; limit {}", ended.due_at, ended.limit_on)?;
        }
        Command::KeepLog { board, months } => {
            let request = SetLogRetentionRequest { organisation_number: board.clone(), months: *months };
            service.set_log_retention(request).await?;
        }
        Command::Hold { board, reference, until } => {
            service
                .place_legal_hold(PlaceLegalHoldRequest {
                    organisation_number: board.clone(),
                    reference: reference.clone(),
                    until: until.clone(),
                    ..PlaceLegalHoldRequest::default()
                })
                .await?;
        }
        Command::LiftHold { board } => {
            service.lift_legal_hold(LiftLegalHoldRequest { organisation_number: board.clone() }).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn status(service: &mut RetentionServiceClient<Channel>, out: &mut dyn Write) -> Result<ExitCode> {
    let status = service.get_purge_status(GetPurgeStatusRequest {}).await?.into_inner();
    for board in &status.boards {
        writeln!(out, "{}", board_line(board))?;
    }
    for purge in &status.unfinished {
        writeln!(out, "unfinished {purge}: goes on with the next run or start")?;
    }
    for done in &status.done {
        writeln!(out, "{}", done_line(done))?;
    }
    for board in &status.failed {
        writeln!(out, "{board}: FAILED; the event log says why, and it is tried again with every sweep")?;
    }
    if !status.clocks.is_empty() {
        writeln!(out, "clocks: {}", status.clocks)?;
    }
    let overdue = !status.failed.is_empty() || status.boards.iter().any(|board| board.overdue);
    Ok(if overdue { ExitCode::from(2) } else { ExitCode::SUCCESS })
}

async fn newest(service: &mut RetentionServiceClient<Channel>) -> Result<String> {
    let status = service.get_purge_status(GetPurgeStatusRequest {}).await?.into_inner();
    Ok(status.done.last().context("nothing has been purged yet")?.purge_id.clone())
}

fn due_line(due: &DuePurge) -> String {
    let held =
        if due.held_until.is_empty() { String::new() } else { format!(", held until {}", due.held_until) };
    format!(
        "{} {}: due since {}; {} log records, {} document versions, {} keys{}{held}",
        due.organisation_number,
        due.scope,
        due.due_since,
        due.records,
        due.documents,
        due.keys.len(),
        listed(&due.months),
    )
}

fn done_line(done: &PurgeDone) -> String {
    let not_had = match done.keys_not_had.len() {
        0 => String::new(),
        not_had => format!(" ({not_had} of them could not be had: {})", done.keys_not_had.join(", ")),
    };
    format!(
        "purged {} {} {}: {} log records, {} document versions, {} keys{not_had}{}; begun {}; root {} -> {}",
        done.purge_id,
        done.organisation_number,
        done.scope,
        done.records,
        done.documents,
        done.keys.len(),
        listed(&done.months),
        done.begun_at,
        done.root_before,
        done.root_after,
    )
}

fn board_line(board: &BoardRetention) -> String {
    let mut line = format!("{}: log kept {} months", board.organisation_number, board.log_months);
    if !board.ended_on.is_empty() {
        line += &format!(
            "; agreement ends {}, purge due {}, limit {}",
            board.ended_on, board.due_at, board.limit_at
        );
    }
    if !board.handed_over_at.is_empty() {
        line += &format!("; handed over {}", board.handed_over_at);
    }
    if board.handover_missing {
        line += "; WARNING: the board has not confirmed that it has its log";
    }
    if !board.held_until.is_empty() {
        line += &format!("; legal hold until {}", board.held_until);
    }
    if board.due.is_some() {
        line += if board.overdue { "; ALARM: purge OVERDUE" } else { "; purge due" };
    }
    line
}

fn listed(months: &[String]) -> String {
    match (months.first(), months.last()) {
        (Some(first), Some(last)) if months.len() > 1 => format!(", months {first} to {last}"),
        (Some(only), _) => format!(", month {only}"),
        _ => String::new(),
    }
}

impl Reach {
    fn connect(&self) -> Result<Channel> {
        let (address, certificate, key, ca) = match (&self.demo, &self.config) {
            (Some(demo), _) => {
                let config =
                    Config::load(&demo.join("broker.toml")).context("--demo: is the demo running?")?;
                let pki = |name: &str| demo.join("pki").join(name);
                let who = if self.second_operator { "operator-2" } else { "operator" };
                let (certificate, key) = (pki(&format!("{who}.pem")), pki(&format!("{who}.key")));
                (config.grpc_address(), certificate, key, pki("ca.pem"))
            }
            (None, Some(file)) => {
                let given =
                    |path: &Option<PathBuf>, name| path.clone().with_context(|| format!("{name} is needed"));
                let certificate = given(&self.certificate, "--certificate")?;
                (
                    Config::load(file)?.grpc_address(),
                    certificate,
                    given(&self.key, "--key")?,
                    given(&self.ca, "--ca")?,
                )
            }
            (None, None) => bail!("--demo DIR or --config FILE is needed"),
        };
        let identity = Identity::from_pem(&read(&certificate)?, &read(&key)?)?;
        let tls = client_config(
            Some(&identity),
            &Roots::from_pem(&read(&ca)?)?,
            Arc::new(SystemClock),
            &[ALPN_H2],
        )?;
        let patience = Duration::from_secs(5);
        let connector = Connector::tls_named(tls, &self.name, patience, patience)?;
        let endpoint = Endpoint::from_shared(format!("https://{address}"))?;
        Ok(endpoint.connect_with_connector_lazy(connector))
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}
