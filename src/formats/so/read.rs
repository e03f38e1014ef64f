//! `GetUnemploymentBenefitPaymentResponse`. A failure hides in each fund's free-text `StatusSvarandeOrganisation`.

use ssbtek_domain::{
    Amount, Note, Outcome, PartOutcome, Personnummer, Question, Source, SourceAnswer,
    sections::{
        Section as AnySection,
        so::{Application, Fund, FundPayment, Section, Suspension},
    },
};
use ssbtek_xml::Element;

use super::{Codec, NAMESPACE};
use crate::{
    HttpAnswer, Refused,
    fields::{Fields, Space},
    notes::Notes,
    soap_answer::{self, AnswerElement},
    who,
};

/// `INT014.`, with whatever number: the star stands for the point after it too.
const SPACE: Space = Space("http://INT*UBPService.Schemas");
/// The element that the answer is.
pub const ANSWER: AnswerElement = AnswerElement {
    namespace: NAMESPACE,
    space: SPACE,
    name: "GetUnemploymentBenefitPaymentResponse",
    failures: &[],
};
const PERSON: &str = "IdentificationNumber";
const LIST: &str = "ArbetsloshetsersattningLista";
const FUND: &str = "Arbetsloshetsersattning";
const FUND_NAME: &str = "SvarandeOrganisation";
/// What SO repeats of the question.
const ASKED: [&str; 10] = [
    "OrganisationsnummerIngivare",
    "NamnIngivare",
    "KontonamnHandlaggare",
    "Referensnummer",
    "From",
    "Tom",
    "Syfte",
    "Paragraf",
    "OrganisationsnummerPersonuppgiftsbitrade",
    "NamnPersonuppgiftsbitrade",
];
/// What of a fund's entry is judged line by line.
const LINES: [&str; 3] = ["Utbetalningar", "Avstangningar", "AnsoktOmErsattning"];

/// What was read.
struct Read {
    person: Personnummer,
    /// `None`: there is no list, so nothing is said of any fund.
    funds: Option<Vec<(Fund, How)>>,
}

/// How far one fund's entry could be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Whole,
    /// Something of its own could not be.
    InPart,
    /// It is about somebody else.
    OfAnother,
}

pub(super) fn read(codec: &Codec, question: &Question, answer: &HttpAnswer) -> Result<SourceAnswer, Refused> {
    soap_answer::read(
        &codec.source,
        question,
        answer,
        &ANSWER,
        |payload, notes| judge(codec, section(codec, payload, question, notes)?),
        |fault| soap_answer::plain_fault(&codec.source, fault),
    )
}

fn judge(codec: &Codec, read: Read) -> Result<SourceAnswer, Refused> {
    let Some(funds) = read.funds else {
        return Ok(SourceAnswer::without_facts(codec.source.clone(), Outcome::FailedAtSource));
    };
    let (funds, read_how): (Vec<Fund>, Vec<How>) = funds.into_iter().unzip();
    if !read_how.is_empty() && read_how.iter().all(|how| *how == How::OfAnother) {
        return Err(Refused::ANOTHER_PERSON);
    }
    let section = Section { person: Some(read.person), funds };
    let mut parts = section.parts(&codec.texts);
    for (part, how) in parts.iter_mut().zip(read_how) {
        part.outcome = match (how, part.outcome) {
            (How::OfAnother, _) => Outcome::AnswerRefused,
            (How::InPart, Outcome::Answered) => Outcome::AnsweredInPart,
            (How::Whole | How::InPart, outcome) => outcome,
        };
    }
    let outcome = if let Source::Fund(_) = codec.source {
        let [only] = parts.as_slice() else {
            return Err(Refused::breach("a fund answers with exactly one entry"));
        };
        let outcome = only.outcome;
        parts.clear();
        outcome
    } else {
        parts.extend(missing(codec, &section));
        // An empty list is Samorganisationen's own word that no fund has anything.
        Outcome::of_parts(parts.iter().map(|part| part.outcome)).unwrap_or(Outcome::Answered)
    };
    let unknown = section.funds.iter().any(|fund| codec.texts.outcome(&fund.status).is_none());
    Ok(SourceAnswer {
        parts,
        section: (outcome != Outcome::NoSuchPerson).then_some(AnySection::So(section)),
        notes: unknown.then_some(Note::UnknownCode("StatusSvarandeOrganisation")).into_iter().collect(),
        ..SourceAnswer::without_facts(codec.source.clone(), outcome)
    })
}

/// Funds that should have been mentioned and were not.
fn missing(codec: &Codec, section: &Section) -> Vec<PartOutcome> {
    let unmentioned = |name: &&String| !section.funds.iter().any(|fund| fund.name == **name);
    codec
        .expected
        .iter()
        .filter(unmentioned)
        .map(|name| PartOutcome { part: name.clone(), outcome: Outcome::FailedAtSource, code: None })
        .collect()
}

