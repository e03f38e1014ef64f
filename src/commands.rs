//! Operators' commands: each is one call to a running broker's gRPC door, with the operator's certificate.

mod agreements;
pub mod check_agency;
mod decision;
mod door;
mod log_key;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

pub use door::Door;

/// What an operator can do.
#[derive(Debug, Subcommand)]
pub enum Operator {
    /// Boards: list, show, take the steps of a connection's life, export and import.
    #[command(subcommand)]
    Board(agreements::Board),
    /// Agents: register, record evidence, sign, end.
    #[command(subcommand)]
    Agent(agreements::Agent),
    /// Agencies: what they have agreed to.
    #[command(subcommand)]
    Agency(agreements::Agency),
    /// Instructions that every case worker confirms.
    #[command(subcommand)]
    Instructions(agreements::Instructions),
    /// Decisions: decide one again on the versions of the documents it rested on.
    #[command(subcommand)]
    Decision(decision::Decision),
    /// Keys that sign the access logs' checkpoints: list, rotate, retire.
    #[command(subcommand)]
    LogKey(log_key::LogKeys),
}

/// Runs one command; status 0 if it did what it says.
pub async fn run(command: Operator) -> Result<ExitCode> {
    match command {
        Operator::Board(command) => command.run().await,
        Operator::Agent(command) => command.run().await,
        Operator::Agency(command) => command.run().await,
        Operator::Instructions(command) => command.run().await,
        Operator::Decision(command) => command.run().await,
        Operator::LogKey(command) => command.run().await,
    }
}

/// The one place that prints.
#[expect(clippy::print_stdout, reason = "a command's result")]
fn print(line: &str) {
    println!("{line}");
}

/// What a call refused, by name.
fn refused(status: tonic::Status) -> anyhow::Error {
    anyhow::anyhow!("{}", status.message())
}
