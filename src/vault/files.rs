//! Where keys lie: regular files in one directory, each of a secret and a check that binds the secret to its name. What the check says is
//! known to who keeps the keys. A file without one is of before there were checks, or was cut.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    KeyId, VaultError,
    key::{FILE_CHECK_BYTES, FileCheck, SECRET_BYTES, Secret, empty_secret},
    patience::Patience,
    private::{create_private, private_directory},
};

/// What a file's name begins with while it is written.
const UNFINISHED: &str = ".new-";
/// What stands between a key's name and a number where something lies under that name; it is in no key's.
const ANOTHER_WAY: &str = "_";
/// Names that are tried for a file while it is written.
const WAYS: usize = 4;

/// What lies under a key's name.
pub(crate) enum Found {
    /// A secret, and its check, if there is one.
    Secret(Secret, Option<FileCheck>),
    /// A key that was overwritten: its destruction was interrupted.
    Wiped,
    /// A file with nothing in it.
    Empty,
    /// Something that is no key.
    Damaged,
    /// Something that is no regular file.
    NoFile,
    /// Nothing.
    Nothing,
}

/// Names and bytes on a disk. Knows nothing of who may use them when.
pub(crate) trait KeyFiles {
    /// What lies under a name.
    fn read(&self, id: &KeyId) -> io::Result<Found>;

    /// Puts a secret with its check under a name, whole or not at all, durably. `false`: something lies there already.
    fn write(&self, id: &KeyId, secret: &Secret, check: &FileCheck) -> io::Result<bool>;

    /// The same in the place of what lies there.
    fn replace(&self, id: &KeyId, secret: &Secret, check: &FileCheck) -> io::Result<()>;

    /// Overwrites what lies under a name, durably; what lies under other names too only if it is known to be this name's.
    fn wipe(&self, id: &KeyId, is_its: bool) -> io::Result<()>;

    /// Removes names, durably; those that are not there are no error.
    fn remove(&self, ids: &[&KeyId]) -> io::Result<()>;

    /// Every name.
    fn list(&self) -> io::Result<Vec<KeyId>>;

    /// Every name under which a secret lies without a check.
    fn unchecked(&self) -> io::Result<Vec<KeyId>>;
}

/// A directory of the disk, of which nothing is waited for longer than is said.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    patience: Patience,
}

impl Directory {
    /// Makes it if needed (mode 0700).
    pub(crate) fn open(path: &Path, max_wait: Duration) -> io::Result<Self> {
        private_directory(path)?;
        Ok(Self { path: path.to_owned(), patience: Patience::of(max_wait) })
    }

    /// Overwrites and removes what a former process was writing when it ended.
    pub(crate) fn remove_unfinished(&self) -> io::Result<Vec<VaultError>> {
        let mut left = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name();
            if let Some(of) = name.to_str().and_then(|name| name.strip_prefix(UNFINISHED))
                && let Err(error) = discard(&entry.path())
            {
                let of = of.split_once(ANOTHER_WAY).map_or(of, |(of, _)| of);
                let unreadable = |id| VaultError::Unreadable(id, error.kind());
                left.push(KeyId::parse(of).map_or(VaultError::Io(error.kind()), unreadable));
            }
        }
        Ok(left)
    }

    fn path(&self, id: &KeyId) -> PathBuf {
        self.path.join(id.as_str())
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    /// A new file for what is to be written. What lies where it would be is discarded; what cannot be, such as a directory with something
    /// in it, is left where it is.
    fn unfinished(&self, id: &KeyId) -> io::Result<(File, PathBuf)> {
        let mut blocked = ErrorKind::AlreadyExists;
        for nth in 0..WAYS {
            let another = if nth == 0 { String::new() } else { format!("{ANOTHER_WAY}{nth}") };
            let path = self.path.join(format!("{UNFINISHED}{id}{another}"));
            let created = create_private(&path).or_else(|error| match error.kind() {
                ErrorKind::AlreadyExists => discard(&path).and_then(|()| create_private(&path)),
                _ => Err(error),
            });
            match created {
                Ok(file) => return Ok((file, path)),
                Err(error) if path.symlink_metadata().is_ok() => blocked = error.kind(),
                Err(error) => return Err(error),
            }
        }
        Err(blocked.into())
    }

    /// Secret and check in a file of their own, durable but for its name.
    fn written(&self, id: &KeyId, secret: &Secret, check: &FileCheck) -> io::Result<PathBuf> {
        let (mut file, temporary) = self.unfinished(id)?;
        let written = file.write_all(secret).and_then(|()| file.write_all(check));
        if let Err(error) = written.and_then(|()| file.sync_all()) {
            // A full disk must not be left with more and more halves of keys.
            let _ = fs::remove_file(&temporary);
            return Err(error);
        }
        Ok(temporary)
    }
}

impl KeyFiles for Directory {
    fn read(&self, id: &KeyId) -> io::Result<Found> {
        let path = self.path(id);
        self.patience.run(move || read(&path))
    }

