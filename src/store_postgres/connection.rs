//! One connection: statements prepared once and bound, each waited for until a moment of our own, and never cancelled. Statements that
//! answer nothing are sent at once and waited for with the next that does.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Waker},
    time::{Duration, Instant},
};

use futures::future::{join, join_all};
use ssbtek_log_store::{Fault, engine::Done};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::AbortHandle,
};
use tokio_postgres::{AsyncMessage, Client, Row, Statement, error::Severity, types::ToSql};

use crate::{fault::told, wait::wait};

/// A bound value.
pub(crate) type Bound = Box<dyn ToSql + Sync + Send>;

/// Values to bind.
macro_rules! bound {
    ($($value:expr),* $(,)?) => { vec![$(Box::new($value) as $crate::connection::Bound),*] };
}
pub(crate) use bound;

/// A statement that was sent: how many rows it changed.
type Sent = Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send>>;

/// A session of the server.
pub(crate) struct Connection {
    client: Arc<Client>,
    /// The server has warned since this was last looked at.
    warned: Arc<AtomicBool>,
    carried: AbortHandle,
    statements: RefCell<HashMap<&'static str, Statement>>,
    /// What was sent, and how many rows each must change.
    sent: RefCell<Vec<(Sent, Option<u64>)>>,
    /// What has gone wrong in the open transaction: the server answers a COMMIT after it with a ROLLBACK, which looks like success.
    failed: Cell<Option<Fault>>,
    pub(crate) patience: Duration,
}

impl Drop for Connection {
    /// Ends with the socket. No cancel is ever sent: one makes the server say COMMIT while its standby has nothing.
    fn drop(&mut self) {
        self.carried.abort();
    }
}

/// Carries a connection's messages, and notes each warning before what came after it is answered.
pub(crate) async fn carry<S, T>(mut connection: tokio_postgres::Connection<S, T>, warned: Arc<AtomicBool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        if let AsyncMessage::Notice(notice) = message
            && !matches!(
                notice.parsed_severity(),
                Some(Severity::Notice | Severity::Info | Severity::Log | Severity::Debug)
            )
        {
            warned.store(true, Ordering::SeqCst);
        }
    }
}

impl Connection {
    pub(crate) fn new(
        client: Client,
        warned: Arc<AtomicBool>,
        carried: AbortHandle,
        patience: Duration,
    ) -> Self {
        Self {
            client: Arc::new(client),
            warned,
            carried,
            statements: RefCell::default(),
            sent: RefCell::default(),
            failed: Cell::new(None),
            patience,
        }
    }

    fn until(&self) -> Instant {
        Instant::now() + self.patience
    }

    /// Remembers a fault, so that nothing is committed after it.
    fn noted<T>(&self, done: Done<T>) -> Done<T> {
        if let Err(fault) = &done {
            self.failed.set(Some(self.failed.get().unwrap_or(*fault)));
        }
        done
    }

    fn statement(&self, sql: &'static str) -> Done<Statement> {
        if let Some(known) = self.statements.borrow().get(sql) {
            return Ok(known.clone());
        }
        let statement = wait(self.client.prepare(sql), self.until()).ok_or(Fault::Busy)?;
        let statement = told(statement)?;
        self.statements.borrow_mut().insert(sql, statement.clone());
        Ok(statement)
    }

    /// Sends a statement, and does not wait for it. `rows`: how many it must change.
    pub(crate) fn send(&self, sql: &'static str, values: Vec<Bound>, rows: Option<u64>) -> Done<()> {
        let statement = self.noted(self.statement(sql))?;
        let client = self.client.clone();
        self.begin(Box::pin(async move { client.execute(&statement, &borrowed(&values)).await }), rows);
        Ok(())
    }

    /// Sends text that binds nothing: the ends of transactions, and settings.
    pub(crate) fn send_text(&self, text: &'static str) {
        let client = self.client.clone();
        self.begin(Box::pin(async move { client.batch_execute(text).await.map(|()| 0) }), None);
    }

    fn begin(&self, mut sent: Sent, rows: Option<u64>) {
        // Polled once, it is on its way, in its order; there is an answer only once it is waited for.
        let answer = sent.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let sent = match answer {
            std::task::Poll::Ready(answer) => Box::pin(std::future::ready(answer)),
            std::task::Poll::Pending => sent,
        };
        self.sent.borrow_mut().push((sent, rows));
    }

    /// Waits for what was sent, and for an answer that is asked for behind it.
    fn wait_behind<T>(&self, answer: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Done<T> {
        let (sent, rows): (Vec<_>, Vec<_>) = self.sent.take().into_iter().unzip();
        // All of them are waited for at once: who leaves an answer lying holds up those behind it.
        let waited = wait(join(join_all(sent), answer), self.until());
        let Some((changed, answer)) = waited else { return self.noted(Err(Fault::Busy)) };
        let mut done = Ok(());
        for (changed, rows) in changed.into_iter().zip(rows) {
            done = done.and(match told(changed) {
                Ok(changed) if rows.is_none_or(|rows| rows == changed) => Ok(()),
                // What is refused here is nothing that was written.
                Ok(_) => Err(Fault::Busy),
                Err(fault) => Err(fault),
            });
        }
        self.noted(done.and_then(|()| told(answer)))
    }

    /// Waits for all that was sent.
    pub(crate) fn flush(&self) -> Done<()> {
        self.wait_behind(std::future::ready(Ok(())))
    }

    /// What a statement answers with.
    pub(crate) fn ask(&self, sql: &'static str, values: Vec<Bound>) -> Done<Vec<Row>> {
        let statement = self.noted(self.statement(sql))?;
        self.wait_behind(async { self.client.query(&statement, &borrowed(&values)).await })
    }

    /// How many rows a statement changes.
    pub(crate) fn run(&self, sql: &'static str, values: Vec<Bound>) -> Done<u64> {
        let statement = self.noted(self.statement(sql))?;
        self.wait_behind(async { self.client.execute(&statement, &borrowed(&values)).await })
    }

    /// The same of text that binds nothing.
    pub(crate) fn run_text(&self, text: &str) -> Done<()> {
        self.wait_behind(self.client.batch_execute(text))
    }

    /// A statement's answer, with the server's own error: for what is told by name when a database is opened.
    pub(crate) fn try_text(&self, text: &str) -> Result<(), Option<tokio_postgres::Error>> {
        match wait(self.client.batch_execute(text), self.until()) {
            Some(done) => done.map_err(Some),
            None => Err(None),
        }
    }

    /// A transaction is open from here on: what went wrong in the last is past.
    pub(crate) fn begins(&self) {
        self.failed.set(None);
        self.warned.store(false, Ordering::SeqCst);
    }

    /// The first fault since then.
    pub(crate) fn failed(&self) -> Option<Fault> {
        self.failed.get()
    }

    /// Commits. `true`: the server says so, in time, without a warning of any kind. Else nobody knows.
    pub(crate) fn commits(&self) -> bool {
        let answer = wait(self.client.batch_execute("COMMIT"), self.until());
        matches!(answer, Some(Ok(()))) && !self.warned.load(Ordering::SeqCst)
    }
}

fn borrowed(values: &[Bound]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect()
}
