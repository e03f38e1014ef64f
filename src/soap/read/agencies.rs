//! `specifikaFrageparametrar`: what each agency is asked.

use std::collections::BTreeMap;

use ssbtek_domain::{Agency, SkvRequest};
use ssbtek_formats::csn;

use super::{
    fields::{Fields, bounded, not_boolean},
    general::General,
};
use crate::{
    AGENCIES, AgencyError, AgencyQuestion, Asked, FaultCode, LefiQuestion, Version,
    flaws::{Flaw, Flaws},
    form::{Asks, place},
    lexical,
};

/// The element.
pub(super) const NAME: &str = "specifikaFrageparametrar";
/// The LEFI version that is spoken here, and the one meant when none is named.
const LEFI_VERSION: &str = "v9";
const MAX_ACTOR_ID_CHARS: usize = 64;
const MAX_YEARS: usize = 20;

/// The agencies included. An agency's block that is left out, or not included, asks nothing, and what may stand inside
/// it is passed over.
pub(super) fn read(
    fields: &Fields<'_>,
    version: Version,
    general: &General,
    flaws: &mut Flaws,
) -> BTreeMap<Agency, AgencyQuestion> {
    fields.only(&AGENCIES.map(Agency::code), &[], flaws);
    let mut asked = BTreeMap::new();
    for agency in AGENCIES {
        let Some(element) = fields.child(agency.code()) else { continue };
        let block = fields.inside(element, agency.code());
        if included(&block, flaws) {
            asked
                .extend(question(agency, &block, version, general, flaws).map(|question| (agency, question)));
        }
    }
    asked
}

fn included(block: &Fields<'_>, flaws: &mut Flaws) -> bool {
    let path = block.path_of("@inkludera");
    let Some(written) = block.element().attr("inkludera") else {
        flaws.missing(&path);
        return false;
    };
    flaws.take(&path, lexical::boolean(written.trim()).ok_or_else(not_boolean)).unwrap_or(false)
}

fn question(
    agency: Agency,
    block: &Fields<'_>,
    version: Version,
    general: &General,
    flaws: &mut Flaws,
) -> Option<AgencyQuestion> {
    let plain = AgencyQuestion { period: None, asked: Asked::Standard, refusal: None };
    match place(agency, version)?.asks {
        Asks::Period => {
            block.only(&["tidsperiod"], &[], flaws);
            let period = block
                .child("tidsperiod")
                .and_then(|element| block.inside(element, &block.path_of("tidsperiod")).period(flaws));
            let refusal = if agency == Agency::Csn { csn_limits(general) } else { None };
            Some(AgencyQuestion { period, refusal, ..plain })
        }
        Asks::Lefi => lefi(block, general, flaws),
        Asks::Parts => skv(block, flaws).map(|asked| AgencyQuestion { asked, ..plain }),
        Asks::Document => {
            block.only(&[], &[], flaws);
            Some(AgencyQuestion { asked: Asked::SkvDocument, ..plain })
        }
        Asks::Nothing => {
            block.only(&[], &[], flaws);
            Some(plain)
        }
    }
}

/// CSN's own limit, shorter than the contract's: CSN alone refuses, with its own code for it, and the others go on. A case's
/// longer identity is no matter: CSN is told an alias of it.
fn csn_limits(general: &General) -> Option<AgencyError> {
    let too_long = general.asker.as_ref()?.case_worker.as_str().chars().count() > csn::MAX_ID_CHARS;
    let text = format!("ingivare/handlaggare: får ha högst {} tecken hos CSN", csn::MAX_ID_CHARS);
    too_long.then(|| AgencyError::own_as("-1005", text))
}

fn lefi(block: &Fields<'_>, general: &General, flaws: &mut Flaws) -> Option<AgencyQuestion> {
    block.only(&["fraga"], &[], flaws);
    let Some(element) = block.child("fraga") else {
        return Some(AgencyQuestion { period: None, asked: Asked::Standard, refusal: None });
    };
    let fields = block.inside(element, "FK/fraga");
    fields.only(&["version", "aktorsid", "lefiJsonFraga"], &[], flaws);
    let version = fields
        .optional_text("version", flaws)
        .and_then(|text| flaws.take(&fields.path_of("version"), bounded(text, 16)));
    let actor_id = fields.read("aktorsid", flaws, actor_id);
    let refusal = version.as_deref().filter(|version| *version != LEFI_VERSION).map(|_| {
        AgencyError::own(FaultCode::LefiVersion, format!("FK/fraga/version: här används LEFI {LEFI_VERSION}"))
    });
    let encoded = fields.text("lefiJsonFraga", flaws);
    let question = LefiQuestion::read(version, actor_id?, encoded?, general.person.as_ref());
    let asked = Asked::Lefi(flaws.take(&fields.path_of("lefiJsonFraga"), question)?);
    Some(AgencyQuestion { period: None, asked, refusal })
}

/// It becomes part of an address at LEFI: nothing that could change the address gets in.
fn actor_id(text: &str) -> Result<String, Flaw> {
    let holds = text.len() <= MAX_ACTOR_ID_CHARS
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        && text.bytes().any(|b| b != b'.');
    if holds {
        Ok(text.to_owned())
    } else {
        Err(Flaw::invalid("har fel form (bokstäver, siffror och bindestreck)"))
    }
}

/// v11 alone. The schema makes `fraga` optional, but Skatteverket cannot be asked without it.
fn skv(block: &Fields<'_>, flaws: &mut Flaws) -> Option<Asked> {
    block.only(&["fraga"], &[], flaws);
    if block.child("fraga").is_none() {
        flaws.add("SKV/fraga", Flaw::missing_because("krävs i version 11 när SKV inkluderas"));
        return None;
    }
    let fields = block.group("fraga", "SKV/fraga", flaws)?;
    let parts =
        ["foretagsinformation", "individuppgifter", "skattekonto", "skatteuppgifter", "beskattningsbilagor"];
    fields.only(&parts, &["ar"], flaws);
    let years = years(&fields, flaws);
    let [company, individual, account, data, appendices] = parts.map(|part| fields.boolean(part, flaws));
    let request = SkvRequest {
        years: years?,
        company_information: company?,
        individual_statements: individual?,
        tax_account: account?,
        tax_data: data?,
        tax_appendices: appendices?,
    };
    if parts_wanted(&request) {
        Some(Asked::Skv(request))
    } else {
        flaws.add("SKV/fraga", Flaw::invalid("ingen av de fem delarna är vald"));
        None
    }
}

fn parts_wanted(request: &SkvRequest) -> bool {
    request.company_information
        || request.individual_statements
        || request.tax_account
        || request.tax_data
        || request.tax_appendices
}

fn years(fields: &Fields<'_>, flaws: &mut Flaws) -> Option<Vec<i32>> {
    let path = fields.path_of("ar");
    let year = |text: &str| match text.parse::<i32>() {
        Ok(year) if (1900..=2200).contains(&year) => Ok(year),
        _ => Err(Flaw::invalid("ska vara ett år, ÅÅÅÅ")),
    };
    let written: Vec<_> = fields.children("ar").take(MAX_YEARS + 1).collect();
    if written.is_empty() {
        flaws.missing(&path);
        return None;
    }
    if written.len() > MAX_YEARS {
        flaws.add(&path, Flaw::unexpected("får förekomma högst 20 gånger"));
        return None;
    }
    written.into_iter().map(|element| flaws.take(&path, year(element.trimmed()))).collect()
}
