//! `agency`: what each agency has agreed to, and who answers for it. By operators, or by the agency's own contact.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Result;
use clap::Subcommand;
use ssbtek_domain::Clock;
use ssbtek_proto::broker::v1::*;

use super::{Door, changed, files::certificate, print, print_told, refused, sub_processor};

/// Agencies.
#[derive(Debug, Subcommand)]
pub enum Agency {
    /// What an agency has agreed to, and who answers for it.
    Show {
        /// `AF CSN FK SKV SO TNS MIV`.
        agency: String,
        #[command(flatten)]
        door: Door,
    },
    /// Changes what may be asked of an agency, or who answers for it; what is not named stays.
    Set {
        /// `AF CSN FK SKV SO TNS MIV`.
        agency: String,
        /// Nothing may be asked of it.
        #[arg(long, conflicts_with = "everything")]
        nothing: bool,
        /// Everything its service gives may be asked of it.
        #[arg(long)]
        everything: bool,
        #[command(flatten)]
        contact: super::Contact,
        #[command(flatten)]
        door: Door,
    },
    /// Registers the certificate of an agency's contact, who may then change what the agency has agreed to.
    Contact {
        /// `AF CSN FK SKV SO TNS MIV`.
        agency: String,
        /// The contact's TLS client certificate, PEM.
        #[arg(long, value_name = "FILE")]
        client_certificate: PathBuf,
        #[command(flatten)]
        door: Door,
    },
}

impl Agency {
    pub(super) async fn run(self, clock: &Arc<dyn Clock>) -> Result<ExitCode> {
        match self {
            Agency::Show { agency, door } => {
                let request = GetAgencyRequest { agency };
                let told = door.agreements(clock)?.get_agency(request).await.map_err(refused)?.into_inner();
                print(if told.nothing { "nothing may be asked" } else { "everything may be asked" });
                match told.contact {
                    Some(contact) => {
                        print(&format!("contact   {}, {}, {}", contact.name, contact.email, contact.phone));
                    }
                    None => print("contact   none"),
                }
                told.sub_processors.iter().map(sub_processor::line).for_each(|line| print(&line));
                Ok(ExitCode::SUCCESS)
            }
            Agency::Set { agency, nothing, everything, contact, door } => {
                let mut agreements = door.agreements(clock)?;
                let request = GetAgencyRequest { agency: agency.clone() };
                let now = agreements.get_agency(request).await.map_err(refused)?.into_inner();
                let request = SetAgencyRequest {
                    agency,
                    contact: contact.told().or(now.contact),
                    nothing: nothing || (now.nothing && !everything),
                    sub_processors: now.sub_processors,
                    expected_version: Some(now.version),
                };
                print_told(changed!(agreements.set_agency(request).await))
            }
            Agency::Contact { agency, client_certificate, door } => {
                let certificate = certificate(&client_certificate)?;
                let request = RegisterAgencyContactRequest { agency, certificate };
                let registered = door.agreements(clock)?.register_agency_contact(request).await;
                print_told(changed!(registered))
            }
        }
    }
}
