//! One-time tokens that were spent: all in memory, and on disk in the order in which they came, so that a random token does
//! not cost a random page.

use std::collections::{HashSet, VecDeque};

use rusqlite::{Connection, params};

/// Tokens forgotten at a time, so that no group waits for a sweep.
const FORGET_AT_ONCE: usize = 128;

/// A token as remembered.
struct Spent {
    id: i64,
    token: [u8; 32],
    /// Seconds since 1970.
    expires_at: i64,
}

/// The tokens that may not be used again.
pub(crate) struct SpentTokens {
    known: HashSet<[u8; 32]>,
    order: VecDeque<Spent>,
    /// How many of the newest belong to the open transaction.
    added: usize,
    /// How many of the oldest the open transaction deletes.
    forgotten: usize,
    max: usize,
}

impl SpentTokens {
    /// Reads what was spent before. At most `max` are remembered: beyond it nothing can be spent until some expire.
    pub(crate) fn open(connection: &Connection, max: usize) -> rusqlite::Result<Self> {
        let mut statement = connection.prepare("SELECT id, token, expires_at FROM token ORDER BY id")?;
        let order: VecDeque<Spent> = statement
            .query_map([], |row| Ok(Spent { id: row.get(0)?, token: row.get(1)?, expires_at: row.get(2)? }))?
            .collect::<Result<_, _>>()?;
        let known = order.iter().map(|spent| spent.token).collect();
        Ok(Self { known, order, added: 0, forgotten: 0, max })
    }

    /// Whether a token was spent, also by the open transaction.
    pub(crate) fn contains(&self, token: &[u8; 32]) -> bool {
        self.known.contains(token)
    }

    /// Whether no more can be remembered now.
    pub(crate) fn is_full(&self) -> bool {
        self.order.len() >= self.max
    }

    /// Spends a token in the open transaction.
    pub(crate) fn spend(
        &mut self,
        connection: &Connection,
        token: [u8; 32],
        expires_at: i64,
        mac: [u8; 8],
    ) -> rusqlite::Result<()> {
        let id = self.order.back().map_or(1, |last| last.id + 1);
        connection
            .prepare_cached("INSERT INTO token (id, token, expires_at, mac) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![id, token, expires_at, mac])?;
        self.known.insert(token);
        self.order.push_back(Spent { id, token, expires_at });
        self.added += 1;
        Ok(())
    }

    /// Forgets, in the open transaction, some of the oldest that expired before `now` (seconds since 1970). One that lives
    /// longer holds up those behind it, for as long as an assertion may live at most.
    pub(crate) fn forget_expired(&mut self, connection: &Connection, now: i64) -> rusqlite::Result<()> {
        let old = self.order.len() - self.added;
        let expired =
            self.order.iter().take(old.min(FORGET_AT_ONCE)).take_while(|spent| spent.expires_at < now);
        self.forgotten = expired.count();
        let (Some(first), Some(last)) =
            (self.order.front(), self.forgotten.checked_sub(1).and_then(|at| self.order.get(at)))
        else {
            return Ok(());
        };
        connection
            .prepare_cached("DELETE FROM token WHERE id >= ?1 AND id <= ?2")?
            .execute([first.id, last.id])?;
        Ok(())
    }

    /// The open transaction is durable.
    pub(crate) fn committed(&mut self) {
        for spent in self.order.drain(..self.forgotten) {
            self.known.remove(&spent.token);
        }
        (self.added, self.forgotten) = (0, 0);
    }

    /// The open transaction was rolled back.
    pub(crate) fn rolled_back(&mut self) {
        for spent in self.order.drain(self.order.len() - self.added..) {
            self.known.remove(&spent.token);
        }
        (self.added, self.forgotten) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE token (id INTEGER PRIMARY KEY, token BLOB, expires_at INTEGER, mac BLOB)",
            )
            .unwrap();
        connection
    }

    #[test]
    fn a_token_is_remembered_until_it_expired_and_after_a_restart() {
        let connection = table();
        let mut tokens = SpentTokens::open(&connection, 10).unwrap();
        for (n, expires_at) in [(1, 100), (2, 300), (3, 100)] {
            tokens.spend(&connection, [n; 32], expires_at, [0; 8]).unwrap();
        }
        tokens.committed();
        tokens.forget_expired(&connection, 200).unwrap();
        tokens.committed();
        let mut again = SpentTokens::open(&connection, 10).unwrap();
        for known in [&mut tokens, &mut again] {
            assert!(!known.contains(&[1; 32]) && known.contains(&[2; 32]) && known.contains(&[3; 32]));
        }
        again.forget_expired(&connection, 301).unwrap();
        again.committed();
        assert!(SpentTokens::open(&connection, 10).unwrap().order.is_empty());
    }

    #[test]
    fn what_is_rolled_back_was_not_spent_and_what_it_forgot_still_is() {
        let connection = table();
        let mut tokens = SpentTokens::open(&connection, 2).unwrap();
        tokens.spend(&connection, [1; 32], 100, [0; 8]).unwrap();
        tokens.committed();
        tokens.spend(&connection, [2; 32], 100, [0; 8]).unwrap();
        assert!(tokens.is_full() && tokens.contains(&[2; 32]));
        tokens.forget_expired(&connection, 200).unwrap();
        tokens.rolled_back();
        assert!(tokens.contains(&[1; 32]) && !tokens.contains(&[2; 32]) && !tokens.is_full());
    }
}
