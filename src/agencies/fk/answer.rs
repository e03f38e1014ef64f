//! A whole answer of status 200.

use ssbtek_domain::{
    Agency, Note, Original, Outcome, Personnummer, Source, SourceAnswer,
    sections::{
        Section,
        fk::{self, matter::MatterKind},
    },
};

use super::{
    codes,
    fields::{Fields, Key, key},
    json, matter, other, person, pm,
    question::Asked,
    states,
};
use crate::{HttpAnswer, Refused};

/// Media type of the contract.
const JSON: &str = "application/json";

/// What an answer consists of; each may be left out.
const MEMBERS: [&str; 8] = [
    "utlamnare",
    "avvikelser",
    "formansinformation",
    "ansprak",
    "beslut",
    "preliminaraUtbetalningar",
    "utbetalningar",
    "ovrigInformation",
];

/// Names under `formansinformation` that are no lists of matters.
const OTHER_LISTS: [&str; 13] = [
    "generellPersoninformation",
    "intjanandebehallning",
    "intjanandeuppgift",
    "levnadsintygsuppgift",
    "preliminarautbetalningar",
    "programanvisning",
    "programjobdagar",
    "sjukOchAktivitetsersattningSteglosAvrakningHistorik",
    "sjukOchAktivitetsersattningSteglosAvrakningNulage",
    "sjukpenninggrundandeInkomstuppgift",
    "skatteuppgift",
    "studiemedelsavisering",
    "underhallsskuld",
];

/// Reads the answer to what was `asked` about `person`.
pub(super) fn read(
    asked: &Asked,
    person: &Personnummer,
    answer: HttpAnswer,
) -> Result<SourceAnswer, Refused> {
    if !answer.content_type.as_deref().is_none_or(is_json) {
        return Err(Refused("LEFI answered with something else than application/json"));
    }
    let document = json::parse(&answer.body)?;
    let fields = Fields::of(&document, Refused("LEFI's answer is no JSON object"))?;
    if !fields.0.is_empty() && !fields.0.iter().any(|(name, _)| MEMBERS.contains(&name.as_str())) {
        return Err(Refused("LEFI's answer has no member of the contract's"));
    }
    let states = states::read(fields, &asked.types)?;
    let (section, unknown_list) = section(fields, person)?;
    let mut notes = states.notes;
    if unknown_list {
        notes.push(Note::UnknownCode("formansinformation"));
    }
    for note in codes::unknown(&section) {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    // Nothing from anybody is no section; facts that came despite a failing state are kept.
    let spoke = matches!(states.outcome, Outcome::Answered | Outcome::AnsweredInPart);
    let section = (spoke || section != fk::Section::default()).then_some(Section::Fk(section));
    Ok(SourceAnswer {
        source: Source::Agency(Agency::Fk),
        outcome: states.outcome,
        parts: states.parts,
        section,
        original: Some(Original { media_type: JSON, bytes: answer.body }),
        fault_code: states.fault_code,
        notes,
        unread_flag: false,
    })
}

/// `application/json`, with or without parameters.
fn is_json(content_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case(JSON))
}

/// The facts, and whether FK sent a list that the contract does not name.
fn section(answer: Fields<'_>, person: &Personnummer) -> Result<(fk::Section, bool), Refused> {
    let mut section = fk::Section { pm: pm::pension_agency(answer)?, ..fk::Section::default() };
    let Some(fk) = answer.one(key!("formansinformation"), Ok)? else { return Ok((section, false)) };
    section.general =
        fk.each(key!("generellPersoninformation"), |general| person::general(general, person))?;
    if section.general.len() > 1 {
        return Err(key!("generellPersoninformation").refused);
    }
    section.person = section.general.iter().find_map(|general| general.person.clone());
    section.paid = fk.each(key!("utbetalningsuppgift"), other::payment)?;
    section.announced = fk.each(key!("preliminarautbetalningar"), other::payment)?;
    for kind in MatterKind::ALL {
        let key =
            Key { name: kind.list_name(), refused: Refused("a list of LEFI's matters breaks the contract") };
        section.matters.extend(fk.each(key, |fields| matter::matter(*kind, fields))?);
    }
    section.program_assignments = fk.each(key!("programanvisning"), other::program_assignment)?;
    section.program_job_days = fk.each(key!("programjobdagar"), other::program_job_days)?;
    section.sickness_incomes = fk.each(key!("sjukpenninggrundandeInkomstuppgift"), other::sickness_income)?;
    for (historical, key) in [
        (true, key!("sjukOchAktivitetsersattningSteglosAvrakningHistorik")),
        (false, key!("sjukOchAktivitetsersattningSteglosAvrakningNulage")),
    ] {
        section.reconciliations.extend(fk.each(key, |fields| other::reconciliation(historical, fields))?);
    }
    let tax_ids = fk.each(key!("skatteuppgift"), |fields| fields.text(key!("skatteredovisningsnummer")))?;
    section.tax_ids = tax_ids.into_iter().flatten().collect();
    section.study_notices = fk.each(key!("studiemedelsavisering"), other::study_notice)?;
    let debts = fk.each(key!("underhallsskuld"), |fields| fields.money(key!("belopp")))?;
    section.maintenance_debts = debts.into_iter().flatten().collect();
    section.life_certificates = fk.each(key!("levnadsintygsuppgift"), other::life_certificate)?;
    section.pension_balances = fk.each(key!("intjanandebehallning"), other::pension_balance)?;
    section.pension_years = fk.each(key!("intjanandeuppgift"), other::pension_year)?;
    let known = |name: &str| {
        name == "utbetalningsuppgift"
            || OTHER_LISTS.contains(&name)
            || MatterKind::ALL.iter().any(|kind| kind.list_name() == name)
    };
    let unknown_list = fk.0.iter().any(|(name, _)| !known(name));
    Ok((section, unknown_list))
}
