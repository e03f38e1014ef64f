//! A witness over HTTP, asked by its client and by hand.

use std::future::pending;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ssbtek_domain::FixedClock;
use ssbtek_pki::Connector;
use ssbtek_transparency::note::KeyName;
use ssbtek_transparency::tree::{Frontier, TileStore, Tiles, consistency_proof};
use ssbtek_transparency::witness::{AddCheckpoint, KnownLog};
use ssbtek_transparency::{Checkpoint, CosignatureSigner, Hash, NoteSigner, SignedNote, Trust};
use ssbtek_witness::state::Notes;
use ssbtek_witness::{
    ClientError, Limits, StateError, StateFile, Storage, Witness, WitnessClient, gather, serve,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const ORIGIN: &str = "log.example.se/0180";

struct Leaves(Vec<Hash>);

impl TileStore for Leaves {
    type Error = std::convert::Infallible;

    fn hashes(&self, _: u32, range: Range<u64>) -> Result<Vec<Hash>, Self::Error> {
        Ok(self.0[range.start as usize..range.end as usize].to_vec())
    }
}

/// A log whose leaves depend on `history`.
struct Log {
    signer: NoteSigner,
    history: u8,
}

#[cfg(test)]
impl Log {
    fn new(history: u8) -> Self {
        Self { signer: NoteSigner::from_seed(KeyName::parse(ORIGIN).unwrap(), &[1; 32]).unwrap(), history }
    }

    fn leaves(&self, size: u64) -> Vec<Hash> {
        (0..size).map(|n| Hash::leaf(&[n as u8, self.history])).collect()
    }

    fn note(&self, size: u64) -> SignedNote {
        let mut frontier = Frontier::new();
        self.leaves(size).into_iter().for_each(|leaf| drop(frontier.append(leaf)));
        Checkpoint::new(ORIGIN, size, frontier.root()).sign([&self.signer]).unwrap()
    }

    fn proof(&self, old: u64, new: u64) -> Option<Vec<Hash>> {
        consistency_proof(&Tiles::new(Leaves(self.leaves(new)), new), old, new).ok()
    }

    fn request(&self, old_size: u64, size: u64) -> String {
        let proof = self.proof(old_size, size).unwrap_or_default();
        AddCheckpoint { old_size, proof, checkpoint: self.note(size) }.encode()
    }

    async fn cosign(&self, client: &WitnessClient, size: u64) -> Result<SignedNote, ClientError> {
        let mut note = self.note(size);
        let line = client.cosign(&note, async |old| self.proof(old, size)).await?;
        note.add(line).unwrap();
        Ok(note)
    }
}

#[cfg(test)]
fn key() -> CosignatureSigner {
    CosignatureSigner::from_seed(KeyName::parse("witness.example.se/a").unwrap(), &[2; 32]).unwrap()
}

#[cfg(test)]
fn witness(storage: Box<dyn Storage>, notes: Notes) -> Witness {
    let log = KnownLog { origin: ORIGIN.to_owned(), keys: vec![Log::new(0).signer.verifier().clone()] };
    let clock = FixedClock::at("2026-03-01T00:00:00Z".parse().unwrap());
    Witness::new(key(), vec![log], storage, notes, Arc::new(clock))
}

#[cfg(test)]
async fn start(path: &Path, limits: Limits) -> SocketAddr {
    let (file, notes) = StateFile::create(path).or_else(|_| StateFile::open(path)).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let witness = Arc::new(witness(Box::new(file), notes));
    tokio::spawn(serve(listener, None, "/w", witness, limits, pending()));
    address
}

#[cfg(test)]
fn client(address: SocketAddr) -> WitnessClient {
    let uri = format!("http://{address}/w/add-checkpoint").parse().unwrap();
    let connector = Connector::plain(Duration::from_secs(5));
    WitnessClient::new(uri, key().verifier().clone(), connector, Duration::from_secs(10))
}

/// Sends these bytes, and returns everything that comes back until the other end closes.
#[cfg(test)]
async fn raw(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer).await);
    String::from_utf8(answer).unwrap()
}

#[cfg(test)]
fn post(body: &str) -> String {
    let length = body.len();
    format!(
        "POST /w/add-checkpoint HTTP/1.1\r\nHost: w\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn a_growing_log_is_cosigned_and_the_cosignature_makes_the_quorum() {
    let dir = tempfile::tempdir().unwrap();
    let client = client(start(&dir.path().join("state"), Limits::default()).await);
    let log = Log::new(0);
    let trust =
        Trust::new(ORIGIN, vec![log.signer.verifier().clone()], vec![key().verifier().clone()], 1).unwrap();
    for size in [0, 1, 7, 7, 40] {
        let note = log.cosign(&client, size).await.unwrap();
        let opened = trust.open_cosigned(&note.encode()).unwrap();
        assert_eq!(opened.checkpoint.size, size);
        assert_eq!(opened.cosigned, [("witness.example.se/a".to_owned(), 1_772_323_200)]);
    }
}

#[tokio::test]
async fn a_witness_that_is_away_does_not_hold_up_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let here = client(start(&dir.path().join("state"), Limits::default()).await);
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let log = Log::new(0);
    let mut note = log.note(5);
    let missing = gather(&[here, client(gone)], &mut note, async |old| log.proof(old, 5)).await;
    assert_eq!(missing, [("witness.example.se/a".to_owned(), ClientError::NotReachable)]);
    assert_eq!(note.signatures().len(), 2);
}

