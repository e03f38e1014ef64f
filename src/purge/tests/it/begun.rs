//! A purge that ends after its first line in the ledger, and keys that were not there when it began and come back before it goes on, or
//! after it: in any form, with the database of before or without it. No such key is used, and none is left.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ssbtek_access_log::{Filter, PurgeScope};
use ssbtek_domain::Clock;
use ssbtek_purge::{Counting, EraseTarget, FaultPoint, Killed, NoFaults, RetentionStore, Step, port::Counts};

use crate::{
    key_files::{key_of, opened, opens_anything, remove, two_boards},
    world::{World, board, copy_all, person},
};

/// Ends the run when a step is first reached.
struct At(Step);

impl FaultPoint for At {
    fn reached(&self, step: Step) -> Result<(), Killed> {
        if step == self.0 { Err(Killed) } else { Ok(()) }
    }
}

/// What comes back of a file.
fn forms(whole: &[u8]) -> [(&'static str, Vec<u8>); 4] {
    let mut other_check = whole.to_vec();
    other_check[40] ^= 1;
    [
        ("whole", whole.to_vec()),
        ("without a check", whole[..32].to_vec()),
        ("cut", whole[..47].to_vec()),
        ("with another check", other_check),
    ]
}

/// The keys of the first board that a purge destroys: one of a kind, or all.
fn keys(directory: &Path, kind: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let kinds = if kind == "all" { vec!["index", "registry", "log", "case"] } else { vec![kind] };
    let keys = kinds.iter().map(|kind| key_of(directory, kind, board(0)));
    keys.map(|key| (key.clone(), fs::read(&key).unwrap())).collect()
}

async fn is_erased(world: &World, keys: &[(PathBuf, Vec<u8>)], at: &str) {
    assert_eq!(opens_anything(world).await, Vec::<String>::new(), "{at}");
    let status = world.purger.status(world.clock.now(), Counting::Without).await.unwrap();
    let receipts: Vec<_> =
        status.receipts().filter(|receipt| receipt.record.scope == PurgeScope::Board).collect();
    assert_eq!(receipts.len(), 1, "{at}: one receipt");
    let keys_of_it = receipts[0].record.keys.clone();
    let target = EraseTarget { board: board(0), leaves_below: u64::MAX, keys: keys_of_it, documents: vec![] };
    let counts = world.store.count(&target).await.unwrap();
    assert_eq!(counts, Counts::default(), "{at}: rows under keys that the receipt names");
    for (key, _) in keys {
        assert!(!key.exists(), "{at}: {}", key.display());
    }
}

async fn cut_short(kind: &str, form: usize, step: Step, older: bool, had: bool, first: &World) {
    let directory = tempfile::tempdir().unwrap();
    copy_all(&first.directory, directory.path());
    let keys = keys(directory.path(), kind);
    let at = format!("{kind} {} {step:?} older {older} had {had}", forms(&keys[0].1)[form].0);
    if !had {
        keys.iter().for_each(|(key, _)| remove(key));
    }
    let world = opened(directory.path(), first).await;
    world.purger.run(None, &At(step)).await.unwrap_err();
    world.store.close().await;
    let put_back = || keys.iter().for_each(|(key, whole)| fs::write(key, &forms(whole)[form].1).unwrap());
    put_back();
    if older {
        for file in ["broker.db", "broker.db-wal", "broker.db-shm"] {
            remove(&directory.path().join(file));
            if first.directory.join(file).exists() {
                fs::copy(first.directory.join(file), directory.path().join(file)).unwrap();
            }
        }
    }
    let world = opened(directory.path(), first).await;
    world.purger.run(None, &NoFaults).await.unwrap();
    is_erased(&world, &keys, &at).await;
    // After it, while it runs and at a start. What is cut is no key, and may be what is left of a later one.
    if form < 2 {
        put_back();
        world.store.look_at_keys().await.unwrap();
        is_erased(&world, &keys, &at).await;
        put_back();
        world.store.close().await;
        let world = opened(directory.path(), first).await;
        is_erased(&world, &keys, &at).await;
        world.store.close().await;
    }
    world.store.close().await;
    let world = opened(directory.path(), first).await;
    world.register(board(0), "EB-1", &person(3)).await;
    world.ask(board(0), "EB-1").await;
    for (key, whole) in &keys {
        if let Ok(now) = fs::read(key) {
            assert_ne!(now[..32], whole[..32], "{at}: a destroyed key is used again");
        }
    }
    assert!(world.records(board(1), &Filter::All).await.len() > 4, "{at}: another board's records");
    world.store.close().await;
}

#[tokio::test]
async fn a_purge_that_was_cut_short_leaves_no_key_and_no_row_whatever_comes_back_before_it_goes_on() {
    let first = two_boards().await;
    first.end(board(0), "2026-01-31").await.unwrap();
    first.at("2026-02-28T08:00:00Z");
    first.true_clock.set("2026-02-28T08:00:00Z".parse().unwrap());
    for kind in ["registry", "index", "log", "case", "all"] {
        for form in 0..4 {
            for (step, older, had) in [
                (Step::Begun, true, false),
                (Step::Begun, false, false),
                (Step::Certified, true, false),
                (Step::Done, true, false),
                (Step::Begun, true, true),
            ] {
                cut_short(kind, form, step, older, had, &first).await;
            }
        }
    }
}
