//! Typed facts → contract payload, for answers that have no original in the contract's form, or whose original must not
//! leave: answers that came over the broker's own agency contract, that were composed of several (funds), or that
//! something is held back from. Only fields that are understood are written.

mod fk;
mod skv;

use ssbtek_domain::{
    Agency, Fault, HoldBack, Original, PartOutcome,
    sections::{self, Section, miv::Validity},
};
use ssbtek_formats::{self as formats, Told, af, tns};

use crate::{AgencyAnswer, AgencyError, Asked, FaultCode, InformationQuestion, Payload, Version};

impl InformationQuestion {
    /// The question as one agency was told it. Where the broker told the agency another period or legal basis, the
    /// caller sets those.
    pub fn told(&self, agency: Agency) -> Told<'_> {
        Told {
            organisation: self.asker.organisation,
            name: &self.asker.name,
            case_worker: self.asker.case_worker.as_str(),
            case: self.case.as_str(),
            person: &self.person,
            period: self.period_for(agency),
            purpose: self.purpose.as_str(),
            legal_basis: &self.legal_basis.0,
            processors: self.processors.iter().map(|numbered| &numbered.processor).collect(),
            correlation_id: self.correlation_id.clone().unwrap_or_default(),
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
            let mut written = af::write::children(&af::fields(told), told.person.expose(), facts);
            if answered.withheld {
                written.push(protected(answered.held_back).alone(version));
            }
            elements(written)
        }
        Section::Csn(facts) => AgencyAnswer::Data(Payload::Document(csn(told, facts, answered).into_bytes())),
        Section::So(facts) => elements(so(told, facts, answered.withheld)),
        Section::Tns(_) if answered.withheld => AgencyAnswer::Error(protected(answered.held_back)),
        Section::Tns(facts) => {
            let vehicles = facts.vehicles.as_deref();
            elements(tns::write::children(&tns::write::Answer { result: "OK", vehicles, fault: None }))
        }
        Section::Miv(_) if answered.withheld => AgencyAnswer::Error(protected(answered.held_back)),
        Section::Miv(facts) => elements(vec![miv(told, facts)]),
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

/// A code of a part that failed stands for the whole.
fn csn(told: &Told<'_>, facts: &sections::csn::Section, answered: &Answered<'_>) -> String {
    let code = answered.parts.iter().find_map(|part| part.code.as_deref()).unwrap_or("0");
    let persons = facts.person.as_ref().map(|_| (Some(told.person), facts));
    formats::csn::write::document(&formats::csn::write::Answer {
        code,
        text: match (answered.withheld, code) {
            (true, _) => HELD_BACK,
            (false, "0") => "OK",
            (false, _) => "Alla uppgifter kunde inte hämtas",
        },
        asked: &formats::csn::repeated(told),
        persons: persons.as_slice(),
    })
}

/// A text that is held back says so itself.
fn so(told: &Told<'_>, facts: &sections::so::Section, withheld: bool) -> Vec<String> {
    let mut facts = facts.clone();
    for text in facts.funds.iter_mut().flat_map(|fund| [&mut fund.name, &mut fund.status]) {
        if withheld && text.is_empty() {
            HELD_BACK.clone_into(text);
        }
    }
    formats::so::write::children(&formats::so::fields(told), &facts)
}

/// The schema has two words for how long a permit is valid; a third would make the whole answer invalid.
fn miv(told: &Told<'_>, facts: &sections::miv::Section) -> String {
    let mut facts = facts.clone();
    for matter in &mut facts.matters {
        matter.validity.take_if(|validity| matches!(validity, Validity::Other(_)));
    }
    let repeated = formats::miv::write::Repeated {
        asked_as: None,
        answered_as: &told.correlation_id,
        person: facts.person.as_ref().map(|person| person.expose()),
    };
    formats::miv::write::response(&repeated, &facts)
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
