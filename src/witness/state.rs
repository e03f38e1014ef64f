//! What a witness has cosigned, in one small file: replaced whole, synced before it counts.
//!
//! ```text
//! {"version":1,"checkpoints":["<signed note>", …]}     the last cosigned checkpoint of each log
//! <SHA-256 of the line above with its newline, hex>
//! ```

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use ssbtek_transparency::witness::Seen;
use ssbtek_transparency::{Checkpoint, Hash, SignedNote};

/// Why a state cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Reading, writing or syncing failed.
    #[error("the witness's state file cannot be read or written: {0}")]
    Io(ErrorKind),
    /// There is no state file. A new witness is begun with [`StateFile::create`]; one that had a file and lost it must be retired.
    #[error("the witness's state file does not exist")]
    Missing,
    /// There is one already.
    #[error("the witness's state file exists already")]
    Exists,
    /// The file is not what was written.
    #[error("the witness's state file is damaged")]
    Damaged,
    /// Another process holds it.
    #[error("the witness's state file is in use by another process")]
    InUse,
}

impl From<std::io::Error> for StateError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.kind())
    }
}

/// The last cosigned checkpoint of each log, as the log signed it, by origin.
pub type Notes = BTreeMap<String, SignedNote>;

/// Where a witness keeps its state.
pub trait Storage: Send {
    /// Makes this the state, durably: when it returns `Ok`, the state survives a power cut.
    fn save(&mut self, notes: &Notes) -> Result<(), StateError>;

    /// Keeps a checkpoint that the log signed and that contradicts the one cosigned at the same size: proof that it lied.
    fn keep_fork(&mut self, size: u64, note: &SignedNote) -> Result<(), StateError>;
}

/// The state in a file, beside it a lock for as long as this value lives.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    _lock: File,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    checkpoints: Vec<String>,
}

impl StateFile {
    /// Begins a new witness that has seen nothing. Refuses to replace a state that exists.
    pub fn create(path: &Path) -> Result<(Self, Notes), StateError> {
        let mut state = Self { path: path.to_owned(), _lock: lock(path)? };
        if path.try_exists()? {
            return Err(StateError::Exists);
        }
        state.save(&Notes::new())?;
        Ok((state, Notes::new()))
    }

    /// Opens the state a witness left.
    pub fn open(path: &Path) -> Result<(Self, Notes), StateError> {
        let state = Self { path: path.to_owned(), _lock: lock(path)? };
        let text = std::fs::read(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => StateError::Missing,
            kind => StateError::Io(kind),
        })?;
        let notes = read(&text).ok_or(StateError::Damaged)?;
        Ok((state, notes))
    }
}

impl Storage for StateFile {
    fn save(&mut self, notes: &Notes) -> Result<(), StateError> {
        let stored = Stored { version: 1, checkpoints: notes.values().map(SignedNote::encode).collect() };
        let mut text = serde_json::to_string(&stored).map_err(|_| StateError::Damaged)?;
        text.push('\n');
        let digest = Hash::of(text.as_bytes()).to_hex();
        text.push_str(&digest);
        text.push('\n');
        replace(&self.path, text.as_bytes())
    }

    fn keep_fork(&mut self, size: u64, note: &SignedNote) -> Result<(), StateError> {
        let id = Hash::of(note.text().as_bytes()).to_hex();
        let name = format!("{}.fork-{size}-{}", file_name(&self.path), id.get(..16).unwrap_or_default());
        replace(&self.path.with_file_name(name), note.encode().as_bytes())
    }
}

/// The size and root that a kept note states.
pub(crate) fn seen(note: &SignedNote) -> Option<(String, Seen)> {
    let checkpoint = Checkpoint::parse(note.text()).ok()?;
    Some((checkpoint.origin, Seen { size: checkpoint.size, root: checkpoint.root }))
}

fn read(bytes: &[u8]) -> Option<Notes> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (line, rest) = text.split_at_checked(text.find('\n')? + 1)?;
    if rest.strip_suffix('\n')? != Hash::of(line.as_bytes()).to_hex() {
        return None;
    }
    let stored: Stored = serde_json::from_str(line).ok().filter(|stored: &Stored| stored.version == 1)?;
    let mut notes = Notes::new();
    for text in &stored.checkpoints {
        let note = SignedNote::parse(text).ok()?;
        if notes.insert(seen(&note)?.0, note).is_some() {
            return None;
        }
    }
    Some(notes)
}

/// Writes a new file, syncs it, renames it over the old one, and syncs the directory that holds the name.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), StateError> {
    let new = path.with_file_name(format!("{}.new", file_name(path)));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    File::open(directory(path))?.sync_all()?;
    Ok(())
}

fn lock(path: &Path) -> Result<File, StateError> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path.with_file_name(format!("{}.lock", file_name(path))))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StateError::InUse),
        Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
    }
}

fn file_name(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests;
