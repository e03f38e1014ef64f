//! Where the broker is, and as whom to call it.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use ssbtek_domain::SystemClock;
use ssbtek_pki::{ALPN_H2, Connector, Identity, Roots, client_config};
use ssbtek_proto::broker::v1::agreement_service_client::AgreementServiceClient;
use tonic::transport::{Channel, Endpoint};

/// Where the broker is, and the operator's certificate.
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
    /// The operator's certificate, PEM.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Its private key, PEM.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// What `demo.json` says about the operator.
#[derive(Deserialize)]
struct Demo {
    grpc: String,
    ca: PathBuf,
    operator_cert: PathBuf,
    operator_key: PathBuf,
}

impl Door {
    /// The agreement service behind the door.
    pub(super) fn agreements(&self) -> Result<AgreementServiceClient<Channel>> {
        Ok(AgreementServiceClient::new(self.channel()?).max_decoding_message_size(16 * 1024 * 1024))
    }

    /// A connection to the door.
    pub(super) fn channel(&self) -> Result<Channel> {
        let Demo { grpc, ca, operator_cert, operator_key } = self.facts()?;
        let read = |path: &PathBuf| {
            std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
        };
        let roots = Roots::from_pem(&read(&ca)?)?;
        let identity = Identity::from_pem(&read(&operator_cert)?, &read(&operator_key)?)?;
        let tls = client_config(Some(&identity), &roots, Arc::new(SystemClock), &[ALPN_H2])?;
        let patience = Duration::from_secs(5);
        let connector = Connector::tls(tls, patience, patience);
        Ok(Endpoint::from_shared(grpc)?.connect_with_connector_lazy(connector))
    }

    fn facts(&self) -> Result<Demo> {
        if let Some(directory) = &self.demo {
            let path = directory.join("demo.json");
            let shown = path.display();
            let text = std::fs::read_to_string(&path).with_context(|| format!("{shown} cannot be read"))?;
            return serde_json::from_str(&text).with_context(|| format!("{shown} is damaged"));
        }
        let door = self.clone();
        match (door.server, door.ca, door.certificate, door.key) {
            (Some(grpc), Some(ca), Some(operator_cert), Some(operator_key)) => {
                Ok(Demo { grpc, ca, operator_cert, operator_key })
            }
            _ => bail!("give --demo DIR, or --server, --ca, --certificate and --key"),
        }
    }
}
