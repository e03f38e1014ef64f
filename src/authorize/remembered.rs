//! What a board remembers of a person's protected identity: what sources have said in its answers, what its cases say, and what
//! follows from what is said of others. Once said it holds until it is lifted.
//!
//! Two documents for each person: what answers said is sealed under the key of the newest record that it rests on, and erased with it;
//! what cases say is closed when the last of them is, and erased as they are. What follows from what is said of others (`beside`,
//! `corrected`) stands in them too, so that a question reads no more than these two; adr/0079 says what follows, and from what.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use ssbtek_domain::{
    Agency, CaseId, CaseWorkerId, DateTime, EntryId, Personnummer, Protection, Utc, calendar::month_of,
};

use crate::{Number, Versioned};

/// What one question's answers say of protected identity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Learned {
    /// Of the person asked about: the level that an agency states, or `None` if it says that there is no protection.
    pub own: BTreeMap<Agency, Option<Protection>>,
    /// Whether an agency flags somebody else in its answer; only of agencies that answered.
    pub others: BTreeMap<Agency, bool>,
    /// Others that an agency flags, where it says who they are.
    pub flagged: BTreeSet<(Personnummer, Agency)>,
    /// Every agency that can flag was heard, and nobody says that the person is protected.
    pub settled: bool,
    /// Others whom the answers name by their numbers, flagged or not, of the household or not.
    pub named: BTreeSet<Personnummer>,
    /// Whether the board remembered of one of them beside the household that the person is protected, or may live with somebody who
    /// is, so that the answer holds back for that.
    pub named_protected: bool,
    /// An agency that can flag sent an answer from which it cannot be told whether it flags the person: one that was refused, a
    /// mark that is not known, a flag left out.
    pub doubtful: bool,
}

impl Learned {
    /// Whether somebody was flagged, whoever that is.
    pub fn flags_somebody(&self) -> bool {
        self.own.values().any(Option::is_some) || self.others.values().any(|flags| *flags)
    }
}

/// One agency's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The level that it stated.
    pub level: Protection,
    /// When it first said so.
    pub since: DateTime<Utc>,
    /// When it said so last.
    pub at: DateTime<Utc>,
    /// The question that it last said so in answer to.
    pub entry: EntryId,
    /// Since when its answers about the person say so no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_back: Option<DateTime<Utc>>,
}

/// Which of all statements one is: other persons' may stand in the same answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Word {
    /// In the answers about which number, or of which number.
    pub person: Number,
    /// Whose.
    pub agency: Agency,
    /// Whether it is about somebody else, in an answer about the person.
    pub of_another: bool,
    /// In answer to which question.
    pub entry: EntryId,
}

/// Words of one number that, said again, are news, whatever month it is.
#[derive(Debug, Clone, Default)]
pub struct Lapsed {
    /// Lifted, of whichever of the person's numbers.
    pub lifted: BTreeSet<Word>,
    /// Taken back by a later answer about another of the person's numbers.
    pub taken_back: BTreeSet<Word>,
}

/// Which of all marks one is: others' may be set at the same moment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mark {
    /// Of which number.
    pub person: Number,
    /// When it was set.
    pub since: DateTime<Utc>,
}

/// That an administrator lifted a mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifted {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub by: CaseWorkerId,
    /// Why.
    pub ground: String,
}

/// Somebody protected, or who lives with somebody who is, whose own answers name the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedBy {
    /// Who. Written only into a sealed document.
    #[serde(with = "ssbtek_domain::as_text")]
    pub person: Personnummer,
    /// Since when that is known.
    pub since: DateTime<Utc>,
    /// When it was said last.
    pub at: DateTime<Utc>,
}

/// Since when somebody protected is known to be beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// Since when that is known.
    pub since: DateTime<Utc>,
    /// When it was said last, to the month.
    pub at: DateTime<Utc>,
}

/// What answers have said of a person, as far as the log keeps them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Said {
    /// Of the person: each agency that ever said "protected".
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub own: BTreeMap<Agency, Statement>,
    /// Of somebody else in an answer about the person.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<Agency, Statement>,
    /// When the person was last asked about and every agency that can flag was heard, and none did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<DateTime<Utc>>,
    /// When all that was said before was lifted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifted: Option<Lifted>,
    /// What was said, of this number or of another of the person's, that was lifted of this one and is kept for the others: each is lifted
    /// by itself.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub lifted_words: BTreeSet<Word>,
    /// What was said of another number of the person's before the same agency's answer about this one said so no longer.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub taken_back: BTreeSet<Word>,
    /// That somebody protected is beside by what answers name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<Beside>,
    /// Whose answers name the person, where that counts whatever else is known: kept so by an earlier program, or because no more can
    /// be kept of whom else they name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub named_by: Vec<NamedBy>,
    /// To which numbers cases have corrected the person's, as an earlier program kept it: today the case does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub corrected_to: Vec<Number>,
}

