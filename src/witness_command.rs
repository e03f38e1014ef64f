//! `ssbtek-broker witness`: cosigns checkpoints of logs, on a machine that their operator does not control.

use std::{fs, net::SocketAddr, path::PathBuf, sync::Arc};

use anyhow::{Context, Result, bail};
use ssbtek_domain::{Clock, Entropy};
use ssbtek_transparency::{CosignatureSigner, NoteVerifier, note::KeyName, witness::KnownLog};
use ssbtek_witness::{Limits, StateFile, Witness, serve};
use tokio::net::TcpListener;
use zeroize::Zeroizing;

/// How a witness runs.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Where key and state are kept. A lost state is a retired witness: never begin it anew under the same key.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// The witness's name, such as witness.example.se/ivo.
    #[arg(long)]
    pub name: String,
    /// Where it listens.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7460")]
    pub listen: SocketAddr,
    /// Public key (C2SP vkey) of a log to witness; may be given several times, also for one log that changes its key.
    #[arg(long = "log", value_name = "VKEY")]
    pub logs: Vec<String>,
    /// Begin a new witness: make its key and an empty state, print its public key, and exit.
    #[arg(long)]
    pub new: bool,
    /// Listen beyond this machine, because a proxy in front speaks TLS.
    #[arg(long)]
    pub behind_proxy: bool,
}

/// The witness that `options` describe; with `new`, one that has seen nothing.
pub fn open(options: &Options, clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> Result<Witness> {
    let (key, state) = (options.state.join("witness.key"), options.state.join("witness.json"));
    let mut seed = Zeroizing::new([0u8; 32]);
    let (storage, notes) = if options.new {
        ssbtek_vault::private_directory(&options.state).context("the state directory cannot be made")?;
        let (storage, notes) = StateFile::create(&state)?;
        entropy.fill(&mut *seed);
        write_key(&key, &seed).context("the key cannot be written")?;
        (storage, notes)
    } else {
        let read =
            Zeroizing::new(fs::read(&key).context("the key cannot be read; --new begins a new witness")?);
        if read.len() != seed.len() {
            bail!("the key file is damaged");
        }
        seed.copy_from_slice(&read);
        StateFile::open(&state)?
    };
    let name = KeyName::parse(&options.name).context("--name")?;
    let signer = CosignatureSigner::from_seed(name, &seed)?;
    let mut logs: Vec<KnownLog> = Vec::new();
    for vkey in &options.logs {
        let key = NoteVerifier::parse(vkey).context("--log is no verifier key (name+id+key)")?;
        let origin = key.name().as_str();
        // While a log changes its key, it has two.
        match logs.iter_mut().find(|log| log.origin == origin) {
            Some(known) => known.keys.push(key),
            None => logs.push(KnownLog { origin: origin.to_owned(), keys: vec![key] }),
        }
    }
    Ok(Witness::new(signer, logs, Box::new(storage), notes, clock))
}

/// Serves until told to end.
pub async fn run(options: &Options, clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> Result<()> {
    let witness = open(options, clock.clone(), entropy)?;
    crate::output::result(&witness.vkey());
    if options.new {
        return Ok(());
    }
    if options.logs.is_empty() {
        bail!("--log names the logs to witness");
    }
    if !options.behind_proxy && !options.listen.ip().is_loopback() {
        bail!("--listen: beyond this machine only --behind-proxy that speaks TLS");
    }
    let listener = TcpListener::bind(options.listen).await.context("the witness cannot listen")?;
    let stop = async {
        // Not being able to wait for the signal means to stop at once.
        let _ = crate::demo::terminated().await;
    };
    serve(listener, None, "", Arc::new(witness), Limits::default(), stop).await;
    Ok(())
}

fn write_key(path: &std::path::Path, seed: &[u8; 32]) -> std::io::Result<()> {
    use std::io::Write;
    let mut file = ssbtek_vault::create_private(path)?;
    file.write_all(seed)?;
    file.sync_all()
}
