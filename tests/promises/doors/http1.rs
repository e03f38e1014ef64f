//! HTTP/1.1 and SOAP 1.1 at the SOAP door, by their documents.

use std::time::Duration;

use ssbtek_domain::{Agency, Role};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    harness::{Wires, World},
    soap::{PLAIN, read},
};

fn envelope(world: &World) -> String {
    world.soap_question(11, Role::Applicant).only(&[Agency::Tns]).envelope()
}

/// A whole request with headers of one's own after the request line.
fn request(headers: &str, body: &str) -> Vec<u8> {
    format!("POST /ssbt HTTP/1.1\r\n{headers}{PLAIN}\r\n{body}").into_bytes()
}

/// In chunks of so many bytes.
fn chunked(body: &str, size: usize) -> String {
    let chunks = body.as_bytes().chunks(size);
    let text = |chunk: &[u8]| format!("{:x}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk));
    chunks.map(text).collect::<String>() + "0\r\n\r\n"
}

#[tokio::test]
async fn a_request_says_once_where_it_ends_and_which_host_it_is_for() {
    let world = World::start(Wires::Grpc).await;
    let body = envelope(&world);
    let n = body.len();
    let ascii = body.replace(['ä', 'å'], "a").replace('ö', "o");
    let good = [
        (format!("Host: x\r\nContent-Length: {n}\r\n"), body.clone()),
        ("Host: x\r\nTransfer-Encoding: chunked\r\n".to_owned(), chunked(&ascii, 100)),
        ("Host: x\r\nTransfer-Encoding: Chunked\r\n".to_owned(), chunked(&ascii, 1)),
        (
            "Host: x\r\nTransfer-Encoding: chunked\r\n".to_owned(),
            chunked(&ascii, 100).replace("\r\n0\r\n\r\n", "\r\n0\r\nX-Trailer: 1\r\n\r\n"),
        ),
        (format!("Host: x\r\nExpect: 100-continue\r\nContent-Length: {n}\r\n"), body.clone()),
    ];
    for (headers, body) in good {
        let reply = world.soap_raw(&world.board.identity, &request(&headers, &body)).await;
        assert_eq!(reply.status, 200, "{headers}: {}", reply.body);
    }
    let before = world.agencies.control().total_calls();
    let bad = [
        (format!("Content-Length: {n}\r\n"), 400),
        (format!("Host: x\r\nHost: y\r\nContent-Length: {n}\r\n"), 400),
        (format!("Host: a b\r\nContent-Length: {n}\r\n"), 400),
        (format!("Host: x\r\nContent-Length: {n}\r\nContent-Length: {n}\r\n"), 400),
        (format!("Host: x\r\nContent-Length: {n}\r\nContent-Length: 5\r\n"), 400),
        (format!("Host: x\r\nContent-Length: {n}, {n}\r\n"), 400),
        (format!("Host: x\r\nContent-Length: +{n}\r\n"), 400),
        ("Host: x\r\nContent-Length: -1\r\n".to_owned(), 400),
        (format!("Host: x\r\nContent-Length: {n}\r\nTransfer-Encoding: chunked\r\n"), 400),
        (format!("Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: {n}\r\n"), 400),
        ("Host: x\r\nTransfer-Encoding: gzip, chunked\r\n".to_owned(), 501),
        (format!("Host: x\r\nExpect: something\r\nContent-Length: {n}\r\n"), 417),
    ];
    for (headers, status) in bad {
        let reply = world.soap_raw(&world.board.identity, &request(&headers, &body)).await;
        assert_eq!(reply.status, status, "{headers}: {}", reply.body);
        assert!(reply.head.contains("connection: close"), "{headers}: {}", reply.head);
    }
    assert_eq!(world.agencies.control().total_calls(), before);
}

#[tokio::test]
async fn questions_and_descriptions_are_at_their_path_and_nowhere_else() {
    let world = World::start(Wires::Grpc).await;
    let body = envelope(&world);
    let post = async |target: &str| {
        let host = "Host: x\r\n";
        let head = format!("POST {target} HTTP/1.1\r\n{host}Content-Length: {}\r\n{PLAIN}\r\n", body.len());
        world.soap_raw(&world.board.identity, [head.as_bytes(), body.as_bytes()].concat().as_slice()).await
    };
    for target in ["/ssbt", "/ssbt/v10", "/ssbt/v11", "https://x/ssbt", "/ssbt?x=1"] {
        assert_eq!(post(target).await.status, 200, "{target}");
    }
    let before = world.agencies.control().total_calls();
    let elsewhere = [
        "/",
        "/ssb",
        "/SSBT",
        "/ssbt/",
        "/ssbt/v12",
        "/ssbt/v10/x",
        "//ssbt",
        "/ssbt/../ssbt",
        "/x/ssbt",
        "/ssbt%2Fv11",
        "https://x/",
        "/ssbt;x",
        "*",
    ];
    for target in elsewhere {
        let reply = post(target).await;
        assert!(matches!(reply.status, 400 | 404), "{target}: {} {}", reply.status, reply.body);
        let get = format!("GET {target}?wsdl HTTP/1.1\r\nHost: x\r\n\r\n");
        let reply = world.soap_raw(&world.board.identity, get.as_bytes()).await;
        assert!(matches!(reply.status, 400 | 404), "{target}: {} {}", reply.status, reply.body);
    }
    assert_eq!(world.agencies.control().total_calls(), before, "nobody is asked");
}

#[tokio::test]
async fn the_path_is_the_configured_one() {
    let world = World::start_with(Wires::Grpc, |config| {
        config.soap.as_mut().unwrap().path = "/tjanster/ssbtek".into();
    })
    .await;
    for (path, status) in [("/tjanster/ssbtek/v10", 200), ("/tjanster/ssbtek", 200), ("/ssbt", 404)] {
        let get = format!("GET {path}?wsdl HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_eq!(world.soap_raw(&world.board.identity, get.as_bytes()).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn a_header_that_may_stand_once_stands_once() {
    let world = World::start(Wires::Grpc).await;
    let body = envelope(&world);
    let plain = format!("Host: x\r\nContent-Length: {}\r\n", body.len());
    let before = world.agencies.control().total_calls();
    for twice in [
        "Content-Type: text/xml;charset=UTF-8",
        "Content-Type: text/plain",
        "SOAPAction: \"\"",
        "soapaction: \"urn:x\"",
        "User-Agent: x",
        "Authorization: a\r\nAuthorization: b",
        "Content-Location: /a\r\nContent-Location: /a",
        "Date: x\r\nDate: x",
        "From: a\r\nFrom: a",
        "Max-Forwards: 1\r\nMax-Forwards: 1",
        "Range: a\r\nRange: a",
        "Referer: /\r\nReferer: /",
        "If-Range: a\r\nIf-Range: a",
        "MIME-Version: 1.0\r\nMIME-Version: 1.0",
    ] {
        let reply =
            world.soap_raw(&world.board.identity, &request(&format!("{plain}{twice}\r\n"), &body)).await;
        assert_eq!(reply.status, 400, "{twice}: {}", reply.body);
        let name = twice.split(':').next().unwrap();
        assert!(reply.body.to_ascii_lowercase().starts_with(&name.to_ascii_lowercase()), "{}", reply.body);
    }
    assert_eq!(world.agencies.control().total_calls(), before, "nobody is asked");
    let lists = "Accept: text/xml\r\nAccept: */*\r\nX-Own: 1\r\nX-Own: 2\r\nVia: 1.1 a\r\nVia: 1.1 b\r\n";
    let reply = world.soap_raw(&world.board.identity, &request(&format!("{plain}{lists}"), &body)).await;
    assert_eq!(reply.status, 200, "lists and names of one's own may: {}", reply.body);
}

#[tokio::test]
async fn methods_are_told_as_http_has_them() {
    let world = World::start(Wires::Grpc).await;
    let send = async |line: &str| {
        let request = format!("{line} HTTP/1.1\r\nHost: broker.test\r\n\r\n");
        world.soap_raw(&world.board.identity, request.as_bytes()).await
    };
    let refused = send("PUT /ssbt").await;
    assert!(refused.status == 405 && refused.head.contains("allow: get, head, post"), "{}", refused.head);
    assert_eq!(send("FROB /ssbt").await.status, 501);
    assert_eq!(send("GET /ssbt?wsdl").await.status, 200);
    let mut stream = world.soap_connection(&world.board.identity).await;
    stream.write_all(b"HEAD /ssbt?wsdl HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut told = String::new();
    stream.read_to_string(&mut told).await.unwrap();
    assert!(told.starts_with("HTTP/1.1 200") && told.ends_with("\r\n\r\n"), "a head and no body: {told}");
}

#[tokio::test]
async fn a_connection_is_kept_between_questions_for_as_long_as_configured() {
    let world = World::start_with(Wires::Grpc, |config| {
        let soap = config.soap.as_mut().unwrap();
        (soap.header_timeout_s, soap.keep_alive_s) = (1, 3);
    })
    .await;
    let body = envelope(&world);
    let whole = request(&format!("Host: x\r\nContent-Length: {}\r\n", body.len()), &body);
    let mut stream = world.soap_connection(&world.board.identity).await;
    for _ in 0..2 {
        stream.write_all(&whole).await.unwrap();
        assert_eq!(read(&mut stream).await.status, 200);
        // Longer than a head may take; what is measured is time itself.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
    }
    // A head that begins and does not go on ends sooner than silence would.
    stream.write_all(b"POST /ssbt HT").await.unwrap();
    let start = std::time::Instant::now();
    assert_eq!(read(&mut stream).await.status, 408);
    assert!(matches!(stream.read(&mut [0; 1]).await, Ok(0) | Err(_)), "closed");
    assert!(start.elapsed() < Duration::from_millis(2_500), "{:?}", start.elapsed());
}

#[tokio::test]
async fn headers_for_another_actor_are_ignored_and_those_for_us_must_be_understood() {
    let world = World::start(Wires::Grpc).await;
    let next = "http://schemas.xmlsoap.org/soap/actor/next";
    let header =
        |attributes: &str| format!(r#"<S:Header><h:x xmlns:h="urn:h" {attributes}>1</h:x></S:Header>"#);
    let cases = [
        (header(r#"S:mustUnderstand="1" S:actor="urn:another""#), 200),
        (header(r#"S:mustUnderstand="1" S:actor="http://example.org/log""#), 200),
        (header(r#"S:mustUnderstand="0""#), 200),
        (header(&format!(r#"S:mustUnderstand="0" S:actor="{next}""#)), 200),
        (header(r#"S:mustUnderstand="1""#), 500),
        (header(r#"S:mustUnderstand="1" S:actor="""#), 500),
        (header(r#"S:mustUnderstand="true""#), 500),
        (header(&format!(r#"S:mustUnderstand="1" S:actor="{next}""#)), 500),
    ];
    for (header, status) in cases {
        let body = envelope(&world).replace("<S:Header/>", &header);
        let reply = world.soap_post(PLAIN, body.as_bytes()).await;
        assert_eq!(reply.status, status, "{header}: {}", reply.body);
        assert_eq!(reply.body.contains("MustUnderstand"), status == 500, "{header}: {}", reply.body);
    }
}

#[tokio::test]
async fn every_moment_that_a_schema_allows_is_taken_and_given_back() {
    let world = World::start(Wires::Grpc).await;
    let asked = |moment: &str| {
        let at = format!("<frageTidpunkt>{moment}</frageTidpunkt><fraganSkallInkluderasISvaret>");
        envelope(&world).replace("<fraganSkallInkluderasISvaret>", &at)
    };
    for moment in ["2026-11-22T24:00:00", "2026-11-22T24:00:00.000Z", "2026-11-22T10:00:00+14:00"] {
        let reply = world.soap_post(PLAIN, asked(moment).as_bytes()).await;
        assert_eq!(reply.status, 200, "{moment}: {}", reply.body);
        assert!(reply.body.contains(moment), "{moment}: {}", reply.body);
    }
    for moment in
        ["2026-11-22T24:00:01", "2026-11-22T24:30:00", "2026-11-22T10:00:00+14:01", "2026-11-22T25:00:00"]
    {
        let reply = world.soap_post(PLAIN, asked(moment).as_bytes()).await;
        assert_eq!(reply.status, 500, "{moment}: {}", reply.body);
    }
}
