//! When each account asked within the last hour: in memory, and after a start told anew from the records. A bound on questions
//! is judged on it in a few steps, however much else the account's log holds.

use std::{
    collections::{HashMap, VecDeque},
    panic::Location,
};

use ssbtek_access_log::{Header, OpenFault, Part, Question, Term, question_term, read_leaf};
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};
use ssbtek_vault::{Vault, VaultError};

use crate::{
    Fault,
    engine::{Done, Rows},
    rows::TreeRow,
    steps::SLACK_MS,
    trouble,
};

/// How far back a bound looks, in milliseconds.
const WINDOW_MS: i64 = 3_600_000;
/// Accounts looked at with every group, to forget what is too old.
const LOOKED_AT_PER_GROUP: usize = 8;
/// Records read in one go.
const READ_AT_ONCE: u32 = 256;
/// Moments forgotten of one account in one go.
const FORGOTTEN_AT_ONCE: usize = 1024;

/// A tree and the blind term of an account.
type Account = (i64, Term);

/// Eight bytes for each question of the last hour.
#[derive(Default)]
pub(crate) struct Asked {
    /// Moments in milliseconds, in order.
    accounts: HashMap<Account, VecDeque<i64>>,
    /// Every account once, that looked at longest ago first.
    turns: VecDeque<Account>,
    /// Of the open transaction.
    pending: Vec<(Account, i64)>,
}

impl Asked {
    /// Reads the questions of the last hour: one pass back from each tree's end, and no further than one may stand; where the clock
    /// was set back, what is older may stand behind it.
    pub(crate) fn open(rows: &dyn Rows, vault: &dyn Vault, now: DateTime<Utc>) -> Done<Self> {
        let mut asked = Self::default();
        for tree in rows.trees()? {
            if let Ok(board) = OrganisationNumber::parse(&tree.board) {
                match asked.read(rows, vault, (&tree, board), now.timestamp_millis() - WINDOW_MS) {
                    // What keeps one board's questions from being counted keeps nobody else from starting.
                    Err(fault @ (Fault::Vault(_) | Fault::Damaged(_))) => {
                        trouble::tell(Location::caller(), Some(board), fault);
                    }
                    read => read?,
                }
            }
        }
        Ok(asked)
    }

    fn read(
        &mut self,
        rows: &dyn Rows,
        vault: &dyn Vault,
        (tree, board): (&TreeRow, OrganisationNumber),
        since: i64,
    ) -> Done<()> {
        let steps = rows.steps_back(Some(tree.id))?;
        let mut end = tree.size;
        while let Some(older) = self.read_back(rows, vault, (tree, board), end, since)? {
            match steps.iter().rev().find(|step| step.leaf <= older && step.latest > since) {
                Some(step) => end = step.leaf,
                None => break,
            }
        }
        Ok(())
    }

