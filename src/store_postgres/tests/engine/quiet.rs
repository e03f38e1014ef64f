//! The server's own log quotes nothing of ours, whatever goes wrong.

use ssbtek_log_store::rows::{DocumentRow, TermsRow};
use test_postgres::Server;

use super::opened;

const CANARY: &str = "19800101-9804";

#[test]
fn the_servers_log_quotes_no_row_and_no_value_whatever_is_refused() {
    let Some(server) = Server::with(&["--encoding=UTF8"], &["log_min_messages=debug1"]) else { return };
    let address = server.database();
    let name = Server::name_in(&address);
    let (_engine, mut end) = opened(&address);
    let document = DocumentRow {
        doc: [7; 32],
        version: 1,
        key: CANARY.to_owned(),
        sealed: CANARY.into(),
        closed_at: None,
    };
    end.change(&mut |changes| changes.add_document(&document)).unwrap();
    end.change(&mut |changes| changes.add_document(&document)).unwrap_err();
    let terms = TermsRow { board: CANARY.to_owned(), held: Some(CANARY.to_owned()), ..TermsRow::default() };
    // As if somebody had changed the tables, so that rows are refused by a constraint, with all that they hold.
    server.sql(name, "ALTER TABLE ssbtek.retention ADD CHECK (held IS NULL)");
    end.change(&mut |changes| changes.set_terms(&terms)).unwrap_err();
    server.sql(name, "ALTER TABLE ssbtek.retention ALTER COLUMN held TYPE bigint USING 0");
    end.change(&mut |changes| changes.set_terms(&terms)).unwrap_err();
    let log = server.log();
    assert!(log.contains("violates check constraint"), "what was to be refused was: {log}");
    for form in [CANARY.to_owned(), CANARY.bytes().map(|byte| format!("{byte:02x}")).collect()] {
        assert!(!log.contains(&form), "{log}");
    }
}
