//! In which cases of a board a person shares, or shared, a household: the way from somebody who is said to be protected to everybody who
//! may live with the person, in whichever case that was said. And the way from a number to the others that are the same person's.
//!
//! One small document for each person and case, in a place that is found by the person's number, sealed under the case's key and so
//! erased with it. Who else stands there, and which number was corrected to which, the case itself says.

use serde::{Deserialize, Serialize};
use ssbtek_authorize::{Case, DocumentRef};
use ssbtek_domain::{CaseId, DateTime, Personnummer, Protection, Utc};

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
    /// Keeps of everybody who stands or stood in a case that is about to be written that they share it. Returns those of whom that was
    /// not kept yet.
    pub(super) async fn share(
        &mut self,
        case: &Case,
        at: DateTime<Utc>,
    ) -> Result<Vec<Personnummer>, LogError> {
        let everybody = case.everybody();
        if everybody.len() < 2 {
            return Ok(Vec::new());
        }
        let reference = DocumentRef::case(self.board, &case.id);
        let (mut new, mut is_beyond) = (Vec::new(), case.is_beyond());
        for &person in &everybody {
            let places = self.places(person).await?;
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
            new.push(person.clone());
        }
        if is_beyond {
            for person in everybody {
                let corrected = !case.numbers_of(person).is_empty();
                let known = &mut self.read(person).await?.in_cases.1;
                known.note_beside(&case.id, closed(case), at);
                if corrected {
                    known.note_corrected(&case.id, closed(case), Protection::Sekretessmarkering);
                }
            }
        }
        Ok(new)
    }

    /// The cases that a person shares or shared with somebody, as far as they are kept.
    pub(super) async fn cases_of(&mut self, person: &Personnummer) -> Result<Vec<Case>, LogError> {
        if let Some(known) = self.cases_of.get(person) {
            return Ok(known.iter().filter_map(|id| self.cases.get(id)?.clone()).collect());
        }
        let mut ids: Vec<_> = self.places(person).await?.into_iter().filter_map(|place| place.case).collect();
        // What is about to be written stands in no place yet.
        for (id, case) in &self.cases {
            let stands = case.as_ref().is_some_and(|case| case.everybody().contains(person));
            if stands && !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        self.cases_of.insert(person.clone(), ids.clone());
        Ok(ids.iter().filter_map(|id| self.cases.get(id)?.clone()).collect())
    }

    /// A case as it is, or is about to be.
    pub(super) async fn case(&mut self, id: &CaseId) -> Result<Option<Case>, LogError> {
        if let Some(known) = self.cases.get(id) {
            return Ok(known.clone());
        }
        let found = self.log.document::<Case>(&DocumentRef::case(self.board, id)).await?;
        let found = found.map(|found| found.body);
        self.cases.insert(id.clone(), found.clone());
        Ok(found)
    }

    /// All places of a person.
    async fn places(&mut self, person: &Personnummer) -> Result<Vec<Place>, LogError> {
        let mut places = Vec::with_capacity(PLACES);
        for nth in 0..PLACES {
            let reference = DocumentRef::shared_case(self.board, person, nth);
            // Most are empty; what is written meanwhile refuses what is written on this.
            let (version, shared) = match self.log.newest_version(&reference).await? {
                0 => (0, None),
                _ => self.newest::<Shared>(&reference).await?,
            };
            let case = match shared {
                Some(shared) => self.case(&shared.case).await?.map(|case| case.id),
                None => None,
            };
            places.push(Place { reference, version, case });
        }
        Ok(places)
    }
}
