//! The purge ledger: what was destroyed and must stay so. One JSON object a line, appended and synced, never rewritten; kept
//! beside the vault and outside the database, so that restoring either cannot undo it. It holds no personal data: key ids,
//! key checks (which open nothing), blind names, counts, receipts.
//!
//! Before the object stand 32 hexadecimal digits and a space: an HMAC, under a key of the vault, over the object and the
//! digits of the line before, so that a changed, moved or missing line is found.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use ssbtek_access_log::PurgeRecord;
use ssbtek_domain::EntryId;
use ssbtek_vault::{DoomedKey, Key, KeyId, Vault, VaultError};

use crate::{EraseTarget, PurgeReceipt};

/// Hexadecimal digits before each object.
const DIGITS: usize = 32;

/// Why the ledger cannot be used. Without it nothing is erased and nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// It cannot be read or written.
    #[error("the purge ledger cannot be read or written: {0}")]
    Io(ErrorKind),
    /// The key that its lines are written under cannot be had.
    #[error("the purge ledger cannot be used: the key {0} cannot be had")]
    Key(KeyId),
    /// A line is not what this program writes. Of the first it cannot be told whether it is the line or the key that is not as it was.
    #[error("line {} of the purge ledger is damaged{}", .0, or_its_key(*.0))]
    Damaged(usize),
}

fn or_its_key(line: usize) -> &'static str {
    if line == 1 { ", or the key index.provider is not the one that it was written under" } else { "" }
}

impl From<std::io::Error> for LedgerError {
    fn from(error: std::io::Error) -> Self {
        LedgerError::Io(error.kind())
    }
}

impl From<VaultError> for LedgerError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Io(kind) => LedgerError::Io(kind),
            VaultError::Damaged(id)
            | VaultError::Missing(id)
            | VaultError::Destroyed(id)
            | VaultError::Gone(id)
            | VaultError::Unreadable(id, _) => LedgerError::Key(id),
        }
    }
}

/// A purge that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// What the receipt will say, but for the state of the tree after it.
    pub record: PurgeRecord,
    /// What is erased.
    pub target: EraseTarget,
    /// The keys, with their checks.
    pub keys: Vec<DoomedKey>,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
enum Line {
    Begin { purge: EntryId, begun: Box<Begun> },
    Done { purge: EntryId, receipt: Box<PurgeReceipt> },
}

/// A purge as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its id, which is also its entry's in the log.
    pub purge: EntryId,
    /// What was begun.
    pub begun: Begun,
    /// Its receipt; `None` while it is not complete.
    pub receipt: Option<PurgeReceipt>,
}

/// The ledger.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    key: Arc<Key>,
    lines: Mutex<Lines>,
}

/// What the lines say, and the last one's digits.
#[derive(Debug, Default)]
struct Lines {
    known: Vec<Arc<Known>>,
    /// Where each stands among them.
    places: HashMap<EntryId, usize>,
    last: String,
}

/// A ledger as it lies on disk.
#[derive(Debug)]
pub struct LedgerAudit {
    /// Every purge, oldest first.
    pub known: Vec<Arc<Known>>,
    /// Whether something follows the last whole line, as after a power cut.
    pub cut_off: bool,
}

impl Ledger {
    /// Opens the ledger, making an empty one if there is none. A last line cut off by a power cut is removed: what it was to
    /// say had not begun.
    pub fn open(path: &Path, vault: &dyn Vault) -> Result<Self, LedgerError> {
        let bytes = read(path)?;
        let id = KeyId::new(&["index", "provider"]);
        // Lines that are there were written under a key that is there.
        let key = if bytes.is_empty() { vault.create(&id)? } else { vault.open(&id)? };
        let (lines, whole) = parse(&bytes, &key)?;
        ssbtek_vault::private_file(path)?;
        let file = OpenOptions::new().append(true).open(path)?;
        if whole < bytes.len() {
            file.set_len(whole as u64)?;
        }
        file.sync_all()?;
        sync_directory_of(path)?;
        Ok(Self { path: path.to_owned(), key, lines: Mutex::new(lines) })
    }

