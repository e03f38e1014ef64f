//! Who stands beside somebody protected. Told by one rule (`reached`) from what is kept of who shares or shared a case, whom answers name,
//! and which numbers are one person's; written down of each person with what the last step rests on, so that it is erased with that.

use std::collections::{BTreeMap, BTreeSet};

use ssbtek_domain::{CaseId, DateTime, Personnummer, Utc};

use super::Memories;
use crate::LogError;

/// By what a person is found to stand beside somebody protected: the last step of the way there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// They share or shared this case, or the number was corrected in it.
    Case(CaseId, Option<DateTime<Utc>>),
    /// The answers about one of them name the other.
    Named,
}

/// Everybody who is found, and by what.
pub(super) type Reached = BTreeMap<Personnummer, BTreeSet<Step>>;

/// What is kept of several numbers.
#[derive(Default)]
pub(super) struct Graph {
    steps: BTreeMap<Personnummer, Vec<(Personnummer, Step)>>,
    numbers: BTreeMap<Personnummer, BTreeSet<Personnummer>>,
    corrected_in: BTreeMap<Personnummer, Vec<Step>>,
}

impl Graph {
    /// Who stands beside the person with the number `from`, of whose numbers the links of `through` count: whoever is linked to one of
    /// them, and whoever is linked to those, if one of the two links is that an answer names somebody. Other numbers of the same person
    /// cost no step. Whom only cases link, one to the next, does not count.
    fn reached(&self, from: &Personnummer, through: &BTreeSet<Personnummer>) -> Reached {
        let mut first = Reached::new();
        for number in through {
            self.go(number, |_| true, &mut first);
        }
        first.remove(from);
        let own = self.numbers.get(from).cloned().unwrap_or_default();
        let mut reached = first.clone();
        // Each once, whichever of the person's numbers was found.
        for person in self.persons(first.keys().filter(|one| !own.contains(*one))) {
            let by_name =
                |one: &Personnummer| first.get(one).is_some_and(|steps| steps.contains(&Step::Named));
            let is_named = person.iter().any(by_name);
            let mut second = Reached::new();
            for number in &person {
                self.go(number, |step| is_named || *step == Step::Named, &mut second);
            }
            second.retain(|one, _| !own.contains(one));
            for (one, steps) in second {
                reached.entry(one).or_default().extend(steps);
            }
        }
        let found: Vec<_> = reached.keys().filter(|one| !own.contains(*one)).cloned().collect();
        for one in found {
            for other in self.numbers.get(&one).into_iter().flatten() {
                if *other != one && !own.contains(other) {
                    let steps = self.corrected_in.get(other).cloned();
                    let steps = steps.filter(|steps| !steps.is_empty()).unwrap_or(vec![Step::Named]);
                    reached.entry(other.clone()).or_default().extend(steps);
                }
            }
        }
        reached
    }

    fn go(&self, from: &Personnummer, may: impl Fn(&Step) -> bool, to: &mut Reached) {
        for (one, step) in self.steps.get(from).into_iter().flatten().filter(|(_, step)| may(step)) {
            to.entry(one.clone()).or_default().insert(step.clone());
        }
    }

    fn persons<'p>(
        &self,
        numbers: impl Iterator<Item = &'p Personnummer>,
    ) -> BTreeSet<BTreeSet<Personnummer>> {
        numbers.map(|one| self.numbers.get(one).cloned().unwrap_or_else(|| [one.clone()].into())).collect()
    }
}

