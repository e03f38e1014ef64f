//! `ssbtek log verify`: a bundle, or the live log, believed only as far as keys and earlier checkpoints reach.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    io::{BufRead, BufReader, Read, Write},
};

use chrono::{DateTime, FixedOffset, TimeDelta};
use serde::Deserialize;
use ssbtek_pki::{public_key, statement_is_signed};
use ssbtek_proto::broker::v1::{
    ExportEntriesRequest, ExportFormat, GetCheckpointRequest, GetCheckpointResponse,
};
use ssbtek_transparency::{
    Checkpoint, Hash, NoteVerifier, SignedNote, Trust,
    bundle::{BundleVerifier, Content, Entry, Line, MAX_LINE_BYTES, Verdict},
    gap::{Gap, GapLine, gaps_in, lead_to},
    verify_consistency,
    witness::Seen,
};

use crate::{
    ClientError, World,
    arguments::{LogVerify, Shared},
    broker::Broker,
    run::Done,
    settings::{Account, Settings, SettingsError},
};

/// How long a question may be under way at the end of a log before its missing end is a fault, in minutes.
const UNDER_WAY_MINUTES: i64 = 10;
/// The checkpoint seen last, beside the settings.
const SEEN_FILE: &str = "seen-checkpoint.txt";

pub(crate) async fn verify(
    shared: &Shared,
    verify: LogVerify,
    world: &mut World<'_>,
) -> Result<Done, ClientError> {
    let settings = shared.settings(world).ok();
    let trust = trust(&verify, settings.as_ref())?;
    let mut known = Vec::new();
    for path in &verify.known {
        let note = fs::read_to_string(path).map_err(|_| ClientError::Usage("--known: cannot be read"))?;
        known.push(open(trust.as_ref().ok_or(KEY_NEEDED)?, &note)?);
    }
    match &verify.path {
        Some(path) => {
            let file = fs::File::open(path).map_err(|_| ClientError::Usage("the bundle cannot be read"))?;
            let mut reader = BufReader::new(file);
            let first = next_line(&mut reader)?.unwrap_or_default();
            // A part hides the tree at most earlier sizes, and only what is named by hand must be met.
            if verify.known.is_empty() && first.ends_with(r#""scope":"all"}"#) {
                known.extend(seen_before(settings.as_ref(), trust.as_ref())?);
            }
            let mut reading = Reading::new(trust, known);
            reading.line(&first)?;
            while let Some(line) = next_line(&mut reader)? {
                reading.line(&line)?;
            }
            reading.finish(world)
        }
        None => {
            let settings = shared.settings(world)?;
            live(shared, &settings, trust.ok_or(KEY_NEEDED)?, known, verify.full, world).await
        }
    }
}

const KEY_NEEDED: ClientError =
    ClientError::Usage("the log's public key is not known: give --log-key VKEY, or log_key in the settings");

/// The keys given, or `None`: then the bundle's own keys are used, and the verdict says so.
fn trust(verify: &LogVerify, settings: Option<&Settings>) -> Result<Option<Trust>, ClientError> {
    let Some(log_key) = verify.log_key.as_deref().or(settings.and_then(Settings::log_key)) else {
        return Ok(None);
    };
    let invalid = |key, why| ClientError::from(SettingsError::Invalid { key, why });
    let log_key =
        NoteVerifier::parse(log_key).map_err(|_| invalid("log_key", "is no verifier key (name+id+key)"))?;
    let named = verify.witness_key.iter().map(String::as_str);
    let witnesses: Vec<_> = match verify.witness_key.is_empty() {
        false => named.map(NoteVerifier::parse).collect::<Result<_, _>>(),
        true => settings
            .map(Settings::witness_keys)
            .unwrap_or_default()
            .iter()
            .map(|key| NoteVerifier::parse(key))
            .collect(),
    }
    .map_err(|_| invalid("witness_key", "is no verifier key (name+id+key)"))?;
    let quorum = verify.quorum.unwrap_or(witnesses.len());
    let origin = log_key.name().as_str().to_owned();
    let trust = Trust::new(origin, vec![log_key], witnesses, quorum);
    trust.map(Some).map_err(|_| invalid("log_key, witness_key", "contradict each other"))
}

