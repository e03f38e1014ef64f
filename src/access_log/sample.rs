//! The monthly sample for review: random by a published seed, and pointed by rules.
//!
//! The random part is the `n` questions whose SHA-256 of seed, newline and entry id is lowest: whoever has the seed and the
//! bundle finds the same ones.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, TimeDelta, Timelike, Weekday};
use serde::{Deserialize, Serialize};
use ssbtek_authorize::{Caller, DocumentKind, TokenUse};
use ssbtek_domain::{DateTime, EntryId, Protection, Utc};
use ssbtek_transparency::Hash;

use crate::{AccessLog, Asker, Criteria, Intent, LogError, LoggedEntry, Payload, ReadError, RecordKind};

/// Why an entry is in the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Drawn by the seed.
    Random,
    /// The person is protected.
    ProtectedPerson,
    /// Many accounts asked about one person.
    ManyAskersOnePerson,
    /// One account asked about many persons.
    ManyPersonsOneAsker,
    /// Asked at night, on a Saturday or a Sunday.
    OddHours,
    /// Nothing was done in the case afterwards.
    NoActionAfter,
    /// The same account asked about the same person again and again.
    Repeated,
    /// The end is not known: counts as disclosed.
    AssumedDisclosed,
}

impl Reason {
    /// The name in records and towards auditors.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Random => "random",
            Reason::ProtectedPerson => "protected_person",
            Reason::ManyAskersOnePerson => "many_askers_one_person",
            Reason::ManyPersonsOneAsker => "many_persons_one_asker",
            Reason::OddHours => "odd_hours",
            Reason::NoActionAfter => "no_action_after",
            Reason::Repeated => "repeated",
            Reason::AssumedDisclosed => "assumed_disclosed",
        }
    }
}

/// Bounds of the rules; what reaches one is pointed at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleRules {
    /// Questions drawn at random.
    pub random: usize,
    /// Accounts that asked about one person in the month.
    pub askers_of_one_person: usize,
    /// Persons that one account asked about in the month.
    pub persons_of_one_asker: usize,
    /// Questions by one account about one person in the month.
    pub repeated: usize,
    /// Odd hours begin, Europe/Stockholm.
    pub odd_from_hour: u32,
    /// Odd hours end.
    pub odd_until_hour: u32,
    /// Days within which something should be done in the case.
    pub action_within_days: i64,
    /// Most entries that one rule points at; lowest by seed first.
    pub most_per_rule: usize,
}

impl Default for SampleRules {
    fn default() -> Self {
        Self {
            random: 20,
            askers_of_one_person: 4,
            persons_of_one_asker: 100,
            repeated: 6,
            odd_from_hour: 20,
            odd_until_hour: 6,
            action_within_days: 14,
            most_per_rule: 20,
        }
    }
}

/// One entry of a sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sampled {
    /// The entry.
    pub entry: EntryId,
    /// Why it is here.
    pub reasons: BTreeSet<Reason>,
}

/// A drawn sample, as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleDrawn {
    /// Who drew it.
    pub asker: Asker,
    /// The month, `YYYY-MM`.
    pub month: String,
    /// The published seed.
    pub seed: String,
    /// The rules used.
    pub rules: SampleRules,
    /// Questions of the month.
    pub of: u64,
    /// The entries, in the order of the log.
    pub entries: Vec<Sampled>,
}

/// A calendar month, as moments in Europe/Stockholm: first of it, first of the next.
pub(crate) fn month(text: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let first: NaiveDate = format!("{text}-01").parse().ok().filter(|_| text.len() == 7)?;
    let next = first.checked_add_months(chrono::Months::new(1))?;
    let start = |day: NaiveDate| {
        let midnight = day.and_hms_opt(0, 0, 0)?.and_local_timezone(ssbtek_domain::stockholm()).earliest()?;
        Some(midnight.to_utc())
    };
    Some((start(first)?, start(next)?))
}

fn score(seed: &str, entry: EntryId) -> Hash {
    Hash::of_parts(&[seed.as_bytes(), b"\n", entry.to_string().as_bytes()])
}

fn question(entry: &LoggedEntry) -> Option<(&Intent, DateTime<Utc>)> {
    let Some(Payload::Intent(intent)) = &entry.first.payload else { return None };
    let at = DateTime::parse_from_rfc3339(&entry.first.header.at).ok()?;
    Some((intent, at.to_utc()))
}

fn protection(entry: &LoggedEntry) -> Option<Protection> {
    match entry.ended.as_ref()?.0.payload.as_ref()? {
        Payload::Release(release) => Some(release.disclosure.protection),
        _ => None,
    }
}

