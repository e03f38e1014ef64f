//! What a board remembers of persons' protected identity: written in the transaction of the record that it rests on.

mod beside;
mod lift;
mod named;
mod numbers;
mod shared;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use ssbtek_authorize::{Case, CaseState, DocumentRef, InCases, Learned, Permit, Remembered, Said, Versioned};
use ssbtek_domain::{Agency, CaseId, DateTime, EntryId, OrganisationNumber, Personnummer, Protection, Utc};

use named::KeptNames;

use crate::{AccessLog, Asker, DocumentWrite, LogError, payload::Named};

/// Most persons whom one question's answers flag beside the one asked about, and who are each remembered; of more, only that
/// somebody is flagged.
const MAX_FLAGGED: usize = 50;
/// How often a change is tried when others change the same documents.
pub(crate) const ATTEMPTS: usize = 16;

/// An administrator lifted what was remembered of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtectionLifted {
    /// Who lifted it.
    pub asker: Asker,
    /// Of whom.
    pub person: Named,
    /// Why.
    pub ground: String,
}

/// Why nothing was lifted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LiftError {
    /// There is nothing to lift.
    #[error("nothing is remembered that could be lifted")]
    Nothing,
    /// It is still said: by these agencies, in these cases.
    #[error("it is still said")]
    StillSaid(BTreeSet<Agency>, BTreeSet<CaseId>),
    /// Changed at the same time.
    #[error("was changed at the same time")]
    Raced,
    /// It could not be logged, and so was not lifted.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// What is remembered of a person, with the versions to write the next ones from, and what of it has changed.
struct Memory {
    said: (u64, Said),
    in_cases: (u64, InCases),
    /// Whether the earlier life of `in_cases` is over: what begins now has another key.
    begins: bool,
    before: (Said, InCases),
}

impl Memory {
    fn is_changed(&self) -> (bool, bool) {
        (self.said.1 != self.before.0, self.in_cases.1 != self.before.1)
    }

    fn of(&self, person: &Personnummer) -> Remembered {
        Remembered {
            person: person.clone(),
            said: Some(Versioned { version: self.said.0, body: self.said.1.clone() }),
            in_cases: Some(Versioned { version: self.in_cases.0, body: self.in_cases.1.clone() }),
        }
    }

    /// Whether anything was ever said that a later word about the person may be another of.
    fn tells(&self) -> bool {
        let (said, in_cases) = (&self.said.1, &self.in_cases.1);
        !said.own.is_empty() || !said.others.is_empty() || !in_cases.protected_in.is_empty()
    }

    /// Whether the person counts as protected, or stands beside somebody who does.
    fn concerns(&self, person: &Personnummer) -> bool {
        let known = self.of(person);
        known.level() > Protection::None || known.protects_beside()
    }

    /// Whether something else is said of the person than before.
    fn says_otherwise(&self) -> bool {
        fn says<'m>((said, in_cases): (&'m Said, &'m InCases)) -> impl PartialEq + use<'m> {
            let marks: Vec<_> = in_cases.protected_in.iter().map(|(id, case)| (id, case.marked)).collect();
            let marks: Vec<_> = marks.into_iter().filter(|(_, marked)| marked.is_some()).collect();
            (&said.own, &said.others, &said.lifted_words, marks, &in_cases.lifted_marks)
        }
        says((&self.said.1, &self.in_cases.1)) != says((&self.before.0, &self.before.1))
    }
}

/// What is remembered of several persons of a board, while it is changed.
struct Memories<'l> {
    log: &'l AccessLog,
    board: OrganisationNumber,
    at: DateTime<Utc>,
    known: BTreeMap<Personnummer, Memory>,
    /// New documents of who shares which case.
    new: Vec<DocumentWrite>,
    /// Whom answers name, by person and month.
    names: BTreeMap<(Personnummer, String), KeptNames>,
    /// Cases that were looked at, and those about to be written; `None` where there is none any more.
    cases: BTreeMap<CaseId, Option<Case>>,
    /// Which of them somebody shares or shared.
    cases_of: BTreeMap<Personnummer, Vec<CaseId>>,
}

/// The documents of a change, and those that it rests on.
#[derive(Default)]
pub struct RememberedWrites {
    /// New versions.
    pub documents: Vec<DocumentWrite>,
    /// What was read and not changed, with its version.
    pub rests_on: Vec<(DocumentRef, u64)>,
    /// Whether it is remembered of somebody whom the answers name that the person is protected, or may live with somebody who is.
    pub(crate) names_protected: bool,
}

