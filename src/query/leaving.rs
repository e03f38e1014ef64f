//! The one place through which anything of an answer leaves: each section after its own re-check, the whole after its record.

mod again;
mod released;

use ssbtek_access_log::{AccessLog, CloseError, Opened};
use ssbtek_authorize::{Denial, DocumentVersion, Permit, Registry};
use ssbtek_domain::{Clock, Outcome, Protection};
use ssbtek_merge::{Report, SectionAhead};

pub use again::{PartsAgain, TakingUp};
pub use released::{Again, Answer, Released};

use crate::{
    QueryError,
    parts::{Begun, Outlet, Part},
};

/// What is needed to judge and to record.
#[derive(Clone, Copy)]
pub(crate) struct Judges<'a> {
    pub(crate) registry: &'a dyn Registry,
    pub(crate) log: &'a AccessLog,
    pub(crate) clock: &'a dyn Clock,
}

/// An answer on its way out.
pub(crate) struct Leaving<'a> {
    judges: Judges<'a>,
    permit: &'a Permit,
    opened: Opened,
    outlet: &'a mut Outlet,
    /// Sections that leave only with the whole.
    waiting: Vec<SectionAhead>,
    /// Why nothing more leaves, if so, and what that rests on.
    stopped: Option<(Denial, Vec<DocumentVersion>)>,
}

impl<'a> Leaving<'a> {
    /// Of a question that is durably logged. Who asked is told so at once, but where it must not be told from a refusal: of an
    /// account that may not be told of protected persons nothing leaves before it is known whether the person is one.
    pub(crate) fn begin(
        judges: Judges<'a>,
        permit: &'a Permit,
        opened: Opened,
        outlet: &'a mut Outlet,
    ) -> Self {
        outlet.opened(opened.entry(), permit);
        let mut leaving = Self { judges, permit, opened, outlet, waiting: vec![], stopped: None };
        if permit.may_tell_of_protected() {
            leaving.tell_begun();
        }
        leaving
    }

    pub(crate) fn opened(&self) -> &Opened {
        &self.opened
    }

    /// Whether sections are told before the whole.
    pub(crate) fn is_told_as_it_comes(&self) -> bool {
        self.outlet.is_open()
    }

    /// Lets sections leave that are there at the same moment, if what the question rested on still leads to it by the registry as
    /// it is now. If it does not, nothing more leaves. `said`: what was said of protected identity so far.
    pub(crate) async fn sections(&mut self, sections: Vec<SectionAhead>, said: (Protection, bool)) {
        if self.stopped.is_some() || !self.outlet.is_open() || sections.is_empty() {
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
            return self.outlet.end(Err(QueryError::Denied(denial)));
        }
        // No waiting from here on: what was judged is what leaves.
        self.outlet.said(said);
        for section in sections {
            if !matches!(section.report().outcome, Outcome::NotAsked | Outcome::NotPermitted) {
                self.opened.note_leaving(section.report().agency);
            }
            self.tell(section);
        }
    }

    /// Lets the whole leave, once that is durably recorded in the same transaction as the last re-check.
    pub(crate) async fn whole(self, report: Report, same_family_name: bool) -> Result<Released, QueryError> {
        let (log, permit, entry) = (self.judges.log, self.permit, self.opened.entry());
        let mut disclosure = report.disclosure();
        disclosure.same_family_name = same_family_name;
        if let Some((denial, versions)) = self.stopped {
            let why = (denial, versions);
            // If this cannot be recorded now, the entry is ended as assumed disclosed.
            let _ = log.withhold(self.opened, permit, &disclosure, report.learned(), why).await;
            return Err(QueryError::Denied(denial));
        }
        let begun = Begun { entry, asked_at: self.opened.at() };
        self.outlet.said((disclosure.protection, disclosure.flags_somebody(report.learned())));
        let receipt = match log.close(self.opened, permit, &disclosure, report.learned()).await {
            Ok(receipt) => receipt,
            Err(CloseError::Denied(denial)) => return Err(QueryError::Denied(denial)),
            Err(CloseError::Log(_)) => return Err(QueryError::Unrecorded),
        };
        if !permit.may_tell_of_protected() {
            self.outlet.tell(Part::Begun(begun));
        }
        for section in self.waiting {
            self.outlet.tell(Part::Section(Box::new(Released::new(entry, section))));
        }
        let provisional = permit.is_provisional();
        Ok(Released::new(entry, Answer { report, receipt, provisional }))
    }

    fn tell_begun(&mut self) {
        let begun = Begun { entry: self.opened.entry(), asked_at: self.opened.at() };
        self.outlet.tell(Part::Begun(begun));
    }

    fn tell(&mut self, section: SectionAhead) {
        let released = Released::new(self.opened.entry(), section);
        self.outlet.tell(Part::Section(Box::new(released)));
    }
}