fn open(trust: &Trust, note: &str) -> Result<Seen, ClientError> {
    let opened = trust.open(note).map_err(|error| ClientError::Log(error.to_string()))?;
    Ok(Seen { size: opened.checkpoint.size, root: opened.checkpoint.root })
}

fn seen_before(settings: Option<&Settings>, trust: Option<&Trust>) -> Result<Option<Seen>, ClientError> {
    let (Some(settings), Some(trust)) = (settings, trust) else { return Ok(None) };
    match fs::read_to_string(settings.beside(SEEN_FILE)) {
        // Of before a gap: what is known of it stands in the gap's record.
        Ok(note) if is_before_gap(&note, trust.origin()) => Ok(None),
        Ok(note) => open(trust, &note).map(Some),
        Err(_) => Ok(None),
    }
}

/// Whether a checkpoint is of a log as it was before a gap that `origin` tells of.
fn is_before_gap(note: &str, origin: &str) -> bool {
    let was = note.split('\n').next().unwrap_or_default();
    let (before, now) = (gaps_in(was), gaps_in(origin));
    before.0 == now.0 && before.1 < now.1
}

async fn live(
    shared: &Shared,
    settings: &Settings,
    trust: Trust,
    known: Vec<Seen>,
    full: bool,
    world: &mut World<'_>,
) -> Result<Done, ClientError> {
    let account = settings.account(shared.account.as_deref(), Account::Auditor)?;
    let broker = shared.broker(settings, world)?;
    let before = seen_before(Some(settings), Some(&trust))?;
    let old = before.unwrap_or_else(Seen::nothing);
    let answer = broker.get_checkpoint(account, GetCheckpointRequest { old_size: old.size }).await;
    let answer = answer.map_err(|error| match error {
        ClientError::Refused(text) if text.contains("old_size") => {
            ClientError::Log("the log is smaller than it was: entries were cut off".to_owned())
        }
        other => other,
    })?;
    let opened = trust.open(&answer.checkpoint).map_err(|error| match gaps_in(trust.origin()).1 < answer.gaps.len() {
        true => ClientError::Log(
            "the log has a gap that this key is of before: get the record and the new key (log_key) from the operator"
                .to_owned(),
        ),
        false => ClientError::Log(error.to_string()),
    })?;
    let (size, root) = (opened.checkpoint.size, opened.checkpoint.root);
    let proof = hashes(&answer.consistency)?;
    let cosigned_up_to = match opened.has_quorum(trust.quorum()) {
        true => size,
        false => cosigned_before(&trust, &answer, size, &root)?,
    };
    verify_consistency(old.size, size, &old.root, &root, &proof).map_err(|_| {
        ClientError::Log(format!("the log is not what it was at {} records: history was rewritten", old.size))
    })?;
    let grown = match before {
        Some(before) => format!("grown from {} records seen before, nothing of them changed", before.size),
        None => "seen for the first time; from now on it is compared with this".to_owned(),
    };
    writeln!(world.stdout, "log {}: {size} records, root {}", opened.checkpoint.origin, root.to_hex())?;
    writeln!(world.stdout, "  signed by the log, cosigned by {} witnesses; {grown}", opened.cosigned.len())?;
    let gaps = live_gaps(&answer.gaps, &opened.checkpoint.origin, &trust, &mut world.stdout)?;
    if let Some(before) = seen_before_gap(settings, &trust) {
        across_gaps(&broker, account, &trust, &before, &gaps).await?;
    }
    let done = if full {
        let reading = Reading::new(Some(trust), known.into_iter().chain(before).collect());
        let reading = whole(&broker, account, reading).await?;
        reading.finish(world)?
    } else {
        held((cosigned_up_to, opened.cosigned.len()), size, &mut world.stdout)?
    };
    fs::write(settings.beside(SEEN_FILE), &answer.checkpoint)?;
    Ok(done)
}

