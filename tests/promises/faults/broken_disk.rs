//! A sync that fails: the process stops disclosing at once and ends, and after a restart the log verifies.

use std::path::PathBuf;

use ssbtek_broker::check_command::examine;
use ssbtek_domain::{Clock, SystemClock};
use ssbtek_proto::{
    agency::v1::Period,
    broker::v1::{AskRequest, EntryState},
};
use tonic::Code;

use crate::harness::{Ask, Process, Wires, World, can_trace, source_count, strace};

/// Syncs of the write-ahead log that fail, one in each try, counted from the first; `FAILED_SYNCS` sets how many are tried.
const FAILED_SYNCS: usize = 6;
/// Status of a process whose log has failed.
const LOG_FAILED: i32 = 70;
/// Questions asked at most until the process has ended.
const MAX_QUESTIONS: usize = 400;

/// What happened until the process ended.
#[derive(Debug, Default)]
struct Course {
    opened: bool,
    answered: Vec<String>,
    /// Whether the question that got no answer had reached the agencies.
    cut_off_after_asking: bool,
}

#[tokio::test]
async fn a_failed_sync_of_the_log_ends_the_process_before_anything_more_is_disclosed() {
    if !can_trace() {
        return;
    }
    let tries = std::env::var("FAILED_SYNCS").ok().and_then(|n| n.parse().ok()).unwrap_or(FAILED_SYNCS);
    let mut world = World::start_at(Wires::Grpc, SystemClock.now()).await;
    settle(&mut world).await;
    let log = wal(&world);
    let (mut before_asking, mut after_asking) = (0, 0);
    for nth in 1..=tries {
        let course = run(&world, &log, nth).await;
        before_asking += usize::from(course.opened && !course.cut_off_after_asking);
        after_asking += usize::from(course.cut_off_after_asking);
        verify(&mut world, &course).await;
    }
    println!("{tries} failed syncs: {before_asking} before agencies were asked, {after_asking} after");
    assert!(before_asking > 0 && after_asking > 0, "INTENTs and RELEASEs both met a failed sync");
}

#[tokio::test]
async fn a_failed_sync_of_the_database_file_is_not_hidden_by_the_checkpoint_that_met_it() {
    if !can_trace() {
        return;
    }
    let mut world = World::start_at(Wires::Grpc, SystemClock.now()).await;
    settle(&mut world).await;
    let database = world.config.store.database.clone();
    let course = run(&world, &database, 1).await;
    assert!(course.answered.len() > 3, "the checkpoint came later than the start");
    verify(&mut world, &course).await;
}

/// Asks until the process has ended, its `nth` sync of `file` failing.
async fn run(world: &World, file: &std::path::Path, nth: usize) -> Course {
    let inject = format!("inject=fdatasync,fsync:error=EIO:when={nth}");
    let file = file.to_str().unwrap();
    let under =
        strace(&["-P", file, "-e", "trace=fdatasync,fsync", "-e", &inject], &world.data_dir().join("trace"));
    let mut broker = world.serve_under(&under);
    let mut course = Course::default();
    while tokio::net::TcpStream::connect(world.config.grpc.listen).await.is_err() {
        if let Some(status) = broker.ended() {
            assert!(!status.success(), "opening the database met the failed sync");
            return course;
        }
        tokio::task::yield_now().await;
    }
    for _ in 0..MAX_QUESTIONS {
        world.clock.set(SystemClock.now());
        let before = world.agencies.control().total_calls();
        match Ask::with(world, question(world)).await {
            Ok(answer) => course.answered.push(answer.entry_id),
            Err(refused) => {
                // Or no answer at all: the process is ending.
                assert!(
                    matches!(refused.code(), Code::Unavailable | Code::Unknown | Code::Cancelled),
                    "{refused:?}"
                );
                let asked = world.agencies.control().total_calls() - before;
                assert!(asked == 0 || asked == source_count(), "{asked} sources were asked");
                course.cut_off_after_asking = asked > 0;
                nothing_more(world, &mut broker).await;
                let status = broker.wait();
                // It listens before it has opened the database, and ends if that meets the failed sync.
                course.opened = status.code() == Some(LOG_FAILED);
                assert!(course.opened || (!status.success() && course.answered.is_empty() && asked == 0));
                return course;
            }
        }
    }
    panic!("no sync failed");
}

/// From the failed sync on nobody is asked and nothing is answered.
async fn nothing_more(world: &World, broker: &mut Process) {
    let before = world.agencies.control().total_calls();
    while broker.ended().is_none() {
        assert!(Ask::with(world, question(world)).await.is_err());
    }
    assert_eq!(world.agencies.control().total_calls(), before);
}

/// The log is whole, and tells of everything that was disclosed; questions are answered again.
async fn verify(world: &mut World, course: &Course) {
    assert_eq!(examine(&world.config, Vec::new()).unwrap().findings, Vec::<String>::new());
    world.start_broker().await;
    let log = world.log().await;
    let state = |id: &String| log.iter().find(|entry| entry.entry_id == *id).map(|entry| entry.state());
    for entry in &course.answered {
        assert_eq!(state(entry), Some(EntryState::Released));
    }
    let questions = log.iter().filter(|entry| !entry.sources.is_empty()).collect::<Vec<_>>();
    assert!(questions.iter().all(|entry| entry.state() != EntryState::Open));
    assert!(questions.len() >= course.answered.len() + usize::from(course.cut_off_after_asking));
    Ask::with(world, question(world)).await.unwrap();
    world.stop_broker().await;
}

/// Started once as it will be started again, so that a start writes nothing; and stopped.
async fn settle(world: &mut World) {
    world.restart().await;
    world.stop_broker().await;
}

fn question(world: &World) -> AskRequest {
    let today = world.clock.today().to_string();
    AskRequest { period: Some(Period { from: today.clone(), to: today }), ..world.question() }
}

fn wal(world: &World) -> PathBuf {
    world.config.store.database.with_file_name("broker.db-wal")
}
