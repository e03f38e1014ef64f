//! A commit is acknowledged once it is known to be durable. A standby that never answers makes the server wait where these tests want it to.

use std::{sync::mpsc, thread};

use ssbtek_log_store::{Fault, engine::Done};
use ssbtek_store_postgres::PostgresOptions;
use test_postgres::Server;

use super::{names, opened, options, write};

/// Sessions that wait for a standby.
const WAITING: &str = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

/// A change that the server commits and waits with; what is done to its session; what it was told meanwhile, and what at last.
fn cut_short(how: &str) -> Option<(Vec<String>, Done<()>)> {
    let server = Server::start()?;
    let address = server.database();
    let (engine, mut end) = opened(&address);
    end.change(&mut |changes| write(changes, "before")).unwrap();
    server.set("synchronous_standby_names", "nobody");
    let (told, answer) = mpsc::channel();
    let writing = thread::spawn(move || {
        told.send(end.change(&mut |changes| write(changes, "cut short"))).unwrap();
        end
    });
    server.until("postgres", WAITING, "1");
    let session = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    let first = server.sql("postgres", session);
    server.sql("postgres", &format!("SELECT {how}({first})"));
    // It is looked up, on another session, which waits for the standby as well.
    let another =
        format!("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND pid <> {first}");
    server.until("postgres", &another, "1");
    assert!(answer.try_recv().is_err(), "nothing is acknowledged until it is known");
    server.set("synchronous_standby_names", "");
    let answer = answer.recv().unwrap();
    drop(writing.join().unwrap());
    Some((names(&*engine), answer))
}

#[test]
fn a_commit_whose_wait_for_the_standby_was_cancelled_is_acknowledged_only_once_the_standby_has_it() {
    for how in ["pg_cancel_backend", "pg_terminate_backend"] {
        let Some(done) = cut_short(how) else { return };
        assert_eq!(done, (vec!["before".to_owned(), "cut short".to_owned()], Ok(())), "{how}");
    }
}

#[test]
fn a_commit_of_which_nothing_can_be_learned_in_time_ends_the_writing() {
    let Some(server) = Server::start() else { return };
    let address = server.database();
    let bounds = PostgresOptions { answer_timeout_ms: 1_000, outcome_timeout_ms: 2_000, ..options(&address) };
    let engine = ssbtek_store_postgres::engine(&bounds).unwrap();
    let mut end = engine.writing_end().unwrap();
    server.set("synchronous_standby_names", "nobody");
    assert_eq!(end.change(&mut |changes| write(changes, "a")), Err(Fault::Io));
    // Nobody was cancelled: who waits for the standby waits still.
    assert_eq!(server.sql("postgres", WAITING), "1");
    server.set("synchronous_standby_names", "");
    assert_eq!(end.change(&mut |changes| write(changes, "b")), Err(Fault::Io), "though the server would");
}

#[test]
fn a_commit_on_which_the_server_died_is_looked_up_when_it_is_back() {
    let Some(mut server) = Server::start() else { return };
    let (engine, mut end) = opened(&server.database());
    server.set("synchronous_standby_names", "nobody");
    let (told, answer) = mpsc::channel();
    let writing = thread::spawn(move || {
        told.send(end.change(&mut |changes| write(changes, "a"))).unwrap();
        end
    });
    server.until("postgres", WAITING, "1");
    server.kill();
    assert!(answer.try_recv().is_err(), "nothing is acknowledged until it is known");
    server.run(&["synchronous_standby_names="]);
    assert_eq!(answer.recv().unwrap(), Ok(()));
    assert_eq!(names(&*engine), ["a"]);
    drop(writing.join().unwrap());
}
