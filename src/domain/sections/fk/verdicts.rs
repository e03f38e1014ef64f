//! Försäkringskassan, with Pensionsmyndigheten inside.
//!
//! Amounts: an amount after tax and the same amount before tax give the tax, the tax gives the tax table, and the table is
//! that of the municipality. So what is paid out stays, and what it was before tax goes, wherever it stands.

use super::figures;
use crate::{
    Agency,
    sections::fk::{
        Section,
        common::{Code, Extent, Money, Span},
        matter::{ClaimedDay, Decision, DecisionDay, Matter, PeriodDecision, Placement},
        other::{
            ChildDecision, LifeCertificate, NamedMoney, PensionBalance, PensionYear, ProgramAssignment,
            ProgramJobDays, Reconciliation, SicknessIncome, StudyNotice,
        },
        paid::{FkPayment, PaymentDetail},
        person::{
            Address, Citizenship, Contact, Employer, GeneralInformation, Municipality, Person, PersonInRole,
            Workplace,
        },
        pm::{
            PensionAgency, PmClaim, PmCompensation, PmDecision, PmDeduction, PmInformation, PmPayment,
            PmPaymentRow,
        },
    },
    verdict::{Text, Verdict, Withhold, Withholding, verdicts},
};

verdicts! {
    TABLE of Fk;
    Section {
        person: nothing("the number that was asked about"),
        general: inside(),
        paid: inside(),
        announced: inside(),
        matters: inside(),
        program_assignments: inside(),
        program_job_days: inside(),
        sickness_incomes: inside(),
        reconciliations: inside(),
        tax_ids: home("uppgifter", "a tax number abroad tells the country of residence, and so does its name"),
        study_notices: inside(),
        maintenance_debts: inside(),
        life_certificates: home("uppgifter", "only who lives abroad has to give one"),
        pension_balances: inference("pensionsbehallning", "what it grew by since it was told last is a share of the year's income before tax"),
        pension_years: inside(),
        pm: inside(),
        others_not_known: nothing("that somebody else's flag says neither yes nor no"),
    }
    GeneralInformation {
        person: nothing("the number that was asked about"),
        born: text("a day"),
        name: name("what the person is called, perhaps anew"),
        protected: nothing("the flag itself"),
        died: text("a day, or words"),
        addresses: home("adress", "the home"),
        workplaces: home(
            "arbetsstallen",
            "a place of work is within reach of the home, and one can be followed from it"
        ),
        children: inside(),
        civil_status: text("a code with words"),
        registered_in: home("folkbokford", "municipality and county of residence"),
        citizenships: by(each_citizenship, own, "medborgarskap", "where the person may have gone, not where the household lives"),
        relatives: inside(),
    }
    Address {
        roles: home("adress", "held back with the address"),
        lines: home("adress", "held back with the address"),
        postal_code: home("adress", "held back with the address"),
        town: home("adress", "held back with the address"),
        country: home("adress", "held back with the address"),
    }
    Workplace {
        number: home("arbetsstallen", "held back with the workplace"),
        name: home("arbetsstallen", "held back with the workplace"),
        employer: inside(),
        occupation: home("arbetsstallen", "held back with the workplace"),
        working_time: home("arbetsstallen", "held back with the workplace"),
        address: inside(),
        phone: home("arbetsstallen", "held back with the workplace"),
        contact: inside(),
    }
    Employer {
        contact_name: others("a contact person's name"),
        organisation_number: home("arbetsstallen", "held back with the workplace"),
        address: inside(),
    }
    Contact {
        name: others("a contact person's name"),
        phones: others("a contact person's telephone"),
        emails: others("a contact person's e-mail"),
    }
    Municipality {
        county: home("folkbokford", "held back with the municipality"),
        municipality: home("folkbokford", "held back with the municipality"),
    }
    Citizenship {
        since: own("medborgarskap", "held back with the citizenship"),
        country: by(country_code, own, "medborgarskap", "held back with the citizenship; if it stays, as a country's code alone where anybody is protected"),
    }
    PersonInRole {
        role: nothing("that somebody stands there"),
        person: inside(),
    }
    Person {
        number: others("told only where it is the number that was asked about"),
        born: text("a day; told only of the person asked about"),
        name: name("told only of the person asked about, who may be called something new"),
        protected: nothing("the flag itself"),
        died: text("a day, or words; told only of the person asked about"),
    }
    FkPayment {
        kind: text("a code with words"),
        company: text("the paying authority"),
        benefit_family: text("a code with words"),
        date: nothing("a day"),
        period: nothing("days"),
        gross: inference("bruttobelopp", "with what is paid out it gives the tax, and so the municipality's table"),
        tax: inference("skattebelopp", "gives the municipality's table"),
        deduction: inference("avdragsbelopp", "holds the tax"),
        net: inside(),
        details: inside(),
    }
    PaymentDetail {
        benefit: text("a code with words"),
        period: nothing("days"),
        amount_type: text("a code with words"),
        extent: nothing("a share"),
        days: nothing("a number of days"),
        hours: nothing("a number of hours"),
        gross: inference("bruttobelopp", "with what is paid out it gives the tax"),
        tax: inference("skattebelopp", "gives the municipality's table"),
        deduction: inference("avdragsbelopp", "holds the tax"),
    }
    Matter {
        kind: nothing("which benefit"),
        started: nothing("a day"),
        active: nothing("yes or no"),
        rejected: nothing("yes or no"),
        persons: inside(),
        basics: by(figures::withhold, text, "named values: each name has a verdict of its own"),
        decisions: inside(),
        claimed_days: inside(),
    }
    Decision {
        decided: nothing("a day"),
        definitive: nothing("yes or no"),
        benefit: text("a code with words"),
        sub_benefit: text("a code with words"),
        periodicity: text("a code with words"),
        period: nothing("days"),
        gross: inference("bruttobelopp", "with what is paid out it gives the tax"),
        coordinated_gross: inference("bruttobelopp", "with what is paid out it gives the tax"),
        extents: nothing("shares"),
        days: nothing("a number of days"),
        day_texts: text("days as texts"),
        waiting: nothing("yes or no"),
        compensation: text("a code with words"),
        level: text("a code"),
        outcome: text("a code with words"),
        decision_type: text("a code"),
        status: text("a code with words"),
        ends_from_months: text("months"),
        period_decisions: inside(),
        calendar_days: inside(),
        persons: inside(),
        paid_to_authority: nothing("yes or no"),
        placements: home("institutionsplacering", "where a child is placed, and in what kind of home"),
        basis: by(figures::withhold, text, "named values: each name has a verdict of its own"),
    }
    PeriodDecision {
        period: nothing("days"),
        extent: nothing("a share"),
        share: nothing("a share"),
        payout_type: text("a code with words"),
    }
    DecisionDay {
        day: nothing("a day"),
        level: text("a code with words"),
        amount: inference("bruttobelopp", "with what is paid out it gives the tax"),
        waiting_deduction: inference("bruttobelopp", "with what is paid out it gives the tax"),
        income_type: text("a code with words"),
        calculation: text("a code with words"),
    }
    ClaimedDay {
        day: nothing("a day"),
        level: text("a code with words"),
        extent: nothing("a share"),
    }
    Placement {
        kind: home("institutionsplacering", "held back with the placement"),
        name: home("institutionsplacering", "held back with the placement"),
        address: inside(),
    }
    ProgramAssignment {
        period: nothing("days"),
        extent: nothing("a share"),
        program: text("a code with words"),
    }
    ProgramJobDays {
        used: nothing("a number of days"),
        all_used: nothing("yes or no"),
    }
    SicknessIncome {
        established: nothing("a day"),
        kind: text("a code with words"),
        employment: inference("inkomst", "the daily benefit before tax follows from it"),
        business: inference("inkomst", "the daily benefit before tax follows from it"),
        waiting_days: nothing("a number of days"),
        days: nothing("a number of days"),
        hours: nothing("a number of hours"),
    }
    Reconciliation {
        historical: nothing("which of two lists"),
        year: text("a year"),
        amounts: home("uppgifter", "one of them is income from another country, whose name alone tells"),
    }
    NamedMoney {
        name: home("uppgifter", "held back with the amounts"),
        money: nothing("held back with the amounts"),
    }
    StudyNotice {
        kind: text("a code with words"),
        period: nothing("days"),
    }
    LifeCertificate {
        updated: home("uppgifter", "held back with the certificate"),
        status: home("uppgifter", "held back with the certificate"),
    }
    PensionBalance {
        amount: inference("pensionsbehallning", "held back with the list of balances"),
        premium_amount: inference("pensionsbehallning", "held back with the list of balances"),
    }
    PensionYear {
        year: nothing("a year"),
        figures: by(figures::withhold, text, "named values: each name has a verdict of its own"),
        child_decisions: inside(),
    }
    ChildDecision {
        parent: inside(),
        parent_type: text("a code with words"),
        entitled: nothing("yes or no"),
        remark: others("free text about the other parent"),
    }
    PensionAgency {
        claims: inside(),
        decisions: inside(),
        paid: inside(),
        announced: inside(),
        other: inside(),
    }
    PmClaim {
        id: by(reference, text, "a reference number"),
        arrived: nothing("a day"),
        group: text("a code with words"),
        period: nothing("days"),
    }
    PmDecision {
        id: by(reference, text, "a reference number"),
        decided: nothing("a day"),
        group: text("a code with words"),
        status: text("a code with words"),
        outcome: text("a code with words"),
        compensations: inside(),
        persons: inside(),
        additions: by(figures::withhold, text, "named values: each name has a verdict of its own"),
    }
    PmCompensation {
        amount: inference("belopp", "with what is paid out it gives the tax"),
        frequency: text("a code with words"),
        period: nothing("days"),
        kind: text("a code with words"),
        extent: text("a share from 0 to 1"),
        basis: by(figures::withhold, text, "named values: each name has a verdict of its own"),
    }
    PmPayment {
        date: nothing("a day"),
        period: nothing("days"),
        gross: inference("bruttobelopp", "with what is paid out it gives the tax, and so the municipality's table"),
        net: nothing("what is paid out"),
        deductions: inference("avdrag", "tax, claims from abroad, fees of an institution"),
        rows: inside(),
    }
    PmDeduction {
        amount: inference("avdrag", "held back with the deductions"),
        kind: inference("avdrag", "held back with the deductions"),
    }
    PmPaymentRow {
        group: text("a code with words"),
        amount: inference("bruttobelopp", "together the rows are the amount before tax"),
        benefit: text("a code with words"),
        amount_type: text("a code with words"),
    }
    PmInformation {
        kind: text("a code with words"),
        figures: by(figures::withhold, text, "named values: each name has a verdict of its own"),
    }
    Code {
        id: text("a code"),
        description: text("words"),
    }
    Extent {
        numerator: nothing("a number"),
        denominator: nothing("a number"),
    }
    Money {
        amount: nothing("what is paid out, owed or saved; where an amount tells more, the field that holds it says so"),
        currency: text("a currency"),
    }
    Span {
        from: nothing("a day"),
        to: nothing("a day"),
    }
}

