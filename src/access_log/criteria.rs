//! What entries must fulfil, several things at once.

use ssbtek_domain::{
    Agency, CaseId, CaseWorkerId, DateTime, EntryId, OrganisationNumber, Outcome, Personnummer, Protection,
    Utc,
};

use crate::{Disclosure, Filter, LoggedEntry, LookUp, Payload, RecordKind, Selection, SourceOutcome};

/// What an entry must fulfil; what is `None` is not asked.
#[derive(Debug, Clone, Default)]
pub struct Criteria {
    /// About this person. Readings about a person are found only together with `kind`.
    pub person: Option<Personnummer>,
    /// By this account.
    pub case_worker: Option<CaseWorkerId>,
    /// In this case.
    pub case: Option<CaseId>,
    /// This entry.
    pub entry: Option<EntryId>,
    /// By an account of this unit.
    pub unit: Option<String>,
    /// Opened at this moment or later.
    pub from: Option<DateTime<Utc>>,
    /// Opened before this moment.
    pub until: Option<DateTime<Utc>>,
    /// This agency was to be asked.
    pub agency: Option<Agency>,
    /// A source (the agency's, if one is named) had this outcome.
    pub outcome: Option<Outcome>,
    /// The person's protection was at least this.
    pub protection: Option<Protection>,
    /// This organisation stands in the chain of processors (personuppgiftsbiträde).
    pub agent: Option<OrganisationNumber>,
    /// The first record is of this kind.
    pub kind: Option<RecordKind>,
    /// The case rests on the board's own attestation.
    pub attested: Option<bool>,
}

impl Criteria {
    /// Everything asked about one person.
    pub fn about(person: &Personnummer) -> Self {
        Self { person: Some(person.clone()), ..Self::default() }
    }

    /// Whether it selects by protection, so that what it finds tells of protected persons.
    pub fn looks_for_protected(&self) -> bool {
        self.protection.is_some_and(|least| least > Protection::None)
            || self.kind == Some(RecordKind::ProtectionLifted)
    }

    /// The one look-up that narrows most; the rest is judged on what it finds.
    pub(crate) fn filter(&self) -> Filter {
        if let Some(entry) = self.entry {
            Filter::Entry(entry)
        } else if let Some(person) = &self.person {
            if self.wants_readings() {
                Filter::ReadingsAbout(person.clone())
            } else {
                Filter::Person(person.clone())
            }
        } else if let Some(case) = &self.case {
            Filter::Case(case.clone())
        } else if let Some(account) = &self.case_worker {
            Filter::CaseWorker(account.clone())
        } else {
            Filter::All
        }
    }

    fn wants_readings(&self) -> bool {
        self.kind == Some(RecordKind::LogRead)
    }

    /// What must lead to the first record.
    fn look_ups(&self) -> Vec<LookUp<'_>> {
        let about = if self.wants_readings() { LookUp::ReadingAbout } else { LookUp::Person };
        let person = self.person.as_ref().map(|person| about(person.expose()));
        let case = self.case.as_ref().map(|case| LookUp::Case(case.as_str()));
        let account = self.case_worker.as_ref().map(|account| LookUp::by(account.as_str()));
        [person, case, account].into_iter().flatten().collect()
    }

    /// By what is searched: the names of what is set, never its content.
    pub fn name(&self) -> String {
        let selection = self.selection();
        let names: Vec<_> = selection.pairs().map(|(name, _)| name).collect();
        if names.is_empty() { "all".to_owned() } else { names.join("+") }
    }

    /// By what is searched, with the content, for the sealed record of the reading.
    pub fn selection(&self) -> Selection {
        let moment = |at: &DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let set = [
            ("entry", self.entry.map(|entry| entry.to_string())),
            ("person", self.person.as_ref().map(|person| person.expose().to_owned())),
            ("case", self.case.as_ref().map(|case| case.as_str().to_owned())),
            ("case_worker", self.case_worker.as_ref().map(|account| account.as_str().to_owned())),
            ("unit", self.unit.clone()),
            ("from", self.from.as_ref().map(moment)),
            ("until", self.until.as_ref().map(moment)),
            ("agency", self.agency.map(|agency| agency.code().to_owned())),
            ("outcome", self.outcome.map(|outcome| outcome.as_str().to_owned())),
            ("protection", self.protection.map(|level| level.as_str().to_owned())),
            ("agent", self.agent.map(|agent| agent.to_string())),
            ("kind", self.kind.map(|kind| kind.as_str().to_owned())),
            ("attested", self.attested.map(|attested| attested.to_string())),
        ];
        set.into_iter().fold(Selection::default(), |selection, (name, value)| match value {
            Some(value) => selection.with(name, value),
            None => selection,
        })
    }

    /// Whether an entry fulfils everything that is asked. Of an erased one only its id, kind and time are known, and what the
    /// look-up itself found.
    pub(crate) fn matches(&self, entry: &LoggedEntry) -> bool {
        self.holds_time(&entry.first.header.at)
            && self.kind.is_none_or(|kind| kind == entry.first.header.kind)
            && self.asked(entry)
            && self.answered(entry)
    }

    fn holds_time(&self, at: &str) -> bool {
        if self.from.is_none() && self.until.is_none() {
            return true;
        }
        let at = DateTime::parse_from_rfc3339(at).map(|at| at.to_utc());
        at.is_ok_and(|at| {
            self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
        })
    }

    fn asked(&self, entry: &LoggedEntry) -> bool {
        let look_ups = self.look_ups();
        let Some(payload) = &entry.first.payload else {
            let Self { unit, agency, agent, attested, .. } = self;
            // Of several look-ups only one led here.
            return unit.is_none()
                && agency.is_none()
                && agent.is_none()
                && attested != &Some(true)
                && look_ups.len() <= 1;
        };
        let about = payload.about();
        let goes_through = |wanted| {
            let mut processors = about.asker.iter().flat_map(|asker| &asker.processors);
            processors.any(|link| link.organisation == wanted)
        };
        look_ups.iter().all(|wanted| about.look_ups.contains(wanted))
            && self.attested.is_none_or(|wanted| wanted == about.attested)
            && self.unit.as_deref().is_none_or(|wanted| about.unit == Some(wanted))
            && self
                .agency
                .is_none_or(|wanted| about.sources.iter().any(|line| line.source.agency() == wanted))
            && self.agent.is_none_or(goes_through)
    }

    fn answered(&self, entry: &LoggedEntry) -> bool {
        if self.outcome.is_none() && self.protection.is_none() {
            return true;
        }
        let (outcomes, disclosure): (&[SourceOutcome], Option<&Disclosure>) =
            match entry.ended.as_ref().and_then(|ended| ended.0.payload.as_ref()) {
                Some(Payload::Release(release)) => (&release.disclosure.outcomes, Some(&release.disclosure)),
                Some(Payload::Withheld(withheld)) => (&withheld.outcomes, None),
                _ => return false,
            };
        self.outcome.is_none_or(|wanted| {
            let of_agency = |line: &&SourceOutcome| self.agency.is_none_or(|a| line.source.agency() == a);
            outcomes.iter().filter(of_agency).any(|line| line.outcome == wanted)
        }) && self.protection.is_none_or(|least| disclosure.is_some_and(|told| told.protection >= least))
    }
}
