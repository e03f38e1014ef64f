//! What each situation lives on.

use ssbtek_domain::{
    Amount, NaiveDate, Period, Personnummer, SeededEntropy,
    sections::fk::{
        Section,
        common::{Code, Money, PartialDate, PersonRole, Span},
        matter::{ClaimedDay, Decision, DecisionDay, Matter, MatterKind},
        other::{NamedMoney, ProgramAssignment, Reconciliation, SicknessIncome, StudyNotice},
        paid::{FkPayment, PaymentDetail},
    },
};

use super::make::{
    code, extent, flag, in_role, kronor, money_figures, month_before, month_of, months, number, on_day, ore,
    sek, text,
};
use super::pension;
use crate::population::TestPerson;

/// The person's facts in the making.
pub(super) struct Plan<'a> {
    pub(super) person: &'a TestPerson,
    pub(super) period: &'a Period,
    pub(super) today: NaiveDate,
    pub(super) chance: &'a SeededEntropy,
    pub(super) section: &'a mut Section,
}

/// A benefit that is paid monthly.
struct Monthly {
    family: Code,
    benefit: Code,
    amount_type: Code,
    day: u32,
    gross: Amount,
    tax_percent: i64,
    days: Option<i64>,
    /// Paid by PM through FK's books.
    by_pm: bool,
}

