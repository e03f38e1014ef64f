//! Which leaves are sealed under which key: what erasing goes by. Kept by blocks of leaves, because a key seals a whole month
//! of them one after another.

use std::collections::{BTreeSet, HashMap};

use crate::rows::{leaf_id, leaf_index};
use rusqlite::{Connection, params};

/// Bits of a leaf's index that tell its place in its block.
const BLOCK_BITS: u32 = 10;

/// A leaf's block.
pub(crate) fn block_of(index: u64) -> u64 {
    index >> BLOCK_BITS
}

/// Leaves of a tree that are sealed under a key and have row ids below a bound, in order; `?1` to `?3`. One upper bound: of two,
/// SQLite seeks by whichever it likes, and would go from each block to the end of the log.
const SEALED_UNDER: &str = "FROM sealed_block CROSS JOIN leaf
     ON leaf.id >= (?1 << 40) + (block << 10) AND leaf.id < min((?1 << 40) + ((block + 1) << 10), ?3)
     WHERE sealed_block.tree = ?1 AND sealed_block.key_id = ?2
     AND leaf.key_id = ?2 AND leaf.sealed IS NOT NULL";

/// The writer's notes: with what it noted last of each tree, so that few leaves cost anything.
#[derive(Default)]
pub(crate) struct SealedBlocks {
    newest: HashMap<i64, (String, u64)>,
}

impl SealedBlocks {
    /// Notes, in the open transaction, that the leaf at `index` is sealed under a key.
    pub(crate) fn note(
        &mut self,
        connection: &Connection,
        tree: i64,
        index: u64,
        key: &str,
    ) -> rusqlite::Result<()> {
        let block = block_of(index);
        if self.newest.get(&tree).is_some_and(|(noted, at)| noted == key && *at == block) {
            return Ok(());
        }
        connection
            .prepare_cached("INSERT OR IGNORE INTO sealed_block (tree, key_id, block) VALUES (?1, ?2, ?3)")?
            .execute(params![tree, key, block as i64])?;
        self.newest.insert(tree, (key.to_owned(), block));
        Ok(())
    }

    /// The table may no longer hold what was noted: something was erased or rolled back.
    pub(crate) fn forget(&mut self) {
        self.newest.clear();
    }
}

/// Names of keys from `from` and below `until` that seal leaves of a tree, in order; each with an index beyond its last leaf.
pub(crate) fn keys(
    connection: &Connection,
    tree: i64,
    (from, until): (&str, &str),
) -> rusqlite::Result<Vec<(String, u64)>> {
    // From key to key, and not through their blocks.
    connection
        .prepare_cached(
            "WITH RECURSIVE sealing(key_id) AS (
                 SELECT min(key_id) FROM sealed_block WHERE tree = ?1 AND key_id >= ?2 AND key_id < ?3
                 UNION ALL
                 SELECT (SELECT min(key_id) FROM sealed_block
                         WHERE tree = ?1 AND key_id > sealing.key_id AND key_id < ?3)
                 FROM sealing WHERE key_id IS NOT NULL)
             SELECT key_id,
                    (SELECT max(block) FROM sealed_block WHERE tree = ?1 AND key_id = sealing.key_id)
             FROM sealing WHERE key_id IS NOT NULL",
        )?
        .query_map(params![tree, from, until], |row| {
            Ok((row.get(0)?, (row.get::<_, i64>(1)?.unsigned_abs() + 1) << BLOCK_BITS))
        })?
        .collect()
}

/// How many leaves of a tree before the index `below` are sealed under a key.
pub(crate) fn count(connection: &Connection, tree: i64, key: &str, below: u64) -> rusqlite::Result<u64> {
    connection
        .prepare_cached(&format!("SELECT count(*) {SEALED_UNDER}"))?
        .query_row(params![tree, key, leaf_id(tree, below)], |row| row.get(0).map(i64::unsigned_abs))
}

/// Destroys what up to `limit` leaves before the index `below` hold sealed under a key. Returns how many.
pub(crate) fn erase(
    connection: &Connection,
    tree: i64,
    key: &str,
    below: u64,
    limit: u32,
) -> rusqlite::Result<u32> {
    let leaves: Vec<i64> = connection
        .prepare_cached(&format!("SELECT leaf.id {SEALED_UNDER} LIMIT ?4"))?
        .query_map(params![tree, key, leaf_id(tree, below), limit], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in &leaves {
        // The entry's own id stands in the header for ever; it keeps the parts of an erased entry together.
        connection.prepare_cached("UPDATE leaf SET sealed = NULL WHERE id = ?1")?.execute([id])?;
    }
    let blocks: BTreeSet<u64> = leaves.iter().map(|id| block_of(leaf_index(*id))).collect();
    for block in blocks {
        connection
            .prepare_cached(
                "DELETE FROM sealed_block WHERE tree = ?1 AND key_id = ?2 AND block = ?3 AND NOT EXISTS
                 (SELECT 1 FROM leaf WHERE id >= ?4 AND id < ?5 AND key_id = ?2 AND sealed IS NOT NULL)",
            )?
            .execute(params![
                tree,
                key,
                block as i64,
                leaf_id(tree, block << BLOCK_BITS),
                leaf_id(tree, (block + 1) << BLOCK_BITS)
            ])?;
    }
    Ok(leaves.len() as u32)
}

/// What is wrong with the table itself: which keys seal which leaves is told by the leaves.
pub(crate) fn faults(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let told =
        "SELECT DISTINCT id >> 40, key_id, (id & 1099511627775) >> 10 FROM leaf WHERE sealed IS NOT NULL";
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let missing = count(&format!("SELECT count(*) FROM ({told} EXCEPT SELECT * FROM sealed_block)"))?;
    let rows = count("SELECT count(*) FROM sealed_block")?;
    let right = count(&format!("SELECT count(*) FROM ({told})"))?;
    let mut wrong = Vec::new();
    if missing > 0 {
        wrong.push("which keys seal which records is not what the records tell".to_owned());
    }
    if rows != right {
        wrong.push(format!("table sealed_block has {rows} rows, {right} belong there"));
    }
    Ok(wrong)
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn counting_what_a_key_seals_passes_over_each_of_its_leaves_once() {
        let connection = Connection::open_in_memory().unwrap();
        for table in crate::schema::MIGRATIONS {
            connection.execute_batch(table).unwrap();
        }
        let (leaves, mut blocks) = (32 << BLOCK_BITS, SealedBlocks::default());
        for index in 0..leaves {
            connection
                .prepare_cached("INSERT INTO leaf VALUES (?1, x'', x'', x'', 'key', x'00')")
                .unwrap()
                .execute([leaf_id(1, index)])
                .unwrap();
            blocks.note(&connection, 1, index, "key").unwrap();
        }
        for below in [0, 1, 1500, leaves / 2, leaves, u64::MAX] {
            let expected = below.min(leaves);
            assert_eq!(count(&connection, 1, "key", below).unwrap(), expected);
            let mut counting = connection.prepare(&format!("SELECT count(*) {SEALED_UNDER}")).unwrap();
            counting.query_row(params![1, "key", leaf_id(1, below)], |_| Ok(())).unwrap();
            let steps = counting.get_status(StatementStatus::VmStep).unsigned_abs();
            assert!(u64::from(steps) <= 1000 + 20 * expected, "{steps} steps for {expected} leaves");
        }
    }
}
