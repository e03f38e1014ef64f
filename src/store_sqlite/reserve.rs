//! Space kept free beside the database, in a file that is shortened when the disk is full: questions are refused then, but what
//! must still be written (ends of questions under way, refusals, purges) has room. Taken back when space returns.
//!
//! What is given for records goes to the write-ahead log at once, as blocks behind its end: whatever is filling the disk, perhaps
//! at that very moment, would take it otherwise. Only what is lent to a purge, which writes elsewhere too, is free for all.
//!
//! | left of it | what the log still takes |
//! |---|---|
//! | all | everything |
//! | half or more | ends of questions, purges, refusals |
//! | less | ends of questions, purges |

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Written at a time where space cannot be allocated otherwise, and given first of what is given, in bytes.
const BLOCK_BYTES: usize = 64 * 1024;

/// The reserve.
#[derive(Debug)]
pub(crate) struct Reserve {
    path: PathBuf,
    /// The database's write-ahead log.
    wal: PathBuf,
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
        let beside = |suffix| {
            let mut name = database.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        let (path, wal) = (beside(".reserve"), beside("-wal"));
        let held = fs::metadata(&path).map_or(0, |file| file.len());
        let mut reserve = Self { path, wal, bytes, held, full: false, lent: false };
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

    /// The disk was found full by what can wait.
    pub(crate) fn found_full(&mut self) {
        self.full = true;
    }

    /// Takes back what was lent, as far as there is space.
    pub(crate) fn take_back(&mut self) {
        self.lent = false;
        self.full = !self.fill();
    }

    /// Whether at least half of it is there.
    pub(crate) fn has_half(&self) -> bool {
        self.held >= self.bytes / 2
    }

    /// Takes all of it, or if there is no room for that, half. Whether it is whole.
    fn fill(&mut self) -> bool {
        // Half of it is kept back from refusals only if there is something for them beside it.
        for (to, beside) in [(self.bytes, 0), (self.bytes / 2, self.bytes / 8)] {
            if self.held < to && self.may_take(to - self.held + beside) {
                match allocate(&self.path, to) {
                    Ok(()) => self.held = to,
                    // What was taken before it failed is given back.
                    Err(_) => {
                        self.shorten(self.held);
                    }
                }
            }
        }
        self.is_whole()
    }

    /// Whether so much is free. Trying to take what is not would leave nothing for whoever writes at that moment, and on a
    /// journalling file system for a while after.
    fn may_take(&self, bytes: u64) -> bool {
        // Where it cannot be told, as before the file is there, it is tried.
        rustix::fs::statvfs(&self.path)
            .map_or(true, |free| free.f_bavail.saturating_mul(free.f_frsize) > bytes)
    }

    /// Gives way to refusals: half of it goes. Whether that made room.
    pub(crate) fn give_half(&mut self) -> bool {
        self.give((self.bytes / 2).min(self.held))
    }

    /// Gives way to what must be written: all of it goes. Whether that made room.
    pub(crate) fn give_all(&mut self) -> bool {
        self.give(0)
    }

    /// Keeps only so much; the rest is the write-ahead log's.
    fn give(&mut self, keeps: u64) -> bool {
        self.full = true;
        let gives = self.held.saturating_sub(keeps);
        let gave = self.shorten(keeps);
        if gave {
            // Where that cannot be done it is there for everybody, the log among them.
            let _ = lengthen(&self.wal, gives);
        }
        gave
    }

    fn shorten(&mut self, to: u64) -> bool {
        let gives = self.held > to;
        let shortened = OpenOptions::new().write(true).open(&self.path).and_then(|file| {
            // On a journalling file system what was freed can be had only once that is in the journal, and a sync may return
            // a moment before. The next one that has something to write waits for the end of the one before it.
            for len in [to + BLOCK_BYTES as u64, to] {
                if file.metadata()?.len() > len {
                    file.set_len(len)?;
                    file.sync_all()?;
                }
            }
            Ok(())
        });
        if shortened.is_ok() {
            self.held = to;
        }
        gives && shortened.is_ok()
    }
}

/// Puts so many bytes of blocks behind a file's end, or as many as there are.
#[cfg(target_os = "linux")]
fn lengthen(path: &Path, bytes: u64) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;

    let file = OpenOptions::new().write(true).open(path)?;
    let found = file.metadata()?;
    let behind = (found.blocks() * 512).saturating_sub(found.len());
    let mut done = Ok(());
    for eighths in (1..=8).rev() {
        let (from, to) = (found.len(), behind + bytes / 8 * eighths);
        done = rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::KEEP_SIZE, from, to);
        if done != Err(rustix::io::Errno::NOSPC) {
            break;
        }
    }
    Ok(done?)
}

#[cfg(not(target_os = "linux"))]
fn lengthen(_path: &Path, _bytes: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
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
    #[cfg(target_os = "linux")]
    fn what_it_gives_is_the_logs_and_not_there_for_everybody() {
        use std::os::unix::fs::MetadataExt;

        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("broker.db");
        let wal = directory.path().join("broker.db-wal");
        fs::write(&wal, [1; 5_000]).unwrap();
        let allocated = || fs::metadata(&wal).unwrap().blocks() * 512;
        let before = allocated();
        let mut reserve = Reserve::beside(&database, 1 << 20);
        assert!(reserve.give_half());
        assert!(allocated() >= before + (1 << 19), "{} after {before}", allocated());
        assert!(reserve.give_all());
        assert!(allocated() >= before + (1 << 20) - 8_192, "{} after {before}", allocated());
        assert_eq!(fs::metadata(&wal).unwrap().len(), 5_000, "what stands in it is as it was");
        assert_eq!(fs::read(&wal).unwrap(), [1; 5_000]);
    }

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
