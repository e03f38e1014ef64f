//! The agency contract over gRPC.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::future::join_all;
use http::{HeaderMap, HeaderValue, Response, StatusCode, Uri};
use http_body::Frame;
use http_body_util::BodyExt;
use mock_agencies::{Behaviour, Did, Lie, MockAgencies, MockConfig, Outage, Running, facts, server_tls};
use ssbtek_agencies::{Connector as _, GrpcAgency, GrpcEndpoint, GrpcLimits};
use ssbtek_domain::{Agency, Outcome, Source, SystemClock};
use ssbtek_pki::{ALPN_H2, Connector, TestAuthority, Validity, client_config};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use crate::{
    server::{Body, Server, bytes, frames},
    world::{at_once, mocks, period, question, soon, start, today},
};

const PATIENCE: Duration = Duration::from_secs(5);

fn endpoint(base: &Uri, limits: GrpcLimits) -> Arc<GrpcEndpoint> {
    Arc::new(GrpcEndpoint::new(base, Connector::plain(PATIENCE), limits).unwrap())
}

fn csn() -> Source {
    Source::Agency(Agency::Csn)
}

fn agency(running: &Running, source: &Source) -> GrpcAgency {
    let base = running.grpc_url(source).unwrap().parse().unwrap();
    GrpcAgency::new(source.clone(), endpoint(&base, GrpcLimits::default()), true)
}

#[tokio::test]
async fn every_source_answers_with_the_facts_that_the_agency_has() {
    let mocks = mocks();
    let person = mocks.population.persons()[0].clone();
    let running = start(mocks.clone()).await;
    for source in mocks.control.sources() {
        let answer = agency(&running, source).ask(&question(&person), soon()).await;
        if person.unknown_at.contains(&source.agency()) {
            assert_eq!(answer.outcome, Outcome::NoSuchPerson, "{source}");
            continue;
        }
        assert_eq!(answer.outcome, Outcome::Answered, "{source}");
        assert!(answer.section == Some(facts::section(source, &person, &period(), today())), "{source}");
        assert!(answer.original.is_some());
        assert_eq!(answer.source, *source);
    }
    assert_eq!(mocks.control.strays(), 0);
}

#[tokio::test]
async fn no_lie_passes_for_an_answer() {
    let mocks = mocks();
    let person =
        mocks.population.persons().iter().find(|person| !person.unknown_at.contains(&Agency::Csn)).unwrap();
    let running = start(mocks.clone()).await;
    let agency = agency(&running, &csn());
    for lie in Lie::ALL {
        mocks.control.set(&csn(), Behaviour::lying(lie)).unwrap();
        let (deadline, expected) = match lie {
            Lie::Late | Lie::Drip => (at_once(), Outcome::TimedOut),
            _ => (soon(), Outcome::AnswerRefused),
        };
        let answer = agency.ask(&question(person), deadline).await;
        assert_eq!(answer.outcome, expected, "{lie:?}");
        assert!(answer.section.is_none() && answer.original.is_none(), "{lie:?}");
    }
    mocks.control.set(&csn(), Behaviour::default()).unwrap();
    assert_eq!(agency.ask(&question(person), soon()).await.outcome, Outcome::Answered);
}

#[tokio::test]
async fn outages_are_told_apart_and_the_next_question_finds_its_way() {
    let mocks = mocks();
    let person =
        mocks.population.persons().iter().find(|person| !person.unknown_at.contains(&Agency::Csn)).unwrap();
    let running = start(mocks.clone()).await;
    let agency = agency(&running, &csn());
    for (outage, deadline, expected) in [
        (Outage::Refuse, soon(), Outcome::NotReachable),
        (Outage::CloseConnection, soon(), Outcome::NotReachable),
        (Outage::Hang, at_once(), Outcome::TimedOut),
    ] {
        mocks.control.set(&csn(), Behaviour::out(outage)).unwrap();
        assert_eq!(agency.ask(&question(person), deadline).await.outcome, expected, "{outage:?}");
        mocks.control.set(&csn(), Behaviour::default()).unwrap();
        assert_eq!(
            agency.ask(&question(person), soon()).await.outcome,
            Outcome::Answered,
            "after {outage:?}"
        );
    }
    let failing = Behaviour { failure_rate_percent: 100, ..Behaviour::default() };
    mocks.control.set(&csn(), failing).unwrap();
    assert_eq!(agency.ask(&question(person), soon()).await.outcome, Outcome::FailedAtSource);
}

