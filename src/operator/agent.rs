//! `agent`: qualification and agreement; and what an agent itself does, with its own certificate.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Result;
use clap::Subcommand;
use ssbtek_domain::Clock;
use ssbtek_proto::broker::v1::*;

use super::{
    Door, changed,
    files::{certificate, hash},
    print, print_changed, print_told, refused,
};

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
    /// An agent's qualification, agreement and certificates.
    Show {
        /// Organisation number.
        agent: String,
        #[command(flatten)]
        door: Door,
    },
    /// Registers a further certificate.
    AddCertificate {
        /// Organisation number.
        agent: String,
        /// A TLS client certificate, PEM.
        #[arg(long, value_name = "FILE")]
        client_certificate: PathBuf,
        #[command(flatten)]
        door: Door,
    },
    /// Revokes a certificate: from the next call on it is refused.
    RevokeCertificate {
        /// Organisation number.
        agent: String,
        /// Its SHA-256, 64 lower-case hexadecimal digits, as `show` names it.
        sha256: String,
        #[command(flatten)]
        door: Door,
    },
    /// As the agent: notifies that it connects a board, and so signs.
    Notify {
        /// The board's organisation number.
        board: String,
        /// First day.
        #[arg(long, value_name = "DAY")]
        from: String,
        /// The notification; the board signs the same document.
        #[arg(long, value_name = "FILE")]
        document: PathBuf,
        /// The processor agreement between board and agent.
        #[arg(long, value_name = "FILE")]
        processor_agreement: PathBuf,
        /// A processor between board and agent, nearest the board first; may be given several times.
        #[arg(long, value_name = "NUMBER=NAME", value_parser = link)]
        through: Vec<ChainProcessor>,
        #[command(flatten)]
        door: Door,
    },
    /// As the agent: ends its connection of a board, at once.
    Leave {
        /// The board's organisation number.
        board: String,
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
    pub(super) async fn run(self, clock: &Arc<dyn Clock>) -> Result<ExitCode> {
        match self {
            Agent::Register { agent, name, client_certificate, door } => {
                let certificate = certificate(&client_certificate)?;
                let request = RegisterAgentRequest { organisation_number: agent, name, certificate };
                print_changed(
                    door.agreements(clock)?.register_agent(request).await.map(|r| r.into_inner().version),
                )
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
                print_told(changed!(door.agreements(clock)?.record_evidence(request).await))
            }
            Agent::Sign { agent, document, door } => {
                let document_sha256 = hash(&document)?;
                let request = SignAgentAgreementRequest { organisation_number: agent, document_sha256 };
                print_told(changed!(door.agreements(clock)?.sign_agent_agreement(request).await))
            }
            Agent::End { agent, on, door } => {
                let request = EndAgentRequest { organisation_number: agent, on };
                print_told(changed!(door.agreements(clock)?.end_agent(request).await))
            }
            Agent::Show { agent, door } => {
                let request = GetAgentRequest { organisation_number: agent };
                let told = door.agreements(clock)?.get_agent(request).await.map_err(refused)?.into_inner();
                lines(&told).iter().for_each(|line| print(line));
                Ok(ExitCode::SUCCESS)
            }
            Agent::AddCertificate { agent, client_certificate, door } => {
                let certificate = certificate(&client_certificate)?;
                let request = AddAgentCertificateRequest { organisation_number: agent, certificate };
                let added = door.agreements(clock)?.add_agent_certificate(request).await;
                print_told(changed!(added))
            }
            Agent::RevokeCertificate { agent, sha256, door } => {
                let request = RevokeAgentCertificateRequest { organisation_number: agent, sha256 };
                let revoked = door.agreements(clock)?.revoke_agent_certificate(request).await;
                print_told(changed!(revoked))
            }
            Agent::Notify { board, from, document, processor_agreement, through, door } => {
                let request = NotifyCustomerRequest {
                    board,
                    from,
                    document_sha256: hash(&document)?,
                    processor_agreement_sha256: hash(&processor_agreement)?,
                    processors_before: through,
                };
                let notified = door.agreements(clock)?.notify_customer(request).await;
                print_changed(notified.map(|r| r.into_inner().version))
            }
            Agent::Leave { board, door } => {
                let request = EndNotificationRequest { board, agent: String::new() };
                let ended = door.agreements(clock)?.end_notification(request).await;
                print_changed(ended.map(|r| r.into_inner().version))
            }
        }
    }
}

fn link(text: &str) -> Result<ChainProcessor, &'static str> {
    let (number, name) = text.split_once('=').ok_or("must be NUMBER=NAME")?;
    Ok(ChainProcessor { organisation_number: number.to_owned(), name: name.to_owned() })
}

fn lines(told: &GetAgentResponse) -> Vec<String> {
    let signed = match told.agreement_signed_at.as_str() {
        "" => "not signed".to_owned(),
        at => format!("signed {at}"),
    };
    let ended = told.ended_on.as_ref().map(|on| format!(", ends {on}")).unwrap_or_default();
    let qualified = if told.qualified { "qualified" } else { "NOT qualified" };
    let mut lines = vec![
        format!("{} (version {})", told.name, told.version),
        format!("agreement {signed}{ended}; {qualified} today"),
    ];
    for QualificationEvidence { item, document_sha256, dated, valid_to } in &told.qualification {
        let to = valid_to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
        lines.push(format!("evidence  {item}  {dated}{to}  document {document_sha256}"));
    }
    lines.extend(told.lacks.iter().map(|lack| format!("LACKS  {lack}")));
    lines.extend(told.certificates.iter().map(ssbtek_client::show::certificate));
    lines
}
