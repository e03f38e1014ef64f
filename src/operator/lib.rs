//! Operators' commands: each is one call to a running broker's gRPC door, with the operator's certificate — or, where it says
//! so, with an agent's or an agency contact's. What a board's accounts do is `ssbtek`'s, and can be called by the same name
//! here.

mod agency;
mod agent;
mod board;
mod decision;
mod door;
mod files;
mod log_key;
mod own_board;
mod portal;
mod published;
pub mod purge;
mod sub_processor;

use std::{process::ExitCode, sync::Arc};

use anyhow::Result;
use clap::Subcommand;
use ssbtek_domain::Clock;
use ssbtek_program::output::result as print;
use ssbtek_proto::broker::v1::PublishedText;

pub use door::Door;

/// What an operator can do.
#[derive(Debug, Subcommand)]
pub enum Operator {
    /// Boards: register, list, show, take the steps of a connection's life, export and import.
    #[command(subcommand)]
    Board(board::Board),
    /// Agents: register, record evidence, sign, end; as the agent: notify, leave.
    #[command(subcommand)]
    Agent(agent::Agent),
    /// Agencies: what they have agreed to, and who answers for them.
    #[command(subcommand)]
    Agency(agency::Agency),
    /// Citizen portals, through which persons see what was asked about them: register, revoke.
    #[command(subcommand)]
    Portal(portal::Portal),
    /// Instructions that every case worker confirms.
    #[command(subcommand)]
    Instructions(published::Published),
    /// General terms.
    #[command(subcommand)]
    Terms(published::Published),
    /// The provider's sub-processors, which each board approves.
    #[command(subcommand)]
    SubProcessor(sub_processor::SubProcessors),
    /// Decisions: decide one again on the versions of the documents it rested on.
    #[command(subcommand)]
    Decision(decision::Decision),
    /// Keys that sign the access logs' checkpoints: list, rotate, retire.
    #[command(subcommand)]
    LogKey(log_key::LogKeys),
    /// As an account of a board: its agreement, rules and keys (`ssbtek agreement`).
    Agreement(own_board::Words),
    /// As an account of a board: accounts (`ssbtek case-worker`).
    CaseWorker(own_board::Words),
    /// As an account of a board: cases (`ssbtek case`).
    Case(own_board::Words),
}

/// Runs one command; status 0 if it did what it says.
pub async fn run(command: Operator, clock: Arc<dyn Clock>) -> Result<ExitCode> {
    match command {
        Operator::Board(command) => command.run(&clock).await,
        Operator::Agent(command) => command.run(&clock).await,
        Operator::Agency(command) => command.run(&clock).await,
        Operator::Portal(command) => command.run(&clock).await,
        Operator::Instructions(command) => command.run(PublishedText::Instructions, &clock).await,
        Operator::Terms(command) => command.run(PublishedText::Terms, &clock).await,
        Operator::SubProcessor(command) => command.run(&clock).await,
        Operator::Decision(command) => command.run(&clock).await,
        Operator::LogKey(command) => command.run(&clock).await,
        Operator::Agreement(words) => Ok(words.run("agreement", clock).await),
        Operator::CaseWorker(words) => Ok(words.run("case-worker", clock).await),
        Operator::Case(words) => Ok(words.run("case", clock).await),
    }
}

/// Who answers for a party; all three or none.
#[derive(Debug, clap::Args)]
pub struct Contact {
    /// Function or name.
    #[arg(long, value_name = "NAME", requires_all = ["contact_email", "contact_phone"])]
    contact_name: Option<String>,
    /// E-mail address.
    #[arg(long, value_name = "ADDRESS", requires = "contact_name")]
    contact_email: Option<String>,
    /// Telephone.
    #[arg(long, value_name = "NUMBER", requires = "contact_name")]
    contact_phone: Option<String>,
}

impl Contact {
    fn told(self) -> Option<ssbtek_proto::broker::v1::Contact> {
        let (name, email, phone) = (self.contact_name?, self.contact_email?, self.contact_phone?);
        Some(ssbtek_proto::broker::v1::Contact { name, email, phone })
    }
}

/// How a change ended.
fn print_changed(version: Result<u64, tonic::Status>) -> Result<ExitCode> {
    print(&format!("done (version {})", version.map_err(refused)?));
    Ok(ExitCode::SUCCESS)
}

/// Prints what came of a change that concerns boards beside whom it names.
fn print_told(changed: Result<(u64, Vec<String>), tonic::Status>) -> Result<ExitCode> {
    let (version, told_later) = changed.map_err(refused)?;
    print(&format!("done (version {version})"));
    if !told_later.is_empty() {
        print(&format!("told as soon as it can be in the logs of: {}", told_later.join(", ")));
    }
    Ok(ExitCode::SUCCESS)
}

/// Its version, and which boards are told later.
macro_rules! changed {
    ($reply:expr) => {
        $reply.map(|reply| {
            let reply = reply.into_inner();
            (reply.version, reply.told_later)
        })
    };
}
use changed;

/// What a call refused, by name.
fn refused(status: tonic::Status) -> anyhow::Error {
    anyhow::anyhow!("{}", status.message())
}
