//! PM's published code lists. Codes outside them are kept as they came, and noted. (FK's codes come without published
//! lists.)

use ssbtek_domain::{
    Note,
    sections::fk::{
        Section,
        codes::{
            ACCOUNT_ENTRIES, ACCOUNT_EVENTS, ACCOUNTS, AMOUNT_TYPES, CIVIL_STATUSES, COMPENSATIONS,
            COORDINATIONS, DEDUCTIONS, FREQUENCIES, INFORMATION, LIFE_CERTIFICATES, OUTCOMES, PAID_BENEFITS,
            PM_GROUPS, STATUSES,
        },
        common::{Code, Figure, FigureValue},
        pm::PmPayment,
    },
};

/// Codes that stand inside figures: last field name before `.kod`, and their list.
const IN_FIGURES: [(&str, &[&str]); 6] = [
    ("samordningstyper", &COORDINATIONS),
    ("anvantCivilstand", &CIVIL_STATUSES),
    ("levnadsintygsstatus", &LIFE_CERTIFICATES),
    ("kontotyp", &ACCOUNTS),
    ("kontohandelsetyp", &ACCOUNT_EVENTS),
    ("kontotransaktionstyp", &ACCOUNT_ENTRIES),
];

/// One note for each field that holds a code outside its list.
pub(super) fn unknown(section: &Section) -> Vec<Note> {
    let mut notes = Notes(vec![]);
    for claim in &section.pm.claims {
        notes.code("formansgrupp", &claim.group, &PM_GROUPS);
    }
    for decision in &section.pm.decisions {
        notes.code("formansgrupp", &decision.group, &PM_GROUPS);
        notes.code("beslutsstatus", &decision.status, &STATUSES);
        notes.code("beslutsutfall", &decision.outcome, &OUTCOMES);
        notes.figures(&decision.additions);
        for compensation in &decision.compensations {
            notes.code("ersattningstyp", &compensation.kind, &COMPENSATIONS);
            notes.code("beloppsfrekvens", &compensation.frequency, &FREQUENCIES);
            notes.figures(&compensation.basis);
        }
    }
    section.pm.paid.iter().chain(&section.pm.announced).for_each(|payment| notes.payment(payment));
    for information in &section.pm.other {
        notes.code("informationstyp", &information.kind, &INFORMATION);
        notes.figures(&information.figures);
    }
    notes.0
}

struct Notes(Vec<Note>);

impl Notes {
    fn add(&mut self, field: &'static str) {
        let note = Note::UnknownCode(field);
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }

    fn code(&mut self, field: &'static str, code: &Option<Code>, known: &[&str]) {
        let code = code.as_ref().and_then(|code| code.id.as_deref());
        if code.is_some_and(|code| !known.contains(&code)) {
            self.add(field);
        }
    }

    fn payment(&mut self, payment: &PmPayment) {
        for deduction in &payment.deductions {
            self.code("avdragstyp", &deduction.kind, &DEDUCTIONS);
        }
        for row in &payment.rows {
            self.code("formansgrupp", &row.group, &PM_GROUPS);
            self.code("utbetalningsforman", &row.benefit, &PAID_BENEFITS);
            self.code("beloppstyp", &row.amount_type, &AMOUNT_TYPES);
        }
    }

    fn figures(&mut self, figures: &[Figure]) {
        for figure in figures {
            let Some(path) = figure.name.strip_suffix(".kod") else { continue };
            let last = path.rsplit('.').next().unwrap_or(path);
            let field = last.split('[').next().unwrap_or(last);
            let (FigureValue::Text(code) | FigureValue::Number(code)) = &figure.value else { continue };
            if let Some((name, known)) = IN_FIGURES.iter().find(|(name, _)| *name == field)
                && !known.contains(&code.as_str())
            {
                self.add(name);
            }
        }
    }
}
