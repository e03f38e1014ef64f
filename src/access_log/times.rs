//! Between which leaves the records of a time stand, whatever the clock did: a clock that jumped leaves records that are not in
//! the order of their times, so the earliest and the latest time of every block of leaves is held in memory: about a megabyte
//! for ten million leaves.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

use ssbtek_domain::{DateTime, OrganisationNumber, Utc};

use crate::{AccessLog, Criteria, ReadError, fault::tampered};

/// Leaves in a block.
const BLOCK: u64 = 256;
/// Leaves whose times are read at a time.
const STEP: u64 = 32 * BLOCK;

/// The earliest and the latest time in a block.
type Block = (DateTime<Utc>, DateTime<Utc>);

/// What is known of the full blocks of each board's tree, from its first leaf on. Read once after a start, when it is first asked
/// for; from then on only what was added.
#[derive(Default)]
pub(crate) struct Times(Mutex<HashMap<OrganisationNumber, Vec<Block>>>);

impl Times {
    fn lock(&self) -> MutexGuard<'_, HashMap<OrganisationNumber, Vec<Block>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves in the blocks known.
    fn known(&self, board: OrganisationNumber) -> u64 {
        self.lock().get(&board).map_or(0, |blocks| blocks.len() as u64 * BLOCK)
    }

    /// Takes the blocks that follow the first `known` leaves, unless another search was faster.
    fn learn(&self, board: OrganisationNumber, known: u64, new: impl Iterator<Item = Block>) {
        let mut boards = self.lock();
        let blocks = boards.entry(board).or_default();
        if blocks.len() as u64 * BLOCK == known {
            blocks.extend(new);
        }
    }

    /// From the first of the blocks that may hold what is looked for to the end of the last; `tail` is the block behind `whole`
    /// leaves, not yet full.
    fn span(
        &self,
        board: OrganisationNumber,
        whole: u64,
        tail: Option<Block>,
        may_hold: impl Fn(&Block) -> bool,
    ) -> Range<u64> {
        let boards = self.lock();
        let blocks = boards.get(&board).map_or(&[][..], Vec::as_slice).iter();
        let blocks = blocks.take(usize::try_from(whole / BLOCK).unwrap_or(usize::MAX)).chain(&tail);
        let mut held = (0..).step_by(BLOCK as usize).zip(blocks).filter(|(_, block)| may_hold(block));
        let Some((first, _)) = held.next() else { return 0..0 };
        first..held.last().map_or(first, |(last, _)| last) + BLOCK
    }
}

impl AccessLog {
    /// The leaves between which every record stands that was made when the criteria say; others may stand there too.
    pub(crate) async fn span(
        &self,
        board: OrganisationNumber,
        criteria: &Criteria,
    ) -> Result<Range<u64>, ReadError> {
        let (from, until) = (criteria.from, criteria.until);
        if from.is_none() && until.is_none() {
            return Ok(0..u64::MAX);
        }
        let state = self.store.tree(board).await.map_err(|_| ReadError::Unavailable)?;
        let size = state.map_or(0, |state| state.size);
        let whole = size / BLOCK * BLOCK;
        loop {
            let known = self.times.known(board);
            if known >= whole {
                break;
            }
            let read = self.block_times(board, known..whole.min(known + STEP)).await?;
            self.times.learn(board, known, read.into_iter());
        }
        let tail = self.block_times(board, whole..size).await?.pop();
        Ok(self.times.span(board, whole, tail, |&(earliest, latest)| {
            from.is_none_or(|from| latest >= from) && until.is_none_or(|until| earliest < until)
        }))
    }

    async fn block_times(
        &self,
        board: OrganisationNumber,
        leaves: Range<u64>,
    ) -> Result<Vec<Block>, ReadError> {
        let times = self.store.times(board, leaves.clone()).await.map_err(|_| ReadError::Unavailable)?;
        if times.len() as u64 != leaves.end - leaves.start {
            return Err(tampered(board, leaves.start));
        }
        Ok(times.chunks(BLOCK as usize).map(block).collect())
    }
}

/// A record whose time cannot be read may be of any time: whoever comes to it tells of it.
fn block(times: &[Option<DateTime<Utc>>]) -> Block {
    let earliest = times.iter().map(|at| at.unwrap_or(DateTime::<Utc>::MIN_UTC)).min();
    let latest = times.iter().map(|at| at.unwrap_or(DateTime::<Utc>::MAX_UTC)).max();
    (earliest.unwrap_or(DateTime::<Utc>::MAX_UTC), latest.unwrap_or(DateTime::<Utc>::MIN_UTC))
}
