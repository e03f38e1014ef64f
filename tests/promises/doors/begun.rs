//! What begins on a connection gets on, or the connection ends: a preface, a head, a frame. Within the time that is configured,
//! not within that of something else.

use std::time::{Duration, Instant};

use ssbtek_domain::{Agency, Role};
use ssbtek_pki::{ALPN_H2, Stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tonic::Code;

use crate::{
    harness::{Wires, World},
    soap::PLAIN,
};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// An empty SETTINGS frame.
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
/// Begins a header block on stream 1 that does not end here: `:method POST`.
const HEADERS: &[u8] = &[0, 0, 1, 1, 0, 0, 0, 0, 1, 0x83];
/// Goes on with it, and does not end it.
const CONTINUATION: &[u8] = &[0, 0, 1, 9, 0, 0, 0, 0, 1, 0x87];

/// Heads get one second; everything else gets far longer.
async fn world() -> World {
    World::start_with(Wires::Grpc, |config| {
        config.grpc.header_timeout_s = 1;
        let soap = config.soap.as_mut().unwrap();
        (soap.header_timeout_s, soap.keep_alive_s) = (1, 60);
    })
    .await
}

/// Reads to the end, which must come when the time for heads is over, and neither before nor much later.
async fn ends_in_time(mut stream: Stream, what: &str) -> Vec<u8> {
    let start = Instant::now();
    let mut told = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut told));
    // An end is an end, whether it was announced or not.
    let _ = read.await.unwrap_or_else(|_| panic!("{what}: is still open after five seconds"));
    assert!(start.elapsed() > Duration::from_millis(500), "{what}: ended after {:?}", start.elapsed());
    told
}

#[tokio::test]
async fn an_http_2_connection_on_which_a_preface_a_head_or_a_frame_does_not_get_on_ends() {
    let world = world().await;
    let open = async || world.tls_connection(world.broker().ports.grpc, ALPN_H2, &world.board.identity).await;
    let begun = [
        ("nothing", Vec::new()),
        ("half a preface", PREFACE[..12].to_vec()),
        ("a preface alone", PREFACE.to_vec()),
        ("half a SETTINGS frame", [PREFACE, &SETTINGS[..5]].concat()),
        ("half a frame's head", [PREFACE, SETTINGS, &HEADERS[..4]].concat()),
        ("half a frame", [PREFACE, SETTINGS, &HEADERS[..9]].concat()),
        ("half a header block", [PREFACE, SETTINGS, HEADERS].concat()),
        ("a header block that goes on", [PREFACE, SETTINGS, HEADERS, CONTINUATION].concat()),
    ];
    let ended = begun.map(|(what, bytes)| {
        let open = &open;
        async move {
            let mut stream = open().await;
            stream.write_all(&bytes).await.unwrap();
            stream.flush().await.unwrap();
            ends_in_time(stream, what).await;
        }
    });
    futures::future::join_all(ended).await;
}

#[tokio::test]
async fn a_header_block_that_drips_ends_the_connection_as_one_that_stops() {
    let world = world().await;
    let door = world.broker().ports.grpc;
    let mut stream = world.tls_connection(door, ALPN_H2, &world.board.identity).await;
    stream.write_all(&[PREFACE, SETTINGS, HEADERS].concat()).await.unwrap();
    stream.flush().await.unwrap();
    let start = Instant::now();
    let dripped = async {
        // What is measured is time itself.
        loop {
            tokio::time::sleep(Duration::from_millis(200)).await;
            if stream.write_all(CONTINUATION).await.is_err() || stream.flush().await.is_err() {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), dripped).await.expect("ended");
    assert!(start.elapsed() > Duration::from_millis(500), "{:?}", start.elapsed());
}

#[tokio::test]
async fn an_http_2_connection_between_calls_is_kept() {
    let world = world().await;
    let mut wire = world.http2(&world.board.identity).await;
    assert_eq!(wire.ask(&world, "TNS").await.unwrap().code(), Some(Code::Ok));
    // Longer than a head may take; what is measured is time itself.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(wire.ask(&world, "TNS").await.unwrap().code(), Some(Code::Ok));
}

#[tokio::test]
async fn an_http_1_1_connection_on_which_a_head_does_not_get_on_is_told_so_and_ends() {
    let world = world().await;
    let question = world.soap_question(11, Role::Applicant).only(&[Agency::Tns]).envelope();
    let whole = format!(
        "POST /ssbt HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{PLAIN}\r\n{question}",
        question.len()
    );
    let begun = [
        ("nothing", "", false),
        ("half a request line", "POST /ss", false),
        ("half a head", "POST /ssbt HTTP/1.1\r\nHost: x\r\n", false),
        ("half a second head", "POST /ssbt HT", true),
    ];
    let ended = begun.map(|(what, begun, second)| {
        let (world, whole) = (&world, &whole);
        async move {
            let mut stream = world.soap_connection(&world.board.identity).await;
            if second {
                stream.write_all(whole.as_bytes()).await.unwrap();
                assert_eq!(crate::soap::read(&mut stream).await.status, 200);
            }
            stream.write_all(begun.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
            let told = ends_in_time(stream, what).await;
            let told = String::from_utf8_lossy(&told).into_owned();
            assert!(told.starts_with("HTTP/1.1 408 ") || begun.is_empty(), "{what}: {told}");
        }
    });
    futures::future::join_all(ended).await;
}
