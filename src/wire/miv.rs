//! Migrationsverket's section.

use ssbtek_domain::sections::miv::{Matter, Section, Validity};
use ssbtek_proto::agency::v1 as proto;

use crate::common::{WireError, opt_date, opt_person};

pub(crate) fn to_proto(section: &Section) -> proto::MivSection {
    proto::MivSection {
        person_number: section.person.as_ref().map(|person| person.expose().to_owned()),
        given_name: section.given_name.clone(),
        family_name: section.family_name.clone(),
        home_country: section.home_country.clone(),
        entered_on: section.entered_on.map(|day| day.to_string()),
        matters: section.matters.iter().map(matter_to_proto).collect(),
    }
}

fn matter_to_proto(matter: &Matter) -> proto::MivMatter {
    proto::MivMatter {
        ground_code: matter.ground_code.clone(),
        ground: matter.ground.clone(),
        applied_on: matter.applied_on.map(|day| day.to_string()),
        kind_code: matter.kind_code.clone(),
        kind: matter.kind.clone(),
        decision_code: matter.decision_code.clone(),
        decision: matter.decision.clone(),
        decision_kind_code: matter.decision_kind_code.clone(),
        decision_kind: matter.decision_kind.clone(),
        decided_on: matter.decided_on.map(|day| day.to_string()),
        valid_from: matter.valid_from.map(|day| day.to_string()),
        valid_to: matter.valid_to.map(|day| day.to_string()),
        validity: matter.validity.as_ref().map(|validity| validity.code().to_owned()),
    }
}

pub(crate) fn from_proto(section: proto::MivSection) -> Result<Section, WireError> {
    Ok(Section {
        person: opt_person(section.person_number.as_deref(), "person_number")?,
        given_name: section.given_name,
        family_name: section.family_name,
        home_country: section.home_country,
        entered_on: opt_date(section.entered_on.as_deref(), "entered_on")?,
        matters: section.matters.into_iter().map(matter_from_proto).collect::<Result<_, _>>()?,
    })
}

fn matter_from_proto(matter: proto::MivMatter) -> Result<Matter, WireError> {
    Ok(Matter {
        applied_on: opt_date(matter.applied_on.as_deref(), "matters.applied_on")?,
        decided_on: opt_date(matter.decided_on.as_deref(), "matters.decided_on")?,
        valid_from: opt_date(matter.valid_from.as_deref(), "matters.valid_from")?,
        valid_to: opt_date(matter.valid_to.as_deref(), "matters.valid_to")?,
        validity: matter.validity.as_deref().map(Validity::from_code),
        ground_code: matter.ground_code,
        ground: matter.ground,
        kind_code: matter.kind_code,
        kind: matter.kind,
        decision_code: matter.decision_code,
        decision: matter.decision,
        decision_kind_code: matter.decision_kind_code,
        decision_kind: matter.decision_kind,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_validity_stays_visible() {
        let matter =
            Matter { validity: Some(Validity::Other("TILLS_VIDARE".to_owned())), ..Matter::default() };
        let section = Section { matters: vec![matter], ..Section::default() };
        let there = to_proto(&section);
        assert_eq!(there.matters[0].validity.as_deref(), Some("TILLS_VIDARE"));
        assert!(from_proto(there).unwrap() == section);
    }

    #[test]
    fn a_malformed_date_is_named_and_never_quoted() {
        let matter = proto::MivMatter { valid_to: Some("igår".to_owned()), ..Default::default() };
        let section = proto::MivSection { matters: vec![matter], ..Default::default() };
        assert_eq!(from_proto(section).err(), Some(WireError("matters.valid_to")));
    }
}