impl Plan<'_> {
    /// Kronor between `from` and `from + spread`.
    fn kronor(&self, from: i64, spread: u64) -> i64 {
        from + i64::try_from(self.chance.below(spread)).unwrap_or_default()
    }

    fn children(&self) -> Vec<Personnummer> {
        let mut children = self.person.household.clone();
        children.retain(|number| {
            number.age_on(self.today).is_some_and(|age| age < 18) && *number != self.person.number
        });
        children
    }

    fn adults(&self) -> Vec<Personnummer> {
        let mut adults = self.person.household.clone();
        adults.retain(|number| {
            number.age_on(self.today).is_some_and(|age| age >= 18) && *number != self.person.number
        });
        adults
    }

    /// An ongoing decision over the whole period, made the day before it begins.
    fn decision(&self, benefit: Code) -> Decision {
        Decision {
            decided: self.period.from().pred_opt().map(PartialDate::day),
            definitive: Some(true),
            benefit: Some(benefit),
            period: Some(Span::of(self.period)),
            ..Decision::default()
        }
    }

    fn matter(&self, kind: MatterKind, decisions: Vec<Decision>) -> Matter {
        Matter {
            started: PartialDate::parse(&format!("{}-01-15", self.period.from().format("%Y"))),
            active: Some(true),
            rejected: Some(false),
            decisions,
            ..Matter::new(kind)
        }
    }

    /// Payments within the period up to today are paid; the first one after today is announced, unless the question is
    /// about the past only.
    fn pay(&mut self, monthly: &Monthly) {
        for month in months(self.period) {
            let date = on_day(&month, monthly.day);
            if self.period.contains(date) && date <= self.today {
                let payment = payment(monthly, date, &month_before(&month));
                self.section.paid.push(payment);
            }
        }
        if self.period.to() < self.today {
            return;
        }
        let this_month = month_of(self.today);
        let month = if on_day(&this_month, monthly.day) > self.today {
            this_month
        } else {
            month_of(this_month.to().succ_opt().unwrap_or(self.today))
        };
        let payment = payment(monthly, on_day(&month, monthly.day), &month_before(&month));
        self.section.announced.push(payment);
    }

    pub(super) fn jobseeker(&mut self) {
        let mut decision = self.decision(Code::new("AS", "Aktivitetsstöd"));
        decision.compensation = code("1", "Hel ersättning");
        decision.periodicity = code("4", "Daglig");
        decision.days = Some(21);
        decision.waiting = Some(false);
        let amount = self.kronor(510, 400);
        decision.gross = sek(kronor(amount));
        let mut matter = self.matter(MatterKind::Aktivitetsstod, vec![decision]);
        matter.basics = vec![number("atgardstyp.id", 7), text("atgardstyp.beskrivning", "Arbetspraktik")];
        self.section.matters.push(matter);
        self.section.program_assignments.push(ProgramAssignment {
            period: Some(Span::of(self.period)),
            extent: Some(extent(1, 1)),
            program: code("68", "Jobb- och utvecklingsgarantin"),
        });
        self.pay(&Monthly {
            family: Code::new("AS", "Aktivitetsstöd"),
            benefit: Code::new("ASJOB", "Aktivitetsstöd jobb- och utvecklingsgarantin"),
            amount_type: Code::new("DAG", "Dagersättning"),
            day: 25,
            gross: kronor(amount * 21),
            tax_percent: 24,
            days: Some(21),
            by_pm: false,
        });
        self.family_benefits();
    }

    pub(super) fn student(&mut self) {
        self.section
            .study_notices
            .push(StudyNotice { kind: code("1", "Studiemedel"), period: Some(Span::of(self.period)) });
        self.family_benefits();
    }

    pub(super) fn parent(&mut self) {
        let children = self.children();
        let daily = self.kronor(600, 500);
        let mut decision = self.decision(Code::new("FP", "Föräldrapenning"));
        decision.extents = vec![extent(1, 1)];
        decision.days = Some(5);
        decision.compensation = code("1", "Föräldrapenning vid barns födelse");
        let first_days = self.period.from().iter_days().take(5);
        decision.calendar_days = first_days
            .map(|day| DecisionDay {
                day: Some(day),
                level: code("SN", "Sjukpenningnivå"),
                amount: sek(ore(daily * 100 + 50)),
                ..DecisionDay::default()
            })
            .collect();
        let mut matter = self.matter(MatterKind::Foraldrapenning, vec![decision]);
        matter.persons =
            children.first().map(|child| in_role(PersonRole::Barn, self.person, child)).into_iter().collect();
        matter.claimed_days = self
            .today
            .iter_days()
            .skip(1)
            .take(3)
            .map(|day| ClaimedDay {
                day: Some(day),
                level: code("GN", "Grundnivå"),
                extent: Some(extent(1, 2)),
            })
            .collect();
        self.section.matters.push(matter);
        self.sickness_income(daily * 365);
        self.pay(&Monthly {
            family: Code::new("FP", "Föräldrapenning"),
            benefit: Code::new("FPSN", "Föräldrapenning sjukpenningnivå"),
            amount_type: Code::new("DAG", "Dagersättning"),
            day: 25,
            gross: ore((daily * 100 + 50) * 20),
            tax_percent: 30,
            days: Some(20),
            by_pm: false,
        });
        self.family_benefits();
    }

    pub(super) fn sick_listed(&mut self) {
        let daily = self.kronor(550, 600);
        let mut decision = self.decision(Code::new("SJP", "Sjukpenning"));
        decision.extents = vec![extent(3, 4)];
        decision.days = Some(30);
        decision.waiting = Some(true);
        decision.outcome = Some(Code::bare("BEVILJAN"));
        decision.decision_type = Some("SLUTLIGT".to_owned());
        decision.compensation = Some(Code::bare("SJUKPENNING"));
        decision.level = Some("NORMAL".to_owned());
        let deduction = kronor(daily / 5);
        decision.calendar_days = vec![DecisionDay {
            day: Some(self.period.from()),
            amount: sek(kronor(daily)),
            waiting_deduction: sek(deduction),
            ..DecisionDay::default()
        }];
        let mut matter = self.matter(MatterKind::Sjukpenning, vec![decision]);
        matter.rejected = None;
        // A second application waits for its decision.
        let mut pending = self.matter(MatterKind::Sjukpenning, vec![]);
        pending.started = self.today.pred_opt().map(PartialDate::day);
        pending.rejected = None;
        self.section.matters.extend([matter, pending]);
        self.sickness_income(daily * 365);
        self.section.reconciliations.push(Reconciliation {
            historical: true,
            year: Some("2025".to_owned()),
            amounts: vec![
                NamedMoney { name: "arsinkomstISverige".into(), money: Money::sek(kronor(42_000)) },
                NamedMoney { name: "aterkrav".into(), money: Money::sek(ore(123_450)) },
            ],
        });
        self.pay(&Monthly {
            family: Code::new("SJP", "Sjukpenning"),
            benefit: Code::new("SJP1", "Sjukpenning normalnivå"),
            amount_type: Code::new("DAG", "Dagersättning"),
            day: 25,
            gross: kronor(daily * 30),
            tax_percent: 30,
            days: Some(30),
            by_pm: false,
        });
        self.family_benefits();
    }

    pub(super) fn pensioner(&mut self) {
        let monthly = self.kronor(9_000, 7_000);
        // For a while both authorities hold the same pension: the same payment is told twice.
        if self.chance.below(3) == 0 {
            self.pay(&Monthly {
                family: Code::new("AP", "Allmän pension"),
                benefit: Code::new("IP", "Inkomstpension"),
                amount_type: Code::new("PENS", "Pension"),
                day: 18,
                gross: kronor(monthly),
                tax_percent: 20,
                days: None,
                by_pm: true,
            });
        }
        pension::fill(self, monthly);
    }

    pub(super) fn newcomer(&mut self) {
        let mut decision = self.decision(Code::new("ETA", "Etableringsersättning"));
        decision.compensation = code("ETA", "Etableringsersättning");
        decision.day_texts = vec![self.period.from().to_string()];
        decision.calendar_days = vec![DecisionDay {
            day: Some(self.period.from()),
            level: code("ETA", "Etableringsersättning"),
            amount: sek(kronor(308)),
            ..DecisionDay::default()
        }];
        let matter = Matter { decisions: vec![decision], ..Matter::new(MatterKind::Programersattning) };
        self.section.matters.push(matter);
        self.pay(&Monthly {
            family: Code::new("ETA", "Etableringsersättning"),
            benefit: Code::new("ETA", "Etableringsersättning"),
            amount_type: Code::new("DAG", "Dagersättning"),
            day: 27,
            gross: kronor(308 * 21),
            tax_percent: 0,
            days: Some(21),
            by_pm: false,
        });
        self.family_benefits();
    }

    pub(super) fn child(&mut self) {
        let mut decision = self.decision(Code::new("ABB", "Barnbidrag"));
        decision.gross = sek(kronor(1250));
        decision.persons = self.adults().first().map(in_role_payee).into_iter().collect();
        decision.basis = vec![
            flag("skolgang", true),
            flag("tvaBidragsmottagare", false),
            text("utbetalningsdatum", &self.today.format("%Y-%m").to_string()),
        ];
        let mut matter =
            Matter { decisions: vec![decision], ..Matter::new(MatterKind::MottagareAvBarnbidrag) };
        matter.persons = vec![in_role(PersonRole::Personuppgift, self.person, &self.person.number)];
        self.section.matters.push(matter);
    }

    fn sickness_income(&mut self, yearly: i64) {
        self.section.sickness_incomes.push(SicknessIncome {
            established: self.period.from().pred_opt().map(PartialDate::day),
            kind: code("1", "Anställning"),
            employment: sek(kronor(yearly)),
            days: Some(260),
            ..SicknessIncome::default()
        });
    }

    /// Child allowance, housing allowance and maintenance support for those with children.
    fn family_benefits(&mut self) {
        let children = self.children();
        let Some(first) = children.first().cloned() else { return };
        let count = i64::try_from(children.len()).unwrap_or(1);
        for child in &children {
            let mut decision = self.decision(Code::new("ABB", "Barnbidrag"));
            decision.periodicity = code("1", "Månad");
            decision.gross = sek(kronor(1250));
            decision.basis = vec![flag("myndighetsplacering", false)];
            let mut matter = Matter { decisions: vec![decision], ..Matter::new(MatterKind::Barnbidrag) };
            matter.persons = vec![in_role(PersonRole::Barn, self.person, child)];
            self.section.matters.push(matter);
        }
        self.pay(&Monthly {
            family: Code::new("ABB", "Barnbidrag"),
            benefit: Code::new("ABB", "Allmänt barnbidrag"),
            amount_type: Code::new("MAN", "Månadsbelopp"),
            day: 20,
            gross: kronor(1250 * count),
            tax_percent: 0,
            days: None,
            by_pm: false,
        });
        self.housing_allowance(&children);
        if self.chance.below(2) == 0 {
            let mut decision = self.decision(Code::new("US", "Underhållsstöd"));
            decision.gross = sek(kronor(1673));
            let mut matter = self.matter(MatterKind::UnderhallsstodKrav, vec![decision]);
            matter.persons = vec![in_role(PersonRole::Barn, self.person, &first)];
            self.section.matters.push(matter);
            let owed = self.kronor(1_000, 9_000);
            self.section.maintenance_debts.push(Money::sek(kronor(owed)));
        }
    }

    fn housing_allowance(&mut self, children: &[Personnummer]) {
        let monthly = self.kronor(800, 2_600);
        let mut decision = self.decision(Code::new("BOB", "Bostadsbidrag"));
        decision.definitive = Some(false);
        decision.gross = sek(kronor(monthly));
        decision.persons =
            children.iter().map(|child| in_role(PersonRole::HemmavarandeBarn, self.person, child)).collect();
        decision.basis.extend(money_figures("reduceradBostadskostnad", monthly + 3_000));
        decision.basis.extend(money_figures("totalBostadskostnad", monthly + 5_400));
        decision.basis.extend(money_figures("inkomster[0]", 120_000));
        let mut matter = self.matter(MatterKind::Bostadsbidrag, vec![decision]);
        matter.persons = self
            .adults()
            .iter()
            .take(1)
            .map(|adult| in_role(PersonRole::Medsokande, self.person, adult))
            .collect();
        self.section.matters.push(matter);
        self.pay(&Monthly {
            family: Code::new("BOB", "Bostadsbidrag"),
            benefit: Code::new("BOBBF", "Bostadsbidrag barnfamilj"),
            amount_type: Code::new("MAN", "Månadsbelopp"),
            day: 27,
            gross: kronor(monthly),
            tax_percent: 0,
            days: None,
            by_pm: false,
        });
    }
}

