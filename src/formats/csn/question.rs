//! The question's document.

use ssbtek_domain::Question;
use ssbtek_xml::Writer;

use super::namespaces::{KOMMUNFRAGA, SAMBRUK};
use crate::{CannotAsk, HttpQuestion};

/// Longest `HandlaggareId`, `ArendeId` and `HushallsId`, in characters.
pub(super) const MAX_ID_CHARS: usize = 31;

/// Writes the question. The household is named by the case: nothing else that the question holds stands for it.
pub(super) fn write(question: &Question) -> Result<HttpQuestion, CannotAsk> {
    let case_worker = id(
        question.asking.case_worker.as_str(),
        CannotAsk("handlaggare has more than the 31 characters that CSN takes, or one that XML cannot carry"),
    )?;
    let case = id(
        question.case.as_str(),
        CannotAsk(
            "arendeidentitet has more than the 31 characters that CSN takes, or one that XML cannot carry",
        ),
    )?;
    let body = Writer::with_declaration()
        .open("csn:SBNUppgEkBistandBegar")
        .namespace("csn", KOMMUNFRAGA)
        .namespace("sam", SAMBRUK)
        .element_with_text("sam:SchemaVersion", "4.0")
        .element_with_text("sam:Kommun", &question.asking.organisation.hyphenated())
        .element_with_text("sam:AppNamn", "ssbtek-broker")
        .element_with_text("sam:AppVersion", env!("CARGO_PKG_VERSION"))
        .element_with_text("sam:HandlaggareId", case_worker)
        .element_with_text("sam:ArendeId", case)
        .element_with_text("sam:HushallsId", case)
        .element_with_text("sam:FromDatum", &question.period.from().format("%Y%m%d").to_string())
        .element_with_text("sam:TomDatum", &question.period.to().format("%Y%m%d").to_string())
        .element_with_text("sam:HushallsMedlemsIdSekel", question.person.century())
        .element_with_text("sam:HushallsMedlemsId", question.person.ten_digits())
        .finish();
    Ok(HttpQuestion {
        path: "/".to_owned(),
        content_type: "application/xml; charset=utf-8",
        soap_action: None,
        body: body.into_bytes(),
    })
}

fn id(text: &str, refused: CannotAsk) -> Result<&str, CannotAsk> {
    let carried = |c: char| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}');
    if text.chars().count() <= MAX_ID_CHARS && text.chars().all(carried) { Ok(text) } else { Err(refused) }
}
