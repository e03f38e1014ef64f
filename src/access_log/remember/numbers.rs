//! The numbers of one person: those that cases have corrected to each other. What is said of one counts for all; each is lifted by itself.

use std::collections::BTreeSet;

use ssbtek_authorize::{InCases, Lapsed, Learned, Said, Word};
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
            counts = counts.with(&number, (&memory.said.1, &memory.in_cases.1), (&said, &in_cases));
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
            counts = counts.with(number, (&memory.said.1, &memory.in_cases.1), (&said, &in_cases));
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
            known.said.1.hear(learned, &Lapsed::default(), entry, at);
            return Ok(());
        }
        let mut elsewhere = Vec::new();
        for number in self.numbers_of(person).await?.iter().filter(|number| *number != person) {
            let theirs = &self.read(number).await?.said.1;
            elsewhere.extend(
                theirs.words(number).filter(|(_, said)| said.taken_back.is_none()).map(|(word, _)| word),
            );
        }
        let lapsed = self.lapsed(person).await?;
        let said = &mut self.read(person).await?.said.1;
        // A no about this number takes back, of this number, what was said under another.
        for word in elsewhere.into_iter().filter(|word| says_no(learned, word)) {
            if said.counts(&word) {
                said.take_back(word);
            }
        }
        said.hear(learned, &lapsed, entry, at);
        Ok(())
    }

    /// What was said of this number and was lifted, of whichever of the person's, or taken back by an answer about another.
    pub(super) async fn lapsed(&mut self, person: &Personnummer) -> Result<Lapsed, LogError> {
        let mut lapsed = Lapsed::default();
        for number in self.numbers_of(person).await? {
            let said = &self.read(&number).await?.said.1;
            let of_this = |words: &BTreeSet<Word>| {
                words.iter().filter(|word| word.person.0 == *person).cloned().collect::<Vec<_>>()
            };
            lapsed.lifted.extend(of_this(&said.lifted_words));
            lapsed.taken_back.extend(of_this(&said.taken_back));
        }
        Ok(lapsed)
    }

    /// When marks of this number were set that were lifted, of whichever of the person's.
    pub(super) async fn lifted_marks(
        &mut self,
        person: &Personnummer,
    ) -> Result<BTreeSet<DateTime<Utc>>, LogError> {
        let mut lifted = BTreeSet::new();
        for number in self.numbers_of(person).await? {
            let marks = self.read(&number).await?.in_cases.1.lifted_marks.iter();
            lifted.extend(marks.filter(|mark| mark.person.0 == *person).map(|mark| mark.since));
        }
        Ok(lifted)
    }
}

/// Whether the answers say no longer what was said once.
fn says_no(learned: &Learned, word: &Word) -> bool {
    match word.of_another {
        true => learned.others.get(&word.agency) == Some(&false),
        false => learned.own.get(&word.agency) == Some(&None),
    }
}

impl Counts {
    /// The same with what was said of one of the numbers, and was not lifted of the one that `lifted` is of.
    fn with(
        self,
        number: &Personnummer,
        (said, in_cases): (&Said, &InCases),
        lifted: (&Said, &InCases),
    ) -> Self {
        let left = || said.words(number).filter(|(word, _)| lifted.0.counts(word));
        let levels = left().filter(|(word, _)| !word.of_another).map(|(_, statement)| statement.level);
        let marks = in_cases.all_marks(number).filter(|(_, mark)| lifted.1.counts(mark));
        let marks = marks.map(|_| Protection::Sekretessmarkering);
        Self {
            level: levels.chain(marks).max().unwrap_or(Protection::None).max(self.level),
            flags_beside: self.flags_beside || left().any(|(word, _)| word.of_another),
        }
    }
}
