//! One-time tokens that were spent: all in memory, and on disk one row for all that a group of questions spent, in the order
//! in which they came, so that a random token costs neither a page nor a row of its own.

use std::{
    collections::{HashSet, VecDeque},
    panic::Location,
};

use ssbtek_telemetry::FaultKind;
use ssbtek_vault::Vault;

use crate::{
    authentic::mac_of,
    engine::{Changes, Done, Rows},
    hashed::Hashed,
    rows::SpentRow,
    trouble,
};

/// Groups forgotten at a time: so many that it is seldom done, so few that no question waits for a sweep.
const FORGET_AT_ONCE: usize = 16;
/// Bytes of a token.
const TOKEN_BYTES: usize = 32;

/// A one-time token: a digest.
type Token = [u8; TOKEN_BYTES];

/// What one group of questions spent; a row of the table `spent`.
struct Spent {
    id: i64,
    tokens: Vec<Token>,
    /// When the last of them would be refused anyway, in seconds since 1970.
    expires_at: i64,
}

/// The row that says up to when what was spent has been forgotten, and up to which group.
const FORGOTTEN: i64 = 0;

/// What stands in the table.
pub(crate) struct Stored {
    groups: VecDeque<Spent>,
    /// The latest expiry of what was forgotten.
    forgotten_until: i64,
    /// The newest group that was ever written.
    newest: i64,
    /// Rows that are not as they were written, or do not follow on each other.
    pub(crate) wrong: u64,
}

impl Stored {
    /// Reads all of it.
    pub(crate) fn read(rows: &dyn Rows, vault: &dyn Vault) -> Done<Self> {
        let mut found = Self { groups: VecDeque::new(), forgotten_until: i64::MIN, newest: 0, wrong: 0 };
        for SpentRow { id, expires_at, tokens, mac: stated } in rows.spent()? {
            found.wrong += u64::from(mac(vault, id, expires_at, &tokens)? != *stated);
            if id == FORGOTTEN {
                found.forgotten_until = expires_at;
                let up_to = <[u8; 8]>::try_from(&tokens[..]).map(i64::from_be_bytes);
                found.wrong += u64::from(up_to.is_err());
                found.newest = up_to.unwrap_or(0);
                continue;
            }
            found.wrong += u64::from(id != found.newest + 1);
            found.newest = id;
            let (tokens, rest) = tokens.as_chunks();
            found.wrong += u64::from(!rest.is_empty());
            found.groups.push_back(Spent { id, tokens: tokens.to_vec(), expires_at });
        }
        Ok(found)
    }

    /// Whether everything is there, and the trees tell of nothing newer.
    pub(crate) fn is_whole(&self, newest: i64) -> bool {
        self.wrong == 0 && self.newest >= newest
    }

    /// In its place: everything that expires until `latest` is spent.
    fn begin_anew(
        self,
        changes: &dyn Changes,
        vault: &dyn Vault,
        (newest, latest): (i64, i64),
    ) -> Done<Self> {
        let what = "spent assertions were removed or changed: those that may have been issued before this start are refused";
        trouble::tell_kind(Location::caller(), None, FaultKind::Damaged, what);
        let latest = self.groups.iter().map(|group| group.expires_at).fold(latest, i64::max);
        let (forgotten_until, newest) = (latest.max(self.forgotten_until), newest.max(self.newest));
        changes.forget_spent(i64::MAX)?;
        insert_forgotten(changes, vault, forgotten_until, newest)?;
        Ok(Self { groups: VecDeque::new(), forgotten_until, newest, wrong: 0 })
    }
}

/// The tokens that may not be used again, whatever the clock does: one that expires no later than what was forgotten may be
/// one of these, and counts as spent.
pub(crate) struct SpentTokens {
    known: HashSet<Token, Hashed>,
    /// What is durable, oldest first.
    groups: VecDeque<Spent>,
    /// What the open transaction spends.
    pending: Option<Spent>,
    /// How many of the oldest groups the open transaction deletes.
    forgotten: usize,
    /// The latest expiry of what was forgotten, in seconds since 1970.
    forgotten_until: i64,
    /// The newest group that is durable.
    newest: i64,
    max: usize,
}

impl SpentTokens {
    /// Reads what was spent before. At most `max` are remembered: beyond it nothing can be spent until some expire. Where rows are
    /// missing of those up to `newest`, or are not as they were written, every token that expires until `latest` (seconds since
    /// 1970) counts as spent.
    pub(crate) fn open(
        changes: &dyn Changes,
        vault: &dyn Vault,
        max: usize,
        (newest, latest): (i64, i64),
    ) -> Done<Self> {
        let mut stored = Stored::read(changes, vault)?;
        if !stored.is_whole(newest) {
            stored = stored.begin_anew(changes, vault, (newest, latest))?;
        }
        let Stored { groups, forgotten_until, newest, .. } = stored;
        let known = groups.iter().flat_map(|group| &group.tokens).copied().collect();
        Ok(Self { known, groups, pending: None, forgotten: 0, forgotten_until, newest, max })
    }

