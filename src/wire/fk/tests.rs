use ssbtek_domain::sections::fk::{
    Section,
    common::{Code, Figure, FigureValue, Money, PartialDate, PersonRole, Span},
    matter::{Decision, Matter, MatterKind},
    paid::FkPayment,
};
use ssbtek_proto::agency::v1 as proto;

use super::{from_proto, special, to_proto};

#[test]
fn every_kind_and_role_has_its_own_name_on_the_wire() {
    let kinds: std::collections::BTreeSet<i32> =
        MatterKind::ALL.iter().map(|kind| special::kind_to_proto(*kind).into()).collect();
    assert_eq!(kinds.len(), MatterKind::ALL.len());
    assert!(!kinds.contains(&0));
    let roles: std::collections::BTreeSet<i32> =
        PersonRole::ALL.into_iter().map(|role| special::role_to_proto(role).into()).collect();
    assert_eq!(roles.len(), PersonRole::ALL.len());
    assert!(!roles.contains(&0));
}

#[test]
fn what_goes_out_comes_back_the_same() {
    let mut section = Section::default();
    for kind in MatterKind::ALL {
        section.matters.push(Matter {
            started: PartialDate::parse("2022-09"),
            decisions: vec![Decision {
                benefit: Some(Code::new("BOB", "Bostadsbidrag")),
                gross: Some(Money::sek("1234.5678".parse().unwrap())),
                period: Some(Span { from: PartialDate::parse("2026-01-01"), to: None }),
                basis: vec![Figure { name: "faktor".into(), value: FigureValue::Number("0.12345".into()) }],
                ..Decision::default()
            }],
            ..Matter::new(*kind)
        });
    }
    assert!(from_proto(to_proto(&section)).unwrap() == section);
}

#[test]
fn what_does_not_fit_is_refused_by_its_fields_name() {
    let refused = |change: fn(&mut proto::FkSection)| {
        let mut message = to_proto(&Section { paid: vec![FkPayment::default()], ..Section::default() });
        change(&mut message);
        from_proto(message).err().map(|error| error.0)
    };
    assert_eq!(refused(|m| m.person_number = Some("198001019803".into())), Some("fk.person_number"));
    assert_eq!(refused(|m| m.paid[0].date = Some("2026-13-01".into())), Some("fk.date"));
    assert_eq!(
        refused(|m| m.paid[0].net = Some(proto::FkMoney { amount: Some("1e3".into()), currency: None })),
        Some("fk.amount")
    );
    assert_eq!(refused(|m| m.matters.push(proto::FkMatter::default())), Some("fk.matters.kind"));
    assert_eq!(
        refused(|m| m.matters.push(proto::FkMatter { kind: 999, ..Default::default() })),
        Some("fk.matters.kind")
    );
    let figure =
        proto::FkFigure { name: "x".into(), value: Some(proto::fk_figure::Value::Number("1e9".into())) };
    assert_eq!(
        refused(|m| m.pension_years.push(proto::FkPensionYear::default())),
        None,
        "an empty year is odd but harmless"
    );
    let mut message = proto::FkSection::default();
    message.pension_years.push(proto::FkPensionYear { figures: vec![figure], ..Default::default() });
    assert_eq!(from_proto(message).err().map(|error| error.0), Some("fk.figures"));
}

#[test]
fn a_section_about_two_persons_is_refused() {
    let general = proto::FkGeneralInformation {
        person_number: Some("198001019804".into()),
        ..proto::FkGeneralInformation::default()
    };
    let mut message = proto::FkSection { general_information: vec![general], ..proto::FkSection::default() };
    let refused = |message: &proto::FkSection| from_proto(message.clone()).err().map(|error| error.0);
    assert_eq!(refused(&message), Some("fk.general_information.person_number"));
    message.person_number = Some("198001019804".into());
    assert_eq!(refused(&message), None);
}
