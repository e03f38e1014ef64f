//! `HamtaUppgifter`: century and ten digits apart.

use ssbtek_domain::Question;

use super::{PERSON, RESPONDER};
use crate::{CannotAsk, HttpQuestion, soap_answer};

pub(super) fn write(question: &Question) -> Result<HttpQuestion, CannotAsk> {
    if !matches!(question.person.century(), "19" | "20") {
        return Err(CannotAsk("TNS takes persons born in 1900 or later"));
    }
    Ok(soap_answer::question(|writer| {
        writer
            .open("ns:HamtaUppgifter")
            .namespace("ns", RESPONDER)
            .namespace("per", PERSON)
            .open("ns:identifikation")
            .element_with_text("per:sekel", question.person.century())
            .element_with_text("per:personnummer", question.person.ten_digits())
            .close()
            .close();
    }))
}
