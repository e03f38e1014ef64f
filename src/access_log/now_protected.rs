//! Who is protected by what a board remembers now, whatever an entry itself says: her entries of before the mark tell of her too.

use std::collections::HashMap;

use ssbtek_domain::{OrganisationNumber, Personnummer, Protection};

use crate::{AccessLog, LoggedEntry, LookUp, Payload, ReadError, Reader};

/// Persons held in memory at once; more are looked up anew.
const MAX_KNOWN: usize = 10_000;

/// How a person stands to protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Nothing is remembered.
    None,
    /// Somebody who may live with the person was said to be protected.
    Beside,
    /// The person was.
    Protected,
}

/// What a board remembers of protected persons, each looked up once.
pub struct NowProtected<'l> {
    log: &'l AccessLog,
    board: OrganisationNumber,
    known: HashMap<Personnummer, Standing>,
}

impl<'l> NowProtected<'l> {
    /// Nobody looked up yet.
    pub fn new(log: &'l AccessLog, board: OrganisationNumber) -> Self {
        Self { log, board, known: HashMap::new() }
    }

    /// How a person stands now.
    pub async fn of(&mut self, person: &Personnummer) -> Result<Standing, ReadError> {
        if let Some(known) = self.known.get(person) {
            return Ok(*known);
        }
        let remembered = self.log.remembered(self.board, person).await?;
        let standing = if remembered.level() > Protection::None {
            Standing::Protected
        } else if remembered.protects_beside() {
            Standing::Beside
        } else {
            Standing::None
        };
        if self.known.len() >= MAX_KNOWN {
            self.known.clear();
        }
        self.known.insert(person.clone(), standing);
        Ok(standing)
    }

    /// How whoever an entry names stands, by what the entry says and by what is remembered. `named`: whom its reader has named, and so
    /// knows of.
    pub async fn in_entry(
        &mut self,
        entry: &LoggedEntry,
        named: Option<&Personnummer>,
    ) -> Result<Standing, ReadError> {
        if named.is_none() && entry.says_protected() {
            return Ok(Standing::Protected);
        }
        let mut standing = Standing::None;
        for person in persons(entry).filter(|person| Some(person) != named) {
            standing = standing.max(self.of(&person).await?);
        }
        Ok(standing)
    }
}

/// Everybody whom an entry names: whom it is about, who was read about, and who was logged in at a portal.
fn persons(entry: &LoggedEntry) -> impl Iterator<Item = Personnummer> + use<> {
    let payload = entry.first.payload.as_ref();
    let looked_up = payload.map(|payload| payload.about().look_ups).unwrap_or_default();
    let looked_up = looked_up.into_iter().filter_map(|look_up| match look_up {
        LookUp::Person(number) | LookUp::ReadingAbout(number) => Some(number),
        _ => None,
    });
    let login = match payload {
        Some(Payload::LogRead(read)) => match &read.by {
            Reader::Portal(portal) => Some(portal.login.as_str()),
            Reader::Asker(_) | Reader::Operator(_) => None,
        },
        _ => None,
    };
    let numbers = looked_up.chain(login).filter_map(|number| Personnummer::parse_undated(number).ok());
    numbers.collect::<Vec<_>>().into_iter()
}
