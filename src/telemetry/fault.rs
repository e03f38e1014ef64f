//! Faults of our own: what a caller is told of as "not now". Each leaves one event, that says where, what kind and which board,
//! and never what was read or written; and each is counted.
//!
//! Whoever finds a fault and hands on no more than that there was one tells of it, here; whoever gets that does not tell again.

use std::{
    collections::HashSet,
    fmt::Display,
    panic::Location,
    sync::{
        LazyLock, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// What kind of thing failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The database did not do what it was asked.
    Database,
    /// A key cannot be had.
    Key,
    /// What was stored is not as it was written.
    Damaged,
    /// A newer version of this program wrote it.
    Newer,
    /// The purge ledger cannot be written or read.
    Ledger,
    /// Something is in the way that goes away by itself.
    InTheWay,
    /// A panic.
    Panic,
    /// Anything else that cannot be read or written.
    Unreadable,
}

impl FaultKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Database,
        Self::Key,
        Self::Damaged,
        Self::Newer,
        Self::Ledger,
        Self::InTheWay,
        Self::Panic,
        Self::Unreadable,
    ];

    /// Its name in events and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Key => "key",
            Self::Damaged => "damaged",
            Self::Newer => "newer",
            Self::Ledger => "ledger",
            Self::InTheWay => "in_the_way",
            Self::Panic => "panic",
            Self::Unreadable => "unreadable",
        }
    }
}

static COUNTS: [AtomicU64; FaultKind::ALL.len()] = [const { AtomicU64::new(0) }; FaultKind::ALL.len()];

/// A fault that is to be told of.
#[derive(Debug, Clone, Copy)]
#[must_use = "a fault that nobody tells of is lost"]
pub struct Fault<'a> {
    at: &'a Location<'a>,
    kind: FaultKind,
    board: Option<&'a dyn BoardName>,
    key: Option<KeyFault>,
    alarm: &'static str,
}

/// What is wrong with a key: what it is for (`registry`), and its state (`gone`).
pub type KeyFault = (&'static str, &'static str);

/// What a key is for where it is of none in particular: the vault as a whole cannot be used. That is told each time.
pub const ANY_KEY: &str = "any";

/// What a board is called by: its organisation number.
pub trait BoardName: Display + std::fmt::Debug {}

impl<T: Display + std::fmt::Debug> BoardName for T {}

impl<'a> Fault<'a> {
    /// Found here, or where `at` says.
    pub fn new(at: &'a Location<'a>, kind: FaultKind) -> Self {
        Self { at, kind, board: None, key: None, alarm: "store_fault" }
    }

    /// Of this board.
    pub fn of(self, board: &'a dyn BoardName) -> Self {
        Self { board: Some(board), ..self }
    }

    /// Of this board, if it is of one.
    pub fn of_one<B: BoardName>(self, board: Option<&'a B>) -> Self {
        Self { board: board.map(|board| board as &dyn BoardName), ..self }
    }

    /// Of this key. What is wrong with it lasts until its file is put back, and every caller meets it: one event tells of it, and each
    /// that meets it is counted.
    pub fn of_key(self, key: KeyFault) -> Self {
        Self { key: Some(key), ..self }
    }

    /// Under another word for monitoring.
    pub fn alarm(self, alarm: &'static str) -> Self {
        Self { alarm, ..self }
    }

    /// Leaves the event and counts. `what` is a fixed text, or one of our own errors' whose text is fixed.
    pub fn tell(self, what: &dyn Display) {
        let Self { at, kind, board, key, alarm } = self;
        let count = COUNTS.get(kind as usize).map_or(0, |count| count.fetch_add(1, Ordering::Relaxed) + 1);
        let of_one = key.filter(|(kind, _)| *kind != ANY_KEY);
        if of_one.is_some_and(|key| !is_news(board.map(|board| board.to_string()), key)) {
            return;
        }
        let (key_kind, key_state) = (key.map(|(kind, _)| kind), key.map(|(_, state)| state));
        let (at, kind) = (format!("{}:{}", at.file(), at.line()), kind.as_str());
        match board {
            Some(board) => tracing::error!(at, kind, %board, key_kind, key_state, count, alarm, "{what}"),
            None => tracing::error!(at, kind, key_kind, key_state, count, alarm, "{what}"),
        }
    }
}

/// Keys of which it is remembered that they were told of; what is beyond is told each time.
const MAX_TOLD: usize = 4096;

/// Whose key, and what for.
type ToldKeys = HashSet<(Option<String>, &'static str)>;

static TOLD: LazyLock<Mutex<ToldKeys>> = LazyLock::new(Mutex::default);

fn is_news(board: Option<String>, (key, _): KeyFault) -> bool {
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    if told.len() >= MAX_TOLD { !told.contains(&(board, key)) } else { told.insert((board, key)) }
}

/// Somebody has looked, and found these keys wrong and no others: whose, and what for. What is found wrong of another from here on is
/// told again.
pub fn keys_were_looked_at(wrong: &HashSet<(Option<String>, &'static str)>) {
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    told.retain(|whose| wrong.contains(whose));
}

/// How many faults of each kind there have been since the start.
pub fn fault_counts() -> impl Iterator<Item = (FaultKind, u64)> {
    FaultKind::ALL.into_iter().zip(COUNTS.iter().map(|count| count.load(Ordering::Relaxed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_counted_under_its_own_name() {
        for (place, kind) in FaultKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, place);
            Fault::new(Location::caller(), kind).of(&"162120009994").tell(&"as tried");
        }
        assert!(fault_counts().all(|(_, count)| count == 1));
    }
}
