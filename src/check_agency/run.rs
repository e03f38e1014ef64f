//! Asks, in order; stops early only where nobody is there.

use futures::future::join_all;
use ssbtek_agencies::Connector;
use ssbtek_domain::{Clock, Entropy, Note, Outcome, Period, Personnummer, Question, SourceAnswer};
use tokio::time::Instant;

use crate::{
    Check, CheckReport, Reasons, Report, Subject,
    judge::{self, Expect, Timed},
    question::Questions,
};

/// A samordningsnummer with a birth number that is given to nobody (day of birth raised by 60).
const ABSENT_SAMORDNINGSNUMMER: [&str; 10] = [
    "190102639800",
    "190102639801",
    "190102639802",
    "190102639803",
    "190102639804",
    "190102639805",
    "190102639806",
    "190102639807",
    "190102639808",
    "190102639809",
];

/// Puts every check to the subject. `reasons`: where the connector's refusals are collected, if anywhere.
pub async fn run(subject: &Subject, clock: &dyn Clock, entropy: &dyn Entropy, reasons: &Reasons) -> Report {
    let questions = Questions { subject, today: clock.today(), now: clock.now(), entropy };
    let kit = Kit { subject, questions, reasons };
    let mut report =
        Report { source: subject.connector.source().code().to_owned(), reachable: true, checks: vec![] };
    let connection = kit.connection().await;
    report.reachable = connection.deviations.is_empty();
    report.checks.push(connection);
    if !report.reachable {
        return report;
    }
    let mut ordinary = None;
    for check in Check::ALL.into_iter().skip(1) {
        report.checks.push(kit.check(check, &mut ordinary).await);
    }
    report
}

struct Kit<'a> {
    subject: &'a Subject,
    questions: Questions<'a>,
    reasons: &'a Reasons,
}

