//! FK's payments, and its facts that are neither payments nor matters.

use ssbtek_domain::sections::fk::{
    other::{
        ChildDecision, LifeCertificate, NamedMoney, PensionBalance, PensionYear, ProgramAssignment,
        ProgramJobDays, RECONCILIATION_AMOUNTS, Reconciliation, SicknessIncome, StudyNotice,
    },
    paid::{FkPayment, PaymentDetail},
};

use super::{
    fields::{Fields, money},
    figures::figures,
    person,
};

/// A payment without a net amount in kronor makes no line: it stays in the section, and that it is no line is said.
pub(super) fn payment(fields: Fields<'_>) -> FkPayment {
    let read = FkPayment {
        kind: fields.code("typ"),
        company: fields.code("foretag"),
        benefit_family: fields.code("formansfamilj"),
        date: fields.partial("datum"),
        period: fields.span("period"),
        gross: fields.money("bruttobelopp"),
        tax: fields.money("skattebelopp"),
        deduction: fields.money("avdragsbelopp"),
        net: fields.money("nettobelopp"),
        details: fields.each("utbetalningsdetalj", |row| PaymentDetail {
            benefit: row.code("forman"),
            period: row.span("period"),
            amount_type: row.code("beloppstyp"),
            extent: row.extent("omfattning"),
            days: row.integer("dagar"),
            hours: row.integer("timmar"),
            gross: row.money("bruttobelopp"),
            tax: row.money("skattebelopp"),
            deduction: row.money("avdragsbelopp"),
        }),
    };
    match read.net.as_ref().map(|net| (net.amount, net.in_sek())) {
        Some((_, Some(_))) => {}
        Some((Some(_), None)) => fields.notes.lose_code("valuta"),
        Some((None, None)) | None => fields.notes.lose_missing("nettobelopp"),
    }
    read
}

pub(super) fn program_assignment(fields: Fields<'_>) -> ProgramAssignment {
    ProgramAssignment {
        period: fields.span("period"),
        extent: fields.extent("omfattning"),
        program: fields.code("program"),
    }
}

pub(super) fn program_job_days(fields: Fields<'_>) -> ProgramJobDays {
    ProgramJobDays { used: fields.integer("antalForbrukade"), all_used: fields.flag("harForbrukatMaxAntal") }
}

pub(super) fn sickness_income(fields: Fields<'_>) -> SicknessIncome {
    SicknessIncome {
        established: fields.partial("faststalldes"),
        kind: fields.code("typ"),
        employment: fields.money("anstallning"),
        business: fields.money("verksamhet"),
        waiting_days: fields.integer("karens"),
        days: fields.integer("dagar"),
        hours: fields.integer("timmar"),
    }
}

pub(super) fn reconciliation(historical: bool, fields: Fields<'_>) -> Reconciliation {
    let mut amounts = vec![];
    for name in RECONCILIATION_AMOUNTS {
        for money in fields.each(name, money) {
            amounts.push(NamedMoney { name: name.to_owned(), money });
        }
    }
    Reconciliation { historical, year: fields.text("artal"), amounts }
}

pub(super) fn study_notice(fields: Fields<'_>) -> StudyNotice {
    StudyNotice { kind: fields.code("typ"), period: fields.span("period") }
}

pub(super) fn life_certificate(fields: Fields<'_>) -> LifeCertificate {
    LifeCertificate { updated: fields.text("uppdaterades"), status: fields.code("status") }
}

pub(super) fn pension_balance(fields: Fields<'_>) -> PensionBalance {
    PensionBalance { amount: fields.money("belopp"), premium_amount: fields.money("premiepensionBelopp") }
}

pub(super) fn pension_year(fields: Fields<'_>) -> PensionYear {
    let mut values = vec![];
    for name in ["underlag", "pensionsbehallningar", "pensionsratter", "faktiskaPensionsratter", "poang"] {
        values.extend(figures(name, fields, name));
    }
    PensionYear {
        year: fields.integer("ar"),
        figures: values,
        child_decisions: fields.each("barnbeslut", |decision| ChildDecision {
            parent: decision.one("foralder", person::other),
            parent_type: decision.code("foraldertyp"),
            entitled: decision.flag("berattigad"),
            remark: decision.text("upplysning"),
        }),
    }
}
