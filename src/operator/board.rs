//! `board`: the life of a board's connection and what it rests on.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::{Context, Result};
use clap::{Subcommand, ValueEnum};
use ssbtek_domain::Clock;
use ssbtek_proto::broker::v1::*;

use super::{
    Door,
    files::{certificate, hash, read},
    print, print_changed, refused,
};

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
    /// Registers a board's application.
    Register(Box<Application>),
    /// Takes a step.
    Step {
        /// Organisation number.
        board: String,
        /// What is done.
        step: Step,
        /// The signed document it rests on; its hash is kept.
        #[arg(long, value_name = "FILE")]
        document: PathBuf,
        /// For an end: the last day on which it may ask; suspend it to end access at once.
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
    /// Records the power of attorney under which the executive board acts for an independent one.
    PowerOfAttorney {
        /// Organisation number.
        board: String,
        /// For the common text of processor agreement; if left out, for the text that is recorded, or will be first.
        #[arg(long)]
        common: bool,
        /// The signed document; its hash is kept.
        #[arg(long, value_name = "FILE")]
        document: PathBuf,
        #[command(flatten)]
        door: Door,
    },
    /// Registers a further certificate.
    AddCertificate {
        /// Organisation number.
        board: String,
        /// A TLS client certificate, PEM.
        #[arg(long, value_name = "FILE")]
        client_certificate: PathBuf,
        #[command(flatten)]
        door: Door,
    },
    /// Revokes a certificate: from the next call on it is refused.
    RevokeCertificate {
        /// Organisation number.
        board: String,
        /// Its SHA-256, 64 lower-case hexadecimal digits, as `show` names it.
        sha256: String,
        #[command(flatten)]
        door: Door,
    },
    /// Lets a board itself attest cases that are not registered, or ends that.
    Attestation {
        /// Organisation number.
        board: String,
        /// First day; with --until. Neither ends it.
        #[arg(long, value_name = "DAY", requires = "until")]
        from: Option<String>,
        /// Last day.
        #[arg(long, value_name = "DAY", requires = "from")]
        until: Option<String>,
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

/// The version of a board's record, before it is changed.
async fn version_of(door: &Door, board: &str, clock: &Arc<dyn Clock>) -> Result<u64> {
    let request = GetBoardRequest { organisation_number: board.to_owned() };
    Ok(door.agreements(clock)?.get_board(request).await.map_err(refused)?.into_inner().version)
}

impl Board {
    pub(super) async fn run(self, clock: &Arc<dyn Clock>) -> Result<ExitCode> {
        match self {
            Board::List { door } => {
                let told =
                    door.agreements(clock)?.list_parties(ListPartiesRequest {}).await.map_err(refused)?;
                let told = told.into_inner();
                for (kind, party) in
                    told.boards.iter().map(|p| ("board", p)).chain(told.agents.iter().map(|p| ("agent", p)))
                {
                    let Party { organisation_number, name, state, since, ends_on } = party;
                    let ends = ends_on.as_ref().map(|on| format!(", last day {on}")).unwrap_or_default();
                    print(&format!("{kind}  {organisation_number}  {state} since {since}{ends}  {name}"));
                }
                Ok(ExitCode::SUCCESS)
            }
            Board::Show { board, door } => {
                let request = GetBoardRequest { organisation_number: board };
                let told = door.agreements(clock)?.get_board(request).await.map_err(refused)?.into_inner();
                ssbtek_client::show::agreement(&told).iter().for_each(|line| print(line));
                Ok(ExitCode::SUCCESS)
            }
            Board::Register(application) => application.register(clock).await,
            Board::Step { board, step, document, on, door } => {
                let request = TakeStepRequest {
                    organisation_number: board,
                    step: connection_step(step).into(),
                    document_sha256: hash(&document)?,
                    on,
                };
                print_changed(
                    door.agreements(clock)?.take_step(request).await.map(|r| r.into_inner().version),
                )
            }
            Board::ProcessorAgreement { board, common, version, instructions, signed_on, document, door } => {
                let variant = match common {
                    true => ProcessorAgreementVariant::Common,
                    false => ProcessorAgreementVariant::Provider,
                };
                let expected_version = Some(version_of(&door, &board, clock).await?);
                let request = SetProcessorAgreementRequest {
                    organisation_number: board,
                    variant: variant.into(),
                    version,
                    instructions_version: instructions,
                    signed_on,
                    document_sha256: hash(&document)?,
                    expected_version,
                };
                let set = door.agreements(clock)?.set_processor_agreement(request).await;
                print_changed(set.map(|r| r.into_inner().version))
            }
            Board::PowerOfAttorney { board, common, document, door } => {
                let document_sha256 = hash(&document)?;
                let variant = match common {
                    true => ProcessorAgreementVariant::Common,
                    false => ProcessorAgreementVariant::Unspecified,
                };
                let variant = variant.into();
                let expected_version = Some(version_of(&door, &board, clock).await?);
                let request = SetPowerOfAttorneyRequest {
                    organisation_number: board,
                    document_sha256,
                    variant,
                    expected_version,
                };
                let set = door.agreements(clock)?.set_power_of_attorney(request).await;
                print_changed(set.map(|r| r.into_inner().version))
            }
            Board::AddCertificate { board, client_certificate, door } => {
                let certificate = certificate(&client_certificate)?;
                let request = AddCertificateRequest { organisation_number: board, certificate };
                let added = door.agreements(clock)?.add_certificate(request).await;
                print_changed(added.map(|r| r.into_inner().version))
            }
            Board::RevokeCertificate { board, sha256, door } => {
                let request = RevokeCertificateRequest { organisation_number: board, sha256 };
                let revoked = door.administration(clock)?.revoke_certificate(request).await;
                print_changed(revoked.map(|r| r.into_inner().version))
            }
            Board::Attestation { board, from, until, door } => {
                let (from, until) = (from.unwrap_or_default(), until.unwrap_or_default());
                let expected_version = Some(version_of(&door, &board, clock).await?);
                let request =
                    SetAttestationRequest { organisation_number: board, from, until, expected_version };
                let set = door.administration(clock)?.set_attestation(request).await;
                print_changed(set.map(|r| r.into_inner().version))
            }
            Board::Export { board, file, door } => {
                let request = ExportBoardRequest { organisation_number: board };
                let told = door.agreements(clock)?.export_board(request).await.map_err(refused)?.into_inner();
                let shown = file.display().to_string();
                std::fs::write(&file, told.file).with_context(|| format!("{shown} cannot be written"))?;
                print(&format!("written to {shown}"));
                Ok(ExitCode::SUCCESS)
            }
            Board::Import { file, door } => {
                let request = ImportBoardRequest { file: read(&file)? };
                print_changed(
                    door.agreements(clock)?.import_board(request).await.map(|r| r.into_inner().version),
                )
            }
        }
    }
}

/// A board's application.
#[derive(Debug, clap::Args)]
pub struct Application {
    /// Organisation number.
    board: String,
    /// Its name, as the agencies are told.
    name: String,
    /// The signed application; its hash is kept.
    #[arg(long, value_name = "FILE")]
    application: PathBuf,
    /// Its TLS client certificate, PEM.
    #[arg(long, value_name = "FILE")]
    client_certificate: PathBuf,
    /// The public key that signs its assertions, PEM: P-256 or Ed25519.
    #[arg(long, value_name = "FILE")]
    assertion_key: PathBuf,
    /// That key's id.
    #[arg(long, value_name = "ID")]
    assertion_kid: String,
    /// Its first administrator's account.
    #[arg(long, value_name = "ACCOUNT")]
    administrator: String,
    /// The administrator's name.
    #[arg(long, value_name = "NAME")]
    administrator_name: String,
    /// The administrator's organisational unit.
    #[arg(long, value_name = "UNIT")]
    unit: String,
    /// The executive board acts for an independent board, so a power of attorney is needed.
    #[arg(long)]
    power_of_attorney_needed: bool,
    #[command(flatten)]
    door: Door,
}

impl Application {
    async fn register(self, clock: &Arc<dyn Clock>) -> Result<ExitCode> {
        let administrator = Account {
            id: self.administrator,
            name: self.administrator_name,
            unit: self.unit,
            duties: vec![Duty::Administers.into()],
            ..Account::default()
        };
        let key = String::from_utf8(read(&self.assertion_key)?).context("the assertion key is not PEM")?;
        let request = RegisterBoardRequest {
            organisation_number: self.board,
            name: self.name,
            certificate: certificate(&self.client_certificate)?,
            assertion_kid: self.assertion_kid,
            assertion_key: key,
            administrator: Some(administrator),
            application_sha256: hash(&self.application)?,
            power_of_attorney_needed: self.power_of_attorney_needed,
        };
        let registered = self.door.administration(clock)?.register_board(request).await;
        print_changed(registered.map(|r| r.into_inner().version))
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
    }
}
