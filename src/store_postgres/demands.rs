//! What a server must be, looked at on every new session: who answers from a copy, or forgets what it has written, is refused by name.

use tokio_postgres::Row;

use crate::{
    OpenError,
    connection::{Connection, bound},
};

/// The oldest version, as the server numbers them.
const OLDEST: i32 = 150_000;

const STATE: &str = "SELECT pg_is_in_recovery(), current_setting('server_version_num')::int,
    current_setting('server_encoding'), current_setting('fsync'), current_setting('full_page_writes'),
    current_setting('synchronous_commit'), (SELECT system_identifier::text FROM pg_control_system())";

const QUIET: &str =
    "SELECT current_setting('log_min_error_statement'), current_setting('log_error_verbosity'),
    current_setting('log_parameter_max_length_on_error')";

/// Settings that keep statements, bound values and rows out of the server's log, with what each must be, and the text that sets it.
const KEPT_QUIET: [(&str, &str, &str); 3] = [
    ("log_min_error_statement", "panic", "SET log_min_error_statement = panic"),
    ("log_error_verbosity", "terse", "SET log_error_verbosity = terse"),
    ("log_parameter_max_length_on_error", "0", "SET log_parameter_max_length_on_error = 0"),
];

/// Refuses a server that is not as it must be. Gives its identifier, which its copies share and no other has.
pub(crate) fn met(connection: &Connection) -> Result<String, OpenError> {
    let row = one(connection, STATE)?;
    let setting = |column: usize| row.try_get::<_, String>(column).map_err(|_| OpenError::Unreachable);
    if row.try_get::<_, bool>(0).map_err(|_| OpenError::Unreachable)? {
        return Err(OpenError::Replica);
    }
    let version = row.try_get::<_, i32>(1).map_err(|_| OpenError::Unreachable)?;
    if version < OLDEST {
        return Err(OpenError::TooOld(version / 10_000));
    }
    let encoding = setting(2)?;
    if encoding != "UTF8" {
        return Err(OpenError::Encoding(encoding));
    }
    for (column, name) in [(3, "fsync"), (4, "full_page_writes")] {
        let is = setting(column)?;
        if is != "on" {
            return Err(OpenError::NotDurable { name, is });
        }
    }
    let is = setting(5)?;
    if !["on", "remote_apply"].contains(&is.as_str()) {
        return Err(OpenError::NotDurable { name: "synchronous_commit", is });
    }
    quiet(connection)?;
    setting(6)
}

fn quiet(connection: &Connection) -> Result<(), OpenError> {
    let loud = |row: &Row| {
        let is = |column: usize| row.try_get::<_, String>(column).unwrap_or_default();
        (0..)
            .zip(KEPT_QUIET)
            .filter(|(column, (_, must, _))| is(*column) != *must)
            .map(|(_, kept)| kept)
            .collect::<Vec<_>>()
    };
    for (name, must, set) in loud(&one(connection, QUIET)?) {
        connection.try_text(set).map_err(|_| OpenError::NotQuiet { name, must })?;
    }
    match loud(&one(connection, QUIET)?).first() {
        Some((name, must, _)) => Err(OpenError::NotQuiet { name, must }),
        None => Ok(()),
    }
}

fn one(connection: &Connection, sql: &'static str) -> Result<Row, OpenError> {
    let rows = connection.ask(sql, bound![]).map_err(|_| OpenError::Unreachable)?;
    rows.into_iter().next().ok_or(OpenError::Unreachable)
}