impl<'l> Memories<'l> {
    fn new(log: &'l AccessLog, board: OrganisationNumber, at: DateTime<Utc>) -> Self {
        Self {
            log,
            board,
            at,
            known: BTreeMap::new(),
            new: Vec::new(),
            names: BTreeMap::new(),
            cases: BTreeMap::new(),
            cases_of: BTreeMap::new(),
        }
    }

    async fn read(&mut self, person: &Personnummer) -> Result<&mut Memory, LogError> {
        if !self.known.contains_key(person) {
            let (said_version, said) =
                self.newest::<Said>(&DocumentRef::said_of_person(self.board, person)).await?;
            let reference = DocumentRef::protected_in_cases(self.board, person);
            let (in_cases_version, in_cases) = self.newest::<InCases>(&reference).await?;
            let ended = in_cases.as_ref().is_none_or(|found| found.closed_at().is_some());
            let (said, in_cases) = (said.unwrap_or_default(), in_cases.unwrap_or_default());
            let memory = Memory {
                before: (said.clone(), in_cases.clone()),
                said: (said_version, said),
                begins: ended && in_cases_version > 0,
                in_cases: (in_cases_version, in_cases),
            };
            self.known.insert(person.clone(), memory);
        }
        self.known.get_mut(person).ok_or(LogError::Unavailable)
    }

    /// The newest version of a document, and its number also where it is hidden and not erased yet. The number is read first: what
    /// is written from then on is either found or refuses what is written on it.
    async fn newest<T: serde::de::DeserializeOwned>(
        &self,
        reference: &DocumentRef,
    ) -> Result<(u64, Option<T>), LogError> {
        let hidden = self.log.newest_version(reference).await?;
        let found = self.log.document::<T>(reference).await?;
        Ok(found.map_or((hidden, None), |found| (found.version, Some(found.body))))
    }

    /// Remembers what a case says of everybody who stands or stood in it: who is marked, and that what was known of it ends with it.
    /// Returns who is to be told on to the others, since it is not known of all of them that the person does.
    async fn note_case(
        &mut self,
        case: &Case,
        at: DateTime<Utc>,
    ) -> Result<BTreeSet<Personnummer>, LogError> {
        let (closed, everybody) = (closed(case), case.everybody());
        self.cases.insert(case.id.clone(), Some(case.clone()));
        for member in case.members.iter().filter(|member| member.protected) {
            let lifted = self.lifted_marks(&member.person).await?;
            self.read(&member.person).await?.in_cases.1.note_mark(&case.id, closed, &lifted, at);
        }
        let (mut untold, mut protects) = (0, BTreeSet::new());
        for &person in &everybody {
            let memory = self.read(person).await?;
            let known = memory.in_cases.1.protected_in.get_mut(&case.id);
            if let Some(known) = &known
                && known.beside.is_none()
            {
                untold += 1;
            }
            untold += usize::from(known.is_none());
            if let Some(known) = known {
                known.closed = closed;
            }
            let flags_beside = memory.said.1.others(person).next().is_some();
            if flags_beside || memory.of(person).level() > Protection::None {
                protects.insert(person.clone());
            }
        }
        // Whoever is alone in it has nobody beside.
        let is_told = untold <= usize::from(protects.len() == 1) || everybody.len() < 2;
        Ok(if is_told { BTreeSet::new() } else { protects })
    }

    /// Forgets closed cases that are erased: what they said goes with them.
    async fn forget_erased(&mut self) -> Result<(), LogError> {
        for (_, memory) in self.known.iter_mut().filter(|(_, memory)| memory.is_changed().1) {
            let closed = memory.in_cases.1.protected_in.iter().filter(|(_, case)| case.closed.is_some());
            let closed: Vec<_> = closed.map(|(id, _)| id.clone()).collect();
            for id in closed {
                let reference = DocumentRef::case(self.board, &id);
                if self.log.newest_version(&reference).await? == 0 {
                    memory.in_cases.1.protected_in.remove(&id);
                }
            }
        }
        Ok(())
    }

