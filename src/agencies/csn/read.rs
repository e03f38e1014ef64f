//! `CSNSvar` → answer. The person is settled before anything else: an answer about somebody else is refused whole.

use std::collections::BTreeSet;

use ssbtek_domain::{
    Agency, Note, Original, Outcome, Personnummer, Question, Source, SourceAnswer,
    sections::{
        Section as AnySection,
        csn::{Mark, Section, SupportKinds},
    },
};
use ssbtek_xml::{Element, Limits, XmlError};

use super::{
    case,
    namespaces::{
        CSNTYPER, HEMUTRUSTNINGSLAN, KOMMUNFRAGA, OMSTALLNINGSSTUDIESTOD, PERSON, STUDIEHJALP, STUDIEMEDEL,
        STUDIESTARTSSTOD,
    },
    result::Verdict,
};
use crate::{
    HttpAnswer, Refused,
    fields::{Fields, field},
};

/// Cases of one kind at most; a list as long as this may have been cut.
const MAX_CASES: usize = 10;

pub(super) fn answer(question: &Question, answer: HttpAnswer) -> Result<SourceAnswer, Refused> {
    let source = Source::Agency(Agency::Csn);
    match answer.status {
        200..300 => {}
        300..400 => return Err(Refused("the answer is a redirect")),
        _ => return Ok(SourceAnswer::without_facts(source, Outcome::FailedAtSource)),
    }
    let root = ssbtek_xml::parse(&answer.body, &Limits::default()).map_err(unreadable)?;
    if !root.is(KOMMUNFRAGA, "CSNSvar") {
        return Err(Refused("the answer is no CSNSvar of schema 4.0"));
    }
    let original = Original { media_type: "application/xml", bytes: answer.body };
    Ok(SourceAnswer { original: Some(original), ..document(question, source, &root)? })
}

fn document(question: &Question, source: Source, root: &Element) -> Result<SourceAnswer, Refused> {
    let known = ["GemensamtSvarEkbistand", "GemensamtFragaEkbistand", "Personer"];
    let answer = Fields::closed(root, KOMMUNFRAGA, &known)?;
    if let Some(echo) = answer.one(field!("GemensamtFragaEkbistand"))? {
        check_echo(question, echo)?;
    }
    let result = answer.required(field!("GemensamtSvarEkbistand"))?;
    let result = Fields::closed(result, KOMMUNFRAGA, &["Resultat"])?.required(field!("Resultat"))?;
    let code = Fields::closed(result, KOMMUNFRAGA, &["ResultatKod", "ResultatText"])?
        .required_text(field!("ResultatKod"))?;
    let persons = Fields::closed(answer.required(field!("Personer"))?, KOMMUNFRAGA, &["Person"])?;
    let persons: Vec<&Element> = persons.all("Person").collect();
    let person = match persons[..] {
        [] => None,
        [person] => Some((person, check_person(question, person)?)),
        _ => return Err(Refused("the answer names more than one Person")),
    };

    let mut notes = BTreeSet::new();
    let mut verdict = Verdict::of(&code);
    if verdict == Verdict::Unknown {
        notes.insert(Note::UnknownCode("ResultatKod"));
    }
    let mut section = None;
    match (verdict, person) {
        (Verdict::Complete, None) => return Err(Refused("the answer succeeds and names no Person")),
        // Without a person there is nothing from the systems that were up either.
        (Verdict::Without(_), None) => verdict = Verdict::Failed,
        (Verdict::NotFound | Verdict::Failed | Verdict::Unknown, _) => {}
        (Verdict::Complete | Verdict::Without(_), Some((element, number))) => {
            let read = person_block(element, number, &mut notes)?;
            match element.attr("Status").map(str::trim) {
                Some("Ej träff") if !read.is_empty() => {
                    return Err(Refused("the Person is not found and has cases"));
                }
                Some("Ej träff") => {
                    verdict = Verdict::NotFound;
                    // A marking only ever rises, so it is kept even without facts.
                    section = (read.sekretess == Mark::Yes).then_some(read);
                }
                None | Some("") => section = Some(read),
                Some(other) => {
                    notes.insert(Note::UnknownCode("Person/@Status"));
                    // Whether the person was found at all cannot be told: facts are passed on, silence proves nothing.
                    verdict = Verdict::Unknown;
                    section = (!read.is_empty())
                        .then(|| Section { unknown_status: Some(other.to_owned()), ..read });
                }
            }
        }
    }
    let code = published(&code);
    let outcome = match verdict {
        Verdict::Unknown if section.is_some() => Outcome::AnsweredInPart,
        verdict => verdict.outcome(),
    };
    Ok(SourceAnswer {
        outcome,
        parts: verdict.parts(code.as_deref()),
        section: section.map(AnySection::Csn),
        fault_code: code.filter(|_| outcome != Outcome::Answered),
        notes: notes.into_iter().collect(),
        ..SourceAnswer::without_facts(source, outcome)
    })
}

