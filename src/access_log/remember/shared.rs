//! In which cases of a board a person shares a household: the way from somebody who is said to be protected to everybody who may live
//! with the person, in whichever case that was said.
//!
//! One small document for each person and case, in a place that is found by the person's number, sealed under the case's key and so
//! erased with it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ssbtek_authorize::{Case, DocumentRef, Stands};
use ssbtek_domain::{CaseId, DateTime, Personnummer, Utc};

use super::{Memories, closed};
use crate::{DocumentWrite, LogError};

/// Places for the cases of a board in which a person shares a household, closed ones as long as they are kept. Of somebody who stands
/// in more nobody can say with whom the person lives: everybody in a case beyond them counts as beside somebody protected.
const PLACES: usize = 16;

/// What stands in a place.
#[derive(Serialize, Deserialize)]
struct Shared {
    case: CaseId,
}

/// A place, with the version to write it from.
struct Place {
    reference: DocumentRef,
    version: u64,
    /// The case that it tells of, unless that is no longer kept.
    case: Option<CaseId>,
}

impl Memories<'_> {
    /// Keeps of everybody in a case that is about to be written that they share it.
    pub(super) async fn share(&mut self, case: &Case, at: DateTime<Utc>) -> Result<(), LogError> {
        let persons: BTreeSet<_> = case.members.iter().map(|member| &member.person).collect();
        if persons.len() < 2 {
            return Ok(());
        }
        let reference = DocumentRef::case(self.board, &case.id);
        let mut is_beyond = false;
        for person in persons {
            let places = self.places(person, Some(&case.id)).await?;
            if places.iter().any(|place| place.case.as_ref() == Some(&case.id)) {
                continue;
            }
            let Some(free) = places.into_iter().find(|place| place.case.is_none()) else {
                is_beyond = true;
                continue;
            };
            let shared = Shared { case: case.id.clone() };
            let write = DocumentWrite::new(free.reference, free.version, &shared)?;
            self.new.push(write.within(reference.clone()));
        }
        if is_beyond {
            for member in &case.members {
                let stands = Stands { marked: member.protected, beside: true };
                self.read(&member.person).await?.in_cases.1.note(&case.id, stands, closed(case), at);
            }
        }
        Ok(())
    }

    /// Remembers of whoever shares a case with somebody who counts as protected from now on that the person does. `noted`: the case in
    /// which that is known already.
    pub(super) async fn spread(&mut self, noted: &CaseId, at: DateTime<Utc>) -> Result<(), LogError> {
        let mut told = BTreeSet::new();
        while let Some(person) = self.newly_protecting(&told) {
            for place in self.places(&person, None).await? {
                self.rests_on.push((place.reference, place.version));
                let Some(id) = place.case.filter(|id| id != noted) else { continue };
                let reference = DocumentRef::case(self.board, &id);
                let Some(case) = self.log.document::<Case>(&reference).await? else { continue };
                self.note_case(&case.body, at).await?;
                self.rests_on.push((reference, case.version));
            }
            told.insert(person);
        }
        Ok(())
    }

    fn newly_protecting(&self, told: &BTreeSet<Personnummer>) -> Option<Personnummer> {
        let is_news = |person: &Personnummer| {
            self.known.get(person).is_some_and(|memory| memory.newly_protects_others(person))
        };
        self.known.keys().find(|person| !told.contains(*person) && is_news(person)).cloned()
    }

    /// All places of a person; `written`: a case that counts as there, because it is about to be.
    async fn places(&self, person: &Personnummer, written: Option<&CaseId>) -> Result<Vec<Place>, LogError> {
        let mut places = Vec::with_capacity(PLACES);
        for nth in 0..PLACES {
            let reference = DocumentRef::shared_case(self.board, person, nth);
            // Most are empty; what is written meanwhile refuses what is written on this.
            let (version, shared) = match self.log.newest_version(&reference).await? {
                0 => (0, None),
                _ => self.newest::<Shared>(&reference).await?,
            };
            let mut case = shared.map(|shared| shared.case);
            if let Some(id) = case.as_ref().filter(|id| Some(*id) != written)
                && self.log.document::<Case>(&DocumentRef::case(self.board, id)).await?.is_none()
            {
                case = None;
            }
            places.push(Place { reference, version, case });
        }
        Ok(places)
    }
}
