//! What CSN knows about a generated person, over the time it answers for (two months back, one month ahead).

use chrono::{Datelike, Months};
use ssbtek_domain::{
    Amount, NaiveDate, Period, Protection, Week,
    sections::csn::{
        AmountRow, AppliedTime, Case, CaseStatus, CoBorrower, GrantedTime, Mark, Moment, PaidTime,
        PaymentStatus, PlanPayment, Section, Span, SupportKinds,
    },
};

use crate::population::{Situation, TestPerson};

/// CSN's facts about one person over a period.
pub fn section(person: &TestPerson, period: &Period, today: NaiveDate) -> Section {
    let mut section = Section {
        person: Some(person.number.clone()),
        sekretess: if person.protection > Protection::None { Mark::Yes } else { Mark::Blank },
        ..Section::default()
    };
    let facts = Maker { person, window: window(period, today), today };
    match person.situation {
        Situation::Student => section.studiemedel = facts.studiemedel(),
        Situation::Newcomer => section.hemutrustningslan = facts.hemutrustningslan(),
        Situation::Child if person.number.age_on(today).is_some_and(|age| age >= 16) => {
            section.studiehjalp = facts.studiehjalp()
        }
        Situation::Jobseeker if person.seed.is_multiple_of(3) => {
            section.studiestartsstod = facts.studiestartsstod();
        }
        Situation::Parent | Situation::SickListed if person.seed.is_multiple_of(5) => {
            section.omstallningsstudiestod = facts.omstallningsstudiestod();
        }
        _ => {}
    }
    let said = |cases: &[Case]| if cases.is_empty() { String::new() } else { "Ja".to_owned() };
    section.support_kinds = Some(SupportKinds {
        studiemedel: said(&section.studiemedel),
        studiehjalp: said(&section.studiehjalp),
        hemutrustningslan: said(&section.hemutrustningslan),
        studiestartsstod: said(&section.studiestartsstod),
        omstallningsstudiestod: said(&section.omstallningsstudiestod),
    });
    section
}

/// The days that are both asked about and answered for.
fn window(period: &Period, today: NaiveDate) -> Option<Period> {
    let from = today.checked_sub_months(Months::new(2))?;
    let to = today.checked_add_months(Months::new(1))?;
    Period::new(from, to).ok()?.intersect(period)
}

/// A code and its words.
type Label = (&'static str, &'static str);

struct Maker<'a> {
    person: &'a TestPerson,
    window: Option<Period>,
    today: NaiveDate,
}

