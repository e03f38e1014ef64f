//! Facts from Försäkringskassan, with Pensionsmyndigheten inside (LEFI v9).
//!
//! FK's part keeps LEFI's structure: payments, matters (ärenden) with their decisions, general information about the
//! person. PM's part ([`pm`]) follows PM's own model. Everything that another agency's reader would call a payment is
//! turned into lines by [`super::Facts::payments`]; nothing is added up.

pub mod common;
pub mod matter;
pub mod other;
pub mod paid;
pub mod person;
pub mod pm;
#[cfg(test)]
mod tests;
mod withhold;

use self::{
    common::{Money, PersonRole},
    matter::Matter,
    other::{
        LifeCertificate, PensionBalance, PensionYear, ProgramAssignment, ProgramJobDays, Reconciliation,
        SicknessIncome, StudyNotice,
    },
    paid::FkPayment,
    person::GeneralInformation,
    pm::PensionAgency,
};
use crate::{
    Personnummer, ProtectionSignal,
    payment::{Payment, PaymentState},
};

/// The facts about one person.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// Whom the answer is about, when FK said so (`generellPersoninformation[].personnummer`).
    pub person: Option<Personnummer>,
    /// `generellPersoninformation[]`.
    pub general: Vec<GeneralInformation>,
    /// `utbetalningsuppgift[]`: paid.
    pub paid: Vec<FkPayment>,
    /// `preliminarautbetalningar[]`: announced.
    pub announced: Vec<FkPayment>,
    /// Every `…arende[]` and its like, in the contract's order of kinds.
    pub matters: Vec<Matter>,
    /// `programanvisning[]`.
    pub program_assignments: Vec<ProgramAssignment>,
    /// `programjobdagar[]`.
    pub program_job_days: Vec<ProgramJobDays>,
    /// `sjukpenninggrundandeInkomstuppgift[]`.
    pub sickness_incomes: Vec<SicknessIncome>,
    /// `sjukOchAktivitetsersattningSteglosAvrakning…[]`, historical ones first.
    pub reconciliations: Vec<Reconciliation>,
    /// `skatteuppgift[].skatteredovisningsnummer`: tax number in another country.
    pub tax_ids: Vec<String>,
    /// `studiemedelsavisering[]`.
    pub study_notices: Vec<StudyNotice>,
    /// `underhallsskuld[].belopp`: what the person owes in maintenance support.
    pub maintenance_debts: Vec<Money>,
    /// `levnadsintygsuppgift[]`.
    pub life_certificates: Vec<LifeCertificate>,
    /// `intjanandebehallning[]`.
    pub pension_balances: Vec<PensionBalance>,
    /// `intjanandeuppgift[]`.
    pub pension_years: Vec<PensionYear>,
    /// Pensionsmyndigheten.
    pub pm: PensionAgency,
}

impl super::Facts for Section {
    fn person(&self) -> Option<&Personnummer> {
        self.person.as_ref()
    }

    // `Facts::name` stays `None`: FK gives all names in one text, and taking it apart would be a guess.

    fn protection(&self) -> ProtectionSignal {
        let flags = || self.general.iter().map(|general| general.protected);
        if flags().any(|flag| flag == Some(true)) {
            // The flag does not say which protection it is; the lower one is what it proves.
            ProtectionSignal::Sekretessmarkering
        } else if !self.general.is_empty() && flags().all(|flag| flag == Some(false)) {
            ProtectionSignal::NotProtected
        } else {
            ProtectionSignal::Unsaid
        }
    }

    fn payments(&self) -> Vec<Payment> {
        use PaymentState::{Announced, Paid};
        let fk_paid = self.paid.iter().filter_map(|payment| payment.line(Paid));
        let fk_announced = self.announced.iter().filter_map(|payment| payment.line(Announced));
        let pm_paid = self.pm.paid.iter().filter_map(|payment| payment.line(Paid));
        let pm_announced = self.pm.announced.iter().filter_map(|payment| payment.line(Announced));
        fk_paid.chain(fk_announced).chain(pm_paid).chain(pm_announced).collect()
    }

    fn withhold_location(&mut self) -> Vec<&'static str> {
        withhold::location(self)
    }

    fn withhold_third_parties(&mut self) -> Vec<&'static str> {
        withhold::third_parties(self)
    }
}

impl PersonRole {
    /// LEFI's field name.
    pub fn field_name(self) -> &'static str {
        match self {
            PersonRole::Barn => "barn",
            PersonRole::HemmavarandeBarn => "hemmavarandeBarn",
            PersonRole::TidvisboendeBarn => "tidvisboendeBarn",
            PersonRole::VaxelvisboendeBarn => "vaxelvisboendeBarn",
            PersonRole::Medsokande => "medsokande",
            PersonRole::Avliden => "avliden",
            PersonRole::Personuppgift => "personuppgift",
            PersonRole::Utbetalningsmottagare => "utbetalningsmottagare",
            PersonRole::BerattigadEfterlevande => "ovrigaBerattigadeEfterlevande",
        }
    }
}
