//! The LEFI question as the mock reads it.

use serde_json::Value;
use ssbtek_domain::{
    Period,
    sections::fk::{Section, common::Code, pm::PmPayment},
};

/// Classes of information in the question.
const CLASSES: [&str; 6] = [
    "formansinformation",
    "ansprak",
    "beslut",
    "preliminaraUtbetalningar",
    "utbetalningar",
    "ovrigInformation",
];

/// A question that LEFI would answer.
pub(super) struct Asked {
    /// Person number, 12 digits.
    pub(super) number: String,
    /// At most two years.
    pub(super) period: Period,
    /// (class, information type) in the question's order.
    pub(super) types: Vec<(String, String)>,
}

/// `…/v9/aktorer/{aktorsId}/formansinformation/fraga`.
pub(super) fn is_known_path(path: &str) -> bool {
    let actor = path
        .strip_prefix("/lefi-extern-formansinformation/v9/aktorer/")
        .and_then(|rest| rest.strip_suffix("/formansinformation/fraga"));
    actor.is_some_and(|actor| !actor.is_empty() && !actor.contains('/'))
}

impl Asked {
    /// `None` for what LEFI answers with 400: nothing asked for, more than two years, something missing.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let question: Value = serde_json::from_slice(body).ok()?;
        let day = |name: &str| question.get("period")?.get(name)?.as_str()?.parse().ok();
        let period = Period::new(day("from")?, day("tom")?).ok()?;
        let two_years = period.from().checked_add_months(chrono::Months::new(24))?;
        let mut types = vec![];
        for class in CLASSES {
            for code in question.get(class).and_then(Value::as_array).into_iter().flatten() {
                types.push((class.to_owned(), code.as_str()?.to_owned()));
            }
        }
        let number = question.get("personnummer")?.as_str()?.to_owned();
        (!types.is_empty() && period.to() < two_years).then_some(Self { number, period, types })
    }

    fn has(&self, class: &str, code: &str) -> bool {
        self.types.iter().any(|(asked_class, asked)| asked_class == class && asked == code)
    }

    fn any(&self, class: &str, prefix: &str) -> bool {
        self.types.iter().any(|(asked_class, asked)| asked_class == class && asked.starts_with(prefix))
    }

    /// Leaves what was asked for.
    pub(super) fn reduce(&self, section: &mut Section) {
        let benefit = |code: &str| self.has("formansinformation", code);
        let other = |code: &str| self.has("ovrigInformation", code);
        if !other("FK:GEPI") {
            section.general.clear();
        }
        section.matters.retain(|matter| benefit(matter.kind.group()));
        if !self.any("utbetalningar", "FK:") {
            section.paid.clear();
        }
        if !self.any("preliminaraUtbetalningar", "FK:") {
            section.announced.clear();
        }
        if !other("FK:PANV") {
            section.program_assignments.clear();
        }
        if !benefit("FK:PJOB") {
            section.program_job_days.clear();
        }
        if !other("FK:SGI") {
            section.sickness_incomes.clear();
        }
        if !benefit("FK:SA") {
            section.reconciliations.clear();
        }
        if !benefit("FK:US") {
            section.maintenance_debts.clear();
        }
        if !other("FK:STAV") {
            section.study_notices.clear();
        }
        if !other("FK:SKUP") {
            section.tax_ids.clear();
        }
        self.reduce_pm(section);
    }

    fn reduce_pm(&self, section: &mut Section) {
        let group = |class: &str, group: &Option<Code>| {
            group.as_ref().and_then(|code| code.id.as_deref()).is_some_and(|code| self.has(class, code))
        };
        let pm = &mut section.pm;
        pm.claims.retain(|claim| group("ansprak", &claim.group));
        pm.decisions.retain(|decision| group("beslut", &decision.group));
        let asked =
            |class: &str, payment: &PmPayment| payment.rows.iter().any(|row| group(class, &row.group));
        pm.paid.retain(|payment| asked("utbetalningar", payment));
        pm.announced.retain(|payment| asked("preliminaraUtbetalningar", payment));
        pm.other.retain(|information| group("ovrigInformation", &information.kind));
    }
}