impl Maker<'_> {
    fn studiemedel(&self) -> Vec<Case> {
        let label = ("GRUND", "Studiemedel för studier i Sverige");
        let mut rows: Vec<(Label, i64)> = vec![(("GRUNDB", "Bidrag"), 1_068)];
        if self.person.seed.is_multiple_of(2) {
            rows.push((("GRUNDL", "Lån"), 2_472));
        }
        if self.person.seed % 7 == 1 {
            let waiting = Case { status: CaseStatus::Initiated, applied: self.applied(), ..case("1", label) };
            return vec![waiting];
        }
        let mut plan = self.monthly(25, &rows);
        if self.person.seed % 4 == 1 {
            plan.extend(self.undecided(&rows));
        }
        vec![Case { applied: self.applied(), granted: self.granted(&rows), plan, ..case("1", label) }]
    }

    fn studiehjalp(&self) -> Vec<Case> {
        let rows = [(("STUDB", "Studiebidrag"), 312)];
        let label = ("SB", "Studiebidrag");
        vec![Case {
            applied: self.applied(),
            granted: self.granted(&rows),
            plan: self.monthly(28, &rows),
            ..case("2", label)
        }]
    }

    fn studiestartsstod(&self) -> Vec<Case> {
        let rows = [(("STÖDB", "Studiestartsstöd bidrag"), 2_300)];
        let label = ("SSSTÖD", "Studiestartsstöd");
        vec![Case {
            related_case: Some("4".to_owned()),
            applied: self.applied(),
            granted: self.granted(&rows),
            plan: self.monthly(24, &rows),
            ..case("3", label)
        }]
    }

    fn omstallningsstudiestod(&self) -> Vec<Case> {
        let rows = [
            (("OSSBID", "Omställningsstudiestöd bidrag"), 5_050),
            (("OSSLÅN", "Omställningsstudiestöd lån"), 1_240),
        ];
        let label = ("OSS", "Omställningsstudiestöd");
        vec![Case {
            applied: self.applied(),
            granted: self.granted(&rows),
            plan: self.monthly(26, &rows),
            ..case("5", label)
        }]
    }

    fn hemutrustningslan(&self) -> Vec<Case> {
        let label = ("HUT", "Hemutrustningslån");
        let total = 5_000 + 500 * i64::try_from(self.person.seed % 10).unwrap_or_default();
        let paid = self.today.checked_sub_days(chrono::Days::new(self.person.seed % 50));
        let plan = paid.filter(|day| self.window.is_some_and(|window| window.contains(*day))).map(|day| {
            PlanPayment {
                date: Some(day),
                status: PaymentStatus::Paid,
                times: vec![PaidTime {
                    span: Span::default(),
                    amounts: vec![row(("HUT", "Lån"), total, 1)],
                    total: kronor(total),
                }],
                total: kronor(total),
            }
        });
        let adult =
            self.person.household.iter().find(|other| other.age_on(self.today).is_some_and(|age| age >= 18));
        vec![Case {
            co_borrower: adult.map(|other| CoBorrower::Number(other.expose().to_owned())),
            plan: plan.into_iter().collect(),
            ..case("1004711", label)
        }]
    }

    fn applied(&self) -> Vec<AppliedTime> {
        let Some((from, to)) = term(self.today) else { return vec![] };
        let loan = if self.person.seed.is_multiple_of(2) { Mark::Yes } else { Mark::Blank };
        vec![AppliedTime { from: Some(from), to: Some(to), extent: Some(100), loan }]
    }

    fn granted(&self, rows: &[(Label, i64)]) -> Vec<GrantedTime> {
        let Some((from, to)) = term(self.today) else { return vec![] };
        let span = weeks(Week::of(from), Week::of(to));
        let amounts: Vec<AmountRow> = rows.iter().map(|(label, weekly)| row(*label, *weekly, 20)).collect();
        vec![GrantedTime { span, pace: Some(100), gr_takt: None, total: sum(rows, 20), amounts }]
    }

    /// One payment in each month that is answered for, on `day`, for the four weeks from the month's beginning.
    fn monthly(&self, day: u32, rows: &[(Label, i64)]) -> Vec<PlanPayment> {
        let Some(window) = self.window else { return vec![] };
        let months = (0..4).filter_map(|n| window.from().with_day(1)?.checked_add_months(Months::new(n)));
        months
            .filter_map(|first| Some((first, first.with_day(day)?)))
            .filter(|(_, date)| window.contains(*date))
            .map(|(first, date)| PlanPayment {
                date: Some(date),
                status: if date <= self.today { PaymentStatus::Paid } else { PaymentStatus::Planned },
                ..payment(first, rows)
            })
            .collect()
    }

    /// A payment whose day is not decided, for the month after the window.
    fn undecided(&self, rows: &[(Label, i64)]) -> Option<PlanPayment> {
        let next = self.window?.to().with_day(1)?.checked_add_months(Months::new(1))?;
        Some(PlanPayment { date: None, status: PaymentStatus::Planned, ..payment(next, rows) })
    }
}

/// The term that `day` lies in, roughly: spring to June, autumn to the middle of January.
fn term(day: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let date = NaiveDate::from_ymd_opt;
    if day.month() <= 6 {
        Some((date(day.year(), 1, 19)?, date(day.year(), 6, 7)?))
    } else {
        Some((date(day.year(), 8, 31)?, date(day.year() + 1, 1, 17)?))
    }
}

fn case(number: &str, (support, label): Label) -> Case {
    Case {
        number: number.to_owned(),
        support: support.to_owned(),
        label: label.to_owned(),
        status: CaseStatus::Decided,
        ..Case::default()
    }
}

/// Four weeks from the one that `first` lies in.
fn payment(first: NaiveDate, rows: &[(Label, i64)]) -> PlanPayment {
    let start = Week::of(first);
    let end = first.checked_add_days(chrono::Days::new(21)).map_or(start, Week::of);
    let amounts = rows.iter().map(|(label, weekly)| row(*label, *weekly, 4)).collect();
    let time = PaidTime { span: weeks(start, end), amounts, total: sum(rows, 4) };
    PlanPayment { times: vec![time], total: sum(rows, 4), ..PlanPayment::default() }
}

fn weeks(start: Week, end: Week) -> Span {
    Span::new(Some(Moment::Week(start)), Some(Moment::Week(end))).unwrap_or_default()
}

fn row((kind, label): Label, weekly: i64, weeks: i64) -> AmountRow {
    AmountRow {
        kind: kind.to_owned(),
        label: label.to_owned(),
        amount: kronor(weekly),
        total: kronor(weekly * weeks),
    }
}

fn sum(rows: &[(Label, i64)], weeks: i64) -> Option<Amount> {
    kronor(rows.iter().map(|(_, weekly)| weekly * weeks).sum())
}

fn kronor(kronor: i64) -> Option<Amount> {
    Amount::from_kronor(kronor).ok()
}
