//! Skatteverket's documents in the form that `facts` reads, which is this product's own: the same names in JSON (v11) and in XML
//! (v10); and what stands around them. The broker relays documents and writes none: only the mocks do.

use serde_json::{Map, Value, json};
use ssbtek_domain::{
    Amount,
    sections::skv::{Document, IncomeYear, IndividualStatement, Part, Section},
};
use ssbtek_xml::Writer;

use crate::element::alone_with_text;

/// v10: what stands in the answer's element.
pub fn one_document(document: &str) -> String {
    alone_with_text("", "svar", document)
}

/// One part of v11's answer. Both data and error stand there only where Skatteverket contradicts itself.
pub struct PartTold {
    /// Which.
    pub part: Part,
    /// `data`: base64 of a document.
    pub data: Option<String>,
    /// `felkod` of its `error`.
    pub error: Option<&'static str>,
}

/// v11: the whole answer, about `person`; `error` is the `felkod` of one for the whole.
pub fn parts(person: Option<&str>, parts: &[PartTold], error: Option<&str>) -> Vec<u8> {
    let mut body = Map::new();
    body.extend(person.map(|person| ("personidentitet".to_owned(), person.into())));
    for told in parts {
        let data = told.data.as_deref().map(|data| ("data".to_owned(), data.into()));
        let error = told.error.map(|code| ("error".to_owned(), fault(code)));
        body.insert(told.part.name().to_owned(), data.into_iter().chain(error).collect::<Map<_, _>>().into());
    }
    body.extend(error.map(|code| ("error".to_owned(), fault(code))));
    Value::Object(body).to_string().into_bytes()
}

fn fault(code: &str) -> Value {
    json!({"kalla": "BT", "felkod": code, "felmeddelande": ["Påhittad feltext"]})
}

/// One document for each part that was wanted.
pub fn json(section: &Section, parts: &[Part]) -> Vec<Document> {
    Part::ALL
        .into_iter()
        .filter(|part| parts.contains(part))
        .map(|part| {
            let mut document = Map::new();
            document.insert("personnummer".into(), person(section));
            for (name, value) in content(section, part) {
                document.insert(name.into(), value);
            }
            Document::verbatim(Some(part), Value::Object(document).to_string())
        })
        .collect()
}

/// All parts in one document.
pub fn xml(section: &Section) -> String {
    let mut writer = Writer::with_declaration();
    writer.open("Beskattningsuppgifter");
    element(&mut writer, "personnummer", &person(section));
    for part in Part::ALL {
        match part {
            Part::TaxAccount => {
                writer.open(part.name());
                content(section, part).iter().for_each(|(name, value)| element(&mut writer, name, value));
                writer.close();
            }
            _ => content(section, part).iter().for_each(|(name, value)| element(&mut writer, name, value)),
        }
    }
    writer.finish()
}

fn person(section: &Section) -> Value {
    section.person.as_ref().map_or(Value::Null, |person| person.expose().into())
}

fn content(section: &Section, part: Part) -> Vec<(&'static str, Value)> {
    match part {
        Part::CompanyInformation => {
            let company = section.companies.iter().map(|company| {
                object([
                    ("organisationsnummer", company.number.clone().into()),
                    ("namn", company.name.clone().into()),
                    ("godkandForFskatt", company.approved_for_f_tax.into()),
                    ("momsregistrerad", company.registered_for_vat.into()),
                ])
            });
            vec![("foretag", company.collect())]
        }
        Part::IndividualStatements => {
            vec![("individuppgifter", section.statements.iter().map(statement).collect())]
        }
        // Nothing said is no account that is not there.
        Part::TaxAccount => {
            section.tax_account.as_ref().map_or(vec![("skattekonto", json!([]))], |account| {
                vec![
                    ("saldo", amount(account.balance)),
                    ("saldodatum", account.as_of.map(|day| day.to_string()).into()),
                ]
            })
        }
        Part::TaxData => vec![("inkomstar", section.years.iter().map(year).collect())],
        Part::TaxAppendices => {
            let appendix = |year: Option<i32>, kind: &str| json!({"ar": year, "bilaga": kind});
            vec![("bilagor", section.appendices.iter().map(|one| appendix(one.year, &one.kind)).collect())]
        }
    }
}

fn statement(statement: &IndividualStatement) -> Value {
    let payer = statement.payer.as_ref().map(|payer| {
        object([("organisationsnummer", payer.number.clone().into()), ("namn", payer.name.clone().into())])
    });
    object([
        ("redovisningsperiod", statement.month.map(|month| month.from().format("%Y-%m").to_string()).into()),
        ("arbetsgivare", payer.into()),
        ("kontantErsattning", amount(statement.gross)),
        ("avdragenSkatt", amount(statement.tax)),
    ])
}

fn year(year: &IncomeYear) -> Value {
    let property = year.properties.iter().map(|property| {
        object([
            ("fastighetsbeteckning", property.designation.clone().into()),
            ("taxeringsvarde", amount(property.assessed_value)),
        ])
    });
    object([
        ("ar", year.year.into()),
        ("faststalldForvarvsinkomst", amount(year.earned_income)),
        ("overskottNaringsverksamhet", amount(year.business_surplus)),
        ("overskottKapital", amount(year.capital_surplus)),
        ("underskottKapital", amount(year.capital_deficit)),
        ("underlagFastighetsavgift", amount(year.property_fee_base)),
        ("slutligSkatt", amount(year.final_tax)),
        ("fastigheter", property.collect()),
    ])
}

/// Without the members that are null.
fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    members
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn amount(amount: Option<Amount>) -> Value {
    amount.and_then(Amount::whole_kronor).into()
}

fn element(writer: &mut Writer, name: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Array(values) => values.iter().for_each(|value| element(writer, name, value)),
        Value::Object(members) => {
            writer.open(name);
            members.iter().for_each(|(name, value)| element(writer, name, value));
            writer.close();
        }
        Value::String(text) => {
            writer.element_with_text(name, text);
        }
        Value::Bool(_) | Value::Number(_) => {
            writer.element_with_text(name, &value.to_string());
        }
    }
}
