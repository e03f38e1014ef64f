//! The question's document.

use ssbtek_domain::{NaiveDate, Question};
use ssbtek_xml::Writer;

use super::{
    namespaces::{KOMMUNFRAGA, SAMBRUK},
    read::VERSION,
};
use crate::{CannotAsk, HttpQuestion, Repeated, Told};

/// Longest `HandlaggareId`, `ArendeId` and `HushallsId`, in characters.
pub const MAX_ID_CHARS: usize = 31;

/// Writes the question. The household is named by the case: nothing else that the question holds stands for it.
pub(super) fn write(question: &Question) -> Result<HttpQuestion, CannotAsk> {
    id(
        question.asking.case_worker.as_str(),
        CannotAsk("handlaggare has more than the 31 characters that CSN takes, or one that XML cannot carry"),
    )?;
    id(
        question.case.as_str(),
        CannotAsk(
            "arendeidentitet has more than the 31 characters that CSN takes, or one that XML cannot carry",
        ),
    )?;
    let mut writer = Writer::with_declaration();
    writer.open("csn:SBNUppgEkBistandBegar").namespace("csn", KOMMUNFRAGA).namespace("sam", SAMBRUK);
    for (name, text) in fields(&Told::from(question)).fields() {
        writer.element_with_text(&format!("sam:{name}"), text);
    }
    let body = writer.finish();
    Ok(HttpQuestion {
        path: "/".to_owned(),
        content_type: "application/xml; charset=utf-8",
        soap_action: None,
        body: body.into_bytes(),
    })
}

fn fields(told: &Told<'_>) -> Repeated {
    let day = |day: NaiveDate| day.format("%Y%m%d").to_string();
    [
        ("SchemaVersion", VERSION.to_owned()),
        ("Kommun", told.organisation.hyphenated()),
        ("AppNamn", "ssbtek-broker".to_owned()),
        ("AppVersion", env!("CARGO_PKG_VERSION").to_owned()),
        ("HandlaggareId", told.case_worker.to_owned()),
        ("ArendeId", told.case.to_owned()),
        ("HushallsId", told.case.to_owned()),
        ("FromDatum", day(told.period.from())),
        ("TomDatum", day(told.period.to())),
        ("HushallsMedlemsIdSekel", told.person.century().to_owned()),
        ("HushallsMedlemsId", told.person.ten_digits().to_owned()),
    ]
    .into_iter()
    .collect()
}

/// What the answer repeats of the question. Its schema is not public; these are the fields that are known.
pub fn repeated(told: &Told<'_>) -> Repeated {
    fields(told).only(&[
        "SchemaVersion",
        "Kommun",
        "HushallsId",
        "FromDatum",
        "TomDatum",
        "HushallsMedlemsIdSekel",
        "HushallsMedlemsId",
    ])
}

fn id(text: &str, refused: CannotAsk) -> Result<(), CannotAsk> {
    let carried = |c: char| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}');
    if text.chars().count() <= MAX_ID_CHARS && text.chars().all(carried) { Ok(()) } else { Err(refused) }
}
