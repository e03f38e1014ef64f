//! Whom the answers about a person name, and whose answers name the person: the way from somebody who is said to be protected, then or
//! later, to those who may live with the person by an agency's word, whatever their own answers say.
//!
//! One small document for each person and month, made whether or not anybody is protected, sealed under the key of the records of that
//! month and so erased with them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ssbtek_authorize::{DocumentRef, Permit};
use ssbtek_domain::{DateTime, Personnummer, Protection, Utc, calendar::month_of, stockholm_date};
use ssbtek_vault::KeyId;

use super::Memories;
use crate::{LogError, fault::OrTell, payload::Named};

/// Most others named in one question's answers who are looked up; where there are more, one of them counts as protected.
const MAX_LOOKED_UP: usize = 50;
/// Most others who are kept of a person and month, as many as three agencies may name at once. An answer that would name more cannot be
/// recorded, and so does not leave.
const MAX_KEPT: usize = 600;
/// Most months that are looked through, as many as a log is kept at most.
const MAX_MONTHS: u32 = 121;

/// Whom the answers of a month about a person named, and whose answers named the person.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct InAnswers {
    persons: Vec<Named>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    by: Vec<Named>,
}

/// The same while it may be changed, with the version to write the next from.
pub(super) struct KeptNames {
    pub(super) version: u64,
    pub(super) body: InAnswers,
    pub(super) is_changed: bool,
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
    /// is. Each is read, and so rested on.
    pub(super) async fn names_protected(
        &mut self,
        permit: &Permit,
        named: &BTreeSet<Personnummer>,
    ) -> Result<bool, LogError> {
        let named = named.iter().filter(|one| *one != permit.person() && !permit.household().contains(one));
        let named: Vec<_> = named.collect();
        if named.len() > MAX_LOOKED_UP {
            return Ok(true);
        }
        let mut found = false;
        for person in named {
            let known = self.read(person).await?.of(person);
            found |= known.level() > Protection::None || known.protects_beside();
        }
        Ok(found)
    }

    /// Keeps whom the answers about a person name, whoever is protected by now. Returns who is linked to somebody by it for the first
    /// time in this month: nobody, where nobody counts as protected who could be found by it.
    pub(super) async fn note_named(
        &mut self,
        person: &Personnummer,
        mut named: BTreeSet<Personnummer>,
        at: DateTime<Utc>,
    ) -> Result<BTreeSet<Personnummer>, LogError> {
        // The answers of a wrong number may name the right one.
        named.remove(person);
        if named.is_empty() {
            return Ok(BTreeSet::new());
        }
        let month = month_of(at);
        let kept = self.in_answers(person, &month).await?;
        kept.is_changed |= add(&mut kept.body.persons, &named);
        if kept.body.persons.len() > MAX_KEPT {
            return Err(LogError::Unavailable);
        }
        let mut linked = BTreeSet::new();
        for one in &named {
            let kept = self.in_answers(one, &month).await?;
            if !add(&mut kept.body.by, [person]) {
                continue;
            }
            if kept.body.by.len() > MAX_KEPT {
                // Nobody would find whoever names her if she came to be protected: that counts as if it were so.
                kept.body.by.pop();
                self.read(person).await?.said.1.hear_named(one, at);
                continue;
            }
            kept.is_changed = true;
            // Who is protected from now on must find them: both are rested on.
            if self.read(person).await?.concerns(person) | self.read(one).await?.concerns(one) {
                linked.insert(one.clone());
            }
        }
        Ok(linked)
    }

    /// Everybody whom the answers that are kept about a number name, and whose answers name it.
    pub(super) async fn all_named(
        &mut self,
        person: &Personnummer,
    ) -> Result<BTreeSet<Personnummer>, LogError> {
        let mut named = BTreeSet::new();
        for month in self.months()? {
            let kept = &self.in_answers(person, &month).await?.body;
            named.extend(kept.persons.iter().chain(&kept.by).map(|one| one.0.clone()));
        }
        Ok(named)
    }

    async fn in_answers(&mut self, person: &Personnummer, month: &str) -> Result<&mut KeptNames, LogError> {
        let key = (person.clone(), month.to_owned());
        if !self.names.contains_key(&key) {
            let (version, body) =
                self.newest(&DocumentRef::named_in_answers(self.board, person, month)).await?;
            let kept = KeptNames { version, body: body.unwrap_or_default(), is_changed: false };
            self.names.insert(key.clone(), kept);
        }
        self.names.get_mut(&key).ok_or(LogError::Unavailable)
    }

    /// The months of which the board's log has a key, and those about now, in which something may be written just then.
    fn months(&self) -> Result<Vec<String>, LogError> {
        let today = stockholm_date(self.at);
        let mut months = Vec::new();
        let next = today.checked_add_months(chrono::Months::new(1)).into_iter();
        let back = (0..MAX_MONTHS).map_while(|back| today.checked_sub_months(chrono::Months::new(back)));
        for (nth, day) in next.chain(back).enumerate() {
            let month = day.format("%Y-%m").to_string();
            match self.log.vault.open(&KeyId::new(&["log", self.board.as_str(), &month])) {
                Ok(_) => {}
                Err(error) if error.is_absence() && nth <= 2 => {}
                Err(error) if error.is_absence() => continue,
                failed => drop(failed.or_tell(self.board)?),
            }
            months.push(month);
        }
        Ok(months)
    }
}
