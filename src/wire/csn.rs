//! CSN section ⇄ wire.

mod case;

use ssbtek_domain::sections::csn::{Mark, Section, SupportKinds};
use ssbtek_proto::agency::v1 as proto;

use crate::common::{WireError, opt_person};

pub(crate) fn to_proto(section: &Section) -> proto::CsnSection {
    let (sekretess, unknown_sekretess) = mark(&section.sekretess);
    let cases = |cases: &[_]| cases.iter().map(case::to_proto).collect();
    proto::CsnSection {
        person_number: section.person.as_ref().map(|person| person.expose().to_owned()),
        sekretess,
        unknown_sekretess,
        unknown_status: section.unknown_status.clone(),
        support_kinds: section.support_kinds.clone().map(kinds),
        studiemedel: cases(&section.studiemedel),
        studiehjalp: cases(&section.studiehjalp),
        hemutrustningslan: cases(&section.hemutrustningslan),
        studiestartsstod: cases(&section.studiestartsstod),
        omstallningsstudiestod: cases(&section.omstallningsstudiestod),
    }
}

pub(crate) fn from_proto(section: proto::CsnSection) -> Result<Section, WireError> {
    let cases =
        |cases: Vec<proto::CsnCase>| cases.into_iter().map(case::from_proto).collect::<Result<_, _>>();
    Ok(Section {
        person: opt_person(section.person_number.as_deref(), "csn.person_number")?,
        sekretess: mark_from_proto(section.sekretess, section.unknown_sekretess, "csn.sekretess")?,
        unknown_status: section.unknown_status,
        support_kinds: section.support_kinds.map(kinds_from_proto),
        studiemedel: cases(section.studiemedel)?,
        studiehjalp: cases(section.studiehjalp)?,
        hemutrustningslan: cases(section.hemutrustningslan)?,
        studiestartsstod: cases(section.studiestartsstod)?,
        omstallningsstudiestod: cases(section.omstallningsstudiestod)?,
    })
}

fn kinds(kinds: SupportKinds) -> proto::CsnSupportKinds {
    proto::CsnSupportKinds {
        studiemedel: kinds.studiemedel,
        studiehjalp: kinds.studiehjalp,
        hemutrustningslan: kinds.hemutrustningslan,
        studiestartsstod: kinds.studiestartsstod,
        omstallningsstudiestod: kinds.omstallningsstudiestod,
    }
}

fn kinds_from_proto(kinds: proto::CsnSupportKinds) -> SupportKinds {
    SupportKinds {
        studiemedel: kinds.studiemedel,
        studiehjalp: kinds.studiehjalp,
        hemutrustningslan: kinds.hemutrustningslan,
        studiestartsstod: kinds.studiestartsstod,
        omstallningsstudiestod: kinds.omstallningsstudiestod,
    }
}

fn mark(mark: &Mark) -> (i32, Option<String>) {
    match mark {
        Mark::Absent => (proto::CsnMark::Absent.into(), None),
        Mark::Blank => (proto::CsnMark::Blank.into(), None),
        Mark::Yes => (proto::CsnMark::Yes.into(), None),
        Mark::Unknown(text) => (proto::CsnMark::Unknown.into(), Some(text.clone())),
    }
}

/// A text that came stands only where the contract has no word for it: beside another it would be left out in silence.
fn beside_unknown(
    came: i32,
    unknown: impl Into<i32>,
    text: &Option<String>,
    field: &'static str,
) -> Result<(), WireError> {
    if text.is_some() && came != unknown.into() { Err(WireError(field)) } else { Ok(()) }
}

fn mark_from_proto(mark: i32, unknown: Option<String>, field: &'static str) -> Result<Mark, WireError> {
    beside_unknown(mark, proto::CsnMark::Unknown, &unknown, field)?;
    match proto::CsnMark::try_from(mark) {
        Ok(proto::CsnMark::Absent) => Ok(Mark::Absent),
        Ok(proto::CsnMark::Blank) => Ok(Mark::Blank),
        Ok(proto::CsnMark::Yes) => Ok(Mark::Yes),
        Ok(proto::CsnMark::Unknown) => Ok(Mark::Unknown(unknown.unwrap_or_default())),
        Ok(proto::CsnMark::Unspecified) | Err(_) => Err(WireError(field)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_that_was_never_set_is_refused_and_not_read_as_a_no() {
        assert!(from_proto(proto::CsnSection::default()).is_err_and(|e| e == WireError("csn.sekretess")));
        for mark_ in [Mark::Absent, Mark::Blank, Mark::Yes, Mark::Unknown("??".into())] {
            let (code, text) = mark(&mark_);
            assert!(mark_from_proto(code, text, "x") == Ok(mark_));
        }
    }
}
