//! A backup from before the purge, restored after it.

use std::fs;

use ssbtek_access_log::Filter;
use ssbtek_purge::NoFaults;

use crate::world::{World, board, copy_all, person};

#[tokio::test]
async fn a_restored_backup_of_database_and_keys_is_purged_again_before_anything_is_served() {
    for keys_too in [false, true] {
        let world = World::new("2026-01-20");
        for n in 0..2 {
            world.register(board(n), "EB-1", &person(n as u32)).await;
            world.ask(board(n), "EB-1").await;
        }
        let backup = tempfile::tempdir().unwrap();
        copy_all(&world.directory, backup.path());
        fs::remove_file(backup.path().join("purge-ledger.jsonl")).unwrap();
        world.end(board(0), "2026-01-31").await.unwrap();
        world.at("2026-02-28T08:00:00Z");
        let receipt = world.run().await.unwrap().receipts.remove(0);

        let machine = tempfile::tempdir().unwrap();
        copy_all(backup.path(), machine.path());
        if !keys_too {
            fs::remove_dir_all(machine.path().join("keys")).unwrap();
            fs::create_dir(machine.path().join("keys")).unwrap();
            copy_all(&world.directory.join("keys"), &machine.path().join("keys"));
        }
        let ledger = "purge-ledger.jsonl";
        fs::copy(world.directory.join(ledger), machine.path().join(ledger)).unwrap();
        let restored = World::open(machine.path(), world.clock.clone(), world.clock.clone());
        if keys_too {
            let back = restored.records(board(0), &Filter::Person(person(0))).await;
            assert_eq!(
                back.len(),
                1,
                "the backup does bring the person back: that is what the ledger is for"
            );
        }
        assert_eq!(restored.purger.replay(&NoFaults).await.unwrap(), 1);
        assert_eq!(restored.leftovers(board(0)).await, Vec::<String>::new());
        assert!(restored.records(board(0), &Filter::Person(person(0))).await.is_empty());
        assert!(restored.case(board(0), "EB-1").await.is_none());
        assert_eq!(restored.purges_logged(board(0)).await, 1);
        assert_eq!(restored.purger.receipt(receipt.purge).unwrap().record.keys, receipt.record.keys);
        assert_eq!(
            restored.records(board(1), &Filter::Person(person(1))).await.len(),
            1,
            "the neighbour is back"
        );
        assert_eq!(restored.purger.replay(&NoFaults).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_ledger_line_cut_off_by_a_power_cut_is_dropped_and_a_damaged_one_is_refused() {
    let world = World::new("2026-01-20");
    world.register(board(0), "EB-1", &person(0)).await;
    world.end(board(0), "2026-01-31").await.unwrap();
    world.at("2026-02-28T08:00:00Z");
    world.run().await.unwrap();
    let path = world.directory.join("purge-ledger.jsonl");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, [&whole[..], b"{\"line\":\"begin\""].concat()).unwrap();
    assert_eq!(ssbtek_purge::Ledger::open(&path, &*world.vault).unwrap().known().len(), 1);
    assert_eq!(fs::read(&path).unwrap(), whole);
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let changed = String::from_utf8(whole.clone()).unwrap().replacen("\"leaves\":", "\"leaves\":1", 1);
    for (damaged, at) in [
        ([b"{}\n", &whole[..]].concat(), 1),
        (changed.into_bytes(), 1),
        (lines[1..].concat(), 1),
        ([lines[0], lines[0]].concat(), 2),
    ] {
        fs::write(&path, &damaged).unwrap();
        let opened = ssbtek_purge::Ledger::open(&path, &*world.vault);
        assert!(matches!(opened, Err(ssbtek_purge::LedgerError::Damaged(line)) if line == at), "{opened:?}");
    }
}
