//! What a running broker's memory holds of a person when the questions have ended, and of a key when it is destroyed. Looks at
//! a process of its own through /proc, which only root may do; elsewhere it says what it skips.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use canary::Canaries;
use ssbtek_domain::{Clock, SystemClock};
use ssbtek_proto::{
    agency::v1::Period,
    broker::v1::{
        AskRequest, CloseCaseRequest, RunPurgeRequest, retention_service_client::RetentionServiceClient,
    },
};

use crate::harness::{Ask, BOARD, Wires, World, role};

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

    /// How often each canary is found, by the kind of memory: `[heap]`, `[stack]`, `mapped`.
    fn find(&self, canaries: &Canaries) -> io::Result<BTreeMap<&'static str, usize>> {
        let memory = File::open(format!("/proc/{}/mem", self.0.id()))?;
        let mut found = BTreeMap::new();
        for line in self.read("maps")?.lines() {
            let mut columns = line.split_whitespace();
            let (range, rights) = (columns.next().unwrap(), columns.next().unwrap());
            if !rights.starts_with("rw") {
                continue;
            }
            let (from, to) = range.split_once('-').unwrap();
            let at = |text| u64::from_str_radix(text, 16).unwrap();
            let mut bytes = vec![0; (at(to) - at(from)) as usize];
            // A mapping that went meanwhile holds nothing any more.
            let Ok(read) = memory.read_at(&mut bytes, at(from)) else { continue };
            let kind = match columns.nth(3) {
                Some("[heap]") => "[heap]",
                Some("[stack]") => "[stack]",
                _ => "mapped",
            };
            *found.entry(kind).or_default() += canaries.find(&bytes[..read], usize::MAX).len();
        }
        Ok(found)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn total(found: &BTreeMap<&str, usize>) -> usize {
    found.values().sum()
}

fn question(world: &World) -> AskRequest {
    let today = world.clock.today().to_string();
    AskRequest { period: Some(Period { from: today.clone(), to: today }), ..world.question() }
}

#[tokio::test]
async fn memory_holds_little_of_a_person_once_questions_have_ended_and_nothing_of_a_destroyed_key() {
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

    let mut canaries = Canaries::new();
    for person in &world.household {
        canaries.number(person.number.expose());
        canaries.text(&format!("{} {}", person.given_name, person.family_name));
        canaries.text(&person.street);
    }
    for _ in 0..5 {
        for person in &world.household {
            let number = Some(person.number.expose().to_owned());
            let ask = AskRequest {
                person_number: number,
                role: role(person.role).into(),
                include_originals: true,
                ..question(&world)
            };
            Ask::with(&world, ask).await.unwrap();
        }
    }
    let persons = process.find(&canaries).unwrap();
    eprintln!("persons after the questions: {persons:?}");

    let mut case_key = Canaries::new();
    let keys = || fs::read_dir(&world.config.store.keys).unwrap().map(|entry| entry.unwrap().path());
    let prefix = format!("case.{BOARD}.");
    for path in keys().filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(&prefix)) {
        case_key.bytes(&fs::read(path).unwrap());
    }
    assert!(total(&process.find(&case_key).unwrap()) > 0, "a key in use is found: the search does look");
    let close = CloseCaseRequest { case_id: "EB-1".into() };
    world.cases().close_case(world.assertion("system").on(close)).await.unwrap();
    let mut operator = RetentionServiceClient::new(world.connect(&world.operator.identity));
    let confirmed_time = SystemClock.now().to_rfc3339();
    let ran = operator.run_purge(RunPurgeRequest { confirmed_time }).await.unwrap().into_inner();
    assert_eq!(ran.done.len(), 1);
    let key = process.find(&case_key).unwrap();
    let persons_after = process.find(&canaries).unwrap();
    eprintln!("key after its destruction: {key:?}; persons: {persons_after:?}");
    assert_eq!(total(&key), 0, "nothing is left of a destroyed key: {key:?}");
    assert!(total(&persons_after) < 50, "{persons_after:?}");
}
