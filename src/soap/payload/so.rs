//! The unemployment funds: the children of `GetUnemploymentBenefitPaymentResponse`.

use ssbtek_domain::sections::so::{Application, Fund, FundPayment, Section};
use ssbtek_xml::{Writer, XSI};

use super::{HELD_BACK, Told, alone, alone_with_text, boolean};
use crate::wire_names::SO_ANSWER;

pub(super) fn write(told: &Told<'_>, facts: &Section, withheld: bool) -> Vec<String> {
    let (namespace, _) = SO_ANSWER;
    let text = |name: &str, text: &str| alone_with_text(namespace, name, text);
    let mut elements = vec![
        text("OrganisationsnummerIngivare", told.asker.organisation.as_str()),
        text("NamnIngivare", &told.asker.name),
        text("KontonamnHandlaggare", told.asker.case_worker.as_str()),
        text("Referensnummer", told.case),
        text("From", &told.period.from().to_string()),
        text("Tom", &told.period.to().to_string()),
        text("Syfte", told.purpose),
        text("Paragraf", told.legal_basis),
    ];
    for processor in &told.processors {
        elements.push(text("OrganisationsnummerPersonuppgiftsbitrade", processor.organisation.as_str()));
    }
    for processor in &told.processors {
        elements.push(text("NamnPersonuppgiftsbitrade", &processor.name));
    }
    elements.push(text("IdentificationNumber", told.person.expose()));
    elements.push(alone(namespace, "ArbetsloshetsersattningLista", |writer| {
        writer.namespace("xsi", XSI);
        facts.funds.iter().for_each(|known| fund(known, withheld, writer));
    }));
    elements
}

/// A text that is held back says so itself.
fn fund(known: &Fund, withheld: bool, writer: &mut Writer) {
    let shown =
        |text: &'_ str| if withheld && text.is_empty() { HELD_BACK.to_owned() } else { text.to_owned() };
    writer
        .open("Arbetsloshetsersattning")
        .element_with_text("SvarandeOrganisation", &shown(&known.name))
        .element_with_text("StatusSvarandeOrganisation", &shown(&known.status));
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
