//! `ssbtek-broker gap`: what two operators do when a database is lost and an older one is all there is. The broker is stopped.
//! See docs/runbooks/lost-database.md.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::{Args, Subcommand};
use ssbtek_access_log::{Header, TreeStore};
use ssbtek_config::Config;
use ssbtek_domain::{Clock, Entropy, OrganisationNumber, SystemEntropy};
use ssbtek_log_store::{Around, CheckpointSigner, Poison};
use ssbtek_pki::{
    CertificateRefusal, Gatekeeper, Identity, PeerCertificate, RevocationLists, Roots, public_key,
    sign_statement,
};
use ssbtek_program::output;
use ssbtek_transparency::{
    Checkpoint, NoteVerifier, SignedNote, Trust,
    bundle::Bytes,
    gap::{Gap, GapLine},
    witness::Seen,
};
use ssbtek_vault::DirectoryVault;

use crate::{
    gaps::{Gaps, believed},
    witnessing,
};

/// `ssbtek-broker gap …`.
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write down what is there, what is known to have been, and what is lost.
    Draft {
        /// The broker's configuration file (TOML). The broker must be stopped.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// The board, 12 digits.
        #[arg(long)]
        board: String,
        /// The largest checkpoint that is known, as a file (from a receipt, a bundle, a witness); without it the witnesses are
        /// asked.
        #[arg(long, value_name = "FILE")]
        seen: Option<PathBuf>,
        /// What is lost, as far as is known, in words, without anybody's name or number.
        #[arg(long)]
        lost: String,
        /// Where the record is written.
        #[arg(long, value_name = "FILE")]
        record: PathBuf,
    },
    /// Sign it, as an operator; two must.
    Sign {
        /// The record.
        #[arg(long, value_name = "FILE")]
        record: PathBuf,
        /// The operator's certificate (PEM).
        #[arg(long, value_name = "FILE")]
        certificate: PathBuf,
        /// Its private key (PEM).
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
    /// Let the log go on from what is there. For good.
    Accept {
        /// The broker's configuration file (TOML). The broker must be stopped.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// The record, signed by two operators and the witnesses.
        #[arg(long, value_name = "FILE")]
        record: PathBuf,
    },
}

