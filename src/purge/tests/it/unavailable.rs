//! The disk full, the database gone, locked or failing: at whichever step it happens, the purge ends complete once it is over,
//! and has one receipt.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

use ssbtek_access_log::Filter;
use ssbtek_purge::{FaultPoint, Killed, NoFaults, PurgeError, Step};
use ssbtek_transparency::verify_receipt;
use tempfile::TempDir;

use crate::world::{World, board, person};

async fn fill(world: &World) {
    for n in 0..2 {
        world.register(board(n), "EB-1", &person(n as u32)).await;
        for _ in 0..20 {
            world.ask(board(n), "EB-1").await;
        }
    }
    world.end(board(0), "2026-01-31").await.unwrap();
    world.at("2026-02-28T08:00:00Z");
}

async fn due() -> World {
    let world = World::new("2026-01-20");
    fill(&world).await;
    world
}

/// What a purge that has ended leaves, whatever happened on the way.
async fn must_be_complete(world: &World, when: &str) {
    world.purger.replay(&NoFaults).await.unwrap();
    world.run().await.unwrap();
    assert_eq!(world.leftovers(board(0)).await, Vec::<String>::new(), "{when}");
    assert_eq!(world.purges_logged(board(0)).await, 1, "{when}");
    let status = world
        .purger
        .status("2026-02-28T08:00:00Z".parse().unwrap(), ssbtek_purge::Counting::With)
        .await
        .unwrap();
    assert_eq!((status.receipts().count(), status.unfinished.len()), (1, 0), "{when}");
    verify_receipt(&status.receipts().next().unwrap().receipt(), &world.trust(board(0))).unwrap();
    assert_eq!(world.records(board(1), &Filter::Person(person(1))).await.len(), 20, "{when}");
    world.ask(board(1), "EB-1").await;
}

/// Closes what is open of a world and opens its directory anew, as the next process does.
async fn restart(world: &World) -> World {
    world.store.close().await;
    World::open(&world.directory, world.clock.clone(), world.true_clock.clone())
}

/// Does something at the n-th step and lets the run go on.
struct At<F> {
    at: usize,
    seen: Mutex<usize>,
    what: F,
}

impl<F: Fn() + Send + Sync> FaultPoint for At<F> {
    fn reached(&self, _step: Step) -> Result<(), Killed> {
        let mut seen = self.seen.lock().unwrap();
        if *seen == self.at {
            (self.what)();
        }
        *seen += 1;
        Ok(())
    }
}

#[tokio::test]
async fn a_database_that_fails_at_any_step_delays_the_purge_until_the_next_process() {
    let mut failed = 0;
    for at in 0.. {
        let world = due().await;
        // What an I/O error leaves: nothing more is taken, and the process ends.
        let fault = At { at, seen: Mutex::new(0), what: || world.poison.set() };
        let ran = world.purger.run(None, &fault).await;
        let steps = *fault.seen.lock().unwrap();
        if steps <= at {
            break;
        }
        failed += usize::from(matches!(ran, Err(PurgeError::Unavailable)));
        must_be_complete(&restart(&world).await, &format!("failed at step {at}")).await;
    }
    assert!(failed >= 4, "{failed} runs failed");
}

#[tokio::test]
async fn a_database_moved_away_at_any_step_delays_the_purge_until_it_is_back() {
    for at in 0.. {
        let world = due().await;
        let aside = tempfile::tempdir_in(world.directory.parent().unwrap()).unwrap();
        let fault = At { at, seen: Mutex::new(0), what: || move_database(&world.directory, aside.path()) };
        // It fails, or ends on the files where they are now: both are right.
        let _ = world.purger.run(None, &fault).await;
        if *fault.seen.lock().unwrap() <= at {
            break;
        }
        world.store.close().await;
        move_database(aside.path(), &world.directory);
        must_be_complete(&restart(&world).await, &format!("moved at step {at}")).await;
    }
}

fn move_database(from: &Path, to: &Path) {
    for name in ["broker.db", "broker.db-wal", "broker.db-shm"] {
        if from.join(name).exists() {
            fs::rename(from.join(name), to.join(name)).unwrap();
        }
    }
}

#[tokio::test]
async fn a_database_that_another_process_has_locked_delays_the_purge_until_it_lets_go() {
    let world = due().await;
    let other = rusqlite::Connection::open(world.directory.join("broker.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(world.run().await, Err(PurgeError::Unavailable)));
    other.execute_batch("ROLLBACK").unwrap();
    must_be_complete(&world, "unlocked").await;
}

/// A file system of a few MiB in memory; ended when let go.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None` where this process may not mount.
    fn mount() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=16m,mode=700", "tmpfs"]).arg(directory.path());
        mount.output().ok()?.status.success().then_some(Self(directory))
    }

    /// Fills it up, but for so many KiB.
    fn fill(&self, but_for_kib: u64) -> PathBuf {
        let path = self.0.path().join("filler");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(but_for_kib * 1024)).unwrap();
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_full_disk_delays_the_purge_until_there_is_room() {
    let mut refused = 0;
    for room_kib in [0, 4, 16, 48, 96, 192, 384] {
        let Some(disk) = SmallDisk::mount() else {
            eprintln!("SKIPPED: a small file system cannot be mounted here (needs root)");
            return;
        };
        let clock =
            std::sync::Arc::new(ssbtek_domain::FixedClock::at("2026-01-20T11:00:00Z".parse().unwrap()));
        let world = World::open(disk.0.path(), clock.clone(), clock);
        fill(&world).await;
        // Anew, so that the purge has to make room for its write-ahead log.
        let world = restart(&world).await;
        let filler = disk.fill(room_kib);
        let ran = world.run().await;
        match &ran {
            Ok(ran) => assert_eq!(ran.receipts.len(), 1, "{room_kib} KiB left"),
            Err(PurgeError::Unavailable | PurgeError::Ledger(_)) => refused += 1,
            Err(error) => panic!("{room_kib} KiB left: {error}"),
        }
        fs::remove_file(filler).unwrap();
        // In the same process where the disk was merely full; in the next where an error made the store stop.
        let next = if world.poison.is_set() { Some(restart(&world).await) } else { None };
        must_be_complete(next.as_ref().unwrap_or(&world), &format!("{room_kib} KiB left")).await;
    }
    assert!(refused >= 2, "the disk was too full {refused} times");
}
