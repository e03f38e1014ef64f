//! The draw itself: pure, so that whoever has the seed and the log draws the same.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{Datelike, TimeDelta, Timelike, Weekday};
use ssbtek_domain::{DateTime, EntryId, Utc};
use ssbtek_transparency::Hash;

use super::{
    Reason, SampleRules, Sampled,
    gather::{Gathered, Question},
};

fn score(seed: &str, entry: EntryId) -> Hash {
    Hash::of_parts(&[seed.as_bytes(), b"\n", entry.to_string().as_bytes()])
}

/// Draws from a month, as seen at `now`. The entries come in the order of the log.
pub(super) fn draw(seed: &str, rules: &SampleRules, month: &Gathered, now: DateTime<Utc>) -> Vec<Sampled> {
    let counts = Counts::of(&month.questions);
    let mut by_rule: BTreeMap<Reason, Vec<EntryId>> = BTreeMap::new();
    for question in &month.questions {
        for (reason, _) in holds(question, rules, month, &counts, now).into_iter().filter(|(_, holds)| *holds)
        {
            by_rule.entry(reason).or_default().push(question.entry);
        }
    }
    let mut reasons: BTreeMap<EntryId, BTreeSet<Reason>> = BTreeMap::new();
    for (reason, mut hit) in by_rule {
        hit.sort_by_cached_key(|entry| score(seed, *entry));
        hit.truncate(if reason == Reason::Random { rules.random } else { rules.most_per_rule });
        for entry in hit {
            reasons.entry(entry).or_default().insert(reason);
        }
    }
    let in_order = month.questions.iter().map(|question| question.entry);
    in_order.filter_map(|entry| Some(Sampled { entry, reasons: reasons.remove(&entry)? })).collect()
}

/// How many of what, over the month.
#[derive(Default)]
struct Counts {
    askers_of_person: HashMap<usize, HashSet<usize>>,
    persons_of_asker: HashMap<usize, HashSet<usize>>,
    of_pair: HashMap<(usize, usize), usize>,
}

impl Counts {
    fn of(questions: &[Question]) -> Self {
        let mut counts = Self::default();
        for question in questions {
            let (asker, person) = (question.asker, question.person);
            counts.askers_of_person.entry(person).or_default().insert(asker);
            counts.persons_of_asker.entry(asker).or_default().insert(person);
            *counts.of_pair.entry((asker, person)).or_default() += 1;
        }
        counts
    }
}

fn holds(
    question: &Question,
    rules: &SampleRules,
    month: &Gathered,
    counts: &Counts,
    now: DateTime<Utc>,
) -> [(Reason, bool); 13] {
    let (asker, person) = (question.asker, question.person);
    let many = |of: &HashMap<usize, HashSet<usize>>, key, bound| {
        of.get(&key).is_some_and(|found: &HashSet<usize>| found.len() >= bound)
    };
    [
        (Reason::Random, true),
        (Reason::ProtectedPerson, question.protected),
        (Reason::ManyAskersOnePerson, many(&counts.askers_of_person, person, rules.askers_of_one_person)),
        (Reason::ManyPersonsOneAsker, many(&counts.persons_of_asker, asker, rules.persons_of_one_asker)),
        (Reason::OddHours, is_odd(question.at, rules)),
        (Reason::NoActionAfter, nothing_done_after(question, rules, month, now)),
        (Reason::Repeated, counts.of_pair.get(&(asker, person)).is_some_and(|n| *n >= rules.repeated)),
        (Reason::AssumedDisclosed, question.assumed_disclosed),
        (Reason::Attested, question.attested),
        (Reason::SystemAccount, question.by_system),
        (Reason::TooManyInAnHour, too_many_after(question, month)),
        (Reason::OwnNumber, question.own_number),
        (Reason::OwnFamilyName, question.own_family_name),
    ]
}

fn is_odd(at: DateTime<Utc>, rules: &SampleRules) -> bool {
    let local = at.with_timezone(&ssbtek_domain::stockholm());
    local.hour() >= rules.odd_from_hour
        || local.hour() < rules.odd_until_hour
        || matches!(local.weekday(), Weekday::Sat | Weekday::Sun)
}

