//! `board`, `agent`, `agency`, `instructions`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use clap::{Subcommand, ValueEnum};
use ssbtek_proto::broker::v1::*;

use super::{Door, print, refused};

/// Steps of a connection's life.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Step {
    /// The papers have been checked.
    Check,
    /// Approved.
    Approve,
    /// Access is enabled.
    Enable,
    /// Suspended.
    Suspend,
    /// Enabled again.
    Resume,
    /// Notice; with --on.
    End,
    /// Everything kept for the board has been erased.
    Purge,
}

/// Boards.
#[derive(Debug, Subcommand)]
pub enum Board {
    /// Everybody who has signed.
    List {
        #[command(flatten)]
        door: Door,
    },
    /// Where a board's connection stands, and every step that led there.
    Show {
        /// Organisation number.
        board: String,
        #[command(flatten)]
        door: Door,
    },
    /// Takes a step.
    Step {
        /// Organisation number.
        board: String,
        /// What is done.
        step: Step,
        /// The signed document it rests on; its hash is kept.
        #[arg(long, value_name = "FILE")]
        document: PathBuf,
        /// For an end: the last day; today means at once.
        #[arg(long, value_name = "DAY")]
        on: Option<String>,
        #[command(flatten)]
        door: Door,
    },
    /// Records a signed processor agreement.
    ProcessorAgreement {
        /// Organisation number.
        board: String,
        /// The common text rather than the provider's own.
        #[arg(long)]
        common: bool,
        /// Its version.
        #[arg(long)]
        version: String,
        /// Version of the controller's instructions.
        #[arg(long)]
        instructions: String,
        /// Day of the last signature.
        #[arg(long, value_name = "DAY")]
        signed_on: String,
        /// The signed document.
        #[arg(long, value_name = "FILE")]
        document: PathBuf,
        #[command(flatten)]
        door: Door,
    },
    /// Writes a whole board to a file.
    Export {
        /// Organisation number.
        board: String,
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        door: Door,
    },
    /// Registers a board from a file; every step is checked again.
    Import {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        door: Door,
    },
}

impl Board {
    pub(super) async fn run(self) -> Result<ExitCode> {
        match self {
            Board::List { door } => {
                let told = door.agreements()?.list_parties(ListPartiesRequest {}).await.map_err(refused)?;
                let told = told.into_inner();
                for (kind, party) in
                    told.boards.iter().map(|p| ("board", p)).chain(told.agents.iter().map(|p| ("agent", p)))
                {
                    let Party { organisation_number, name, state, since } = party;
                    print(&format!("{kind}  {organisation_number}  {state} since {since}  {name}"));
                }
                Ok(ExitCode::SUCCESS)
            }
            Board::Show { board, door } => {
                let request = GetBoardRequest { organisation_number: board };
                let told = door.agreements()?.get_board(request).await.map_err(refused)?.into_inner();
                print(&format!("{} (version {})", told.state, told.version));
                for step in told.history {
                    let TakenStep { step, by, at, document_sha256, on } = step;
                    print(&format!("{at}  {step} {on} by {by}, document {document_sha256}"));
                }
                if let Some(due) = told.purge_due_on {
                    print(&format!("purge due {due}"));
                }
                Ok(ExitCode::SUCCESS)
            }
            Board::Step { board, step, document, on, door } => {
                let request = TakeStepRequest {
                    organisation_number: board,
                    step: connection_step(step).into(),
                    document_sha256: hash(&document)?,
                    on,
                };
                changed(door.agreements()?.take_step(request).await.map(|r| r.into_inner().version))
            }
            Board::ProcessorAgreement { board, common, version, instructions, signed_on, document, door } => {
                let variant = match common {
                    true => ProcessorAgreementVariant::Common,
                    false => ProcessorAgreementVariant::Provider,
                };
                let request = SetProcessorAgreementRequest {
                    organisation_number: board,
                    variant: variant.into(),
                    version,
                    instructions_version: instructions,
                    signed_on,
                    document_sha256: hash(&document)?,
                };
                let set = door.agreements()?.set_processor_agreement(request).await;
                changed(set.map(|r| r.into_inner().version))
            }
            Board::Export { board, file, door } => {
                let request = ExportBoardRequest { organisation_number: board };
                let told = door.agreements()?.export_board(request).await.map_err(refused)?.into_inner();
                let shown = file.display().to_string();
                std::fs::write(&file, told.file).with_context(|| format!("{shown} cannot be written"))?;
                print(&format!("written to {shown}"));
                Ok(ExitCode::SUCCESS)
            }
            Board::Import { file, door } => {
                let request = ImportBoardRequest { file: read(&file)? };
                changed(door.agreements()?.import_board(request).await.map(|r| r.into_inner().version))
            }
        }
    }
}

