//! What became of one agency → its section in the answer: the most faithful form that tells the truth and holds nothing
//! back that should be.

use ssbtek_domain::{
    Agency, HoldBack, Original, Outcome, PartOutcome,
    sections::{Section, skv::names_another},
};

use crate::{
    AgencyAnswer, AgencyError, Answered, Asked, FaultCode, InformationQuestion, Told, payload, relay,
    relay::LEFI_MEDIA_TYPE, relay_without_general,
};

/// What became of one agency, after merging.
pub struct Reported<'a> {
    /// The outcome.
    pub outcome: Outcome,
    /// Sub-sources.
    pub parts: &'a [PartOutcome],
    /// The agency's own fault code.
    pub fault_code: Option<&'a str>,
    /// The facts, reduced as protection demands.
    pub section: Option<&'a Section>,
    /// The agency's bytes, when there is one answer and not several.
    pub original: Option<&'a Original>,
    /// What the rules hold back of what tells where somebody is, found or not.
    pub held_back: HoldBack,
    /// Whether anything was in fact taken out of the facts.
    pub withheld: bool,
    /// Whether the question breaks a rule of the agency's own, so that it was not sent.
    pub not_sent: bool,
}

/// One agency's section. In this order:
///
/// 1. the question's own refusal (CSN's limits, another LEFI version): `error`, the agency was not asked;
/// 2. a question that breaks a rule of the agency's own: `error`, the agency was not asked;
/// 3. an outcome without facts: `error` that says whose fault it is. Only "no such person" is relayed in the agency's own
///    words where there are any. A failure hidden in an answer that looks successful becomes an `error` too, since a
///    client that reads it as data reads "nothing there";
/// 4. facts nothing is held back from, in bytes that name nobody but the person: these bytes, unchanged (LEFI's without the
///    general information that the caller did not ask for);
/// 5. facts something is held back from, or that never had bytes in the contract's form: written anew, so that nothing leaves
///    that has no verdict.
pub fn compose(
    question: &InformationQuestion,
    agency: Agency,
    told: &Told<'_>,
    reported: &Reported<'_>,
) -> AgencyAnswer {
    let Some(asked) = question.agencies.get(&agency) else {
        return AgencyAnswer::Error(lost());
    };
    if let Some(refusal) = &asked.refusal {
        return AgencyAnswer::Error(refusal.clone());
    }
    if reported.not_sent {
        return AgencyAnswer::Error(not_sent(&asked.asked));
    }
    if reported.outcome == Outcome::NoSuchPerson
        && let Some(relayed) = unchanged(agency, reported)
    {
        return relayed;
    }
    if let Some(error) = AgencyError::of_outcome(reported.outcome, reported.fault_code) {
        return AgencyAnswer::Error(error);
    }
    let Some(section) = reported.section else { return AgencyAnswer::Error(lost()) };
    let names_another = || {
        let bytes = reported.original.map(|original| String::from_utf8_lossy(&original.bytes));
        bytes.is_some_and(|text| names_another(&text, Some(told.person)))
    };
    let held_back = reported.held_back.is_something() || reported.withheld || names_another();
    let relayed = match agency {
        _ if held_back => None,
        // Skatteverket's facts are its documents; the payload knows which version can carry them.
        Agency::Skv => None,
        Agency::Fk if !asks_general_information(&asked.asked) => without_general(reported),
        _ => unchanged(agency, reported),
    };
    relayed.unwrap_or_else(|| write(question, told, &asked.asked, reported, section))
}

fn unchanged(agency: Agency, reported: &Reported<'_>) -> Option<AgencyAnswer> {
    relay(agency, reported.original?).ok().map(AgencyAnswer::Data)
}

fn asks_general_information(asked: &Asked) -> bool {
    !matches!(asked, Asked::Lefi(lefi) if !lefi.asks_general_information())
}

fn without_general(reported: &Reported<'_>) -> Option<AgencyAnswer> {
    let original = reported.original.filter(|original| original.media_type == LEFI_MEDIA_TYPE)?;
    relay_without_general(original).ok().map(AgencyAnswer::Data)
}

fn write(
    question: &InformationQuestion,
    told: &Told<'_>,
    asked: &Asked,
    reported: &Reported<'_>,
    section: &Section,
) -> AgencyAnswer {
    let answered = Answered {
        section,
        parts: reported.parts,
        withheld: reported.withheld,
        held_back: reported.held_back,
    };
    payload(question.version, told, asked, &answered)
}

/// Nobody was asked, so nothing was told to anybody either.
fn not_sent(asked: &Asked) -> AgencyError {
    match asked {
        Asked::SkvDocument => AgencyError::own(
            FaultCode::OtherVersion,
            "Skatteverket har inte tillfrågats: det svarar här i fem delar, som version 10 inte kan bära; fråga i version 11",
        ),
        Asked::Skv(_) => AgencyError::own(
            FaultCode::OtherVersion,
            "Skatteverket har inte tillfrågats: det svarar här i ett dokument, som version 11 inte kan bära; fråga i \
             version 10",
        ),
        Asked::Lefi(_) => AgencyError::own(
            FaultCode::Invalid,
            "Källan har inte tillfrågats: FK/fraga/lefiJsonFraga frågar efter något som LEFI v9 inte har, eller utanför \
             perioden",
        ),
        Asked::Standard => AgencyError::own(
            FaultCode::Invalid,
            "Källan har inte tillfrågats: frågan bryter mot en av källans egna regler",
        ),
    }
}

fn lost() -> AgencyError {
    AgencyError::own(FaultCode::Internal, "Källans svar gick förlorat hos förmedlaren")
}
