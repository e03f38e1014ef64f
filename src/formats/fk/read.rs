//! A whole answer of status 200.

use ssbtek_domain::{
    Agency, Original, Outcome, Personnummer, Source, SourceAnswer,
    sections::{
        Section,
        fk::{self, matter::MatterKind, person::GeneralInformation, pm::PensionAgency},
    },
};

use super::{
    codes, failing,
    fields::Fields,
    json::{self, Json},
    looked::{self, Looked},
    matter, other, person, pm,
    question::Asked,
    states,
};
use crate::{HttpAnswer, Refused, notes::Notes, who, who::Named};

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

/// Reads the answer to what was `asked` about `person`.
pub(super) fn read(
    asked: &Asked,
    person: &Personnummer,
    answer: HttpAnswer,
) -> Result<SourceAnswer, Refused> {
    if !answer.content_type.as_deref().is_none_or(is_json) {
        return Err(Refused::breach("LEFI answered with something else than application/json"));
    }
    let document = json::parse(&answer.body)?;
    let notes = Notes::about(person);
    let looked = Looked::default();
    let fields =
        Fields::of(&document, &notes, &looked).ok_or(Refused::breach("LEFI's answer is no JSON object"))?;
    let known = |(name, _): &(String, Json)| MEMBERS.contains(&name.as_str());
    if !fields.members.is_empty() && !fields.members.iter().any(known) {
        return Err(Refused::breach("LEFI's answer has no member of the contract's"));
    }
    // What of each authority could not be told makes its part one in part.
    let pm = pm::pension_agency(fields);
    let mut pm_lost = notes.take_lost();
    let section = fk::Section { pm, ..section(fields, person)? };
    let mut fk_lost = notes.take_lost();
    if failing::is_told(&document) {
        notes.fail();
    }
    let of_fk = fk::Section { pm: PensionAgency::default(), ..section.clone() };
    let held = [of_fk != fk::Section::default(), section.pm != PensionAgency::default()];
    let mut states = states::read(fields, &asked.types, held);
    let inside = looked.judge_object(fields.members, "svar", &notes);
    // What stands beside the lists may be of either, and so may what tells of both.
    let mut either = notes.take_lost();
    for (told, name) in inside {
        looked.judge(told, name, &notes);
        let lost = notes.take_lost();
        match name {
            "formansinformation" => fk_lost |= lost,
            "utlamnare" | "avvikelser" => either |= lost,
            _ => pm_lost |= lost,
        }
    }
    for (part, lost) in [("FK", fk_lost || either), ("PM", pm_lost || either)] {
        if lost {
            states.lose(part);
        }
    }
    // Försäkringskassan's own facts stand in it: without it nobody has said that there are none.
    let held = fields
        .members
        .iter()
        .any(|(name, value)| name == "formansinformation" && matches!(value, Json::Object(_)));
    if let Some(part) = states
        .parts
        .iter_mut()
        .find(|part| part.part == "FK" && matches!(part.outcome, Outcome::Answered | Outcome::AnsweredInPart))
        && !held
    {
        part.outcome = Outcome::AnsweredInPart;
        notes.lose("formansinformation");
    }
    codes::unknown(&section).into_iter().for_each(|note| notes.add(note));
    // Nothing from anybody is no section; facts that came despite a failing state are kept.
    let spoke = matches!(states.outcome, Outcome::Answered | Outcome::AnsweredInPart);
    let section = (spoke || section != fk::Section::default()).then_some(Section::Fk(section));
    let read = SourceAnswer {
        parts: states.parts,
        section,
        fault_code: states.fault_code,
        ..SourceAnswer::without_facts(Source::Agency(Agency::Fk), states.outcome)
    };
    let read = notes.onto(read);
    Ok(SourceAnswer { original: Some(Original { media_type: JSON, bytes: answer.body }), ..read })
}

/// `application/json`, with or without parameters.
fn is_json(content_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case(JSON))
}

/// The facts.
fn section(answer: Fields<'_>, asked: &Personnummer) -> Result<fk::Section, Refused> {
    let mut section = fk::Section::default();
    let Some(fk) = answer.one("formansinformation", |fields| fields) else { return Ok(section) };
    section.others_not_known = person::another_is_left_open(fk);
    section.general = general(answer, fk, asked)?;
    section.person = section.general.iter().find_map(|general| general.person.clone());
    section.paid = fk.lines("utbetalningsuppgift", other::payment);
    section.announced = fk.lines("preliminarautbetalningar", other::payment);
    for kind in MatterKind::ALL {
        section.matters.extend(fk.each(kind.list_name(), |fields| matter::matter(*kind, fields)));
    }
    section.program_assignments = fk.each("programanvisning", other::program_assignment);
    section.program_job_days = fk.each("programjobdagar", other::program_job_days);
    section.sickness_incomes = fk.each("sjukpenninggrundandeInkomstuppgift", other::sickness_income);
    for (historical, list) in [
        (true, "sjukOchAktivitetsersattningSteglosAvrakningHistorik"),
        (false, "sjukOchAktivitetsersattningSteglosAvrakningNulage"),
    ] {
        section.reconciliations.extend(fk.each(list, |fields| other::reconciliation(historical, fields)));
    }
    let tax_ids = fk.each("skatteuppgift", |fields| fields.text("skatteredovisningsnummer"));
    section.tax_ids = tax_ids.into_iter().flatten().collect();
    section.study_notices = fk.each("studiemedelsavisering", other::study_notice);
    let debts = fk.each("underhallsskuld", |fields| fields.money("belopp"));
    section.maintenance_debts = debts.into_iter().flatten().collect();
    section.life_certificates = fk.each("levnadsintygsuppgift", other::life_certificate);
    section.pension_balances = fk.each("intjanandebehallning", other::pension_balance);
    section.pension_years = fk.each("intjanandeuppgift", other::pension_year);
    Ok(section)
}

/// `generellPersoninformation[]`: about the person asked about, and about nobody else.
fn general(
    answer: Fields<'_>,
    fk: Fields<'_>,
    asked: &Personnummer,
) -> Result<Vec<GeneralInformation>, Refused> {
    let told = fk.each_of_others("generellPersoninformation", |fields| fields);
    let several = told.len() > 1;
    let mut all = vec![];
    for fields in told {
        let number = match fields.raw("personnummer", looked::is_text_or_number) {
            None => None,
            Some(Json::Text(number) | Json::Number(number, _)) => Some(number),
            Some(_) => return Err(Refused::NOBODY_NAMED),
        };
        let person = match number {
            Some(number) if who::is_asked(asked, number) => Some(asked.clone()),
            Some(_) => return Err(Refused::ANOTHER_PERSON),
            // Of several, one that does not say whom it is about may be about anybody.
            None if several => {
                return Err(Refused::SEVERAL_PERSONS);
            }
            None if fields.names_only_others() => return Err(Refused::ANOTHER_PERSON),
            None if fields.says_anything() && answer.named() != Named::Asked => {
                return Err(Refused::NOBODY_NAMED);
            }
            None => None,
        };
        all.push(person::general(fields, person));
    }
    Ok(all)
}
