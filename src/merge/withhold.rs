//! What is taken out of an agency's report, by the verdicts on its fields.

use std::collections::BTreeSet;

use ssbtek_domain::{
    Fault, HoldBack, Note, Personnummer,
    sections::skv::names_others,
    verdict::{FREE_TEXT, Withholding, held_names, is_known, is_known_part},
};

use crate::{Originals, OriginalsWanted, SourceReport};

/// Digits of the longest fault code that is a number.
const MAX_CODE_CHARS: usize = 8;

/// Other persons' data always go; of everything else, as much as is held back. The agency's bytes hold both, so they go with
/// either. What is held back for protection's sake is named whether or not it was there, and goes first: what stands in it
/// is not named on its own.
pub(crate) fn withhold(
    source: &mut SourceReport,
    held: HoldBack,
    names_open: bool,
    wanted: OriginalsWanted,
    open: &[Personnummer],
) {
    let mut withholding = Withholding::new(held, names_open);
    let mut names = vec![];
    if let Some(section) = &mut source.section {
        section.facts_mut().withhold(&mut withholding);
        names.extend(section.facts_mut().withhold_others(open));
        names.extend(held_names(source.agency, held, names_open));
    }
    if held.is_something() {
        codes(source, &mut withholding);
        let notes = std::mem::take(&mut source.notes).into_iter().map(Note::unnamed);
        source.notes = notes.collect::<BTreeSet<_>>().into_iter().collect();
    }
    faults(source, held, open);
    names.extend(withholding.withheld().into_iter().filter(|name| *name == FREE_TEXT));
    names.into_iter().for_each(|name| source.leave_out(name));
    let held_back = held.is_something() || !source.withheld.is_empty();
    // Somebody whose things are not this answer's to tell.
    let names_somebody = || source.originals.all.iter().any(|original| original.names_others(open));
    match wanted {
        OriginalsWanted::No => source.originals = Originals::default(),
        OriginalsWanted::AsPayload => {}
        OriginalsWanted::Beside if !held_back && !names_somebody() => {
            source.originals.beside = true;
        }
        OriginalsWanted::Beside => {
            if !std::mem::take(&mut source.originals).all.is_empty() {
                source.withheld.push("originals");
            }
        }
    }
}

/// A source's own words for what went wrong go where anything is held back, and where they name somebody.
fn faults(source: &mut SourceReport, held: HoldBack, open: &[Personnummer]) {
    let names = |fault: &Fault| fault.texts.iter().chain([&fault.code]).any(|text| names_others(text, open));
    source.faults.retain(|fault| !held.is_something() && !names(fault));
}

/// What an agency calls a part of its answer, and its codes for what went wrong, are texts of its own too.
fn codes(source: &mut SourceReport, withholding: &mut Withholding) {
    let is_code =
        |code: &str| code.strip_prefix('-').unwrap_or(code).bytes().all(|byte| byte.is_ascii_digit());
    let mut take = |code: &mut Option<String>| {
        if code.take_if(|code| !(is_known(code) || (code.len() <= MAX_CODE_CHARS && is_code(code)))).is_some()
        {
            withholding.note(FREE_TEXT);
        }
    };
    take(&mut source.fault_code);
    source.parts.iter_mut().for_each(|part| take(&mut part.code));
    for part in &mut source.parts {
        if !is_known_part(&part.part) {
            part.part = "?".to_owned();
            withholding.note(FREE_TEXT);
        }
    }
}