/// Agents.
#[derive(Debug, Subcommand)]
pub enum Agent {
    /// Registers an agent with its certificate.
    Register {
        /// Organisation number.
        agent: String,
        /// Its name.
        name: String,
        /// Its TLS client certificate, PEM.
        #[arg(long, value_name = "FILE")]
        client_certificate: PathBuf,
        #[command(flatten)]
        door: Door,
    },
    /// Records evidence for one item of the qualification.
    Evidence {
        /// Organisation number.
        agent: String,
        /// `taxes_paid`, `no_financial_trouble`, `managers_not_convicted`, `no_trading_prohibition`,
        /// `information_security` or `data_protection_officer`.
        item: String,
        /// The evidence; its hash is kept.
        #[arg(long, value_name = "FILE")]
        document: PathBuf,
        /// The day it bears.
        #[arg(long, value_name = "DAY")]
        dated: String,
        /// Last day it counts.
        #[arg(long, value_name = "DAY")]
        valid_to: Option<String>,
        #[command(flatten)]
        door: Door,
    },
    /// Records the signed agent agreement.
    Sign {
        /// Organisation number.
        agent: String,
        /// The signed document.
        #[arg(long, value_name = "FILE")]
        document: PathBuf,
        #[command(flatten)]
        door: Door,
    },
    /// Records notice of the agent agreement.
    End {
        /// Organisation number.
        agent: String,
        /// Last day; yesterday means at once.
        #[arg(long, value_name = "DAY")]
        on: String,
        #[command(flatten)]
        door: Door,
    },
}

impl Agent {
    pub(super) async fn run(self) -> Result<ExitCode> {
        match self {
            Agent::Register { agent, name, client_certificate, door } => {
                let certificates = ssbtek_pki::certificates_from_pem(&read(&client_certificate)?)?;
                let own = certificates.first().context("the file holds no certificate")?;
                let request =
                    RegisterAgentRequest { organisation_number: agent, name, certificate: own.to_vec() };
                changed(door.agreements()?.register_agent(request).await.map(|r| r.into_inner().version))
            }
            Agent::Evidence { agent, item, document, dated, valid_to, door } => {
                let document_sha256 = hash(&document)?;
                let request = RecordEvidenceRequest {
                    organisation_number: agent,
                    item,
                    document_sha256,
                    dated,
                    valid_to,
                };
                changed(door.agreements()?.record_evidence(request).await.map(|r| r.into_inner().version))
            }
            Agent::Sign { agent, document, door } => {
                let document_sha256 = hash(&document)?;
                let request = SignAgentAgreementRequest { organisation_number: agent, document_sha256 };
                changed(
                    door.agreements()?.sign_agent_agreement(request).await.map(|r| r.into_inner().version),
                )
            }
            Agent::End { agent, on, door } => {
                let request = EndAgentRequest { organisation_number: agent, on };
                changed(door.agreements()?.end_agent(request).await.map(|r| r.into_inner().version))
            }
        }
    }
}

/// Agencies.
#[derive(Debug, Subcommand)]
pub enum Agency {
    /// Sets what may be asked of an agency.
    Set {
        /// `AF CSN FK SKV SO TNS MIV`.
        agency: String,
        /// Nothing may be asked of it.
        #[arg(long)]
        nothing: bool,
        #[command(flatten)]
        door: Door,
    },
}

impl Agency {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let Agency::Set { agency, nothing, door } = self;
        let request = SetAgencyRequest { agency, contact: None, nothing, sub_processors: Vec::new() };
        changed(door.agreements()?.set_agency(request).await.map(|r| r.into_inner().version))
    }
}

/// Instructions.
#[derive(Debug, Subcommand)]
pub enum Instructions {
    /// The versions in force.
    Show {
        #[command(flatten)]
        door: Door,
    },
    /// Publishes a new version: from its first day on, every case worker must confirm it.
    Publish {
        /// Its version, never used before.
        version: String,
        /// The text; its hash is kept.
        #[arg(long, value_name = "FILE")]
        document: PathBuf,
        /// First day.
        #[arg(long, value_name = "DAY")]
        from: String,
        #[command(flatten)]
        door: Door,
    },
}

impl Instructions {
    pub(super) async fn run(self) -> Result<ExitCode> {
        match self {
            Instructions::Show { door } => {
                let told = door.agreements()?.get_published(GetPublishedRequest {}).await.map_err(refused)?;
                let told = told.into_inner();
                print(&format!("instructions {} {}", told.instructions_version, told.instructions_sha256));
                print(&format!("terms {} {}", told.terms_version, told.terms_sha256));
                Ok(ExitCode::SUCCESS)
            }
            Instructions::Publish { version, document, from, door } => {
                let request = PublishRequest {
                    text: PublishedText::Instructions.into(),
                    version,
                    document_sha256: hash(&document)?,
                    valid_from: from,
                };
                changed(door.agreements()?.publish(request).await.map(|r| r.into_inner().version))
            }
        }
    }
}

fn connection_step(step: Step) -> ConnectionStep {
    match step {
        Step::Check => ConnectionStep::Check,
        Step::Approve => ConnectionStep::Approve,
        Step::Enable => ConnectionStep::Enable,
        Step::Suspend => ConnectionStep::Suspend,
        Step::Resume => ConnectionStep::Resume,
        Step::End => ConnectionStep::End,
        Step::Purge => ConnectionStep::Purge,
    }
}

fn changed(version: Result<u64, tonic::Status>) -> Result<ExitCode> {
    print(&format!("done (version {})", version.map_err(refused)?));
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn hash(path: &Path) -> Result<String> {
    Ok(crate::sha256_hex(&read(path)?))
}
