//! What a board remembers of persons' protected identity: written in the transaction of the record that it rests on.

mod named;
mod shared;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use ssbtek_authorize::{
    Caller, Case, CaseState, DocumentRef, InCases, Learned, Lifted, Permit, Remembered, Said, Stands,
    TokenUse, Versioned, stand_in,
};
use ssbtek_domain::{Agency, CaseId, DateTime, EntryId, OrganisationNumber, Personnummer, Utc};

use crate::{AccessLog, AppendError, Asker, DocumentWrite, LogError, Payload, payload::Named};

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
        self.known(person, &self.said.1, &self.in_cases.1)
    }

    /// Whether who shares a household with the person has somebody protected beside from this change on.
    fn newly_protects_others(&self, person: &Personnummer) -> bool {
        self.of(person).protects_others() && !self.was(person).protects_others()
    }

    /// What was remembered before the change.
    fn was(&self, person: &Personnummer) -> Remembered {
        let (said, in_cases) = &self.before;
        self.known(person, said, in_cases)
    }

    fn known(&self, person: &Personnummer, said: &Said, in_cases: &InCases) -> Remembered {
        Remembered {
            person: person.clone(),
            said: Some(Versioned { version: self.said.0, body: said.clone() }),
            in_cases: Some(Versioned { version: self.in_cases.0, body: in_cases.clone() }),
        }
    }
}

