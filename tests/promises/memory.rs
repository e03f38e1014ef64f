//! What a running broker's memory holds of a person when the questions have ended, and of a key when it is destroyed. Looks at
//! a process of its own through /proc, which only root may do; elsewhere it says what it skips.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use canary::Canaries;
use ssbtek_domain::{Clock, SystemClock};
use ssbtek_proto::{
    agency::v1::Period,
    broker::v1::{AskRequest, CloseCaseRequest},
};

use crate::harness::{Ask, BOARD, Wires, World, role};

/// Most copies of a household's four numbers, names and streets that are left in the heap while connections are open; stated in
/// docs/DATA-RETENTION.md.
const MOST_WHILE_CONNECTED: usize = 200;
/// Most that are left meanwhile in stacks, where each function of a program built for tests leaves a copy of what it moved on. The
/// next call or the connection's end writes over them.
const MOST_IN_STACKS_WHILE_CONNECTED: usize = 1_200;
/// Most that are left in stacks, for good: numbers that functions which have returned had in hand.
const MOST_IN_STACKS: usize = 250;

/// A broker in a process of its own; ended when let go.
struct Process(Child);

impl Process {
    fn serve(world: &World) -> Self {
        let path = world.data_dir().join("broker.toml");
        fs::write(&path, toml::to_string(&world.config).unwrap()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssbtek-broker"));
        command.args([Path::new("serve"), Path::new("--config"), &path]).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }

    fn read(&self, name: &str) -> io::Result<String> {
        fs::read_to_string(format!("/proc/{}/{name}", self.0.id()))
    }

    /// How many canaries are found, in the heap and in the threads' stacks.
    fn find(&self, canaries: &Canaries) -> io::Result<Left> {
        let memory = File::open(format!("/proc/{}/mem", self.0.id()))?;
        let (mut left, mut guarded) = (Left::default(), false);
        for line in self.read("maps")?.lines() {
            let mut columns = line.split_whitespace();
            let (range, rights) = (columns.next().unwrap(), columns.next().unwrap());
            let (from, to) = range.split_once('-').unwrap();
            let at = |text| u64::from_str_radix(text, 16).unwrap();
            let (from, length) = (at(from), at(to) - at(from));
            // A thread's stack follows a page that nobody may touch; so does a heap what it has reserved, but that is large.
            let guard = rights.starts_with("---") && length <= 64 << 10;
            let after_guard = std::mem::replace(&mut guarded, guard);
            if !rights.starts_with("rw") {
                continue;
            }
            let mut bytes = vec![0; length as usize];
            // A mapping that went meanwhile holds nothing any more.
            let Ok(read) = memory.read_at(&mut bytes, from) else { continue };
            let found = canaries.find(&bytes[..read], usize::MAX).len();
            let is_stack = after_guard || columns.nth(3) == Some("[stack]");
            *if is_stack { &mut left.stacks } else { &mut left.heap } += found;
        }
        Ok(left)
    }
}

/// What was found where.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Left {
    heap: usize,
    stacks: usize,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn question(world: &World) -> AskRequest {
    let today = world.clock.today().to_string();
    AskRequest { period: Some(Period { from: today.clone(), to: today }), ..world.question() }
}

#[tokio::test]
async fn memory_forgets_persons_with_their_connections_and_keys_with_their_destruction() {
    let mut world = World::start_at(Wires::Own, SystemClock.now()).await;
    // A case expires when it is closed: this process's clock cannot be moved.
    world.config.retention.case_days = 0;
    world.stop_broker().await;
    let process = Process::serve(&world);
    world.wait_for_door().await;
    if File::open(format!("/proc/{}/mem", process.0.id())).is_err() {
        eprintln!("SKIPPED: another process's memory may not be read here (needs root)");
        return;
    }
    let limits = process.read("limits").unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert!(core.split_whitespace().filter(|word| *word == "0").count() == 2, "no core dumps: {core}");

    // The first is asked about five times, and then the others once more: what is left is of the last messages.
    let (first, others) = world.household.split_first().unwrap();
    for person in std::iter::repeat_n(first, 5).chain(others) {
        let ask = AskRequest {
            person_number: Some(person.number.expose().to_owned()),
            role: role(person.role).into(),
            include_originals: true,
            ..question(&world)
        };
        Ask::with(&world, ask).await.unwrap();
    }
    let mut household = Canaries::new();
    for person in &world.household {
        household.number(person.number.expose());
        household.text(&format!("{} {}", person.given_name, person.family_name));
        household.text(&person.street);
    }
    let asked = process.find(&household).unwrap();
    assert!(asked.heap > 0, "connections that are open keep their last messages: the search does look");
    assert!(asked.heap <= MOST_WHILE_CONNECTED, "{asked:?}");
    assert!(asked.stacks <= MOST_IN_STACKS_WHILE_CONNECTED, "{asked:?}");

    let mut case_key = Canaries::new();
    let keys = || fs::read_dir(&world.config.store.keys).unwrap().map(|entry| entry.unwrap().path());
    let prefix = format!("case.{BOARD}.");
    for path in keys().filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(&prefix)) {
        // Behind the secret stands what binds it to its name.
        case_key.bytes(&fs::read(path).unwrap()[..32]);
    }
    assert!(process.find(&case_key).unwrap().heap > 0, "a key in use is found");
    let close = CloseCaseRequest { case_id: "EB-1".into() };
    world.cases().close_case(world.assertion("system").on(close)).await.unwrap();
    let ran = world.purge_by_word(SystemClock.now()).await;
    assert_eq!(ran.done.len(), 1);
    assert_eq!(process.find(&case_key).unwrap(), Left::default(), "nothing is left of a destroyed key");

    // With the connections to the agencies and to us, their buffers go, and what they held.
    world.agencies.stop().await;
    let mut left = process.find(&household).unwrap();
    for _ in 0..200 {
        if left.heap == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        left = process.find(&household).unwrap();
    }
    assert_eq!(left.heap, 0, "{left:?}");
    assert!(left.stacks <= MOST_IN_STACKS, "{left:?}");
}
