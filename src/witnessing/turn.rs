//! One asking about one log: all witnesses at once, each on its own.

use std::{collections::HashMap, sync::Arc, time::Duration};

use ssbtek_access_log::TreeState;
use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::{
    Hash, SignedNote, Trust,
    note::{NoteSignature, NoteVerifier},
    trust::Opened,
};
use ssbtek_witness::ClientError;
use tokio::{
    sync::{OwnedMutexGuard, mpsc},
    time::{Instant, timeout_at},
};

use super::{Contradicted, Doubt, Witnessing};

/// A witness was not told of a log.
const UNKNOWN_LOG: ClientError = ClientError::Refused(404);

/// How a turn goes about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct How {
    /// Asks also about what is cosigned already: at the start, when what is kept here proves nothing.
    pub(super) anew: bool,
    /// Waits for a witness that is being asked about this log already; otherwise it is left out.
    pub(super) wait: bool,
    /// When the turn ends.
    pub(super) until: Instant,
    /// How much longer the others may take once there is a quorum.
    pub(super) grace: Duration,
}

/// What one witness says of one log.
enum Said {
    /// Its cosignature.
    Cosigned(NoteSignature),
    /// That it does not know the log.
    Unknown,
    /// That it is another log than it saw.
    Contradicted(Contradicted),
}

/// How a turn ended.
pub(super) enum Turned {
    /// With the quorum, at this size.
    Cosigned(u64, String),
    /// With too few; `heard`: so many have answered as must, only that some do not know the log.
    TooFew { heard: bool },
}

/// What came until the quorum was there, or the turn's end.
pub(super) struct Gathered {
    note: SignedNote,
    pub(super) opened: Opened,
    /// Witnesses that do not know the log.
    unknown: usize,
}

impl Witnessing {
    /// Gets the newest state cosigned, unless it is already. A witness that contradicts after the turn has ended stops the
    /// broker all the same.
    pub(super) async fn turn(
        self: &Arc<Self>,
        board: OrganisationNumber,
        how: How,
    ) -> Result<Turned, Contradicted> {
        let too_few = Turned::TooFew { heard: false };
        let Some(state) = self.state(board).await else { return Ok(too_few) };
        let size = state.size;
        if !how.anew
            && let Some(kept) = self.newest_kept(board).await
            && kept.0 == size
        {
            return Ok(Turned::Cosigned(kept.0, kept.1));
        }
        let Some(Gathered { note, opened, unknown }) = self.gathered(board, &state, how).await? else {
            return Ok(too_few);
        };
        let note = note.encode();
        if !opened.has_quorum(self.quorum) {
            if !opened.cosigned.is_empty() {
                self.keep_partial(board, size, note);
            }
            return Ok(Turned::TooFew { heard: opened.cosigned.len() + unknown >= self.quorum });
        }
        // Not kept is not lost: the next turn keeps it.
        let _ = self.trees.keep_checkpoint(board, size, note.clone()).await;
        Ok(Turned::Cosigned(size, note))
    }

    /// A tree's checkpoint with the cosignatures that came until the quorum was there, or the turn's end.
    pub(super) async fn gathered(
        self: &Arc<Self>,
        board: OrganisationNumber,
        state: &TreeState,
        how: How,
    ) -> Result<Option<Gathered>, Contradicted> {
        let Ok(mut note) = SignedNote::parse(&state.checkpoint) else { return Ok(None) };
        let Some(trust) = self.trust(board) else { return Ok(None) };
        let (say, mut said) = mpsc::channel(self.witnesses.len().max(1));
        for at in 0..self.witnesses.len() {
            let (turning, state, say) = (self.clone(), state.clone(), say.clone());
            self.spawn(async move {
                let Some(answer) = turning.ask_one(board, at, &state, how).await else { return };
                // Nobody waits for it any more: a contradiction counts all the same.
                if let Err(mpsc::error::SendError(Said::Contradicted(contradicted))) = say.send(answer).await
                {
                    turning.stop_for(&contradicted);
                }
            });
        }
        drop(say);
        let (mut until, mut quorum, mut unknown) = (how.until, false, 0);
        while let Ok(Some(answer)) = timeout_at(until, said.recv()).await {
            match answer {
                // Only lines that verify come here, so there are never too many.
                Said::Cosigned(line) => drop(note.add(line)),
                Said::Unknown => unknown += 1,
                Said::Contradicted(contradicted) => return Err(contradicted),
            }
            if !quorum && trust.open_note(&note).is_ok_and(|opened| opened.has_quorum(self.quorum)) {
                quorum = true;
                until = until.min(Instant::now() + how.grace);
            }
        }
        Ok(trust.open_note(&note).ok().map(|opened| Gathered { note, opened, unknown }))
    }

