//! When a witness that says otherwise is believed.
//!
//! The answer of a witness that refuses is one unsigned number. It stops nothing by itself. What does: a checkpoint that the
//! log itself signed and that is not of this tree, which a witness of this make shows with its refusal; or the same word
//! again and again, for as long as is configured.

use std::time::Duration;

use ssbtek_domain::OrganisationNumber;
use ssbtek_transparency::{Checkpoint, SignedNote};
use ssbtek_witness::{ClientError, WitnessClient};
use tokio::time::Instant;

use super::Witnessing;

/// How often a contradiction that is not proven is heard again at the start before it is believed.
const HEARD_AT_START: u32 = 3;

/// A witness contradicts this log.
#[derive(Debug, thiserror::Error)]
#[error("the witness {witness} contradicts the access log of board {board}: {error}")]
pub(super) struct Contradicted {
    witness: String,
    board: OrganisationNumber,
    error: ClientError,
}

/// What one witness has said against one log, since it last agreed with it.
#[derive(Debug, Default)]
pub(super) struct Doubt {
    since: Option<Instant>,
    heard: u32,
}

impl Doubt {
    /// The witness agrees.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether it should be heard again before it is believed.
    pub(super) fn may_repeat(&self) -> bool {
        self.heard < HEARD_AT_START
    }

    /// It contradicts. Returns since when it has, and whether this is the first time.
    fn hear(&mut self, now: Instant) -> (Duration, bool) {
        let first = self.since.is_none();
        self.heard = self.heard.saturating_add(1);
        (now - *self.since.get_or_insert(now), first)
    }
}

impl Witnessing {
    /// Judges a witness's refusal. `None`: it is none of the log's. `Some(None)`: it contradicts the log, and is not believed
    /// yet.
    pub(super) async fn believed(
        &self,
        doubt: &mut Doubt,
        board: OrganisationNumber,
        client: &WitnessClient,
        error: ClientError,
    ) -> Option<Option<Contradicted>> {
        let behind = match error {
            ClientError::LogBehind(size) => Some(size),
            ClientError::Refused(409 | 422) => None,
            _ => return None,
        };
        match self.judged(board, client).await {
            Some(true) => return Some(Some(self.contradicted(client, board, error))),
            Some(false) => return None,
            None => {}
        }
        // The log has grown meanwhile, and what the witness saw is its own.
        let now = self.trees.tree(board).await.ok().flatten().map_or(0, |state| state.size);
        if behind.is_some_and(|behind| behind <= now) {
            return None;
        }
        let (so_long, first) = doubt.hear(Instant::now());
        if so_long >= self.doubt_for && !first {
            return Some(Some(self.contradicted(client, board, error)));
        }
        if first {
            tracing::error!(
                alarm = "witness_contradicts",
                witness = client.key().name().as_str(),
                %board,
                "{error}; nothing proves it, and it is not believed before it has been repeated"
            );
        }
        Some(None)
    }

    pub(super) fn contradicted(
        &self,
        client: &WitnessClient,
        board: OrganisationNumber,
        error: ClientError,
    ) -> Contradicted {
        Contradicted { witness: client.key().name().as_str().to_owned(), board, error }
    }

    /// Whether the checkpoint that the witness showed, signed by this log, is of another tree than is here. `None`: it proves
    /// nothing either way.
    async fn judged(&self, board: OrganisationNumber, client: &WitnessClient) -> Option<bool> {
        let origin = self.trees.origin(board);
        let shown = client.shown(&origin)?;
        let seen = self.trust(board)?.open_note(&shown).ok()?.checkpoint;
        let now = self.trees.tree(board).await.ok()?.map_or(0, |state| state.size);
        if seen.size > now {
            return Some(true);
        }
        if seen.size == 0 {
            return Some(false);
        }
        let ours = self.trees.checkpoint_at(board, seen.size).await.ok()?;
        let ours = Checkpoint::parse(SignedNote::parse(&ours).ok()?.text()).ok()?;
        Some(ours.root != seen.root)
    }
}