impl Memories<'_> {
    /// Writes down what follows from what has changed: `linked` are numbers that are newly linked to somebody.
    pub(super) async fn settle(
        &mut self,
        linked: BTreeSet<Personnummer>,
        at: DateTime<Utc>,
    ) -> Result<(), LogError> {
        let changed: Vec<_> = self.known.iter().filter(|(_, memory)| memory.says_otherwise()).collect();
        let changed: Vec<_> = changed.into_iter().map(|(person, _)| person.clone()).collect();
        let mut from = BTreeSet::new();
        for person in changed {
            for number in self.numbers_of(&person).await? {
                self.note_other_numbers(&number, false, at).await?;
                from.insert(number);
            }
            // As an earlier program kept it, no case leads from the right number back to the wrong one.
            if self.counts(&person).await?.protects_others() {
                for right in self.read(&person).await?.said.1.corrected_to.clone() {
                    self.read(&right.0).await?.said.1.hear_beside(at);
                }
            }
        }
        for person in linked {
            for number in self.numbers_of(&person).await? {
                self.note_other_numbers(&number, false, at).await?;
            }
            from.extend(self.around(&person).await?);
        }
        for person in from {
            if self.counts(&person).await?.protects_others() {
                let reached = self.reached(&person).await?;
                self.note_beside(reached, at).await?;
            }
        }
        Ok(())
    }

    /// Who stands beside the person with this number, who counts as protected or in whose answers somebody is flagged.
    pub(super) async fn reached(&mut self, from: &Personnummer) -> Result<Reached, LogError> {
        let mut through = BTreeSet::from([from.clone()]);
        // What is linked to a number that was hers is linked to her; to one that is no longer said to be hers, as long as that is said.
        let wrong = self.wrong_for(from).await?;
        for number in self.numbers_of(from).await? {
            if wrong.contains(&number) || self.counts(&number).await?.protects_others() {
                through.insert(number);
            }
        }
        let mut graph = Graph::default();
        for number in &through {
            self.look(&mut graph, number).await?;
        }
        for steps in [0, 1] {
            for one in graph.steps.values().flatten().map(|(one, _)| one.clone()).collect::<BTreeSet<_>>() {
                for number in self.numbers_of(&one).await? {
                    match steps {
                        0 => self.look(&mut graph, &number).await?,
                        _ => self.look_at_numbers(&mut graph, &number).await?,
                    }
                }
            }
        }
        Ok(graph.reached(from, &through))
    }

    /// All numbers within two links of a number, and those of the same persons.
    pub(super) async fn around(&mut self, person: &Personnummer) -> Result<BTreeSet<Personnummer>, LogError> {
        let mut found = self.numbers_of(person).await?;
        for _ in [1, 2] {
            for number in found.clone() {
                for (one, _) in self.steps(&number).await? {
                    found.extend(self.numbers_of(&one).await?);
                }
            }
        }
        Ok(found)
    }

    /// Writes down that they stand beside.
    pub(super) async fn note_beside(&mut self, reached: Reached, at: DateTime<Utc>) -> Result<(), LogError> {
        for (person, steps) in reached {
            let memory = self.read(&person).await?;
            for step in steps {
                match step {
                    Step::Case(case, closed) => memory.in_cases.1.note_beside(&case, closed, at),
                    Step::Named => memory.said.1.hear_beside(at),
                }
            }
        }
        Ok(())
    }

    /// Takes in all that is linked to a number.
    async fn look(&mut self, graph: &mut Graph, number: &Personnummer) -> Result<(), LogError> {
        if !graph.steps.contains_key(number) {
            let steps = self.steps(number).await?;
            graph.steps.insert(number.clone(), steps);
            self.look_at_numbers(graph, number).await?;
        }
        Ok(())
    }

    async fn look_at_numbers(&mut self, graph: &mut Graph, number: &Personnummer) -> Result<(), LogError> {
        if !graph.numbers.contains_key(number) {
            graph.numbers.insert(number.clone(), self.numbers_of(number).await?);
            let correcting = self.correcting(number).await?.into_iter();
            let steps = correcting.map(|(case, closed)| Step::Case(case, closed)).collect();
            graph.corrected_in.insert(number.clone(), steps);
        }
        Ok(())
    }

    /// To whom a number is linked.
    async fn steps(&mut self, number: &Personnummer) -> Result<Vec<(Personnummer, Step)>, LogError> {
        let mut steps = Vec::new();
        for case in self.cases_of(number).await? {
            let own = case.numbers_of(number);
            let others = case.everybody().into_iter().filter(|one| *one != number && !own.contains(one));
            let step = Step::Case(case.id.clone(), super::closed(&case));
            steps.extend(others.map(|one| (one.clone(), step.clone())));
        }
        let named = self.all_named(number).await?.into_iter().filter(|one| one != number);
        steps.extend(named.map(|one| (one, Step::Named)));
        Ok(steps)
    }
}
