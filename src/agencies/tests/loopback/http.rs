//! HTTP towards formats of the agencies' own: what is sent, what is bounded, what is refused.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures::future::join_all;
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use http_body::Frame;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use ssbtek_agencies::{Connector as _, HttpClient, HttpLimits, OwnFormat};
use ssbtek_domain::{Agency, Note, Original, Outcome, Question, Source, SourceAnswer};
use ssbtek_formats::{CannotAsk, Codec, HttpAnswer, HttpQuestion, RefusalCode, Refused};
use ssbtek_pki::Connector;
use ssbtek_xml::{Limits, XmlError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    server::{Body, Server, bytes, frames},
    world::{at_once, mocks, question, soon},
};

/// Posts a fixed text; takes any XML for an answer.
struct Xml;

impl Codec for Xml {
    fn question(&self, question: &Question) -> Result<HttpQuestion, CannotAsk> {
        if question.case.as_str().len() > 31 {
            return Err(CannotAsk("the case's identity is longer than 31 characters"));
        }
        Ok(HttpQuestion {
            path: "/svc?x=1".to_owned(),
            content_type: "text/xml; charset=utf-8",
            soap_action: Some("\"\""),
            body: b"<fraga/>".to_vec(),
        })
    }

    fn answer(&self, _: &Question, answer: HttpAnswer) -> Result<SourceAnswer, Refused> {
        ssbtek_xml::parse(&answer.body, &Limits::default()).map_err(|error| match error {
            XmlError::Doctype => Refused("DOCTYPE", RefusalCode::Doctype),
            XmlError::TooDeep => Refused("too deep", RefusalCode::TooLarge),
            _ => Refused("no XML", RefusalCode::NotWellFormed),
        })?;
        let original = Some(Original { media_type: "text/xml", bytes: answer.body });
        let fault_code = Some(answer.status.to_string());
        let empty = SourceAnswer::without_facts(tns(), Outcome::NoSuchPerson);
        Ok(SourceAnswer { original, fault_code, ..empty })
    }
}

fn tns() -> Source {
    Source::Agency(Agency::Tns)
}

fn source(base: &Uri, limits: HttpLimits) -> OwnFormat {
    let client = HttpClient::new(Connector::plain(Duration::from_secs(5)), limits);
    OwnFormat::new(tns(), Box::new(Xml), client, base.clone())
}

fn any_question() -> Question {
    question(&mocks().population.persons()[0])
}

async fn asked(server: &Server) -> SourceAnswer {
    source(&server.base, HttpLimits::default()).ask(&any_question(), soon()).await
}

async fn outcome(answer: fn() -> Response<Body>) -> Outcome {
    asked(&Server::http1(move |_| async move { answer() }).await).await.outcome
}

