//! The pace of an HTTP/1.1 connection: how long it may be silent between requests, and how long a head may take.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

use super::followed::Follows;

/// Where a connection is, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// A head is arriving, or the first is awaited.
    Head(Instant),
    /// A request is being answered.
    Asked,
    /// The next request is awaited.
    Idle(Instant),
}

impl Phase {
    /// When it has gone on for too long.
    fn over(self, idle: Duration, head: Duration) -> Option<Instant> {
        match self {
            Phase::Head(since) => since.checked_add(head),
            Phase::Idle(since) => since.checked_add(idle),
            Phase::Asked => None,
        }
    }
}

/// What a connection has waited for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overdue {
    /// The rest of a head.
    Head,
    /// The first head, of which nothing has come.
    Nothing,
    /// The next request.
    Silence,
}

/// Follows one connection.
#[derive(Debug)]
pub(crate) struct Pace {
    phase: watch::Sender<Phase>,
    head: Mutex<Vec<u8>>,
    max_head_bytes: usize,
}

/// What a head says about where its request ends, as it was sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Framing {
    /// How often `Content-Length` stands in it.
    pub(crate) content_lengths: usize,
    /// How often `Transfer-Encoding` does.
    pub(crate) transfer_encodings: usize,
}

impl Framing {
    /// Whether it says where the request ends in one way only (RFC 9112 section 6.3).
    pub(crate) fn is_plain(self) -> bool {
        self.content_lengths + self.transfer_encodings <= 1
    }

    fn of(head: &[u8]) -> Self {
        let mut framing = Self::default();
        for line in head.split(|byte| *byte == b'\n').skip(1).take_while(|line| !matches!(line, [] | [b'\r']))
        {
            let name = line.split(|byte| *byte == b':').next().unwrap_or_default().trim_ascii_end();
            framing.content_lengths += usize::from(name.eq_ignore_ascii_case(b"content-length"));
            framing.transfer_encodings += usize::from(name.eq_ignore_ascii_case(b"transfer-encoding"));
        }
        framing
    }
}

impl Pace {
    pub(crate) fn new(max_head_bytes: usize) -> Arc<Self> {
        let phase = watch::Sender::new(Phase::Head(Instant::now()));
        Arc::new(Self { phase, head: Mutex::default(), max_head_bytes })
    }

    /// Whether something of a head has come.
    fn has_begun(&self) -> bool {
        !self.head.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// A head was read whole: its request is being answered.
    pub(crate) fn asked(&self) -> Framing {
        self.phase.send_replace(Phase::Asked);
        let head = std::mem::take(&mut *self.head.lock().unwrap_or_else(PoisonError::into_inner));
        Framing::of(&head)
    }

    /// Resolves once the connection has been silent for `idle` between requests, or a head has taken `head`; says which.
    pub(crate) async fn overdue(&self, idle: Duration, head: Duration) -> Overdue {
        let mut phases = self.phase.subscribe();
        loop {
            let phase = *phases.borrow_and_update();
            let over = phase.over(idle, head);
            let wait = async {
                match over {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                // The sender lives in `self`, so this never fails.
                _ = phases.changed() => {}
                () = wait => {
                    return match phase {
                        Phase::Head(_) if self.has_begun() => Overdue::Head,
                        Phase::Head(_) => Overdue::Nothing,
                        Phase::Idle(_) | Phase::Asked => Overdue::Silence,
                    };
                }
            }
        }
    }
}

impl Follows for Pace {
    fn came(&self, bytes: &[u8]) {
        self.phase.send_if_modified(|phase| {
            let begins = matches!(phase, Phase::Idle(_));
            if begins {
                *phase = Phase::Head(Instant::now());
            }
            begins
        });
        if matches!(*self.phase.borrow(), Phase::Head(_)) {
            let mut head = self.head.lock().unwrap_or_else(PoisonError::into_inner);
            let room = self.max_head_bytes.saturating_sub(head.len()).min(bytes.len());
            head.extend_from_slice(&bytes[..room]);
        }
    }
}

/// Dropped with an answer that is sent.
pub(crate) struct Answering(pub(crate) Arc<Pace>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.phase.send_replace(Phase::Idle(Instant::now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_secs(60);
    const HEAD: Duration = Duration::from_secs(5);

    /// Seconds after which the connection is overdue, counted from now.
    fn overdue_in(pace: &Pace) -> Option<u64> {
        let over = pace.phase.borrow().over(IDLE, HEAD);
        over.map(|at| at.saturating_duration_since(Instant::now()).as_secs_f64().round() as u64)
    }

    #[tokio::test]
    async fn a_connection_is_kept_between_requests_far_longer_than_a_head_may_take() {
        let pace = Pace::new(1024);
        assert_eq!(overdue_in(&pace), Some(5), "the first head");
        pace.came(b"POST / HTTP/1.1\r\n\r\n");
        pace.asked();
        let answering = Answering(pace.clone());
        assert_eq!(overdue_in(&pace), None, "while it is answered");
        drop(answering);
        assert_eq!(overdue_in(&pace), Some(60), "between requests");
        pace.came(b"P");
        assert_eq!(overdue_in(&pace), Some(5), "a head that drips");
        let overdue = tokio::time::timeout(HEAD, pace.overdue(IDLE, Duration::ZERO)).await.unwrap();
        assert_eq!(overdue, Overdue::Head);
        assert_eq!(Pace::new(1024).overdue(IDLE, Duration::ZERO).await, Overdue::Nothing);
    }

    #[test]
    fn what_a_head_says_of_its_length_is_counted_as_it_was_sent() {
        let framing = |head: &str| {
            let framing = Framing::of(head.as_bytes());
            (framing.content_lengths, framing.transfer_encodings)
        };
        assert_eq!(framing("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nContent-Length: 2\r\n"), (1, 0));
        assert_eq!(framing("POST / HTTP/1.1\r\ncontent-length: 1\r\nCONTENT-LENGTH: 1\r\n\r\n"), (2, 0));
        assert_eq!(
            framing("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length:1\r\n\r\n"),
            (1, 1)
        );
        assert!(Framing { content_lengths: 1, transfer_encodings: 0 }.is_plain());
        assert!(!Framing { content_lengths: 1, transfer_encodings: 1 }.is_plain());
    }
}
