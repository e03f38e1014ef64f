//! The index alone: grown, merged, read again.

use ssbtek_domain::SystemEntropy;
use ssbtek_vault::{DirectoryVault, KeyId, Vault};

use super::{super::prefix, *};

const TREE: i64 = 1;
const MONTH: &str = "log.162120009994.2026-11";

/// The term that leads to the nth leaf: as random as a hash, its eight bytes that count first.
fn term(n: u64) -> Term {
    let mut term = [0; 16];
    term[..8].copy_from_slice(&n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    term
}

fn grow(index: &mut Upkeep, connection: &Connection, leaves: Range<u64>) {
    for n in leaves {
        connection.execute_batch("BEGIN").unwrap();
        index.add(TREE, n, term(n), MONTH, vec![term(n)]);
        index.work(connection).unwrap();
        connection.execute_batch("COMMIT").unwrap();
        index.committed();
    }
}

fn found(index: &Upkeep, connection: &Connection, n: u64) -> Option<u64> {
    let mut search = index.search(TREE, &crate::index::Wanted::Blind(term(n)));
    search.next(connection, index.sealing()).unwrap()
}

#[test]
fn runs_are_opened_for_what_they_hold_and_little_else_also_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let vault = DirectoryVault::open(directory.path(), Arc::new(SystemEntropy)).unwrap();
    vault.create(&KeyId::parse(MONTH).unwrap()).unwrap();
    vault.create(&crate::authentic::provider_index()).unwrap();
    let sealing = Sealing::new(Arc::new(vault), Arc::new(SystemEntropy)).unwrap();
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(&crate::schema::MIGRATIONS.concat()).unwrap();
    connection.execute("INSERT INTO tree VALUES (1, '162120009994', 0, x'', '', 0)", []).unwrap();
    let options =
        IndexOptions { run_leaves: 40, max_recent_leaves: 60, merge_buckets: 3, ..IndexOptions::default() };
    let open = || Upkeep::open(&connection, sealing.clone(), options).unwrap();
    let opened_in_vain = |index: &Upkeep| {
        let live: Vec<&Run> = index.runs.iter().filter(|run| run.state == State::Live).collect();
        assert!(live.len() > 4 && live.iter().any(|run| run.records > 500), "some are merged");
        let may_hold =
            |n| live.iter().filter(|run| index.filtering.filters().may_hold(run, prefix(&term(n)))).count();
        (10_000..10_100).map(may_hold).sum::<usize>() as f64 / (100.0 * live.len() as f64)
    };

    let mut index = open();
    grow(&mut index, &connection, 0..1000);
    assert!(opened_in_vain(&index) < 0.1);
    assert!((0..1000).all(|n| found(&index, &connection, n) == Some(n)));

    let mut index = open();
    assert!(opened_in_vain(&index) > 0.9, "nothing is known yet");
    let in_runs: i64 = connection.query_row("SELECT indexed FROM tree", [], |row| row.get(0)).unwrap();
    let in_runs = in_runs.unsigned_abs();
    assert!(in_runs > 900);
    assert!((0..in_runs).all(|n| found(&index, &connection, n) == Some(n)));
    while index.catch_up(&connection) {}
    assert!(opened_in_vain(&index) < 0.1);
    assert!((0..in_runs).all(|n| found(&index, &connection, n) == Some(n)));
}
