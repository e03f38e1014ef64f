//! A witness of both boards' logs, beside a world's broker.

use std::{net::SocketAddr, path::Path, sync::Arc};

use ssbtek_broker::witness_command;
use ssbtek_config::{Config, WitnessConfig};
use ssbtek_domain::{FixedClock, OrganisationNumber, SystemEntropy};
use ssbtek_store_sqlite::CheckpointSigner;
use ssbtek_vault::DirectoryVault;
use ssbtek_witness::{Limits, serve};

use super::{BOARD, OTHER_BOARD};

/// Least time between two askings, in milliseconds.
const INTERVAL_MS: u64 = 50;

/// Starts a witness with its state in `state` and a clock of its own, which is a second one for purges, and names it in the
/// configuration: its cosignature is needed.
pub(crate) fn with_witness(config: &mut Config, state: &Path, clock: Arc<FixedClock>) {
    let vault = Arc::new(DirectoryVault::open(&config.store.keys, Arc::new(SystemEntropy)).unwrap());
    let signer = CheckpointSigner::new(&config.deployment, vault);
    let key = |board| signer.create(OrganisationNumber::parse(board).unwrap()).unwrap().verifier().vkey();
    let listener = std::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let options = witness_command::Options {
        state: state.to_owned(),
        name: "witness.example.se".into(),
        listen: listener.local_addr().unwrap(),
        logs: vec![key(BOARD), key(OTHER_BOARD)],
        new: true,
        behind_proxy: false,
    };
    let witness = witness_command::open(&options, clock, &SystemEntropy).unwrap();
    let url = format!("http://{}", options.listen);
    config.witness = vec![WitnessConfig { url, key: witness.vkey(), ca: None }];
    config.witnessing.quorum = 1;
    config.witnessing.interval_ms = INTERVAL_MS;
    tokio::spawn(serve(listener, None, "", Arc::new(witness), Limits::default(), std::future::pending()));
}
