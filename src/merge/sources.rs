//! One report per agency out of the manifest and the answers; funds are composed into SO.

use ssbtek_access_log::Manifest;
use ssbtek_domain::{
    Agency, FUNDS, Note, Outcome, PartOutcome, Personnummer, Source,
    sections::{Section, so},
};
use ssbtek_fan_out::Timed;

use crate::{Originals, SourceReport};

/// All seven agencies in contract order, each with an outcome.
pub(crate) fn reports(
    manifest: &Manifest,
    mut answers: Vec<Timed>,
    person: &Personnummer,
) -> Vec<SourceReport> {
    let of_agency = |agency| {
        let mine = answers.extract_if(.., |timed| timed.answer.source.agency() == agency).collect();
        report(manifest, agency, mine, person)
    };
    Agency::ALL.into_iter().map(of_agency).collect()
}

/// One agency, out of the answers of all its sources.
pub(crate) fn report(
    manifest: &Manifest,
    agency: Agency,
    answers: Vec<Timed>,
    person: &Personnummer,
) -> SourceReport {
    let mut report = empty(manifest, agency);
    match answers.first().map(|timed| timed.answer.source.clone()) {
        None => {}
        Some(Source::Fund(_)) => compose_funds(&mut report, answers, person),
        Some(Source::Agency(_)) => answers.into_iter().for_each(|timed| fill(&mut report, timed)),
    }
    report
}

fn empty(manifest: &Manifest, agency: Agency) -> SourceReport {
    let line = manifest.ask.iter().find(|line| line.source.agency() == agency);
    let not_permitted = manifest.not_permitted.iter().any(|(refused, _)| *refused == agency);
    let outside_period = manifest.outside_period.contains(&agency);
    let mut notes: Vec<Note> = line.and_then(|line| line.note.clone()).into_iter().collect();
    notes.extend(line.and_then(|line| line.case_alias).map(Note::CaseAlias));
    if outside_period && line.is_none() {
        notes.push(Note::PeriodNarrowed("nothing of the period may be asked under the source's own rule"));
    }
    let outcome = match line {
        // Replaced by what the source answers; until then nothing is known of it.
        Some(_) => Outcome::NotReachable,
        None if not_permitted || outside_period => Outcome::NotPermitted,
        None => Outcome::NotAsked,
    };
    SourceReport {
        agency,
        outcome,
        parts: vec![],
        period: line.map(|line| line.period),
        basis: line.map(|line| line.basis.clone()),
        section: None,
        withheld: vec![],
        notes,
        fault_code: None,
        faults: vec![],
        originals: Originals::default(),
        duration_ms: 0,
        unread_flag: false,
    }
}

fn fill(report: &mut SourceReport, timed: Timed) {
    let Timed { answer, duration_ms } = timed;
    report.outcome = answer.outcome;
    report.parts = answer.parts;
    report.section = answer.section;
    report.notes.extend(answer.notes);
    answer.of_others.into_iter().for_each(|name| report.leave_out(name));
    report.fault_code = answer.fault_code;
    report.faults = answer.faults;
    report.originals.all = answer.original.into_iter().collect();
    report.unread_flag = answer.unread_flag;
    report.duration_ms = duration_ms;
}

/// SO's section as SO would have composed it, out of funds asked one by one.
fn compose_funds(report: &mut SourceReport, funds: Vec<Timed>, person: &Personnummer) {
    let mut composed = Vec::with_capacity(funds.len());
    for Timed { answer, duration_ms } in funds {
        let name = fund_name(&answer.source);
        let part = PartOutcome { part: name.clone(), outcome: answer.outcome, code: answer.fault_code };
        let section = match answer.section {
            Some(Section::So(section)) => Some(section),
            _ => None,
        };
        report.parts.push(part);
        report.notes.extend(answer.notes);
        answer.of_others.into_iter().for_each(|name| report.leave_out(name));
        report.originals.all.extend(answer.original);
        report.unread_flag |= answer.unread_flag;
        report.duration_ms = report.duration_ms.max(duration_ms);
        composed.push((name, answer.outcome, section));
    }
    report.outcome =
        Outcome::of_parts(report.parts.iter().map(|part| part.outcome)).unwrap_or(Outcome::NotReachable);
    if composed.iter().any(|(_, _, section)| section.is_some()) {
        let mut section = so::Section::compose(composed);
        section.person.get_or_insert_with(|| person.clone());
        report.section = Some(Section::So(section));
    }
}

fn fund_name(source: &Source) -> String {
    let known = FUNDS.iter().find(|(code, _)| *code == source.code());
    known.map_or_else(|| source.code().to_owned(), |(_, name)| (*name).to_owned())
}