    /// The newest group, also of the open transaction.
    pub(crate) fn newest(&self) -> i64 {
        self.pending.as_ref().map_or(self.newest, |pending| pending.id)
    }

    /// Whether a token was spent, also by the open transaction, or may have been. `expires_at`: seconds since 1970.
    pub(crate) fn is_spent(&self, token: &Token, expires_at: i64) -> bool {
        expires_at <= self.forgotten_until || self.known.contains(token)
    }

    /// Whether no more can be remembered now.
    pub(crate) fn is_full(&self) -> bool {
        self.known.len() >= self.max
    }

    /// Spends a token in the open transaction, which [`SpentTokens::write`] ends. `expires_at`: seconds since 1970.
    pub(crate) fn spend(&mut self, token: Token, expires_at: i64) {
        let id = self.newest + 1;
        let group = self.pending.get_or_insert_with(|| Spent { id, tokens: Vec::new(), expires_at });
        group.tokens.push(token);
        group.expires_at = group.expires_at.max(expires_at);
        self.known.insert(token);
    }

    /// Writes what the open transaction spends, and once some of the oldest groups expired before `now` (seconds since 1970),
    /// deletes those. One that lives longer holds up those behind it, for as long as an assertion may live at most.
    pub(crate) fn write(&mut self, changes: &dyn Changes, vault: &dyn Vault, now: i64) -> Done<()> {
        if let Some(group) = &self.pending {
            insert(changes, vault, group)?;
        }
        let oldest = self.groups.iter().take(FORGET_AT_ONCE);
        let expired = oldest.take_while(|group| group.expires_at < now).count();
        self.forgotten = if expired == FORGET_AT_ONCE || self.is_full() { expired } else { 0 };
        if let Some(last) = self.forgotten.checked_sub(1).and_then(|at| self.groups.get(at)) {
            changes.forget_spent(last.id)?;
            insert_forgotten(changes, vault, self.forgotten_until(), last.id)?;
        }
        Ok(())
    }

    /// The latest expiry of what is forgotten once the open transaction is durable.
    fn forgotten_until(&self) -> i64 {
        let forgotten = self.groups.iter().take(self.forgotten).map(|group| group.expires_at);
        forgotten.fold(self.forgotten_until, i64::max)
    }

    /// The open transaction is durable.
    pub(crate) fn committed(&mut self) {
        (self.forgotten_until, self.newest) = (self.forgotten_until(), self.newest());
        self.groups.extend(self.pending.take());
        for group in self.groups.drain(..std::mem::take(&mut self.forgotten)) {
            for token in &group.tokens {
                self.known.remove(token);
            }
        }
    }

    /// The open transaction was rolled back.
    pub(crate) fn rolled_back(&mut self) {
        for token in self.pending.take().into_iter().flat_map(|group| group.tokens) {
            self.known.remove(&token);
        }
        self.forgotten = 0;
    }
}

fn insert(changes: &dyn Changes, vault: &dyn Vault, group: &Spent) -> Done<()> {
    insert_row(changes, vault, (group.id, group.expires_at), group.tokens.as_flattened())
}

fn insert_forgotten(changes: &dyn Changes, vault: &dyn Vault, until: i64, up_to: i64) -> Done<()> {
    insert_row(changes, vault, (FORGOTTEN, until), &up_to.to_be_bytes())
}

fn insert_row(
    changes: &dyn Changes,
    vault: &dyn Vault,
    (id, expires_at): (i64, i64),
    bytes: &[u8],
) -> Done<()> {
    let mac = mac(vault, id, expires_at, bytes)?.to_vec();
    changes.spend(&SpentRow { id, expires_at, tokens: bytes.to_vec(), mac })
}

/// What was forgotten says up to which group that was, in data from before it did. Returns the newest group.
pub(crate) fn begin_numbering(changes: &dyn Changes, vault: &dyn Vault) -> Done<i64> {
    let rows = changes.spent()?;
    let until = rows.iter().find(|row| row.id == FORGOTTEN).map(|row| row.expires_at);
    let mut groups = rows.iter().map(|row| row.id).filter(|id| *id != FORGOTTEN);
    let first = groups.next();
    let up_to = first.map_or(0, |first| first - 1);
    if until.is_some() || up_to > 0 {
        changes.forget_spent(FORGOTTEN)?;
        insert_forgotten(changes, vault, until.unwrap_or(0), up_to)?;
    }
    Ok(groups.next_back().or(first).unwrap_or(up_to))
}

