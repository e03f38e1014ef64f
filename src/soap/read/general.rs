//! `generellaFrageparametrar`.

use ssbtek_domain::{
    CaseId, CaseWorkerId, LegalBasis, NaiveDate, OrganisationNumber, OrganisationNumberError, Period,
    Personnummer, PersonnummerError, Processor, Purpose,
};

use super::fields::{Fields, bounded, not_boolean};
use crate::{
    AskedAt, Asker, NumberedProcessor,
    flaws::{Flaw, Flaws},
    lexical,
};

const MAX_NAME_CHARS: usize = 200;
const MAX_CORRELATION_ID_CHARS: usize = 200;
const MAX_LEGAL_TEXT_CHARS: usize = 1_000;
const MAX_PROCESSORS: usize = 10;

/// What was read; a required value that is absent has left a flaw.
pub(super) struct General {
    pub(super) asked_at: Option<AskedAt>,
    pub(super) correlation_id: Option<String>,
    pub(super) echo: bool,
    pub(super) asker: Option<Asker>,
    pub(super) person: Option<Personnummer>,
    pub(super) case: Option<CaseId>,
    pub(super) period: Option<Period>,
    pub(super) processors: Vec<NumberedProcessor>,
    pub(super) purpose: Option<Purpose>,
    pub(super) legal_basis: Option<LegalBasis>,
}

/// The element.
pub(super) const NAME: &str = "generellaFrageparametrar";
/// What it holds.
pub(super) const ELEMENTS: [&str; 10] = [
    "frageTidpunkt",
    "korrelationsid",
    "fraganSkallInkluderasISvaret",
    "ingivare",
    "personidentitet",
    "arendeidentitet",
    "tidsperiod",
    "syfte",
    "lagtext",
    MANY,
];
/// The one that may come several times.
const MANY: &str = "personuppgiftsbitrade";

pub(super) fn read(fields: &Fields<'_>, today: NaiveDate, flaws: &mut Flaws) -> General {
    let (once, many) = ELEMENTS.split_at(ELEMENTS.len() - 1);
    fields.only(once, many, flaws);
    General {
        asked_at: fields.optional_text("frageTidpunkt", flaws).and_then(|text| {
            let moment = AskedAt::parse(text)
                .ok_or_else(|| Flaw::invalid("ska vara en tidpunkt, ÅÅÅÅ-MM-DDTtt:mm:ss"));
            flaws.take("frageTidpunkt", moment)
        }),
        correlation_id: fields
            .optional_text("korrelationsid", flaws)
            .and_then(|text| flaws.take("korrelationsid", bounded(text, MAX_CORRELATION_ID_CHARS))),
        // Required by the schema, with a default; a client that leaves it out means the default.
        echo: fields
            .optional_text("fraganSkallInkluderasISvaret", flaws)
            .and_then(|text| {
                flaws.take("fraganSkallInkluderasISvaret", lexical::boolean(text).ok_or_else(not_boolean))
            })
            .unwrap_or(false),
        asker: fields.group("ingivare", "ingivare", flaws).and_then(|fields| asker(&fields, flaws)),
        person: fields.read("personidentitet", flaws, |text| person(text, today)),
        case: fields.read("arendeidentitet", flaws, CaseId::parse),
        period: fields.group("tidsperiod", "tidsperiod", flaws).and_then(|fields| fields.period(flaws)),
        processors: processors(fields, flaws),
        purpose: fields.read("syfte", flaws, Purpose::parse),
        legal_basis: fields
            .read("lagtext", flaws, |text| bounded(text, MAX_LEGAL_TEXT_CHARS))
            .map(LegalBasis),
    }
}

fn asker(fields: &Fields<'_>, flaws: &mut Flaws) -> Option<Asker> {
    fields.only(&["organisationsnummer", "namn", "handlaggare"], &[], flaws);
    let organisation = fields.read("organisationsnummer", flaws, organisation);
    let name = fields.read("namn", flaws, |text| bounded(text, MAX_NAME_CHARS));
    let case_worker = fields.read("handlaggare", flaws, CaseWorkerId::parse);
    Some(Asker { organisation: organisation?, name: name?, case_worker: case_worker? })
}

/// The contract's form is narrower than the domain's: 12 digits and nothing else.
fn person(text: &str, today: NaiveDate) -> Result<Personnummer, PersonnummerError> {
    if text.len() != 12 {
        return Err(PersonnummerError::Length);
    }
    Personnummer::parse(text, today)
}

/// As [`person`].
fn organisation(text: &str) -> Result<OrganisationNumber, OrganisationNumberError> {
    if text.len() != 12 {
        return Err(OrganisationNumberError::Form);
    }
    OrganisationNumber::parse(text)
}

fn processors(fields: &Fields<'_>, flaws: &mut Flaws) -> Vec<NumberedProcessor> {
    let path = fields.path_of("personuppgiftsbitrade");
    let mut chain: Vec<NumberedProcessor> = fields
        .children("personuppgiftsbitrade")
        .take(MAX_PROCESSORS)
        .filter_map(|element| processor(&fields.inside(element, &path), flaws))
        .collect();
    if fields.children("personuppgiftsbitrade").nth(MAX_PROCESSORS).is_some() {
        flaws.add(&path, Flaw::unexpected("får förekomma högst 10 gånger"));
    }
    chain.sort_by_key(|numbered| numbered.number.map_or(i32::MAX, i32::from));
    chain
}

fn processor(fields: &Fields<'_>, flaws: &mut Flaws) -> Option<NumberedProcessor> {
    fields.only(&["ordningsnummer", "organisationsnummer", "namn"], &[], flaws);
    let number = fields.optional_text("ordningsnummer", flaws).and_then(|text| {
        let number = text.parse::<i16>().map_err(|_| Flaw::invalid("ska vara ett heltal"));
        flaws.take(&fields.path_of("ordningsnummer"), number)
    });
    let organisation = fields.read("organisationsnummer", flaws, organisation);
    let name = fields.read("namn", flaws, |text| bounded(text, MAX_NAME_CHARS));
    Some(NumberedProcessor { number, processor: Processor { organisation: organisation?, name: name? } })
}
