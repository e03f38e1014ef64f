//! Bytes → [`SoapQuestion`].

mod agencies;
mod fields;
mod general;

use std::collections::BTreeMap;

use ssbtek_domain::{Agency, NaiveDate};
use ssbtek_xml::{Element, Limits};

use self::fields::Fields;
use crate::{
    AgencyQuestion, Call, FaultCode, InformationQuestion, Operation, Sender, SoapFault, SoapQuestion,
    Version, envelope,
    flaws::{Flaw, Flaws},
    question::chain,
};

/// Reads a message. `content_type` is the HTTP header as it came, `limits` usually [`crate::LIMITS`], `today` bounds
/// birth dates.
///
/// Lenient where no meaning is at stake: prefixes, white space, the order of elements, optional elements left out, empty
/// or nil, an agency's block left out (not asked). Strict in everything else; a fault names each element and rule that
/// does not hold, in Swedish, and nothing of what was sent.
///
/// # Errors
/// One fault for everything that is wrong, in reply to the operation as far as it could be read.
pub fn parse(
    body: &[u8],
    content_type: Option<&str>,
    limits: &Limits,
    today: NaiveDate,
) -> Result<SoapQuestion, SoapFault> {
    envelope::check_content_type(content_type, body)?;
    let envelope = envelope::document(body, limits)?;
    let (call, element) = envelope::open(&envelope)?;
    match call.operation {
        Operation::Hamta => information(call, element, today),
        Operation::Testa if element.elements().is_empty() => Ok(SoapQuestion::Test(call.version)),
        Operation::Testa => Err(SoapFault::client(
            FaultCode::Unexpected,
            "testaBastjanstInformation: ska vara tomt, inga uppgifter om någon person ska skickas",
        )
        .in_reply_to(call)),
    }
}

/// Who sends a message that [`parse`] refuses for what it asks, as far as that can be read: its refusal is logged. `None` if it
/// is no message of this contract, or does not say who asks.
pub fn sender(body: &[u8], limits: &Limits, today: NaiveDate) -> Option<Sender> {
    let envelope = envelope::document(body, limits).ok()?;
    let (call, element) = envelope::open(&envelope).ok()?;
    let mut flaws = Flaws::default();
    let top = Fields::new(element, call.version.namespace(), "");
    let general = general::read(&top.group(general::NAME, "", &mut flaws)?, today, &mut flaws);
    Some(Sender { version: call.version, asker: general.asker?, processors: chain(&general.processors) })
}

fn information(call: Call, element: &Element, today: NaiveDate) -> Result<SoapQuestion, SoapFault> {
    let mut flaws = Flaws::default();
    let question = read(call, element, today, &mut flaws);
    match question {
        Some(question) if flaws.none() => Ok(SoapQuestion::Information(Box::new(question))),
        _ => Err(flaws.into_fault(call)),
    }
}

fn read(call: Call, element: &Element, today: NaiveDate, flaws: &mut Flaws) -> Option<InformationQuestion> {
    let top = Fields::new(element, call.version.namespace(), "");
    top.only(&[general::NAME, agencies::NAME], &[], flaws);
    let general = top.group(general::NAME, "", flaws).map(|fields| general::read(&fields, today, flaws));
    let specific = top.group(agencies::NAME, "", flaws);
    let general = general?;
    let agencies = specific.map(|fields| agencies::read(&fields, call.version, &general, flaws));
    general.into_question(call.version, agencies?)
}

impl general::General {
    /// All or nothing: a value that is missing here has left a flaw behind.
    fn into_question(
        self,
        version: Version,
        agencies: BTreeMap<Agency, AgencyQuestion>,
    ) -> Option<InformationQuestion> {
        Some(InformationQuestion {
            version,
            asked_at: self.asked_at,
            correlation_id: self.correlation_id,
            echo: self.echo,
            asker: self.asker?,
            person: self.person?,
            case: self.case?,
            period: self.period?,
            processors: self.processors,
            purpose: self.purpose?,
            legal_basis: self.legal_basis?,
            agencies,
        })
    }
}

impl SoapFault {
    /// The contract's element that the first message is about, for the log: one of the general parameters, or all that is
    /// asked of agencies together. Never a name that was sent.
    pub fn element(&self) -> &'static str {
        let path =
            self.messages().first().map_or("", |message| message.split(':').next().unwrap_or_default());
        let first = path.split('/').next().unwrap_or_default();
        let whole = [general::NAME, Operation::Hamta.name()].into_iter();
        let known = whole.chain(general::ELEMENTS).find(|name| *name == first);
        known.unwrap_or(agencies::NAME)
    }
}

impl Flaws {
    /// Notes that a required element is missing.
    fn missing(&mut self, path: &str) {
        self.add(path, Flaw::missing());
    }
}
