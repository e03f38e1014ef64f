//! Typed facts → contract payload, for answers that have no original in the contract's form, or whose original must not
//! leave: answers that came over the broker's own agency contract, that were composed of several (funds), or that
//! something is held back from. Only fields that are understood are written.

mod af;
mod csn;
mod fk;
mod miv;
mod skv;
mod so;
mod tns;

use ssbtek_domain::{
    Agency, Fault, HoldBack, Original, PartOutcome, Period, Personnummer, Processor, sections::Section,
};
use ssbtek_xml::Writer;

use crate::{AgencyAnswer, AgencyError, Asked, Asker, FaultCode, InformationQuestion, Payload, Version};

/// The question as the agencies repeat it in their answers.
pub struct Told<'a> {
    /// Who asks.
    pub asker: &'a Asker,
    /// The case.
    pub case: &'a str,
    /// About whom.
    pub person: &'a Personnummer,
    /// The period that this agency was asked about.
    pub period: Period,
    /// Why.
    pub purpose: &'a str,
    /// On what basis this agency answered.
    pub legal_basis: &'a str,
    /// The chain of processors.
    pub processors: Vec<&'a Processor>,
    /// What correlates question and answer (MIV repeats it); empty if nothing does.
    pub correlation_id: &'a str,
}

impl InformationQuestion {
    /// The question as one agency was told it. Where the broker told the agency another period or legal basis, the
    /// caller sets those.
    pub fn told(&self, agency: Agency) -> Told<'_> {
        Told {
            asker: &self.asker,
            case: self.case.as_str(),
            person: &self.person,
            period: self.period_for(agency),
            purpose: self.purpose.as_str(),
            legal_basis: &self.legal_basis.0,
            processors: self.processors.iter().map(|numbered| &numbered.processor).collect(),
            correlation_id: self.correlation_id.as_deref().unwrap_or_default(),
        }
    }
}

/// What an agency answered, after merging.
pub struct Answered<'a> {
    /// The facts, reduced as protection demands.
    pub section: &'a Section,
    /// What became of the sub-sources.
    pub parts: &'a [PartOutcome],
    /// What the agency said itself of what went wrong.
    pub faults: &'a [Fault],
    /// The bytes they came in, where nothing in them is held back.
    pub original: Option<&'a Original>,
    /// Whether anything is held back from what came.
    pub withheld: bool,
    /// For whose sake, of what tells where somebody is.
    pub held_back: HoldBack,
}

/// One agency's section written from its facts. An error of our own where this contract cannot tell the truth about
/// them: vehicles held back (an absent list would read as "no vehicles"), Skatteverket's facts in the other version's
/// form, figures of FK's that cannot be put back where they came from. What LEFI said itself is better served by
/// [`crate::relay`].
///
/// Where something is held back, that is said by what each form has for it (adr/0049): an `error` beside what is left at AF (inside
/// `data`, where its schema takes further elements) and at Skatteverket in v11; the result's or the state's own words at CSN and
/// FK, the text itself at SO, an `error` within the document at Skatteverket in v10; and an `error` instead where a form has nothing:
/// at TNS and MIV.
pub fn payload(version: Version, told: &Told<'_>, asked: &Asked, answered: &Answered<'_>) -> AgencyAnswer {
    match answered.section {
        Section::Af(facts) => {
            let mut written = af::write(told, facts);
            if answered.withheld {
                written.push(protected(answered.held_back).alone(version));
            }
            elements(written)
        }
        Section::Csn(facts) => {
            AgencyAnswer::Data(Payload::Document(csn::write(told, facts, answered).into_bytes()))
        }
        Section::So(facts) => elements(so::write(told, facts, answered.withheld)),
        Section::Tns(facts) if answered.withheld && facts.vehicles.is_none() => {
            AgencyAnswer::Error(protected(answered.held_back))
        }
        Section::Tns(facts) => elements(tns::write(facts)),
        Section::Miv(_) if answered.withheld => AgencyAnswer::Error(protected(answered.held_back)),
        Section::Miv(facts) => elements(miv::write(told, facts)),
        Section::Skv(facts) => skv::write(version, asked, facts, answered),
        Section::Fk(facts) => match fk::write(asked, facts, answered) {
            Ok(json) => AgencyAnswer::Data(Payload::Document(json)),
            Err(_) => AgencyAnswer::Error(AgencyError::own(
                FaultCode::OtherVersion,
                "Källans svar finns i en form som inte kan bäras av lefiJsonSvar",
            )),
        },
    }
}

fn elements(elements: Vec<String>) -> AgencyAnswer {
    AgencyAnswer::Data(Payload::Elements(elements))
}

/// What a form's own words say where something is held back and there is no room for more.
pub(crate) const HELD_BACK: &str = "Uppgifter hålls inne av förmedlaren (SSBT_SKYDDAD)";

/// The facts exist, and are held back.
pub(crate) fn protected(held_back: HoldBack) -> AgencyError {
    let why = match held_back {
        HoldBack::Whereabouts => "personens identitet är skyddad eller kan vara det",
        HoldBack::Home => "en annan person i svaret eller hushållet har skyddad identitet",
        HoldBack::Nothing => "de gäller någon annan",
    };
    AgencyError::own(FaultCode::Protected, format!("Källan har svarat, men uppgifterna hålls inne: {why}"))
}

/// One element that stands on its own, in the default namespace given (`""` for none).
fn alone(namespace: &str, name: &str, content: impl FnOnce(&mut Writer)) -> String {
    let mut writer = Writer::new();
    writer.open(name);
    if !namespace.is_empty() {
        writer.namespace("", namespace);
    }
    writer.with(content).finish()
}

/// One element that stands on its own and holds only text.
fn alone_with_text(namespace: &str, name: &str, text: &str) -> String {
    alone(namespace, name, |writer| {
        writer.text(text);
    })
}

fn boolean(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}