    /// What one witness says of one log; `None` if it says nothing that counts before the turn ends.
    async fn ask_one(
        &self,
        board: OrganisationNumber,
        at: usize,
        state: &TreeState,
        how: How,
    ) -> Option<Said> {
        let asked = self.witnesses.get(at)?;
        let pair = self.pair(board, at);
        let mut doubt: OwnedMutexGuard<Doubt> = if how.wait {
            timeout_at(how.until, pair.lock_owned()).await.ok()?
        } else {
            pair.try_lock_owned().ok()?
        };
        let _place = timeout_at(how.until, asked.places.acquire()).await.ok()?.ok()?;
        let prove = |old: u64| self.prove(board, old, state.size);
        let note = SignedNote::parse(&state.checkpoint).ok()?;
        loop {
            let answer = timeout_at(how.until, asked.client.cosign(&note, prove)).await;
            let error = match answer.unwrap_or(Err(ClientError::NotReachable)) {
                Ok(line) => {
                    doubt.clear();
                    self.lag().answered(at, asked.client.key().name().as_str());
                    return Some(Said::Cosigned(line));
                }
                Err(error) => error,
            };
            let believed = self.believed(&mut doubt, board, &asked.client, error).await;
            match believed {
                // A log that this witness was not told of says nothing about the witness.
                None if error == UNKNOWN_LOG => return Some(Said::Unknown),
                None => self.lag().silent(at, asked.client.key().name().as_str(), error, Instant::now()),
                Some(Some(contradicted)) => return Some(Said::Contradicted(contradicted)),
                // At the start there is time to hear it again; later the next turn does.
                Some(None) if how.anew && doubt.may_repeat() && Instant::now() < how.until => continue,
                Some(None) if how.anew => {
                    return Some(Said::Contradicted(self.contradicted(&asked.client, board, error)));
                }
                Some(None) => {}
            }
            return None;
        }
    }

    /// The keys by which a board's checkpoints and their cosignatures are believed.
    pub(super) fn trust(&self, board: OrganisationNumber) -> Option<Trust> {
        let witnesses: Vec<NoteVerifier> =
            self.witnesses.iter().map(|asked| asked.client.key().clone()).collect();
        let (origin, keys) = (self.trees.origin(board), self.trees.log_keys(board));
        Trust::new(origin, keys, witnesses, self.quorum).ok()
    }

    /// A board's tree as it is now; of a log of which only the key is left, the empty one.
    pub(super) async fn state(&self, board: OrganisationNumber) -> Option<TreeState> {
        match self.trees.tree(board).await {
            Ok(None) => {
                let checkpoint = self.signer.checkpoint(board, 0, Hash::empty_root())?;
                Some(TreeState { size: 0, checkpoint })
            }
            found => found.ok().flatten(),
        }
    }

    async fn prove(&self, board: OrganisationNumber, old: u64, size: u64) -> Option<Vec<Hash>> {
        match old {
            0 => Some(Vec::new()),
            _ => self.trees.consistency(board, old, size).await.ok(),
        }
    }

    /// The newest checkpoint that is kept because witnesses cosigned it.
    pub(super) async fn newest_kept(&self, board: OrganisationNumber) -> Option<(u64, String)> {
        self.trees.kept_checkpoints(board, 1).await.ok()?.pop()
    }

    fn pair(&self, board: OrganisationNumber, at: usize) -> Arc<tokio::sync::Mutex<Doubt>> {
        let mut pairs = self.pairs.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        pairs.entry((board, at)).or_default().clone()
    }

    fn keep_partial(&self, board: OrganisationNumber, size: u64, note: String) {
        let mut partial: std::sync::MutexGuard<'_, HashMap<_, _>> =
            self.partial.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let newest = partial.entry(board).or_insert((0, String::new()));
        if newest.0 <= size {
            *newest = (size, note);
        }
    }
}