impl Said {
    /// Takes in what the answers to a question about the person said. `lapsed`: which of it is news if it is said again.
    pub fn hear(&mut self, learned: &Learned, lapsed: &Lapsed, entry: EntryId, at: DateTime<Utc>) {
        for (agency, level) in &learned.own {
            note(&mut self.own, (*agency, false), *level, (entry, at), lapsed);
        }
        for (agency, flags) in &learned.others {
            // It does not say which protection; the lower one is what a flag proves.
            let level = flags.then_some(Protection::Sekretessmarkering);
            note(&mut self.others, (*agency, true), level, (entry, at), lapsed);
        }
        if learned.settled && self.settled_at.is_none_or(|before| before + chrono::TimeDelta::days(1) <= at) {
            self.settled_at = Some(at);
        }
        // Found not to be protected is who was found so last.
        if learned.doubtful {
            self.settled_at = None;
        }
    }

    /// Takes in that an agency flagged the person in an answer about somebody else. `lapsed`: as in [`Said::hear`].
    pub fn hear_flag(&mut self, agency: Agency, lapsed: &Lapsed, entry: EntryId, at: DateTime<Utc>) {
        note(&mut self.own, (agency, false), Some(Protection::Sekretessmarkering), (entry, at), lapsed);
    }

    /// Takes in that an agency's answer about this number no longer says what it said of another of the person's.
    pub fn take_back(&mut self, word: Word) {
        let is_other = |known: &Word| {
            (&known.person, known.agency, known.of_another) != (&word.person, word.agency, word.of_another)
        };
        self.taken_back.retain(is_other);
        self.taken_back.insert(word);
    }

    /// Takes in that somebody protected is beside by what answers name. Written again only once a month, as what answers say is.
    pub fn hear_beside(&mut self, at: DateTime<Utc>) {
        match &mut self.beside {
            Some(known) if month_of(known.at) == month_of(at) => {}
            Some(known) => known.at = at,
            None => self.beside = Some(Beside { since: at, at }),
        }
    }

    /// Takes in that an answer about `by` names the person, where that counts whatever else is known.
    pub fn hear_named(&mut self, by: &Personnummer, at: DateTime<Utc>) {
        match self.named_by.iter_mut().find(|known| known.person == *by) {
            Some(known) if month_of(known.at) == month_of(at) => {}
            Some(known) => known.at = at,
            None => self.named_by.push(NamedBy { person: by.clone(), since: at, at }),
        }
    }

    /// All that was said, of the person with this number and of others in answers about the person, lifted or not.
    pub fn words(&self, person: &Personnummer) -> impl Iterator<Item = (Word, &Statement)> {
        let own = self.own.iter().map(|said| (false, said));
        own.chain(self.others.iter().map(|said| (true, said))).map(|(of_another, (agency, said))| {
            let person = Number(person.clone());
            (Word { person, agency: *agency, of_another, entry: said.entry }, said)
        })
    }

    /// What was said of the person with this number and has not been lifted.
    pub fn own(&self, person: &Personnummer) -> impl Iterator<Item = (Agency, &Statement)> {
        self.left(person, false)
    }

    /// What was said of somebody else in answers about the person with this number and has not been lifted.
    pub fn others(&self, person: &Personnummer) -> impl Iterator<Item = (Agency, &Statement)> {
        self.left(person, true)
    }

    fn left(&self, person: &Personnummer, of_another: bool) -> impl Iterator<Item = (Agency, &Statement)> {
        let words =
            self.words(person).filter(move |(word, _)| word.of_another == of_another && self.counts(word));
        words.map(|(word, said)| (word.agency, said))
    }

    /// Whether a word, of this number or of another of the same person's, has not been lifted of this one.
    pub fn counts(&self, word: &Word) -> bool {
        !self.lifted_words.contains(word)
    }

    /// Since when it is known by what answers name that somebody protected is beside.
    pub fn named_since(&self) -> Option<DateTime<Utc>> {
        self.named_by.iter().map(|by| by.since).chain(self.beside.map(|beside| beside.since)).min()
    }
}