#[tokio::test]
async fn nobody_at_the_address_is_not_reachable_for_all_who_wait() {
    let mocks = mocks();
    let person = &mocks.population.persons()[0];
    let endpoint = endpoint(&Uri::from_static("http://127.0.0.1:1"), GrpcLimits::default());
    let agency = GrpcAgency::new(csn(), endpoint, false);
    let question = question(person);
    let answers = join_all((0..20).map(|_| agency.ask(&question, soon()))).await;
    assert!(answers.iter().all(|answer| answer.outcome == Outcome::NotReachable));
}

#[tokio::test]
async fn a_deadline_that_has_passed_asks_nobody() {
    let mocks = mocks();
    let running = start(mocks.clone()).await;
    let past = tokio::time::Instant::now();
    let answer = agency(&running, &csn()).ask(&question(&mocks.population.persons()[0]), past).await;
    assert_eq!(answer.outcome, Outcome::TimedOut);
    assert_eq!(mocks.control.did(&csn(), Did::Answered).unwrap(), 0);
}

#[tokio::test]
async fn thirty_sources_at_one_address_share_one_connection() {
    let server = Server::http2(|_| async { failed("13") }).await;
    let endpoint = endpoint(&server.base, GrpcLimits::default());
    let person = mocks().population.persons()[0].clone();
    let question = question(&person);
    let agencies: Vec<_> = (0..30).map(|_| GrpcAgency::new(csn(), endpoint.clone(), false)).collect();
    let answers = join_all(agencies.iter().map(|agency| agency.ask(&question, soon()))).await;
    assert!(answers.iter().all(|answer| answer.outcome == Outcome::FailedAtSource));
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_connection_past_its_age_takes_no_more_questions() {
    let server = Server::http2(|_| async { failed("13") }).await;
    let limits = GrpcLimits { max_connection_age: Duration::ZERO, ..GrpcLimits::default() };
    let agency = GrpcAgency::new(csn(), endpoint(&server.base, limits), false);
    let person = mocks().population.persons()[0].clone();
    for _ in 0..3 {
        assert_eq!(agency.ask(&question(&person), soon()).await.outcome, Outcome::FailedAtSource);
    }
    assert_eq!(server.connections(), 3);
}

/// An error without a body, the way gRPC servers send one.
fn failed(status: &'static str) -> Response<Body> {
    let mut response = plain(bytes(""));
    response.headers_mut().insert("grpc-status", HeaderValue::from_static(status));
    response
}

fn plain(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
    response
}

fn trailers(status: &'static str) -> Frame<Bytes> {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static(status));
    Frame::trailers(trailers)
}

fn data(data: &'static [u8]) -> Frame<Bytes> {
    Frame::data(Bytes::from_static(data))
}

fn with(mut response: Response<Body>, name: &'static str, value: &'static str) -> Response<Body> {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = plain(bytes(""));
    *response.status_mut() = status;
    response
}

#[tokio::test]
async fn every_way_to_break_the_protocol_has_its_outcome() {
    use Outcome::{AnswerRefused, FailedAtSource, NotReachable, TimedOut};
    type Make = fn() -> Response<Body>;
    let cases: [(&str, Make, Outcome); 19] = [
        ("unavailable", || failed("14"), NotReachable),
        ("deadline exceeded", || failed("4"), TimedOut),
        ("permission denied", || failed("7"), FailedAtSource),
        ("no such status", || failed("x"), FailedAtSource),
        ("success without message", || failed("0"), AnswerRefused),
        ("error after a message", || plain(frames([data(b"\0\0\0\0\0"), trailers("13")])), FailedAtSource),
        ("no status at the end", || plain(frames([data(b"\0\0\0\0\0")])), AnswerRefused),
        ("no message", || plain(frames([trailers("0")])), AnswerRefused),
        ("half a prefix", || plain(frames([data(b"\0\0"), trailers("0")])), AnswerRefused),
        ("half a message", || plain(frames([data(b"\0\0\0\0\x09abc"), trailers("0")])), AnswerRefused),
        (
            "two messages",
            || plain(frames([data(b"\0\0\0\0\0"), data(b"\0\0\0\0\0"), trailers("0")])),
            AnswerRefused,
        ),
        ("compressed message", || plain(frames([data(b"\x01\0\0\0\0"), trailers("0")])), AnswerRefused),
        ("compressed stream", || with(failed("0"), "grpc-encoding", "gzip"), AnswerRefused),
        ("web page", || with(plain(bytes("<html>")), "content-type", "text/html"), AnswerRefused),
        ("grpc-web", || with(failed("0"), "content-type", "application/grpc-web"), AnswerRefused),
        ("redirect", || with(status(StatusCode::FOUND), "location", "/x"), AnswerRefused),
        ("gateway", || status(StatusCode::BAD_GATEWAY), NotReachable),
        ("not found", || status(StatusCode::NOT_FOUND), FailedAtSource),
        ("a gigabyte announced", || plain(frames([data(b"\0\x40\0\0\0x")])), AnswerRefused),
    ];
    let person = mocks().population.persons()[0].clone();
    for (name, make, expected) in cases {
        let server = Server::http2(move |_| async move { make() }).await;
        let agency = GrpcAgency::new(csn(), endpoint(&server.base, GrpcLimits::default()), true);
        let answer = agency.ask(&question(&person), soon()).await;
        assert_eq!(answer.outcome, expected, "{name}");
        assert!(answer.section.is_none() && answer.original.is_none(), "{name}");
    }
}

#[tokio::test]
async fn over_tls_the_agency_is_verified_and_the_broker_presents_itself() {
    let validity = Validity {
        not_before: "2000-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2099-01-01T00:00:00Z".parse().unwrap(),
    };
    let authority = TestAuthority::new("Root", validity).unwrap();
    let server = authority.server(&["agencies.test"], &[], validity).unwrap();
    let root = authority.root_pem();
    let tls =
        server_tls(server.certificate_pem.as_bytes(), server.key_pem.as_bytes(), root.as_bytes()).unwrap();
    let mocks = mocks();
    let config = MockConfig { control_port: None, tls: Some(tls), ..MockConfig::default() };
    let running = MockAgencies::start(&config, mocks.clone()).await.unwrap();
    let base: Uri = running.grpc_url(&csn()).unwrap().parse().unwrap();
    let person =
        mocks.population.persons().iter().find(|person| !person.unknown_at.contains(&Agency::Csn)).unwrap();
    let broker = authority.client("SSBTEK", "165560000123", validity).unwrap();
    let stranger =
        TestAuthority::new("Root", validity).unwrap().client("SSBTEK", "165560000123", validity).unwrap();
    for (identity, name, expected) in [
        (Some(&broker.identity), "agencies.test", Outcome::Answered),
        (Some(&broker.identity), "other.test", Outcome::IdentityRefused),
        (Some(&stranger.identity), "agencies.test", Outcome::NotReachable),
        (None, "agencies.test", Outcome::NotReachable),
    ] {
        let roots = authority.roots().unwrap();
        let tls = client_config(identity, &roots, Arc::new(SystemClock), &[ALPN_H2]).unwrap();
        let connector = Connector::tls_named(tls, name, PATIENCE, PATIENCE).unwrap();
        let endpoint = Arc::new(GrpcEndpoint::new(&base, connector, GrpcLimits::default()).unwrap());
        let answer = GrpcAgency::new(csn(), endpoint, false).ask(&question(person), soon()).await;
        assert_eq!(answer.outcome, expected, "{name}");
    }
}

/// A server whose first connection ends its first stream with `frame`; what comes later goes to `behind`.
async fn first_ends_with(behind: &Uri, frame: &'static [u8]) -> Uri {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let behind = behind.authority().unwrap().to_string();
    tokio::spawn(async move {
        let (mut first, _) = listener.accept().await.unwrap();
        tokio::spawn(async move {
            first.read_exact(&mut [0; 24]).await.unwrap();
            // Its settings, and that it has seen ours.
            first.write_all(b"\0\0\0\x04\0\0\0\0\0\0\0\0\x04\x01\0\0\0\0").await.unwrap();
            let mut head = [0; 9];
            while first.read_exact(&mut head).await.is_ok() {
                let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
                first.read_exact(&mut vec![0; length]).await.unwrap();
                if head[3] == 1 {
                    first.write_all(frame).await.unwrap();
                }
            }
        });
        while let Ok((mut later, _)) = listener.accept().await {
            let mut through = TcpStream::connect(&behind).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut later, &mut through).await });
        }
    });
    base
}