/// Draws from a month's entries; `later` are those of the days after it, for what was done in a case.
pub(crate) fn draw(
    seed: &str,
    rules: &SampleRules,
    entries: &[LoggedEntry],
    later: &[LoggedEntry],
    now: DateTime<Utc>,
) -> Vec<Sampled> {
    let questions: Vec<_> =
        entries.iter().filter_map(|entry| question(entry).map(|(intent, at)| (entry, intent, at))).collect();
    let mut askers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut persons: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut pairs: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (_, intent, _) in &questions {
        let (asker, person) = (intent.asker.case_worker.as_str(), intent.person.expose());
        askers.entry(person).or_default().insert(asker);
        persons.entry(asker).or_default().insert(person);
        *pairs.entry((asker, person)).or_default() += 1;
    }
    let done: Vec<(String, DateTime<Utc>)> = entries.iter().chain(later).filter_map(action).collect();
    let mut by_rule: BTreeMap<Reason, Vec<EntryId>> = BTreeMap::new();
    for (entry, intent, at) in &questions {
        let (asker, person) = (intent.asker.case_worker.as_str(), intent.person.expose());
        let local = at.with_timezone(&ssbtek_domain::stockholm());
        let odd = local.hour() >= rules.odd_from_hour
            || local.hour() < rules.odd_until_hour
            || matches!(local.weekday(), Weekday::Sat | Weekday::Sun);
        let due = *at + TimeDelta::days(rules.action_within_days);
        let acted =
            |(case, when): &(String, DateTime<Utc>)| case == intent.case.as_str() && at < when && *when < due;
        let ended = entry.ended.as_ref().map(|ended| ended.0.header.kind);
        let holds = [
            (Reason::Random, true),
            (Reason::ProtectedPerson, protection(entry).is_some_and(|level| level > Protection::NotKnown)),
            (
                Reason::ManyAskersOnePerson,
                askers.get(person).is_some_and(|a| a.len() >= rules.askers_of_one_person),
            ),
            (
                Reason::ManyPersonsOneAsker,
                persons.get(asker).is_some_and(|p| p.len() >= rules.persons_of_one_asker),
            ),
            (Reason::OddHours, odd),
            (Reason::NoActionAfter, due < now && !done.iter().any(acted)),
            (Reason::Repeated, pairs.get(&(asker, person)).is_some_and(|n| *n >= rules.repeated)),
            (Reason::AssumedDisclosed, ended == Some(RecordKind::AssumedDisclosed)),
        ];
        for (reason, _) in holds.into_iter().filter(|(_, holds)| *holds) {
            by_rule.entry(reason).or_default().push(entry.first.header.entry);
        }
    }
    let mut reasons: BTreeMap<EntryId, BTreeSet<Reason>> = BTreeMap::new();
    for (reason, mut hit) in by_rule {
        hit.sort_by_key(|entry| score(seed, *entry));
        hit.truncate(if reason == Reason::Random { rules.random } else { rules.most_per_rule });
        for entry in hit {
            reasons.entry(entry).or_default().insert(reason);
        }
    }
    let in_order = questions.iter().map(|(entry, ..)| entry.first.header.entry);
    in_order.filter_map(|entry| Some(Sampled { entry, reasons: reasons.remove(&entry)? })).collect()
}

/// Something done in a case: a change of it, or a further question.
fn action(entry: &LoggedEntry) -> Option<(String, DateTime<Utc>)> {
    let at = DateTime::parse_from_rfc3339(&entry.first.header.at).ok()?.to_utc();
    match entry.first.payload.as_ref()? {
        Payload::RegistryChange(change) if change.document == DocumentKind::Case => {
            Some((change.id.clone(), at))
        }
        Payload::Intent(intent) => Some((intent.case.as_str().to_owned(), at)),
        _ => None,
    }
}

impl AccessLog {
    /// Draws a month's sample and records it. `None` if there is no such month.
    pub async fn draw_sample(
        &self,
        caller: &Caller,
        month_text: &str,
        seed: &str,
        rules: SampleRules,
        once: Option<TokenUse>,
    ) -> Result<Option<SampleDrawn>, ReadError> {
        let Some((from, until)) = month(month_text) else { return Ok(None) };
        let of_time = |from, until| Criteria { from: Some(from), until: Some(until), ..Criteria::default() };
        let entries = self.find_all(caller.board, &of_time(from, until)).await?;
        let after = until + TimeDelta::days(rules.action_within_days);
        let later = self.find_all(caller.board, &of_time(until, after)).await?;
        let drawn = SampleDrawn {
            asker: Asker::from(caller),
            month: month_text.to_owned(),
            seed: seed.to_owned(),
            of: entries.iter().filter(|entry| question(entry).is_some()).count() as u64,
            entries: draw(seed, &rules, &entries, &later, self.clock.now()),
            rules,
        };
        self.record_sample(caller, &drawn, once).await?;
        Ok(Some(drawn))
    }

    async fn record_sample(
        &self,
        caller: &Caller,
        drawn: &SampleDrawn,
        once: Option<TokenUse>,
    ) -> Result<(), LogError> {
        let id = EntryId::draw(&*self.entropy);
        let payload = Payload::SampleDrawn(Box::new(drawn.clone()));
        let mut append =
            self.record(caller.board, RecordKind::SampleDrawn, id, self.clock.now(), &payload)?;
        append.terms = vec![self.term(caller.board, "review", &drawn.month)?];
        append.once = once;
        self.store.append(append).await?;
        Ok(())
    }
}
