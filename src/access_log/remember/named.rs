//! Whom the answers about a person name, and whose answers name the person: the way from somebody who is said to be protected, then or later, to those who may live with
//! the person by an agency's word, whatever their own answers say. And the way from a number to those it was corrected to.
//!
//! One small document for each person and month, made whether or not anybody is protected, sealed under the key of the records of that
//! month and so erased with them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ssbtek_authorize::{Case, DocumentRef, Permit, Said};
use ssbtek_domain::{DateTime, Personnummer, Protection, Utc, calendar::month_of, stockholm_date};
use ssbtek_vault::KeyId;

use super::{Memories, closed};
use crate::{DocumentWrite, LogError, fault::OrTell, payload::Named};

/// Most others named in one question's answers who are looked up; where there are more, one of them counts as protected.
const MAX_LOOKED_UP: usize = 50;
/// Most others who are kept of a person and month, as many as three agencies may name at once. An answer that would name more cannot be
/// recorded, and so does not leave.
const MAX_KEPT: usize = 600;
/// Most months that are looked through, as many as a log is kept at most.
const MAX_MONTHS: u32 = 121;

/// Whom the answers of a month about a person named, and whose answers named the person.
#[derive(Default, Serialize, Deserialize)]
struct InAnswers {
    persons: Vec<Named>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    by: Vec<Named>,
}

/// Adds whoever is not there yet. Whether anybody was added.
fn add<'p>(to: &mut Vec<Named>, persons: impl IntoIterator<Item = &'p Personnummer>) -> bool {
    let before = to.len();
    for one in persons {
        if !to.iter().any(|known| known.0 == *one) {
            to.push(Named(one.clone()));
        }
    }
    to.len() > before
}