    /// Reads back from a place until the first record that is too old; which that is.
    fn read_back(
        &mut self,
        rows: &dyn Rows,
        vault: &dyn Vault,
        (tree, board): (&TreeRow, OrganisationNumber),
        mut end: u64,
        since: i64,
    ) -> Done<Option<u64>> {
        while end > 0 {
            let begin = end.saturating_sub(READ_AT_ONCE.into());
            for leaf in rows.leaves(tree.id, begin..end, READ_AT_ONCE)?.into_iter().rev() {
                // A header that has not its form is the check's to tell.
                let Some(header) = Header::from_bytes(&leaf.header) else { continue };
                let Ok(at) = header.at.parse::<DateTime<Utc>>().map(|at| at.timestamp_millis()) else {
                    continue;
                };
                if at + SLACK_MS < since {
                    return Ok(Some(leaf.index));
                }
                if header.kind.part() != Part::Opens || at <= since {
                    continue;
                }
                let payload = match read_leaf(vault, board, &leaf.stored()?) {
                    Ok((_, payload)) => payload,
                    Err(OpenFault::Tampered | OpenFault::Newer) => None,
                    Err(OpenFault::Vault(state)) => return Err(Fault::Vault(("log", state))),
                };
                let Some(payload) = payload else { continue };
                match question_term(vault, board, &payload) {
                    Ok(Some(term)) => self.remember((tree.id, term), at),
                    Ok(None) | Err(VaultError::Missing(_) | VaultError::Destroyed(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            end = begin;
        }
        Ok(None)
    }

    /// How many questions within the hour before this one; a binary search.
    pub(crate) fn before(&self, tree: i64, question: &Question) -> usize {
        let since = question.at.timestamp_millis() - WINDOW_MS;
        let Some(moments) = self.accounts.get(&(tree, question.account)) else { return 0 };
        moments.len() - moments.partition_point(|at| *at <= since)
    }

    /// Takes a question of the open transaction.
    pub(crate) fn note(&mut self, tree: i64, question: &Question) {
        let (account, at) = ((tree, question.account), question.at.timestamp_millis());
        self.pending.push((account, at));
        self.remember(account, at);
    }

    fn remember(&mut self, account: Account, at: i64) {
        let moments = self.accounts.entry(account).or_insert_with(|| {
            self.turns.push_back(account);
            VecDeque::new()
        });
        // Nearly always at the end: questions are stored about as they are decided.
        moments.insert(moments.partition_point(|earlier| *earlier <= at), at);
    }

    /// The open transaction is durable. Forgets a little of what is too old.
    pub(crate) fn committed(&mut self, now: DateTime<Utc>) {
        self.pending.clear();
        let since = now.timestamp_millis() - WINDOW_MS - SLACK_MS;
        for _ in 0..LOOKED_AT_PER_GROUP.min(self.turns.len()) {
            let Some(account) = self.turns.pop_front() else { return };
            let Some(moments) = self.accounts.get_mut(&account) else { continue };
            let old = moments.partition_point(|at| *at < since).min(FORGOTTEN_AT_ONCE);
            drop(moments.drain(..old));
            if moments.is_empty() {
                self.accounts.remove(&account);
            } else {
                self.turns.push_back(account);
            }
        }
    }

    /// The open transaction was rolled back.
    pub(crate) fn rolled_back(&mut self) {
        for (account, at) in std::mem::take(&mut self.pending) {
            if let Some(moments) = self.accounts.get_mut(&account)
                && let Some(last) = moments.partition_point(|earlier| *earlier <= at).checked_sub(1)
                && moments.get(last) == Some(&at)
            {
                moments.remove(last);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(account: u8, at_ms: i64) -> Question {
        Question {
            account: [account; 16],
            at: DateTime::from_timestamp_millis(at_ms).unwrap_or_default(),
            at_most: None,
        }
    }

    #[test]
    fn questions_count_for_an_hour_to_the_millisecond_and_for_their_account_alone() {
        let mut asked = Asked::default();
        for at in [5, 1, 3] {
            asked.note(1, &question(1, at));
        }
        assert_eq!(asked.before(1, &question(1, 6)), 3);
        assert_eq!(asked.before(1, &question(1, WINDOW_MS)), 3);
        assert_eq!(asked.before(1, &question(1, WINDOW_MS + 1)), 2);
        assert_eq!(asked.before(1, &question(1, WINDOW_MS + 5)), 0);
        assert_eq!((asked.before(2, &question(1, 6)), asked.before(1, &question(2, 6))), (0, 0));
    }

    #[test]
    fn what_was_rolled_back_was_never_asked() {
        let mut asked = Asked::default();
        asked.note(1, &question(1, 10));
        asked.committed(DateTime::default());
        asked.note(1, &question(1, 10));
        asked.note(1, &question(1, 11));
        asked.rolled_back();
        assert_eq!(asked.before(1, &question(1, 12)), 1);
    }

    #[test]
    fn accounts_that_no_longer_ask_are_forgotten_a_few_at_a_time() {
        let mut asked = Asked::default();
        for account in 0..=255 {
            asked.note(1, &question(account, 0));
        }
        let later = DateTime::from_timestamp_millis(2 * WINDOW_MS).unwrap_or_default();
        for group in 1..=256 / LOOKED_AT_PER_GROUP {
            asked.committed(later);
            assert_eq!(asked.accounts.len(), 256 - group * LOOKED_AT_PER_GROUP);
        }
        assert!(asked.turns.is_empty());
    }
}
