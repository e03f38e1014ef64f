//! The gaps of the boards' logs: a file beside the purge ledger, one record a line, outside the database, so that restoring one
//! cannot undo it. Each record proves itself (`ssbtek_transparency::gap`).

use std::{
    collections::HashMap,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::PathBuf,
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use ssbtek_access_log::{AccessLog, OPERATORS};
use ssbtek_config::Config;
use ssbtek_domain::OrganisationNumber;
use ssbtek_pki::{public_key, statement_is_signed};
use ssbtek_transparency::gap::{Gap, GapLine, lead_to};

/// Every board's gaps, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gaps(HashMap<OrganisationNumber, Vec<GapLine>>);

impl Gaps {
    /// Reads the file, if there is one, and believes nothing that does not prove itself.
    pub(crate) fn read(config: &Config) -> Result<Self> {
        let text = match fs::read_to_string(path(config)) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => bail!("the records of gaps cannot be read: {}", error.kind()),
        };
        let mut gaps = Self::default();
        for (n, line) in text.lines().enumerate() {
            let context = || format!("gap record {}", n + 1);
            let line: GapLine = serde_json::from_str(line).with_context(context)?;
            gaps.add(line).with_context(context)?;
        }
        Ok(gaps)
    }

    fn add(&mut self, line: GapLine) -> Result<()> {
        let gap = believed(&line)?;
        let board = OrganisationNumber::parse(&gap.board)?;
        let lines = self.0.entry(board).or_default();
        lines.push(line);
        let all = lines.iter().map(GapLine::gap).collect::<Result<Vec<_>, _>>()?;
        Ok(lead_to(&all, &gap.new)?)
    }

    /// The same with one more, durably.
    pub(crate) fn append(mut self, config: &Config, line: GapLine) -> Result<()> {
        let mut text = serde_json::to_string(&line).context("the record cannot be written")?;
        text.push('\n');
        self.add(line)?;
        let path = path(config);
        let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        if let Some(folder) = path.parent() {
            fs::File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    /// Under which origins the logs with gaps go on.
    pub(crate) fn origins(&self) -> HashMap<OrganisationNumber, String> {
        let newest = |lines: &Vec<GapLine>| Some(lines.last()?.gap().ok()?.new);
        self.0.iter().filter_map(|(board, lines)| Some((*board, newest(lines)?))).collect()
    }

    /// One record in each log that has just got a gap, before anything else is written there.
    pub(crate) async fn record(&self, log: &AccessLog) -> Result<()> {
        for (board, lines) in &self.0 {
            let Some(gap) = lines.last().and_then(|line| line.gap().ok()) else { continue };
            let tree =
                log.trees().tree(*board).await.map_err(|_| anyhow!("the access log cannot be read"))?;
            if tree.is_some_and(|tree| tree.size == gap.restored.size) {
                log.change(*board, OPERATORS, "declare_gap", None, Vec::new()).await?;
            }
        }
        Ok(())
    }

    /// Every record, by board.
    pub(crate) fn all(&self) -> &HashMap<OrganisationNumber, Vec<GapLine>> {
        &self.0
    }
}

/// A record whose two operators' signatures hold, by two certificates of two keys.
pub(crate) fn believed(line: &GapLine) -> Result<Gap> {
    let gap = line.gap()?;
    line.by_two()?;
    let mut keys = Vec::new();
    for (certificate, signature) in line.certificates.iter().zip(&line.signatures) {
        ensure!(
            statement_is_signed(&certificate.0, line.text.as_bytes(), &signature.0),
            "an operator's signature does not hold"
        );
        keys.push(public_key(&certificate.0)?);
    }
    ensure!(keys[..1] != keys[1..], "a gap is declared by two different operators, with keys of their own");
    Ok(gap)
}

fn path(config: &Config) -> PathBuf {
    crate::retention::ledger_path(config).with_file_name("gaps.jsonl")
}
