//! `portal`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::Subcommand;
use ssbtek_proto::broker::v1::{RegisterPortalRequest, RevokePortalRequest};

use super::{Door, print, refused};

/// Citizen portals. Which boards they may show is for the boards: `ssbtek portals`.
#[derive(Debug, Subcommand)]
pub enum Portal {
    /// Registers a portal with its certificate, or a further certificate of one.
    Register {
        /// Organisation number of who runs it.
        portal: String,
        /// Its name.
        name: String,
        /// Its TLS client certificate, PEM.
        #[arg(long, value_name = "FILE")]
        client_certificate: PathBuf,
        #[command(flatten)]
        door: Door,
    },
    /// Revokes a portal's certificate: refused from its next call on.
    Revoke {
        /// Organisation number of who runs it.
        portal: String,
        /// SHA-256 of the certificate's DER, hexadecimal.
        sha256: String,
        #[command(flatten)]
        door: Door,
    },
}

impl Portal {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let version = match self {
            Portal::Register { portal, name, client_certificate, door } => {
                let shown = client_certificate.display();
                let pem =
                    std::fs::read(&client_certificate).with_context(|| format!("{shown} cannot be read"))?;
                let certificates = ssbtek_pki::certificates_from_pem(&pem)?;
                let own = certificates.first().context("the file holds no certificate")?;
                let request =
                    RegisterPortalRequest { organisation_number: portal, name, certificate: own.to_vec() };
                door.disclosure()?.register_portal(request).await.map_err(refused)?.into_inner().version
            }
            Portal::Revoke { portal, sha256, door } => {
                let request = RevokePortalRequest { organisation_number: portal, sha256 };
                door.disclosure()?.revoke_portal(request).await.map_err(refused)?.into_inner().version
            }
        };
        print(&format!("done; version {version}"));
        Ok(ExitCode::SUCCESS)
    }
}
