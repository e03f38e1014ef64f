//! A full disk: questions are refused, what is owed has room, and all is well again when there is space.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use chrono::TimeDelta;
use mock_agencies::Behaviour;
use ssbtek_broker::check_command::examine;
use ssbtek_domain::Clock;
use ssbtek_proto::broker::v1::{EndBoardAgreementRequest, EntryState};
use tonic::Code;

use crate::harness::{Ask, OTHER_BOARD, Wires, World, is_root, source_count};

/// Size of the disk that is filled, in MiB.
const DISK_MIB: u32 = 32;
/// Kept for what must be written, in bytes.
const RESERVE_BYTES: u64 = 4 << 20;

/// How long the agencies take over the question that is under way while the disk fills, in milliseconds.
const SLOW_MS: u64 = 2_000;

/// A file system of its own, as small as it is; unmounted when dropped.
struct Disk {
    _image: tempfile::TempDir,
    path: PathBuf,
}

impl Disk {
    /// `None`, and said so, where nothing can be mounted. `FULL_DISK=ext4` mounts an image by a loop device in place of memory.
    fn mount() -> Option<Self> {
        let image = tempfile::tempdir().unwrap();
        let (path, file) = (image.path().join("disk"), image.path().join("image"));
        fs::create_dir(&path).unwrap();
        let done = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
        let mounted = is_root()
            && if std::env::var("FULL_DISK").is_ok_and(|kind| kind == "ext4") {
                File::create(&file).unwrap().set_len(u64::from(DISK_MIB) << 20).unwrap();
                done(Command::new("mkfs.ext4").args(["-q", "-m", "0"]).arg(&file))
                    && done(Command::new("mount").args(["-o", "loop"]).args([&file, &path]))
            } else {
                let size = format!("size={DISK_MIB}m");
                done(Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&path))
            };
        if !mounted {
            println!("SKIPPED: nothing can be mounted here");
        }
        mounted.then_some(Self { _image: image, path })
    }

    /// Fills it to the last byte.
    fn fill(&self) {
        let mut filler = File::options().create(true).append(true).open(self.filler()).unwrap();
        for block in [64 * 1024, 512, 1] {
            while filler.write_all(&vec![1; block]).and_then(|()| filler.sync_all()).is_ok() {}
        }
    }

    fn empty(&self) {
        fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.path.join("filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a test that failed may still hold files.
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}

async fn world_on(disk: &Path) -> World {
    let disk = disk.to_owned();
    World::start_with(Wires::Grpc, move |config| {
        config.store.database = disk.join("broker.db");
        config.store.keys = disk.join("keys");
        config.store.reserve_bytes = RESERVE_BYTES;
    })
    .await
}

async fn is_refused_unasked(world: &World) {
    let before = world.agencies.control().total_calls();
    let refused = Ask::with(world, world.question()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
    assert_eq!(world.agencies.control().total_calls(), before, "nobody was asked");
}

/// A refusal that its caller is told of stands in the log.
async fn is_recorded_as_refused(world: &World) {
    let other = world.assertion("system").on(world.question());
    let denied = Ask::send(world, &world.board, other).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied, "refusals have room: {denied:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_questions_keeps_room_for_refusals_and_purges_and_recovers_by_itself() {
    let Some(disk) = Disk::mount() else { return };
    let mut world = world_on(&disk.path).await;
    Ask::with(&world, world.question()).await.unwrap();

    // One question is under way while the disk fills.
    world.agencies.control().set_all(&Behaviour::slow(SLOW_MS));
    let under_way = tokio::spawn(Ask::outside(&world, world.question()));
    let called = world.agencies.control().total_calls();
    while world.agencies.control().total_calls() < called + source_count() {
        tokio::task::yield_now().await;
    }
    disk.fill();
    world.agencies.control().reset();
    let ended = under_way.await.unwrap();
    assert!(ended.is_ok(), "the record of an answer under way had room: {ended:?}");
    // Whatever fills it goes on, and takes all that is there to be had.
    disk.fill();

    for _ in 0..3 {
        is_refused_unasked(&world).await;
    }
    for _ in 0..20 {
        is_recorded_as_refused(&world).await;
    }
    is_refused_unasked(&world).await;

    disk.empty();
    Ask::with(&world, world.question()).await.unwrap();
    purges_on_a_full_disk(&world, &disk).await;

    world.restart().await;
    let log = world.log().await;
    assert_eq!(log.iter().filter(|entry| entry.state() == EntryState::Denied).count(), 21);
    assert!(log.iter().all(|entry| entry.state() != EntryState::Open));
    world.stop_broker().await;
    assert_eq!(examine(&world.config, Vec::new()).unwrap().findings, Vec::<String>::new());
}

async fn purges_on_a_full_disk(world: &World, disk: &Disk) {
    let end = EndBoardAgreementRequest {
        organisation_number: OTHER_BOARD.into(),
        last_day: world.clock.today().to_string(),
        document_sha256: "9".repeat(64),
    };
    world.end_agreement(end).await.unwrap();
    world.clock.advance(TimeDelta::days(40));
    disk.fill();
    is_refused_unasked(world).await;
    let ran = world.purge_by_word(world.clock.now()).await;
    assert_eq!(ran.done.len(), 1, "a purge has room");
    is_recorded_as_refused(world).await;
    disk.empty();
    Ask::with(world, world.question()).await.unwrap();
}
