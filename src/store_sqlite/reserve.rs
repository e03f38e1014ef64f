//! Space kept free beside the database, in a file that is shortened when the disk is full: questions are refused then, but what
//! must still be written (ends of questions under way, refusals, purges) has room. Taken back when space returns.
//!
//! | left of it | what the log still takes |
//! |---|---|
//! | all | everything |
//! | half | ends of questions, purges, refusals |
//! | nothing | ends of questions, purges |

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Written at a time where space cannot be allocated otherwise, in bytes.
const BLOCK_BYTES: usize = 64 * 1024;

/// The reserve.
#[derive(Debug)]
pub(crate) struct Reserve {
    path: PathBuf,
    /// How much is kept while there is space; 0: nothing is.
    bytes: u64,
    held: u64,
    /// The disk was found full, and has not been found otherwise since.
    full: bool,
    /// A purge has it.
    lent: bool,
}

impl Reserve {
    /// The reserve beside a database, filled as far as there is space.
    pub(crate) fn beside(database: &Path, bytes: u64) -> Self {
        let mut name = database.as_os_str().to_owned();
        name.push(".reserve");
        let path = PathBuf::from(name);
        let held = fs::metadata(&path).map_or(0, |file| file.len());
        let mut reserve = Self { path, bytes, held, full: false, lent: false };
        reserve.full = !reserve.fill();
        reserve
    }

    fn is_whole(&self) -> bool {
        self.held >= self.bytes
    }

    /// Whether the disk is full: it was, and what was given cannot be taken back yet.
    pub(crate) fn is_full(&mut self) -> bool {
        if !self.lent && self.fill() {
            self.full = false;
        }
        self.full
    }

    /// Gives all of it to a purge, until that returns it.
    pub(crate) fn lend(&mut self) {
        self.lent = true;
        self.shorten(0);
    }

    /// Takes back what was lent, if there is space.
    pub(crate) fn take_back(&mut self) {
        self.lent = false;
        self.full = !self.fill();
    }

    /// Whether at least half of it is there.
    pub(crate) fn has_half(&self) -> bool {
        self.held >= self.bytes / 2
    }

    /// All of it or nothing. Whether it is whole.
    fn fill(&mut self) -> bool {
        if !self.is_whole() {
            match allocate(&self.path, self.bytes) {
                Ok(()) => self.held = self.bytes,
                // What was taken before it failed is given back: a half is no reserve.
                Err(_) => drop(self.shorten(self.held)),
            }
        }
        self.is_whole()
    }

    /// Gives way to refusals: half of it goes. Whether that made room.
    pub(crate) fn give_half(&mut self) -> bool {
        self.full = true;
        self.shorten((self.bytes / 2).min(self.held))
    }

    /// Gives way to what must be written: all of it goes. Whether that made room.
    pub(crate) fn give_all(&mut self) -> bool {
        self.full = true;
        self.shorten(0)
    }

    fn shorten(&mut self, to: u64) -> bool {
        let gives = self.held > to;
        let shortened = OpenOptions::new().write(true).open(&self.path).and_then(|file| file.set_len(to));
        if shortened.is_ok() {
            self.held = to;
        }
        gives && shortened.is_ok()
    }
}

/// Makes the file so long, with blocks behind every byte of it.
fn allocate(path: &Path, bytes: u64) -> io::Result<()> {
    ssbtek_vault::private_file(path)?;
    let mut file = OpenOptions::new().append(true).open(path)?;
    #[cfg(target_os = "linux")]
    match rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, bytes) {
        Err(rustix::io::Errno::OPNOTSUPP) => {}
        allocated => return Ok(allocated?),
    }
    let mut left = bytes.saturating_sub(file.metadata()?.len());
    while left > 0 {
        let block = [0xa5; BLOCK_BYTES];
        let some = block.get(..left.min(BLOCK_BYTES as u64) as usize).unwrap_or_default();
        file.write_all(some)?;
        left -= some.len() as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gives_way_in_two_steps_and_takes_back_all_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("broker.db");
        let file = directory.path().join("broker.db.reserve");
        let mut reserve = Reserve::beside(&database, 200_000);
        assert!(reserve.is_whole() && !reserve.is_full());
        assert!(reserve.give_half() && reserve.full && !reserve.is_whole());
        assert_eq!(fs::metadata(&file).unwrap().len(), 100_000);
        assert!(!reserve.give_half(), "it has given that already");
        assert!(reserve.give_all() && !reserve.give_all());
        assert!(!reserve.is_whole());
        assert!(!reserve.is_full(), "there is space, so it is taken back");
        assert!(reserve.is_whole());
        reserve.lend();
        assert!(!reserve.is_full() && !reserve.is_whole(), "what is lent is not taken back yet");
        reserve.take_back();
        assert_eq!(fs::metadata(&file).unwrap().len(), 200_000);
    }
}
