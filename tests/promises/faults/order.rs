//! No agency byte before the question's record is synced, no answer byte before the answer's: read from the system calls of a
//! real broker.

use std::{collections::HashMap, collections::HashSet, fs::File, io::BufReader, net::SocketAddr, thread};

use futures::{StreamExt, stream};
use ssbtek_access_log::Telling;
use ssbtek_domain::{Agency, Clock, SystemClock};
use ssbtek_proto::{agency::v1::Period, broker::v1::AskRequest};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use super::trace::Trace;
use crate::harness::{Ask, Wires, World, can_trace, source_count, strace};

/// Questions asked; `ORDER_QUESTIONS` sets another number.
const QUESTIONS: usize = 24;
/// What may go to a caller while its question is under way: HTTP/2 settings, windows and probes in a TLS record each, in bytes.
const MAX_FRAMING_BYTES: u64 = 64;
/// No answer about a household is smaller, in bytes.
const MIN_ANSWER_BYTES: u64 = 1_000;
/// Of them, how many a trace may miss: an entry's id that lies across two writes, or two buffers of one, is not seen.
const CUT: u32 = 2;
/// System calls that are looked at.
const CALLS: &str = "trace=pwrite64,pwritev,write,writev,sendto,sendmsg,fdatasync,fsync";

fn questions() -> usize {
    std::env::var("ORDER_QUESTIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(QUESTIONS)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_byte_leaves_before_its_record_is_synced_one_question_at_a_time_over_tls() {
    in_order(Wires::Own, Telling::Whole, questions() / 2, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_byte_leaves_before_its_record_is_synced_eight_questions_at_once() {
    in_order(Wires::GrpcPlain, Telling::Whole, questions() / 2, 8).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_part_of_a_stream_leaves_before_the_question_is_synced_and_the_last_not_before_the_answer_is() {
    in_order(Wires::Own, Telling::AsItComes, questions() / 2, 1).await;
}

async fn in_order(wires: Wires, telling: Telling, questions: usize, at_once: usize) {
    if !can_trace() {
        return;
    }
    let mut world = World::start_at(wires, SystemClock.now()).await;
    // What a first answer teaches about the household holds up those that are asked beside it.
    let today = world.clock.today().to_string();
    let question = AskRequest { period: Some(Period { from: today.clone(), to: today }), ..world.question() };
    Ask::with(&world, question).await.unwrap();
    world.stop_broker().await;
    let agencies = agency_ports(&world);
    let trace = Trace::new(agencies, world.config.grpc.listen.port(), wires == Wires::GrpcPlain);
    let pipe = world.data_dir().join("trace");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reading = {
        let pipe = pipe.clone();
        thread::spawn(move || trace.read(BufReader::with_capacity(1 << 20, File::open(pipe).unwrap())))
    };
    let broker = world.serve_under(&strace(&["-yy", "-s", "65536", "-e", CALLS], &pipe));
    world.wait_for_door().await;
    let asked = stream::iter(0..questions).map(|_| ask(&world, telling)).buffer_unordered(at_once);
    let ports: HashMap<String, u16> = asked.collect().await;
    broker.terminate();
    let trace = reading.join().unwrap();

    assert_eq!(trace.violations, Vec::<String>::new());
    assert_eq!(ports.len(), questions, "every question was answered under an entry of its own");
    let calls = source_count() * (questions as u64 + 1);
    assert_eq!(world.agencies.control().total_calls(), calls, "every source was asked each question once");
    for (entry, port) in &ports {
        let passage = trace.passages[entry];
        let (intent, end) = (passage.intent_durable.unwrap(), passage.end_durable.unwrap());
        assert!(passage.intent_written.unwrap() < intent && intent < passage.end_written.unwrap());
        assert!(
            u64::from(passage.asked) >= source_count() - u64::from(CUT),
            "{} writes to agencies were seen",
            passage.asked
        );
        let of_this = || trace.told.iter().filter(|(to, ..)| to == port);
        // From when on something may leave: sections from the question's record on, the whole from the answer's.
        let from = if telling == Telling::Whole { end } else { intent };
        let too_early = |at: &u64, bytes: &u64| {
            (passage.intent_written.unwrap()..=from).contains(at) && *bytes > MAX_FRAMING_BYTES
        };
        assert!(
            !of_this().any(|(_, at, bytes)| too_early(at, bytes)),
            "an answer's bytes before its record's sync"
        );
        let told: u64 = of_this().filter(|(_, at, _)| *at > end).map(|(.., bytes)| bytes).sum();
        assert!(told > MIN_ANSWER_BYTES, "the answer was seen: {told} bytes");
    }
    println!("{questions} questions, {} syncs, {} writes to agencies", trace.syncs, trace.agency_writes);
}

fn agency_ports(world: &World) -> HashSet<u16> {
    let port = |url: &String| url.parse::<http::Uri>().unwrap().port_u16().unwrap();
    world.config.sources.iter().map(|source| port(&source.url)).collect()
}

/// Asks over a connection of its own. Returns the entry, and the port that the broker sees at the other end.
async fn ask(world: &World, telling: Telling) -> (String, u16) {
    // That process reads the machine's clock.
    world.clock.set(SystemClock.now());
    let (road, port) = road(world.config.grpc.listen).await;
    let today = world.clock.today().to_string();
    let question = AskRequest { period: Some(Period { from: today.clone(), to: today }), ..world.question() };
    let (channel, question) =
        (world.connect_at(road, &world.board.identity), world.assertion("anna").on(question));
    let entry = match telling {
        Telling::Whole => Ask::over(channel, question).await.unwrap().entry_id,
        Telling::AsItComes => {
            let mut parts = Ask::stream_over(channel, question).await.unwrap();
            let entry = parts.begun().await;
            for _ in Agency::ALL {
                parts.section().await;
            }
            parts.answer().await;
            entry
        }
    };
    (entry, port.await.unwrap())
}

/// A port that leads one connection to the door, and the port it comes from there.
async fn road(door: SocketAddr) -> (SocketAddr, oneshot::Receiver<u16>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (tell, port) = oneshot::channel();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut here, _) = listener.accept().await.unwrap();
        let mut there = TcpStream::connect(door).await.unwrap();
        tell.send(there.local_addr().unwrap().port()).unwrap();
        // How it ends is the caller's to see.
        let _ = copy_bidirectional(&mut here, &mut there).await;
    });
    (address, port)
}