    fn write(&self, id: &KeyId, secret: &Secret, check: &FileCheck) -> io::Result<bool> {
        let temporary = self.written(id, secret, check)?;
        let linked = fs::hard_link(&temporary, self.path(id));
        let is_new = match linked {
            Ok(()) => true,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
            Err(error) => {
                let _ = discard(&temporary);
                return Err(error);
            }
        };
        fs::remove_file(&temporary)?;
        self.sync()?;
        Ok(is_new)
    }

    fn replace(&self, id: &KeyId, secret: &Secret, check: &FileCheck) -> io::Result<()> {
        fs::rename(self.written(id, secret, check)?, self.path(id))?;
        self.sync()
    }

    fn wipe(&self, id: &KeyId, is_its: bool) -> io::Result<()> {
        overwrite(&self.path(id), is_its)
    }

    fn remove(&self, ids: &[&KeyId]) -> io::Result<()> {
        let mut failed = None;
        for id in ids {
            let path = self.path(id);
            match fs::remove_file(&path) {
                // No key lies in a directory. One that is not empty stays.
                Err(_) if path.is_dir() => drop(fs::remove_dir(&path)),
                Err(error) if error.kind() != ErrorKind::NotFound => failed = failed.or(Some(error)),
                _ => {}
            }
        }
        self.sync()?;
        failed.map_or(Ok(()), Err)
    }

    fn list(&self) -> io::Result<Vec<KeyId>> {
        let path = self.path.clone();
        self.patience.run(move || list(&path, |_| Ok(true)))
    }

    fn unchecked(&self) -> io::Result<Vec<KeyId>> {
        let path = self.path.clone();
        // Of the entry itself: where a link leads to is no key's place.
        let is_secret_alone = |entry: &fs::DirEntry| match entry.metadata() {
            Ok(file) => Ok(file.is_file() && file.len() == SECRET_BYTES as u64),
            // Whoever reads it says what is wrong with it.
            Err(_) => Ok(false),
        };
        self.patience.run(move || list(&path, is_secret_alone))
    }
}

fn list(path: &Path, takes: impl Fn(&fs::DirEntry) -> io::Result<bool>) -> io::Result<Vec<KeyId>> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if let Some(id) = entry.file_name().to_str().and_then(KeyId::parse)
            && takes(&entry)?
        {
            ids.push(id);
        }
    }
    ids.sort();
    Ok(ids)
}

fn read(path: &Path) -> io::Result<Found> {
    let mut file = match open_at_once(path, OpenOptions::new().read(true)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
        // A link is not followed, and a socket, for one, is not opened.
        Err(_) if path.symlink_metadata().is_ok_and(|about| !about.is_file()) => return Ok(Found::NoFile),
        opened => opened?,
    };
    let about = file.metadata()?;
    if !about.is_file() {
        return Ok(Found::NoFile);
    }
    if about.len() == 0 {
        return Ok(Found::Empty);
    }
    let mut secret = empty_secret();
    match file.read_exact(&mut secret) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(Found::Damaged),
        read => read?,
    }
    let mut check = Vec::with_capacity(FILE_CHECK_BYTES + 1);
    file.take(FILE_CHECK_BYTES as u64 + 1).read_to_end(&mut check)?;
    Ok(if secret.iter().all(|byte| *byte == 0) {
        Found::Wiped
    } else if check.is_empty() {
        Found::Secret(secret, None)
    } else {
        FileCheck::try_from(check).map_or(Found::Damaged, |check| Found::Secret(secret, Some(check)))
    })
}

/// Without waiting for whoever is at the other end of a pipe, and not through a link: it may lead to another key.
#[cfg(unix)]
fn open_at_once(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW;
    options.custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open_at_once(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    options.open(path)
}

fn is_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

/// Whether a file lies under one name only.
fn is_alone(about: &fs::Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::nlink(about) == 1;
    #[cfg(not(unix))]
    return about.is_file();
}

/// Overwritten in place: unlinking alone leaves the bytes in free blocks. What is longer than a key is damaged, and loses
/// what could be one. What is no regular file holds nothing, and what lies under another name too may be another's.
fn overwrite(path: &Path, is_its: bool) -> io::Result<()> {
    let mut file = match open_at_once(path, OpenOptions::new().write(true)) {
        Err(error) if is_link(&error) => return Ok(()),
        opened => opened?,
    };
    let about = file.metadata()?;
    if !about.is_file() || !(is_its || is_alone(&about)) {
        return Ok(());
    }
    file.write_all(&[0u8; SECRET_BYTES + FILE_CHECK_BYTES])?;
    file.sync_all()
}

/// Of something unfinished, whatever it is.
fn discard(path: &Path) -> io::Result<()> {
    let about = fs::symlink_metadata(path)?;
    if about.is_dir() {
        return fs::remove_dir(path);
    }
    if about.is_file() {
        overwrite(path, false)?;
    }
    fs::remove_file(path)
}