/// How far a log is cosigned whose newest checkpoint has too few cosignatures.
fn cosigned_before(
    trust: &Trust,
    answer: &GetCheckpointResponse,
    size: u64,
    root: &Hash,
) -> Result<u64, ClientError> {
    if answer.cosigned_checkpoint.is_empty() {
        return Ok(0);
    }
    let earlier = trust.open_cosigned(&answer.cosigned_checkpoint);
    let earlier = earlier.map_err(|error| ClientError::Log(error.to_string()))?.checkpoint;
    let proof = hashes(&answer.cosigned_consistency)?;
    verify_consistency(earlier.size, size, &earlier.root, root, &proof).map_err(|_| {
        ClientError::Log(format!("the log is not what witnesses cosigned at {} records", earlier.size))
    })?;
    Ok(earlier.size)
}

fn hashes(bytes: &[Vec<u8>]) -> Result<Vec<Hash>, ClientError> {
    let hashes = bytes.iter().map(|hash| Hash::try_from(hash.as_slice())).collect::<Result<_, _>>();
    hashes.map_err(|_| ClientError::Log("a hash has not 32 bytes".to_owned()))
}

/// The last line, and how the command ends: not in full where the log is not cosigned to its end. `witnesses`: of how many a
/// cosignature was checked.
fn held((cosigned_up_to, witnesses): (u64, usize), size: u64, out: &mut dyn Write) -> std::io::Result<Done> {
    if cosigned_up_to == size {
        match witnesses {
            0 => writeln!(out, "HOLDS, by the log's own signature alone: no witness was checked")?,
            _ => writeln!(out, "HOLDS")?,
        }
        return Ok(Done::Whole);
    }
    writeln!(
        out,
        "HOLDS, cosigned up to {cosigned_up_to} of {size}: the rest has only the log's own signature"
    )?;
    Ok(Done::InPart)
}

/// Reads the whole live log as a bundle, every line checked as it comes.
async fn whole(broker: &Broker, account: &str, mut reading: Reading) -> Result<Reading, ClientError> {
    let request =
        ExportEntriesRequest { format: ExportFormat::Bundle.into(), ..ExportEntriesRequest::default() };
    let mut stream = broker.export_entries(account, request).await?;
    let mut rest = Vec::new();
    while let Some(part) = broker.next(&mut stream).await? {
        rest.extend_from_slice(&part.bundle);
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            reading.line(std::str::from_utf8(&line[..end]).map_err(|_| not_text())?)?;
        }
    }
    Ok(reading)
}

/// What the whole log, proven against the log's key, says of one person.
pub(crate) struct About {
    /// First records of questions and refusals about the person.
    pub(crate) indices: BTreeSet<u64>,
    /// Records gone through.
    pub(crate) size: u64,
}

/// Goes through the whole log without believing the server's own look-up.
pub(crate) async fn records_about(
    broker: &Broker,
    account: &str,
    settings: &Settings,
    person_number: &str,
) -> Result<About, ClientError> {
    let trust = trust_of(settings)?;
    let known = seen_before(Some(settings), Some(&trust))?.into_iter().collect();
    let mut reading = Reading::new(Some(trust), known);
    reading.person = Some(person_number.replace(['-', '+'], ""));
    let reading = whole(broker, account, reading).await?;
    let indices = reading.about.clone();
    Ok(About { indices, size: reading.settle()?.0.size })
}

/// How many records a checkpoint of this log is over.
pub(crate) fn size_of(settings: &Settings, checkpoint: &str) -> Result<u64, ClientError> {
    Ok(open(&trust_of(settings)?, checkpoint)?.size)
}

