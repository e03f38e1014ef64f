//! Arbetsförmedlingen's section.

use ssbtek_domain::sections::af::{ActivityReport, Decision, Registration, ReportMessage, Section};
use ssbtek_proto::agency::v1 as proto;

use crate::common::{WireError, opt_date, opt_person, text_of, told_date};

pub(crate) fn to_proto(section: &Section) -> proto::AfSection {
    proto::AfSection {
        person_number: section.person.as_ref().map(|person| person.expose().to_owned()),
        given_name: section.given_name.clone(),
        family_name: section.family_name.clone(),
        sekretessmarkering: section.protected,
        registration: section.registration.as_ref().map(registration_to_proto),
        decisions: section.decisions.as_ref().map(|decisions| proto::AfDecisions {
            decisions: decisions.iter().map(decision_to_proto).collect(),
        }),
        fund_membership: section.fund_membership.clone(),
        status_code: section.status_code,
        status_text: section.status_text.clone(),
    }
}

fn registration_to_proto(registration: &Registration) -> proto::AfRegistration {
    let report = registration.activity_report.as_ref();
    proto::AfRegistration {
        jobseeker: registration.jobseeker,
        category: registration.category.clone(),
        registered_on: registration.registered_on.map(|day| day.to_string()),
        extent_percent: registration.extent_percent,
        deactivated_on: registration.deactivated_on.map(|day| day.to_string()),
        activity_report_message: report.map(|report| report.message.code().to_owned()).unwrap_or_default(),
        activity_report_latest_on: report.and_then(|report| report.latest_on).map(|day| day.to_string()),
    }
}

fn decision_to_proto(decision: &Decision) -> proto::AfDecision {
    proto::AfDecision {
        kind: decision.kind.clone(),
        extent_percent: decision.extent_percent.unwrap_or_default(),
        from: text_of(decision.from),
        to: text_of(decision.to),
        extent_not_told: decision.extent_percent.is_none(),
    }
}

pub(crate) fn from_proto(section: proto::AfSection) -> Result<Section, WireError> {
    let decisions = |list: proto::AfDecisions| -> Result<Vec<Decision>, WireError> {
        list.decisions.into_iter().map(decision_from_proto).collect()
    };
    Ok(Section {
        person: opt_person(section.person_number.as_deref(), "person_number")?,
        given_name: section.given_name,
        family_name: section.family_name,
        protected: section.sekretessmarkering,
        registration: section.registration.map(registration_from_proto).transpose()?,
        decisions: section.decisions.map(decisions).transpose()?,
        fund_membership: section.fund_membership,
        status_code: section.status_code,
        status_text: section.status_text,
    })
}

fn registration_from_proto(registration: proto::AfRegistration) -> Result<Registration, WireError> {
    let latest_on = opt_date(registration.activity_report_latest_on.as_deref(), "activity_report_latest_on")?;
    let message = registration.activity_report_message;
    Ok(Registration {
        jobseeker: registration.jobseeker,
        category: registration.category,
        registered_on: opt_date(registration.registered_on.as_deref(), "registered_on")?,
        extent_percent: registration.extent_percent,
        deactivated_on: opt_date(registration.deactivated_on.as_deref(), "deactivated_on")?,
        activity_report: (!message.is_empty() || latest_on.is_some())
            .then(|| ActivityReport { message: ReportMessage::from_code(&message), latest_on }),
    })
}

fn decision_from_proto(decision: proto::AfDecision) -> Result<Decision, WireError> {
    Ok(Decision {
        from: told_date(&decision.from, "decisions.from")?,
        to: told_date(&decision.to, "decisions.to")?,
        kind: decision.kind,
        extent_percent: (!decision.extent_not_told).then_some(decision.extent_percent),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_stays_left_out() {
        let empty = Section::default();
        assert!(from_proto(to_proto(&empty)).unwrap() == empty);
        let none = Section { decisions: Some(vec![]), protected: Some(false), ..Section::default() };
        assert!(from_proto(to_proto(&none)).unwrap() == none);
        assert!(none != empty);
    }

    #[test]
    fn a_malformed_field_is_named_and_never_quoted() {
        let decision = proto::AfDecision { from: "2026-02-30".to_owned(), ..Default::default() };
        let decisions = Some(proto::AfDecisions { decisions: vec![decision] });
        let error = from_proto(proto::AfSection { decisions, ..Default::default() }).err();
        assert_eq!(error, Some(WireError("decisions.from")));
        let registration = Some(proto::AfRegistration {
            activity_report_latest_on: Some("2026-02-30".to_owned()),
            ..Default::default()
        });
        let error = from_proto(proto::AfSection { registration, ..Default::default() }).err();
        assert_eq!(error, Some(WireError("activity_report_latest_on")));
    }
}
