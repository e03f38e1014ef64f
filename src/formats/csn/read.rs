//! `CSNSvar` → answer. The person is settled before anything else: an answer about somebody else is refused whole.
//!
//! Older versions of CSN's schemas (3.0) are read by the same names; what they lack is noted.

use ssbtek_domain::{
    Agency, Note, Original, Outcome, Personnummer, Question, Source, SourceAnswer,
    sections::{
        Section as AnySection,
        csn::{Case, Mark, Section, SupportKinds},
    },
};
use ssbtek_xml::{Element, Limits};

use super::{
    case,
    namespaces::{
        ANY, ANY_KOMMUNFRAGA, HEMUTRUSTNINGSLAN, KOMMUNFRAGA, OMSTALLNINGSSTUDIESTOD, STUDIEHJALP,
        STUDIEMEDEL, STUDIESTARTSSTOD,
    },
    result::Verdict,
};
use crate::{
    AnswerElement, HttpAnswer, RefusalCode, Refused, failure, fields::Fields, fields::Space, notes::Notes,
    soap_answer, unreadable, who,
};

/// Cases of one kind at most; a list as long as this may have been cut.
const MAX_CASES: usize = 10;
/// Which system each block of a person comes from.
const BLOCKS: [(&str, &[&str]); 3] = [
    ("SM/SH", &["Studiemedel", "Studiehjalp", "Studiestartsstod"]),
    ("HUT", &["HemutrustningsLan"]),
    ("OSS", &["Omstallningsstudiestod"]),
];
/// What CSN repeats of the question.
const ASKED: [&str; 15] = [
    "SchemaVersion",
    "Kommun",
    "AppNamn",
    "AppVersion",
    "MaxAntalSvar",
    "AnropsId",
    "LastDataVersion",
    "SubOrgKod",
    "HandlaggareId",
    "ArendeId",
    "HushallsId",
    "FromDatum",
    "TomDatum",
    "HushallsMedlemsIdSekel",
    "HushallsMedlemsId",
];
/// The element that the answer is.
pub const ANSWER: AnswerElement =
    AnswerElement { namespace: KOMMUNFRAGA, space: ANY_KOMMUNFRAGA, name: "CSNSvar", failures: &[] };
/// The version that is asked in.
pub(super) const VERSION: &str = "4.0";

pub(super) fn answer(question: &Question, answer: HttpAnswer) -> Result<SourceAnswer, Refused> {
    let source = Source::Agency(Agency::Csn);
    match answer.status {
        200..300 => {}
        300..400 => return Err(Refused::REDIRECT),
        _ => return Ok(SourceAnswer::without_facts(source, Outcome::FailedAtSource)),
    }
    let root = ssbtek_xml::parse(&answer.body, &Limits::of_answers()).map_err(unreadable::refused)?;
    if !ANSWER.is(&root) {
        return Err(Refused::breach("the answer is no CSNSvar of any of CSN's schemas"));
    }
    let notes = Notes::about(&question.person);
    notes.add_if(
        root.namespace() != Some(KOMMUNFRAGA)
            || root.attr("schemaVersion").is_some_and(|told| told.trim() != VERSION),
        Note::OtherVersion("CSNSvar"),
    );
    let read = document(question, source, &root, &notes)?;
    if failure::is_told(&root, &[]) {
        notes.fail();
    }
    let read = notes.onto(read);
    let original = Original { media_type: "application/xml", bytes: answer.body };
    Ok(SourceAnswer { original: Some(original), ..read })
}

/// `ResultatKod` and `ResultatText`. Without the code a failure reads as "nothing there".
fn result(answer: &Fields<'_>) -> Result<(String, String), Refused> {
    let results = answer
        .all("GemensamtSvarEkbistand")
        .flat_map(|told| {
            Fields::of(told, ANY, &["Resultat"], "GemensamtSvarEkbistand", answer.notes()).all("Resultat")
        })
        .map(|result| Fields::of(result, ANY, &["ResultatKod", "ResultatText"], "Resultat", answer.notes()));
    let results: Vec<Fields<'_>> = results.collect();
    let codes: Vec<&Element> = results.iter().flat_map(|result| result.values("ResultatKod")).collect();
    let [code] = codes[..] else {
        return Err(Refused::breach("ResultatKod is missing, malformed or repeated"));
    };
    let text = results.iter().find_map(|result| result.text("ResultatText"));
    Ok((code.trimmed().to_owned(), text.unwrap_or_default()))
}