    /// Reads the ledger as it lies there, and changes nothing.
    pub fn audit(path: &Path, vault: &dyn Vault) -> Result<LedgerAudit, LedgerError> {
        let bytes = read(path)?;
        if bytes.is_empty() {
            return Ok(LedgerAudit { known: Vec::new(), cut_off: false });
        }
        let (lines, whole) = parse(&bytes, &*vault.open(&KeyId::new(&["index", "provider"]))?)?;
        Ok(LedgerAudit { known: lines.known, cut_off: whole < bytes.len() })
    }

    /// Every purge, oldest first.
    pub fn known(&self) -> Vec<Arc<Known>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).known.clone()
    }

    /// Those that are not complete, oldest first.
    pub fn unfinished(&self) -> Vec<Arc<Known>> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.known.iter().filter(|known| known.receipt.is_none()).cloned().collect()
    }

    /// One purge.
    pub fn find(&self, purge: EntryId) -> Option<Arc<Known>> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.places.get(&purge).and_then(|place| lines.known.get(*place)).cloned()
    }

    /// Records that a purge begins. Durable when it returns.
    pub fn begin(&self, purge: EntryId, begun: &Begun) -> Result<(), LedgerError> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.last = self.append(&lines.last, &Line::Begin { purge, begun: Box::new(begun.clone()) })?;
        lines.add(Known { purge, begun: begun.clone(), receipt: None });
        Ok(())
    }

    /// Records that a purge is complete. Durable when it returns.
    pub fn done(&self, purge: EntryId, receipt: &PurgeReceipt) -> Result<(), LedgerError> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.last = self.append(&lines.last, &Line::Done { purge, receipt: Box::new(receipt.clone()) })?;
        lines.complete(purge, receipt.clone());
        Ok(())
    }

    /// Appends a line after the one with the digits `last`, and returns its own.
    fn append(&self, last: &str, line: &Line) -> Result<String, LedgerError> {
        let object = serde_json::to_string(line).map_err(|_| LedgerError::Io(ErrorKind::InvalidData))?;
        let digits = digits(&self.key, last, object.as_bytes());
        let text = format!("{digits} {object}\n");
        let mut file = OpenOptions::new().append(true).open(&self.path)?;
        let before = file.metadata()?.len();
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        if let Err(error) = written {
            // A disk that filled up in the middle of a line must not leave half of it for the next one to follow.
            let _ = file.set_len(before);
            return Err(error.into());
        }
        Ok(digits)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, LedgerError> {
    match fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// The whole lines, and where they end.
fn parse(bytes: &[u8], key: &Key) -> Result<(Lines, usize), LedgerError> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let mut lines = Lines::default();
    let text = bytes.get(..whole.saturating_sub(1)).filter(|text| !text.is_empty());
    for (index, line) in text.into_iter().flat_map(|text| text.split(|byte| *byte == b'\n')).enumerate() {
        lines.read(line, key).ok_or(LedgerError::Damaged(index + 1))?;
    }
    Ok((lines, whole))
}

impl Lines {
    fn read(&mut self, line: &[u8], key: &Key) -> Option<()> {
        let (stated, object) = line.split_at_checked(DIGITS)?;
        let object = object.strip_prefix(b" ")?;
        let digits = digits(key, &self.last, object);
        if digits.as_bytes() != stated {
            return None;
        }
        match serde_json::from_slice(object).ok()? {
            Line::Begin { purge, begun } => self.add(Known { purge, begun: *begun, receipt: None }),
            Line::Done { purge, receipt } => self.complete(purge, *receipt)?,
        }
        self.last = digits;
        Some(())
    }

    fn add(&mut self, known: Known) {
        self.places.insert(known.purge, self.known.len());
        self.known.push(Arc::new(known));
    }

    fn complete(&mut self, purge: EntryId, receipt: PurgeReceipt) -> Option<()> {
        let known = self.known.get_mut(*self.places.get(&purge)?)?;
        *known = Arc::new(Known { receipt: Some(receipt), ..Known::clone(known) });
        Some(())
    }
}

/// A line's digits.
fn digits(key: &Key, last: &str, object: &[u8]) -> String {
    let mac = key.blind("purge-ledger", &[last.as_bytes(), b" ", object].concat());
    mac.iter().take(DIGITS / 2).map(|byte| format!("{byte:02x}")).collect()
}

fn sync_directory_of(path: &Path) -> Result<(), LedgerError> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => Ok(File::open(parent)?.sync_all()?),
        _ => Ok(File::open(".")?.sync_all()?),
    }
}
