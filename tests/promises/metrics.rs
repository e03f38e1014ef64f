//! Faults of the broker's own are counted, by kind, where monitoring reads it: on this machine, and nothing but counts.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use ssbtek_proto::broker::v1::{ListEntriesRequest, access_log_service_client::AccessLogServiceClient};
use tonic::Code;

use crate::harness::{Ask, BOARD, Wires, World};

pub(crate) fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn count(answer: &str, kind: &str) -> u64 {
    let line = format!("ssbtek_faults_total{{kind=\"{kind}\"}} ");
    answer.lines().find_map(|text| text.strip_prefix(&line)).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_is_counted_once_where_monitoring_reads_it() {
    let here = "127.0.0.1:0".parse().unwrap();
    let world = World::start_with(Wires::Grpc, |config| config.doors.metrics_listen = Some(here)).await;
    Ask::with(&world, world.question()).await.unwrap();
    let metrics = world.broker().ports.metrics.unwrap();
    let before = get(metrics, "/metrics");
    assert!(before.starts_with("HTTP/1.1 200 OK\r\n"), "{before}");
    assert!(get(metrics, "/").starts_with("HTTP/1.1 404 "));

    let database = rusqlite::Connection::open(&world.config.store.database).unwrap();
    let newest = "UPDATE leaf SET sealed = zeroblob(length(sealed))
                  WHERE id = (SELECT max(id) FROM leaf WHERE key_id LIKE ?1)";
    assert_eq!(database.execute(newest, [format!("log.{BOARD}.%")]).unwrap(), 1);
    let request = world.assertion("greta").on(ListEntriesRequest::default());
    let mut auditor = AccessLogServiceClient::new(world.connect(&world.board.identity));
    let refused = auditor.list_entries(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::DataLoss);
    let after = get(metrics, "/metrics");
    assert_eq!(count(&after, "damaged"), count(&before, "damaged") + 1);
    for kind in ["database", "key", "newer", "ledger", "in_the_way", "panic", "unreadable"] {
        assert_eq!(count(&after, kind), count(&before, kind), "{kind}");
    }
}
