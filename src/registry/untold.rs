//! What is still to be told in boards' logs: written in the transaction of what it tells of, so that nothing cuts the one off from the
//! other.

use std::collections::{BTreeMap, BTreeSet};

use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};
use ssbtek_access_log::BROKER;
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};

use crate::concerned::Concerned;

/// Most acts that wait; beyond, the two oldest become one that says how many they were.
const MAX_WAITING: usize = 200;

/// The action of what stands for several acts.
const SEVERAL: &str = "several_untold";

/// What waits until it is told, oldest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ToTell {
    newest: u64,
    waiting: Vec<Untold>,
}

/// An act that some boards are not told of yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Untold {
    /// Its place among all that were ever to be told.
    #[serde(default)]
    pub(crate) number: u64,
    /// When it was done.
    pub(crate) at: DateTime<Utc>,
    /// Who did it, as records name it.
    pub(crate) by: String,
    /// What was done.
    pub(crate) action: String,
    /// To which values.
    pub(crate) to: BTreeMap<String, String>,
    /// Whom it concerns.
    pub(crate) concerned: Concerned,
    /// Which boards those were when it was done.
    pub(crate) boards: BTreeSet<OrganisationNumber>,
    /// Boards of which that could not be read then.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) unsure: BTreeSet<OrganisationNumber>,
}

impl Untold {
    /// Boards that may have to be told.
    pub(crate) fn boards(&self) -> impl Iterator<Item = OrganisationNumber> {
        self.boards.union(&self.unsure).copied()
    }

    /// Leaves the boards out that know it; whether any is left.
    fn is_left(&mut self, known: &BTreeSet<(u64, OrganisationNumber)>) -> bool {
        let number = self.number;
        for boards in [&mut self.boards, &mut self.unsure] {
            boards.retain(|board| !known.contains(&(number, *board)));
        }
        self.boards().next().is_some()
    }

    /// One that stands for both, and says how many it stands for.
    fn with(mut self, later: Untold) -> Self {
        let many = |one: &Untold| match one.action == SEVERAL {
            true => one.to.get("acts").and_then(|acts| acts.parse().ok()).unwrap_or(1),
            false => 1_u64,
        };
        let acts = many(&self) + many(&later);
        let until = later.at.to_rfc3339_opts(SecondsFormat::Millis, true);
        self.boards.extend(later.boards().chain(std::mem::take(&mut self.unsure)));
        let to = BTreeMap::from([("acts".to_owned(), acts.to_string()), ("until".to_owned(), until)]);
        Self { number: later.number, by: BROKER.to_owned(), action: SEVERAL.to_owned(), to, ..self }
    }
}

impl ToTell {
    /// With one more, and without those that `known` boards know.
    pub(crate) fn add(&mut self, untold: Untold, known: &BTreeSet<(u64, OrganisationNumber)>) {
        self.waiting.retain_mut(|waiting| waiting.is_left(known));
        self.newest += 1;
        self.waiting.push(Untold { number: self.newest, ..untold });
        while self.waiting.len() > MAX_WAITING {
            let oldest = self.waiting.remove(0);
            let next = self.waiting.remove(0);
            self.waiting.insert(0, oldest.with(next));
        }
    }

    /// What waits, oldest first.
    pub(crate) fn waiting(&self) -> &[Untold] {
        &self.waiting
    }

    /// Every board that something may wait for.
    pub(crate) fn boards(&self) -> BTreeSet<OrganisationNumber> {
        self.waiting.iter().flat_map(Untold::boards).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(minute: u32, boards: &[OrganisationNumber]) -> Untold {
        Untold {
            number: 0,
            at: format!("2026-11-28T10:{minute:02}:00Z").parse().unwrap(),
            by: "operator 0123456789abcdef".into(),
            action: "publish_terms".into(),
            to: BTreeMap::new(),
            concerned: Concerned::Every,
            boards: boards.iter().copied().collect(),
            unsure: BTreeSet::new(),
        }
    }

    #[test]
    fn what_waits_is_bounded_and_what_finds_no_room_is_counted_and_not_forgotten() {
        let boards = ["162120009994", "162021009994"].map(|board| OrganisationNumber::parse(board).unwrap());
        let mut to_tell = ToTell::default();
        for minute in 0..10 {
            to_tell.add(act(minute, &boards[..1]), &BTreeSet::new());
        }
        for _ in 10..MAX_WAITING + 5 {
            to_tell.add(act(30, &boards[1..]), &BTreeSet::new());
        }
        assert_eq!(to_tell.waiting().len(), MAX_WAITING);
        let (oldest, newest) = (&to_tell.waiting()[0], to_tell.waiting().last().unwrap());
        assert_eq!((oldest.action.as_str(), oldest.by.as_str()), (SEVERAL, BROKER));
        assert_eq!((oldest.to["acts"].as_str(), oldest.number), ("6", 6));
        assert_eq!((oldest.at, oldest.to["until"].as_str()), (act(0, &[]).at, "2026-11-28T10:05:00.000Z"));
        assert_eq!(newest.number, MAX_WAITING as u64 + 5);
        // Once the one board knows what it was to know, the other's is all that waits.
        let known = (1..=10).map(|number| (number, boards[0])).collect();
        to_tell.add(act(40, &boards), &known);
        assert!(to_tell.waiting().iter().all(|act| act.boards.contains(&boards[1])));
        assert_eq!(to_tell.waiting().len(), MAX_WAITING - 4);
    }
}