/// Whether the account was refused within the hour after this question because it had asked too many.
fn too_many_after(question: &Question, month: &Gathered) -> bool {
    let refused = month.too_many.get(&question.asker).map_or(&[][..], Vec::as_slice);
    let next = refused.get(refused.partition_point(|moment| *moment < question.at));
    next.is_some_and(|next| *next <= question.at + TimeDelta::hours(1))
}

/// Judged only once there was time enough to act.
fn nothing_done_after(
    question: &Question,
    rules: &SampleRules,
    month: &Gathered,
    now: DateTime<Utc>,
) -> bool {
    let due = question.at + TimeDelta::days(rules.action_within_days);
    let moments = month.actions.get(&question.case).map_or(&[][..], Vec::as_slice);
    let next = moments.get(moments.partition_point(|moment| *moment <= question.at));
    due < now && next.is_none_or(|next| *next >= due)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longer ago than any rule looks.
    const NOW: &str = "2026-11-30T10:00:00Z";

    /// A question on a Tuesday at ten in the morning that no rule points at once its case has an action the day after.
    fn plain(n: u8) -> Question {
        Question {
            entry: EntryId::from_bytes([n; 16]),
            at: "2026-11-03T09:00:00Z".parse().unwrap(),
            asker: usize::from(n),
            person: usize::from(n),
            case: usize::from(n),
            protected: false,
            attested: false,
            by_system: false,
            assumed_disclosed: false,
            own_number: false,
            own_family_name: false,
        }
    }

    fn only_pointed() -> SampleRules {
        SampleRules { random: 0, ..SampleRules::default() }
    }

    /// The questions, each with an action in its case a day later.
    fn month(questions: Vec<Question>) -> Gathered {
        let mut actions: HashMap<usize, Vec<DateTime<Utc>>> = HashMap::new();
        for question in &questions {
            actions.entry(question.case).or_default().push(question.at + TimeDelta::days(1));
        }
        actions.values_mut().for_each(|moments| moments.sort_unstable());
        Gathered { questions, actions, ..Gathered::default() }
    }

    fn drawn(month: &Gathered, rules: &SampleRules) -> Vec<(u8, Vec<&'static str>)> {
        let drawn = draw("a published seed", rules, month, NOW.parse().unwrap());
        drawn
            .into_iter()
            .map(|one| (one.entry.as_bytes()[0], one.reasons.into_iter().map(Reason::as_str).collect()))
            .collect()
    }

    /// One question as the rule wants it, beside one that is as plain as can be.
    fn pointed_at(change: impl FnOnce(&mut Question)) -> Vec<(u8, Vec<&'static str>)> {
        let mut questions = vec![plain(1), plain(2)];
        change(&mut questions[0]);
        drawn(&month(questions), &only_pointed())
    }

    #[test]
    fn a_question_that_no_rule_points_at_is_not_in_the_sample() {
        assert_eq!(pointed_at(|_| ()), []);
    }

    #[test]
    fn each_mark_of_a_question_points_at_it_and_at_no_other() {
        assert_eq!(pointed_at(|q| q.protected = true), [(1, vec!["protected_person"])]);
        assert_eq!(pointed_at(|q| q.attested = true), [(1, vec!["attested"])]);
        assert_eq!(pointed_at(|q| q.by_system = true), [(1, vec!["system_account"])]);
        assert_eq!(pointed_at(|q| q.assumed_disclosed = true), [(1, vec!["assumed_disclosed"])]);
        assert_eq!(pointed_at(|q| q.own_number = true), [(1, vec!["own_number"])]);
        assert_eq!(pointed_at(|q| q.own_family_name = true), [(1, vec!["own_family_name"])]);
    }

    #[test]
    fn night_and_weekend_in_stockholm_are_odd_hours_and_their_edges_are_kept() {
        let at = |at: &str| !pointed_at(|q| q.at = at.parse().unwrap()).is_empty();
        assert!(at("2026-11-03T19:00:00Z"), "20:00 in winter");
        assert!(!at("2026-11-03T18:59:59Z"), "19:59 in winter");
        assert!(at("2026-11-03T04:59:59Z"), "05:59 in winter");
        assert!(!at("2026-11-03T05:00:00Z"), "06:00 in winter");
        assert!(at("2026-07-07T18:00:00Z"), "20:00 in summer");
        assert!(at("2026-11-07T10:00:00Z") && at("2026-11-08T10:00:00Z"), "Saturday and Sunday");
        assert!(!at("2026-11-06T10:00:00Z") && !at("2026-11-09T10:00:00Z"), "Friday and Monday");
    }

    #[test]
    fn many_askers_about_one_person_are_pointed_at_from_the_bound_on() {
        let about_one = |askers: u8| {
            let of_one = |n| Question { person: 0, ..plain(n) };
            drawn(&month((1..=askers).map(of_one).collect()), &only_pointed()).len()
        };
        assert_eq!((about_one(3), about_one(4)), (0, 4));
    }

    #[test]
    fn many_persons_by_one_asker_are_pointed_at_from_the_bound_on() {
        let rules = SampleRules { persons_of_one_asker: 5, ..only_pointed() };
        let by_one = |persons: u8| {
            let of_one = |n| Question { asker: 0, ..plain(n) };
            drawn(&month((1..=persons).map(of_one).collect()), &rules).len()
        };
        assert_eq!((by_one(4), by_one(5)), (0, 5));
    }

    #[test]
    fn one_account_asking_about_one_person_again_and_again_is_pointed_at_from_the_bound_on() {
        let again = |times: u8| {
            let of_one = |n| Question { asker: 0, person: 0, ..plain(n) };
            drawn(&month((1..=times).map(of_one).collect()), &only_pointed()).len()
        };
        assert_eq!((again(5), again(6)), (0, 6));
    }

    #[test]
    fn a_case_in_which_nothing_is_done_in_time_is_pointed_at_once_that_time_is_over() {
        let acted = |after: Option<TimeDelta>, now: &str| {
            let mut month = month(vec![plain(1)]);
            month.actions.clear();
            if let Some(after) = after {
                month.actions.insert(1, vec![plain(1).at, plain(1).at + after]);
            }
            draw("a published seed", &only_pointed(), &month, now.parse().unwrap()).len()
        };
        assert_eq!(acted(None, NOW), 1, "nothing");
        assert_eq!(acted(None, "2026-11-17T08:59:59Z"), 0, "there is still time");
        assert_eq!(acted(Some(TimeDelta::days(13)), NOW), 0, "in time");
        assert_eq!(acted(Some(TimeDelta::days(14)), NOW), 1, "too late");
        assert_eq!(acted(Some(TimeDelta::zero()), NOW), 1, "the question itself is no action");
    }

    #[test]
    fn the_random_part_is_the_lowest_by_seed_and_another_seed_draws_others() {
        let month = month((1..=100).map(plain).collect());
        let rules = SampleRules { random: 10, ..SampleRules::default() };
        let ids = |seed| -> BTreeSet<EntryId> {
            draw(seed, &rules, &month, NOW.parse().unwrap()).iter().map(|one| one.entry).collect()
        };
        let mut expected: Vec<EntryId> = month.questions.iter().map(|question| question.entry).collect();
        expected.sort_by_key(|entry| Hash::of_parts(&[format!("a published seed\n{entry}").as_bytes()]));
        assert_eq!(ids("a published seed"), expected.into_iter().take(10).collect());
        assert_ne!(ids("a published seed"), ids("another one"));
    }

    #[test]
    fn no_rule_floods_the_sample() {
        let protected = |n| Question { protected: true, ..plain(n) };
        let rules = SampleRules { most_per_rule: 7, ..only_pointed() };
        assert_eq!(drawn(&month((1..=100).map(protected).collect()), &rules).len(), 7);
    }
}
