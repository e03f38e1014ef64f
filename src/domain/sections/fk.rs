//! Facts from Försäkringskassan, with Pensionsmyndigheten inside (LEFI v9).
//!
//! FK's part keeps LEFI's structure: payments, matters (ärenden) with their decisions, general information about the
//! person. PM's part ([`pm`]) follows PM's own model. Everything that another agency's reader would call a payment is
//! turned into lines by [`super::Facts::payments`]; nothing is added up.

mod benefit_times;
pub mod codes;
pub mod common;
mod figures;
mod kinds;
pub mod matter;
pub mod other;
pub mod paid;
pub mod person;
pub mod pm;
#[cfg(test)]
mod tests;
mod verdicts;
mod withhold;

pub use figures::{FIGURES, FigureVerdict};

use self::{
    common::{Money, PersonRole},
    matter::Matter,
    other::{
        LifeCertificate, PensionBalance, PensionYear, ProgramAssignment, ProgramJobDays, Reconciliation,
        SicknessIncome, StudyNotice,
    },
    paid::FkPayment,
    person::{GeneralInformation, Person},
    pm::PensionAgency,
};
use crate::{
    Format, Information, Outcome, Personnummer, Profile, ProtectionSignal,
    payment::{BenefitTime, Payment, PaymentState},
};

pub(super) const PROFILE: Profile = Profile {
    name: "Försäkringskassan",
    can_flag_protection: true,
    kinds: &kinds::KINDS,
    format: Some(Format::Lefi),
    verdicts: verdicts::TABLE,
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
    /// Somebody else's `skyddad` stands there and says neither yes nor no (`null`).
    pub others_not_known: bool,
}

impl super::Facts for Section {
    fn person(&self) -> Option<&Personnummer> {
        self.person.as_ref()
    }

    // `Facts::name` stays `None`: FK gives all names in one text, and taking it apart would be a guess.

    fn protection(&self) -> ProtectionSignal {
        let flags = || self.general.iter().map(|general| general.protected);
        let own_elsewhere = || self.others().any(|other| other.protected == Some(true) && self.is_own(other));
        if flags().any(|flag| flag == Some(true)) || own_elsewhere() {
            // The flag does not say which protection it is; the lower one is what it proves.
            ProtectionSignal::Sekretessmarkering
        } else if !self.general.is_empty() && flags().all(|flag| flag == Some(false)) {
            ProtectionSignal::NotProtected
        } else {
            ProtectionSignal::Unsaid
        }
    }

    fn flags(&self) -> usize {
        let own = self.general.iter().filter(|general| general.protected == Some(true)).count();
        own + self.others().filter(|other| other.protected == Some(true)).count()
    }

    fn payments(&self) -> Vec<Payment> {
        use PaymentState::{Announced, Paid};
        let fk_paid = self.paid.iter().filter_map(|payment| payment.line(Paid));
        let fk_announced = self.announced.iter().filter_map(|payment| payment.line(Announced));
        let pm_paid = self.pm.paid.iter().filter_map(|payment| payment.line(Paid));
        let pm_announced = self.pm.announced.iter().filter_map(|payment| payment.line(Announced));
        fk_paid.chain(fk_announced).chain(pm_paid).chain(pm_announced).collect()
    }

    fn benefit_times(&self) -> Vec<BenefitTime> {
        benefit_times::of(self)
    }

    fn outcomes(&self) -> Vec<Outcome> {
        vec![]
    }

    fn take_out(&mut self, kind: Information) -> bool {
        kinds::take_out(self, kind)
    }

    fn flags_another(&self) -> bool {
        self.others().any(|other| other.protected == Some(true) && !self.is_own(other))
    }

    fn flagged_others(&self) -> Vec<String> {
        let flagged = self.others().filter(|other| other.protected == Some(true) && !self.is_own(other));
        flagged.filter_map(|other| other.number.clone()).collect()
    }

    fn numbers_of_others(&self) -> Vec<&str> {
        let others = self.others().filter(|other| !self.is_own(other));
        let workplaces = self.general.iter().flat_map(|known| &known.workplaces);
        let employers =
            workplaces.filter_map(|workplace| workplace.employer.as_ref()?.organisation_number.as_deref());
        others.filter_map(|other| other.number.as_deref()).chain(employers).collect()
    }