#[tokio::test]
async fn a_client_that_forgot_where_the_witness_is_learns_it_and_a_log_that_shrank_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let address = start(&dir.path().join("state"), Limits::default()).await;
    let log = Log::new(0);
    log.cosign(&client(address), 20).await.unwrap();
    let fresh = client(address);
    assert!(log.cosign(&fresh, 25).await.is_ok());
    assert_eq!(log.cosign(&client(address), 24).await.unwrap_err(), ClientError::LogBehind(25));
    let fork = Log::new(1);
    assert_eq!(fork.cosign(&client(address), 30).await.unwrap_err(), ClientError::Refused(422));
    assert_eq!(fork.cosign(&client(address), 25).await.unwrap_err(), ClientError::Refused(409));
    let forks = std::fs::read_dir(dir.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("state.fork-25-"));
    assert_eq!(forks.count(), 1, "the lie is kept as proof");
    assert!(log.cosign(&fresh, 31).await.is_ok(), "the true log goes on");
}

#[tokio::test]
async fn what_a_witness_saw_survives_its_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    let log = Log::new(0);
    {
        let (file, notes) = StateFile::create(&path).unwrap();
        assert_eq!(witness(Box::new(file), notes).add_checkpoint(log.request(0, 9).as_bytes()).status, 200);
    }
    let (file, notes) = StateFile::open(&path).unwrap();
    let again = witness(Box::new(file), notes);
    let answer = again.add_checkpoint(log.request(0, 12).as_bytes());
    assert_eq!((answer.status, answer.content_type, answer.body.as_str()), (409, "text/x.tlog.size", "9\n"));
    assert_eq!(again.add_checkpoint(log.request(9, 12).as_bytes()).status, 200);
}

#[tokio::test]
async fn each_refusal_has_its_status() {
    let dir = tempfile::tempdir().unwrap();
    let address = start(&dir.path().join("state"), Limits::default()).await;
    let (log, fork) = (Log::new(0), Log::new(1));
    let status = async |body: &str| raw(address, &post(body)).await.get(9..12).map(str::to_owned).unwrap();
    assert_eq!(status(&log.request(0, 5)).await, "200");
    assert_eq!(status("old 5\n").await, "400");
    assert_eq!(status(&log.request(6, 5)).await, "400");
    let mut stranger = Log::new(0);
    stranger.signer = NoteSigner::from_seed(KeyName::parse(ORIGIN).unwrap(), &[7; 32]).unwrap();
    assert_eq!(status(&stranger.request(5, 6)).await, "403");
    let unknown = Checkpoint::new("log.example.se/1480", 0, Hash::empty_root()).sign([&log.signer]).unwrap();
    let unknown = AddCheckpoint { old_size: 0, proof: vec![], checkpoint: unknown };
    assert_eq!(status(&unknown.encode()).await, "404");
    assert_eq!(status(&log.request(4, 6)).await, "409");
    assert_eq!(status(&fork.request(5, 6)).await, "422");
    let answer = raw(address, &post(&log.request(4, 6))).await;
    assert!(answer.to_lowercase().contains("content-type: text/x.tlog.size\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n5\n"), "{answer}");
}

#[tokio::test]
async fn other_paths_methods_and_sizes_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits { body_timeout: Duration::from_millis(50), ..Limits::default() };
    let address = start(&dir.path().join("state"), limits).await;
    let first = async |request: &str| raw(address, request).await.lines().next().map(str::to_owned).unwrap();
    let get = "GET /w/add-checkpoint HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n";
    assert_eq!(first(get).await, "HTTP/1.1 405 Method Not Allowed");
    let elsewhere = post("").replace("/w/add-checkpoint", "/w/add-checkpoint/");
    assert_eq!(first(&elsewhere).await, "HTTP/1.1 404 Not Found");
    let large = "POST /w/add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 1000000\r\n\r\n";
    assert_eq!(first(large).await, "HTTP/1.1 413 Payload Too Large");
    let slow = "POST /w/add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 10\r\n\r\nold";
    assert_eq!(first(slow).await, "HTTP/1.1 408 Request Timeout");
}

/// Fails from a moment on.
struct Failing(Arc<AtomicBool>);

impl Storage for Failing {
    fn save(&mut self, _: &Notes) -> Result<(), StateError> {
        let fails = self.0.swap(false, Ordering::SeqCst);
        if fails { Err(StateError::Io(std::io::ErrorKind::Other)) } else { Ok(()) }
    }

    fn keep_fork(&mut self, _: u64, _: &SignedNote) -> Result<(), StateError> {
        Ok(())
    }
}

#[test]
fn after_one_failed_write_nothing_is_signed_any_more() {
    let fails = Arc::new(AtomicBool::new(false));
    let witness = witness(Box::new(Failing(Arc::clone(&fails))), Notes::new());
    let log = Log::new(0);
    assert_eq!(witness.add_checkpoint(log.request(0, 5).as_bytes()).status, 200);
    fails.store(true, Ordering::SeqCst);
    let answer = witness.add_checkpoint(log.request(5, 9).as_bytes());
    assert_eq!(answer.status, 500);
    assert!(!answer.body.contains('—'), "no signature leaves");
    for (old, new) in [(5, 9), (9, 9), (9, 10)] {
        assert_ne!(witness.add_checkpoint(log.request(old, new).as_bytes()).status, 200);
    }
}

#[tokio::test]
async fn told_to_stop_it_stops() {
    let dir = tempfile::tempdir().unwrap();
    let (file, notes) = StateFile::create(&dir.path().join("state")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let service = tokio::spawn(serve(
        listener,
        None,
        "",
        Arc::new(witness(Box::new(file), notes)),
        Limits::default(),
        async move { drop(stopped.await) },
    ));
    stop.send(()).unwrap();
    service.await.unwrap();
}
