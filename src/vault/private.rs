//! Files and directories that only the broker's own account can read, whatever the umask says.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
};

/// Mode of a private directory.
const DIRECTORY_MODE: u32 = 0o700;
/// Mode of a private file.
const FILE_MODE: u32 = 0o600;

/// Makes the directory if it is not there, and closes it to everybody but its owner (0700).
pub fn private_directory(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    restrict(path, DIRECTORY_MODE)
}

/// Makes the file if it is not there, and closes it to everybody but its owner (0600). What it holds stays.
pub fn private_file(path: &Path) -> io::Result<()> {
    match create_private(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => restrict(path, FILE_MODE),
        created => created.map(drop),
    }
}

/// Makes a new file that was never open to others (0600), for writing.
pub fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, FILE_MODE);
    options.open(path)
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let now = fs::metadata(path)?.permissions().mode() & 0o7777;
    if now == mode { Ok(()) } else { fs::set_permissions(path, fs::Permissions::from_mode(mode)) }
}

#[cfg(not(unix))]
fn restrict(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}
