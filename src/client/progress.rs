//! A sign of life on standard error while agencies answer.

use std::{io::Write, pin::pin, time::Duration};

/// Waits for `work`; if `on`, tells the seconds gone by on `stderr` and wipes the line at the end.
pub(crate) async fn with_progress<T>(
    on: bool,
    what: &str,
    stderr: &mut dyn Write,
    work: impl Future<Output = T>,
) -> T {
    if !on {
        return work.await;
    }
    let mut work = pin!(work);
    let mut second = tokio::time::interval(Duration::from_secs(1));
    let mut seconds = 0u64;
    loop {
        tokio::select! {
            biased;
            done = work.as_mut() => {
                // A line that cannot be wiped is no reason to lose the answer.
                let _ = write!(stderr, "\r\x1b[K").and_then(|()| stderr.flush());
                return done;
            }
            _ = second.tick() => {
                let _ = write!(stderr, "\r{what} … {seconds} s").and_then(|()| stderr.flush());
                seconds += 1;
            }
        }
    }
}
