//! What Försäkringskassan and Pensionsmyndigheten know about a generated person.
//!
//! Everything follows from the person's seed and situation, the period and today, so that every wire format tells the
//! same. Payments come monthly on the 25th (child allowance on the 20th, pension on the 18th): those of the period up to
//! today are paid, the one after it announced.

mod benefits;
mod general;
mod make;
mod pension;

use ssbtek_domain::{
    Agency, NaiveDate, Period, SeededEntropy,
    sections::fk::{Section, other::ProgramJobDays},
};

use crate::population::{Situation, TestPerson};

/// The facts about one person over a period.
pub fn section(person: &TestPerson, period: &Period, today: NaiveDate) -> Section {
    let mut section = Section::default();
    if person.unknown_at.contains(&Agency::Fk) {
        return section;
    }
    let chance = SeededEntropy::new(person.seed ^ 0xf0);
    section.person = Some(person.number.clone());
    section.general.push(general::information(person, today, &chance));
    let mut plan = benefits::Plan { person, period, today, chance: &chance, section: &mut section };
    match person.situation {
        Situation::Jobseeker => plan.jobseeker(),
        Situation::Student => plan.student(),
        Situation::Parent => plan.parent(),
        Situation::SickListed => plan.sick_listed(),
        Situation::Pensioner => plan.pensioner(),
        Situation::Newcomer => plan.newcomer(),
        Situation::Child => plan.child(),
    }
    if person.situation == Situation::Jobseeker {
        let used = i64::try_from(chance.below(450)).unwrap_or_default();
        section.program_job_days.push(ProgramJobDays { used: Some(used), all_used: Some(used >= 450) });
    }
    // LEFI groups matters by kind, in the contract's order.
    section.matters.sort_by_key(|matter| matter.kind);
    section
}

#[cfg(test)]
mod tests;
