//! The merge, in the order that makes it safe: outcomes, protection, withholding, then everything derived. What is told of an
//! agency before that order has come to its end is told as if the person were protected.

use std::collections::BTreeSet;

use ssbtek_access_log::{Manifest, SourceOutcome};
use ssbtek_authorize::{Learned, Permit};
use ssbtek_domain::{Agency, Personnummer, Protection};
use ssbtek_fan_out::Timed;

use crate::{
    DiscrepancyKind, Household, Named, OriginalsWanted, ProtectionSummary, Report, SectionAhead,
    SourceReport, discrepancies, household, learned, named, payments, protection, sources, truthful,
    withhold::withhold,
};

/// Merges the answers to a permitted question, where the board remembers nothing of whomever they name. `originals`: what the caller
/// wants of the agencies' bytes.
pub fn merge(
    permit: &Permit,
    manifest: &Manifest,
    answers: Vec<Timed>,
    originals: OriginalsWanted,
) -> Report {
    let mut merging = Merging::new(permit, manifest, originals);
    for answer in answers {
        merging.take(answer);
    }
    merging.whole(Named::default())
}

/// A merge under way: takes the answers as they come, in whatever order, and gives the same report.
///
/// Until the last one is there it is not known whether anybody is protected: a flag counts whoever raises it. What may be told
/// of an agency before that is its [`SectionAhead`].
pub struct Merging<'a> {
    permit: &'a Permit,
    manifest: &'a Manifest,
    originals: OriginalsWanted,
    held: Vec<Held>,
    said: (Protection, bool),
}

/// An answer that was held to its own facts.
struct Held {
    /// Its place among those that are asked.
    place: usize,
    timed: Timed,
    outcome: SourceOutcome,
    about_another: bool,
}

impl<'a> Merging<'a> {
    /// Nothing has come yet. `originals`: what the caller wants of the agencies' bytes.
    pub fn new(permit: &'a Permit, manifest: &'a Manifest, originals: OriginalsWanted) -> Self {
        let said = (permit.protection().max(Protection::NotKnown), false);
        Self { permit, manifest, originals, held: vec![], said }
    }

    /// Takes one source's answer. Returns its agency.
    pub fn take(&mut self, timed: Timed) -> Agency {
        let Timed { answer, duration_ms } = timed;
        let outcome = SourceOutcome { source: answer.source.clone(), outcome: answer.outcome };
        let (answer, about_another) = truthful::hold(answer, self.permit.person());
        let place = self.manifest.ask.iter().position(|line| line.source == answer.source);
        let agency = answer.source.agency();
        let place = place.unwrap_or(usize::MAX);
        self.held.push(Held { place, timed: Timed { answer, duration_ms }, outcome, about_another });
        agency
    }

    /// What may be told of an agency already, if all of its sources have spoken; of one that is not asked, at once.
    pub fn ahead(&mut self, agency: Agency) -> Option<SectionAhead> {
        let asked = self.manifest.ask.iter().filter(|line| line.source.agency() == agency).count();
        let mut mine: Vec<&Held> =
            self.held.iter().filter(|held| held.timed.answer.source.agency() == agency).collect();
        if mine.len() < asked {
            return None;
        }
        mine.sort_by_key(|held| held.place);
        let mine = mine.into_iter().map(|held| held.timed.clone()).collect();
        let report = sources::report(self.manifest, agency, mine, self.permit.person());
        let learned = learned::learned(
            std::slice::from_ref(&report),
            false,
            Named::default(),
            self.permit.decided_at(),
        );
        let (level, flags_somebody) = self.said;
        let level = level.max(Protection::from_signal(protection::signal(&report)));
        self.said = (level, flags_somebody || learned.flags_somebody());
        Some(SectionAhead::reduced(report, self.permit, self.originals))
    }

    /// What those agencies that may be told of already say of protected identity: the level, at least "not known", and whether
    /// they flag somebody themselves.
    pub fn said_ahead(&self) -> (Protection, bool) {
        self.said
    }

    /// Everybody but the person whom the answers name by number.
    pub fn named(&self) -> BTreeSet<Personnummer> {
        let answers = self.held.iter().map(|held| &held.timed.answer);
        answers.flat_map(|answer| named::named(self.permit.person(), answer)).collect()
    }

    /// The report, once nothing more comes. `named`: those whom the answers name, and what the board remembers of them.
    pub fn whole(self, named: Named) -> Report {
        self.heard(named).whole(&Household::default())
    }

    /// What was heard of the person, once nothing more comes. `named`: those whom the answers name, and what the board remembers of
    /// them.
    pub fn heard(self, named: Named) -> Heard<'a> {
        let Self { permit, manifest, originals, mut held, said: _ } = self;
        held.sort_by_key(|held| held.place);
        let outcomes = held.iter().map(|held| held.outcome.clone()).collect();
        let mut about_others = vec![];
        for agency in held.iter().filter(|held| held.about_another).map(|held| held.outcome.source.agency()) {
            if !about_others.contains(&agency) {
                about_others.push(agency);
            }
        }
        let answers = held.into_iter().map(|held| held.timed).collect();
        let sources = sources::reports(manifest, answers, permit.person());
        let protection = protection::settle(&sources, permit, named.protected);
        let settled = protection.level == Protection::None;
        let learned = learned::learned(&sources, settled, named, permit.decided_at());
        Heard { permit, manifest, originals, sources, outcomes, about_others, protection, learned }
    }
}

/// All answers about one person, nothing withheld yet. What they say of protected identity is for the others of the household too, where
/// those were asked about together with the person.
pub struct Heard<'a> {
    pub(crate) permit: &'a Permit,
    manifest: &'a Manifest,
    originals: OriginalsWanted,
    pub(crate) sources: Vec<SourceReport>,
    outcomes: Vec<SourceOutcome>,
    /// Agencies that sent an answer about somebody else.
    about_others: Vec<Agency>,
    pub(crate) protection: ProtectionSummary,
    pub(crate) learned: Learned,
}

impl Heard<'_> {
    /// The report. `household`: what was heard of those who were asked about together, once nothing more comes of any of them.
    pub fn whole(self, household: &Household) -> Report {
        let Self { permit, manifest, originals, mut sources, outcomes, about_others, .. } = self;
        let (mut protection, mut learned) = (self.protection, self.learned);
        household.settle(permit, &mut protection, &mut learned);
        // Before anything is withheld: what contradicts is compared, never told.
        let mut discrepancies = discrepancies::find(&sources, &about_others);
        let held = protection.hold_back();
        let names_open = permit.names_open();
        if held.is_something() && !names_open {
            // That two agencies have different names links the old one to the new (JO 5932-2012), which a protected child may
            // bear as well.
            discrepancies.retain(|found| found.kind != DiscrepancyKind::Name);
        }
        let household = household::open(permit, &sources, held);
        // The person's own number is nobody else's, whether or not the answer says whom it is about.
        let open: Vec<Personnummer> = household.iter().chain([permit.person()]).cloned().collect();
        for source in &mut sources {
            withhold(source, held, names_open, originals, &open);
        }
        let asked_at = permit.decided_at();
        let payments = payments::lines(&sources, asked_at);
        Report {
            person: permit.person().clone(),
            board_name: permit.board_name().to_owned(),
            processors: manifest.processors.clone(),
            household,
            role: permit.role(),
            asked_at,
            protection,
            sources,
            payments,
            discrepancies,
            outcomes,
            learned,
        }
    }
}