fn with(body: impl Into<Bytes>, name: &'static str, value: &'static str) -> Response<Body> {
    let mut response = Response::new(bytes(body));
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

#[tokio::test]
async fn a_question_is_posted_as_the_format_says_and_the_answer_comes_back_unchanged() {
    let seen = Arc::new(Mutex::new(String::new()));
    let record = seen.clone();
    let server = Server::http1(move |request: Request<Incoming>| {
        let record = record.clone();
        async move {
            let (head, body) = request.into_parts();
            let header = |name: &str| head.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
            let body = body.collect().await.unwrap().to_bytes();
            *record.lock().unwrap() = format!(
                "{} {} {:?} {:?} {:?} {}",
                head.method,
                head.uri,
                header("content-type"),
                header("soapaction"),
                header("accept-encoding"),
                String::from_utf8_lossy(&body)
            );
            let mut response = Response::new(bytes("<svar> å </svar>"));
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    })
    .await;
    let answer = asked(&server).await;
    assert_eq!(answer.outcome, Outcome::NoSuchPerson);
    assert_eq!(answer.original.unwrap().bytes, "<svar> å </svar>".as_bytes());
    assert_eq!(
        answer.fault_code.as_deref(),
        Some("500"),
        "faults come with status 500 and are the format's to read"
    );
    assert_eq!(
        *seen.lock().unwrap(),
        r#"POST /svc?x=1 Some("text/xml; charset=utf-8") Some("\"\"") Some("identity") <fraga/>"#
    );
}

#[tokio::test]
async fn a_question_against_the_agencys_own_rule_is_not_sent() {
    let server = Server::http1(|_| async { Response::new(bytes("<svar/>")) }).await;
    let mut question = any_question();
    question.case = ssbtek_domain::CaseId::parse(&"1".repeat(32)).unwrap();
    let answer = source(&server.base, HttpLimits::default()).ask(&question, soon()).await;
    assert_eq!(answer.outcome, Outcome::FailedAtSource);
    assert_eq!(answer.notes, [Note::CannotBeAsked("the case's identity is longer than 31 characters")]);
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_gigabyte_is_refused_after_the_first_megabyte_and_the_rest_is_never_made() {
    let made = Arc::new(AtomicU64::new(0));
    let count = made.clone();
    let server = Server::http1(move |_| {
        let count = count.clone();
        async move {
            let chunk = Bytes::from(vec![b' '; 64 * 1024]);
            Response::new(frames((0..16 * 1024).map(move |_| {
                count.fetch_add(chunk.len() as u64, Ordering::SeqCst);
                Frame::data(chunk.clone())
            })))
        }
    })
    .await;
    assert_eq!(asked(&server).await.outcome, Outcome::AnswerRefused);
    // What the sockets buffer comes on top of the limit.
    assert!(made.load(Ordering::SeqCst) < 64 * 1024 * 1024);
}

#[tokio::test]
async fn a_gigabyte_that_is_only_announced_is_refused_at_once() {
    let server = Server::raw("HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n<svar>").await;
    assert_eq!(asked(&server).await.outcome, Outcome::AnswerRefused);
}

#[tokio::test]
async fn redirects_are_refused_and_never_followed() {
    let calls = Arc::new(AtomicUsize::new(0));
    let count = calls.clone();
    let server = Server::http1(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        async {
            let mut response = with("", "location", "/elsewhere");
            *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
            response
        }
    })
    .await;
    assert_eq!(asked(&server).await.outcome, Outcome::AnswerRefused);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn hostile_documents_are_refused() {
    use Outcome::{AnswerRefused, NoSuchPerson};
    assert_eq!(outcome(|| Response::new(bytes("<!DOCTYPE x><svar/>"))).await, AnswerRefused);
    assert_eq!(outcome(|| Response::new(bytes("<a>".repeat(100_000)))).await, AnswerRefused);
    assert_eq!(outcome(|| Response::new(bytes("<svar><half"))).await, AnswerRefused);
    assert_eq!(outcome(|| Response::new(bytes(&b"<svar>\xE5</svar>"[..]))).await, AnswerRefused);
    assert_eq!(outcome(|| Response::new(bytes(""))).await, AnswerRefused);
    assert_eq!(outcome(|| with("\x1f\u{8b}", "content-encoding", "gzip")).await, AnswerRefused);
    let utf16 = || {
        let units = "\u{FEFF}<svar>å</svar>".encode_utf16();
        Response::new(bytes(units.flat_map(u16::to_be_bytes).collect::<Vec<u8>>()))
    };
    assert_eq!(outcome(utf16).await, NoSuchPerson, "UTF-16 is no attack");
}

#[tokio::test]
async fn broken_http_has_its_outcome() {
    use Outcome::{AnswerRefused, NotReachable};
    let headers = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(64 * 1024));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(100));
    for (name, raw, expected) in [
        ("closed without a word", "", NotReachable),
        ("not HTTP", "SSH-2.0-OpenSSH_9.6\r\n\r\n", AnswerRefused),
        ("headers too large", &headers, AnswerRefused),
        ("too many headers", &many, AnswerRefused),
        ("broken off", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n<svar>", NotReachable),
        ("broken chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", NotReachable),
        ("closed for today", "HTTP/1.1 503 Closed\r\ncontent-length: 0\r\n\r\n", NotReachable),
    ] {
        assert_eq!(asked(&Server::raw(raw).await).await.outcome, expected, "{name}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_or_drips_is_timed_out() {
    let silent = Server::http1(|_| std::future::pending()).await;
    let answer = source(&silent.base, HttpLimits::default()).ask(&any_question(), at_once()).await;
    assert_eq!(answer.outcome, Outcome::TimedOut);
    let nobody = source(&Uri::from_static("http://127.0.0.1:1"), HttpLimits::default());
    assert_eq!(nobody.ask(&any_question(), soon()).await.outcome, Outcome::NotReachable);
}

#[tokio::test]
async fn connections_are_kept_and_never_more_than_allowed() {
    let server = Server::http1(|_| async { Response::new(bytes("<svar/>")) }).await;
    let source = source(&server.base, HttpLimits { max_kept: 2, ..HttpLimits::default() });
    let question = any_question();
    for _ in 0..3 {
        let answers = join_all((0..10).map(|_| source.ask(&question, soon()))).await;
        assert!(answers.iter().all(|answer| answer.outcome == Outcome::NoSuchPerson));
    }
    // Two of each ten are kept for the next ten.
    assert!((10..=30).contains(&server.connections()), "{} connections", server.connections());
    let before = server.connections();
    for _ in 0..10 {
        assert_eq!(source.ask(&question, soon()).await.outcome, Outcome::NoSuchPerson);
    }
    assert_eq!(server.connections(), before, "one question after the other needs no other connection");
}

#[tokio::test]
async fn a_question_that_was_sent_is_never_sent_again_however_its_connection_ends() {
    // Reads whole questions and closes: whether they were looked at, nobody can say.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base: Uri = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            let mut bytes = vec![0; 64 * 1024];
            // One question on a connection is answered, the next one is read and the connection closed.
            for answer in [Some(&b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n<svar/>"[..]), None] {
                if tcp.read(&mut bytes).await.unwrap_or(0) == 0 {
                    break;
                }
                counted.fetch_add(1, Ordering::SeqCst);
                if let Some(answer) = answer {
                    tcp.write_all(answer).await.unwrap();
                }
            }
        }
    });
    let source = source(&base, HttpLimits::default());
    let question = any_question();
    assert_eq!(source.ask(&question, soon()).await.outcome, Outcome::NoSuchPerson);
    assert_eq!(source.ask(&question, soon()).await.outcome, Outcome::NotReachable);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_kept_connection_that_has_died_unused_costs_no_question() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base: Uri = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            let mut bytes = vec![0; 64 * 1024];
            let _ = tcp.read(&mut bytes).await;
            // Answers, promises more by saying nothing of closing, and closes.
            let _ = tcp.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n<svar/>").await;
        }
    });
    let source = source(&base, HttpLimits::default());
    let question = any_question();
    for nth in 0..50 {
        assert_eq!(source.ask(&question, soon()).await.outcome, Outcome::NoSuchPerson, "{nth}");
    }
}

