//! A witness's client, from configuration.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use ssbtek_config::WitnessConfig;
use ssbtek_domain::Clock;
use ssbtek_pki::{ALPN_HTTP11, Connector, Roots, client_config};
use ssbtek_transparency::NoteVerifier;
use ssbtek_witness::WitnessClient;

pub(super) fn client(
    witness: &WitnessConfig,
    clock: &Arc<dyn Clock>,
    timeout: Duration,
) -> Result<WitnessClient> {
    let key = NoteVerifier::parse(&witness.key).context("witness.key is no verifier key (name+id+key)")?;
    let url = format!("{}/add-checkpoint", witness.url.trim_end_matches('/'));
    let submit: http::Uri = url.parse().context("witness.url")?;
    let connector = match (submit.scheme_str(), &witness.ca) {
        (Some("https"), Some(ca)) => {
            let roots = Roots::from_pem(&std::fs::read(ca).context("witness.ca cannot be read")?)?;
            let tls = client_config(None, &roots, clock.clone(), &[ALPN_HTTP11])?;
            Connector::tls(tls, timeout, timeout)
        }
        (Some("https"), None) => bail!("witness.ca is needed with https"),
        (Some("http"), _) => Connector::plain(timeout),
        _ => bail!("witness.url must begin with https:// or http://"),
    };
    Ok(WitnessClient::new(submit, key, connector, timeout))
}
