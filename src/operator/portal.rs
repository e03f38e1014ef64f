//! `portal`.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Result;
use clap::Subcommand;
use ssbtek_domain::Clock;
use ssbtek_proto::broker::v1::{RegisterPortalRequest, RevokePortalRequest};

use super::{Door, changed, files::certificate, print_told};

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
    pub(super) async fn run(self, clock: &Arc<dyn Clock>) -> Result<ExitCode> {
        let changed = match self {
            Portal::Register { portal, name, client_certificate, door } => {
                let certificate = certificate(&client_certificate)?;
                let request = RegisterPortalRequest { organisation_number: portal, name, certificate };
                changed!(door.disclosure(clock)?.register_portal(request).await)
            }
            Portal::Revoke { portal, sha256, door } => {
                let request = RevokePortalRequest { organisation_number: portal, sha256 };
                changed!(door.disclosure(clock)?.revoke_portal(request).await)
            }
        };
        print_told(changed)
    }
}
