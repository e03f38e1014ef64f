//! TLS, where the connection leaves the host.

use std::fs;

use ssbtek_store_postgres::{OpenError, PostgresOptions};
use test_postgres::Server;

use super::{options, why_refused};

#[test]
fn a_server_is_reached_over_tls_by_its_name_under_the_named_authority_and_else_not() {
    let directory = tempfile::tempdir().unwrap();
    let files = directory.path();
    let ours = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let others = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    for (name, text) in
        [("ours.pem", ours.cert.pem()), ("others.pem", others.cert.pem()), ("empty.pem", String::new())]
    {
        fs::write(files.join(name), text).unwrap();
    }
    let Some(server) = Server::over_tls(&ours.cert.pem(), &ours.signing_key.serialize_pem()) else { return };
    let database = server.database();
    let at = |host: &str, ca: &str| PostgresOptions {
        ca: Some(files.join(ca)),
        ..options(&server.tcp_address(host, Server::name_in(&database)))
    };
    drop(ssbtek_store_postgres::engine(&at("localhost", "ours.pem")).unwrap());
    let secured =
        "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND usename = 'ssbtek'";
    let engine = ssbtek_store_postgres::engine(&at("localhost", "ours.pem")).unwrap();
    assert_eq!(server.sql("postgres", secured), "1");
    drop(engine);
    assert!(matches!(why_refused(&at("localhost", "others.pem")), OpenError::Unreachable));
    assert!(matches!(why_refused(&at("127.0.0.1", "ours.pem")), OpenError::Unreachable), "another name");
    for file in ["empty.pem", "none.pem"] {
        assert!(matches!(why_refused(&at("localhost", file)), OpenError::Authority), "{file}");
    }
}
