//! One call under way, and the places it holds: for as long as the work goes on, whatever becomes of its stream.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use ssbtek_domain::OrganisationNumber;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use crate::shares::{Share, Shares};

/// The places for calls under way, at all doors together.
#[derive(Debug, Clone)]
pub struct Places {
    certificates: Arc<Shares<[u8; 32]>>,
    boards: Arc<Shares<OrganisationNumber>>,
}

impl Places {
    /// So many calls at once, of one certificate, of one board. Nobody may hold as many as are still free.
    pub fn new(max: usize, max_per_certificate: usize, max_per_board: usize) -> Self {
        Self { certificates: Shares::new(max, max_per_certificate), boards: Shares::new(max, max_per_board) }
    }

    /// A place for one more call over a connection, or in a session; `None` if connection or certificate (of a session: the sign-in) has its
    /// share under way.
    pub fn take(&self, certificate: [u8; 32], connection: &Arc<Semaphore>) -> Option<Arc<UnderWay>> {
        let connection = connection.clone().try_acquire_owned().ok()?;
        Some(Arc::new(UnderWay {
            _certificate: self.certificates.take(certificate)?,
            _connection: connection,
            boards: self.boards.clone(),
            board: Mutex::new(None),
            came: Instant::now(),
            within: Mutex::new(None),
            judged: AtomicBool::new(false),
        }))
    }
}

/// One call under way.
#[derive(Debug)]
pub struct UnderWay {
    _certificate: Share<[u8; 32]>,
    _connection: OwnedSemaphorePermit,
    boards: Arc<Shares<OrganisationNumber>>,
    board: Mutex<Option<Share<OrganisationNumber>>>,
    came: Instant,
    within: Mutex<Option<Duration>>,
    judged: AtomicBool,
}

impl UnderWay {
    /// Counts the call for a board, once that is known; whether the board may have another under way.
    pub fn count_for(&self, board: OrganisationNumber) -> bool {
        let mut held = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_none() {
            *held = self.boards.take(board);
        }
        held.is_some()
    }

    /// Bounds the call's time, counted from when it came.
    pub(crate) fn end_within(&self, within: Duration) {
        *self.within.lock().unwrap_or_else(PoisonError::into_inner) = Some(within);
    }

    /// What is left of the call's time; `own` is the longest that it may take anyway.
    pub(crate) fn left(&self, own: Duration) -> Duration {
        let within = self.within.lock().unwrap_or_else(PoisonError::into_inner).unwrap_or(own);
        within.min(own).saturating_sub(self.came.elapsed())
    }

    /// Notes that a service has begun to judge who calls: its message was read.
    pub(crate) fn judge(&self) {
        self.judged.store(true, Ordering::Relaxed);
    }

    /// Whether a service has begun to judge who calls.
    pub(crate) fn is_judged(&self) -> bool {
        self.judged.load(Ordering::Relaxed)
    }
}

/// A body that keeps something until it is sent or given up.
pub(crate) struct Keeping<B, T> {
    body: B,
    _kept: T,
}

impl<B, T> Keeping<B, T> {
    pub(crate) fn new(body: B, kept: T) -> Self {
        Self { body, _kept: kept }
    }
}

impl<B: http_body::Body + Unpin, T: Unpin> http_body::Body for Keeping<B, T> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}
