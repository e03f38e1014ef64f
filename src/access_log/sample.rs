//! The monthly sample for review: random by a published seed, and pointed by rules.
//!
//! The random part is the `n` questions whose SHA-256 of seed, newline and entry id is lowest: whoever has the seed and the
//! bundle finds the same ones.

mod draw;
mod gather;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ssbtek_authorize::{Caller, TokenUse};
use ssbtek_domain::{DateTime, EntryId, Utc, calendar::midnight, parse_month};

use crate::{AccessLog, Asker, Criteria, LogError, Payload, ReadError};

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
    /// The case rests on the board's own attestation.
    Attested,
    /// A system asked: which person is not known.
    SystemAccount,
    /// Within the hour after it the account was refused for having asked too much.
    TooManyInAnHour,
    /// The account asked about its own holder.
    OwnNumber,
    /// The person bears the family name of the account's holder.
    OwnFamilyName,
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
            Reason::Attested => "attested",
            Reason::SystemAccount => "system_account",
            Reason::TooManyInAnHour => "too_many_in_an_hour",
            Reason::OwnNumber => "own_number",
            Reason::OwnFamilyName => "own_family_name",
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
pub fn month(text: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let first = parse_month(text)?;
    Some((midnight(first)?, midnight(first.checked_add_months(chrono::Months::new(1))?)?))
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
        let after = until + TimeDelta::days(rules.action_within_days);
        let mut gathered = gather::Gathering::new(self, caller.board);
        let mut walk = self.walk(caller.board, of_time(from, until), None).await?;
        while let Some(entries) = walk.next().await? {
            gathered.month(&entries).await?;
        }
        let mut walk = self.walk(caller.board, of_time(until, after), None).await?;
        while let Some(entries) = walk.next().await? {
            gathered.later(&entries);
        }
        let gathered = gathered.done();
        let drawn = SampleDrawn {
            asker: Asker::from(caller),
            month: month_text.to_owned(),
            seed: seed.to_owned(),
            of: gathered.questions.len() as u64,
            entries: draw::draw(seed, &rules, &gathered, self.clock.now()),
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
        let at = self.clock.now();
        let id = EntryId::draw(&*self.entropy, at);
        let payload = Payload::SampleDrawn(Box::new(drawn.clone()));
        let mut append = self.record(caller.board, id, at, &payload).await?;
        append.once = once;
        self.store.append(append).await?;
        Ok(())
    }
}
