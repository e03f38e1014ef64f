//! The one place through which anything of an answer leaves: each section after its own re-check, the whole after its record.

mod again;
mod released;

use ssbtek_access_log::{AccessLog, CloseError, Opened};
use ssbtek_authorize::{Denial, DocumentVersion, HeardBeside, Permit, Registry, Whom};
use ssbtek_domain::{Clock, EntryId, Outcome, Protection};
use ssbtek_merge::{Report, SectionAhead};

pub use again::{PartsAgain, TakingUp};
pub use released::{Again, Answer, HouseholdAnswer, Released};

use crate::{
    QueryError,
    parts::{Outlet, Part},
};

/// What is needed to judge and to record.
#[derive(Clone, Copy)]
pub(crate) struct Judges<'a> {
    pub(crate) registry: &'a dyn Registry,
    pub(crate) log: &'a AccessLog,
    pub(crate) clock: &'a dyn Clock,
}

/// An answer on its way out: to one question, or to one of those about a household.
pub(crate) struct Leaving<'a> {
    judges: Judges<'a>,
    permit: &'a Permit,
    opened: Opened,
    /// Which of the questions that are told together it is, and whom it is about where they are of a household.
    place: (usize, Option<Whom>),
    /// Sections that leave only with the whole.
    waiting: Vec<SectionAhead>,
    /// Why nothing more leaves, if so, and what that rests on.
    stopped: Option<(Denial, Vec<DocumentVersion>)>,
    /// What was heard of the others of the household.
    beside: HeardBeside,
}

/// What became of one answer, and the parts of it that leave with it.
pub(crate) struct Ended {
    pub(crate) whole: Result<Released, QueryError>,
    pub(crate) waiting: Vec<Part>,
}

impl<'a> Leaving<'a> {
    /// Of a question that is durably logged.
    pub(crate) fn begin(
        judges: Judges<'a>,
        permit: &'a Permit,
        opened: Opened,
        place: (usize, Option<Whom>),
    ) -> Self {
        let beside = HeardBeside::default();
        Self { judges, permit, opened, place, waiting: vec![], stopped: None, beside }
    }

    pub(crate) fn opened(&self) -> &Opened {
        &self.opened
    }

    /// Why nothing more leaves, if so.
    pub(crate) fn stopped(&self) -> Option<Denial> {
        self.stopped.as_ref().map(|(denial, _)| *denial)
    }

    /// Lets sections leave that are there at the same moment, if what the question rested on still leads to it by the registry as
    /// it is now. If it does not, nothing more leaves. `said`: what was said of protected identity so far.
    pub(crate) async fn sections(
        &mut self,
        sections: Vec<SectionAhead>,
        said: (Protection, bool),
        outlet: &mut Outlet,
    ) {
        if self.stopped.is_some() || !outlet.is_open() || sections.is_empty() {
            return;
        }
        if !self.permit.may_tell_of_protected() {
            return self.waiting.extend(sections);
        }
        // What cannot be judged now waits for the end, which is judged anyway.
        let Ok(facts) = self.judges.registry.facts(&self.permit.facts_key()).await else {
            return self.waiting.extend(sections);
        };
        if let Err(denial) = self.permit.recheck(&facts, said, self.judges.clock.now()) {
            self.stopped = Some((denial, facts.versions(Some(self.permit.person()))));
            return outlet.stopped(self.place.0);
        }
        // No waiting from here on: what was judged is what leaves.
        outlet.said(self.place.0, self.permit, said);
        for section in sections {
            if !matches!(section.report().outcome, Outcome::NotAsked | Outcome::NotPermitted) {
                self.opened.note_leaving(section.report().agency);
            }
            outlet.tell(Some(self.place.0), self.part(section));
        }
    }

    /// Takes in what the whole rests on, before it or that about another of the household is recorded: what is learned with the one is no
    /// change for the other. `beside`: what was heard of the others of the household.
    pub(crate) fn settle(&mut self, report: &Report, beside: HeardBeside, outlet: &mut Outlet) {
        self.beside = beside;
        let disclosure = report.disclosure();
        let said = (disclosure.protection, disclosure.flags_somebody(report.learned()));
        outlet.said(self.place.0, &self.permit.clone().having_heard(self.beside.clone()), said);
    }

    /// Lets the whole leave, once that is durably recorded in the same transaction as the last re-check.
    pub(crate) async fn whole(
        mut self,
        report: Report,
        same_family_name: bool,
        outlet: &mut Outlet,
    ) -> Ended {
        let (log, nth) = (self.judges.log, self.place.0);
        let mut disclosure = report.disclosure();
        disclosure.same_family_name = same_family_name;
        if let Some((denial, versions)) = self.stopped {
            let why = (denial, versions);
            // If this cannot be recorded now, the entry is ended as assumed disclosed.
            let _ = log.withhold(self.opened, self.permit, &disclosure, report.learned(), why).await;
            return Ended { whole: Err(QueryError::Denied(denial)), waiting: vec![] };
        }
        let entry = self.opened.entry();
        let waiting = std::mem::take(&mut self.waiting);
        let waiting = waiting.into_iter().map(|section| self.part(section)).collect();
        let permit = self.permit.clone().having_heard(self.beside);
        let error = match log.close(self.opened, &permit, &disclosure, report.learned()).await {
            Ok(receipt) => {
                let provisional = permit.is_provisional();
                let whole = Ok(Released::new(entry, Answer { report, receipt, provisional }));
                return Ended { whole, waiting };
            }
            Err(CloseError::Denied(denial)) => QueryError::Denied(denial),
            Err(CloseError::Log(_)) => QueryError::Unrecorded,
        };
        outlet.stopped(nth);
        Ended { whole: Err(error), waiting: vec![] }
    }

    fn part(&self, section: SectionAhead) -> Part {
        let released = Box::new(Released::new(self.opened.entry(), section));
        match self.place.1 {
            None => Part::Section(released),
            Some(whom) => Part::MemberSection(whom, released),
        }
    }
}

/// The whole of a household, out of what became of each answer: each has left by itself, or is held back. Where nothing leaves of any of
/// them, the error of the first.
pub(crate) fn household(
    entry: EntryId,
    mut members: Vec<(Whom, Result<Released, QueryError>)>,
) -> Result<Released<HouseholdAnswer>, QueryError> {
    members.sort_by_key(|(whom, _)| *whom);
    let error = members.iter().find_map(|(_, told)| told.as_ref().err().cloned());
    match error {
        Some(error) if members.iter().all(|(_, told)| told.is_err()) => Err(error),
        _ => Ok(Released::new(entry, HouseholdAnswer { members })),
    }
}
