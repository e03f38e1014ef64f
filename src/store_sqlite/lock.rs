//! One process per database: two would sign two histories.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

use crate::OpenError;

/// Holds the database for as long as it lives; the operating system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct DatabaseLock {
    _file: File,
}

impl DatabaseLock {
    /// Takes the lock beside the database, or says that another process has it.
    pub(crate) fn take(database: &Path) -> Result<Self, OpenError> {
        let mut name = database.as_os_str().to_owned();
        name.push(".lock");
        ssbtek_vault::private_file(Path::new(&name)).map_err(|error| OpenError::Lock(error.kind()))?;
        let file = OpenOptions::new().write(true).open(Path::new(&name));
        let file = file.map_err(|error| OpenError::Lock(error.kind()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse),
            Err(TryLockError::Error(error)) => Err(OpenError::Lock(error.kind())),
        }
    }
}
