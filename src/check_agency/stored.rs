//! One stored answer, read as the broker's own connector would read it. Nothing is asked.

use base64::{Engine, engine::general_purpose::STANDARD};
use ssbtek_domain::{
    AskingParty, CaseId, CaseWorkerId, DateTime, EntryId, HoldBack, IdError, Information, LegalBasis,
    OrganisationNumber, Period, Personnummer, Purpose, Question, Source, Utc, Wanted,
    sections::{Section, skv::person_numbers},
    verdict::withhold,
};
use ssbtek_formats::{Codec, HttpAnswer, ReadAnswer, RefusalCode, read_answer};

use crate::{Check, CheckReport, judge};

/// Somebody whom nobody knows: whom an answer that names nobody is taken to be about.
const NOBODY: &str = "198001019804";

/// What was made of a stored answer.
pub struct Stored {
    /// Whom it was taken to be about.
    pub person: Personnummer,
    /// What the connector makes of it.
    pub read: ReadAnswer,
    /// Where it deviates from what the broker relies on.
    pub report: CheckReport,
}

/// What would be held back of the facts, by the names that `withheld` gives them.
pub struct HeldBack {
    /// Whatever concerns others.
    pub always: Vec<&'static str>,
    /// If anybody in the answer or the household is protected.
    pub for_others_sake: Vec<&'static str>,
    /// If the person is, or may be.
    pub for_the_persons: Vec<&'static str>,
}

/// Reads `body` as an answer of `source`. Without a `person`, it is taken to be about whomever of those it names makes it an answer
/// at all; what it repeats of its question is taken as right.
pub fn stored(
    codec: &dyn Codec,
    source: &Source,
    person: Option<Personnummer>,
    body: &[u8],
    now: DateTime<Utc>,
    period: Period,
) -> Result<Stored, IdError> {
    let candidates = match person {
        Some(person) => vec![person],
        None => named(body),
    };
    let mut first = None;
    for person in candidates {
        let question = question(&person, now, period)?;
        let answer = HttpAnswer { status: 200, content_type: None, body: body.to_vec() };
        let read = read_answer(codec, source, &question, answer);
        let about_another = read.refused.is_some_and(|refused| refused.code() == RefusalCode::AnotherPerson);
        let report = judged(&read);
        let stored = Stored { person, read, report };
        if !about_another {
            return Ok(stored);
        }
        first.get_or_insert(stored);
    }
    first.ok_or(IdError::Empty)
}

/// What would be held back, and from whom on.
pub fn held_back(section: &Section) -> HeldBack {
    let under = |held| withhold(section.clone().facts_mut(), held, false);
    HeldBack {
        always: section.clone().facts_mut().withhold_third_parties(),
        for_others_sake: under(HoldBack::Home),
        for_the_persons: under(HoldBack::Whereabouts),
    }
}

/// The kit's own judgement of one answer.
fn judged(read: &ReadAnswer) -> CheckReport {
    let mut report = CheckReport::new(Check::Ordinary);
    let reasons = read.refused.iter().map(|refused| refused.0.to_owned()).collect();
    judge::stored(&mut report, &read.answer, reasons);
    report
}

/// The persons that a document names, in the order found, each once: in its text, and in what stands in it as base64.
fn named(body: &[u8]) -> Vec<Personnummer> {
    let text = String::from_utf8_lossy(body).into_owned();
    let inside = text.split('"').filter(|part| part.len() >= 16).filter_map(|part| {
        let dense: String = part.split_ascii_whitespace().collect();
        STANDARD.decode(dense).ok().and_then(|bytes| String::from_utf8(bytes).ok())
    });
    let inside: Vec<String> = inside.collect();
    let mut found: Vec<Personnummer> = vec![];
    for number in std::iter::once(&text).chain(&inside).flat_map(|text| person_numbers(text)) {
        if !found.contains(&number) {
            found.push(number);
        }
    }
    if found.is_empty() { Personnummer::parse_undated(NOBODY).ok().into_iter().collect() } else { found }
}

fn question(person: &Personnummer, now: DateTime<Utc>, period: Period) -> Result<Question, IdError> {
    let organisation = OrganisationNumber::parse("162120000142").map_err(|_| IdError::Empty)?;
    Ok(Question {
        entry: EntryId::from_bytes([0; 16]),
        asking: AskingParty {
            organisation,
            name: "read-answer".to_owned(),
            case_worker: CaseWorkerId::parse("read-answer")?,
            processors: vec![],
        },
        case: CaseId::parse("read-answer")?,
        person: person.clone(),
        period,
        purpose: Purpose::parse("ekonomiskt bistånd")?,
        legal_basis: LegalBasis(String::new()),
        kinds: Information::all().collect(),
        asked_at: now,
        wanted: Wanted::Standard,
    })
}