/// Binds a row to what was written.
pub fn mac(vault: &dyn Vault, id: i64, expires_at: i64, tokens: &[u8]) -> Done<[u8; 16]> {
    mac_of(vault, "spent", &[&id.to_be_bytes(), expires_at.to_be_bytes().as_slice(), tokens].concat())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ssbtek_domain::SystemEntropy;
    use ssbtek_vault::DirectoryVault;

    use super::*;
    use crate::memory::{Memory, MemoryRows};

    /// An expiry later than any that is forgotten.
    const LATE: i64 = 1000;

    struct Table {
        rows: MemoryRows,
        vault: DirectoryVault,
        _keys: tempfile::TempDir,
    }

    impl Table {
        fn new() -> Self {
            let keys = tempfile::tempdir().unwrap();
            let vault = DirectoryVault::open(keys.path(), Arc::new(SystemEntropy)).unwrap();
            vault.create(&crate::authentic::provider_index()).unwrap();
            Self { rows: Memory::default().rows(), vault, _keys: keys }
        }

        fn tokens(&self, max: usize) -> SpentTokens {
            SpentTokens::open(&self.rows, &self.vault, max, (0, 0)).unwrap()
        }

        fn write(&self, tokens: &mut SpentTokens, now: i64) {
            tokens.write(&self.rows, &self.vault, now).unwrap();
        }
    }

    #[test]
    fn a_token_is_remembered_until_its_group_expired_and_after_a_restart() {
        let table = Table::new();
        let mut tokens = table.tokens(1000);
        let soon = (3..2 + FORGET_AT_ONCE as u8).map(|n| vec![(n, 100)]);
        for group in [vec![(1, 100), (2, 300)]].into_iter().chain(soon).chain([vec![(200, 400)]]) {
            group.iter().for_each(|(n, expires_at)| tokens.spend([*n; 32], *expires_at));
            table.write(&mut tokens, 200);
            tokens.committed();
        }
        let mut again = table.tokens(1000);
        let held = |tokens: &SpentTokens| (1..=255).filter(|n| tokens.is_spent(&[*n; 32], LATE)).count();
        for known in [&tokens, &again] {
            assert_eq!(held(known), 2 + FORGET_AT_ONCE, "the rest waits behind the second");
        }
        table.write(&mut again, 301);
        again.committed();
        for known in [again, table.tokens(1000)] {
            assert!(held(&known) == 1 && known.is_spent(&[200; 32], LATE));
        }
    }

    #[test]
    fn what_was_forgotten_while_the_clock_was_ahead_stays_spent_when_it_is_back_and_after_a_restart() {
        let table = Table::new();
        let mut tokens = table.tokens(1000);
        for n in 1..=FORGET_AT_ONCE as u8 {
            tokens.spend([n; 32], 300 + i64::from(n));
            table.write(&mut tokens, 0);
            tokens.committed();
        }
        // The clock jumps a day ahead: all of them are past, and forgotten.
        table.write(&mut tokens, 86_400);
        assert!(!tokens.is_spent(&[99; 32], 301), "nothing is forgotten before that is durable");
        tokens.committed();
        assert!(tokens.known.is_empty());
        // And back, to when they would be good.
        for known in [&tokens, &table.tokens(1000)] {
            for n in 1..=FORGET_AT_ONCE as u8 {
                assert!(known.is_spent(&[n; 32], 300 + i64::from(n)), "{n} is spent");
            }
            assert!(
                !known.is_spent(&[99; 32], 301 + FORGET_AT_ONCE as i64),
                "later ones are as good as ever"
            );
        }
        // Forgetting less far later does not move the mark back.
        for n in 100..100 + FORGET_AT_ONCE as u8 {
            tokens.spend([n; 32], 10);
            table.write(&mut tokens, 0);
            tokens.committed();
        }
        table.write(&mut tokens, 20);
        tokens.committed();
        assert!(tokens.is_spent(&[1; 32], 301) && table.tokens(1000).is_spent(&[1; 32], 301));
    }

    #[test]
    fn what_is_rolled_back_was_not_spent_and_what_it_forgot_still_is() {
        let mut table = Table::new();
        let mut tokens = table.tokens(2);
        tokens.spend([1; 32], 100);
        table.write(&mut tokens, 0);
        tokens.committed();
        tokens.spend([2; 32], 100);
        assert!(tokens.is_full() && tokens.is_spent(&[2; 32], LATE));
        let before = table.rows.clone();
        table.write(&mut tokens, 200);
        table.rows = before;
        tokens.rolled_back();
        for known in [tokens, table.tokens(2)] {
            let spent = |n| known.is_spent(&[n; 32], LATE);
            assert!(spent(1) && !spent(2) && !known.is_full());
        }
    }
}
