//! One request in, one answer out.

use std::sync::{Arc, Mutex, PoisonError};

use ssbtek_domain::Clock;
use ssbtek_transparency::witness::{AddCheckpoint, Admitted, KnownLog, Refusal, SIZE_CONTENT_TYPE, admit};
use ssbtek_transparency::{Checkpoint, CosignatureSigner, SignedNote};

use crate::state::{Notes, Storage, seen};

const TEXT: &str = "text/plain; charset=utf-8";

/// What goes back over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The content type.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
    /// Of a refusal because of another tree: the checkpoint cosigned last, as the log signed it.
    pub last: Option<SignedNote>,
}

/// A witness: its key, the logs it knows, what it has seen.
pub struct Witness {
    signer: CosignatureSigner,
    logs: Vec<KnownLog>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

struct State {
    notes: Notes,
    storage: Box<dyn Storage>,
    /// Saving failed once: what is on disk is unknown, so nothing is signed any more.
    failed: bool,
}

impl Witness {
    /// A witness that goes on from `notes`, which `storage` holds (see [`crate::StateFile::open`]).
    pub fn new(
        signer: CosignatureSigner,
        logs: Vec<KnownLog>,
        storage: Box<dyn Storage>,
        notes: Notes,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { signer, logs, clock, state: Mutex::new(State { notes, storage, failed: false }) }
    }

    /// The witness's public key, as a vkey, for those who configure it.
    pub fn vkey(&self) -> String {
        self.signer.verifier().vkey()
    }

    /// Answers `add-checkpoint`. Blocks while the state is synced to disk: call it off the asynchronous threads.
    pub fn add_checkpoint(&self, body: &[u8]) -> Answer {
        match AddCheckpoint::parse(body).map_err(Failure::Refused).and_then(|request| self.cosign(&request)) {
            Ok(line) => Answer { status: 200, content_type: TEXT, body: line, last: None },
            Err(Failure::Refused(refusal)) => refused(refusal, None),
            Err(Failure::Contradicted(refusal, last)) => refused(refusal, last),
            Err(Failure::NotStored) => failed("the witness cannot store its state"),
            Err(Failure::Sign) => failed("the witness cannot sign"),
        }
    }

    /// Compares, stores and signs, all under one lock: otherwise a slow request could roll back a fast one.
    fn cosign(&self, request: &AddCheckpoint) -> Result<String, Failure> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let decided =
            admit(request, &self.logs, |origin| state.notes.get(origin).and_then(seen).map(|(_, last)| last));
        let admitted = match decided {
            Ok(admitted) => admitted,
            Err(refusal) => {
                state.note_fork(request, refusal);
                return Err(Failure::Contradicted(refusal, state.last_of(request, refusal)));
            }
        };
        state.store(request, &admitted)?;
        let time = u64::try_from(self.clock.now().timestamp()).ok().filter(|time| *time > 0);
        let line =
            self.signer.cosign(&admitted.text, time.ok_or(Failure::Sign)?).map_err(|_| Failure::Sign)?;
        tracing::info!(log = admitted.origin, size = admitted.seen.size, "checkpoint cosigned");
        Ok(line.encode())
    }
}

impl State {
    fn store(&mut self, request: &AddCheckpoint, admitted: &Admitted) -> Result<(), Failure> {
        if self.failed {
            return Err(Failure::NotStored);
        }
        let last = self.notes.get(&admitted.origin).and_then(seen).map(|(_, last)| last);
        if last == Some(admitted.seen) {
            return Ok(()); // the same tree again, for a fresh time: nothing to store
        }
        self.notes.insert(admitted.origin.clone(), request.checkpoint.clone());
        self.storage.save(&self.notes).map_err(|error| {
            self.failed = true;
            tracing::error!(%error, "the witness's state could not be stored; it signs nothing more");
            Failure::NotStored
        })
    }

    /// What was cosigned last of the request's log, where that is why it was refused. Whoever gets it has shown a checkpoint
    /// that the log signed.
    fn last_of(&self, request: &AddCheckpoint, refusal: Refusal) -> Option<SignedNote> {
        if !matches!(refusal, Refusal::Conflict(_) | Refusal::Inconsistent) {
            return None;
        }
        let origin = Checkpoint::parse(request.checkpoint.text()).ok()?.origin;
        self.notes.get(&origin).cloned()
    }

    /// Two checkpoints of one size with two roots, both signed by the log, prove a lie: keep the second beside the first.
    fn note_fork(&mut self, request: &AddCheckpoint, refusal: Refusal) {
        let Refusal::Conflict(size) = refusal else { return };
        let Ok(checkpoint) = Checkpoint::parse(request.checkpoint.text()) else { return };
        let last = self.notes.get(&checkpoint.origin).and_then(seen);
        if checkpoint.size == size && last.is_some_and(|(_, last)| last.root != checkpoint.root) {
            tracing::error!(log = checkpoint.origin, size, "the log signed two trees of one size");
            if let Err(error) = self.storage.keep_fork(size, &request.checkpoint) {
                tracing::error!(%error, "the second checkpoint could not be kept");
            }
        }
    }
}

enum Failure {
    Refused(Refusal),
    /// As [`Failure::Refused`], with what was cosigned last.
    Contradicted(Refusal, Option<SignedNote>),
    /// The state could not be stored, now or before.
    NotStored,
    Sign,
}

fn refused(refusal: Refusal, last: Option<SignedNote>) -> Answer {
    let (content_type, body) = match refusal {
        Refusal::Conflict(size) => (SIZE_CONTENT_TYPE, format!("{size}\n")),
        other => (TEXT, format!("{other}\n")),
    };
    Answer { status: refusal.status(), content_type, body, last }
}

fn failed(reason: &str) -> Answer {
    Answer { status: 500, content_type: TEXT, body: format!("{reason}\n"), last: None }
}