#[tokio::test]
async fn what_was_certainly_not_processed_is_asked_once_more_and_nothing_else_is() {
    const REFUSED: &[u8] = b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x07";
    const CANCELLED: &[u8] = b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08";
    const GONE_BELOW: &[u8] = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\0";
    const GONE_BELOW_IN_ANGER: &[u8] = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x0b";
    // Looks at ours still, and then resets it.
    const GONE_ABOVE: &[u8] = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\x04\x03\0\0\0\0\x01\0\0\0\x02";
    let person = mocks().population.persons()[0].clone();
    for (what, frame, expected, asked) in [
        ("REFUSED_STREAM", REFUSED, Outcome::FailedAtSource, 1),
        ("GOAWAY below", GONE_BELOW, Outcome::FailedAtSource, 1),
        ("GOAWAY below, with an error", GONE_BELOW_IN_ANGER, Outcome::FailedAtSource, 1),
        ("CANCEL", CANCELLED, Outcome::NotReachable, 0),
        ("GOAWAY above", GONE_ABOVE, Outcome::NotReachable, 0),
    ] {
        let server = Server::http2(|_| async { failed("13") }).await;
        let base = first_ends_with(&server.base, frame).await;
        let endpoint = endpoint(&base, GrpcLimits::default());
        let agency = GrpcAgency::new(csn(), endpoint.clone(), false);
        assert_eq!(agency.ask(&question(&person), soon()).await.outcome, expected, "{what}");
        assert_eq!((server.connections(), endpoint.asked_again()), (asked, asked as u64), "{what}");
    }
}

