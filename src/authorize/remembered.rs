//! What a board remembers of a person's protected identity: what sources have said in its answers, what its cases say, and in which
//! of its cases the person shares a household with somebody of whom it was said. Once said it holds until it is lifted.
//!
//! Two documents for each person: what answers said is sealed under the key of the newest record that it rests on, and erased with it;
//! what cases say is closed when the last of them is, and erased as they are.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use ssbtek_domain::{
    Agency, CaseId, CaseWorkerId, DateTime, EntryId, Personnummer, Protection, Utc, calendar::month_of,
};

use crate::{Case, Versioned};

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

/// A number that a person's was corrected to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectedTo(#[serde(with = "ssbtek_domain::as_text")] pub Personnummer);

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
    /// Whose answers name the person: of somebody protected, or who lives with somebody who is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub named_by: Vec<NamedBy>,
    /// To which numbers cases have corrected the person's: what is newly said of this one is said of those.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub corrected_to: Vec<CorrectedTo>,
}

impl Said {
    /// Takes in what the answers to a question about the person said.
    pub fn hear(&mut self, learned: &Learned, entry: EntryId, at: DateTime<Utc>) {
        for (agency, level) in &learned.own {
            note(&mut self.own, *agency, *level, entry, at);
        }
        for (agency, flags) in &learned.others {
            // It does not say which protection; the lower one is what a flag proves.
            note(&mut self.others, *agency, flags.then_some(Protection::Sekretessmarkering), entry, at);
        }
        if learned.settled && self.settled_at.is_none_or(|before| before + chrono::TimeDelta::days(1) <= at) {
            self.settled_at = Some(at);
        }
        // Found not to be protected is who was found so last.
        if learned.doubtful {
            self.settled_at = None;
        }
    }

    /// Takes in that an agency flagged the person in an answer about somebody else.
    pub fn hear_flag(&mut self, agency: Agency, entry: EntryId, at: DateTime<Utc>) {
        note(&mut self.own, agency, Some(Protection::Sekretessmarkering), entry, at);
    }

    /// Takes in that an answer about `by`, who counts as beside somebody protected or is, names the person. Written again only once a
    /// month, as what answers say is.
    pub fn hear_named(&mut self, by: &Personnummer, at: DateTime<Utc>) {
        match self.named_by.iter_mut().find(|known| known.person == *by) {
            Some(known) if month_of(known.at) == month_of(at) => {}
            Some(known) => known.at = at,
            None => self.named_by.push(NamedBy { person: by.clone(), since: at, at }),
        }
    }

    /// Takes in what is said of the same person under another number, and was not said there `before`.
    pub fn carry(&mut self, said: &Said, before: &Said) {
        for (mine, theirs, known) in
            [(&mut self.own, &said.own, &before.own), (&mut self.others, &said.others, &before.others)]
        {
            for (agency, statement) in theirs.iter().filter(|(agency, says)| known.get(agency) != Some(*says))
            {
                let mine = mine.entry(*agency).or_insert_with(|| statement.clone());
                let (level, since) = (mine.level.max(statement.level), mine.since.min(statement.since));
                let taken_back = mine.taken_back.and(statement.taken_back);
                let newest = if statement.at > mine.at { statement } else { &*mine };
                *mine = Statement { level, since, taken_back, at: newest.at, entry: newest.entry };
            }
        }
        for theirs in said.named_by.iter().filter(|theirs| !before.named_by.contains(theirs)) {
            self.hear_named(&theirs.person, theirs.at);
        }
    }

    /// Notes to which number the person's is corrected.
    pub fn correct(&mut self, to: &Personnummer) {
        if !self.corrected_to.iter().any(|known| known.0 == *to) {
            self.corrected_to.push(CorrectedTo(to.clone()));
        }
    }

    /// The same, of which all that was said of the person is lifted.
    pub fn lifted(&self, lifted: Lifted) -> Self {
        Self { own: BTreeMap::new(), others: BTreeMap::new(), lifted: Some(lifted), ..self.clone() }
    }

    /// Agencies whose newest answer still says so, of the person or of somebody beside.
    pub fn still_said_by(&self) -> BTreeSet<Agency> {
        let all = self.own.iter().chain(&self.others);
        all.filter(|(_, statement)| statement.taken_back.is_none()).map(|(agency, _)| *agency).collect()
    }
}

