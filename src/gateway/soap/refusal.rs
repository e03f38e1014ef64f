//! Refusals → SOAP faults in Swedish, beside the gRPC table in `status.rs`. Texts are fixed; none repeats what was sent.

use ssbtek_authenticate::AuthenticationError;
use ssbtek_authorize::Denial;
use ssbtek_soap::{FaultCode, SoapFault};

use crate::Refusal;

/// The fault for a refusal.
pub(super) fn fault(refusal: &Refusal) -> SoapFault {
    match refusal {
        Refusal::Authentication(error) => authentication(*error),
        Refusal::OperatorsOnly | Refusal::AgentsOnly | Refusal::PortalsOnly => {
            client("Certifikatet hör inte till någon nämnd")
        }
        Refusal::Invalid(error) => {
            SoapFault::client(FaultCode::Invalid, format!("{}: värdet är inte giltigt", element(error.field)))
        }
        Refusal::Denied(denial @ Denial::FactsChanged) => SoapFault::server(FaultCode::Busy, denied(*denial)),
        Refusal::Denied(denial) => client(denied(*denial)),
        Refusal::Replayed => client(denied(Denial::AssertionUsed)),
        Refusal::Exists(_)
        | Refusal::Unknown(_)
        | Refusal::NotKept
        | Refusal::AwaitsSecond(_)
        | Refusal::NotNow(_)
        | Refusal::HasChanged(_)
        | Refusal::NotRead(_)
        | Refusal::Tampered => {
            SoapFault::server(FaultCode::Internal, "Förmedlaren kunde inte behandla frågan")
        }
        Refusal::TooManyUnderWay => SoapFault::server(
            FaultCode::Busy,
            "Så många frågor som får pågå samtidigt pågår redan; ingen källa har tillfrågats",
        ),
        Refusal::Unrecorded => SoapFault::server(
            FaultCode::Busy,
            "Svaret kunde inte loggas och lämnas därför inte ut; källor kan ha tillfrågats",
        ),
        Refusal::Raced | Refusal::Unavailable | Refusal::TooLate | Refusal::NotArrived => SoapFault::server(
            FaultCode::Busy,
            "Förmedlaren kan inte ta emot frågan just nu; ingen källa har tillfrågats",
        ),
    }
}

/// What a field of our own contract is called in this one.
fn element(field: &str) -> &'static str {
    match field {
        "case_id" => "arendeidentitet",
        "person_number" => "personidentitet",
        "period.from" => "tidsperiod/fromDatum",
        "period.to" => "tidsperiod/tomDatum",
        "period" => "tidsperiod",
        "purpose" => "syfte",
        "agencies" => "specifikaFrageparametrar",
        _ => "generellaFrageparametrar",
    }
}

fn client(message: &str) -> SoapFault {
    SoapFault::client(FaultCode::NotPermitted, message)
}

fn authentication(error: AuthenticationError) -> SoapFault {
    use AuthenticationError as Error;
    client(match error {
        Error::CertificateMissing => "Certifikat saknas",
        Error::CertificateExpired => "Certifikatets giltighetstid har gått ut",
        Error::CertificateNotYetValid => "Certifikatet har inte börjat gälla",
        Error::CertificateRevoked => "Certifikatet är spärrat",
        Error::CertificateNotConfirmed => "Nämndens administratör har inte bekräftat certifikatet",
        Error::CertificateNotTrusted => "Certifikatet har inte getts ut av en betrodd utfärdare för klienter",
        Error::CertificateOfNobody => "Certifikatet är inte registrerat för någon nämnd",
        Error::CertificateOfAnother => "ingivare/organisationsnummer: certifikatet tillhör inte den nämnden",
        Error::RevocationListExpired | Error::Unavailable | Error::ClockSetBack => {
            return SoapFault::server(FaultCode::Busy, "Anroparens behörighet kan inte kontrolleras just nu");
        }
        _ => "Anroparen kunde inte fastställas",
    })
}

fn denied(denial: Denial) -> &'static str {
    match denial {
        Denial::CertificateNotRegistered => "Certifikatet är inte registrerat för nämnden, eller är spärrat",
        Denial::CertificateNotConfirmed => "Nämndens administratör har inte bekräftat certifikatet",
        Denial::CaseWorkerUnknown | Denial::CaseWorkerBlocked | Denial::CaseWorkerMayNot => {
            "ingivare/handlaggare: inget aktivt konto hos nämnden som får ställa frågor"
        }
        Denial::InstructionsNotConfirmed => {
            "ingivare/handlaggare: handläggaren har inte bekräftat de instruktioner som gäller"
        }
        Denial::TooManyQuestions => "ingivare/handlaggare: fler frågor än nämnden tillåter under en timme",
        Denial::OutsideHours => "Nämnden ställer inga frågor vid den här tiden",
        Denial::CaseUnknown | Denial::CaseNotAssigned | Denial::ProtectedNotForAccount => {
            "arendeidentitet: inget sådant ärende är tilldelat handläggaren"
        }
        Denial::CaseLapsed => "arendeidentitet: det preliminära ärendet har förfallit",
        Denial::CaseClosed => "arendeidentitet: ärendet är avslutat",
        Denial::PersonNotInCase | Denial::RoleNotInCase | Denial::PersonNumberNeeded => {
            "personidentitet: personen ingår inte i ärendet"
        }
        Denial::PersonRestricted => {
            "personidentitet: behandlingen är begränsad; fråga nämndens administratör"
        }
        Denial::NoAgencyPermitted => "Ingen av de efterfrågade källorna får tillfrågas i ärendet i dag",
        Denial::CertificateNotValid => "Certifikatets giltighetstid har gått ut, eller det är spärrat",
        // Nobody signs in at this door.
        Denial::SessionEnded | Denial::SignInNotRegistered => "Anroparen kunde inte fastställas",
        Denial::AssertionKeyRetired => "Nyckeln som undertecknade frågan används inte längre",
        Denial::FactsChanged => "Något som frågan vilar på ändrades under tiden; ställ frågan igen",
        Denial::AssertionUsed => "Frågan har redan ställts",
        Denial::SubProcessorNotApproved => "Nämnden har inte godkänt leverantörens alla underbiträden",
        Denial::Malformed | Denial::RegisteredAlready | Denial::NotRegistered | Denial::ChangedMeanwhile => {
            "Frågan är inte rätt utformad"
        }
        Denial::AgentUnknown
        | Denial::AgentAgreementNotSigned
        | Denial::AgentAgreementEnded
        | Denial::AgentNotQualified
        | Denial::AgentNotNotified
        | Denial::AgentNotificationNotSigned
        | Denial::AgentNotificationEnded => "Ombudet får inte fråga för nämnden nu",
        Denial::AgentChainDiffers => "personuppgiftsbitrade: kedjan är inte den som är anmäld för nämnden",
        Denial::BoardNotInForce | Denial::BoardSuspended | Denial::BoardEnded => {
            "Nämndens anslutning är inte i kraft"
        }
    }
}
