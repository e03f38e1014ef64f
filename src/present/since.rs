//! One month against another, benefit by benefit: what is new, gone, changed, or became paid. Gone is not minus a hundred per cent,
//! and nothing is gone in the name of a source that has not spoken or was not asked about the whole month.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use ssbtek_domain::{Amount, parse_day};
use ssbtek_proto::broker::v1::{PaymentLine, PaymentState, SourceReport};

use crate::{
    Language, Month, Sentence,
    outcome::is_conclusive,
    payments::{
        By, Group, PAYING, Person, benefit, lines, net_phrase, payer, reaches, received, short_of, unknown,
    },
    texts::months as t,
    writing::kr,
};

/// Per cent beyond which a change is told by itself, where the board has not chosen.
pub const THRESHOLD_PERCENT: u32 = 12;

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub struct Comparison {
    /// The month before.
    pub earlier: Month,
    /// The month after.
    pub later: Month,
    /// Which date puts a payment in a month.
    pub by: By,
    /// Per cent beyond which a change is told by itself.
    pub threshold_percent: u32,
    /// The day on which it is compared.
    pub today: NaiveDate,
}

/// Benefits that have fared alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// How.
    pub heading: String,
    /// Which.
    pub items: Vec<String>,
}

/// A month against another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// Which months, by which date.
    pub heading: String,
    /// What the reader must know first.
    pub remarks: Vec<Sentence>,
    /// New, gone, became paid, changed, changed less, unchanged, not to be compared; those about nothing only where it is said
    /// that there is nothing.
    pub lists: Vec<List>,
}

/// Whose, from whom, for what.
type Key = (usize, String, String, String);

/// How a benefit has fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    New,
    Gone,
    BecamePaid,
    Changed,
    ChangedLess,
    Unchanged,
    NotCompared,
}

