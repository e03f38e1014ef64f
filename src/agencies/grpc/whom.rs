//! Whom each record of an answer names, and what the contract does not have: what `ssbtek-formats` asks of the agencies' own formats
//! (adr/0066), asked of `ssbtek.agency.v1`.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use ssbtek_formats::{Named, Notes, Refused, may_be_more};

use super::{
    contract::{ANSWER, Field, Message},
    record::{Record, Told, Value},
};

/// The field that says whom an answer is about, wherever it stands.
const WHOM: &str = "person_number";

/// Where the contract has others than the person asked about, and whom people work for: a message and its field. What stands there
/// is for the verdicts of each agency's facts to hold back.
pub(super) const OTHERS: [(&str, &str); 6] = [
    ("CsnCase", "co_borrower_number"),
    ("FkEmployer", "organisation_number"),
    ("FkPerson", "number"),
    ("SkvCompany", "number"),
    ("SkvPayer", "number"),
    // Judged by itself: documents of unknown form.
    ("SkvDocument", "text"),
];

/// Lists whose records are judged by themselves, and not with the record that holds them.
const APART: [(&str, &str); 5] = [
    ("CsnCase", "applied"),
    ("CsnCase", "granted"),
    ("CsnCase", "plan"),
    ("SoFund", "payments"),
    ("SoFund", "suspensions"),
];

/// The answer's bytes without what is somebody else's, and without what the contract does not have. Either is noted.
pub(super) fn own(bytes: &[u8], notes: &Notes) -> Result<Vec<u8>, Refused> {
    let mut answer = Record::read(bytes, ANSWER)?;
    about_nobody_else(&answer, notes)?;
    leave_to_others(&mut answer, notes)?;
    Ok(answer.write())
}

fn is_one_of(list: &[(&str, &str)], of: &Message, field: &Field) -> bool {
    list.contains(&(of.name.as_str(), field.name.as_str()))
}

/// Refuses an answer in which a field that says whom it is about says somebody else.
fn about_nobody_else(record: &Record<'_>, notes: &Notes) -> Result<(), Refused> {
    for told in &record.fields {
        let whom = told.field.is_some_and(|field| field.name == WHOM);
        if whom && told.value.texts(true).iter().any(|text| notes.is_anothers(text)) {
            return Err(Refused::ANOTHER_PERSON);
        }
        if let Value::Record(inside) = &told.value {
            about_nobody_else(inside, notes)?;
        }
    }
    Ok(())
}

/// Takes out records that name only somebody else, and in those that do not, values that name somebody else.
fn leave_to_others(record: &mut Record<'_>, notes: &Notes) -> Result<(), Refused> {
    unknown(record, notes);
    let (of, fields) = (record.of, std::mem::take(&mut record.fields));
    for mut told in fields {
        let Some(field) = told.field else { continue };
        if let Value::Record(inside) = &mut told.value {
            if field.repeated && names_only_others(inside, notes) {
                // What became of a part may not be left out.
                if inside.of.name == "PartOutcome" {
                    return Err(Refused::breach("a part names another person"));
                }
                notes.leave_to_another(&field.name);
                continue;
            }
            leave_to_others(inside, notes)?;
        } else if !is_one_of(&OTHERS, of, field) {
            let texts = told.value.texts(true);
            if texts.iter().any(|text| notes.is_anothers(text)) {
                // A number that is no text tells what kind of thing stands there: without it there would be another.
                if !matches!(told.value, Value::Bytes(_)) {
                    return Err(Refused::ANOTHER_PERSON);
                }
                notes.leave_to_another(&field.name);
                continue;
            }
            texts.iter().for_each(|text| notes.status(&field.name, text));
        }
        record.fields.push(told);
    }
    Ok(())
}

/// Whether a record names only somebody else, leaving aside where the contract has others and what is judged by itself.
fn names_only_others(record: &Record<'_>, notes: &Notes) -> bool {
    let mut texts = vec![];
    let judged = record
        .fields
        .iter()
        .filter(|told| told.field.is_none_or(|field| !is_one_of(&APART, record.of, field)));
    judged.for_each(|told| collect(record.of, told, &mut texts));
    notes.named(texts.iter().map(|text| text.as_ref())) == Named::Others
}

fn collect<'t>(of: &Message, told: &'t Told<'_>, texts: &mut Vec<Cow<'t, str>>) {
    if told.field.is_some_and(|field| is_one_of(&OTHERS, of, field)) {
        return;
    }
    match &told.value {
        Value::Record(inside) => inside.fields.iter().for_each(|told| collect(inside.of, told, texts)),
        value => texts.extend(value.texts(told.field.is_some())),
    }
}

/// How many there are of each list's records.
fn counts(record: &Record<'_>) -> BTreeSet<u64> {
    let mut counts = BTreeMap::<*const Field, u64>::new();
    let lists = record.fields.iter().filter_map(|told| told.field).filter(|field| field.repeated);
    lists.for_each(|field| *counts.entry(field).or_default() += 1);
    counts.into_values().collect()
}

fn say_more(texts: &[Cow<'_, str>]) -> bool {
    texts.iter().any(|text| may_be_more(text))
}

/// What the contract does not have in a message: a newer one's. It costs a note; and where it may be words or records, or where something that the contract has is not
/// there, or one of several could be told in its place, nobody has said that there is nothing, and the answer is one in part.
fn unknown(record: &Record<'_>, notes: &Notes) {
    let place = record.of.name.as_str();
    let is_there = |field: &Field| {
        record.fields.iter().filter_map(|told| told.field).any(|other| std::ptr::eq(other, field))
    };
    let whole = record.of.fields.values().all(|field| !field.is_choice && is_there(field));
    let holds_lists = record.of.fields.values().any(|field| field.repeated);
    let counts = counts(record);
    for told in record.fields.iter().filter(|told| told.field.is_none()) {
        notes.pass_over(place);
        let texts = told.value.texts(false);
        if texts.iter().any(|text| notes.is_anothers(text)) {
            notes.leave_to_another(place);
        }
        if told.value.says_anything() && !whole {
            notes.fail_at(place);
        }
        texts.iter().for_each(|text| notes.words(place, text));
        // What is no number may be words, or records; a number beside lists may be how many there are of which only some stand there.
        let says_more = match told.value {
            Value::Bytes(_) => say_more(&told.value.texts(true)),
            Value::Number(number) => number != 0 && holds_lists && !counts.contains(&number),
            _ => false,
        };
        if says_more {
            notes.doubt(place);
        }
    }
}
