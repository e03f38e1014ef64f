//! `error` in one agency's section.

use ssbtek_domain::{Fault, Outcome};
use ssbtek_xml::Writer;

use crate::{FaultCode, Version};

/// `kalla`: where an error arose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The composite service itself: not permitted, timed out, not reachable, answer refused.
    Ssbt,
    /// The agency said so itself.
    Bt,
}

impl Origin {
    /// The text in `kalla`.
    pub fn as_str(self) -> &'static str {
        match self {
            Origin::Ssbt => "SSBT",
            Origin::Bt => "BT",
        }
    }
}

/// Why an agency's section holds no data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgencyError {
    /// `kalla`.
    pub origin: Origin,
    /// `felkod`: one of ours, or the agency's own.
    pub code: String,
    /// `felmeddelande`, at least one.
    messages: Vec<String>,
}

impl AgencyError {
    /// An error of the broker's own. `message` is a fixed text.
    pub fn own(code: FaultCode, message: impl Into<String>) -> Self {
        Self { origin: Origin::Ssbt, code: code.as_str().to_owned(), messages: vec![message.into()] }
    }

    /// An error that the agency reported, with its own code. `message` is ours or the agency's: it goes to the caller
    /// and nowhere else.
    pub fn of_agency(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { origin: Origin::Bt, code: code.into(), messages: vec![message.into()] }
    }

    /// An error found here that stands for one of the agency's own, under the agency's own code.
    pub(crate) fn own_as(code: &str, message: impl Into<String>) -> Self {
        Self { origin: Origin::Ssbt, code: code.to_owned(), messages: vec![message.into()] }
    }

    /// What a source itself said of its fault, in its own code and words; ours only where it gave none.
    pub(crate) fn in_its_own_words(self, fault: Option<&Fault>) -> Self {
        match fault {
            Some(fault) if self.origin == Origin::Bt => Self {
                origin: Origin::Bt,
                code: if fault.code.is_empty() { self.code } else { fault.code.clone() },
                messages: if fault.texts.is_empty() { self.messages } else { fault.texts.clone() },
            },
            _ => self,
        }
    }

    /// The same error with one more message.
    pub fn and(mut self, message: impl Into<String>) -> Self {
        self.messages.push(message.into());
        self
    }

    /// `felmeddelande`, at least one.
    pub fn messages(&self) -> &[String] {
        &self.messages
    }

    /// The error that tells of an outcome; `None` for outcomes that come with data or leave the section out.
    /// `fault_code` is the agency's own code, where it gave one.
    pub fn of_outcome(outcome: Outcome, fault_code: Option<&str>) -> Option<Self> {
        use FaultCode as Code;
        Some(match outcome {
            Outcome::NotAsked | Outcome::Answered | Outcome::AnsweredInPart => return None,
            Outcome::NotPermitted => Self::own(
                Code::NotPermitted,
                "Källan har inte tillfrågats: frågan omfattas inte av behörigheten",
            ),
            Outcome::NoSuchPerson => {
                Self::of_agency(fault_code.unwrap_or("PERSON_SAKNAS"), "Personen finns inte hos källan")
            }
            Outcome::FailedAtSource => Self::of_agency(
                fault_code.unwrap_or("FEL_HOS_KALLAN"),
                "Källan svarade att den inte kunde besvara frågan: inget är känt om personens uppgifter där",
            ),
            Outcome::TimedOut => Self::own(
                Code::TimedOut,
                "Källan svarade inte i tid: inget är känt om personens uppgifter där",
            ),
            Outcome::NotReachable => Self::own(
                Code::NotReachable,
                "Källan kunde inte nås: inget är känt om personens uppgifter där",
            ),
            Outcome::IdentityRefused => Self::own(
                Code::IdentityRefused,
                "Den som svarade i källans namn kunde inte styrka att den är källan, och har inte fått veta något: \
                 inget är känt om personens uppgifter där",
            ),
            Outcome::AnswerRefused => Self::own(
                Code::AnswerRefused,
                "Källans svar följde inte avtalad form eller gällde någon annan, och har avvisats i sin helhet",
            ),
        })
    }

    /// The error that tells why a source could not be reached, where nothing was asked about anybody.
    pub fn of_unreached(outcome: Outcome) -> Self {
        match outcome {
            Outcome::IdentityRefused => Self::own(
                FaultCode::IdentityRefused,
                "Den som svarade i källans namn kunde inte styrka att den är källan",
            ),
            Outcome::TimedOut => Self::own(FaultCode::TimedOut, "Källan kunde inte nås i tid"),
            _ => Self::own(FaultCode::NotReachable, "Källan kunde inte nås"),
        }
    }

    /// `ssbt:error` standing on its own.
    pub(crate) fn alone(&self, version: Version) -> String {
        let mut writer = Writer::new();
        writer.open("ssbt:error").namespace("ssbt", version.namespace());
        self.inside(&mut writer);
        writer.finish()
    }

    /// Writes `ssbt:error`.
    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.open("ssbt:error");
        self.inside(writer);
        writer.close();
    }

    fn inside(&self, writer: &mut Writer) {
        writer
            .element_with_text("ssbt:kalla", self.origin.as_str())
            .element_with_text("ssbt:felkod", &self.code);
        for message in &self.messages {
            writer.element_with_text("ssbt:felmeddelande", message);
        }
    }
}