fn section(codec: &Codec, payload: &Element, question: &Question, notes: &Notes) -> Result<Read, Refused> {
    let told = Fields::of(payload, SPACE, &[&ASKED[..], &[PERSON, LIST]].concat(), ANSWER.name, notes);
    told.repeated_texts(&ASKED);
    codec.judge_echo(&told, question);
    let mut person = Err(Refused::NOBODY_NAMED);
    for number in told.values(PERSON).into_iter().filter_map(Element::value) {
        person = Ok(who::same(question, number)?);
    }
    let person = person?;
    let lists = told.lists(LIST);
    if lists.is_empty() {
        notes.missing(LIST);
        return Ok(Read { person, funds: None });
    }
    let lists = lists.into_iter().map(|list| Fields::of(list, SPACE, &[FUND], LIST, notes));
    let funds = lists.flat_map(|list| {
        let entries: Vec<&Element> = list.repeated(FUND).collect();
        entries.into_iter().map(move |entry| match list.is_theirs(entry, FUND, &LINES) {
            true => {
                let (fund, loses) = notes.loses(|| fund(entry, notes));
                (fund, if loses { How::InPart } else { How::Whole })
            }
            false => (of_another(entry, notes), How::OfAnother),
        })
    });
    Ok(Read { person, funds: Some(funds.collect()) })
}

/// Of an entry that names only somebody else, nothing but which fund it is of.
fn of_another(element: &Element, notes: &Notes) -> Fund {
    let name = element.child_text_named(FUND_NAME).filter(|name| !notes.is_anothers(name));
    Fund {
        name: name.unwrap_or(Fund::UNNAMED).to_owned(),
        status: String::new(),
        payments: vec![],
        suspensions: vec![],
        application: None,
    }
}

fn fund(element: &Element, notes: &Notes) -> Fund {
    let known =
        [FUND_NAME, "StatusSvarandeOrganisation", "Utbetalningar", "Avstangningar", "AnsoktOmErsattning"];
    let told = Fields::of(element, SPACE, &known, FUND, notes);
    let payments = told.records("Utbetalningar", &[]);
    let suspensions = told.records("Avstangningar", &[]);
    let application = told.one("AnsoktOmErsattning");
    let theirs = application.filter(|application| told.is_theirs(application, "AnsoktOmErsattning", &[]));
    let left_out = payments.len() < told.all("Utbetalningar").count()
        || suspensions.len() < told.all("Avstangningar").count()
        || theirs.is_none() && application.is_some();
    let status = told.required_text("StatusSvarandeOrganisation");
    Fund {
        name: told.required_value(FUND_NAME).unwrap_or(Fund::UNNAMED).to_owned(),
        // Its status speaks of what was left out too.
        status: if left_out { String::new() } else { status },
        payments: payments.into_iter().map(|told| payment(told, notes)).collect(),
        suspensions: suspensions
            .into_iter()
            .filter_map(|told| kept(suspension(told, notes), "Avstangningar", notes))
            .collect(),
        application: theirs.map(|told| self::application(told, notes)),
    }
}

/// A record that cannot be read costs itself and nothing else.
fn kept<T>(record: Option<T>, name: &'static str, notes: &Notes) -> Option<T> {
    if record.is_none() {
        notes.lose(name);
    }
    record
}

/// A field that cannot be understood costs itself; without any net amount there is no line, and that is said.
fn payment(element: &Element, notes: &Notes) -> FundPayment {
    let known = [
        "Utbetalningsdatum",
        "NettoEfterSkatt",
        "NettoEfterAvdrag",
        "Ersattningsdagar",
        "AvserFrom",
        "AvserTom",
    ];
    let told = Fields::of(element, SPACE, &known, "Utbetalningar", notes);
    // The broker converts nothing.
    let in_kronor = |amount: Option<Amount>| amount.filter(|_| !told.is_in_another_currency());
    let read = FundPayment {
        paid_on: told.required_date("Utbetalningsdatum"),
        net_after_tax: in_kronor(told.required_amount("NettoEfterSkatt")),
        net_after_deductions: in_kronor(told.required_amount("NettoEfterAvdrag")),
        days: told.required_decimal("Ersattningsdagar"),
        covers: told.period("AvserFrom", "AvserTom"),
    };
    if read.net().is_empty() {
        notes.lose("Utbetalningar");
    }
    read
}

/// With one of its days it still is a suspension.
fn suspension(element: &Element, notes: &Notes) -> Option<Suspension> {
    let known = ["AvstangdFrom", "AvstangdTom"];
    let told = Fields::of(element, SPACE, &known, "Avstangningar", notes);
    let (from, to) = (told.required_date("AvstangdFrom"), told.required_date("AvstangdTom"));
    let backwards = from.zip(to).is_some_and(|(from, to)| to < from);
    (!backwards && (from.is_some() || to.is_some())).then_some(Suspension { from, to })
}

fn application(element: &Element, notes: &Notes) -> Application {
    let known = ["BeslutOmRattTillErsattning", "AnsokanOmUtbetalningInlamnad"];
    let told = Fields::of(element, SPACE, &known, "AnsoktOmErsattning", notes);
    // Must be there, and may be nil: nil is "no decision yet". What is missing, or there and no day, is not.
    let undecided = told.is_nil("BeslutOmRattTillErsattning");
    let right_decided_on = match undecided {
        true => None,
        false => told.required_date("BeslutOmRattTillErsattning"),
    };
    told.required_value("AnsokanOmUtbetalningInlamnad");
    Application {
        right_decided_on,
        right_not_told: right_decided_on.is_none() && !undecided,
        claim_submitted: told.boolean("AnsokanOmUtbetalningInlamnad"),
    }
}
