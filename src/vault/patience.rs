//! A disk that does not answer, such as one behind a network, is waited for for a bounded time: what reads from it runs on a thread of its
//! own, which is left behind when it takes too long. Few are, since while they stand there nothing more is tried.

use std::{
    io::{self, ErrorKind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{Sender, channel, sync_channel},
    },
    thread,
    time::Duration,
};

/// Threads left behind at most.
const MAX_STUCK: usize = 4;
/// Threads kept for the next reads.
const MAX_IDLE: usize = 8;

type Work = Box<dyn FnOnce() + Send>;

/// How long is waited, and the threads that wait.
#[derive(Debug)]
pub(crate) struct Patience {
    max_wait: Duration,
    idle: Mutex<Vec<Worker>>,
    stuck: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Worker {
    work: Sender<Work>,
    left_behind: Arc<AtomicBool>,
}

impl Patience {
    pub(crate) fn of(max_wait: Duration) -> Self {
        Self { max_wait, idle: Mutex::default(), stuck: Arc::default() }
    }

    /// What `read` gives, or that it took too long.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        if self.stuck.load(Ordering::Acquire) >= MAX_STUCK {
            return Err(ErrorKind::TimedOut.into());
        }
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let worker = idle.map_or_else(|| self.worker(), Ok)?;
        let (reply, answer) = sync_channel(1);
        let work = Box::new(move || drop(reply.send(read())));
        worker.work.send(work).map_err(|_| ErrorKind::Other)?;
        match answer.recv_timeout(self.max_wait) {
            Ok(read) => {
                let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
                if idle.len() < MAX_IDLE {
                    idle.push(worker);
                }
                read
            }
            Err(_) => {
                self.stuck.fetch_add(1, Ordering::AcqRel);
                // Seen by the thread when it finds that there is no more work.
                worker.left_behind.store(true, Ordering::Release);
                Err(ErrorKind::TimedOut.into())
            }
        }
    }

    fn worker(&self) -> io::Result<Worker> {
        let (work, queue) = channel::<Work>();
        let (left_behind, stuck) = (Arc::new(AtomicBool::new(false)), self.stuck.clone());
        let worker = Worker { work, left_behind: left_behind.clone() };
        thread::Builder::new().name("key-files".to_owned()).spawn(move || {
            queue.iter().for_each(|work| work());
            if left_behind.load(Ordering::Acquire) {
                stuck.fetch_sub(1, Ordering::AcqRel);
            }
        })?;
        Ok(worker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_answers_is_waited_for_for_so_long_and_by_so_many_and_it_goes_on_once_it_answers() {
        let patience = Patience::of(Duration::from_millis(20));
        assert_eq!(patience.run(|| Ok(1)).unwrap(), 1);
        let mut held = Vec::new();
        for _ in 0..MAX_STUCK {
            let (holds, until) = channel::<()>();
            held.push(holds);
            let late = patience.run(move || Ok(until.recv().is_ok()));
            assert_eq!(late.unwrap_err().kind(), ErrorKind::TimedOut);
        }
        let is_run = Arc::new(AtomicBool::new(false));
        let run = is_run.clone();
        let refused = patience.run(move || Ok(run.swap(true, Ordering::AcqRel)));
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::TimedOut);
        assert!(!is_run.load(Ordering::Acquire), "no further thread is begun");
        drop(held);
        while patience.stuck.load(Ordering::Acquire) > 0 {
            thread::yield_now();
        }
        assert_eq!(patience.run(|| Ok(2)).unwrap(), 2);
    }
}
