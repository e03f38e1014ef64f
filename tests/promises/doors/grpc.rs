//! gRPC over HTTP/2, its protocol's document point by point, over a real connection.

use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::Frame;
use ssbtek_proto::broker::v1::EntryState;
use tonic::Code;

use super::client::{ASK, Told, Wire, frames, plain, prefixed, unending, whole};
use crate::harness::{Ask, Wires, World, with_token};

/// So many entries the first board's log has, readings left out, and so many questions the agencies have had.
async fn traces(world: &World) -> (usize, u64) {
    let log = world.log().await;
    let kept = log.iter().filter(|entry| entry.state() != EntryState::LogRead).count();
    (kept, world.agencies.control().total_calls())
}

#[tokio::test]
async fn a_call_whose_head_is_not_the_protocols_leaves_no_trace() {
    let world = World::start(Wires::Grpc).await;
    let mut wire = world.http2(&world.board.identity).await;
    let before = traces(&world).await;
    let mut tell = async |change: &dyn Fn(http::HeaderMap) -> http::HeaderMap, method: &str, path: &str| {
        let mut head = world.head().method(method).uri(format!("https://localhost{path}"));
        let headers = head.headers_mut().unwrap();
        *headers = change(std::mem::take(headers));
        wire.tell(head, whole(world.question_to("TNS"))).await.unwrap()
    };
    let with = |name: &'static str, value: &'static str| {
        move |mut headers: http::HeaderMap| {
            headers.insert(name, http::HeaderValue::from_static(value));
            headers
        }
    };
    let without = |name: &'static str| {
        move |mut headers: http::HeaderMap| {
            headers.remove(name);
            headers
        }
    };
    for content_type in
        ["application/json", "text/xml", "application/grpc-web+proto", "application/grpc+json"]
    {
        assert_eq!(
            tell(&with("content-type", content_type), "POST", ASK).await,
            Told { http: 415, grpc: None }
        );
    }
    assert_eq!(tell(&without("content-type"), "POST", ASK).await.http, 415);
    for method in ["GET", "PUT", "OPTIONS", "DELETE"] {
        assert_eq!(tell(&without("x"), method, ASK).await, Told { http: 405, grpc: None }, "{method}");
    }
    assert_eq!(tell(&without("te"), "POST", ASK).await.code(), Some(Code::InvalidArgument));
    for path in [
        "/",
        "/ssbtek.broker.v1.PersonQueryService/ask",
        "/ssbtek.broker.v1.PersonQueryService/Ask/",
        "/x/Ask",
    ] {
        assert_eq!(tell(&without("x"), "POST", path).await.code(), Some(Code::Unimplemented), "{path}");
    }
    let query = format!("{ASK}?x=1");
    assert_eq!(tell(&without("x"), "POST", &query).await.code(), Some(Code::Unimplemented));
    assert_eq!(tell(&with("grpc-encoding", "gzip"), "POST", ASK).await.code(), Some(Code::Unimplemented));
    for timeout in ["5", "S", "123456789S", "-1S", "5s", "1.5S"] {
        let told = tell(&with("grpc-timeout", timeout), "POST", ASK).await;
        assert_eq!(told.code(), Some(Code::InvalidArgument), "{timeout}");
        assert!(told.text().starts_with("grpc-timeout"), "{told:?}");
    }
    assert_eq!(traces(&world).await, before);
    for (name, value) in
        [("content-type", "application/grpc+proto"), ("grpc-encoding", "identity"), ("grpc-timeout", "9S")]
    {
        let mut head = world.head();
        head.headers_mut().unwrap().insert(name, http::HeaderValue::from_static(value));
        let told = wire.tell(head, whole(world.question_to("TNS"))).await.unwrap();
        assert_eq!(told.code(), Some(Code::Ok), "{name}: {value}");
    }
}

#[tokio::test]
async fn a_time_out_of_zero_or_one_that_is_over_leaves_no_intent_and_asks_nobody() {
    let world = World::start(Wires::Grpc).await;
    let mut wire = world.http2(&world.board.identity).await;
    let before = traces(&world).await;
    let token = world.assertion("anna").token();
    for timeout in ["0S", "0n", "00000000H", "1n", "5u"] {
        let head = world.head_with(&format!("Bearer {token}")).header("grpc-timeout", timeout);
        let told = wire.tell(head, whole(world.question_to("TNS"))).await.unwrap();
        assert_eq!(told.code(), Some(Code::DeadlineExceeded), "{timeout}: {told:?}");
    }
    assert_eq!(traces(&world).await, before);
    assert!(Ask::send(&world, &world.board, with_token(world.question(), &token)).await.is_ok(), "not spent");
}

