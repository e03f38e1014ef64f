//! Reaching the server: over TLS wherever the connection leaves the host, and only one that keeps what it says it has written.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
    time::{Duration, Instant},
};

use tokio::{runtime::Runtime, sync::oneshot};
use tokio_postgres::{
    Client, Config, NoTls, Socket,
    config::{Host, SslMode, TargetSessionAttrs},
    error::SqlState,
    tls::MakeTlsConnect,
};

use crate::{
    OpenError, PostgresOptions,
    connection::{Connection, carry},
    demands,
    tls::Rustls,
    wait::wait,
};

/// How a session is set, whatever the server's own settings: nothing cancels a statement of ours, and none is rolled back behind us.
const SETTINGS: &str = "SET statement_timeout = 0; SET lock_timeout = '1s'; SET idle_in_transaction_session_timeout = '60s';
    SET client_min_messages = warning; SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3";

/// Where a database is, and how it is reached.
pub(crate) struct Server {
    config: Config,
    tls: Option<Rustls>,
    connect: Duration,
    patience: Duration,
    /// The one server (or its copies) that was found first.
    identifier: Mutex<Option<String>>,
    /// Carries the messages of all connections. `None` only while this is dropped.
    runtime: Option<Runtime>,
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Never waits: who drops this may be within a runtime of its own.
            runtime.shutdown_background();
        }
    }
}

impl Server {
    pub(crate) fn new(options: &PostgresOptions) -> Result<Self, OpenError> {
        let mut config: Config = options.url.parse().map_err(|_| OpenError::Url)?;
        if config.get_password().is_some() {
            return Err(OpenError::PasswordInUrl);
        }
        if config.get_user().is_none() || config.get_dbname().is_none() || config.get_hosts().is_empty() {
            return Err(OpenError::Url);
        }
        let leaves = !config.get_hosts().iter().all(is_here)
            || !config.get_hostaddrs().iter().all(IpAddr::is_loopback);
        let tls = match &options.ca {
            Some(ca) => Some(Rustls::trusting(ca)?),
            None if leaves => return Err(OpenError::NoTls),
            None => None,
        };
        if let Some(password) = &options.password {
            config.password(password.as_bytes());
        }
        if config.get_hosts().len() > 1 {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        let connect = Duration::from_millis(options.connect_timeout_ms);
        config
            .application_name("ssbtek-broker")
            .ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable })
            .connect_timeout(connect)
            .tcp_user_timeout(Duration::from_millis(options.answer_timeout_ms))
            .keepalives_idle(Duration::from_secs(5));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("postgres")
            .enable_io()
            .enable_time()
            .build()
            .map_err(|error| OpenError::Thread(error.kind()))?;
        Ok(Self {
            config,
            tls,
            connect,
            patience: Duration::from_millis(options.answer_timeout_ms),
            identifier: Mutex::default(),
            runtime: Some(runtime),
        })
    }

    /// A session of a server that keeps what this program rests on; the same server as before.
    pub(crate) fn connect(&self) -> Result<Connection, OpenError> {
        let warned = Arc::new(AtomicBool::new(false));
        let (told, client) = oneshot::channel();
        let (config, tls, noted) = (self.config.clone(), self.tls.clone(), warned.clone());
        let runtime = self.runtime.as_ref().ok_or(OpenError::Unreachable)?;
        let carried = runtime.spawn(async move {
            match tls {
                None => begin(config, NoTls, told, noted).await,
                Some(tls) => begin(config, tls, told, noted).await,
            }
        });
        // As many hosts as there are may each take as long.
        let hosts = u32::try_from(self.config.get_hosts().len().max(1)).unwrap_or(u32::MAX);
        let client = match wait(client, Instant::now() + self.connect.saturating_mul(hosts) + self.patience) {
            Some(Ok(client)) => client.map_err(|error| refused(&error))?,
            _ => {
                carried.abort();
                return Err(OpenError::Unreachable);
            }
        };
        self.settled(client, warned, carried.abort_handle())
    }

    fn settled(
        &self,
        client: Client,
        warned: Arc<AtomicBool>,
        carried: tokio::task::AbortHandle,
    ) -> Result<Connection, OpenError> {
        let connection = Connection::new(client, warned, carried, self.patience);
        connection.try_text(SETTINGS).map_err(|_| OpenError::Unreachable)?;
        let identifier = demands::met(&connection)?;
        let mut known = self.identifier.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some(known) if *known != identifier => return Err(OpenError::OtherServer),
            Some(_) => {}
            None => *known = Some(identifier),
        }
        drop(known);
        Ok(connection)
    }
}

/// Begins a session, and carries its messages for as long as somebody has it.
async fn begin<T: MakeTlsConnect<Socket>>(
    config: Config,
    tls: T,
    told: oneshot::Sender<Result<Client, tokio_postgres::Error>>,
    noted: Arc<AtomicBool>,
) {
    match config.connect(tls).await {
        Ok((client, connection)) => {
            if told.send(Ok(client)).is_ok() {
                carry(connection, noted).await;
            }
        }
        Err(error) => drop(told.send(Err(error))),
    }
}

/// What the server said to a session that it would not begin, without its words.
fn refused(error: &tokio_postgres::Error) -> OpenError {
    match error.code() {
        Some(code) if *code == SqlState::INVALID_CATALOG_NAME => OpenError::NoDatabase,
        Some(code) if code.code().starts_with("28") || *code == SqlState::INSUFFICIENT_PRIVILEGE => {
            OpenError::NotLetIn
        }
        Some(code) if *code == SqlState::CANNOT_CONNECT_NOW => OpenError::Starting,
        _ => OpenError::Unreachable,
    }
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
    }
}