impl Kit<'_> {
    async fn connection(&self) -> CheckReport {
        let mut report = CheckReport::new(Check::Connection);
        let deadline = Instant::now() + self.subject.expectations.deadline;
        if self.subject.connector.reach(deadline).await.is_err() {
            report.deviates(
                "no connection: nobody listens there, or the certificate does not prove the name in the address, has \
                 expired or has another issuer",
            );
        }
        report
    }

    async fn check(&self, check: Check, ordinary: &mut Option<SourceAnswer>) -> CheckReport {
        let mut report = CheckReport::new(check);
        let persons = &self.subject.persons;
        let Some(weeks) = self.questions.weeks() else {
            report.remarks("nothing of the last weeks may be asked under the source's own rule");
            return report;
        };
        match check {
            Check::Connection => {}
            Check::Certificate => self.certificate(&mut report, weeks).await,
            Check::Ordinary => *ordinary = self.known(&mut report, &persons.known, weeks).await,
            Check::Again => {
                let again = self.known(&mut report, &persons.known, weeks).await;
                let facts =
                    |answer: &Option<SourceAnswer>| answer.as_ref().and_then(|answer| answer.section.clone());
                if facts(ordinary) != facts(&again) {
                    report.deviates("the same question got another answer");
                }
            }
            Check::SecondPerson => match &persons.second {
                Some(second) => drop(self.known(&mut report, second, weeks).await),
                None => report.remarks("no second person was given"),
            },
            Check::AbsentPerson => self.one(&mut report, &persons.absent, weeks, Expect::Absence).await,
            Check::AbsentSamordningsnummer => self.samordningsnummer(&mut report, weeks).await,
            Check::OneDay => match self.questions.one_day() {
                Some(day) => self.one(&mut report, &persons.known, day, Expect::Spoken).await,
                None => report.remarks("today may not be asked about under the source's own rule"),
            },
            Check::LongPeriod => self.long_period(&mut report).await,
            Check::LongestFields => self.longest_fields(&mut report, weeks, ordinary.as_ref()).await,
            Check::AtOnce => self.at_once(&mut report, weeks).await,
        }
        report
    }

    /// A known person must be known.
    async fn known(
        &self,
        report: &mut CheckReport,
        person: &Personnummer,
        period: Period,
    ) -> Option<SourceAnswer> {
        let question = self.questions.about(person, period).ok()?;
        let timed = self.ask(&*self.subject.connector, &question).await;
        judge::answer(report, &timed, Expect::Spoken, self.subject.expectations.slow);
        if timed.answer.outcome == Outcome::NoSuchPerson {
            report.remarks("the service says that it does not know this person, who was said to be known");
        }
        Some(timed.answer)
    }

    async fn one(&self, report: &mut CheckReport, person: &Personnummer, period: Period, expect: Expect) {
        let Ok(question) = self.questions.about(person, period) else { return };
        let timed = self.ask(&*self.subject.connector, &question).await;
        judge::answer(report, &timed, expect, self.subject.expectations.slow);
    }

    async fn samordningsnummer(&self, report: &mut CheckReport, period: Period) {
        let mut numbers =
            ABSENT_SAMORDNINGSNUMMER.iter().filter_map(|text| Personnummer::parse_undated(text).ok());
        let Some(number) = numbers.next() else { return };
        let Ok(question) = self.questions.about(&number, period) else { return };
        let timed = self.ask(&*self.subject.connector, &question).await;
        match not_sent(&timed.answer) {
            Some(rule) => report.remarks(format!("the broker never sends it: {rule}")),
            None => judge::answer(report, &timed, Expect::Absence, self.subject.expectations.slow),
        }
    }

    async fn certificate(&self, report: &mut CheckReport, period: Period) {
        let Some(anonymous) = &self.subject.without_certificate else {
            report.remarks("the service is asked without TLS");
            return;
        };
        let Ok(question) = self.questions.about(&self.subject.persons.known, period) else { return };
        let timed = self.ask(&**anonymous, &question).await;
        report.heard.push(crate::Heard::of(&timed.answer, 0));
        if timed.answer.section.is_some() || timed.answer.outcome.is_conclusive() {
            report.deviates("the service answers a caller without a client certificate");
        }
    }

    async fn long_period(&self, report: &mut CheckReport) {
        let Some(wanted) = self.questions.ten_years() else { return };
        let derived = self.subject.connector.derive_period(wanted, self.questions.today);
        let has_rule = !matches!(&derived, Some((_, None | Some(Note::PeriodWidened(_)))));
        if !has_rule {
            return self.one(report, &self.subject.persons.known, wanted, Expect::Spoken).await;
        }
        let Ok(question) = self.questions.about(&self.subject.persons.known, wanted) else { return };
        let timed = self.ask(&*self.subject.connector, &question).await;
        if let Some(rule) = not_sent(&timed.answer) {
            return report.remarks(format!("the broker never sends it: {rule}"));
        }
        judge::answer(report, &timed, Expect::SpokenOrRefusedByService, self.subject.expectations.slow);
        if timed.answer.outcome != Outcome::FailedAtSource {
            report.deviates("more time than the service's own rule allows, and it did not say so");
        }
    }

    /// The longest identifiers that the source's own rule lets through.
    async fn longest_fields(
        &self,
        report: &mut CheckReport,
        period: Period,
        ordinary: Option<&SourceAnswer>,
    ) {
        for chars in [64, 31] {
            let person = &self.subject.persons.known;
            let Ok(question) = self.questions.with_long_texts(person, period, chars) else { return };
            let timed = self.ask(&*self.subject.connector, &question).await;
            if not_sent(&timed.answer).is_some() && chars > 31 {
                continue;
            }
            judge::answer(report, &timed, Expect::Spoken, self.subject.expectations.slow);
            if ordinary.is_some_and(|ordinary| ordinary.section != timed.answer.section) {
                report.deviates("other texts in the question gave another answer");
            }
            return;
        }
    }

    async fn at_once(&self, report: &mut CheckReport, period: Period) {
        let persons = &self.subject.persons;
        let both = [Some(&persons.known), persons.second.as_ref()];
        let about: Vec<&Personnummer> = both.into_iter().flatten().collect();
        let questions: Vec<Question> = about
            .iter()
            .cycle()
            .take(self.subject.expectations.at_once)
            .filter_map(|person| self.questions.about(person, period).ok())
            .collect();
        let asked = questions.iter().map(|question| self.ask(&*self.subject.connector, question));
        for timed in join_all(asked).await {
            judge::answer(report, &timed, Expect::Spoken, self.subject.expectations.slow);
        }
    }

    async fn ask(&self, connector: &dyn Connector, question: &Question) -> Timed {
        let start = Instant::now();
        let answer = connector.ask(question, start + self.subject.expectations.deadline).await;
        Timed { answer, took: start.elapsed(), reasons: self.reasons.take() }
    }
}

/// The rule that kept a question from being sent.
fn not_sent(answer: &SourceAnswer) -> Option<&'static str> {
    answer.notes.iter().find_map(|note| match note {
        Note::CannotBeAsked(rule) => Some(*rule),
        _ => None,
    })
}
