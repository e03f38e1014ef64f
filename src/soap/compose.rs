//! What became of one agency → its section in the answer: the most faithful form that tells the truth and holds nothing
//! back that should be.

use ssbtek_domain::{
    Agency, Fault, HoldBack, Original, Outcome, PartOutcome, Personnummer, sections::Section,
};
use ssbtek_formats::Told;

use crate::{
    AgencyAnswer, AgencyError, Answered, Asked, FaultCode, InformationQuestion, Payload, payload, relay,
    relay::LEFI_MEDIA_TYPE, relay_without_general, says_more,
};

/// What became of one agency, after merging.
pub struct Reported<'a> {
    /// The outcome.
    pub outcome: Outcome,
    /// Sub-sources.
    pub parts: &'a [PartOutcome],
    /// The agency's own fault code.
    pub fault_code: Option<&'a str>,
    /// What the agency said itself of what went wrong, as far as that may be told.
    pub faults: &'a [Fault],
    /// The facts, reduced as protection demands.
    pub section: Option<&'a Section>,
    /// The agency's bytes, when there is one answer and not several.
    pub original: Option<&'a Original>,
    /// What the rules hold back of what tells where somebody is, found or not.
    pub held_back: HoldBack,
    /// Whether anything was in fact taken out of the facts.
    pub withheld: bool,
    /// Whose numbers may stand in the answer beside the person's own: members of the household (adr/0050).
    pub household: &'a [Personnummer],
    /// Whether the question breaks a rule of the agency's own, so that it was not sent.
    pub not_sent: bool,
}

/// One agency's section. In this order:
///
/// 1. the question's own refusal (CSN's limits, another LEFI version): `error`, the agency was not asked;
/// 2. a question that breaks a rule of the agency's own: `error`, the agency was not asked;
/// 3. an outcome without facts: `error` that says whose fault it is, in the agency's own code and words where it gave any. Only
///    "no such person" is relayed as the agency's own answer. A failure hidden in an answer that looks successful becomes an
///    `error` too, since a client that reads it as data reads "nothing there";
/// 4. facts: the bytes as they came, unless something that stands in them must be held back (adr/0049). That is decided by what
///    stands in them: something was taken out of the facts, or they name somebody else; and where anybody is or may be
///    protected, they say more than the facts that may leave (LEFI's without the general information that the caller did not ask
///    for);
/// 5. what is left is written anew, and the form's own means say that something is held back (`payload`).
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
    let open: Vec<Personnummer> = reported.household.iter().chain([told.person]).cloned().collect();
    // Somebody whose things are not this answer's to tell.
    let names_somebody = || reported.original.is_some_and(|original| original.names_others(&open));
    if reported.outcome == Outcome::NoSuchPerson
        && !names_somebody()
        && let Some(relayed) = unchanged(agency, reported)
    {
        return relayed;
    }
    if let Some(error) = AgencyError::of_outcome(reported.outcome, reported.fault_code) {
        let whole = reported.faults.iter().find(|fault| fault.part.is_none());
        return AgencyAnswer::Error(error.in_its_own_words(whole));
    }
    let Some(section) = reported.section else { return AgencyAnswer::Error(lost()) };
    let relayed = || match &asked.asked {
        // Skatteverket's facts are its documents; the payload knows which version can carry them.
        Asked::SkvDocument | Asked::Skv(_) => None,
        Asked::Lefi(lefi) if !lefi.asks_general_information() => without_general(reported),
        Asked::Lefi(_) | Asked::Standard => unchanged(agency, reported),
    };
    let taken_out = reported.withheld || names_somebody();
    let held_back = reported.held_back.is_something() || taken_out;
    let Some(relayed) = relayed() else {
        return write(question, told, &asked.asked, reported, section, reported.withheld);
    };
    if !held_back {
        return relayed;
    }
    // Bytes that say no more than the facts that may leave hold nothing back. What is not understood in them may tell where
    // somebody is.
    let written = write(question, told, &asked.asked, reported, section, false);
    if says_more(agency, &relayed, &written) {
        write(question, told, &asked.asked, reported, section, taken_out)
    } else {
        relayed
    }
}

fn says_more(agency: Agency, came: &AgencyAnswer, written: &AgencyAnswer) -> bool {
    match (came, written) {
        (AgencyAnswer::Data(Payload::Elements(came)), AgencyAnswer::Data(Payload::Elements(written))) => {
            says_more::elements(came, written)
        }
        (AgencyAnswer::Data(Payload::Document(came)), AgencyAnswer::Data(Payload::Document(written)))
            if agency == Agency::Csn =>
        {
            says_more::document(came, written)
        }
        (AgencyAnswer::Data(Payload::Document(came)), AgencyAnswer::Data(Payload::Document(written))) => {
            says_more::json(came, written)
        }
        _ => true,
    }
}

fn unchanged(agency: Agency, reported: &Reported<'_>) -> Option<AgencyAnswer> {
    relay(agency, reported.original?).ok().map(AgencyAnswer::Data)
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
    cut: bool,
) -> AgencyAnswer {
    let answered = Answered {
        section,
        parts: reported.parts,
        faults: reported.faults,
        original: reported.original.filter(|_| !cut && !reported.held_back.is_something()),
        withheld: cut,
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
