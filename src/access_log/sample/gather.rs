//! What the rules need to know of a month, and no more: one short line a question, persons and accounts as numbers.

use std::{collections::HashMap, hash::Hash};

use ssbtek_authorize::{CaseWorker, Denial, DocumentRef};
use ssbtek_domain::{CaseId, CaseWorkerId, DateTime, EntryId, OrganisationNumber, Personnummer, Utc};

use crate::{AccessLog, Intent, LoggedEntry, NowProtected, Payload, ReadError, RecordKind, Standing};

/// One question of the month.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) entry: EntryId,
    pub(super) at: DateTime<Utc>,
    /// Which account, which person, which case.
    pub(super) asker: usize,
    pub(super) person: usize,
    pub(super) case: usize,
    pub(super) protected: bool,
    pub(super) attested: bool,
    pub(super) by_system: bool,
    pub(super) assumed_disclosed: bool,
    pub(super) own_number: bool,
    pub(super) own_family_name: bool,
}

/// A month, and what was done in its cases then and in the days after.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) questions: Vec<Question>,
    /// By case: moments of further questions and changes, in order.
    pub(super) actions: HashMap<usize, Vec<DateTime<Utc>>>,
    /// By account: when it was refused for having asked too much within an hour, in order.
    pub(super) too_many: HashMap<usize, Vec<DateTime<Utc>>>,
}

/// Values as numbers, in the order of their first mention.
struct Numbered<K>(HashMap<K, usize>);

impl<K: Eq + Hash> Numbered<K> {
    fn of(&mut self, key: K) -> usize {
        let next = self.0.len();
        *self.0.entry(key).or_insert(next)
    }
}

/// A month under way.
pub(super) struct Gathering<'a> {
    log: &'a AccessLog,
    board: OrganisationNumber,
    askers: Numbered<CaseWorkerId>,
    persons: Numbered<Personnummer>,
    cases: Numbered<CaseId>,
    now: NowProtected<'a>,
    /// The blind term of each asker's own person number, where the board has registered it.
    own: HashMap<usize, Option<String>>,
    gathered: Gathered,
}

impl<'a> Gathering<'a> {
    pub(super) fn new(log: &'a AccessLog, board: OrganisationNumber) -> Self {
        let (askers, persons) = (Numbered(HashMap::new()), Numbered(HashMap::new()));
        let cases = Numbered(HashMap::new());
        Self {
            log,
            board,
            askers,
            persons,
            cases,
            now: NowProtected::new(log, board),
            own: HashMap::new(),
            gathered: Gathered::default(),
        }
    }

    /// Entries of the month, oldest first.
    pub(super) async fn month(&mut self, entries: &[LoggedEntry]) -> Result<(), ReadError> {
        for entry in entries {
            if let Some((intent, at)) = question(entry) {
                let question = self.question(entry, intent, at).await?;
                self.gathered.questions.push(question);
            }
            if let Some((asker, at)) = asked_too_much(entry) {
                let asker = self.askers.of(asker.clone());
                self.gathered.too_many.entry(asker).or_default().push(at);
            }
        }
        self.later(entries);
        Ok(())
    }

    /// Entries of the days after, oldest first: only what was done in cases counts.
    pub(super) fn later(&mut self, entries: &[LoggedEntry]) {
        for (case, at) in entries.iter().filter_map(action) {
            let case = self.cases.of(case);
            self.gathered.actions.entry(case).or_default().push(at);
        }
    }

    pub(super) fn done(mut self) -> Gathered {
        let Gathered { actions, too_many, .. } = &mut self.gathered;
        actions.values_mut().chain(too_many.values_mut()).for_each(|moments| moments.sort_unstable());
        self.gathered
    }

    async fn question(
        &mut self,
        entry: &LoggedEntry,
        intent: &Intent,
        at: DateTime<Utc>,
    ) -> Result<Question, ReadError> {
        let asker = self.askers.of(intent.asker.case_worker.clone());
        let own_number = match self.own(asker, &intent.asker.case_worker).await? {
            Some(own) => own == self.log.blind_person(self.board, &intent.person)?,
            None => false,
        };
        let ended = entry.ended.as_ref();
        let disclosure = match ended.and_then(|ended| ended.0.payload.as_ref()) {
            Some(Payload::Release(release)) => Some(&release.disclosure),
            _ => None,
        };
        Ok(Question {
            entry: entry.first.header.entry,
            at,
            asker,
            person: self.persons.of(intent.person.clone()),
            case: self.cases.of(intent.case.clone()),
            protected: entry.says_protected() || self.now.of(&intent.person).await? == Standing::Protected,
            attested: intent.attested,
            by_system: !intent.asker.kind.is_person(),
            assumed_disclosed: ended.is_some_and(|ended| ended.0.header.kind == RecordKind::AssumedDisclosed),
            own_number,
            own_family_name: disclosure.is_some_and(|told| told.same_family_name),
        })
    }

    /// The blind term of an account's own number, looked up once a sample.
    async fn own(&mut self, asker: usize, id: &CaseWorkerId) -> Result<Option<String>, ReadError> {
        if let Some(known) = self.own.get(&asker) {
            return Ok(known.clone());
        }
        let account = self.log.document::<CaseWorker>(&DocumentRef::case_worker(self.board, id)).await?;
        let own = account.and_then(|account| account.body.own_number);
        self.own.insert(asker, own.clone());
        Ok(own)
    }
}

fn question(entry: &LoggedEntry) -> Option<(&Intent, DateTime<Utc>)> {
    let Some(Payload::Intent(intent)) = &entry.first.payload else { return None };
    let at = DateTime::parse_from_rfc3339(&entry.first.header.at).ok()?;
    Some((intent, at.to_utc()))
}

/// The account that was refused for having asked too much, and when.
fn asked_too_much(entry: &LoggedEntry) -> Option<(&CaseWorkerId, DateTime<Utc>)> {
    let Some(Payload::Denial(record)) = &entry.first.payload else { return None };
    let at = DateTime::parse_from_rfc3339(&entry.first.header.at).ok()?;
    (record.denial == Denial::TooManyQuestions).then_some((&record.asker.case_worker, at.to_utc()))
}

/// Something done in a case: a change of it, or a further question.
fn action(entry: &LoggedEntry) -> Option<(CaseId, DateTime<Utc>)> {
    let at = DateTime::parse_from_rfc3339(&entry.first.header.at).ok()?.to_utc();
    let about = entry.first.payload.as_ref()?.about();
    let acts = matches!(about.kind, RecordKind::Intent | RecordKind::RegistryChange);
    Some((CaseId::try_from(about.case().filter(|_| acts)?.to_owned()).ok()?, at))
}
