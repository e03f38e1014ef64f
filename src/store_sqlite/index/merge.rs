//! Which runs become one: sixteen of a size, so that there are few; and what a month left behind once it is over.

use super::run::{Run, State};

/// So many neighbours of about one size are merged.
const MERGE_RUNS: usize = 16;
/// A run never grows beyond so many records.
const MAX_RECORDS: u64 = 1 << 29;

/// The run to go on with: the smallest of those under way and those that should be begun, still without an id. The small ones
/// come first because a look-up opens every run, and a large merge takes as long as many small runs take to come. `None` if all
/// is in order. `runs` lie by tree, key and age.
pub(super) fn next(runs: &[Run]) -> Option<Run> {
    let under_way: Vec<&Run> = runs.iter().filter(|run| run.state == State::Writing).collect();
    let is_taken = |run: &Run| under_way.iter().any(|new| is_input(run, new));
    let live: Vec<&Run> = runs.iter().filter(|run| run.state == State::Live && !is_taken(run)).collect();
    let mut groups = live.chunk_by(|a, b| a.tree == b.tree && a.key_id == b.key_id).peekable();
    let mut wanted = Vec::new();
    while let Some(group) = groups.next() {
        let tree = group.first()?.tree;
        // Months come from old to new: where a later one has begun, this one grows no more.
        let is_over =
            is_month(group) && groups.peek().is_some_and(|next| is_month(next) && next[0].tree == tree);
        wanted.extend(neighbours(group, is_over).map(merged));
    }
    // What another is written from lies between them: they wait for it.
    wanted.retain(|new| !under_way.iter().any(|old| overlap(old, new)));
    under_way.into_iter().cloned().chain(wanted).min_by_key(|run| run.records)
}

/// Whether `old` is one of the runs that `new` is written from.
pub(super) fn is_input(old: &Run, new: &Run) -> bool {
    old.state == State::Live
        && (old.tree, &old.key_id) == (new.tree, &new.key_id)
        && old.first >= new.first
        && old.end <= new.end
}

fn overlap(a: &Run, b: &Run) -> bool {
    (a.tree, &a.key_id) == (b.tree, &b.key_id) && a.first < b.end && b.first < a.end
}

fn is_month(group: &[&Run]) -> bool {
    group.first().is_some_and(|run| run.key_id.starts_with("log."))
}

fn neighbours<'g, 'r>(group: &'g [&'r Run], is_over: bool) -> Option<&'g [&'r Run]> {
    let fits = |runs: &[&Run]| runs.iter().map(|run| run.records).sum::<u64>() <= MAX_RECORDS;
    if is_over {
        return Some(group).filter(|group| group.len() > 1 && fits(group));
    }
    let mut size = size_class(group.last()?);
    loop {
        let larger = group.iter().rposition(|run| size_class(run) > size);
        let last = group.iter().rposition(|run| size_class(run) == size)?;
        let alike = group.get(larger.map_or(0, |at| at + 1)..=last)?;
        if alike.len() >= MERGE_RUNS {
            return Some(alike).filter(|alike| fits(alike));
        }
        size = size_class(group.get(larger?)?);
    }
}

/// Runs of one class differ at most by the factor that a merge makes.
fn size_class(run: &Run) -> u32 {
    run.records.max(1).ilog2() / MERGE_RUNS.ilog2()
}

fn merged(runs: &[&Run]) -> Run {
    let one = runs.first();
    Run {
        id: 0,
        tree: one.map_or(0, |run| run.tree),
        key_id: one.map_or_else(String::new, |run| run.key_id.clone()),
        first: runs.iter().map(|run| run.first).min().unwrap_or(0),
        end: runs.iter().map(|run| run.end).max().unwrap_or(0),
        records: runs.iter().map(|run| run.records).sum(),
        written: 0,
        state: State::Writing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(key: &str, sizes: &[u64]) -> Vec<Run> {
        let mut first = 0;
        let run = |records: &u64| {
            first += records;
            Run {
                id: 0,
                tree: 1,
                key_id: key.to_owned(),
                first: first - records,
                end: first,
                records: *records,
                written: 0,
                state: State::Live,
            }
        };
        sizes.iter().map(run).collect()
    }

    #[test]
    fn sixteen_of_a_size_are_merged_and_fifteen_are_not() {
        assert_eq!(next(&runs("", &[64; 15])), None);
        assert_eq!(next(&runs("", &[64; 16])).unwrap().records, 1024);
        assert_eq!(next(&runs("", &[[1024; 15].as_slice(), &[64]].concat())), None);
        let after_a_larger = [[4096].as_slice(), &[64; 16]].concat();
        assert_eq!(next(&runs("", &after_a_larger)).unwrap().first, 4096);
    }

    #[test]
    fn a_small_merge_overtakes_a_large_one_and_none_reaches_over_what_is_being_merged() {
        let mut all = runs("", &[1024; 16]);
        let large = Run { id: 99, ..next(&all).unwrap() };
        all.push(large.clone());
        let goes_on = |all: &[Run]| next(all).map(|run| (run.id, run.first, run.records));
        assert_eq!(goes_on(&all), Some((99, 0, 16_384)), "nothing else is to be done");
        for n in 0..16 {
            let first = 16_384 + n * 64;
            all.push(Run { first, end: first + 64, records: 64, ..all[0].clone() });
        }
        assert_eq!(goes_on(&all), Some((0, 16_384, 1024)));
        // Fifteen before and one after a merge under way are no neighbours.
        let mut all = runs("", &[[1024; 15].as_slice(), &[64; 16], &[1024]].concat());
        all.push(Run { id: 99, state: State::Writing, ..merged(&all[15..31].iter().collect::<Vec<_>>()) });
        assert_eq!(goes_on(&all), Some((99, 15 * 1024, 1024)));
    }

    #[test]
    fn there_are_few_runs_however_many_were_written() {
        let (mut all, mut most) = (Vec::new(), 0);
        for n in 0..5000u64 {
            all.extend(runs("", &[100]).into_iter().map(|run| Run {
                first: n * 100,
                end: n * 100 + 100,
                ..run
            }));
            while let Some(run) = next(&all) {
                all.retain(|old| old.first < run.first);
                all.push(Run { state: State::Live, ..run });
            }
            most = most.max(all.len());
        }
        assert!(most <= 60, "{most}");
        assert_eq!(all.iter().map(|run| run.records).sum::<u64>(), 500_000);
    }

    #[test]
    fn what_a_month_left_becomes_one_run_when_the_next_has_begun() {
        let mut all = runs("log.1.2026-01", &[64, 64, 64]);
        assert_eq!(next(&all), None);
        all.extend(runs("log.1.2026-02", &[64]));
        assert_eq!(next(&all).map(|run| (run.key_id, run.records)), Some(("log.1.2026-01".to_owned(), 192)));
    }
}