/// Trust in nothing but the settings' key.
fn trust_of(settings: &Settings) -> Result<Trust, ClientError> {
    let invalid = |why| ClientError::from(SettingsError::Invalid { key: "log_key", why });
    let log_key = settings.log_key().ok_or(KEY_NEEDED)?;
    let log_key = NoteVerifier::parse(log_key).map_err(|_| invalid("is no verifier key (name+id+key)"))?;
    let origin = log_key.name().as_str().to_owned();
    Trust::new(origin, vec![log_key], vec![], 0).map_err(|_| invalid("is not the key of a log"))
}

/// Two operators' signatures over a gap, by certificates of two keys.
fn by_two_operators(gap: &GapLine) -> Result<(), ClientError> {
    let refused = |what: &str| ClientError::Log(format!("the record of a gap: {what}"));
    let mut keys = Vec::new();
    for (certificate, signature) in gap.certificates.iter().zip(&gap.signatures) {
        if !statement_is_signed(&certificate.0, gap.text.as_bytes(), &signature.0) {
            return Err(refused("an operator's signature does not hold"));
        }
        keys.push(public_key(&certificate.0).map_err(|_| refused("a certificate cannot be read"))?);
    }
    match &keys[..] {
        [first, second] if first != second => Ok(()),
        _ => Err(refused("it is not signed by two different operators")),
    }
}

/// What every reader of a log with a gap is told.
fn gap_told(gap: &Gap, consented: &[String], out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(
        out,
        "  GAP, declared {} by two operators: of {} records that there were (root {}), {} are left (root {}), the newest of {}",
        gap.declared,
        gap.seen.size,
        gap.seen.root.to_hex(),
        gap.restored.size,
        gap.restored.root.to_hex(),
        gap.since
    )?;
    writeln!(out, "    lost, as far as is known: {}", gap.lost)?;
    writeln!(out, "    before it the log was {}; witnesses that consented: {}", gap.old, consented.join(", "))
}

/// The gaps told with a live checkpoint, all of them and each by two operators.
fn live_gaps(
    gaps: &[String],
    origin: &str,
    trust: &Trust,
    out: &mut dyn Write,
) -> Result<Vec<Gap>, ClientError> {
    let refused = |_| ClientError::Log("the records of the log's gaps do not hold".to_owned());
    let mut told = Vec::new();
    for line in gaps {
        let line: GapLine = serde_json::from_str(line).map_err(|_| refused(()))?;
        let gap = line.gap().map_err(|_| refused(()))?;
        by_two_operators(&line)?;
        let consented = line.consented(trust.witness_keys());
        if consented.len() < trust.quorum() {
            return Err(ClientError::Log("too few witnesses consent to a gap of the log".to_owned()));
        }
        gap_told(&gap, &consented, out)?;
        told.push(gap);
    }
    lead_to(&told, origin).map_err(|_| refused(()))?;
    Ok(told)
}

/// What was seen last of the log as it was before a gap.
fn seen_before_gap(settings: &Settings, trust: &Trust) -> Option<Checkpoint> {
    let note = fs::read_to_string(settings.beside(SEEN_FILE)).ok()?;
    if !is_before_gap(&note, trust.origin()) {
        return None;
    }
    Checkpoint::parse(SignedNote::parse(&note).ok()?.text()).ok()
}

