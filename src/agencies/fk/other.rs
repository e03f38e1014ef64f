//! FK's payments, and its facts that are neither payments nor matters.

use ssbtek_domain::sections::fk::{
    other::{
        ChildDecision, LifeCertificate, NamedMoney, PensionBalance, PensionYear, ProgramAssignment,
        ProgramJobDays, RECONCILIATION_AMOUNTS, Reconciliation, SicknessIncome, StudyNotice,
    },
    paid::{FkPayment, PaymentDetail},
};

use super::{
    fields::{Fields, Key, key, money},
    figures::figures,
    person,
};
use crate::Refused;

pub(super) fn payment(fields: Fields<'_>) -> Result<FkPayment, Refused> {
    Ok(FkPayment {
        kind: fields.code(key!("typ"))?,
        company: fields.code(key!("foretag"))?,
        benefit_family: fields.code(key!("formansfamilj"))?,
        date: fields.partial(key!("datum"))?,
        period: fields.span(key!("period"))?,
        gross: fields.money(key!("bruttobelopp"))?,
        tax: fields.money(key!("skattebelopp"))?,
        deduction: fields.money(key!("avdragsbelopp"))?,
        net: fields.money(key!("nettobelopp"))?,
        details: fields.each(key!("utbetalningsdetalj"), |row| {
            Ok(PaymentDetail {
                benefit: row.code(key!("forman"))?,
                period: row.span(key!("period"))?,
                amount_type: row.code(key!("beloppstyp"))?,
                extent: row.extent(key!("omfattning"))?,
                days: row.integer(key!("dagar"))?,
                hours: row.integer(key!("timmar"))?,
                gross: row.money(key!("bruttobelopp"))?,
                tax: row.money(key!("skattebelopp"))?,
                deduction: row.money(key!("avdragsbelopp"))?,
            })
        })?,
    })
}

pub(super) fn program_assignment(fields: Fields<'_>) -> Result<ProgramAssignment, Refused> {
    Ok(ProgramAssignment {
        period: fields.span(key!("period"))?,
        extent: fields.extent(key!("omfattning"))?,
        program: fields.code(key!("program"))?,
    })
}

pub(super) fn program_job_days(fields: Fields<'_>) -> Result<ProgramJobDays, Refused> {
    Ok(ProgramJobDays {
        used: fields.integer(key!("antalForbrukade"))?,
        all_used: fields.flag(key!("harForbrukatMaxAntal"))?,
    })
}

pub(super) fn sickness_income(fields: Fields<'_>) -> Result<SicknessIncome, Refused> {
    Ok(SicknessIncome {
        established: fields.partial(key!("faststalldes"))?,
        kind: fields.code(key!("typ"))?,
        employment: fields.money(key!("anstallning"))?,
        business: fields.money(key!("verksamhet"))?,
        waiting_days: fields.integer(key!("karens"))?,
        days: fields.integer(key!("dagar"))?,
        hours: fields.integer(key!("timmar"))?,
    })
}

pub(super) fn reconciliation(historical: bool, fields: Fields<'_>) -> Result<Reconciliation, Refused> {
    let mut amounts = vec![];
    for name in RECONCILIATION_AMOUNTS {
        let key =
            Key { name, refused: Refused("an amount of LEFI's steglös avräkning breaks the contract") };
        for money in fields.each(key, money)? {
            amounts.push(NamedMoney { name: name.to_owned(), money });
        }
    }
    Ok(Reconciliation { historical, year: fields.text(key!("artal"))?, amounts })
}

pub(super) fn study_notice(fields: Fields<'_>) -> Result<StudyNotice, Refused> {
    Ok(StudyNotice { kind: fields.code(key!("typ"))?, period: fields.span(key!("period"))? })
}

pub(super) fn life_certificate(fields: Fields<'_>) -> Result<LifeCertificate, Refused> {
    Ok(LifeCertificate { updated: fields.text(key!("uppdaterades"))?, status: fields.code(key!("status"))? })
}

pub(super) fn pension_balance(fields: Fields<'_>) -> Result<PensionBalance, Refused> {
    Ok(PensionBalance {
        amount: fields.money(key!("belopp"))?,
        premium_amount: fields.money(key!("premiepensionBelopp"))?,
    })
}

pub(super) fn pension_year(fields: Fields<'_>) -> Result<PensionYear, Refused> {
    let mut values = vec![];
    for key in [
        key!("underlag"),
        key!("pensionsbehallningar"),
        key!("pensionsratter"),
        key!("faktiskaPensionsratter"),
        key!("poang"),
    ] {
        values.extend(figures(key.name, fields.raw(key)));
    }
    Ok(PensionYear {
        year: fields.integer(key!("ar"))?,
        figures: values,
        child_decisions: fields.each(key!("barnbeslut"), |decision| {
            Ok(ChildDecision {
                parent: decision.one(key!("foralder"), person::other)?,
                parent_type: decision.code(key!("foraldertyp"))?,
                entitled: decision.flag(key!("berattigad"))?,
                remark: decision.text(key!("upplysning"))?,
            })
        })?,
    })
}