    async fn writes(mut self) -> Result<RememberedWrites, LogError> {
        self.forget_erased().await?;
        let mut writes = RememberedWrites { documents: self.new, ..RememberedWrites::default() };
        for ((person, month), kept) in self.names.into_iter().filter(|(_, kept)| kept.is_changed) {
            let reference = DocumentRef::named_in_answers(self.board, &person, &month);
            writes.documents.push(DocumentWrite::new(reference, kept.version, &kept.body)?.with_record());
        }
        for (person, memory) in self.known {
            let (said_changed, cases_changed) = memory.is_changed();
            let (said_version, said) = memory.said;
            let reference = DocumentRef::said_of_person(self.board, &person);
            match said_changed {
                true => {
                    writes.documents.push(DocumentWrite::new(reference, said_version, &said)?.with_record())
                }
                false => writes.rests_on.push((reference, said_version)),
            }
            let (version, mut in_cases) = memory.in_cases;
            let reference = DocumentRef::protected_in_cases(self.board, &person);
            if cases_changed {
                if memory.begins {
                    in_cases.begun_in = Some(version + 1);
                }
                let write = DocumentWrite::new(reference, version, &in_cases)?.anew_in(in_cases.begun_in);
                writes.documents.push(match in_cases.closed_at() {
                    Some(at) => write.closed(at),
                    None => write,
                });
            } else {
                writes.rests_on.push((reference, version));
            }
        }
        Ok(writes)
    }
}

fn closed(case: &Case) -> Option<DateTime<Utc>> {
    match case.state {
        CaseState::Active => None,
        CaseState::Closed { at } => Some(at),
    }
}

impl AccessLog {
    /// What a board remembers of a person, as it stands.
    pub async fn remembered(
        &self,
        board: OrganisationNumber,
        person: &Personnummer,
    ) -> Result<Remembered, LogError> {
        Ok(Remembered {
            person: person.clone(),
            said: self.document(&DocumentRef::said_of_person(board, person)).await?,
            in_cases: self.document(&DocumentRef::protected_in_cases(board, person)).await?,
        })
    }

    /// What is to be remembered of the answers to a question, with the record that ends it.
    pub(crate) async fn learn(
        &self,
        permit: &Permit,
        learned: &Learned,
        (entry, at): (EntryId, DateTime<Utc>),
    ) -> Result<RememberedWrites, LogError> {
        let mut memories = Memories::new(self, permit.board(), at);
        // That nobody says so of a person matters only to those who share a household.
        let shared = permit.shares_household();
        let (settled, doubtful) = (learned.settled && shared, learned.doubtful && shared);
        let learned = Learned { settled, doubtful, ..learned.clone() };
        let names_protected = memories.names_protected(permit, &learned.named).await?;
        let is_news = learned.flags_somebody() || permit.household_protected();
        let (mut case_version, mut linked) = (None, BTreeSet::new());
        if is_news {
            let reference = DocumentRef::case(permit.board(), permit.case());
            if let Some(case) = self.document::<Case>(&reference).await? {
                memories.cases.insert(case.body.id.clone(), Some(case.body.clone()));
                case_version = Some((reference, case));
            }
        }
        if learned.settled || learned.doubtful || is_news {
            memories.hear(permit.person(), &learned, (entry, at)).await?;
        }
        for (person, agency) in learned.flagged.iter().take(MAX_FLAGGED) {
            let lapsed = memories.lapsed(person).await?;
            memories.read(person).await?.said.1.hear_flag(*agency, &lapsed, entry, at);
        }
        if let Some((_, case)) = &case_version {
            linked.extend(memories.note_case(&case.body, at).await?);
        }
        linked.extend(memories.note_named(permit.person(), learned.named, at).await?);
        memories.settle(linked, at).await?;
        let mut writes = memories.writes().await?;
        writes.rests_on.extend(case_version.map(|(reference, case)| (reference, case.version)));
        writes.names_protected = names_protected;
        Ok(writes)
    }

    /// Whether the board remembers of one of these persons, whom answers name, that the person is protected, or may live with somebody
    /// who is. Of the household the permit tells already.
    pub async fn remembers_one_of(
        &self,
        permit: &Permit,
        named: &BTreeSet<Personnummer>,
    ) -> Result<bool, LogError> {
        Memories::new(self, permit.board(), self.clock.now()).names_protected(permit, named).await
    }

    /// What is to be remembered of a case that is about to be written: of everybody who stands or stood in it.
    pub async fn remember_case(
        &self,
        board: OrganisationNumber,
        case: &Case,
        at: DateTime<Utc>,
    ) -> Result<RememberedWrites, LogError> {
        let mut memories = Memories::new(self, board, at);
        memories.cases.insert(case.id.clone(), Some(case.clone()));
        let new = memories.share(case, at).await?;
        let mut linked = memories.note_case(case, at).await?;
        let mut concerns = false;
        for person in case.everybody() {
            concerns |= memories.read(person).await?.concerns(person);
        }
        if concerns {
            linked.extend(new);
            linked.extend(case.corrections.iter().flat_map(|one| [one.wrong.0.clone(), one.right.0.clone()]));
        }
        memories.settle(linked, at).await?;
        memories.writes().await
    }
}
