//! FK's payments, and its facts that are neither payments nor matters.

use ssbtek_domain::sections::fk::{
    Section,
    other::{ChildDecision, PensionYear, RECONCILIATION_AMOUNTS, Reconciliation, SicknessIncome},
    paid::FkPayment,
};

use super::{
    CannotWrite, InformationClass, Wanted,
    codes::{amount, date, digits, extent, from_till, letters, money},
    figures,
    json::{Json, Object},
    person,
};

pub(super) fn payment(payment: &FkPayment) -> Json {
    let rows = payment.details.iter().map(|row| {
        Object::default()
            .put("forman", letters(&row.benefit))
            .put("period", from_till(&row.period))
            .put("beloppstyp", letters(&row.amount_type))
            .put("omfattning", extent(&row.extent))
            .number("dagar", row.days)
            .number("timmar", row.hours)
            .put("bruttobelopp", money(&row.gross))
            .put("skattebelopp", money(&row.tax))
            .put("avdragsbelopp", money(&row.deduction))
            .done()
    });
    Object::default()
        .put("typ", digits(&payment.kind))
        .put("foretag", digits(&payment.company))
        .put("formansfamilj", letters(&payment.benefit_family))
        .put("datum", date(&payment.date))
        .put("period", from_till(&payment.period))
        .put("bruttobelopp", money(&payment.gross))
        .put("skattebelopp", money(&payment.tax))
        .put("avdragsbelopp", money(&payment.deduction))
        .put("nettobelopp", money(&payment.net))
        .list("utbetalningsdetalj", rows)
        .done()
}

/// Every list that is left. The contract does not say which types fill the last three; they are told with `FK:AP`.
pub(super) fn rest(to: Object, wanted: &Wanted<'_>, facts: &Section) -> Result<Object, CannotWrite> {
    let benefit = |code| wanted.has(InformationClass::Formansinformation, code);
    let other = |code| wanted.has(InformationClass::OvrigInformation, code);
    let assignments = facts.program_assignments.iter().filter(|_| other("FK:PANV")).map(|known| {
        Object::default()
            .put("period", from_till(&known.period))
            .put("omfattning", extent(&known.extent))
            .put("program", digits(&known.program))
            .done()
    });
    let job_days = facts.program_job_days.iter().filter(|_| benefit("FK:PJOB")).map(|known| {
        Object::default()
            .number("antalForbrukade", known.used)
            .flag("harForbrukatMaxAntal", known.all_used)
            .done()
    });
    let incomes = facts.sickness_incomes.iter().filter(|_| other("FK:SGI")).map(sickness_income);
    let reconciled = |historical| {
        let all = facts.reconciliations.iter().filter(move |known| known.historical == historical);
        all.filter(|_| benefit("FK:SA")).map(reconciliation)
    };
    let tax_ids = facts.tax_ids.iter().filter(|_| other("FK:SKUP"));
    let tax_ids = tax_ids.map(|id| Object::default().text("skatteredovisningsnummer", Some(id)).done());
    let notices = facts.study_notices.iter().filter(|_| other("FK:STAV")).map(|known| {
        Object::default().put("typ", digits(&known.kind)).put("period", from_till(&known.period)).done()
    });
    let debts = facts.maintenance_debts.iter().filter(|_| benefit("FK:US"));
    let debts = debts.map(|debt| Object::default().put("belopp", Some(amount(debt))).done());
    let pension = benefit("FK:AP");
    let certificates = facts.life_certificates.iter().filter(|_| pension).map(|known| {
        Object::default()
            .text("uppdaterades", known.updated.as_deref())
            .put("status", digits(&known.status))
            .done()
    });
    let balances = facts.pension_balances.iter().filter(|_| pension).map(|known| {
        Object::default()
            .put("belopp", money(&known.amount))
            .put("premiepensionBelopp", money(&known.premium_amount))
            .done()
    });
    let years = facts.pension_years.iter().filter(|_| pension);
    let years = years.map(pension_year).collect::<Result<Vec<_>, _>>()?;
    Ok(to
        .list("programanvisning", assignments)
        .list("programjobdagar", job_days)
        .list("sjukpenninggrundandeInkomstuppgift", incomes)
        .list("sjukOchAktivitetsersattningSteglosAvrakningHistorik", reconciled(true))
        .list("sjukOchAktivitetsersattningSteglosAvrakningNulage", reconciled(false))
        .list("skatteuppgift", tax_ids)
        .list("studiemedelsavisering", notices)
        .list("underhallsskuld", debts)
        .list("levnadsintygsuppgift", certificates)
        .list("intjanandebehallning", balances)
        .list("intjanandeuppgift", years))
}

fn sickness_income(known: &SicknessIncome) -> Json {
    Object::default()
        .put("faststalldes", date(&known.established))
        .put("typ", digits(&known.kind))
        .put("anstallning", money(&known.employment))
        .put("verksamhet", money(&known.business))
        .number("karens", known.waiting_days)
        .number("dagar", known.days)
        .number("timmar", known.hours)
        .done()
}

fn reconciliation(known: &Reconciliation) -> Json {
    let of = |name: &str| {
        let own = known.amounts.iter().filter(|known| known.name == name);
        own.map(|known| amount(&known.money)).collect::<Vec<_>>()
    };
    let year = Object::default().text("artal", known.year.as_deref());
    RECONCILIATION_AMOUNTS.into_iter().fold(year, |written, name| written.list(name, of(name))).done()
}

fn pension_year(known: &PensionYear) -> Result<Json, CannotWrite> {
    let written = figures::put(Object::default().number("ar", known.year), &known.figures)?;
    Ok(written.list("barnbeslut", known.child_decisions.iter().map(child_decision)).done())
}

fn child_decision(known: &ChildDecision) -> Json {
    Object::default()
        .put("foralder", known.parent.as_ref().map(person::other))
        .put("foraldertyp", digits(&known.parent_type))
        .flag("berattigad", known.entitled)
        .text("upplysning", known.remark.as_deref())
        .done()
}
