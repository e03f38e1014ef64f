//! Opening entries: questions that are permitted, and are put from then on.

use ssbtek_authorize::{Caller, Denial, DocumentKind, Facts, Permit};
use ssbtek_domain::{CaseId, EntryId};

use crate::{
    AccessLog, Append, Asker, Door, Intent, LogError, LookUp, Manifest, Opened, Payload, Question, Recheck,
    Refused, Telling,
};

/// How questions that are put together are put.
#[derive(Debug, Clone, Copy)]
pub struct Putting {
    /// Through which door.
    pub door: Door,
    /// How the answer is to be told.
    pub telling: Telling,
    /// The question that they follow, if they do.
    pub follows: Option<EntryId>,
    /// Whether they are one question about everybody in a household: then nobody may have come to the case or left it since it was
    /// decided.
    pub household: bool,
}

impl Putting {
    /// One question by itself, whose answer is told whole.
    pub fn whole(door: Door) -> Self {
        Self { door, telling: Telling::Whole, follows: None, household: false }
    }
}

impl AccessLog {
    /// Records one permitted question by itself, whose answer is told whole; see [`AccessLog::open_all`].
    pub async fn open(&self, permit: &Permit, manifest: &Manifest, door: Door) -> Result<Opened, LogError> {
        let opened = self.open_all(Putting::whole(door), &[(permit, manifest)]).await?.pop();
        opened.ok_or(LogError::Unavailable)
    }

    /// Records permitted questions of one caller, durably, all of them or none, and spends their assertion. Only then may anybody be
    /// asked. If what one of the permits rests on has changed by then, nothing is written ([`Denial::FactsChanged`]): the questions are
    /// to be decided anew.
    pub async fn open_all(
        &self,
        putting: Putting,
        questions: &[(&Permit, &Manifest)],
    ) -> Result<Vec<Opened>, LogError> {
        let Some((first, _)) = questions.first() else { return Ok(Vec::new()) };
        self.open_all_but(putting, first.caller(), questions, &[]).await
    }

    /// The same, and with them the refusals of what was to be put together with them and may not be.
    pub async fn open_all_but(
        &self,
        putting: Putting,
        caller: &Caller,
        questions: &[(&Permit, &Manifest)],
        refused: &[Refused<'_>],
    ) -> Result<Vec<Opened>, LogError> {
        if self.cosigner.as_ref().is_some_and(|cosigner| cosigner.lags_too_far(caller.board)) {
            return Err(LogError::Unavailable);
        }
        let (mut opened, mut appends) = (Vec::<(EntryId, &Permit, Option<CaseId>)>::new(), Vec::new());
        for (permit, manifest) in questions {
            let entry = EntryId::draw(&*self.entropy, permit.decided_at());
            let first = opened.first().map_or(entry, |(first, ..)| *first);
            let household = putting.household.then_some(first);
            let case_alias = match manifest.ask.iter().any(|line| line.case_alias.is_some()) {
                true => Some(self.index(permit.board()).await?.case_alias(permit.case())?),
                false => None,
            };
            let recorded = |line: &crate::ManifestLine| line.recorded(case_alias.as_ref());
            let intent = Intent {
                sources: manifest.ask.iter().map(recorded).collect(),
                household,
                ..intent(putting, permit, manifest)
            };
            appends.push(self.question(entry, permit, intent, putting.household).await?);
            opened.push((entry, *permit, case_alias));
        }
        for refused in refused {
            appends.push(self.refusal(caller, refused).await?);
        }
        if let Some(first) = appends.first_mut() {
            first.once = Some(caller.token.clone());
        }
        let appended = self.store.append_all(appends).await?;
        let opened = opened.into_iter().zip(appended).map(|((entry, permit, case_alias), appended)| Opened {
            entry,
            board: permit.board(),
            at: permit.decided_at(),
            leaf: appended.leaf_hash,
            case_alias,
            left: Vec::new(),
            left_open: Some(self.left_open.clone()),
        });
        Ok(opened.collect())
    }

    /// One question's record, with what must hold and what it counts for.
    async fn question(
        &self,
        entry: EntryId,
        permit: &Permit,
        intent: Intent,
        same_household: bool,
    ) -> Result<Append, LogError> {
        let (board, at) = (permit.board(), permit.decided_at());
        let mut append = self.record(board, entry, at, &Payload::Intent(Box::new(intent))).await?;
        let account = LookUp::CaseWorker(permit.caller().case_worker.as_str());
        let account = self.term(board, account).await?;
        append.question = Some(Question { account, at, at_most: permit.max_questions_an_hour() });
        let (permit, now) = (permit.clone(), self.clock.now());
        append.recheck = Some(Recheck {
            key: permit.facts_key(),
            judge: Box::new(move |facts| match same_household && !is_same_case(&permit, facts) {
                true => Err(Denial::FactsChanged),
                false => permit.still_stands(facts, now),
            }),
        });
        Ok(append)
    }
}

/// Whether the case has not been changed since it was decided.
fn is_same_case(permit: &Permit, facts: &Facts) -> bool {
    let decided = permit.versions().iter().find(|version| version.kind == DocumentKind::Case);
    decided.map(|decided| decided.version) == facts.case.as_ref().map(|case| case.version)
}

fn intent(putting: Putting, permit: &Permit, manifest: &Manifest) -> Intent {
    let Putting { door, telling, follows, household: _ } = putting;
    let wanted = permit.agencies().iter().map(|(agency, _)| *agency);
    let not_permitted = permit.not_permitted().iter().map(|(agency, _)| *agency);
    Intent {
        asker: Asker::from(permit.caller()),
        unit: permit.unit().to_owned(),
        person: permit.person().clone(),
        role: permit.role(),
        case: permit.case().clone(),
        purpose: permit.purpose().clone(),
        period: permit.period(),
        sources: Vec::new(),
        not_permitted: manifest.not_permitted.clone(),
        agencies: wanted.chain(not_permitted).collect(),
        provisional: permit.is_provisional(),
        attested: permit.is_attested(),
        role_alone: permit.asked().person.is_none(),
        number_alone: permit.asked().role.is_none(),
        versions: permit.versions().to_vec(),
        door,
        telling,
        follows,
        household: None,
    }
}