/// What is remembered of several persons of a board, while it is changed.
struct Memories<'l> {
    log: &'l AccessLog,
    board: OrganisationNumber,
    known: BTreeMap<Personnummer, Memory>,
    /// New documents of who shares which case, and whom answers name.
    new: Vec<DocumentWrite>,
    /// Whom the answers to this question name: whose answers they are, and whom.
    heard: Option<(Personnummer, BTreeSet<Personnummer>)>,
    /// What else was read.
    rests_on: Vec<(DocumentRef, u64)>,
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
    fn new(log: &'l AccessLog, board: OrganisationNumber) -> Self {
        Self { log, board, known: BTreeMap::new(), new: Vec::new(), heard: None, rests_on: Vec::new() }
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

    async fn read_household(&mut self, case: &Case) -> Result<Vec<Remembered>, LogError> {
        let mut household = Vec::new();
        for member in &case.members {
            household.push(self.read(&member.person).await?.of(&member.person));
        }
        Ok(household)
    }

    /// Remembers of everybody in a case how they stand in it, if somebody in it is protected.
    async fn note_case(&mut self, case: &Case, at: DateTime<Utc>) -> Result<(), LogError> {
        let household = self.read_household(case).await?;
        let closed = closed(case);
        let stands = stand_in(case, &household);
        for (person, stands) in &stands {
            self.read(person).await?.in_cases.1.note(&case.id, *stands, closed, at);
        }
        for member in &case.members {
            // What was known of the case also ends with it.
            if let Some(known) = self.read(&member.person).await?.in_cases.1.protected_in.get_mut(&case.id) {
                known.closed = closed;
            }
        }
        Ok(())
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
        let mut writes =
            RememberedWrites { documents: self.new, rests_on: self.rests_on, names_protected: false };
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
        let mut memories = Memories::new(self, permit.board());
        // That nobody says so of a person matters only to those who share a household.
        let shared = permit.shares_household();
        let (settled, doubtful) = (learned.settled && shared, learned.doubtful && shared);
        let learned = Learned { settled, doubtful, ..learned.clone() };
        let names_protected = memories.names_protected(permit, &learned.named).await?;
        let is_news = learned.flags_somebody() || permit.household_protected();
        if learned.settled || learned.doubtful || is_news {
            memories.read(permit.person()).await?.said.1.hear(&learned, entry, at);
        }
        for (person, agency) in learned.flagged.iter().take(MAX_FLAGGED) {
            memories.read(person).await?.said.1.hear_flag(*agency, entry, at);
        }
        memories.follow_corrections().await?;
        let mut case_version = None;
        if is_news {
            let reference = DocumentRef::case(permit.board(), permit.case());
            if let Some(case) = self.document::<Case>(&reference).await? {
                memories.note_case(&case.body, at).await?;
                case_version = Some((reference, case.version));
            }
        }
        memories.spread(permit.case(), at).await?;
        memories.note_named(permit.person(), learned.named, at).await?;
        memories.tell_named(at).await?;
        let mut writes = memories.writes().await?;
        writes.rests_on.extend(case_version);
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
        Memories::new(self, permit.board()).names_protected(permit, named).await
    }

    /// What is to be remembered of a case that is about to be written: of everybody in it, if somebody is protected. `corrected`: whose
    /// number was wrong in it until now, and which is right; what was remembered of the one is remembered of the other too.
    pub async fn remember_case(
        &self,
        board: OrganisationNumber,
        case: &Case,
        corrected: Option<(&Personnummer, &Personnummer)>,
        at: DateTime<Utc>,
    ) -> Result<RememberedWrites, LogError> {
        let mut memories = Memories::new(self, board);
        if let Some((wrong, right)) = corrected.filter(|(wrong, right)| wrong != right) {
            memories.carry((wrong, right), case, at).await?;
        }
        memories.share(case, at).await?;
        memories.note_case(case, at).await?;
        memories.spread(&case.id, at).await?;
        memories.tell_named(at).await?;
        memories.writes().await
    }

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
            let writes = self.lifting(caller, person, ground, at).await?;
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

    async fn lifting(
        &self,
        caller: &Caller,
        person: &Personnummer,
        ground: &str,
        at: DateTime<Utc>,
    ) -> Result<RememberedWrites, LiftError> {
        let board = caller.board;
        let lifted = || Some(Lifted { at, by: caller.case_worker.clone(), ground: ground.to_owned() });
        let mut memories = Memories::new(self, board);
        let memory = memories.read(person).await?;
        let (said, in_cases) = (&memory.said.1, &memory.in_cases.1);
        let marks = in_cases.protected_in.values().any(|case| case.marked.is_some());
        let is_said = marks || !said.own.is_empty() || !said.others.is_empty();
        let agencies = said.still_said_by();
        let ids: Vec<_> = in_cases.protected_in.keys().cloned().collect();
        let (mut cases, mut still_in, mut versions) = (Vec::new(), BTreeSet::new(), Vec::new());
        for id in ids {
            let reference = DocumentRef::case(board, &id);
            let Some(case) = self.document::<Case>(&reference).await? else { continue };
            versions.push((reference, case.version));
            let marks = case.body.members.iter().any(|member| member.protected && member.person == *person);
            if marks && case.body.state == CaseState::Active {
                still_in.insert(id);
            }
            cases.push(case.body);
        }
        if !agencies.is_empty() || !still_in.is_empty() {
            return Err(LiftError::StillSaid(agencies, still_in));
        }
        let memory = memories.read(person).await?;
        if is_said && memory.said.0 > 0 {
            memory.said.1 = memory.said.1.lifted(Lifted {
                at,
                by: caller.case_worker.clone(),
                ground: ground.to_owned(),
            });
        }
        if is_said && !memory.in_cases.1.protected_in.is_empty() {
            memory.in_cases.1.protected_in.values_mut().for_each(|case| case.marked = None);
            memory.in_cases.1.lifted = lifted();
        }
        for case in &mut cases {
            // A mark in a closed case says nothing any more.
            case.members
                .iter_mut()
                .filter(|member| member.person == *person)
                .for_each(|m| m.protected = false);
            let household = memories.read_household(case).await?;
            let stands = stand_in(case, &household);
            // Who is no longer in it stands beside nobody there.
            for whose in case.members.iter().map(|member| &member.person).chain([person]) {
                let found = stands.iter().find(|(known, _)| known == whose);
                let beside = found.is_some_and(|(_, Stands { beside, .. })| *beside);
                let known = memories.read(whose).await?;
                if let Some(stands) = known.in_cases.1.protected_in.get_mut(&case.id)
                    && !beside
                {
                    stands.beside = None;
                }
            }
        }
        memories.untell_named(person, at).await?;
        if !is_said && memories.known.values().all(|memory| memory.is_changed() == (false, false)) {
            return Err(LiftError::Nothing);
        }
        let mut writes = memories.writes().await?;
        writes.rests_on.extend(versions);
        Ok(writes)
    }
}