fn document(
    question: &Question,
    source: Source,
    root: &Element,
    notes: &Notes,
) -> Result<SourceAnswer, Refused> {
    let known = ["GemensamtSvarEkbistand", "GemensamtFragaEkbistand", "Personer", "@schemaVersion"];
    let answer = Fields::of(root, ANY, &known, "CSNSvar", notes);
    for echo in answer.all("GemensamtFragaEkbistand") {
        check_echo(question, echo)?;
        Fields::of(echo, Space::ANY, &ASKED, "GemensamtFragaEkbistand", notes).repeated_texts(&ASKED);
    }
    answer.attr("schemaVersion");
    let (code, text) = result(&answer)?;
    let lists = answer.all("Personer").map(|list| Fields::of(list, ANY, &["Person"], "Personer", notes));
    let persons: Vec<&Element> = lists.flat_map(|list| list.repeated("Person")).collect();
    let person = match persons[..] {
        [] => None,
        [person] => Some((person, check_person(question, person)?)),
        _ => return Err(Refused("the answer names more than one Person", RefusalCode::SeveralPersons)),
    };
    answer.required("Personer");
    if code == "0" {
        answer.said_of_all("ResultatText", &text);
    }

    let mut verdict = Verdict::of(&code);
    notes.add_if(verdict == Verdict::Unknown, Note::UnknownCode("ResultatKod"));
    let (mut section, mut lost) = (None, vec![]);
    match (verdict, &person) {
        (Verdict::Complete, None) => {
            return Err(Refused("the answer succeeds and names no Person", RefusalCode::Contradiction));
        }
        // Without a person there is nothing from the systems that were up either.
        (Verdict::Without(_), None) => verdict = Verdict::Failed,
        (Verdict::NotFound, Some((element, number))) => {
            // What the person lacks is no news; what stands there is.
            let beside = Notes::about(number);
            let PersonBlock { facts: read, status, .. } = person_block(element, number.clone(), &beside);
            if !read.is_empty() {
                return Err(Refused("the Person is not found and has cases", RefusalCode::Contradiction));
            }
            let says_so = matches!(status.map(str::trim), None | Some("" | "Ej träff"));
            notes.add_if(!says_so, Note::UnknownCode("Person/@Status"));
            if !says_so || beside.say_otherwise() {
                notes.doubt("Person");
            }
        }
        (Verdict::NotFound | Verdict::Failed | Verdict::Unknown, _) => {}
        (Verdict::Complete | Verdict::Without(_), Some((element, number))) => {
            let PersonBlock { facts: read, status, lost: lost_here } =
                person_block(element, number.clone(), notes);
            lost = lost_here;
            match status.map(str::trim) {
                Some("Ej träff") if !read.is_empty() => {
                    return Err(Refused("the Person is not found and has cases", RefusalCode::Contradiction));
                }
                Some("Ej träff") => {
                    verdict = Verdict::NotFound;
                    // A marking only ever rises, so it is kept even without facts.
                    section = (read.sekretess == Mark::Yes).then_some(read);
                }
                None | Some("") => section = Some(read),
                Some(other) => {
                    notes.add(Note::UnknownCode("Person/@Status"));
                    // Whether the person was found at all cannot be told: facts are passed on, silence proves nothing.
                    verdict = Verdict::Unknown;
                    section = (!read.is_empty())
                        .then(|| Section { unknown_status: Some(other.to_owned()), ..read });
                }
            }
        }
    }
    let failed = code != "0";
    let fault = soap_answer::told(&code, &text);
    let code = published(&code);
    let outcome = match verdict {
        Verdict::Unknown if section.is_some() => Outcome::AnsweredInPart,
        verdict => verdict.outcome(),
    };
    let mut parts = verdict.parts(code.as_deref());
    let mut outcome = outcome;
    if let Some((element, _)) = person.filter(|_| section.is_some()) {
        for (part, blocks) in BLOCKS {
            let absent = blocks.iter().filter(|block| element.child_named(block).is_none()).count();
            // What an older version does not have was not looked up: its silence is no "nothing there".
            for told in parts.iter_mut().filter(|told| absent > 0 && told.part == part) {
                if told.outcome == Outcome::Answered {
                    let whole = absent == blocks.len();
                    told.outcome = if whole { Outcome::FailedAtSource } else { Outcome::AnsweredInPart };
                    outcome = Outcome::AnsweredInPart;
                }
            }
            let loses = blocks.iter().any(|block| lost.contains(block));
            for told in parts.iter_mut().filter(|told| loses && told.part == part) {
                if told.outcome == Outcome::Answered {
                    told.outcome = Outcome::AnsweredInPart;
                }
            }
        }
    }
    Ok(SourceAnswer {
        outcome,
        parts,
        section: section.map(AnySection::Csn),
        fault_code: code.filter(|_| outcome != Outcome::Answered),
        faults: failed.then_some(fault).into_iter().collect(),
        ..SourceAnswer::without_facts(source, outcome)
    })
}

/// CSN repeats the question. Its schema is not public, so its fields are looked for in any namespace.
fn check_echo(question: &Question, echo: &Element) -> Result<(), Refused> {
    let same = |name: &str, asked: &str| {
        echo.children_named(name).filter_map(Element::value).all(|told| told == asked)
    };
    if same("HushallsMedlemsId", question.person.ten_digits())
        && same("HushallsMedlemsIdSekel", question.person.century())
    {
        Ok(())
    } else {
        Err(Refused("the answer repeats a question about another person", RefusalCode::AnotherPerson))
    }
}

