//! Tells callers what became of their appends, on a thread of its own: waking one caller after another would keep the writer from
//! the next group.

use std::{
    sync::mpsc::{Receiver, Sender, channel},
    thread::{self, JoinHandle},
};

use ssbtek_access_log::{AppendError, Appended};

use crate::work::Job;

/// What became of one job.
pub(crate) type Answer = (Job, Result<Vec<Appended>, AppendError>);

/// The thread, and the way to it.
#[derive(Debug)]
pub(crate) struct Answers {
    /// Never holds more than there are callers: each waits for its answer before it comes again.
    groups: Option<Sender<Vec<Answer>>>,
    thread: Option<JoinHandle<()>>,
}

impl Answers {
    /// Starts the thread.
    pub(crate) fn begin() -> std::io::Result<Self> {
        let (groups, waiting) = channel();
        let thread = thread::Builder::new().name("log-answers".to_owned()).spawn(move || answer(&waiting))?;
        Ok(Self { groups: Some(groups), thread: Some(thread) })
    }

    /// Answers a group, in order. `false` without the thread: the callers find their answers dropped, and take it that the store
    /// has failed, which it then must have.
    pub(crate) fn give(&self, group: Vec<Answer>) -> bool {
        self.groups.as_ref().is_some_and(|groups| groups.send(group).is_ok())
    }
}

impl Drop for Answers {
    /// Returns once all are answered.
    fn drop(&mut self) {
        self.groups = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn answer(groups: &Receiver<Vec<Answer>>) {
    while let Ok(group) = groups.recv() {
        for (job, result) in group {
            // A caller that has gone away does not undo what is durable.
            let _ = job.reply.send(result);
        }
    }
}