/// Holds what was seen before a gap against its record, which must tell of no less, and what is left of it against the log.
async fn across_gaps(
    broker: &Broker,
    account: &str,
    trust: &Trust,
    before: &Checkpoint,
    gaps: &[Gap],
) -> Result<(), ClientError> {
    let mut since = gaps.iter().skip_while(|gap| gap.old != before.origin).peekable();
    let tells = since.peek().is_some_and(|gap| {
        before.size < gap.seen.size || (before.size, before.root) == (gap.seen.size, gap.seen.root)
    });
    if !tells {
        return Err(ClientError::Log(format!(
            "{} records were seen here before the gap, and its record tells of fewer, or of others; {SEEN_FILE} proves it",
            before.size
        )));
    }
    if since.any(|gap| gap.restored.size < before.size) {
        return Ok(());
    }
    let answer = broker.get_checkpoint(account, GetCheckpointRequest { old_size: before.size }).await?;
    let now = open(trust, &answer.checkpoint)?;
    let proof = hashes(&answer.consistency)?;
    verify_consistency(before.size, now.size, &before.root, &now.root, &proof).map_err(|_| {
        ClientError::Log(format!("what is left of the {} records before the gap was rewritten", before.size))
    })
}

fn not_text() -> ClientError {
    ClientError::Log("a line is not UTF-8".to_owned())
}

fn next_line(reader: &mut impl BufRead) -> Result<Option<String>, ClientError> {
    let mut line = Vec::new();
    let read = reader.by_ref().take(MAX_LINE_BYTES as u64 + 1).read_until(b'\n', &mut line);
    if read.map_err(|_| ClientError::Usage("the bundle cannot be read"))? == 0 {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        return Err(ClientError::Log("a line is too long, or the bundle is cut off".to_owned()));
    }
    String::from_utf8(line).map(Some).map_err(|_| not_text())
}

/// What this reader knows of a record's header.
#[derive(Deserialize)]
struct Header {
    kind: String,
    entry: String,
    at: String,
}

/// What it knows of payloads: which sources were to be asked, and which have an outcome.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Payload {
    Intent {
        sources: Vec<Named>,
        person: String,
    },
    Denial {
        person: Option<String>,
    },
    Release {
        disclosure: Outcomes,
    },
    Withheld(Outcomes),
    #[serde(untagged)]
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct Outcomes {
    outcomes: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    source: serde_json::Value,
}

struct Reading {
    verifier: BundleVerifier,
    /// Questions without an end so far: when each was opened, and its sources if they are told.
    open: HashMap<String, (String, Option<Vec<serde_json::Value>>)>,
    questions: u64,
    ended_twice: u64,
    without_outcome: u64,
    last_at: String,
    /// The person whose records are noted, 12 digits.
    person: Option<String>,
    about: BTreeSet<u64>,
}

impl Reading {
    fn new(trust: Option<Trust>, known: Vec<Seen>) -> Self {
        Self {
            verifier: BundleVerifier::new(trust).with_known(known),
            open: HashMap::new(),
            questions: 0,
            ended_twice: 0,
            without_outcome: 0,
            last_at: String::new(),
            person: None,
            about: BTreeSet::new(),
        }
    }

    fn line(&mut self, line: &str) -> Result<(), ClientError> {
        match self.verifier.line(line).map_err(|error| ClientError::Log(error.to_string()))? {
            Line::Entry(entry) => self.entry(&entry),
            Line::Gap(gap) => by_two_operators(&gap),
            _ => Ok(()),
        }
    }

    fn entry(&mut self, entry: &Entry) -> Result<(), ClientError> {
        let strange = |what| ClientError::Log(format!("record {}: {what}", entry.index));
        let header: Header =
            serde_json::from_slice(&entry.header.0).map_err(|_| strange("the header has not its form"))?;
        let payload = match (&entry.content, &entry.payload) {
            (Content::Open, Some(payload)) => Some(
                serde_json::from_slice(&payload.0).map_err(|_| strange("the payload has not its form"))?,
            ),
            _ => None,
        };
        if let (Some(wanted), Some(Payload::Intent { person, .. } | Payload::Denial { person: Some(person) })) =
            (&self.person, &payload)
            && wanted == person
        {
            self.about.insert(entry.index);
        }
        match header.kind.as_str() {
            "intent" => {
                self.questions += 1;
                let sources = match payload {
                    Some(Payload::Intent { sources, .. }) => {
                        Some(sources.into_iter().map(|line| line.source).collect())
                    }
                    _ => None,
                };
                self.open.insert(header.entry, (header.at.clone(), sources));
            }
            "release" | "withheld" | "assumed_disclosed" => match self.open.remove(&header.entry) {
                None => self.ended_twice += 1,
                Some((_, Some(asked))) => {
                    if let Some(Payload::Release { disclosure: told } | Payload::Withheld(told)) = payload {
                        let missing = asked
                            .iter()
                            .any(|source| !told.outcomes.iter().any(|line| line.source == *source));
                        self.without_outcome += u64::from(missing);
                    }
                }
                Some(_) => {}
            },
            _ => {}
        }
        self.last_at = header.at;
        Ok(())
    }

