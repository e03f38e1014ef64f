//! Bad input: servers and databases that are refused, each by name.

use ssbtek_store_postgres::{OpenError, PostgresOptions};
use test_postgres::Server;

use super::{opened, options, why_refused};

#[test]
fn a_server_that_may_forget_what_it_acknowledges_is_refused_by_the_setting() {
    let Some(server) = Server::start() else { return };
    let address = server.database();
    for (setting, bad) in [
        ("fsync", "off"),
        ("full_page_writes", "off"),
        ("synchronous_commit", "off"),
        ("synchronous_commit", "local"),
        ("synchronous_commit", "remote_write"),
    ] {
        server.set(setting, bad);
        match why_refused(&options(&address)) {
            OpenError::NotDurable { name, is } => assert_eq!((name, is.as_str()), (setting, bad)),
            other => panic!("{setting} = {bad}: {other}"),
        }
        server.set(setting, "on");
    }
    // Also in a session that began before.
    let (_engine, mut end) = opened(&address);
    end.change(&mut |changes| super::write(changes, "before")).unwrap();
    server.set("fsync", "off");
    let after = (0..1_000).find_map(|_| end.change(&mut |changes| super::write(changes, "after")).err());
    assert_eq!(after, Some(ssbtek_log_store::Fault::Io));
}

#[test]
fn a_replica_another_encoding_and_a_loud_server_are_refused_by_name() {
    let Some(server) = Server::start() else { return };
    let address = server.database();
    drop(opened(&address));
    let replica = server.replica();
    replica.until(Server::name_in(&address), "SELECT count(*) FROM ssbtek.writer", "1");
    let following = replica.address(Server::name_in(&address));
    assert!(matches!(why_refused(&options(&following)), OpenError::Replica));
    server.sql("postgres", "CREATE DATABASE other OWNER ssbtek ENCODING 'SQL_ASCII' TEMPLATE template0");
    assert!(
        matches!(why_refused(&options(&server.address("other"))), OpenError::Encoding(is) if is == "SQL_ASCII")
    );
    server.sql("postgres", "REVOKE SET ON PARAMETER log_error_verbosity FROM ssbtek");
    let loud = why_refused(&options(&address));
    assert!(matches!(loud, OpenError::NotQuiet { name: "log_error_verbosity", must: "terse" }), "{loud}");
    server.sql("postgres", "ALTER ROLE ssbtek SET log_error_verbosity = terse");
    drop(opened(&address));
}

#[test]
fn anothers_database_a_newer_one_and_a_user_without_privilege_are_refused_by_name() {
    let Some(server) = Server::start() else { return };
    let address = server.database();
    let name = Server::name_in(&address);
    let tables = "SELECT count(*) FROM pg_namespace WHERE nspname = 'ssbtek'";
    ssbtek_store_postgres::look(&options(&address)).unwrap();
    assert_eq!(server.sql(name, tables), "0", "looking makes nothing");
    drop(opened(&address));
    ssbtek_store_postgres::look(&options(&address)).unwrap();
    let other = PostgresOptions { deployment: "other.example.se".to_owned(), ..options(&address) };
    assert!(
        matches!(why_refused(&other), OpenError::OtherDeployment { found, .. } if found == "log.example.se")
    );
    // Newer, and still fit for this program; then no longer.
    server.sql(name, "UPDATE ssbtek.writer SET level = 99");
    drop(opened(&address));
    server.sql(name, "UPDATE ssbtek.writer SET oldest = 99");
    assert!(matches!(why_refused(&options(&address)), OpenError::Newer { found: 99, .. }));
    server.sql("postgres", "CREATE ROLE guest LOGIN; GRANT SET ON PARAMETER log_min_error_statement, log_error_verbosity TO guest");
    let guest = |address: &str| options(&address.replace("ssbtek@", "guest@"));
    assert!(matches!(why_refused(&guest(&address)), OpenError::Privilege));
    server.sql(
        name,
        "GRANT USAGE ON SCHEMA ssbtek TO guest; GRANT ALL ON ALL TABLES IN SCHEMA ssbtek TO guest",
    );
    server.sql(name, "REVOKE DELETE ON ssbtek.spent FROM guest");
    assert!(matches!(why_refused(&guest(&address)), OpenError::Privilege), "also one that seldom shows");
    let empty = server.database();
    assert!(matches!(why_refused(&guest(&empty)), OpenError::Privilege));
    server.sql(Server::name_in(&empty), "CREATE SCHEMA ssbtek");
    assert!(matches!(why_refused(&options(&empty)), OpenError::NotOurs));
    assert!(matches!(why_refused(&options(&server.address("none"))), OpenError::NoDatabase));
    assert!(matches!(why_refused(&options(&address.replace("ssbtek@", "nobody@"))), OpenError::NotLetIn));
    server.sql("postgres", "ALTER ROLE ssbtek NOLOGIN");
    assert!(matches!(why_refused(&options(&address)), OpenError::NotLetIn));
}

#[test]
fn an_address_that_shows_a_secret_or_leaves_the_host_in_clear_is_refused_before_anybody_is_called() {
    for (address, refused) in [
        ("postgres://ssbtek:secret@localhost/log", "PasswordInUrl"),
        ("postgres://ssbtek@db.example.se/log", "NoTls"),
        ("postgres://ssbtek@localhost,192.0.2.1/log", "NoTls"),
        ("postgres://ssbtek@localhost/log?hostaddr=192.0.2.1", "NoTls"),
        ("postgres://localhost/log", "Url"),
        ("postgres://ssbtek@localhost", "Url"),
        ("mysql://ssbtek@localhost/log", "Url"),
        ("/var/lib/log.db", "Url"),
        ("", "Url"),
    ] {
        let error = why_refused(&options(address));
        assert_eq!(format!("{error:?}"), refused, "{address}");
        assert!(!error.to_string().contains("secret"));
    }
}