impl Memories<'_> {
    /// Whether one of these persons, whom answers name beside the household, is remembered to be protected or to live with somebody who
    /// is. Each is read, and so rested on; of a number that was corrected, also the right one.
    pub(super) async fn names_protected(
        &mut self,
        permit: &Permit,
        named: &BTreeSet<Personnummer>,
    ) -> Result<bool, LogError> {
        let mut named: Vec<_> =
            named.iter().filter(|one| !permit.household().contains(one)).cloned().collect();
        if named.len() > MAX_LOOKED_UP {
            return Ok(true);
        }
        let (mut found, mut seen) = (false, BTreeSet::from([permit.person().clone()]));
        while let Some(person) = named.pop() {
            if !seen.insert(person.clone()) {
                continue;
            }
            let memory = self.read(&person).await?;
            let known = memory.of(&person);
            found |= known.level() > Protection::None || known.protects_beside();
            named.extend(memory.said.1.corrected_to.iter().map(|right| right.0.clone()));
        }
        Ok(found)
    }

    /// Keeps whom the answers about a person name, whoever is protected by now.
    pub(super) async fn note_named(
        &mut self,
        person: &Personnummer,
        mut named: BTreeSet<Personnummer>,
        at: DateTime<Utc>,
    ) -> Result<(), LogError> {
        // The answers of a wrong number may name the right one.
        named.remove(person);
        if named.is_empty() {
            return Ok(());
        }
        // Who is protected from now on must find them.
        self.read(person).await?;
        let (reference, version, mut kept) = self.in_answers(person, &month_of(at)).await?;
        let is_news = add(&mut kept.persons, &named);
        if kept.persons.len() > MAX_KEPT {
            return Err(LogError::Unavailable);
        }
        if is_news {
            self.new.push(DocumentWrite::new(reference, version, &kept)?.with_record());
        }
        for one in &named {
            self.note_namer(one, person, at).await?;
        }
        self.heard = Some((person.clone(), named));
        Ok(())
    }

    /// Keeps whose answers name a person. Where no more can be kept, nobody would find whoever names the person if the person came to be
    /// protected: of these it is remembered at once, as if that were so.
    async fn note_namer(
        &mut self,
        person: &Personnummer,
        by: &Personnummer,
        at: DateTime<Utc>,
    ) -> Result<(), LogError> {
        self.read(person).await?;
        let (reference, version, mut kept) = self.in_answers(person, &month_of(at)).await?;
        if !add(&mut kept.by, [by]) {
            return Ok(());
        }
        if kept.by.len() > MAX_KEPT {
            self.read(by).await?.said.1.hear_named(person, at);
            return Ok(());
        }
        self.new.push(DocumentWrite::new(reference, version, &kept)?.with_record());
        Ok(())
    }

    /// Remembers of everybody whom answers about somebody protected name, and whose answers name somebody protected, that the person stands
    /// beside: of the answers that are there now
    /// where that was known before, and of all that are kept of whoever counts so from now on.
    pub(super) async fn tell_named(&mut self, at: DateTime<Utc>) -> Result<(), LogError> {
        let persons: Vec<_> = self.known.keys().cloned().collect();
        for by in persons {
            let Some(memory) = self.known.get(&by) else { continue };
            if !memory.of(&by).protects_named() {
                continue;
            }
            let is_news = !memory.was(&by).protects_named();
            let mut named = match self.heard.clone() {
                Some((whose, named)) if whose == by => named,
                // Who names her may live with her, whether or not a later answer says so again.
                Some((whose, named)) if named.contains(&by) => BTreeSet::from([whose]),
                _ => BTreeSet::new(),
            };
            if is_news {
                named.extend(self.all_named(&by, at).await?);
            }
            for one in named.iter().filter(|one| **one != by) {
                self.read(one).await?.said.1.hear_named(&by, at);
            }
        }
        self.follow_corrections().await
    }

    /// Takes back what was told of those whom the answers about people name who stand beside nobody protected any more, and of `person`,
    /// what such people's answers told.
    pub(super) async fn untell_named(
        &mut self,
        person: &Personnummer,
        at: DateTime<Utc>,
    ) -> Result<(), LogError> {
        let persons: Vec<_> = self.known.keys().cloned().collect();
        for by in persons {
            let Some(memory) = self.known.get(&by) else { continue };
            if !memory.was(&by).protects_named() || memory.of(&by).protects_named() {
                continue;
            }
            for one in self.all_named(&by, at).await? {
                self.read(&one).await?.said.1.named_by.retain(|known| known.person != by);
            }
        }
        for named_by in self.read(person).await?.said.1.named_by.clone() {
            let by = named_by.person;
            if !self.read(&by).await?.of(&by).protects_named() {
                self.read(person).await?.said.1.named_by.retain(|known| known.person != by);
            }
        }
        Ok(())
    }

    /// Everybody whom the answers that are kept about a person name, and whose answers name the person. What can still be added to is rested on.
    async fn all_named(
        &mut self,
        person: &Personnummer,
        at: DateTime<Utc>,
    ) -> Result<BTreeSet<Personnummer>, LogError> {
        let mut named = BTreeSet::new();
        for (month, is_open) in self.months(at)? {
            let (reference, version, kept) = self.in_answers(person, &month).await?;
            named.extend(kept.persons.into_iter().chain(kept.by).map(|one| one.0));
            let is_written = self.new.iter().any(|write| write.reference == reference);
            if is_open && !is_written {
                self.rests_on.push((reference, version));
            }
        }
        Ok(named)
    }

    async fn in_answers(
        &self,
        person: &Personnummer,
        month: &str,
    ) -> Result<(DocumentRef, u64, InAnswers), LogError> {
        let reference = DocumentRef::named_in_answers(self.board, person, month);
        let (version, kept) = self.newest(&reference).await?;
        Ok((reference, version, kept.unwrap_or_default()))
    }

    /// The months of which the board's log has a key, and those about now, in which something may be written just then.
    fn months(&self, at: DateTime<Utc>) -> Result<Vec<(String, bool)>, LogError> {
        let today = stockholm_date(at);
        let mut months = Vec::new();
        let next = today.checked_add_months(chrono::Months::new(1)).into_iter();
        let back = (0..MAX_MONTHS).map_while(|back| today.checked_sub_months(chrono::Months::new(back)));
        for (nth, day) in next.chain(back).enumerate() {
            let month = day.format("%Y-%m").to_string();
            let is_open = nth <= 2;
            match self.log.vault.open(&KeyId::new(&["log", self.board.as_str(), &month])) {
                Ok(_) => {}
                Err(error) if error.is_absence() && is_open => {}
                Err(error) if error.is_absence() => continue,
                failed => drop(failed.or_tell(self.board)?),
            }
            months.push((month, is_open));
        }
        Ok(months)
    }

    /// What was remembered under a number that was wrong in a case counts for the right one, too: what answers said, what cases say (as
    /// something that this case says), and whom the answers named. The wrong one keeps it: each is lifted by itself.
    pub(super) async fn carry(
        &mut self,
        (wrong, right): (&Personnummer, &Personnummer),
        case: &Case,
        at: DateTime<Utc>,
    ) -> Result<(), LogError> {
        let memory = self.read(wrong).await?;
        memory.said.1.correct(right);
        let (said, stands) = (memory.said.1.clone(), memory.in_cases.1.stands());
        let named = self.all_named(wrong, at).await?;
        let memory = self.read(right).await?;
        memory.said.1.carry(&said, &Said::default());
        if stands.marked || stands.beside {
            memory.in_cases.1.note(&case.id, stands, closed(case), at);
        }
        self.note_named(right, named, at).await
    }

    /// What is newly said of a number that was corrected is said of the right one. It ends where that says nothing new: what is carried
    /// only grows.
    pub(super) async fn follow_corrections(&mut self) -> Result<(), LogError> {
        let mut next: Vec<_> = self.known.keys().cloned().collect();
        while let Some(wrong) = next.pop() {
            let Some(memory) = self.known.get(&wrong) else { continue };
            let (said, before) = (memory.said.1.clone(), memory.before.0.clone());
            for right in &said.corrected_to {
                let known = &mut self.read(&right.0).await?.said.1;
                let as_it_was = known.clone();
                known.carry(&said, &before);
                if *known != as_it_was {
                    next.push(right.0.clone());
                }
            }
        }
        Ok(())
    }
}