/// `@personnummer` (ten digits) and `@sekel`, which may be left out.
fn check_person(question: &Question, person: &Element) -> Result<Personnummer, Refused> {
    let number = person.attr("personnummer").unwrap_or_default();
    let century = person.attr("sekel").map(str::trim).filter(|text| !text.is_empty());
    if number.trim().is_empty() {
        Err(Refused("Person/@personnummer is missing", RefusalCode::NobodyNamed))
    } else if !who::is_asked(&question.person, number) {
        Err(Refused("Person/@personnummer is another person's", RefusalCode::AnotherPerson))
    } else if century.is_some_and(|century| century != question.person.century()) {
        Err(Refused(
            "Person/@sekel is of another century than the person asked about",
            RefusalCode::AnotherPerson,
        ))
    } else {
        Ok(question.person.clone())
    }
}

/// What stands in a `Person`.
struct PersonBlock<'a> {
    facts: Section,
    /// `Status`.
    status: Option<&'a str>,
    /// Blocks of which something is lost.
    lost: Vec<&'static str>,
}

fn person_block<'a>(person: &'a Element, number: Personnummer, notes: &'a Notes) -> PersonBlock<'a> {
    let known = [
        "Studiestodstypforteckning",
        "Studiemedel",
        "Studiehjalp",
        "HemutrustningsLan",
        "Studiestartsstod",
        "Omstallningsstudiestod",
        "@personnummer",
        "@sekel",
        "@Status",
        "@sekretess",
    ];
    let fields = Fields::of(person, ANY, &known, "Person", notes);
    let cases = |name: &'static str, kind: &'static str| -> Vec<Case> {
        fields.required(name);
        let lists =
            fields.all(name).flat_map(|list| Fields::of(list, ANY, &["Arenden"], name, notes).all("Arenden"));
        let cases = lists.flat_map(|list| {
            Fields::of(list, ANY, &["Arende"], "Arenden", notes).records("Arende", &case::APART)
        });
        let cases: Vec<Case> = cases.map(|told| case::read(told, kind, notes)).collect();
        notes.cut_if(cases.len() >= MAX_CASES, "Arende");
        cases
    };
    let support_kinds = fields.one("Studiestodstypforteckning").map(|kinds| support_kinds(kinds, notes));
    let mut lost = vec![];
    let mut block = |name: &'static str, kind: &'static str| -> Vec<Case> {
        let (cases, loses) = notes.loses(|| cases(name, kind));
        lost.extend(loses.then_some(name));
        // CSN says that there is something of the kind, and nothing of it stands there.
        let said = support_kinds.as_ref().and_then(|kinds| kinds.of(name)).unwrap_or_default();
        if cases.is_empty() && !matches!(said.trim().to_lowercase().as_str(), "" | "n" | "nej") {
            notes.lose(name);
            lost.push(name);
        }
        cases
    };
    let sekretess = match fields.attr("sekretess") {
        None | Some("") => Mark::Absent,
        Some(text) => case::mark(text, "Ja"),
    };
    notes.add_if(matches!(sekretess, Mark::Unknown(_)), Note::UnknownCode("Person/@sekretess"));
    let section = Section {
        person: Some(number),
        sekretess,
        unknown_status: None,
        studiemedel: block("Studiemedel", STUDIEMEDEL),
        studiehjalp: block("Studiehjalp", STUDIEHJALP),
        hemutrustningslan: block("HemutrustningsLan", HEMUTRUSTNINGSLAN),
        studiestartsstod: block("Studiestartsstod", STUDIESTARTSSTOD),
        omstallningsstudiestod: block("Omstallningsstudiestod", OMSTALLNINGSSTUDIESTOD),
        support_kinds,
    };
    PersonBlock { facts: section, status: fields.attr("Status"), lost }
}

fn support_kinds(element: &Element, notes: &Notes) -> SupportKinds {
    let known =
        ["studiemedel", "studiehjalp", "hemutrustningslan", "studiestartsstod", "omstallningsstudiestod"];
    let fields = Fields::of(element, ANY, &known, "Studiestodstypforteckning", notes);
    SupportKinds {
        studiemedel: fields.required_text("studiemedel"),
        studiehjalp: fields.required_text("studiehjalp"),
        hemutrustningslan: fields.required_text("hemutrustningslan"),
        studiestartsstod: fields.required_text("studiestartsstod"),
        omstallningsstudiestod: fields.required_text("omstallningsstudiestod"),
    }
}

/// The code as a number; anything longer might be text.
fn published(code: &str) -> Option<String> {
    let digits = code.strip_prefix('-').unwrap_or(code);
    let is_code = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_code.then(|| code.to_owned())
}
