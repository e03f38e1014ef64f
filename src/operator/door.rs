//! Where the broker is, and as whom to call it.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use ssbtek_domain::Clock;
use ssbtek_pki::{ALPN_H2, Connector, Identity, Roots, client_config};
use ssbtek_proto::broker::v1::{
    administration_service_client::AdministrationServiceClient,
    agreement_service_client::AgreementServiceClient, disclosure_service_client::DisclosureServiceClient,
};
use tonic::transport::{Channel, Endpoint};

/// Where the broker is, and the operator's certificate; or an agent's or an agency contact's.
#[derive(Debug, Clone, clap::Args)]
pub struct Door {
    /// A demo's data directory; in place of the four below.
    #[arg(long, value_name = "DIR")]
    demo: Option<PathBuf>,
    /// The gRPC door, `https://host:port`.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Issuer of the broker's certificate, PEM.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The operator's certificate, PEM; beside --demo: another party's, with --key.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Its private key, PEM.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Beside --demo: as the demo's second operator.
    #[arg(long, requires = "demo", conflicts_with = "certificate")]
    second_operator: bool,
}

/// What `demo.json` says about the operator.
#[derive(Deserialize)]
struct Demo {
    grpc: String,
    ca: PathBuf,
    operator_cert: PathBuf,
    operator_key: PathBuf,
    second_operator_cert: Option<PathBuf>,
    second_operator_key: Option<PathBuf>,
}

impl Door {
    /// The agreement service behind the door.
    pub(super) fn agreements(&self, clock: &Arc<dyn Clock>) -> Result<AgreementServiceClient<Channel>> {
        Ok(AgreementServiceClient::new(self.channel(clock)?).max_decoding_message_size(16 * 1024 * 1024))
    }

    /// The administration service behind the door.
    pub(super) fn administration(
        &self,
        clock: &Arc<dyn Clock>,
    ) -> Result<AdministrationServiceClient<Channel>> {
        Ok(AdministrationServiceClient::new(self.channel(clock)?))
    }

    /// The service behind the door that decides through whom persons are told.
    pub(super) fn disclosure(&self, clock: &Arc<dyn Clock>) -> Result<DisclosureServiceClient<Channel>> {
        Ok(DisclosureServiceClient::new(self.channel(clock)?))
    }

    /// A connection to the door.
    pub(super) fn channel(&self, clock: &Arc<dyn Clock>) -> Result<Channel> {
        let Demo { grpc, ca, operator_cert, operator_key, .. } = self.facts()?;
        let read = |path: &PathBuf| {
            std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
        };
        let roots = Roots::from_pem(&read(&ca)?)?;
        let identity = Identity::from_pem(&read(&operator_cert)?, &read(&operator_key)?)?;
        let tls = client_config(Some(&identity), &roots, clock.clone(), &[ALPN_H2])?;
        let patience = Duration::from_secs(5);
        let connector = Connector::tls(tls, patience, patience);
        Ok(Endpoint::from_shared(grpc)?.connect_with_connector_lazy(connector))
    }

    fn facts(&self) -> Result<Demo> {
        if let Some(directory) = &self.demo {
            let path = directory.join("demo.json");
            let shown = path.display();
            let text = std::fs::read_to_string(&path).with_context(|| format!("{shown} cannot be read"))?;
            let demo: Demo = serde_json::from_str(&text).with_context(|| format!("{shown} is damaged"))?;
            let own = match self.second_operator {
                true => (demo.second_operator_cert.clone(), demo.second_operator_key.clone()),
                false => (self.certificate.clone(), self.key.clone()),
            };
            return match own {
                (None, None) if self.second_operator => bail!("{shown} names no second operator"),
                (Some(operator_cert), Some(operator_key)) => Ok(Demo { operator_cert, operator_key, ..demo }),
                (None, None) => Ok(demo),
                _ => bail!("give --certificate and --key together"),
            };
        }
        let door = self.clone();
        match (door.server, door.ca, door.certificate, door.key) {
            (Some(grpc), Some(ca), Some(operator_cert), Some(operator_key)) => {
                let (second_operator_cert, second_operator_key) = (None, None);
                Ok(Demo { grpc, ca, operator_cert, operator_key, second_operator_cert, second_operator_key })
            }
            _ => bail!("give --demo DIR, or --server, --ca, --certificate and --key"),
        }
    }
}