fn in_role_payee(number: &Personnummer) -> ssbtek_domain::sections::fk::person::PersonInRole {
    use ssbtek_domain::sections::fk::person::{Person, PersonInRole};
    // The contract gives payees as bare numbers.
    let person = Person { number: Some(number.expose().to_owned()), ..Person::default() };
    PersonInRole { role: PersonRole::Utbetalningsmottagare, person }
}

fn payment(monthly: &Monthly, date: NaiveDate, covers: &Period) -> FkPayment {
    // Tax in whole kronor, as FK withholds it.
    let tax = whole(monthly.gross) * monthly.tax_percent / 100;
    let net = minus(monthly.gross, tax);
    FkPayment {
        kind: code("1", "Månad"),
        company: if monthly.by_pm {
            code("1003", "Pensionsmyndigheten")
        } else {
            code("1001", "Försäkringskassan")
        },
        benefit_family: Some(monthly.family.clone()),
        date: Some(PartialDate::day(date)),
        period: Some(Span::of(covers)),
        gross: sek(monthly.gross),
        tax: sek(kronor(tax)),
        deduction: sek(kronor(tax)),
        net: sek(net),
        details: vec![PaymentDetail {
            benefit: Some(monthly.benefit.clone()),
            period: Some(Span::of(covers)),
            amount_type: Some(monthly.amount_type.clone()),
            extent: monthly.days.map(|_| extent(1, 1)),
            days: monthly.days,
            hours: None,
            gross: sek(monthly.gross),
            tax: sek(kronor(tax)),
            deduction: None,
        }],
    }
}

/// Whole kronor, öre dropped.
fn whole(amount: Amount) -> i64 {
    amount.to_string().split('.').next().and_then(|kronor| kronor.parse().ok()).unwrap_or_default()
}

fn minus(amount: Amount, whole_kronor: i64) -> Amount {
    amount.checked_add(kronor(-whole_kronor)).unwrap_or_default()
}
