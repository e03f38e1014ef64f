//! Fk section: the messages of `fk.proto` ⇄ the domain's types, field by field.

mod convert;
mod special;
#[cfg(test)]
mod tests;

use ssbtek_domain::sections::fk::{Section, common, matter, other, paid, person, pm};
use ssbtek_proto::agency::v1 as proto;

use self::convert::{Wire, messages};
use crate::common::WireError;

pub(crate) fn to_proto(section: &Section) -> proto::FkSection {
    section.out()
}

pub(crate) fn from_proto(section: proto::FkSection) -> Result<Section, WireError> {
    Section::read(section, "fk")
}

messages! {
    common::Code = FkCode { id, description }
    common::Extent = FkExtent { numerator, denominator }
    common::Money = FkMoney { amount, currency }
    common::Span = FkSpan { from, to }

    person::GeneralInformation = FkGeneralInformation {
        person => person_number, born, name, protected => protected_identity, died, addresses, workplaces, children,
        civil_status, registered_in, citizenships, relatives
    }
    person::Address = FkAddress { roles, lines, postal_code, town, country }
    person::Workplace = FkWorkplace { number, name, employer, occupation, working_time, address, phone, contact }
    person::Employer = FkEmployer { contact_name, organisation_number, address }
    person::Contact = FkContact { name, phones, emails }
    person::Municipality = FkMunicipality { county, municipality }
    person::Citizenship = FkCitizenship { since, country }
    person::Person = FkPerson { number, born, name, protected => protected_identity, died }

    paid::FkPayment = FkPayment {
        kind, company, benefit_family, date, period, gross, tax, deduction, net, details
    }
    paid::PaymentDetail = FkPaymentDetail {
        benefit, period, amount_type, extent, days, hours, gross, tax, deduction
    }

    matter::Decision = FkDecision {
        decided, definitive, benefit, sub_benefit, periodicity, period, gross, coordinated_gross, extents, days,
        day_texts, waiting, compensation, level, outcome, decision_type, status, ends_from_months, period_decisions,
        calendar_days, persons, paid_to_authority, placements, basis
    }
    matter::PeriodDecision = FkPeriodDecision { period, extent, share, payout_type }
    matter::DecisionDay = FkDecisionDay { day, level, amount, waiting_deduction, income_type, calculation }
    matter::ClaimedDay = FkClaimedDay { day, level, extent }
    matter::Placement = FkPlacement { kind, name, address }

    other::ProgramAssignment = FkProgramAssignment { period, extent, program }
    other::ProgramJobDays = FkProgramJobDays { used, all_used }
    other::SicknessIncome = FkSicknessIncome { established, kind, employment, business, waiting_days, days, hours }
    other::Reconciliation = FkReconciliation { historical, year, amounts }
    other::StudyNotice = FkStudyNotice { kind, period }
    other::LifeCertificate = FkLifeCertificate { updated, status }
    other::PensionBalance = FkPensionBalance { amount, premium_amount }
    other::PensionYear = FkPensionYear { year, figures, child_decisions }
    other::ChildDecision = FkChildDecision { parent, parent_type, entitled, remark }

    pm::PensionAgency = FkPensionAgency { claims, decisions, paid, announced, other }
    pm::PmClaim = FkPensionClaim { id, arrived, group, period }
    pm::PmDecision = FkPensionDecision { id, decided, group, status, outcome, compensations, persons, additions }
    pm::PmCompensation = FkPensionCompensation { amount, frequency, period, kind, extent, basis }
    pm::PmPayment = FkPensionPayment { date, period, gross, net, deductions, rows }
    pm::PmDeduction = FkPensionDeduction { amount, kind }
    pm::PmPaymentRow = FkPensionPaymentRow { group, amount, benefit, amount_type }
    pm::PmInformation = FkPensionInformation { kind, figures }
}
