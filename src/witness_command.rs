//! `ssbtek-broker witness`: cosigns checkpoints of logs, on a machine that their operator does not control.

use std::{fs, net::SocketAddr, path::PathBuf, sync::Arc};

use anyhow::{Context, Result, bail, ensure};
use ssbtek_domain::{Clock, Entropy};
use ssbtek_program::{output, terminated};
use ssbtek_transparency::{
    Checkpoint, CosignatureSigner, NoteVerifier, SignedNote, note::KeyName, witness::KnownLog,
};
use ssbtek_witness::{Limits, StateFile, Storage, Witness, serve};
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
    /// Consent to the record of a gap in a log that this witness knows, add the consent to the record, and exit. Look at what it
    /// says first: it is shown for ever.
    #[arg(long, value_name = "FILE", conflicts_with = "new")]
    pub consent: Option<PathBuf>,
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

/// Consents to a gap: it tells of no less than this witness cosigned last. From then on the log goes on under its new origin from
/// the tree that is left; the old origin stays where it was.
pub fn consent(options: &Options, record: &std::path::Path, clock: &dyn Clock) -> Result<String> {
    let mut seed = Zeroizing::new([0u8; 32]);
    let key = Zeroizing::new(fs::read(options.state.join("witness.key")).context("the key cannot be read")?);
    ensure!(key.len() == seed.len(), "the key file is damaged");
    seed.copy_from_slice(&key);
    let signer = CosignatureSigner::from_seed(KeyName::parse(&options.name).context("--name")?, &seed)?;
    let (mut storage, mut notes) = StateFile::open(&options.state.join("witness.json"))?;
    let mut told = String::new();
    crate::gap_command::consent(record, |line, gap| {
        let last = notes.get(&gap.old).context("this witness does not know the log")?;
        let last = Checkpoint::parse(last.text())?;
        ensure!(
            last.size < gap.seen.size || (last.size, last.root) == (gap.seen.size, gap.seen.root),
            "the record tells of less than this witness cosigned last ({} records), or of something else",
            last.size
        );
        let begins = SignedNote::parse(&line.begins)?;
        match notes.get(&gap.new).map(SignedNote::text) {
            Some(known) => ensure!(known == begins.text(), "the log goes on under its new origin already"),
            None => drop(notes.insert(gap.new.clone(), begins)),
        }
        // First what is remembered, then what is signed.
        storage.save(&notes)?;
        let time = u64::try_from(clock.now().timestamp()).context("the clock")?;
        told = format!("{}this witness cosigned {} records last\n", gap.encode(), last.size);
        Ok(signer.cosign(&line.text, time)?.encode().trim_end().to_owned())
    })?;
    Ok(told)
}

/// Serves until told to end.
pub async fn run(options: &Options, clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> Result<()> {
    if let Some(record) = &options.consent {
        output::result(&consent(options, record, &*clock)?);
        return Ok(());
    }
    let witness = open(options, clock.clone(), entropy)?;
    output::result(&witness.vkey());
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
        let _ = terminated().await;
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
