//! Lifting what is remembered of a person.

use std::collections::{BTreeMap, BTreeSet};

use ssbtek_authorize::{Caller, Case, CaseState, DocumentRef, Lifted, TokenUse};
use ssbtek_domain::{Agency, CaseId, DateTime, EntryId, Personnummer, Utc};

use super::{
    ATTEMPTS, LiftError, Memories, ProtectionLifted, RememberedWrites,
    beside::{Reached, Step},
};
use crate::{AccessLog, AppendError, Asker, LogError, Payload, payload::Named};

impl AccessLog {
    /// Lifts what is remembered of a person, unless it is still said, with a record of its own. Until it is said again.
    pub async fn lift_protection(
        &self,
        caller: &Caller,
        person: &Personnummer,
        ground: &str,
        once: Option<TokenUse>,
    ) -> Result<(), LiftError> {
        for _ in 0..ATTEMPTS {
            let at = self.clock.now();
            let lifted = Lifted { at, by: caller.case_worker.clone(), ground: ground.to_owned() };
            let mut memories = Memories::new(self, caller.board, at);
            let versions = memories.lift(person, lifted).await?;
            let mut writes: RememberedWrites = memories.writes().await?;
            writes.rests_on.extend(versions);
            let lifted = ProtectionLifted {
                asker: Asker::from(caller),
                person: Named(person.clone()),
                ground: ground.to_owned(),
            };
            let payload = Payload::ProtectionLifted(Box::new(lifted));
            let entry = EntryId::draw(&*self.entropy, at);
            let mut append = self.record(caller.board, entry, at, &payload).await?;
            append.once.clone_from(&once);
            (append.documents, append.rests_on) = (writes.documents, writes.rests_on);
            append.recheck = Some(crate::Recheck {
                key: caller.facts_key(None),
                judge: {
                    let caller = caller.clone();
                    Box::new(move |facts| ssbtek_authorize::any_duty(&caller, facts, at))
                },
            });
            match self.store.append(append).await {
                Ok(_) => return Ok(()),
                Err(AppendError::Conflict) => {}
                Err(error) => return Err(LogError::from(error).into()),
            }
        }
        Err(LiftError::Raced)
    }
}