#[tokio::test]
async fn a_question_that_does_not_arrive_in_time_is_ended_without_a_trace() {
    let world = World::start_with(Wires::Grpc, |config| config.grpc.read_timeout_ms = 100).await;
    let mut wire = world.http2(&world.board.identity).await;
    let before = traces(&world).await;
    let question = world.question_to("TNS");
    // Nothing, a part, and all of it without the end.
    for sent in [Bytes::new(), question.slice(..3), question.slice(..20), question.clone()] {
        let begun = Instant::now();
        let told = wire.tell(world.head(), unending(sent)).await.unwrap();
        // Far sooner than a whole question may take.
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        assert_eq!(told.code(), Some(Code::DeadlineExceeded), "{told:?}");
        assert!(told.text().starts_with("message: did not arrive"), "{told:?}");
    }
    assert_eq!(traces(&world).await, before);
    assert_eq!(wire.ask(&world, "TNS").await.unwrap().code(), Some(Code::Ok), "the connection goes on");
}

/// Refused, logged by the field's name alone, assertion spent, nobody asked, no library's text told.
async fn is_refused_and_spent(
    world: &World,
    wire: &mut Wire,
    sent: Vec<Frame<Bytes>>,
    (code, field): (Code, &str),
) {
    let asked = world.agencies.control().total_calls();
    let token = world.assertion("anna").token();
    let head = world.head_with(&format!("Bearer {token}"));
    let told = wire.tell(head, frames(sent)).await.unwrap();
    assert_eq!(told.code(), Some(code), "{told:?}");
    assert!(told.text().starts_with(&format!("{field}: ")), "{told:?}");
    for foreign in ["rotobuf", "decod", "wire type", "varint", "Error", "protocol error", "EOF"] {
        assert!(!told.text().contains(foreign), "{told:?}");
    }
    let newest = world.newest_question().await.unwrap();
    assert_eq!((newest.state(), newest.denial.as_str()), (EntryState::Denied, "malformed"));
    assert_eq!((newest.malformed_field.as_str(), newest.case_worker.as_str()), (field, "anna"));
    assert_eq!(newest.action, "Ask", "the record names the call");
    let again = Ask::send(world, &world.board, with_token(world.question(), &token)).await.unwrap_err();
    assert!(again.message().contains("used before"), "{again:?}");
    assert_eq!(world.agencies.control().total_calls(), asked, "nobody is asked");
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_logged_spends_the_assertion_and_tells_nothing_of_a_library() {
    let world = World::start(Wires::Grpc).await;
    let mut wire = world.http2(&world.board.identity).await;
    let good = world.question_to("TNS");
    let data = |bytes: &[u8]| vec![Frame::data(Bytes::copy_from_slice(bytes))];
    let mut compressed = good.to_vec();
    compressed[0] = 1;
    let mut unknown = good.to_vec();
    unknown[0] = 7;
    let mut too_long = good.to_vec();
    too_long[4] += 1;
    let mut too_short = good.to_vec();
    too_short[4] -= 1;
    let twice = [&good[..], &good[..]].concat();
    let cases = [
        // A field cut off, a number that does not end, a wire type that there is not.
        (data(&prefixed(&[0x0a, 0x7f, 0x41])), Code::InvalidArgument),
        (data(&prefixed(&[0xff, 0xff, 0xff])), Code::InvalidArgument),
        (data(&prefixed(&[0x0f, 0x01])), Code::InvalidArgument),
        (data(&too_long), Code::InvalidArgument),
        (data(&too_short), Code::Unimplemented),
        (data(&good[..4]), Code::InvalidArgument),
        (data(&twice), Code::Unimplemented),
        (vec![Frame::data(good.clone()), Frame::data(good.clone())], Code::Unimplemented),
        (vec![], Code::Unimplemented),
        (data(&compressed), Code::Internal),
        (data(&unknown), Code::Internal),
        (data(&[0, 0xff, 0xff, 0xff, 0xff, 1]), Code::OutOfRange),
    ];
    for (sent, code) in cases {
        is_refused_and_spent(&world, &mut wire, sent, (code, "message")).await;
    }
    // Text that is not UTF-8, a field of another type.
    for wrong in [&[0x0a, 0x02, 0xff, 0xfe][..], &[0x08, 0x01]] {
        let told = (Code::InvalidArgument, "case_id");
        is_refused_and_spent(&world, &mut wire, data(&prefixed(wrong)), told).await;
    }
    let large = prefixed(&vec![0; 300 * 1024]);
    is_refused_and_spent(&world, &mut wire, vec![Frame::data(large)], (Code::OutOfRange, "message")).await;
}

#[tokio::test]
async fn an_unreadable_message_without_a_good_assertion_is_told_what_a_good_message_would_be() {
    let world = World::start(Wires::Grpc).await;
    let mut wire = world.http2(&world.board.identity).await;
    let before = traces(&world).await;
    let bad = || whole(prefixed(&[0xff, 0xff, 0xff]));
    let told = wire.tell(world.head_with("Bearer x"), bad()).await.unwrap();
    assert_eq!(told.code(), Some(Code::Unauthenticated), "{told:?}");
    let told = wire.tell(plain(ASK), bad()).await.unwrap();
    assert_eq!(
        (told.code(), told.text().contains("message")),
        (Some(Code::InvalidArgument), true),
        "{told:?}"
    );
    let path = "/grpc.health.v1.Health/Check";
    let told = wire.tell(plain(path), bad()).await.unwrap();
    assert!(told.code() == Some(Code::InvalidArgument) && told.text().starts_with("message: "), "{told:?}");
    assert_eq!(traces(&world).await, before);
}

#[tokio::test]
async fn trailers_of_a_request_are_no_metadata() {
    let world = World::start(Wires::Grpc).await;
    let mut wire = world.http2(&world.board.identity).await;
    let mut trailers = http::HeaderMap::new();
    let bearer = format!("Bearer {}", world.assertion("anna").token());
    trailers.insert("authorization", bearer.parse().unwrap());
    let sent = || vec![Frame::data(world.question_to("TNS")), Frame::trailers(trailers.clone())];
    let told = wire.tell(plain(ASK), frames(sent())).await.unwrap();
    assert_eq!(told.code(), Some(Code::Unauthenticated), "an assertion in trailers is none: {told:?}");
    let told = wire.tell(world.head(), frames(sent())).await.unwrap();
    assert_eq!(told.code(), Some(Code::Ok), "{told:?}");
}

#[tokio::test]
async fn the_authorization_field_is_read_as_http_has_it() {
    let world = World::start(Wires::Grpc).await;
    let mut wire = world.http2(&world.board.identity).await;
    let question = || whole(world.question_to("TNS"));
    for scheme in ["Bearer", "bearer", "BEARER", "bEARER"] {
        let head = world.head_with(&format!("{scheme} {}", world.assertion("anna").token()));
        assert_eq!(wire.tell(head, question()).await.unwrap().code(), Some(Code::Ok), "{scheme}");
    }
    let token = || world.assertion("anna").token();
    let twice = world.head().header("authorization", format!("Bearer {}", token()));
    let same = token();
    let twice_the_same =
        world.head_with(&format!("Bearer {same}")).header("authorization", format!("Bearer {same}"));
    let heads = [
        twice,
        twice_the_same,
        world.head_with(&format!("Bearer {}, Bearer {}", token(), token())),
        world.head_with(&format!("Basic {}", token())),
        world.head_with(&token()),
        world.head_with("Bearer"),
    ];
    for head in heads {
        let told = wire.tell(head, question()).await.unwrap();
        assert_eq!(told.code(), Some(Code::Unauthenticated), "{told:?}");
        assert!(told.text().starts_with("assertion: "), "{told:?}");
    }
}

#[tokio::test]
async fn health_and_reflection_are_calls_like_any_other() {
    let world = World::start(Wires::Grpc).await;
    let mut wire = world.http2(&world.board.identity).await;
    let empty = || whole(prefixed(&[]));
    let health = "/grpc.health.v1.Health/Check";
    assert_eq!(wire.tell(plain(health), empty()).await.unwrap().code(), Some(Code::Ok));
    let list = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    // `list_services`, field 7.
    let told = wire.tell(plain(list), whole(prefixed(&[0x3a, 0x00]))).await.unwrap();
    assert_eq!(told.code(), Some(Code::Ok), "{told:?}");
}
