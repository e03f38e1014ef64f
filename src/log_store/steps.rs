//! Where the times of the logs run backwards. A clock that was set back leaves records that are not in the order of their times;
//! each such place has a row, so that who looks for a time, or reads back from a log's end, knows that what is earlier may stand
//! before what is older. Between two such places records stand in the order of their times, but for a little.

use std::{collections::HashMap, ops::Range};

use ssbtek_access_log::Header;
use ssbtek_domain::{DateTime, Utc};

use crate::{
    Fault,
    engine::{Changes, Done, Rows},
    rows::{StepRow, TreeId, TreeRow},
};

/// By how much a record's time must lie before the latest to be a step, in milliseconds: less is how records come.
const STEP_MS: i64 = 60_000;
/// How far a record may stand from its place by time where there is no step, in milliseconds: what is known of the latest time after a
/// start is that of the newest records.
pub(crate) const SLACK_MS: i64 = 300_000;
/// Newest records whose times are read at a start.
const NEWEST: u64 = 256;

/// The latest time in each tree since its last step, in milliseconds.
#[derive(Default)]
pub(crate) struct Steps {
    latest: HashMap<TreeId, i64>,
    /// Of the open transaction: what it was before.
    before: Vec<(TreeId, Option<i64>)>,
}

impl Steps {
    /// Reads the times of each tree's newest leaves.
    pub(crate) fn open(rows: &dyn Rows) -> Done<Self> {
        let mut latest = HashMap::new();
        for tree in rows.trees()? {
            let last = rows.steps_back(Some(tree.id))?.last().map_or(0, |step| step.leaf);
            let newest = tree.size.saturating_sub(NEWEST).max(last)..tree.size;
            let times = rows.headers(tree.id, newest)?;
            if let Some(at) = times.iter().filter_map(|header| time_of(header)).max() {
                latest.insert(tree.id, at);
            }
        }
        Ok(Self { latest, before: Vec::new() })
    }

    /// Takes a leaf of the open transaction.
    pub(crate) fn note(&mut self, changes: &dyn Changes, tree: TreeId, leaf: u64, header: &[u8]) -> Done<()> {
        let Some(at) = time_of(header) else { return Ok(()) };
        let known = self.latest.get(&tree).copied();
        let step = known.filter(|latest| is_step(*latest, at));
        if let Some(latest) = step {
            changes.add_step_back(&StepRow { tree, leaf, latest, confirmed: false })?;
        }
        if step.is_some() || known.is_none_or(|latest| at > latest) {
            self.before.push((tree, known));
            self.latest.insert(tree, at);
        }
        Ok(())
    }

    /// The open transaction is durable.
    pub(crate) fn committed(&mut self) {
        self.before.clear();
    }

    /// The open transaction was rolled back.
    pub(crate) fn rolled_back(&mut self) {
        for (tree, before) in self.before.drain(..).rev() {
            match before {
                Some(latest) => self.latest.insert(tree, latest),
                None => self.latest.remove(&tree),
            };
        }
    }
}

fn is_step(latest: i64, at: i64) -> bool {
    at < latest - STEP_MS
}

/// When the record with this header was made, in milliseconds; `None` where that cannot be read.
pub(crate) fn time_of(header: &[u8]) -> Option<i64> {
    let at: DateTime<Utc> = Header::from_bytes(header)?.at.parse().ok()?;
    Some(at.timestamp_millis())
}

/// Writes the steps of a tree from before they were written. Goes through all its headers, once.
pub fn find_steps(changes: &dyn Changes, tree: &TreeRow) -> Done<()> {
    let (mut steps, mut at) = (Steps::default(), 0);
    while at < tree.size {
        let until = tree.size.min(at + 4096);
        for (leaf, header) in (at..).zip(changes.headers(tree.id, at..until)?) {
            steps.note(changes, tree.id, leaf, &header)?;
        }
        steps.committed();
        at = until;
    }
    Ok(())
}