impl Memories<'_> {
    /// Lifts. Returns the versions of the cases that it rests on.
    async fn lift(
        &mut self,
        person: &Personnummer,
        lifted: Lifted,
    ) -> Result<Vec<(DocumentRef, u64)>, LiftError> {
        let at = lifted.at;
        let numbers = self.numbers_of(person).await?;
        let (marks_still, versions) = self.marked_still(&numbers).await?;
        let agencies = self.said_still(person, &numbers).await?;
        if !agencies.is_empty() || !marks_still.is_empty() {
            return Err(LiftError::StillSaid(agencies, marks_still));
        }
        let counted = self.counts(person).await?;
        let memory = self.read(person).await?;
        let is_said = counted.protects_others()
            || memory.of(person).level() > ssbtek_domain::Protection::None
            || !memory.said.1.own.is_empty();
        let mut before: BTreeMap<Personnummer, Reached> = BTreeMap::new();
        if counted.protects_others() {
            before.insert(person.clone(), self.reached(person).await?);
        }
        if is_said {
            self.set_said_aside(person, &numbers, lifted).await?;
            for number in &numbers {
                self.note_other_numbers(number, true, at).await?;
            }
        }
        self.untell(person, before.remove(person).unwrap_or_default(), at).await?;
        let is_changed = self.known.values().any(|memory| memory.is_changed() != (false, false));
        if is_said || is_changed { Ok(versions) } else { Err(LiftError::Nothing) }
    }

    /// Open cases that say so, of whichever of the person's numbers, and the versions of all that ever did.
    async fn marked_still(
        &mut self,
        numbers: &BTreeSet<Personnummer>,
    ) -> Result<(BTreeSet<CaseId>, Vec<(DocumentRef, u64)>), LogError> {
        let mut ids = BTreeSet::new();
        for number in numbers {
            ids.extend(self.read(number).await?.in_cases.1.protected_in.keys().cloned());
        }
        let (mut still_in, mut versions) = (BTreeSet::new(), Vec::new());
        for id in ids {
            let reference = DocumentRef::case(self.board, &id);
            let Some(case) = self.log.document::<Case>(&reference).await? else { continue };
            versions.push((reference, case.version));
            // A mark in a closed case says nothing any more.
            let mut members = case.body.members.iter();
            let marks = members.any(|member| member.protected && numbers.contains(&member.person));
            if marks && case.body.state == CaseState::Active {
                still_in.insert(id);
            }
        }
        Ok((still_in, versions))
    }

    /// Agencies whose newest answer still says so, of the person or of somebody beside, about whichever of the person's numbers; what
    /// was said about another number a later answer about this one takes back for this one.
    async fn said_still(
        &mut self,
        person: &Personnummer,
        numbers: &BTreeSet<Personnummer>,
    ) -> Result<BTreeSet<Agency>, LogError> {
        let mine = self.read(person).await?.said.1.clone();
        let mut still = BTreeSet::new();
        for number in numbers {
            let theirs = &self.read(number).await?.said.1;
            let words = theirs.words(number).filter(|(_, statement)| statement.taken_back.is_none());
            let words = words.filter(|(word, _)| mine.counts(word) && !mine.taken_back.contains(word));
            still.extend(words.map(|(word, _)| word.agency));
        }
        Ok(still)
    }

    /// Of this number nothing of it counts any more. It is kept where it counts for others of the person's.
    async fn set_said_aside(
        &mut self,
        person: &Personnummer,
        numbers: &BTreeSet<Personnummer>,
        lifted: Lifted,
    ) -> Result<(), LogError> {
        let (mut words, mut marks) = (BTreeSet::new(), BTreeSet::new());
        for number in numbers {
            let memory = self.read(number).await?;
            words.extend(memory.said.1.words(number).map(|(word, _)| word));
            marks.extend(memory.in_cases.1.all_marks(number).map(|(_, mark)| mark));
        }
        let memory = self.read(person).await?;
        let (said, in_cases) = (&mut memory.said.1, &mut memory.in_cases.1);
        if numbers.len() == 1 {
            said.own.clear();
            said.others.clear();
            in_cases.protected_in.values_mut().for_each(|case| case.marked = None);
            words.clear();
            marks.clear();
        }
        said.lifted_words = words;
        said.taken_back.clear();
        if !in_cases.protected_in.is_empty() {
            in_cases.lifted_marks = marks;
            in_cases.lifted = Some(lifted.clone());
        }
        said.lifted = Some(lifted);
        Ok(())
    }

    /// Takes back what followed from what was lifted, and of the person all that does not follow from anything else.
    async fn untell(
        &mut self,
        person: &Personnummer,
        mut told: Reached,
        at: DateTime<Utc>,
    ) -> Result<(), LogError> {
        let of_the_person = told.entry(person.clone()).or_default();
        let memory = self.read(person).await?;
        of_the_person.insert(Step::Named);
        let cases = memory.in_cases.1.protected_in.iter();
        of_the_person.extend(cases.map(|(id, case)| Step::Case(id.clone(), case.closed)));
        memory.said.1.named_by.clear();

        let (mut near, mut follows) = (BTreeSet::new(), Reached::new());
        for one in told.keys() {
            near.extend(self.around(one).await?);
        }
        for one in near {
            if self.counts(&one).await?.protects_others() {
                for (other, steps) in self.reached(&one).await? {
                    follows.entry(other).or_default().extend(steps);
                }
            }
        }
        for (one, steps) in &told {
            let holds = follows.get(one).cloned().unwrap_or_default();
            let memory = self.read(one).await?;
            for step in steps.difference(&holds) {
                match step {
                    Step::Named => memory.said.1.beside = None,
                    Step::Case(id, _) => {
                        if let Some(case) = memory.in_cases.1.protected_in.get_mut(id) {
                            case.beside = None;
                        }
                    }
                }
            }
        }
        follows.retain(|one, _| told.contains_key(one));
        self.note_beside(follows, at).await?;
        // What counts for one number because of another's is no link.
        for one in told.into_keys() {
            self.note_other_numbers(&one, false, at).await?;
        }
        Ok(())
    }
}
