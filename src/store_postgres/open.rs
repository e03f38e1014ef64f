//! Opening a database.

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use ssbtek_log_store::{Around, Fault, Store, StoreOptions, engine::Engine};
use zeroize::Zeroizing;

use crate::{
    connect::Server,
    engine::{End, Postgres},
    place, schema,
};

/// How a database is reached, and its bounds.
#[derive(Clone)]
pub struct PostgresOptions {
    /// `postgres://user@host/database`, without a password.
    pub url: String,
    /// The password, if the server asks for one.
    pub password: Option<Zeroizing<String>>,
    /// The authority whose certificate the server's chains to, PEM. Needed where the connection leaves the host.
    pub ca: Option<PathBuf>,
    /// Whose log it is: a database belongs to one deployment.
    pub deployment: String,
    /// Longest wait for a session, in milliseconds.
    pub connect_timeout_ms: u64,
    /// Longest wait for an answer of the server, in milliseconds.
    pub answer_timeout_ms: u64,
    /// Longest time in which the outcome of a commit is looked up that the server did not confirm, in milliseconds; then the process ends.
    pub outcome_timeout_ms: u64,
}

impl PostgresOptions {
    /// The usual bounds.
    pub fn at(url: &str, deployment: &str) -> Self {
        Self {
            url: url.to_owned(),
            password: None,
            ca: None,
            deployment: deployment.to_owned(),
            connect_timeout_ms: 2_000,
            answer_timeout_ms: 5_000,
            outcome_timeout_ms: 30_000,
        }
    }
}

/// Opens the log's store in a database.
pub fn open(options: &PostgresOptions, bounds: &StoreOptions, around: Around) -> Result<Store, OpenError> {
    Ok(Store::open(engine(options)?, bounds, around)?)
}

/// Looks at a server and the database in it, and changes nothing: what [`engine`] would refuse is refused here, but for a process
/// that writes.
pub fn look(options: &PostgresOptions) -> Result<(), OpenError> {
    // Held until the end: its connections end with it.
    let server = Server::new(options)?;
    let connection = server.connect()?;
    schema::may_be_ours(&connection, &options.deployment)
}

/// Opens a database as an engine: makes or renews its tables, and takes the writer's place.
pub fn engine(options: &PostgresOptions) -> Result<Arc<dyn Engine>, OpenError> {
    let server = Arc::new(Server::new(options)?);
    let connection = server.connect()?;
    schema::bring_up(&connection, &options.deployment)?;
    let place = place::take(&connection)?;
    let end = End {
        server: server.clone(),
        connection: Some(connection),
        place,
        outcome: Duration::from_millis(options.outcome_timeout_ms),
        broken: false,
    };
    Ok(Arc::new(Postgres { server, epoch: place.epoch, idle: Mutex::default(), end: Mutex::new(Some(end)) }))
}

/// Why a database could not be opened. Never the server's own words.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address cannot be read, or lacks a part.
    #[error("database.url must be postgres://USER@HOST/DATABASE")]
    Url,
    /// A secret stands where it would be shown.
    #[error("database.url must hold no password: put it into the file that database.password_file names")]
    PasswordInUrl,
    /// The connection would leave the host in clear.
    #[error("database.url leads to another host: database.ca must name the authority of its certificate")]
    NoTls,
    /// What is trusted cannot be read.
    #[error("database.ca cannot be read: it must hold certificates in PEM")]
    Authority,
    /// The password's file cannot be read.
    #[error("database.password_file: {} cannot be read: {why}", .file.display())]
    PasswordFile {
        /// The file.
        file: PathBuf,
        /// Why not.
        why: io::ErrorKind,
    },
    /// There is no password in it.
    #[error("database.password_file: {} is empty", .0.display())]
    NoPassword(PathBuf),
    /// No session could be had, or the server did not answer in time.
    #[error("the database server cannot be reached, or does not answer in time")]
    Unreachable,
    /// It is starting or stopping.
    #[error("the database server is starting or stopping")]
    Starting,
    /// The server does not let this user in.
    #[error("the database server does not let this user in (user, password, pg_hba.conf)")]
    NotLetIn,
    /// There is no such database.
    #[error("the database server has no database of this name")]
    NoDatabase,
    /// It only follows another.
    #[error("the database server is a replica (pg_is_in_recovery): the log is written to a primary alone")]
    Replica,
    /// Too old a server.
    #[error("the database server is PostgreSQL {0}: 15 or later is needed")]
    TooOld(i32),
    /// Texts would not come back as they were written.
    #[error("the database server's encoding is {0}: UTF8 is needed")]
    Encoding(String),
    /// The server would acknowledge what a power cut takes back.
    #[error("the database server's {name} is {is}: what it acknowledges may be lost; it must be on")]
    NotDurable {
        /// The setting.
        name: &'static str,
        /// What it is.
        is: String,
    },
    /// The server's log would quote statements or rows.
    #[error(
        "{name} must be {must} for this user: ALTER ROLE … SET {name} = {must}, or GRANT SET ON PARAMETER {name} TO …"
    )]
    NotQuiet {
        /// The setting.
        name: &'static str,
        /// What it must be.
        must: &'static str,
    },
    /// A new session led to a server with another history.
    #[error("the database server is another one than before")]
    OtherServer,
    /// Another deployment's log.
    #[error("the database belongs to the deployment {found}, this is {own}")]
    OtherDeployment {
        /// What it says.
        found: String,
        /// This one.
        own: String,
    },
    /// Something else has a schema of our name.
    #[error("the database has a schema `ssbtek` that this program did not make")]
    NotOurs,
    /// The user may not do what it must.
    #[error(
        "the database user lacks a privilege: it must own the schema `ssbtek`, or be allowed to create it"
    )]
    Privilege,
    /// Later than this program.
    #[error(
        "the database was written by a newer version of this program (level {found}; this one works with level {known}); nothing is wrong with it: see docs/runbooks/go-back.md"
    )]
    Newer {
        /// Its level.
        found: i64,
        /// This program's.
        known: i64,
    },
    /// Earlier than this program, where nothing may be changed.
    #[error(
        "the database was last opened by an older version of this program (level {found}, not {known}): start this one first"
    )]
    Older {
        /// Its level.
        found: i64,
        /// This program's.
        known: i64,
    },
    /// Nothing to check.
    #[error("the database holds no log yet")]
    Empty,
    /// The look-up index is still being made anew.
    #[error("the look-up index is not whole yet: start this program first, which makes it anew")]
    NotWhole,
    /// Another process writes.
    #[error("the database is in use by another process")]
    InUse,
    /// A thread could not be started.
    #[error("a thread cannot be started: {0}")]
    Thread(io::ErrorKind),
    /// What stands in it, or a key.
    #[error(transparent)]
    Store(#[from] ssbtek_log_store::OpenError),
}

impl From<Fault> for OpenError {
    fn from(fault: Fault) -> Self {
        OpenError::Store(fault.into())
    }
}