    fn leaves_another_open(&self) -> bool {
        let stated = |number: &String| {
            self.others().any(|other| other.protected.is_some() && other.number.as_ref() == Some(number))
        };
        let open = |list: &Vec<&Person>| {
            let is_open =
                |person: &&Person| person.protected.is_none() && !person.number.as_ref().is_some_and(stated);
            list.iter().any(|person| person.protected.is_some()) && list.iter().any(is_open)
        };
        self.others_not_known || self.lists_of_others().iter().any(open)
    }

    fn says_of(&self, person: &Personnummer) -> Option<Option<bool>> {
        let theirs =
            self.others().filter(|other| other.number.as_deref().is_some_and(|it| person.is_written(it)));
        let flags: Vec<Option<bool>> = theirs.map(|other| other.protected).collect();
        let said = |flag| flags.contains(&Some(flag));
        (!flags.is_empty()).then(|| if said(true) { Some(true) } else { said(false).then_some(false) })
    }

    fn withhold_others(&mut self, open: &[Personnummer]) -> Vec<&'static str> {
        withhold::third_parties(self, open)
    }
}

impl Section {
    /// Everybody who stands in the answer beside the person: relatives, and those with a part in a matter or decision. The
    /// person's own number may stand there too.
    fn others(&self) -> impl Iterator<Item = &Person> {
        let related = self.general.iter().flat_map(|known| known.children.iter().chain(&known.relatives));
        let in_matters = self.matters.iter().flat_map(|matter| {
            matter.persons.iter().chain(matter.decisions.iter().flat_map(|decision| &decision.persons))
        });
        let at_pm = self.pm.decisions.iter().flat_map(|decision| &decision.persons);
        let parents = self.pension_years.iter().flat_map(|year| &year.child_decisions);
        let parents = parents.filter_map(|decision| decision.parent.as_ref());
        related.chain(in_matters.chain(at_pm).map(|in_role| &in_role.person)).chain(parents)
    }

    /// The same, list by list: where one of a list has the flag, FK states it there.
    fn lists_of_others(&self) -> Vec<Vec<&Person>> {
        let mut lists: Vec<Vec<&Person>> = vec![];
        for known in &self.general {
            lists.push(known.children.iter().collect());
            lists.push(known.relatives.iter().collect());
        }
        for matter in &self.matters {
            lists.push(matter.persons.iter().map(|in_role| &in_role.person).collect());
            for decision in &matter.decisions {
                lists.push(decision.persons.iter().map(|in_role| &in_role.person).collect());
            }
        }
        lists
    }

    /// Every list of named figures.
    fn figures_mut(&mut self) -> impl Iterator<Item = &mut Vec<common::Figure>> {
        let matters = self.matters.iter_mut().flat_map(|matter| {
            std::iter::once(&mut matter.basics)
                .chain(matter.decisions.iter_mut().map(|decision| &mut decision.basis))
        });
        let pensions = self.pension_years.iter_mut().map(|year| &mut year.figures);
        let decisions = self.pm.decisions.iter_mut().flat_map(|decision| {
            let bases = decision.compensations.iter_mut().map(|compensation| &mut compensation.basis);
            std::iter::once(&mut decision.additions).chain(bases)
        });
        let other = self.pm.other.iter_mut().map(|information| &mut information.figures);
        matters.chain(pensions).chain(decisions).chain(other)
    }

    /// Takes out figures under names that no figure may have ([`FIGURES`]).
    pub fn take_out_unreadable_figures(&mut self) -> Vec<common::Figure> {
        self.figures_mut()
            .flat_map(|figures| figures.extract_if(.., |figure| !figure.is_readable()))
            .collect()
    }

    fn is_own(&self, other: &Person) -> bool {
        let own = self.person.as_ref().map(|person| (person.expose(), person.ten_digits()));
        let number = other.number.as_deref();
        own.zip(number).is_some_and(|((long, short), number)| number == long || number == short)
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