/// Between which leaves of a tree every record stands that was made at `from` or later and before `until` (milliseconds; `None`: no
/// bound); others may stand there too. Reads some forty headers for each place at which the times run backwards, and no more.
pub(crate) fn span(
    rows: &dyn Rows,
    tree: &TreeRow,
    (from, until): (Option<i64>, Option<i64>),
) -> Done<Range<u64>> {
    let time = |leaf: u64| -> Done<Option<i64>> {
        let header = rows.headers(tree.id, leaf..leaf + 1)?.pop();
        Ok(time_of(&header.ok_or(Fault::Damaged("a record is missing"))?))
    };
    let steps = rows.steps_back(Some(tree.id))?;
    let steps = steps.iter().map(|step| step.leaf).filter(|leaf| *leaf < tree.size);
    let (mut found, mut begin): (Option<Range<u64>>, u64) = (None, 0);
    for end in steps.chain([tree.size]) {
        // Before the first that is not surely too old; before the first from which on all are surely too young. A record whose time
        // cannot be read may be of any.
        let first = match from {
            Some(from) => {
                first_that(begin..end, |leaf| Ok(time(leaf)?.is_none_or(|at| at + SLACK_MS >= from)))?
            }
            None => begin,
        };
        let last = match until {
            Some(until) => {
                first_that(first..end, |leaf| Ok(time(leaf)?.is_some_and(|at| at - SLACK_MS >= until)))?
            }
            None => end,
        };
        if first < last {
            found = Some(found.map_or(first, |found| found.start)..last);
        }
        begin = end;
    }
    Ok(found.unwrap_or(0..0))
}

/// The first leaf in a range of which something holds that holds of all later ones, or its end. Of what holds now and then, a place
/// before which it does not hold.
fn first_that(leaves: Range<u64>, holds: impl Fn(u64) -> Done<bool>) -> Done<u64> {
    let (mut low, mut high) = (leaves.start, leaves.end);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle)? { high = middle } else { low = middle + 1 }
    }
    Ok(low)
}

/// What the steps of a tree must be, as its leaves pass by in order.
#[derive(Default)]
pub(crate) struct Expected {
    latest: Option<i64>,
}

impl Expected {
    /// Takes a leaf, at which a step is listed or not; `false`: there should be one, or another.
    pub(crate) fn takes(&mut self, at: i64, listed: Option<&StepRow>) -> bool {
        let latest = self.latest.unwrap_or(at);
        self.latest = Some(if listed.is_some() { at } else { latest.max(at) });
        match listed {
            Some(step) => at < latest && (step.latest - latest).abs() <= SLACK_MS,
            None => at + SLACK_MS >= latest,
        }
    }
}

/// The latest time that a record of any log was made at, in milliseconds, unless another clock has confirmed that it was no such time.
pub(crate) fn latest(rows: &dyn Rows) -> Done<Option<i64>> {
    let steps = rows.steps_back(None)?;
    let mut latest = steps.iter().filter(|step| !step.confirmed).map(|step| step.latest).max();
    for tree in rows.trees()?.iter().filter(|tree| tree.size > 0) {
        let newest = rows.headers(tree.id, tree.size - 1..tree.size)?.pop();
        let newest = newest.ok_or(Fault::Damaged("a tree's newest record is missing"))?;
        latest = latest.max(time_of(&newest));
    }
    Ok(latest)
}

#[cfg(test)]
mod tests {
    use ssbtek_access_log::RecordKind;
    use ssbtek_domain::{Entropy, EntryId, OrganisationNumber, SystemEntropy};
    use ssbtek_transparency::Hash;
    use ssbtek_vault::KeyId;

    use super::*;
    use crate::{
        memory::{Memory, MemoryRows},
        rows::LeafRow,
    };