/// One agency's word among what is remembered. What says nothing new is written again only once a month, so that it stands under
/// the newest record's key.
fn note(
    statements: &mut BTreeMap<Agency, Statement>,
    (agency, of_another): (Agency, bool),
    level: Option<Protection>,
    (entry, at): (EntryId, DateTime<Utc>),
    lapsed: &Lapsed,
) {
    match (statements.get_mut(&agency), level) {
        (None, None) => {}
        (None, Some(level)) => {
            statements.insert(agency, Statement { level, since: at, at, entry, taken_back: None });
        }
        (Some(known), None) => {
            known.taken_back.get_or_insert(at);
        }
        (Some(known), Some(level)) => {
            let is_among = |words: &BTreeSet<Word>| {
                let is_it = |word: &Word| {
                    (word.agency, word.of_another, word.entry) == (agency, of_another, known.entry)
                };
                words.iter().any(is_it)
            };
            let lifted = is_among(&lapsed.lifted);
            let is_news = lifted
                || is_among(&lapsed.taken_back)
                || known.level != level
                || known.taken_back.is_some()
                || month_of(known.at) != month_of(at);
            if is_news {
                let since = if lifted { at } else { known.since };
                *known = Statement { level, since, at, entry, taken_back: None };
            }
        }
    }
}

/// How a person stands in one case in whose household somebody is protected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InCase {
    /// Since when the case says that the person is protected, or said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marked: Option<DateTime<Utc>>,
    /// Since when it is known that somebody protected is beside, in the case or one step further (adr/0079).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<DateTime<Utc>>,
    /// What is said of another number, which by this case is the same person's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected: Option<Protection>,
    /// When the case was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<DateTime<Utc>>,
}

/// The cases of the board in which a person stands and somebody is protected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InCases {
    /// By their ids.
    pub protected_in: BTreeMap<CaseId, InCase>,
    /// When all that was said before was lifted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifted: Option<Lifted>,
    /// Marks, of this number or of another of the same person's, that were lifted of this one and are kept for the others.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub lifted_marks: BTreeSet<Mark>,
    /// The version in which this began, if an earlier one had ended: each has a key of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begun_in: Option<u64>,
}

impl InCases {
    /// Takes in that a case says that the person is protected. What was known stays. `lifted`: when marks of this number were set that
    /// were lifted, of whichever of the person's numbers; set again, they count again for all.
    pub fn note_mark(
        &mut self,
        case: &CaseId,
        closed: Option<DateTime<Utc>>,
        lifted: &BTreeSet<DateTime<Utc>>,
        at: DateTime<Utc>,
    ) {
        let known = self.entry(case, closed);
        if known.marked.is_none_or(|since| lifted.contains(&since)) {
            // Not at the moment of one that was lifted, however short before that was.
            let mut since = at;
            while lifted.contains(&since) {
                since += chrono::TimeDelta::milliseconds(1);
            }
            known.marked = Some(since);
        }
    }

    /// Takes in that by a case somebody protected is beside. What was known stays.
    pub fn note_beside(&mut self, case: &CaseId, closed: Option<DateTime<Utc>>, at: DateTime<Utc>) {
        self.entry(case, closed).beside.get_or_insert(at);
    }

    /// Takes in what is said of another number, which by a case is the same person's. What was known stays.
    pub fn note_corrected(&mut self, case: &CaseId, closed: Option<DateTime<Utc>>, level: Protection) {
        let known = self.entry(case, closed);
        known.corrected = known.corrected.max(Some(level));
    }

    fn entry(&mut self, case: &CaseId, closed: Option<DateTime<Utc>>) -> &mut InCase {
        let known = self.protected_in.entry(case.clone()).or_default();
        known.closed = closed;
        known
    }

    /// All marks of the person with this number, lifted or not.
    pub fn all_marks(&self, person: &Personnummer) -> impl Iterator<Item = (&CaseId, Mark)> {
        let marks = self.protected_in.iter().filter_map(|(id, case)| Some((id, case.marked?)));
        marks.map(|(id, since)| (id, Mark { person: Number(person.clone()), since }))
    }

    /// Cases that say that the person with this number is protected, and since when, where that has not been lifted.
    pub fn marks(&self, person: &Personnummer) -> impl Iterator<Item = (&CaseId, DateTime<Utc>)> {
        self.all_marks(person).filter(|(_, mark)| self.counts(mark)).map(|(id, mark)| (id, mark.since))
    }

    /// Whether a mark, of this number or of another of the same person's, has not been lifted of this one.
    pub fn counts(&self, mark: &Mark) -> bool {
        !self.lifted_marks.contains(mark)
    }

    /// When the last of the cases was closed; `None` while one is open.
    pub fn closed_at(&self) -> Option<DateTime<Utc>> {
        let mut last = None;
        for case in self.protected_in.values() {
            last = last.max(Some(case.closed?));
        }
        last
    }

    fn has_beside(&self) -> bool {
        self.protected_in.values().any(|case| case.beside.is_some())
    }
}

