//! A witness of both boards' logs, beside a world's broker.

use std::{net::SocketAddr, path::Path, sync::Arc};

use ssbtek_broker::witness_command;
use ssbtek_config::{Config, WitnessConfig};
use ssbtek_domain::{FixedClock, OrganisationNumber, SystemEntropy};
use ssbtek_log_store::CheckpointSigner;
use ssbtek_transparency::CosignatureSigner;
use ssbtek_vault::DirectoryVault;
use ssbtek_witness::{Limits, serve};
use tokio::sync::oneshot;

use super::{BOARD, OTHER_BOARD};

/// Least time between two askings, in milliseconds.
const INTERVAL_MS: u64 = 50;

/// Starts a witness with its state in `state` and a clock of its own, which is a second one for purges, and names it in the
/// configuration: its cosignature is needed.
pub(crate) fn with_witness(config: &mut Config, state: &Path, clock: Arc<FixedClock>) {
    std::mem::forget(with_witness_of(config, state, clock, &[BOARD, OTHER_BOARD]));
}

/// The same for these boards' logs; the witness ends when what is returned is dropped.
pub(crate) fn with_witness_of(
    config: &mut Config,
    state: &Path,
    clock: Arc<FixedClock>,
    boards: &[&str],
) -> oneshot::Sender<()> {
    let vault = Arc::new(DirectoryVault::open(&config.store.keys, Arc::new(SystemEntropy)).unwrap());
    let signer = CheckpointSigner::new(&config.deployment, vault);
    let key =
        |board: &&str| signer.create(OrganisationNumber::parse(board).unwrap()).unwrap().verifier().vkey();
    let listener = std::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let options = witness_command::Options {
        state: state.to_owned(),
        name: "witness.example.se".into(),
        listen: listener.local_addr().unwrap(),
        logs: boards.iter().map(key).collect(),
        new: true,
        consent: None,
        behind_proxy: false,
    };
    let witness = witness_command::open(&options, clock, &SystemEntropy).unwrap();
    let url = format!("http://{}", options.listen);
    config.witness.push(WitnessConfig { url, key: witness.vkey(), ca: None });
    config.witnessing.quorum = 1;
    config.witnessing.interval_ms = INTERVAL_MS;
    let (end, ended) = oneshot::channel::<()>();
    let ended = async move { drop(ended.await) };
    tokio::spawn(serve(listener, None, "", Arc::new(witness), Limits::default(), ended));
    end
}

/// The key of a witness that is none: whatever answers in its name never cosigns.
pub(crate) fn nobody(name: &str) -> String {
    let name = ssbtek_transparency::note::KeyName::parse(name).unwrap();
    CosignatureSigner::from_seed(name, &[7; 32]).unwrap().verifier().vkey()
}
