//! Asking the witnesses: nobody waits for all of them, and nothing that nobody signed stops the broker.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use ssbtek_broker::Broker;
use ssbtek_config::{Config, WitnessConfig};
use ssbtek_domain::{OrganisationNumber, SystemEntropy};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use crate::harness::{Ask, BOARD, OTHER_BOARD, Wires, World, nobody, with_witness_of};

/// Longest a turn may take in these tests.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// So many turns take less than asking each log after the other, on a busy machine too.
const A_FEW: u32 = 6;
/// Logs of which only the key is there, so that each is asked about at the start.
const BOARDS: usize = 40;

/// Something at a witness's address that never cosigns.
#[derive(Clone, Default)]
struct Imposter {
    /// Answers each request with a conflict; otherwise with nothing.
    lies: Arc<AtomicBool>,
    /// Requests heard, and if it lies, answered.
    heard: Arc<AtomicUsize>,
}

impl Imposter {
    async fn named(config: &mut Config, name: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        config.witness.push(WitnessConfig { url, key: nobody(name), ca: None });
        let imposter = Self::default();
        let answering = imposter.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answering.clone().answer(stream));
            }
        });
        imposter
    }

    async fn answer(self, mut stream: TcpStream) {
        let mut buffer = [0; 16 << 10];
        while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {
            if self.lies.load(Ordering::SeqCst) && stream.write_all(CONFLICT.as_bytes()).await.is_err() {
                return;
            }
            self.heard.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn heard(&self) -> usize {
        self.heard.load(Ordering::SeqCst)
    }
}

/// What a witness answers that has cosigned a larger tree, or whoever sits between.
const CONFLICT: &str =
    "HTTP/1.1 409 Conflict\r\nContent-Type: text/x.tlog.size\r\nContent-Length: 7\r\n\r\n999999\n";

/// Organisation numbers with a right check digit.
fn boards() -> Vec<String> {
    let numbers = (0..).map(|n| format!("1621300{n:05}"));
    let valid = numbers.filter(|number| OrganisationNumber::parse(number).is_ok()).take(BOARDS);
    valid.chain([BOARD.to_owned(), OTHER_BOARD.to_owned()]).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_witness_holds_up_neither_start_nor_stop_however_many_boards_there_are() {
    let state = tempfile::tempdir().unwrap();
    let kept = state.path().to_owned();
    let mut world = World::start(Wires::Grpc).await;
    world.stop_broker().await;
    let boards = boards();
    let names: Vec<&str> = boards.iter().map(String::as_str).collect();
    let _witness = with_witness_of(&mut world.config, &kept, World::clock(), &names);
    world.config.witnessing.timeout_ms = PATIENCE.as_millis() as u64;
    let silent = Imposter::named(&mut world.config, "silent.example.se").await;

    let begun = Instant::now();
    world.start_broker().await;
    let opened = begun.elapsed();
    assert!(silent.heard() > 0, "the silent witness was asked");
    Ask::with(&world, world.question()).await.unwrap();
    let begun = Instant::now();
    world.stop_broker().await;
    let stopped = begun.elapsed();
    assert!(opened < A_FEW * PATIENCE, "{BOARDS} boards and one silent witness: open after {opened:?}");
    assert!(stopped < A_FEW * PATIENCE, "and closed after {stopped:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_no_quorum_at_all_start_and_stop_end_at_one_deadline() {
    let mut world = World::start(Wires::Grpc).await;
    world.stop_broker().await;
    world.config.witnessing.timeout_ms = PATIENCE.as_millis() as u64;
    Imposter::named(&mut world.config, "silent.example.se").await;
    let begun = Instant::now();
    let refused = Broker::start(&world.config, world.clock.clone(), Arc::new(SystemEntropy)).await;
    let refused = format!("{:#}", refused.err().unwrap());
    world.config.grpc.listen.set_port(0);
    assert!(refused.contains("too few witnesses have confirmed"), "{refused}");
    assert!(begun.elapsed() < A_FEW * PATIENCE, "refused after {:?}", begun.elapsed());

    world.config.witnessing.required_at_start = false;
    let broker = loop {
        // The one that was refused may still be letting go of the database.
        match Broker::start(&world.config, world.clock.clone(), Arc::new(SystemEntropy)).await {
            Err(error) if format!("{error:#}").contains("in use") => tokio::task::yield_now().await,
            started => break started.unwrap(),
        }
    };
    let begun = Instant::now();
    broker.stop().await;
    assert!(begun.elapsed() < A_FEW * PATIENCE, "closed after {:?}", begun.elapsed());
}

/// A broker with a good witness, and a second one that begins to lie once it runs.
async fn with_a_liar(state: &Path, believed_after_s: u64) -> (World, Imposter, oneshot::Sender<()>) {
    let mut world = World::start(Wires::Grpc).await;
    world.stop_broker().await;
    let witness = with_witness_of(&mut world.config, state, World::clock(), &[BOARD, OTHER_BOARD]);
    let liar = Imposter::named(&mut world.config, "liar.example.se").await;
    world.config.witnessing.timeout_ms = 300;
    world.config.witnessing.unproven_contradiction_s = believed_after_s;
    world.start_broker().await;
    liar.lies.store(true, Ordering::SeqCst);
    (world, liar, witness)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflict_that_nobody_signed_does_not_stop_the_broker() {
    let state = tempfile::tempdir().unwrap();
    let (world, liar, _witness) = with_a_liar(state.path(), 3_600).await;
    let before = liar.heard();
    while liar.heard() < before + 3 {
        Ask::with(&world, world.question()).await.unwrap();
    }
    Ask::with(&world, world.question()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflict_that_lasts_for_as_long_as_is_configured_stops_the_broker() {
    let state = tempfile::tempdir().unwrap();
    let (world, _liar, _witness) = with_a_liar(state.path(), 0).await;
    while tokio::time::timeout(Duration::from_millis(1), world.broker().poisoned()).await.is_err() {
        // Each record is asked about.
        let _ = Ask::with(&world, world.question()).await;
    }
    assert!(Ask::with(&world, world.question()).await.is_err());
}
