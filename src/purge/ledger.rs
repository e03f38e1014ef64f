//! The purge ledger: what was destroyed and must stay so. One JSON object a line, appended and synced, never rewritten; kept
//! beside the vault and outside the database, so that restoring either cannot undo it. It holds no personal data: key ids,
//! key checks (which open nothing), blind names, counts, receipts.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use ssbtek_access_log::PurgeRecord;
use ssbtek_domain::EntryId;

use crate::{EraseTarget, PurgeReceipt};

/// Why the ledger cannot be used. Without it nothing is erased and nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// It cannot be read or written.
    #[error("the purge ledger cannot be read or written: {0}")]
    Io(ErrorKind),
    /// A line is not what this program writes.
    #[error("line {0} of the purge ledger is damaged")]
    Damaged(usize),
}

impl From<std::io::Error> for LedgerError {
    fn from(error: std::io::Error) -> Self {
        LedgerError::Io(error.kind())
    }
}

/// A key to be destroyed: its name, and a check by which a later key of the same name is told from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoomedKey {
    /// Its name.
    pub id: ssbtek_vault::KeyId,
    /// [`ssbtek_vault::Key::check`]; `None` if it was gone already.
    pub check: Option<String>,
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
    known: Mutex<Vec<Known>>,
}

impl Ledger {
    /// Opens the ledger, making an empty one if there is none. A last line cut off by a power cut is removed: what it was to
    /// say had not begun.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let mut known: Vec<Known> = Vec::new();
        for (index, text) in bytes.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n').enumerate() {
            if text.is_empty() {
                continue;
            }
            let damaged = LedgerError::Damaged(index + 1);
            match serde_json::from_slice(text) {
                Ok(Line::Begin { purge, begun }) => known.push(Known { purge, begun: *begun, receipt: None }),
                Ok(Line::Done { purge, receipt }) => {
                    let found = known.iter_mut().find(|known| known.purge == purge).ok_or(damaged)?;
                    found.receipt = Some(*receipt);
                }
                Err(_) => return Err(damaged),
            }
        }
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        if whole < bytes.len() {
            file.set_len(whole as u64)?;
        }
        file.sync_all()?;
        sync_directory_of(path)?;
        Ok(Self { path: path.to_owned(), known: Mutex::new(known) })
    }

    /// Every purge, oldest first.
    pub fn known(&self) -> Vec<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Records that a purge begins. Durable when it returns.
    pub fn begin(&self, purge: EntryId, begun: &Begun) -> Result<(), LedgerError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        self.append(&Line::Begin { purge, begun: Box::new(begun.clone()) })?;
        known.push(Known { purge, begun: begun.clone(), receipt: None });
        Ok(())
    }

    /// Records that a purge is complete. Durable when it returns.
    pub fn done(&self, purge: EntryId, receipt: &PurgeReceipt) -> Result<(), LedgerError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        self.append(&Line::Done { purge, receipt: Box::new(receipt.clone()) })?;
        if let Some(found) = known.iter_mut().find(|known| known.purge == purge) {
            found.receipt = Some(receipt.clone());
        }
        Ok(())
    }

    fn append(&self, line: &Line) -> Result<(), LedgerError> {
        let mut text = serde_json::to_vec(line).map_err(|_| LedgerError::Io(ErrorKind::InvalidData))?;
        text.push(b'\n');
        let mut file = OpenOptions::new().append(true).open(&self.path)?;
        let before = file.metadata()?.len();
        let written = file.write_all(&text).and_then(|()| file.sync_all());
        if let Err(error) = written {
            // A disk that filled up in the middle of a line must not leave half of it for the next one to follow.
            let _ = file.set_len(before);
            return Err(error.into());
        }
        Ok(())
    }
}

fn sync_directory_of(path: &Path) -> Result<(), LedgerError> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => Ok(File::open(parent)?.sync_all()?),
        _ => Ok(File::open(".")?.sync_all()?),
    }
}
