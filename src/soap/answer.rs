//! The composed answer: one section per agency asked, data or an error, never neither.

use std::{collections::BTreeMap, fmt};

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::{Agency, Period, sections::skv::Part as SkvPart};
use ssbtek_xml::{Writer, soap::wrap};

use crate::{
    AgencyError, FaultCode, InformationQuestion, Version, echo,
    form::{Carries, place},
};

/// What one agency's section holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgencyAnswer {
    /// `data`.
    Data(Payload),
    /// `error`.
    Error(AgencyError),
}

/// An agency's payload in the form that the contract carries it. Made by [`crate::compose`], or by what it picks from.
#[derive(Clone, PartialEq, Eq)]
pub enum Payload {
    /// AF, SO, TNS, MIV, and SKV in v10: the elements inside `data`, each standing on its own (every namespace it uses
    /// is declared on it).
    Elements(Vec<String>),
    /// CSN (XML) and FK (JSON): a document, carried as base64.
    Document(Vec<u8>),
    /// SKV in v11.
    Parts(SkvParts),
}

/// Skatteverket's answer in v11.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SkvParts {
    /// The parts asked for.
    pub parts: BTreeMap<SkvPart, PartAnswer>,
    /// An error for all of them.
    pub error: Option<AgencyError>,
}

/// One part of Skatteverket's answer in v11.
#[derive(Clone, PartialEq, Eq)]
pub enum PartAnswer {
    /// JSON, carried as base64.
    Data(Vec<u8>),
    /// The base64 of JSON as it came.
    AsItCame(String),
    /// Why there is none.
    Error(AgencyError),
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Payload(redacted)")
    }
}

impl fmt::Debug for PartAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PartAnswer(redacted)")
    }
}

/// `hamtaBastjanstInformationResponse`. A section is written for each agency the question includes; one that `sections`
/// lacks, or that has a form the contract cannot carry for that agency, becomes an `error` of our own, since a section
/// left out would read as "not asked". Sections of agencies that were not asked are left out.
pub fn answer(question: &InformationQuestion, sections: &BTreeMap<Agency, AgencyAnswer>) -> Vec<u8> {
    answer_told(question, &BTreeMap::new(), sections)
}

/// The same; where the question is given back, it says of which period each agency was really asked (`periods`).
pub fn answer_told(
    question: &InformationQuestion,
    periods: &BTreeMap<Agency, Period>,
    sections: &BTreeMap<Agency, AgencyAnswer>,
) -> Vec<u8> {
    wrap(|writer| {
        writer.open("ssbt:hamtaBastjanstInformationResponse").namespace("ssbt", question.version.namespace());
        if question.echo {
            echo::write(question, periods, writer);
        }
        writer
            .optional("ssbt:frageTidpunkt", question.asked_at.as_ref().map(|moment| moment.as_str()))
            .optional("ssbt:korrelationsid", question.correlation_id.as_deref())
            .open("ssbt:svarsdata");
        for agency in question.agencies.keys() {
            writer.open(&format!("ssbt:{}", agency.code()));
            section(*agency, question.version, sections.get(agency), writer);
            writer.close();
        }
        writer.close().close();
    })
}

fn section(agency: Agency, version: Version, answer: Option<&AgencyAnswer>, writer: &mut Writer) {
    let payload = match answer {
        Some(AgencyAnswer::Data(payload)) => payload,
        Some(AgencyAnswer::Error(error)) => return error.write(writer),
        None => {
            return AgencyError::own(FaultCode::Internal, "Källans svar gick förlorat hos förmedlaren")
                .write(writer);
        }
    };
    match (payload, place(agency, version).map(|place| place.carries)) {
        (Payload::Parts(parts), Some(Carries::Parts)) => write_parts(parts, writer),
        (Payload::Document(bytes), Some(Carries::Xml(_, name) | Carries::Json(name))) => {
            document(name, bytes, writer)
        }
        (Payload::Elements(elements), Some(Carries::Elements(_))) => {
            writer.open("ssbt:data");
            for element in elements {
                writer.raw(element);
            }
            writer.close();
        }
        (Payload::Parts(_) | Payload::Document(_) | Payload::Elements(_), _) => AgencyError::own(
            FaultCode::OtherVersion,
            "Källans svar finns i en form som denna version inte kan bära",
        )
        .write(writer),
    }
}

fn document(name: &str, bytes: &[u8], writer: &mut Writer) {
    writer.open("ssbt:data").element_with_text(&format!("ssbt:{name}"), &STANDARD.encode(bytes)).close();
}

fn write_parts(answer: &SkvParts, writer: &mut Writer) {
    for part in SkvPart::ALL {
        let Some(answer) = answer.parts.get(&part) else { continue };
        writer.open(&format!("ssbt:{}", part.name()));
        match answer {
            PartAnswer::Data(json) => {
                writer.element_with_text("ssbt:data", &STANDARD.encode(json));
            }
            PartAnswer::AsItCame(base64) => {
                writer.element_with_text("ssbt:data", base64);
            }
            PartAnswer::Error(error) => error.write(writer),
        }
        writer.close();
    }
    if let Some(error) = &answer.error {
        error.write(writer);
    }
}