/// The months compared.
pub fn since(people: &[Person<'_>], what: Comparison, language: Language) -> Since {
    let mut months: BTreeMap<Key, [Vec<&PaymentLine>; 2]> = BTreeMap::new();
    let mut left_out = 0;
    for (person, line) in lines(people) {
        let key = (person, line.source.clone(), payer(line), benefit(line));
        let [earlier, later] = months.entry(key).or_default();
        match Group::of(line, what.by) {
            Group::In(std::cmp::Reverse(month)) if month == what.earlier => earlier.push(line),
            Group::In(std::cmp::Reverse(month)) if month == what.later => later.push(line),
            Group::In(_) => {}
            Group::Several | Group::Undated => left_out += 1,
        }
    }
    months.retain(|_, [earlier, later]| !earlier.is_empty() || !later.is_empty());
    let mut fates: BTreeMap<Fate, Vec<String>> = BTreeMap::new();
    for (key, [earlier, later]) in &months {
        let person = people.get(key.0);
        let source = person.and_then(|of| of.answer.sources.iter().find(|source| source.source == key.1));
        let (fate, text) = fate(source, &key.2, earlier, later, what, language);
        let whose =
            person.filter(|_| people.len() > 1).map(|of| format!("{}: ", of.label)).unwrap_or_default();
        fates.entry(fate).or_default().push(format!("{whose}{}, {}: {text}", key.3, key.2));
    }
    let (earlier, later) = (what.earlier.name(language), what.later.name(language));
    Since {
        heading: t::since(language, later, earlier, what.by.phrase(language)),
        remarks: remarks(people, what, left_out, language),
        lists: lists(fates, what, language),
    }
}

fn lists(mut fates: BTreeMap<Fate, Vec<String>>, what: Comparison, language: Language) -> Vec<List> {
    let percent = what.threshold_percent;
    let gone = if is_over(what) { t::gone(language) } else { t::not_yet(language) };
    let all = [
        (Fate::New, t::new(language).to_owned(), true),
        (Fate::Gone, gone.to_owned(), true),
        (Fate::BecamePaid, t::became_paid(language).to_owned(), false),
        (Fate::Changed, t::changed(language, percent), true),
        (Fate::ChangedLess, t::changed_less(language, percent), false),
        (Fate::Unchanged, t::unchanged(language).to_owned(), false),
        (Fate::NotCompared, t::not_compared(language).to_owned(), false),
    ];
    let list = |(fate, heading, always): (Fate, String, bool)| {
        let items = fates.remove(&fate).unwrap_or_default();
        let nothing = (items.is_empty() && always).then(|| t::nothing(language).to_owned());
        let items: Vec<String> = items.into_iter().chain(nothing).collect();
        (!items.is_empty()).then_some(List { heading, items })
    };
    all.into_iter().filter_map(list).collect()
}

/// Whether all that belongs to the month has usually been paid.
fn is_over(what: Comparison) -> bool {
    let last = match what.by {
        By::PaymentDay => what.later.last(),
        By::Period => what.later.paid_by(),
    };
    what.today > last
}

/// How far must have been asked before nothing is said to be there: nobody can ask beyond today.
fn enough(what: Comparison, month: Month) -> NaiveDate {
    month.paid_by().min(what.today)
}

fn remarks(people: &[Person<'_>], what: Comparison, left_out: usize, language: Language) -> Vec<Sentence> {
    let mut told = vec![];
    if what.today <= what.later.last() {
        told.push(Sentence::plain(&t::month_not_over(language, what.later.name(language))));
    }
    for person in people {
        let whose = |text: String| if people.len() > 1 { format!("{}: {text}", person.label) } else { text };
        let paying =
            || person.answer.sources.iter().filter(|source| PAYING.contains(&source.source.as_str()));
        let silent: Vec<String> = paying().filter_map(|source| unknown(source, language)).collect();
        if !silent.is_empty() {
            told.push(Sentence::alarm(&whose(t::not_checked(language, silent.join("; ")))));
        }
        for month in [what.earlier, what.later] {
            let partly: Vec<&str> = paying()
                .filter(|source| is_conclusive(source.outcome) && !covers(source, month))
                .map(|source| source.source.as_str())
                .collect();
            if !partly.is_empty() {
                let text = t::not_whole(language, partly.join(", "), month.name(language));
                told.push(Sentence::plain(&whose(text)));
            }
            let short = short_of(person.answer, what.by, enough(what, month));
            if !short.is_empty() {
                let text = t::later_not_asked(language, short.join(", "), month.name(language));
                told.push(Sentence::plain(&whose(text)));
            }
        }
    }
    match left_out {
        0 => {}
        1 => told.push(Sentence::plain(t::one_left_out(language))),
        many => told.push(Sentence::plain(&t::left_out(language, many))),
    }
    told
}

/// Whether the source was asked about the whole month.
fn covers(source: &SourceReport, month: Month) -> bool {
    let asked = source.period.as_ref().and_then(|of| Some((parse_day(&of.from)?, parse_day(&of.to)?)));
    asked.is_some_and(|(from, to)| from <= month.first() && month.last() <= to)
}

/// Whether the payer has spoken in full, itself or as a part of its source.
fn has_spoken(source: &SourceReport, payer: &str) -> bool {
    let own = |name: &str| payer == name || payer.strip_prefix(&format!("{}: ", source.source)) == Some(name);
    is_conclusive(source.outcome)
        || source.parts.iter().any(|part| own(&part.part) && is_conclusive(part.outcome))
}

fn fate(
    source: Option<&SourceReport>,
    payer: &str,
    earlier: &[&PaymentLine],
    later: &[&PaymentLine],
    what: Comparison,
    language: Language,
) -> (Fate, String) {
    let (before, after) = (Figure::of(earlier), Figure::of(later));
    let (told_before, told_after) = (before.told(earlier, language), after.told(later, language));
    // That there is nothing is only known of who has spoken, about the whole month.
    let reaches = |month| source.is_some_and(|source| reaches(source, what.by, enough(what, month)));
    let empty_is_known = |month| {
        source.is_some_and(|source| has_spoken(source, payer) && covers(source, month)) && reaches(month)
    };
    match (earlier, later) {
        ([], _) if empty_is_known(what.earlier) => return (Fate::New, told_after),
        (_, []) if empty_is_known(what.later) => return (Fate::Gone, told_before),
        ([], _) | (_, []) => {
            let month = if earlier.is_empty() { what.earlier } else { what.later };
            let told = if earlier.is_empty() { told_after } else { told_before };
            let code = source.map_or("", |source| source.source.as_str());
            let whole = source.is_some_and(|source| covers(source, month));
            let why = match whole && !reaches(month) {
                true => t::may_be_paid_later(language).to_owned(),
                false => t::not_whole(language, code, month.name(language)),
            };
            let checked = source.is_some_and(|source| has_spoken(source, payer));
            let why =
                if checked { why } else { source.and_then(|of| unknown(of, language)).unwrap_or_default() };
            return (Fate::NotCompared, format!("{told} ({})", why.trim_end_matches('.')));
        }
        _ => {}
    }
    let both = format!("{told_before} → {told_after}");
    let (Figure::Sum(kind, before), Figure::Sum(other_kind, after)) = (before, after) else {
        return (Fate::NotCompared, both);
    };
    if kind != other_kind {
        return (Fate::NotCompared, format!("{both} ({})", t::other_kinds(language)));
    }
    let paid = |lines: &[&PaymentLine]| lines.iter().any(|line| line.state() == PaymentState::Paid);
    let (from, to) = (i128::from(before.ten_thousandths()), i128::from(after.ten_thousandths()));
    let by = (to - from).abs() * 100;
    let beyond = by > from.abs() * i128::from(what.threshold_percent);
    let fate = match () {
        () if !paid(earlier) && paid(later) => Fate::BecamePaid,
        () if from == to => Fate::Unchanged,
        () if beyond => Fate::Changed,
        () => Fate::ChangedLess,
    };
    (fate, if from == to { told_after } else { both })
}

/// What a benefit comes to in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Figure {
    /// Of one kind of net amount.
    Sum(i32, Amount),
    /// Of several kinds, or of what is no exact number.
    Unclear,
}

impl Figure {
    fn of(lines: &[&PaymentLine]) -> Self {
        let mut sum: Option<(i32, Amount)> = None;
        for line in lines {
            let amount =
                received(line).and_then(|(kind, amount)| Some((kind, amount.parse::<Amount>().ok()?)));
            sum = match (sum, amount) {
                (None, Some(first)) => Some(first),
                (Some((kind, sum)), Some((other, amount))) if kind == other => {
                    match sum.checked_add(amount) {
                        Some(sum) => Some((kind, sum)),
                        None => return Self::Unclear,
                    }
                }
                _ => return Self::Unclear,
            };
        }
        sum.map_or(Self::Unclear, |(kind, sum)| Self::Sum(kind, sum))
    }

    /// What is added up is said to be.
    fn told(self, lines: &[&PaymentLine], language: Language) -> String {
        let one = |line: &&PaymentLine| {
            let (kind, amount) = received(line).unwrap_or((0, ""));
            format!("{} {}", kr(amount), net_phrase(kind, language)).trim().to_owned()
        };
        match (lines, self) {
            ([line], _) => one(line),
            (lines, Self::Sum(kind, sum)) => {
                let sum = format!("{} {}", kr(&sum.to_string()), net_phrase(kind, language));
                t::several(language, lines.len(), sum.trim())
            }
            (lines, Self::Unclear) => lines.iter().map(one).collect::<Vec<_>>().join(" + "),
        }
    }
}
