//! A witness of the demo board's log, in the same process; a real one runs where the broker's operator is not.

use std::{net::Ipv4Addr, sync::Arc};

use anyhow::{Context, Result};
use ssbtek_config::{Config, WitnessConfig};
use ssbtek_domain::{Clock, Entropy, OrganisationNumber};
use ssbtek_log_store::CheckpointSigner;
use ssbtek_vault::DirectoryVault;
use ssbtek_witness::{Limits, serve};
use tokio::{net::TcpListener, task::JoinHandle};

use super::{files::Files, settings::BOARD};
use ssbtek_broker::{StartError, witness_command};

/// Starts it and names it in the configuration. Its state lies beside the broker's, but is no part of it.
pub(super) async fn start(
    files: &Files,
    port: u16,
    config: &mut Config,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<JoinHandle<()>> {
    let vault = Arc::new(DirectoryVault::open(&config.store.keys, entropy.clone())?);
    let signer = CheckpointSigner::new(&config.deployment, vault).create(OrganisationNumber::parse(BOARD)?);
    let log = signer.context("the demo log's key cannot be made")?.verifier().vkey();
    let options = witness_command::Options {
        state: files.path("witness"),
        name: "witness.demo.ssbtek-broker.example".to_owned(),
        listen: (Ipv4Addr::LOCALHOST, port).into(),
        logs: vec![log],
        new: !files.exists("witness/witness.json"),
        consent: None,
        behind_proxy: false,
    };
    let witness = witness_command::open(&options, clock, &*entropy)?;
    let listener = TcpListener::bind(options.listen)
        .await
        .map_err(|_| StartError::PortTaken { door: "the witness", addr: options.listen })?;
    config.witness =
        vec![WitnessConfig { url: format!("http://{}", options.listen), key: witness.vkey(), ca: None }];
    config.witnessing.quorum = 1;
    Ok(tokio::spawn(serve(listener, None, "", Arc::new(witness), Limits::default(), std::future::pending())))
}
