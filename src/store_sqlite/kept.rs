//! Checkpoints that witnesses cosigned, each row authenticated: the newest, the oldest, and between them the fewer the older, as
//! each of them proves all that lies before it. A new one comes up to every second.

use rusqlite::{Connection, params};
use ssbtek_vault::Vault;

use crate::authentic::mac_of;

/// Authenticates a row.
pub(crate) fn mac(vault: &dyn Vault, tree: i64, size: u64, note: &str) -> rusqlite::Result<[u8; 16]> {
    let row = [tree.to_be_bytes().as_slice(), &size.to_be_bytes(), note.as_bytes()].concat();
    mac_of(vault, "kept_checkpoint", &row)
}

/// Authenticates the rows of a database from before rows were authenticated.
pub(crate) fn authenticate_all(connection: &Connection, vault: &dyn Vault) -> rusqlite::Result<()> {
    let rows: Vec<(i64, i64, String)> = {
        let mut statement = connection.prepare("SELECT tree, size, note FROM kept_checkpoint")?;
        statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?
    };
    for (tree, size, note) in rows {
        connection
            .prepare_cached("UPDATE kept_checkpoint SET mac = ?3 WHERE tree = ?1 AND size = ?2")?
            .execute(params![tree, size, mac(vault, tree, size as u64, &note)?])?;
    }
    Ok(())
}

/// Rows thinned out in one turn of the writer at most, where there are too many from before there was a bound.
const THINNED_AT_ONCE: usize = 256;

/// Leaves at most `most` checkpoints of a tree (and at least two), with gaps that grow with their age.
pub(crate) fn thin_out(connection: &Connection, tree: i64, most: usize) -> rusqlite::Result<()> {
    let most = most.max(2);
    let mut sizes: Vec<i64> = connection
        .prepare_cached("SELECT size FROM kept_checkpoint WHERE tree = ?1 ORDER BY size LIMIT ?2")?
        .query_map(params![tree, (most + THINNED_AT_ONCE) as i64], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let Some(newest) = sizes.last().copied() else { return Ok(()) };
    while sizes.len() > most {
        // The one whose going leaves the smallest gap for its age.
        let gap = |around: &[i64]| match *around {
            [before, at, after] => (after - before) as f64 / (newest - at + 1) as f64,
            _ => f64::INFINITY,
        };
        let gaps = sizes.windows(3).map(gap).enumerate();
        let Some((least, _)) = gaps.min_by(|a, b| a.1.total_cmp(&b.1)) else { return Ok(()) };
        let goes = sizes.remove(least + 1);
        connection
            .prepare_cached("DELETE FROM kept_checkpoint WHERE tree = ?1 AND size = ?2")?
            .execute(params![tree, goes])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                include_str!("migrations/0002_kept_checkpoints.sql").split(";\n\n--").next().unwrap(),
            )
            .unwrap();
        connection
    }

    fn keep(connection: &Connection, size: i64) {
        connection
            .execute("INSERT INTO kept_checkpoint (tree, size, note) VALUES (1, ?1, '')", [size])
            .unwrap();
    }

    fn sizes(connection: &Connection) -> Vec<i64> {
        let mut statement = connection.prepare("SELECT size FROM kept_checkpoint ORDER BY size").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn kept_checkpoints_are_bounded_and_get_fewer_the_older_they_are() {
        let connection = database();
        for size in 1..=20_000 {
            keep(&connection, size);
            thin_out(&connection, 1, 32).unwrap();
        }
        let left = sizes(&connection);
        assert_eq!((left.len(), left[0], left[31]), (32, 1, 20_000));
        for pair in left.windows(2) {
            let age = 20_000 - pair[0];
            assert!(pair[1] - pair[0] <= 1 + age * 2 / 3, "{pair:?} of {left:?}");
        }
    }

    #[test]
    fn too_many_from_before_there_was_a_bound_go_in_bounded_turns() {
        let connection = database();
        (1..=5_000).for_each(|size| keep(&connection, size));
        let mut before = 5_000;
        while before > 32 {
            thin_out(&connection, 1, 32).unwrap();
            let now = sizes(&connection);
            assert!(now.len() < before && before - now.len() <= THINNED_AT_ONCE);
            assert_eq!(now.last(), Some(&5_000));
            before = now.len();
        }
    }
}