/// CSN repeats the question. Its schema is not public, so its fields are looked for in any namespace.
fn check_echo(question: &Question, echo: &Element) -> Result<(), Refused> {
    let same = |name: &str, asked: &str| echo.child_text_named(name).is_none_or(|text| text == asked);
    if same("HushallsMedlemsId", question.person.ten_digits())
        && same("HushallsMedlemsIdSekel", question.person.century())
    {
        Ok(())
    } else {
        Err(Refused("the answer repeats a question about another person"))
    }
}

/// `@personnummer` (ten digits) and `@sekel`, which may be left out.
fn check_person(question: &Question, person: &Element) -> Result<Personnummer, Refused> {
    let number = person.attr("personnummer").map(str::trim);
    let century = person.attr("sekel").map(str::trim).filter(|text| !text.is_empty());
    if number != Some(question.person.ten_digits()) {
        Err(Refused("Person/@personnummer is missing or another person's"))
    } else if century.is_some_and(|century| century != question.person.century()) {
        Err(Refused("Person/@sekel is of another century than the person asked about"))
    } else {
        Ok(question.person.clone())
    }
}

fn person_block(
    person: &Element,
    number: Personnummer,
    notes: &mut BTreeSet<Note>,
) -> Result<Section, Refused> {
    let known = [
        "Studiestodstypforteckning",
        "Studiemedel",
        "Studiehjalp",
        "HemutrustningsLan",
        "Studiestartsstod",
        "Omstallningsstudiestod",
    ];
    let fields = Fields::closed(person, PERSON, &known)?;
    let mut cases = |kind: &Element, namespace: &'static str| {
        let Some(list) = Fields::closed(kind, PERSON, &["Arenden"])?.one(field!("Arenden"))? else {
            return Ok(vec![]);
        };
        let list = Fields::closed(list, PERSON, &["Arende"])?;
        let cases = list
            .all("Arende")
            .map(|case| case::read(case, namespace, notes))
            .collect::<Result<Vec<_>, _>>()?;
        if cases.len() >= MAX_CASES {
            notes.insert(Note::PerhapsTruncated("Arende"));
        }
        Ok(cases)
    };
    let section = Section {
        person: Some(number),
        sekretess: match person.attr("sekretess") {
            None | Some("") => Mark::Absent,
            Some(text) => case::mark(text, "Ja"),
        },
        unknown_status: None,
        support_kinds: fields.one(field!("Studiestodstypforteckning"))?.map(kinds).transpose()?,
        studiemedel: cases(fields.required(field!("Studiemedel"))?, STUDIEMEDEL)?,
        studiehjalp: cases(fields.required(field!("Studiehjalp"))?, STUDIEHJALP)?,
        hemutrustningslan: cases(fields.required(field!("HemutrustningsLan"))?, HEMUTRUSTNINGSLAN)?,
        studiestartsstod: cases(fields.required(field!("Studiestartsstod"))?, STUDIESTARTSSTOD)?,
        omstallningsstudiestod: cases(
            fields.required(field!("Omstallningsstudiestod"))?,
            OMSTALLNINGSSTUDIESTOD,
        )?,
    };
    if matches!(section.sekretess, Mark::Unknown(_)) {
        notes.insert(Note::UnknownCode("Person/@sekretess"));
    }
    Ok(section)
}

fn kinds(element: &Element) -> Result<SupportKinds, Refused> {
    let known =
        ["studiemedel", "studiehjalp", "hemutrustningslan", "studiestartsstod", "omstallningsstudiestod"];
    let fields = Fields::closed(element, CSNTYPER, &known)?;
    Ok(SupportKinds {
        studiemedel: fields.required_text(field!("studiemedel"))?,
        studiehjalp: fields.required_text(field!("studiehjalp"))?,
        hemutrustningslan: fields.required_text(field!("hemutrustningslan"))?,
        studiestartsstod: fields.required_text(field!("studiestartsstod"))?,
        omstallningsstudiestod: fields.required_text(field!("omstallningsstudiestod"))?,
    })
}

/// The code as a number; anything longer might be text.
fn published(code: &str) -> Option<String> {
    let digits = code.strip_prefix('-').unwrap_or(code);
    let is_code = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_code.then(|| code.to_owned())
}

fn unreadable(error: XmlError) -> Refused {
    Refused(match error {
        XmlError::Doctype | XmlError::Entity | XmlError::ProcessingInstruction => {
            "the answer holds a DOCTYPE, an entity reference or a processing instruction"
        }
        XmlError::Encoding => "the answer's encoding is broken or not UTF-8 or UTF-16",
        XmlError::Malformed | XmlError::Namespace => "the answer is not well-formed XML",
        _ => "the answer is larger or deeper than allowed",
    })
}