#[tokio::test]
async fn what_is_refused_twice_is_not_asked_a_third_time() {
    const REFUSED: &[u8] = b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x07";
    let server = Server::http2(|_| async { failed("13") }).await;
    // One that refuses in front of another that does, so that both tries are refused.
    let second = first_ends_with(&server.base, REFUSED).await;
    let base = first_ends_with(&second, REFUSED).await;
    let endpoint = endpoint(&base, GrpcLimits::default());
    let agency = GrpcAgency::new(csn(), endpoint.clone(), false);
    let person = mocks().population.persons()[0].clone();
    assert_eq!(agency.ask(&question(&person), soon()).await.outcome, Outcome::NotReachable);
    assert_eq!((server.connections(), endpoint.asked_again()), (0, 1));
}

#[tokio::test]
async fn questions_that_hang_at_one_source_leave_room_for_those_to_another_at_the_same_address() {
    let server = Server::http2(|request| async move {
        let body = request.into_body().collect().await.unwrap().to_bytes();
        // Field 1, the source.
        let slow = String::from_utf8_lossy(&body).contains("\n\u{3}TNS");
        if slow { std::future::pending().await } else { failed("13") }
    })
    .await;
    let endpoint = endpoint(&server.base, GrpcLimits { max_streams: 4, ..GrpcLimits::default() });
    let slow = GrpcAgency::new(Source::Agency(Agency::Tns), endpoint.clone(), false);
    let person = mocks().population.persons()[0].clone();
    let question = question(&person);
    let hanging = join_all((0..40).map(|_| slow.ask(&question, soon())));
    let other = GrpcAgency::new(csn(), endpoint, false);
    let asked = async {
        for _ in 0..20 {
            assert_eq!(other.ask(&question, soon()).await.outcome, Outcome::FailedAtSource);
        }
    };
    tokio::select! {
        _ = hanging => panic!("nobody answers there"),
        () = asked => {}
    }
    assert!((10..=12).contains(&server.connections()), "{}", server.connections());
}
