//! Messages whose shape differs from the domain's: enums, a oneof, messages that must be there.

use ssbtek_domain::{
    Personnummer,
    sections::fk::{
        Section,
        common::{Figure, FigureValue, PersonRole},
        matter::{Matter, MatterKind},
        other::NamedMoney,
        person::PersonInRole,
    },
};
use ssbtek_proto::agency::v1 as proto;

use super::convert::Wire;
use crate::common::WireError;

/// The enums' value names end in LEFI's own names, so that both lists are matched by name and never by position.
pub(super) fn kind_to_proto(kind: MatterKind) -> proto::FkMatterKind {
    let name = format!("FK_MATTER_KIND_{}", kind.list_name().to_uppercase());
    proto::FkMatterKind::from_str_name(&name).unwrap_or_default()
}

pub(super) fn role_to_proto(role: PersonRole) -> proto::FkPersonRole {
    let name = format!("FK_PERSON_ROLE_{}", role.field_name().to_uppercase());
    proto::FkPersonRole::from_str_name(&name).unwrap_or_default()
}

fn kind_from_proto(kind: i32) -> Result<MatterKind, WireError> {
    let kind = proto::FkMatterKind::try_from(kind).map_err(|_| WireError("fk.matters.kind"))?;
    MatterKind::ALL
        .iter()
        .copied()
        .find(|candidate| kind_to_proto(*candidate) == kind)
        .ok_or(WireError("fk.matters.kind"))
}

fn role_from_proto(role: i32) -> Result<PersonRole, WireError> {
    let role = proto::FkPersonRole::try_from(role).map_err(|_| WireError("fk.persons.role"))?;
    PersonRole::ALL
        .into_iter()
        .find(|candidate| role_to_proto(*candidate) == role)
        .ok_or(WireError("fk.persons.role"))
}

impl Wire for PersonInRole {
    type Proto = proto::FkPersonInRole;
    fn out(&self) -> Self::Proto {
        proto::FkPersonInRole { role: role_to_proto(self.role).into(), person: Some(self.person.out()) }
    }
    fn read(message: Self::Proto, field: &'static str) -> Result<Self, WireError> {
        let person = message.person.ok_or(WireError(field))?;
        Ok(Self { role: role_from_proto(message.role)?, person: Wire::read(person, field)? })
    }
}

impl Wire for NamedMoney {
    type Proto = proto::FkNamedMoney;
    fn out(&self) -> Self::Proto {
        proto::FkNamedMoney { name: self.name.clone(), money: Some(self.money.out()) }
    }
    fn read(message: Self::Proto, field: &'static str) -> Result<Self, WireError> {
        let money = message.money.ok_or(WireError(field))?;
        Ok(Self { name: message.name, money: Wire::read(money, field)? })
    }
}

impl Wire for Figure {
    type Proto = proto::FkFigure;
    fn out(&self) -> Self::Proto {
        use proto::fk_figure::Value;
        let value = match &self.value {
            FigureValue::Number(number) => Value::Number(number.clone()),
            FigureValue::Text(text) => Value::Text(text.clone()),
            FigureValue::Flag(flag) => Value::Flag(*flag),
        };
        proto::FkFigure { name: self.name.clone(), value: Some(value) }
    }
    fn read(message: Self::Proto, field: &'static str) -> Result<Self, WireError> {
        use proto::fk_figure::Value;
        let value = match message.value.ok_or(WireError(field))? {
            Value::Number(number) if is_decimal(&number) => FigureValue::Number(number),
            Value::Number(_) => return Err(WireError(field)),
            Value::Text(text) => FigureValue::Text(text),
            Value::Flag(flag) => FigureValue::Flag(flag),
        };
        Ok(Self { name: message.name, value })
    }
}

/// An optional minus, digits, and at most one point with digits after it.
fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match text.strip_prefix('-').unwrap_or(text).split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(text.strip_prefix('-').unwrap_or(text)),
    }
}

impl Wire for Matter {
    type Proto = proto::FkMatter;
    fn out(&self) -> Self::Proto {
        let Self { kind, started, active, rejected, persons, basics, decisions, claimed_days } = self;
        proto::FkMatter {
            kind: kind_to_proto(*kind).into(),
            started: started.out(),
            active: active.out(),
            rejected: rejected.out(),
            persons: persons.out(),
            basics: basics.out(),
            decisions: decisions.out(),
            claimed_days: claimed_days.out(),
        }
    }
    fn read(message: Self::Proto, _field: &'static str) -> Result<Self, WireError> {
        Ok(Self {
            kind: kind_from_proto(message.kind)?,
            started: Wire::read(message.started, "fk.matters.started")?,
            active: message.active,
            rejected: message.rejected,
            persons: Wire::read(message.persons, "fk.matters.persons")?,
            basics: Wire::read(message.basics, "fk.matters.basics")?,
            decisions: Wire::read(message.decisions, "fk.matters.decisions")?,
            claimed_days: Wire::read(message.claimed_days, "fk.matters.claimed_days")?,
        })
    }
}

impl Wire for Section {
    type Proto = proto::FkSection;
    fn out(&self) -> Self::Proto {
        proto::FkSection {
            person_number: self.person.out(),
            general_information: self.general.out(),
            paid: self.paid.out(),
            announced: self.announced.out(),
            matters: self.matters.out(),
            program_assignments: self.program_assignments.out(),
            program_job_days: self.program_job_days.out(),
            sickness_incomes: self.sickness_incomes.out(),
            reconciliations: self.reconciliations.out(),
            tax_ids: self.tax_ids.clone(),
            study_notices: self.study_notices.out(),
            maintenance_debts: self.maintenance_debts.out(),
            life_certificates: self.life_certificates.out(),
            pension_balances: self.pension_balances.out(),
            pension_years: self.pension_years.out(),
            pension_agency: Some(self.pm.out()),
            others_not_known: self.others_not_known,
        }
    }
    fn read(message: Self::Proto, _field: &'static str) -> Result<Self, WireError> {
        let section = Self {
            person: Wire::read(message.person_number, "fk.person_number")?,
            general: Wire::read(message.general_information, "fk.general_information")?,
            paid: Wire::read(message.paid, "fk.paid")?,
            announced: Wire::read(message.announced, "fk.announced")?,
            matters: Wire::read(message.matters, "fk.matters")?,
            program_assignments: Wire::read(message.program_assignments, "fk.program_assignments")?,
            program_job_days: Wire::read(message.program_job_days, "fk.program_job_days")?,
            sickness_incomes: Wire::read(message.sickness_incomes, "fk.sickness_incomes")?,
            reconciliations: Wire::read(message.reconciliations, "fk.reconciliations")?,
            tax_ids: message.tax_ids,
            study_notices: Wire::read(message.study_notices, "fk.study_notices")?,
            maintenance_debts: Wire::read(message.maintenance_debts, "fk.maintenance_debts")?,
            life_certificates: Wire::read(message.life_certificates, "fk.life_certificates")?,
            pension_balances: Wire::read(message.pension_balances, "fk.pension_balances")?,
            pension_years: Wire::read(message.pension_years, "fk.pension_years")?,
            pm: Wire::read(message.pension_agency.unwrap_or_default(), "fk.pension_agency")?,
            others_not_known: message.others_not_known,
        };
        // One section is about one person, wherever it says so.
        let agrees = |person: &Option<Personnummer>| person.is_none() || *person == section.person;
        if section.general.iter().all(|general| agrees(&general.person)) {
            Ok(section)
        } else {
            Err(WireError("fk.general_information.person_number"))
        }
    }
}
