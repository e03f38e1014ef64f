//! Why something was refused, in words for whoever sits before the page. As precise as the outward text of every door, and no more.

use ssbtek_authorize::Denial;
use ssbtek_present::Language;

use crate::texts as t;

type Text = fn(Language) -> &'static str;

/// The words, and what to do about it.
pub(crate) fn words(denial: Denial, language: Language) -> (&'static str, &'static str) {
    let (why, what): (Text, Text) = match denial {
        Denial::BoardNotInForce | Denial::BoardSuspended | Denial::BoardEnded => {
            (t::board_not_in_force, t::ask_administrator)
        }
        Denial::SubProcessorNotApproved => (t::sub_processor, t::ask_administrator),
        Denial::CaseWorkerUnknown | Denial::CaseWorkerBlocked | Denial::CaseWorkerMayNot => {
            (t::account_may_not, t::ask_administrator)
        }
        Denial::SignInNotRegistered => (t::sign_in_leads_nowhere, t::ask_administrator),
        Denial::SessionEnded => (t::session_ended, t::sign_in_again),
        // The same for all three: nobody learns of a case that is not one's own.
        Denial::CaseUnknown | Denial::CaseNotAssigned | Denial::ProtectedNotForAccount => {
            (t::no_such_case, t::check_case_number)
        }
        Denial::CaseClosed => (t::case_closed, t::open_new_case),
        Denial::CaseLapsed => (t::case_lapsed, t::open_new_case),
        Denial::RoleNotInCase | Denial::PersonNotInCase | Denial::PersonNumberNeeded => {
            (t::person_not_in_case, t::look_at_case_again)
        }
        Denial::PersonRestricted => (t::person_restricted, t::ask_administrator),
        Denial::NoAgencyPermitted => (t::no_agency, t::ask_administrator),
        Denial::InstructionsNotConfirmed => (t::instructions_first, t::look_at_case_again),
        Denial::OutsideHours => (t::outside_hours, t::try_later),
        Denial::TooManyQuestions => (t::too_many_questions, t::try_later),
        Denial::FactsChanged | Denial::ChangedMeanwhile => (t::facts_changed, t::ask_anew),
        Denial::AssertionUsed => (t::sent_twice, t::sent_twice_what),
        // Nobody comes to these pages with a certificate, an agent or a signed assertion.
        Denial::CertificateNotRegistered
        | Denial::CertificateNotConfirmed
        | Denial::CertificateNotValid
        | Denial::AssertionKeyRetired
        | Denial::AgentUnknown
        | Denial::AgentAgreementNotSigned
        | Denial::AgentAgreementEnded
        | Denial::AgentNotQualified
        | Denial::AgentNotNotified
        | Denial::AgentNotificationNotSigned
        | Denial::AgentNotificationEnded
        | Denial::AgentChainDiffers
        | Denial::Malformed
        | Denial::RegisteredAlready
        | Denial::NotRegistered => (t::not_allowed, t::ask_administrator),
    };
    (why(language), what(language))
}
