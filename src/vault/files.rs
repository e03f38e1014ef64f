//! Where keys lie: files in one directory, each of a secret and a check that binds the secret to its name. The check tells a file that
//! was changed, cut short, or put in another's place from a key; and tells nothing of the key. A file without one is of before there
//! were checks, and is taken as it is.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use crate::{
    Key, KeyId,
    key::{FILE_CHECK_BYTES, SECRET_BYTES, Secret, empty_secret},
    private::{create_private, private_directory},
};

/// What a file's name begins with while it is written.
const UNFINISHED: &str = ".new-";

/// What lies under a key's name.
pub(crate) enum Found {
    /// A key.
    Whole(Secret),
    /// A key that was overwritten: its destruction was interrupted.
    Wiped,
    /// Something that is none.
    Damaged,
    /// Nothing.
    Nothing,
}

/// Names and bytes on a disk. Knows nothing of who may use them when.
pub(crate) trait KeyFiles {
    /// What lies under a name.
    fn read(&self, id: &KeyId) -> io::Result<Found>;

    /// Puts a secret under a name, whole or not at all, durably. `false`: something lies there already.
    fn write(&self, id: &KeyId, secret: &Secret) -> io::Result<bool>;

    /// Overwrites what lies under a name, durably.
    fn wipe(&self, id: &KeyId) -> io::Result<()>;

    /// Removes names, durably; those that are not there are no error.
    fn remove(&self, ids: &[&KeyId]) -> io::Result<()>;

    /// Every name.
    fn list(&self) -> io::Result<Vec<KeyId>>;
}

/// A directory of the disk.
#[derive(Debug)]
pub(crate) struct Directory(PathBuf);

impl Directory {
    /// Makes it if needed (mode 0700).
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        private_directory(path)?;
        Ok(Self(path.to_owned()))
    }

    /// Overwrites and removes what a former process was writing when it ended.
    pub(crate) fn remove_unfinished(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(|name| name.starts_with(UNFINISHED)) {
                discard(&entry.path())?;
            }
        }
        Ok(())
    }

    fn path(&self, id: &KeyId) -> PathBuf {
        self.0.join(id.as_str())
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.0)?.sync_all()
    }
}

impl KeyFiles for Directory {
    fn read(&self, id: &KeyId) -> io::Result<Found> {
        let mut file = match File::open(self.path(id)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
            opened => opened?,
        };
        let mut secret = empty_secret();
        match file.read_exact(&mut secret) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(Found::Damaged),
            read => read?,
        }
        let mut check = Vec::with_capacity(FILE_CHECK_BYTES + 1);
        file.take(FILE_CHECK_BYTES as u64 + 1).read_to_end(&mut check)?;
        Ok(if secret.iter().all(|byte| *byte == 0) {
            Found::Wiped
        } else if check.is_empty() || check == Key::new(secret.clone()).file_check(id) {
            Found::Whole(secret)
        } else {
            Found::Damaged
        })
    }

    fn write(&self, id: &KeyId, secret: &Secret) -> io::Result<bool> {
        let temporary = self.0.join(format!("{UNFINISHED}{id}"));
        let mut file = match create_private(&temporary) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                discard(&temporary)?;
                create_private(&temporary)?
            }
            created => created?,
        };
        let check = Key::new(secret.clone()).file_check(id);
        let written = file.write_all(secret).and_then(|()| file.write_all(&check));
        if let Err(error) = written.and_then(|()| file.sync_all()) {
            // A full disk must not be left with more and more halves of keys.
            let _ = fs::remove_file(&temporary);
            return Err(error);
        }
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

    fn wipe(&self, id: &KeyId) -> io::Result<()> {
        overwrite(&self.path(id))
    }

    fn remove(&self, ids: &[&KeyId]) -> io::Result<()> {
        for id in ids {
            match fs::remove_file(self.path(id)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        self.sync()
    }

    fn list(&self) -> io::Result<Vec<KeyId>> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            ids.extend(entry?.file_name().to_str().and_then(KeyId::parse));
        }
        ids.sort();
        Ok(ids)
    }
}

/// Overwritten in place: unlinking alone leaves the bytes in free blocks. What is longer than a key is damaged, and loses
/// what could be one.
fn overwrite(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.write_all(&[0u8; SECRET_BYTES + FILE_CHECK_BYTES])?;
    file.sync_all()
}

fn discard(path: &Path) -> io::Result<()> {
    overwrite(path)?;
    fs::remove_file(path)
}