/// One agency's word among what is remembered. What says nothing new is written again only once a month, so that it stands under
/// the newest record's key.
fn note(
    statements: &mut BTreeMap<Agency, Statement>,
    agency: Agency,
    level: Option<Protection>,
    entry: EntryId,
    at: DateTime<Utc>,
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
            let is_news =
                known.level != level || known.taken_back.is_some() || month_of(known.at) != month_of(at);
            if is_news {
                *known = Statement { level, since: known.since, at, entry, taken_back: None };
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
    /// Since when it is known that somebody else in it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<DateTime<Utc>>,
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
    /// The version in which this began, if an earlier one had ended: each has a key of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begun_in: Option<u64>,
}

impl InCases {
    /// Takes in how the person stands in a case. What was known stays.
    pub fn note(&mut self, case: &CaseId, stands: Stands, closed: Option<DateTime<Utc>>, at: DateTime<Utc>) {
        let known = self.protected_in.entry(case.clone()).or_default();
        if stands.marked {
            known.marked.get_or_insert(at);
        }
        if stands.beside {
            known.beside.get_or_insert(at);
        }
        known.closed = closed;
    }

    /// When the last of the cases was closed; `None` while one is open.
    pub fn closed_at(&self) -> Option<DateTime<Utc>> {
        let mut last = None;
        for case in self.protected_in.values() {
            last = last.max(Some(case.closed?));
        }
        last
    }

    /// How the person stands in all of them together.
    pub fn stands(&self) -> Stands {
        Stands { marked: self.marks(), beside: self.has_beside() }
    }

    fn marks(&self) -> bool {
        self.protected_in.values().any(|case| case.marked.is_some())
    }

    fn has_beside(&self) -> bool {
        self.protected_in.values().any(|case| case.beside.is_some())
    }
}

/// How a member of a household stands to protection in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stands {
    /// The case says that the person is protected.
    pub marked: bool,
    /// Somebody else in the household is.
    pub beside: bool,
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
        let said = self.said.iter().flat_map(|said| said.body.own.values()).map(|statement| statement.level);
        let marked = self.in_cases.as_ref().is_some_and(|found| found.body.marks());
        let marked = marked.then_some(Protection::Sekretessmarkering);
        said.chain(marked).max().unwrap_or(Protection::None)
    }

    /// Whether somebody who may live with the person is protected.
    pub fn protects_beside(&self) -> bool {
        let is_named = self.said.as_ref().is_some_and(|said| !said.body.named_by.is_empty());
        is_named || self.lives_beside()
    }

    /// Whether somebody protected is beside whom an answer about the person names: who shares a household with the person in a case
    /// counts too. Who is only named stands beside nobody further.
    pub fn protects_named(&self) -> bool {
        self.level() > Protection::None || self.lives_beside()
    }

    fn lives_beside(&self) -> bool {
        self.flags_beside() || self.in_cases.as_ref().is_some_and(|found| found.body.has_beside())
    }

    /// Whether somebody protected is beside whoever shares a household with the person: the person, or whom an answer about the
    /// person flagged.
    pub fn protects_others(&self) -> bool {
        self.level() > Protection::None || self.flags_beside()
    }

    /// Whether an answer about the person flagged somebody else.
    fn flags_beside(&self) -> bool {
        self.said.as_ref().is_some_and(|said| !said.body.others.is_empty())
    }

    /// Whether any of it is about the person, and not about who may live beside.
    pub fn tells_of_the_person(&self) -> bool {
        let said = self.said.as_ref().is_some_and(|found| {
            let Said { own, settled_at, lifted, .. } = &found.body;
            !own.is_empty() || settled_at.is_some() || lifted.is_some()
        });
        said || self.in_cases.as_ref().is_some_and(|found| found.body.marks() || found.body.lifted.is_some())
    }

    /// When the person was last found not to be protected.
    pub fn settled_at(&self) -> Option<DateTime<Utc>> {
        self.said.as_ref().and_then(|said| said.body.settled_at)
    }
}

/// How each member of a case stands, if anybody in its household is protected: by the case's own marks, or by what is remembered.
/// Empty if nobody is.
pub fn stand_in(case: &Case, remembered: &[Remembered]) -> Vec<(Personnummer, Stands)> {
    let of = |person: &Personnummer| remembered.iter().find(|known| known.person == *person);
    let members = || case.members.iter();
    let flagged_beside = members().any(|member| of(&member.person).is_some_and(Remembered::flags_beside));
    let is_protected = |person: &Personnummer| {
        let marked = members().any(|member| member.protected && member.person == *person);
        marked || of(person).is_some_and(|known| known.level() > Protection::None)
    };
    let protected: BTreeSet<_> =
        members().map(|member| &member.person).filter(|person| is_protected(person)).collect();
    if protected.is_empty() && !flagged_beside {
        return Vec::new();
    }
    members()
        .map(|member| {
            let beside = flagged_beside || protected.iter().any(|person| **person != member.person);
            (member.person.clone(), Stands { marked: member.protected, beside })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn heard(said: &mut Said, level: Option<Protection>, when: &str) {
        let learned = Learned { own: [(Agency::Fk, level)].into(), ..Learned::default() };
        said.hear(&learned, EntryId::from_bytes([1; 16]), at(when));
    }

    #[test]
    fn a_flag_stays_until_it_is_lifted_and_a_later_no_only_says_that_it_may_be() {
        let mut said = Said::default();
        heard(&mut said, None, "2026-01-01T00:00:00Z");
        assert_eq!(said, Said::default(), "a no says nothing of somebody who was never flagged");
        heard(&mut said, Some(Protection::SkyddadFolkbokforing), "2026-01-02T00:00:00Z");
        heard(&mut said, None, "2026-01-03T00:00:00Z");
        assert!(said.still_said_by().is_empty());
        let person = Personnummer::parse_undated("198001019804").unwrap();
        let known = |said: &Said| Remembered {
            person: person.clone(),
            said: Some(Versioned { version: 1, body: said.clone() }),
            in_cases: None,
        };
        assert_eq!(known(&said).level(), Protection::SkyddadFolkbokforing);
        heard(&mut said, Some(Protection::Sekretessmarkering), "2026-01-04T00:00:00Z");
        assert_eq!(said.still_said_by(), [Agency::Fk].into());
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
        let stands = Stands { marked: true, beside: false };
        let mut cases = InCases::default();
        cases.note(&first, stands, Some(now), now);
        cases.note(&second, stands, None, now);
        assert_eq!(cases.closed_at(), None);
        cases.note(&second, stands, Some(later), later);
        assert_eq!(cases.closed_at(), Some(later));
    }
}