/// All that a board remembers of one person.
#[derive(Debug, Clone)]
pub struct Remembered {
    /// Of whom.
    pub person: Personnummer,
    /// What answers said.
    pub said: Option<Versioned<Said>>,
    /// What cases say.
    pub in_cases: Option<Versioned<InCases>>,
}

impl Remembered {
    /// The level that it comes to for the person's own identity.
    pub fn level(&self) -> Protection {
        let said = self.said.iter().flat_map(|said| said.body.own(&self.person));
        let said = said.map(|(_, statement)| statement.level);
        let cases = self.in_cases.iter().flat_map(|found| {
            let marks = found.body.marks(&self.person).map(|_| Protection::Sekretessmarkering);
            marks.chain(found.body.protected_in.values().filter_map(|case| case.corrected))
        });
        said.chain(cases).max().unwrap_or(Protection::None)
    }

    /// Whether somebody who may live with the person is protected.
    pub fn protects_beside(&self) -> bool {
        let by_answers = self.said.as_ref().is_some_and(|said| {
            let said = &said.body;
            said.beside.is_some() || !said.named_by.is_empty() || said.others(&self.person).next().is_some()
        });
        by_answers || self.in_cases.as_ref().is_some_and(|found| found.body.has_beside())
    }

    /// Whether any of it is about the person, and not about who may live beside.
    pub fn tells_of_the_person(&self) -> bool {
        let said = self.said.as_ref().is_some_and(|found| {
            let said = &found.body;
            said.own(&self.person).next().is_some() || said.settled_at.is_some() || said.lifted.is_some()
        });
        let in_cases = self.in_cases.as_ref().map(|found| &found.body);
        said || in_cases.is_some_and(|found| {
            let corrected = found.protected_in.values().any(|case| case.corrected.is_some());
            corrected || found.marks(&self.person).next().is_some() || found.lifted.is_some()
        })
    }

    /// When the person was last found not to be protected.
    pub fn settled_at(&self) -> Option<DateTime<Utc>> {
        self.said.as_ref().and_then(|said| said.body.settled_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn heard(said: &mut Said, level: Option<Protection>, when: &str) {
        let learned = Learned { own: [(Agency::Fk, level)].into(), ..Learned::default() };
        said.hear(&learned, &Lapsed::default(), EntryId::from_bytes([1; 16]), at(when));
    }

    #[test]
    fn a_flag_stays_until_it_is_lifted_and_a_later_no_only_says_that_it_may_be() {
        let mut said = Said::default();
        heard(&mut said, None, "2026-01-01T00:00:00Z");
        assert_eq!(said, Said::default(), "a no says nothing of somebody who was never flagged");
        heard(&mut said, Some(Protection::SkyddadFolkbokforing), "2026-01-02T00:00:00Z");
        heard(&mut said, None, "2026-01-03T00:00:00Z");
        assert!(said.own[&Agency::Fk].taken_back.is_some());
        let person = Personnummer::parse_undated("198001019804").unwrap();
        let known = |said: &Said| Remembered {
            person: person.clone(),
            said: Some(Versioned { version: 1, body: said.clone() }),
            in_cases: None,
        };
        assert_eq!(known(&said).level(), Protection::SkyddadFolkbokforing);
        heard(&mut said, Some(Protection::Sekretessmarkering), "2026-01-04T00:00:00Z");
        assert!(said.own[&Agency::Fk].taken_back.is_none());
        assert_eq!(said.own[&Agency::Fk].since, at("2026-01-02T00:00:00Z"));
    }

    #[test]
    fn what_says_nothing_new_is_written_again_with_a_new_month_and_not_before() {
        let mut said = Said::default();
        heard(&mut said, Some(Protection::Sekretessmarkering), "2026-01-02T00:00:00Z");
        let before = said.clone();
        heard(&mut said, Some(Protection::Sekretessmarkering), "2026-01-30T00:00:00Z");
        assert_eq!(said, before);
        heard(&mut said, Some(Protection::Sekretessmarkering), "2026-02-02T00:00:00Z");
        assert_ne!(said, before);
    }

    #[test]
    fn cases_are_closed_with_the_last_of_them() {
        let (first, second) = (CaseId::parse("EB-1").unwrap(), CaseId::parse("EB-2").unwrap());
        let (now, later) = (at("2026-01-02T00:00:00Z"), at("2026-02-02T00:00:00Z"));
        let mut cases = InCases::default();
        let lifted = BTreeSet::new();
        cases.note_mark(&first, Some(now), &lifted, now);
        cases.note_mark(&second, None, &lifted, now);
        assert_eq!(cases.closed_at(), None);
        cases.note_mark(&second, Some(later), &lifted, later);
        assert_eq!(cases.closed_at(), Some(later));
    }
}