    fn finish(self, world: &mut World<'_>) -> Result<Done, ClientError> {
        let (verdict, questions, under_way) = self.settle()?;
        Ok(told(&verdict, questions, under_way, world)?)
    }

    /// The verdict, the number of questions, and how many of them are under way.
    fn settle(self) -> Result<(Verdict, u64, usize), ClientError> {
        let verdict = self.verifier.finish().map_err(|error| ClientError::Log(error.to_string()))?;
        let at = |text: &str| DateTime::<FixedOffset>::parse_from_rfc3339(text).ok();
        let late = |opened: &str| match (at(opened), at(&self.last_at)) {
            (Some(opened), Some(last)) => last - opened > TimeDelta::minutes(UNDER_WAY_MINUTES),
            _ => true,
        };
        let lost = self.open.values().filter(|(opened, _)| late(opened)).count();
        if lost > 0 {
            return Err(ClientError::Log(format!("{lost} questions have no recorded end")));
        }
        if self.ended_twice > 0 {
            return Err(ClientError::Log(format!(
                "{} records end a question that is not open",
                self.ended_twice
            )));
        }
        if self.without_outcome > 0 {
            return Err(ClientError::Log(format!(
                "{} answers lack an outcome for a source asked",
                self.without_outcome
            )));
        }
        Ok((verdict, self.questions, self.open.len()))
    }
}

fn told(verdict: &Verdict, questions: u64, under_way: usize, world: &mut World<'_>) -> std::io::Result<Done> {
    let out = &mut world.stdout;
    writeln!(out, "log {}: {} records, root {}", verdict.origin, verdict.size, verdict.root.to_hex())?;
    for (gap, consented) in &verdict.gaps {
        gap_told(gap, consented, out)?;
    }
    writeln!(
        out,
        "  {} shown ({} open, {} sealed, {} erased), {} covered by hashes",
        verdict.entries, verdict.open, verdict.sealed, verdict.erased, verdict.covered
    )?;
    writeln!(
        out,
        "  {} checkpoints ({} cosigned by the quorum), {} consistency proofs, {} receipts, {} checkpoints from elsewhere",
        verdict.checkpoints,
        verdict.cosigned_checkpoints,
        verdict.consistency,
        verdict.receipts,
        verdict.known
    )?;
    writeln!(out, "  {questions} questions, each with its end; {under_way} under way")?;
    for one in &verdict.cosigned {
        let at = i64::try_from(one.time).ok().and_then(|time| DateTime::from_timestamp(time, 0));
        let at = at.map(|at| at.to_rfc3339()).unwrap_or_default();
        writeln!(out, "  cosigned by {} up to {} of {} at {at}", one.witness, one.size, verdict.size)?;
    }
    if !verdict.keys_given {
        writeln!(
            out,
            "HOLDS TOGETHER, by the keys that the bundle names itself: compare them, or give --log-key"
        )?;
        if verdict.is_cosigned_to_the_end() {
            return Ok(Done::Whole);
        }
    }
    held((verdict.cosigned_up_to, verdict.cosigned.len()), verdict.size, out)
}
