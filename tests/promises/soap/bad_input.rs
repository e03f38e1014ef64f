//! Bad input: a clear fault in Swedish or a closed connection, within bounds, and nobody is asked.

use std::time::{Duration, Instant};

use ssbtek_domain::Role;
use ssbtek_proto::broker::v1::EntryState;
use tokio::io::AsyncWriteExt;

use super::client::{PLAIN, Reply};
use crate::harness::{Wires, World};

/// No refusal here may take longer, however large what was sent.
const BOUND: Duration = Duration::from_secs(5);

fn assert_fault(world: &World, reply: &Reply, code: &str, person: &str) {
    assert_eq!(reply.status, 500, "{}", reply.body);
    assert!(reply.fault().contains(code), "{code} expected: {}", reply.body);
    assert!(!reply.body.contains(person), "nothing that was sent is repeated");
    assert_eq!(world.agencies.control().total_calls(), 0, "nobody is asked");
}

#[tokio::test]
async fn every_kind_of_malformed_message_is_a_fault_within_bounds() {
    let world = World::start(Wires::Grpc).await;
    let question = world.soap_question(10, Role::Applicant);
    let (good, person) = (question.envelope(), question.person.clone());
    let inside =
        |start: &str, end: &str| good.split(start).nth(1).unwrap().split(end).next().unwrap().to_owned();
    let element = format!("<q:hamta{}", inside("<q:hamta", "</S:Body>"));
    let declared = |doctype: &str| good.replacen("?>", &format!("?>{doctype}"), 1);
    let nested = |levels: usize| {
        let deep = "<a>".repeat(levels) + &"</a>".repeat(levels);
        good.replace("<S:Header/>", &format!("<S:Header>{deep}</S:Header>"))
    };
    let cases: Vec<(&str, String, &str)> = vec![
        (
            "external entity",
            declared(r#"<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>"#).replace("Nämnden", "&e;"),
            "DOCTYPE",
        ),
        (
            "entity expansion",
            declared(r#"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>"#)
                .replace("Nämnden", "&b;"),
            "DOCTYPE",
        ),
        ("empty", String::new(), "inte välformad XML"),
        ("not XML", "{\"fraga\":1}".into(), "inte välformad XML"),
        ("cut off", good[..good.len() / 2].into(), "inte välformad XML"),
        ("no such version", good.replace("/ssbt/10", "/ssbt/12"), "Body: elementets namnrymd"),
        ("no such operation", good.replace("hamtaBastjanst", "taBortBastjanst"), "Body: elementet ska vara"),
        ("two bodies", good.replace("</S:Body>", "</S:Body><S:Body/>"), "Kuvertet ska ha en Body"),
        (
            "two questions",
            good.replace("</S:Body>", &format!("{element}</S:Body>")),
            "Body ska ha ett enda element",
        ),
        ("no body", good.replace("S:Body>", "S:Kropp>"), "Kuvertet ska ha en Body"),
        (
            "SOAP 1.2",
            good.replace(
                "http://schemas.xmlsoap.org/soap/envelope/",
                "http://www.w3.org/2003/05/soap-envelope",
            ),
            "Kuvertet är SOAP 1.2",
        ),
        (
            "must understand",
            good.replace("<S:Header/>", r#"<S:Header><x:y xmlns:x="u" S:mustUnderstand="1"/></S:Header>"#),
            "mustUnderstand",
        ),
        ("nesting", nested(10_000), "djupare nästlat"),
        ("unknown element", good.replace("<ingivare>", "<okand/><ingivare>"), "SSBT_OVANTAT"),
        ("purpose twice", good.replace("<lagtext>", "<syfte>x</syfte><lagtext>"), "SSBT_OVANTAT"),
        ("no purpose", good.replace("syfte>", "annat>"), "SSBT_"),
    ];
    for (what, envelope, code) in cases {
        let start = Instant::now();
        let reply = world.soap_post(PLAIN, envelope.as_bytes()).await;
        assert_fault(&world, &reply, code, &person);
        assert!(start.elapsed() < BOUND, "{what}");
    }
    let named: Vec<_> = world.log().await.into_iter().map(|entry| entry.malformed_field).collect();
    let named: Vec<_> = named.iter().map(String::as_str).filter(|field| !field.is_empty()).collect();
    let whole = "hamtaBastjanstInformation";
    assert_eq!(named, [whole, "syfte", whole], "what is no question of anybody is no entry");
}

#[tokio::test]
async fn a_malformed_question_of_a_known_account_stands_in_the_log_by_the_elements_name_alone() {
    let world = World::start(Wires::Grpc).await;
    let question = world.soap_question(11, Role::Applicant);
    let (good, person) = (question.envelope(), question.person.clone());
    let wrong_digit = person[..11].to_owned() + if person.ends_with('0') { "1" } else { "0" };
    let cases = [
        (good.replace(&person, &wrong_digit), "personidentitet"),
        (good.replace("<lagtext>", "<lagtext>x</lagtext><lagtext>"), "lagtext"),
        (good.replace("<fromDatum>2026", "<fromDatum>2016"), "tidsperiod"),
    ];
    for (envelope, element) in cases {
        let reply = world.soap_post(PLAIN, envelope.as_bytes()).await;
        assert_fault(&world, &reply, element, &person);
        let entry = world.newest_question().await.unwrap();
        assert_eq!((entry.denial.as_str(), entry.malformed_field.as_str()), ("malformed", element));
        assert_eq!((entry.case_worker.as_str(), entry.person_number.as_str()), ("anna", ""));
        assert_eq!(entry.case_id, "", "nothing of the question is kept but the element's name");
    }
    let kept = world.log().await.len();
    for envelope in [
        good.replace("handlaggare>", "annat>"),
        good.replace("organisationsnummer>16", "organisationsnummer>17"),
    ] {
        assert_fault(&world, &world.soap_post(PLAIN, envelope.as_bytes()).await, "ingivare", &person);
    }
    assert_eq!(
        world.log().await.len(),
        kept + 1,
        "who does not say who asks leaves no entry but that of this reading"
    );
}

#[tokio::test]
async fn nesting_of_a_hundred_thousand_levels_and_oversized_bodies_are_refused_within_bounds() {
    let world = World::start(Wires::Grpc).await;
    let good = world.soap_question(10, Role::Applicant).envelope();
    let deep = "<a>".repeat(100_000) + &"</a>".repeat(100_000);
    let start = Instant::now();
    let nested = good.replace("<S:Header/>", &format!("<S:Header>{deep}</S:Header>"));
    let reply = world.soap_post(PLAIN, nested.as_bytes()).await;
    assert!(reply.status == 0 || reply.fault().contains("Frågan är större än"), "closed, or a fault");
    // As deep as fits into a question.
    let open = "<a>".repeat(80_000);
    let reply = world.soap_post(PLAIN, good.replace("<S:Header/>", &open).as_bytes()).await;
    assert!(reply.fault().contains("djupare nästlat"), "{}", reply.body);

    let long = good.replace("Nämnden", &"x".repeat(6 << 20));
    let reply = world.soap_post(PLAIN, long.as_bytes()).await;
    assert!(reply.status == 0 || reply.fault().contains("Frågan är större än"), "closed, or a fault");
    assert!(start.elapsed() < BOUND);
    assert_eq!(world.agencies.control().total_calls(), 0);
}

#[tokio::test]
async fn other_content_than_plain_text_xml_is_refused() {
    let world = World::start(Wires::Grpc).await;
    let question = world.soap_question(10, Role::Applicant);
    let cases = [
        ("", "Content-Type: saknas"),
        ("Content-Type: application/json\r\n", "ska vara text/xml"),
        ("Content-Type: application/soap+xml; charset=utf-8\r\n", "SOAP 1.2"),
        ("Content-Type: multipart/related; type=\"application/xop+xml\"; boundary=x\r\n", "MTOM"),
        ("Content-Type: text/xml; charset=iso-8859-1\r\n", "charset"),
        ("Content-Type: text/xml\r\nContent-Encoding: gzip\r\n", "Content-Encoding"),
        ("Content-Type: text/xml\r\nContent-Encoding: br\r\n", "Content-Encoding"),
    ];
    for (headers, told) in cases {
        let reply = world.soap_post(headers, question.envelope().as_bytes()).await;
        assert_fault(&world, &reply, told, &question.person);
    }
}

#[tokio::test]
async fn the_headers_of_real_clients_are_taken() {
    let world = World::start(Wires::Grpc).await;
    let body = world.soap_question(10, Role::Applicant).only(&[ssbtek_domain::Agency::Tns]).envelope();
    for headers in [
        "Content-Type: text/xml\r\n",
        "Content-Type: text/xml;charset=UTF-8\r\nSOAPAction: \"\"\r\n",
        "content-type: TEXT/XML; charset=\"utf-8\"\r\nSOAPAction: \r\nAccept-Encoding: gzip, deflate\r\n",
        "Content-Type: text/xml; charset=utf-8\r\nSOAPAction: \"hamta\"\r\nContent-Encoding: identity\r\n",
    ] {
        let reply = world.soap_post(headers, body.as_bytes()).await;
        assert_eq!(reply.status, 200, "{headers}: {}", reply.body);
        assert!(!reply.head.contains("content-encoding"), "{}", reply.head);
    }
}

#[tokio::test]
async fn other_methods_and_paths_are_told_what_is_there() {
    let world = World::start(Wires::Grpc).await;
    let send = async |line: &str| {
        let request = format!("{line} HTTP/1.1\r\nHost: broker.test\r\nContent-Length: 0\r\n\r\n");
        world.soap_raw(&world.board.identity, request.as_bytes()).await
    };
    for method in ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"] {
        assert_eq!(send(&format!("{method} /ssbt")).await.status, 405, "{method}");
    }
    assert_eq!(send("GET /ssbt").await.status, 404);
    assert_eq!(send("GET /ssbt?xsd=../../etc/passwd").await.status, 404);
    for (query, namespace) in [("wsdl", "/ssbt/11"), ("wsdl=10", "/ssbt/10"), ("WSDL", "/ssbt/11")] {
        let reply = send(&format!("GET /ssbt?{query}")).await;
        assert!(reply.status == 200 && reply.body.contains(namespace), "{query}");
    }
}

#[tokio::test]
async fn a_question_that_drips_is_cut_off_and_bytes_that_are_no_http_end_the_connection() {
    let world =
        World::start_with(Wires::Grpc, |config| config.soap.as_mut().unwrap().read_timeout_ms = 100).await;
    let head = format!("POST /ssbt HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n{PLAIN}\r\n<S:Env");
    let reply = world.soap_raw(&world.board.identity, head.as_bytes()).await;
    assert_eq!(reply.status, 500);
    assert!(reply.fault().contains("Frågan kom inte fram i tid"), "{}", reply.body);

    let mut stream = world.soap_connection(&world.board.identity).await;
    stream.write_all(b"\x00\x01\x02 not http\r\n\r\n").await.unwrap();
    let reply = world.soap_raw(&world.board.identity, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert!(reply.status == 0 || reply.status == 400, "{}", reply.status);
    let reply = world.soap_raw(&world.board.identity, &b"x".repeat(64 * 1024)).await;
    assert!(matches!(reply.status, 0 | 400 | 414 | 431), "{}", reply.status);
    assert_eq!(world.agencies.control().total_calls(), 0);
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_an_entry_with_an_end() {
    let world = World::start(Wires::Grpc).await;
    let mut stream = world.soap_connection(&world.board.identity).await;
    let body = world.soap_question(11, Role::Applicant).envelope();
    let head = format!("POST /ssbt HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{PLAIN}\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    drop(stream);
    // The question may or may not have been taken before the connection was seen to be gone; what was begun is ended.
    assert_eq!(world.soap_ask(&world.soap_question(11, Role::Applicant)).await.status, 200);
    let mut open = true;
    for _ in 0..200 {
        open = world.log().await.iter().any(|entry| entry.state() == EntryState::Open);
        if !open {
            break;
        }
    }
    assert!(!open);
}