/// Runs one command.
pub async fn run(options: Options, clock: Arc<dyn Clock>) -> Result<ExitCode> {
    match options.command {
        Command::Draft { config, board, seen, lost, record } => {
            let config = Config::load(&config)?;
            let seen = seen.map(fs::read_to_string).transpose().context("--seen")?;
            let key = draft(&config, OrganisationNumber::parse(&board)?, seen, lost, &record, clock).await?;
            output::result(&format!(
                "the log's key from now on, for every witness (--log) and auditor (log_key):\n{key}"
            ));
        }
        Command::Sign { record, certificate, key } => {
            let identity = Identity::from_pem(&fs::read(certificate)?, &fs::read(key)?)?;
            output::result(&sign(&record, &identity)?.encode());
        }
        Command::Accept { config, record } => {
            let gap = accept(&Config::load(&config)?, &record, clock).await?;
            output::result(&format!(
                "the log of board {} goes on as {} from {} records",
                gap.board, gap.new, gap.restored.size
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes a record that nobody has signed. Returns the log's key under its new origin.
pub async fn draft(
    config: &Config,
    board: OrganisationNumber,
    seen: Option<String>,
    lost: String,
    record: &Path,
    clock: Arc<dyn Clock>,
) -> Result<String> {
    let gaps = Gaps::read(config)?;
    let here = Here::look(config, board, &gaps, clock.clone()).await?;
    let trust = here.trust()?;
    let seen = match seen {
        Some(seen) => seen,
        None => witnessing::largest_seen(config, &here.checkpoint, &clock)
            .await?
            .context("no witness has shown a larger tree; give --seen")?,
    };
    let known = trust.open(&seen).context("the checkpoint that was seen")?.checkpoint;
    let restored = trust.open(&here.checkpoint)?.checkpoint;
    ensure!(
        known.size >= restored.size && known.root != restored.root,
        "nothing is lost: the log holds all of it"
    );
    let gap = Gap {
        board: board.to_string(),
        new: Gap::next_origin(&known.origin),
        old: known.origin,
        seen: Seen { size: known.size, root: known.root },
        restored: Seen { size: restored.size, root: restored.root },
        since: here.newest.context("the newest record has not its form")?,
        declared: clock.now().to_rfc3339(),
        lost,
    };
    let signer = here.signer.with_origins([(board, gap.new.clone())].into());
    let begins = signer.checkpoint(board, gap.restored.size, gap.restored.root);
    let line = GapLine {
        text: gap.encode(),
        seen,
        begins: begins.context("the log's new key cannot be made")?,
        certificates: vec![],
        signatures: vec![],
        consents: vec![],
    };
    line.gap().context("--lost: one line of at most 400 characters, without numbers of ten digits")?;
    write(record, &line)?;
    Ok(signer.signer(board).context("the log's new key cannot be made")?.verifier().vkey())
}

/// Adds an operator's signature.
pub fn sign(record: &Path, identity: &Identity) -> Result<Gap> {
    let mut line = read(record)?;
    let gap = line.gap()?;
    let key = public_key(identity.certificate())?;
    for certificate in &line.certificates {
        ensure!(public_key(&certificate.0)? != key, "this operator has signed already; another one must");
    }
    ensure!(line.certificates.len() < 2, "two operators have signed already");
    line.certificates.push(Bytes(identity.certificate().to_vec()));
    line.signatures.push(Bytes(sign_statement(identity, line.text.as_bytes())?));
    write(record, &line)?;
    Ok(gap)
}

/// Lets the log go on, if two of the operators have signed, the quorum of the witnesses consents, and what is here is what the
/// record says.
pub async fn accept(config: &Config, record: &Path, clock: Arc<dyn Clock>) -> Result<Gap> {
    let line = read(record)?;
    let gap = believed(&line)?;
    are_operators(config, &line, &*clock)?;
    let keys = config.witness.iter().map(|witness| NoteVerifier::parse(&witness.key));
    let consented = line.consented(&keys.collect::<Result<Vec<_>, _>>().context("witness.key")?);
    if !config.witness.is_empty() && consented.len() < config.quorum() {
        bail!("too few witnesses consent: {} of {}", consented.len(), config.quorum());
    }
    let gaps = Gaps::read(config)?;
    let board = OrganisationNumber::parse(&gap.board)?;
    let here = Here::look(config, board, &gaps, clock).await?;
    let stated = Checkpoint::parse(SignedNote::parse(&here.checkpoint)?.text())?;
    let as_told =
        stated.origin == gap.old && stated.size == gap.restored.size && stated.root == gap.restored.root;
    ensure!(as_told, "the record is about another state of the log than is here");
    here.trust()?.open(&line.seen).context("the checkpoint that was seen")?;
    let signer = here.signer.with_origins([(board, gap.new.clone())].into());
    let trust = Trust::new(gap.new.clone(), signer.verifiers(board), vec![], 0)?;
    trust.open(&line.begins).context("the checkpoint from which the log goes on")?;
    gaps.append(config, line)?;
    Ok(gap)
}

/// Whether those who signed are operators now, with certificates that are good now.
fn are_operators(config: &Config, line: &GapLine, clock: &dyn Clock) -> Result<()> {
    let roots = Roots::from_pem(&fs::read(&config.tls.client_ca).context("tls.client_ca")?)?;
    let lists = config.tls.revocation_lists.as_deref().map(RevocationLists::load).transpose();
    let gatekeeper = Gatekeeper::new(roots, lists.context("tls.revocation_lists")?.unwrap_or_default());
    let operators = config.operator_fingerprints();
    for certificate in &line.certificates {
        let peer = PeerCertificate::from_chain(&[certificate.0.as_slice().into()])?;
        ensure!(
            operators.contains(&peer.fingerprint_sha256),
            "a certificate that signed is not one of the operators'"
        );
        let now = clock.now();
        ensure!(
            peer.not_before <= now && now <= peer.not_after,
            "a certificate that signed is not valid now"
        );
        match gatekeeper.check(&peer, now) {
            // Those between it and the authority were not told; its fingerprint is.
            Ok(()) | Err(CertificateRefusal::UnknownIssuer) => {}
            Err(refusal) => bail!("of one that signed: {refusal}"),
        }
    }
    Ok(())
}

/// What lies here of a board's log.
struct Here {
    checkpoint: String,
    /// When the newest record was made.
    newest: Option<String>,
    origin: String,
    keys: Vec<NoteVerifier>,
    signer: CheckpointSigner,
}

impl Here {
    /// Looks, and lets go of the database again.
    async fn look(
        config: &Config,
        board: OrganisationNumber,
        gaps: &Gaps,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        crate::databases::must_be_there(config)?;
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let vault = Arc::new(DirectoryVault::open(&config.store.keys, entropy.clone())?);
        // What was purged stays so, whatever is restored.
        crate::retention::ledger(config, vault.clone()).await?;
        let signer = || CheckpointSigner::new(&config.deployment, vault.clone()).with_origins(gaps.origins());
        let store = crate::databases::open(
            config,
            Around {
                vault: vault.clone(),
                signer: Arc::new(signer()),
                clock,
                entropy,
                poison: Poison::default(),
            },
        )?;
        let read = Self::read(&store, board).await;
        let (origin, keys) = (store.origin(board), store.log_keys(board));
        store.close().await;
        let (checkpoint, newest) = read?;
        Ok(Self { checkpoint, newest, origin, keys, signer: signer() })
    }

    /// The checkpoint, and when the newest record was made.
    async fn read(store: &dyn TreeStore, board: OrganisationNumber) -> Result<(String, Option<String>)> {
        let unreadable = |_| anyhow!("the access log cannot be read");
        let tree = store.tree(board).await.map_err(unreadable)?;
        let tree = tree.with_context(|| format!("nothing is left of the log of board {board}"))?;
        let newest = store.leaves(board, tree.size.saturating_sub(1), tree.size).await.map_err(unreadable)?;
        let newest = newest.last().and_then(|leaf| Header::from_bytes(&leaf.header)).map(|header| header.at);
        Ok((tree.checkpoint, newest))
    }

    /// What believes checkpoints of the log as it is here.
    fn trust(&self) -> Result<Trust> {
        Ok(Trust::new(self.origin.clone(), self.keys.clone(), vec![], 0)?)
    }
}

fn read(record: &Path) -> Result<GapLine> {
    let text = fs::read_to_string(record).with_context(|| record.display().to_string())?;
    serde_json::from_str(&text).context("the record has not its form")
}

/// Writes the record back.
pub(crate) fn write(record: &Path, line: &GapLine) -> Result<()> {
    let text = serde_json::to_string_pretty(line).context("the record cannot be written")?;
    fs::write(record, text + "\n").with_context(|| record.display().to_string())
}

/// A witness's consent, added to the record.
pub(crate) fn consent(record: &Path, give: impl FnOnce(&GapLine, &Gap) -> Result<String>) -> Result<()> {
    let mut line = read(record)?;
    let gap = believed(&line)?;
    let consent = give(&line, &gap)?;
    line.consents.push(consent);
    write(record, &line)
}