    /// A tree with records at these times, in seconds; its steps noted as a writer notes them that is started anew now and then.
    fn tree(times: &[i64], start_every: usize) -> (Memory, MemoryRows, TreeRow) {
        let engine = Memory::default();
        let rows = engine.rows();
        let board = OrganisationNumber::parse("162120009994").unwrap();
        let id = rows.begin_tree(board).unwrap().id;
        let mut steps = Steps::default();
        for (index, at) in (0..).zip(times) {
            let at = DateTime::from_timestamp(1_790_000_000 + at, 0).unwrap();
            let header =
                Header::new(RecordKind::Denial, EntryId::draw(&SystemEntropy, at), at, KeyId::new(&["log"]));
            let (header, hash) = (header.to_bytes(), Hash::empty_root());
            if index > 0 && (index as usize).is_multiple_of(start_every) {
                steps = Steps::open(&rows).unwrap();
            }
            steps.note(&rows, id, index, &header).unwrap();
            let leaf = LeafRow { index, hash, header, commitment: hash, key: "log".into(), sealed: None };
            rows.add_leaf(id, &leaf).unwrap();
            rows.grow_tree(id, index + 1, &[], "note", &[]).unwrap();
        }
        let row = rows.tree(board).unwrap().unwrap();
        (engine, rows, row)
    }

    fn ms(seconds: i64) -> i64 {
        (1_790_000_000 + seconds) * 1000
    }

    fn random(below: u64) -> i64 {
        let mut bytes = [0; 8];
        SystemEntropy.fill(&mut bytes);
        (u64::from_le_bytes(bytes) % below) as i64
    }

    #[test]
    fn whatever_the_clock_did_a_search_by_time_passes_over_no_record_of_that_time() {
        for _ in 0..40 {
            let (mut now, mut times) = (0, Vec::new());
            for _ in 0..300 {
                now += match random(40) {
                    0 => -random(40_000),
                    1 => random(40_000),
                    _ => random(90),
                };
                times.push(now - random(30));
            }
            let (_, rows, tree) = tree(&times, 1 + random(60) as usize);
            for _ in 0..40 {
                let from = times[random(300) as usize];
                let until = from + random(5_000);
                for bounds in [(Some(from), Some(until)), (Some(from), None), (None, Some(until))] {
                    let (first, last) = bounds;
                    let found = span(&rows, &tree, (first.map(ms), last.map(ms))).unwrap();
                    for (leaf, at) in (0..).zip(&times) {
                        let wanted =
                            first.is_none_or(|first| *at >= first) && last.is_none_or(|last| *at < last);
                        assert!(
                            !wanted || found.contains(&leaf),
                            "{leaf} at {at}, {bounds:?}: {found:?}\n{times:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_search_by_time_reads_no_more_of_a_tree_however_long_it_is_also_first_after_a_start() {
        for records in [1_000i64, 8_000] {
            let times: Vec<_> =
                (0..records).map(|n| n * 60 - if n > records / 2 { 7_200 } else { 0 }).collect();
            let (engine, rows, tree) = tree(&times, usize::MAX);
            let before = engine.rows_read();
            let found = span(&rows, &tree, (Some(ms(600)), Some(ms(660)))).unwrap();
            assert!(found.end - found.start <= 12, "{found:?}");
            let read = engine.rows_read() - before;
            assert!(read <= 60, "{read} rows read of {records}");
        }
    }

    #[test]
    fn the_steps_that_are_listed_are_those_that_the_records_tell_and_each_that_is_removed_or_changed_is_missed()
     {
        let mut times: Vec<i64> = (0..200).map(|n| n * 20).collect();
        times[100..].iter_mut().for_each(|at| *at -= 5_000);
        times[150..].iter_mut().for_each(|at| *at -= 900);
        times[180..].iter_mut().for_each(|at| *at += 9_000);
        let (_, rows, tree) = tree(&times, 70);
        let steps = rows.steps_back(Some(tree.id)).unwrap();
        assert_eq!(steps.iter().map(|step| step.leaf).collect::<Vec<_>>(), [100, 150]);
        let holds = |steps: &[StepRow]| {
            let mut expected = Expected::default();
            let listed = |leaf: usize| steps.iter().find(|step| step.leaf == leaf as u64);
            times.iter().enumerate().all(|(leaf, at)| expected.takes(ms(*at), listed(leaf)))
        };
        assert!(holds(&steps));
        for at in 0..steps.len() {
            let mut fewer = steps.clone();
            fewer.remove(at);
            assert!(!holds(&fewer), "without {:?}", steps[at]);
            let mut other = steps.clone();
            other[at].latest -= 3_600_000;
            assert!(!holds(&other), "with another time at {:?}", steps[at]);
        }
    }
}