impl Text for Code {
    fn keep(&mut self, known: fn(&str) -> bool) -> bool {
        let gone = [&mut self.id, &mut self.description].map(|text| {
            let goes = text.as_deref().is_some_and(|text| !known(text));
            if goes {
                *text = None;
            }
            goes
        });
        gone.contains(&true)
    }
}

/// Letters and digits of the longest reference number, its hyphens among them.
const MAX_REFERENCE_CHARS: usize = 36;

/// A reference number says nothing to anybody but its agency; anything else under its name is free text.
fn reference(verdict: &Verdict, id: &mut Option<String>, to: &mut Withholding) {
    let is_reference = |text: &str| {
        text.len() <= MAX_REFERENCE_CHARS
            && text.bytes().any(|byte| byte.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
    };
    if to.holds(verdict) && id.take_if(|text| !is_reference(text)).is_some() {
        to.note(verdict.withheld_as);
    }
}

/// Where citizenships stay, what stands in them has verdicts too.
fn each_citizenship(verdict: &Verdict, citizenships: &mut Vec<Citizenship>, to: &mut Withholding) {
    to.field(verdict, citizenships);
    citizenships.withhold(to);
}

/// A country's name is words of the agency's own; its code is one of a published list.
fn country_code(verdict: &Verdict, country: &mut Option<Code>, to: &mut Withholding) {
    const WORDS: Verdict = Verdict::text((Agency::Fk, "Code", "id"), "");
    to.field(verdict, country);
    let Some(country) = country else { return };
    let is_code = |id: &str| matches!(id.len(), 2 | 3) && id.bytes().all(|byte| byte.is_ascii_uppercase());
    if to.holds(&WORDS) && (country.description.take().is_some() | country.id.keep(is_code)) {
        to.note(WORDS.withheld_as);
    }
}
