//! The numbers of one person: those that cases have corrected to each other. What is said of one counts for all; each is lifted by itself.

use std::collections::BTreeSet;

use ssbtek_authorize::{InCases, Learned, Said, Statement};
use ssbtek_domain::{CaseId, DateTime, EntryId, Personnummer, Protection, Utc};

use super::{Memories, closed};
use crate::LogError;

/// How a number counts by all that is said of the person under whichever number, and was not lifted of this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    /// The level of the person.
    pub(super) level: Protection,
    /// Whether an answer about the person flagged somebody else.
    pub(super) flags_beside: bool,
}

impl Counts {
    /// Whether others may live with somebody protected because of it.
    pub(super) fn protects_others(self) -> bool {
        self.level > Protection::None || self.flags_beside
    }
}

impl Memories<'_> {
    /// All numbers of the person with this one, this one too.
    pub(super) async fn numbers_of(
        &mut self,
        person: &Personnummer,
    ) -> Result<BTreeSet<Personnummer>, LogError> {
        let (mut numbers, mut next) = (BTreeSet::new(), vec![person.clone()]);
        while let Some(number) = next.pop() {
            if !numbers.insert(number.clone()) {
                continue;
            }
            for case in self.cases_of(&number).await? {
                next.extend(case.numbers_of(&number).into_iter().cloned());
            }
            next.extend(self.read(&number).await?.said.1.corrected_to.iter().map(|right| right.0.clone()));
        }
        Ok(numbers)
    }

    /// The numbers that were wrong for the person with this one, from one to the next.
    pub(super) async fn wrong_for(
        &mut self,
        right: &Personnummer,
    ) -> Result<BTreeSet<Personnummer>, LogError> {
        let (mut numbers, mut next) = (BTreeSet::new(), vec![right.clone()]);
        while let Some(number) = next.pop() {
            if !numbers.insert(number.clone()) {
                continue;
            }
            for case in self.cases_of(&number).await? {
                let to_this = case.corrections.iter().filter(|one| one.right.0 == number);
                next.extend(to_this.map(|one| one.wrong.0.clone()));
            }
        }
        numbers.remove(right);
        Ok(numbers)
    }

    /// How a number counts now.
    pub(super) async fn counts(&mut self, person: &Personnummer) -> Result<Counts, LogError> {
        let memory = self.read(person).await?;
        let (said, in_cases) = (memory.said.1.clone(), memory.in_cases.1.clone());
        let mut counts = Counts { level: Protection::None, flags_beside: false };
        for number in self.numbers_of(person).await? {
            let memory = self.read(&number).await?;
            counts = counts.with(&memory.said.1, &memory.in_cases.1, (&said, &in_cases));
        }
        Ok(counts)
    }

    /// Writes down of a number what is said of the person's other numbers: with each case by which they are hers. `anew`: what was
    /// written of that before is forgotten.
    pub(super) async fn note_other_numbers(
        &mut self,
        person: &Personnummer,
        anew: bool,
        at: DateTime<Utc>,
    ) -> Result<(), LogError> {
        let mut others = self.numbers_of(person).await?;
        others.remove(person);
        let memory = self.read(person).await?;
        let (said, in_cases) = (memory.said.1.clone(), memory.in_cases.1.clone());
        if anew {
            memory.in_cases.1.protected_in.values_mut().for_each(|case| case.corrected = None);
        }
        let mut counts = Counts { level: Protection::None, flags_beside: false };
        for number in &others {
            let memory = self.read(number).await?;
            counts = counts.with(&memory.said.1, &memory.in_cases.1, (&said, &in_cases));
        }
        if !counts.protects_others() {
            return Ok(());
        }
        let cases = self.correcting(person).await?;
        let memory = self.read(person).await?;
        for (case, closed) in cases {
            if counts.level > Protection::None {
                memory.in_cases.1.note_corrected(&case, closed, counts.level);
            }
            if counts.flags_beside {
                memory.in_cases.1.note_beside(&case, closed, at);
            }
        }
        Ok(())
    }

    /// The cases that have corrected this number, or to it.
    pub(super) async fn correcting(
        &mut self,
        person: &Personnummer,
    ) -> Result<Vec<(CaseId, Option<DateTime<Utc>>)>, LogError> {
        let cases = self.cases_of(person).await?;
        let correcting = cases.iter().filter(|case| !case.numbers_of(person).is_empty());
        Ok(correcting.map(|case| (case.id.clone(), closed(case))).collect())
    }

    /// Takes in what the answers to a question about a person said.
    pub(super) async fn hear(
        &mut self,
        person: &Personnummer,
        learned: &Learned,
        (entry, at): (EntryId, DateTime<Utc>),
    ) -> Result<(), LogError> {
        let known = self.read(person).await?;
        // Nobody has ever said anything of it.
        if !known.tells() && !learned.flags_somebody() {
            known.said.1.hear(learned, &BTreeSet::new(), entry, at);
            return Ok(());
        }
        let (set_aside, mut said_elsewhere) = (self.set_aside(person).await?, Said::default());
        for number in self.numbers_of(person).await? {
            if number != *person {
                let theirs = &self.read(&number).await?.said.1;
                said_elsewhere.own.extend(theirs.own.clone());
                said_elsewhere.others.extend(theirs.others.clone());
            }
        }
        let said = &mut self.read(person).await?.said.1;
        // A no about this number takes back, of this number, what was said under another.
        for (agency, level) in &learned.own {
            if let (None, Some(theirs)) = (level, said_elsewhere.own.get(agency)) {
                said.own.entry(*agency).or_insert_with(|| theirs.clone());
            }
        }
        for (agency, flags) in &learned.others {
            if let (false, Some(theirs)) = (flags, said_elsewhere.others.get(agency)) {
                said.others.entry(*agency).or_insert_with(|| theirs.clone());
            }
        }
        said.hear(learned, &set_aside, entry, at);
        Ok(())
    }

    /// What was lifted of the person, under whichever number.
    pub(super) async fn set_aside(&mut self, person: &Personnummer) -> Result<BTreeSet<EntryId>, LogError> {
        let mut set_aside = BTreeSet::new();
        for number in self.numbers_of(person).await? {
            set_aside.extend(self.read(&number).await?.said.1.set_aside.iter().copied());
        }
        Ok(set_aside)
    }
}

impl Counts {
    /// The same with what was said of one of the numbers, and was not lifted of the one that `lifted` is of.
    fn with(self, said: &Said, in_cases: &InCases, lifted: (&Said, &InCases)) -> Self {
        let is_left = |statement: &&Statement| lifted.0.counts(statement);
        let levels = said.own.values().filter(is_left).map(|statement| statement.level);
        let marks = in_cases.protected_in.values().filter_map(|case| case.marked);
        let marks = marks.filter(|since| lifted.1.counts(*since)).map(|_| Protection::Sekretessmarkering);
        let flags_beside = said.others.values().any(|statement| is_left(&statement));
        Self {
            level: levels.chain(marks).max().unwrap_or(Protection::None).max(self.level),
            flags_beside: self.flags_beside || flags_beside,
        }
    }
}