/// Answers one question on each connection, and closes it when told; a thread of its own, so that it goes on while the client's
/// runtime stands still.
fn closes_when_told() -> (Uri, Arc<AtomicUsize>, impl Fn()) {
    use std::{
        io::{Read, Write},
        sync::mpsc,
    };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counting = connections.clone();
    let (close, closing) = mpsc::channel::<()>();
    let (closed, is_closed) = mpsc::channel::<()>();
    std::thread::spawn(move || {
        for tcp in listener.incoming() {
            let mut tcp = tcp.unwrap();
            counting.fetch_add(1, Ordering::SeqCst);
            let read = tcp.read(&mut [0; 64 * 1024]).unwrap();
            assert!(read > 0);
            tcp.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n<svar/>").unwrap();
            if closing.recv().is_err() {
                return;
            }
            drop(tcp);
            closed.send(()).unwrap();
        }
    });
    let tell = move || {
        close.send(()).unwrap();
        is_closed.recv().unwrap();
    };
    (base, connections, tell)
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_meanwhile_is_not_used_again() {
    let (base, connections, close) = closes_when_told();
    let source = source(&base, HttpLimits::default());
    let question = any_question();
    assert_eq!(source.ask(&question, soon()).await.outcome, Outcome::NoSuchPerson);
    close();
    // The connection's own task sees the end.
    others_run().await;
    assert_eq!(source.ask(&question, soon()).await.outcome, Outcome::NoSuchPerson);
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

/// Lets every other task of this thread run for as long as it has anything to do.
async fn others_run() {
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
}

/// The connection ends, and before its own task sees that, a question is given to it: nothing of it is written. On one thread, so
/// that the question comes first each time: what the operating system tells wakes the task, and this test is asked before it.
#[tokio::test]
async fn a_question_given_to_a_connection_that_is_dead_by_then_is_put_once_more_over_a_fresh_one() {
    let (base, connections, close) = closes_when_told();
    let source = source(&base, HttpLimits::default());
    let question = any_question();
    assert_eq!(source.ask(&question, soon()).await.outcome, Outcome::NoSuchPerson);
    others_run().await;
    close();
    tokio::task::yield_now().await;
    assert_eq!(source.asked_again(), 0);
    assert_eq!(source.ask(&question, soon()).await.outcome, Outcome::NoSuchPerson);
    assert_eq!((connections.load(Ordering::SeqCst), source.asked_again()), (2, 1));
}

/// What was written may have been read at the other end: it is not certain that the question was not processed.
#[tokio::test]
async fn a_question_that_was_written_to_a_connection_that_then_ends_is_not_put_again() {
    let (base, connections, close) = closes_when_told();
    let source = source(&base, HttpLimits::default());
    let question = any_question();
    assert_eq!(source.ask(&question, soon()).await.outcome, Outcome::NoSuchPerson);
    // The connection is kept once its task has run on.
    others_run().await;
    // Nothing runs here meanwhile, so that the end is not seen before the next question is written.
    close();
    assert_eq!(source.ask(&question, soon()).await.outcome, Outcome::NotReachable);
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_alarm_names_source_and_rule_and_nothing_of_the_answer_or_the_person() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _recording = tracing::subscriber::set_default(subscriber);
    assert_eq!(outcome(|| Response::new(bytes("<!DOCTYPE hemlig><hemlig/>"))).await, Outcome::AnswerRefused);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains(r#"alarm="answer_refused" source="TNS" reason="DOCTYPE""#), "{log}");
    assert!(!log.contains("hemlig"));
    let question = any_question();
    assert!(!log.contains(question.person.expose()) && !log.contains(question.person.ten_digits()));
}
