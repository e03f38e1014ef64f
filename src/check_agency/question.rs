//! Questions: ordinary ones, and how each check departs from them.

use chrono::{Days, Months};
use ssbtek_domain::{
    CaseId, CaseWorkerId, DateTime, Entropy, EntryId, IdError, NaiveDate, Period, Personnummer, Processor,
    Purpose, Question, Utc, Wanted,
};

use crate::Subject;

/// What needs care in XML and JSON, and is allowed in every field of the question.
const MARKS: &str = "Ä&Ö <å> \"é\" 'ü' ]]> \\n {}";

/// Makes questions.
pub(crate) struct Questions<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) today: NaiveDate,
    pub(crate) now: DateTime<Utc>,
    pub(crate) entropy: &'a dyn Entropy,
}

impl Questions<'_> {
    /// About `person`, over `period`, in every other way ordinary.
    pub(crate) fn about(&self, person: &Personnummer, period: Period) -> Result<Question, IdError> {
        Ok(Question {
            entry: EntryId::draw(self.entropy, self.now),
            asking: self.subject.asking.clone(),
            case: CaseId::parse("KONTROLL-1")?,
            person: person.clone(),
            period,
            purpose: Purpose::parse("ekonomiskt bistånd")?,
            legal_basis: self.subject.ground.basis.clone(),
            kinds: self.subject.ground.kinds.clone(),
            asked_at: self.now,
            wanted: Wanted::Standard,
        })
    }

    /// About `person`, with identifiers of `chars` characters and the other texts as long as they may be.
    pub(crate) fn with_long_texts(
        &self,
        person: &Personnummer,
        period: Period,
        chars: usize,
    ) -> Result<Question, IdError> {
        let fill = |chars: usize| -> String { MARKS.chars().cycle().take(chars - 1).chain(['x']).collect() };
        let mut question = self.about(person, period)?;
        question.case = CaseId::parse(&fill(chars.min(CaseId::MAX_CHARS)))?;
        question.asking.case_worker = CaseWorkerId::parse(&fill(chars.min(CaseWorkerId::MAX_CHARS)))?;
        question.asking.name = fill(100);
        question.asking.processors =
            vec![Processor { organisation: question.asking.organisation, name: fill(100) }];
        question.purpose = Purpose::parse(&fill(Purpose::MAX_CHARS))?;
        Ok(question)
    }

    /// The last six weeks, as far as the source may be asked.
    pub(crate) fn weeks(&self) -> Option<Period> {
        let from = self.today.checked_sub_days(Days::new(42))?;
        let (period, _) =
            self.subject.connector.derive_period(Period::new(from, self.today).ok()?, self.today)?;
        Some(period)
    }

    /// Today, as far as the source may be asked.
    pub(crate) fn one_day(&self) -> Option<Period> {
        let today = Period::new(self.today, self.today).ok()?;
        self.subject.connector.derive_period(today, self.today).map(|(period, _)| period)
    }

    /// Ten years back.
    pub(crate) fn ten_years(&self) -> Option<Period> {
        Period::new(self.today.checked_sub_months(Months::new(120))?, self.today).ok()
    }
}
