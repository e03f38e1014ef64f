//! One history: who may write, and that nobody else can.

use ssbtek_log_store::Fault;
use ssbtek_store_postgres::OpenError;
use test_postgres::Server;

use super::{names, opened, options, why_refused, write};

#[test]
fn a_second_process_is_refused_while_the_first_writes() {
    let Some(server) = Server::start() else { return };
    let address = server.database();
    let (engine, mut end) = opened(&address);
    assert!(matches!(why_refused(&options(&address)), OpenError::InUse));
    end.change(&mut |changes| write(changes, "first")).unwrap();
    assert_eq!(names(&*engine), ["first"], "and the first goes on");
}

#[test]
fn a_process_whose_place_was_taken_writes_nothing_more_and_reads_nothing_more() {
    let Some(server) = Server::start() else { return };
    let address = server.database();
    let name = Server::name_in(&address);
    let (first, mut ends_first) = opened(&address);
    ends_first.change(&mut |changes| write(changes, "first")).unwrap();
    // Cut off from the server, it is thought gone.
    server
        .sql(name, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'ssbtek'");
    let (second, mut ends_second) = opened(&address);
    ends_second.change(&mut |changes| write(changes, "second")).unwrap();
    let late = |end: &mut dyn ssbtek_log_store::engine::WritingEnd| {
        end.change(&mut |changes| write(changes, "late"))
    };
    // The first attempt may find its session gone; whatever it finds, nothing is written.
    let faults: Vec<_> = (0..3).filter_map(|_| late(&mut *ends_first).err()).collect();
    assert_eq!((faults.len(), faults.last()), (3, Some(&Fault::Io)));
    assert_eq!(first.read(&mut |_| Ok(())), Err(Fault::Io));
    assert_eq!(names(&*second), ["first", "second"]);
    ends_second.change(&mut |changes| write(changes, "third")).unwrap();
}

#[test]
fn a_process_that_was_cut_off_and_finds_its_place_goes_on() {
    let Some(mut server) = Server::start() else { return };
    let address = server.database();
    let (engine, mut end) = opened(&address);
    end.change(&mut |changes| write(changes, "a")).unwrap();
    server.kill();
    assert_eq!(end.change(&mut |changes| write(changes, "b")), Err(Fault::Busy), "refused for now");
    assert_eq!(engine.read(&mut |_| Ok(())), Err(Fault::Busy));
    server.run(&[]);
    end.change(&mut |changes| write(changes, "c")).unwrap();
    assert_eq!(names(&*engine), ["a", "c"]);
    // And where nobody asked meanwhile, nothing is refused at all.
    server.kill();
    server.run(&[]);
    end.change(&mut |changes| write(changes, "d")).unwrap();
    assert_eq!(names(&*engine), ["a", "c", "d"]);
}

#[test]
fn a_server_that_was_put_back_to_an_earlier_state_is_written_to_no_more() {
    let Some(server) = Server::start() else { return };
    let address = server.database();
    let (_engine, mut end) = opened(&address);
    end.change(&mut |changes| write(changes, "a")).unwrap();
    server.sql(Server::name_in(&address), "UPDATE ssbtek.writer SET change = change - 1");
    assert_eq!(end.change(&mut |changes| write(changes, "b")), Err(Fault::Io));
    assert_eq!(end.change(&mut |changes| write(changes, "b")), Err(Fault::Io), "for good");
}

#[test]
fn a_fault_that_was_passed_over_is_no_success() {
    let Some(server) = Server::start() else { return };
    let (engine, mut end) = opened(&server.database());
    let passed_over = end.change(&mut |changes| {
        write(changes, "a")?;
        // No text holds this letter: the server refuses the statement, and with it everything.
        let _ = changes.terms("\0");
        Ok(())
    });
    assert!(passed_over.is_err());
    assert_eq!(names(&*engine), [""; 0]);
}
