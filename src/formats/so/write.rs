//! The children of `GetUnemploymentBenefitPaymentResponse`.

use ssbtek_domain::sections::so::{Application, Fund, FundPayment, Section};
use ssbtek_xml::{Writer, XSI};

use super::ANSWER;
use crate::{
    Repeated,
    element::{alone, alone_with_text, boolean},
};

/// Each child, standing on its own: the question's fields as they are repeated, and the list.
pub fn children(asked: &Repeated, facts: &Section) -> Vec<String> {
    let namespace = ANSWER.namespace;
    let list = alone(namespace, "ArbetsloshetsersattningLista", |writer| {
        writer.namespace("xsi", XSI);
        facts.funds.iter().for_each(|known| fund(known, writer));
    });
    asked.fields().map(|(name, text)| alone_with_text(namespace, name, text)).chain([list]).collect()
}

fn fund(known: &Fund, writer: &mut Writer) {
    writer
        .open("Arbetsloshetsersattning")
        .element_with_text("SvarandeOrganisation", &known.name)
        .element_with_text("StatusSvarandeOrganisation", &known.status);
    known.payments.iter().for_each(|known| payment(known, writer));
    for days in &known.suspensions {
        writer
            .open("Avstangningar")
            .optional("AvstangdFrom", text(days.from).as_deref())
            .optional("AvstangdTom", text(days.to).as_deref())
            .close();
    }
    if let Some(known) = &known.application {
        application(known, writer);
    }
    writer.close();
}

fn payment(known: &FundPayment, writer: &mut Writer) {
    writer
        .open("Utbetalningar")
        .optional("Utbetalningsdatum", text(known.paid_on).as_deref())
        .optional("NettoEfterSkatt", text(known.net_after_tax).as_deref())
        .optional("NettoEfterAvdrag", text(known.net_after_deductions).as_deref())
        .optional("Ersattningsdagar", text(known.days).as_deref())
        .optional("AvserFrom", text(known.covers.map(|days| days.from())).as_deref())
        .optional("AvserTom", text(known.covers.map(|days| days.to())).as_deref())
        .close();
}

/// What was told. What was not is left out, as it was in the fund's own answer: nothing is made up.
fn text(told: Option<impl ToString>) -> Option<String> {
    told.map(|told| told.to_string())
}

fn application(known: &Application, writer: &mut Writer) {
    writer.open("AnsoktOmErsattning");
    match known.right_decided_on {
        Some(day) => writer.element_with_text("BeslutOmRattTillErsattning", &day.to_string()),
        None if known.right_not_told => writer,
        None => writer.open("BeslutOmRattTillErsattning").attribute("xsi:nil", "true").close(),
    }
    .optional("AnsokanOmUtbetalningInlamnad", known.claim_submitted.map(boolean))
    .close();
}
