//! An answer of each agency in which every field that the contract's descriptors have stands once, and the same with one field
//! changed: made by walking through the descriptors, so that a new field cannot be forgotten. Where a new field needs another value
//! than the general ones, the first test says so.

use prost::{
    Message as _,
    encoding::{WireType, encode_key, encode_varint},
};
use prost_types::field_descriptor_proto::Type;
use ssbtek_domain::{Agency, Personnummer, Question, Source, SourceAnswer, sections::Section};
use ssbtek_proto::agency::v1 as proto;

use super::tests::question;
use crate::grpc::contract::{ANSWER, CONTRACT, Field};

/// Whom the answers are about.
pub(super) const ASKED: &str = "198001019804";

/// One field of the contract: the numbers of the fields that lead to it, it itself last.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) path: Vec<u32>,
    pub(super) of: &'static str,
    pub(super) field: &'static Field,
}

impl Place {
    /// The path in words.
    pub(super) fn name(&self) -> String {
        format!("{}.{} {:?}", self.of, self.field.name, self.path)
    }
}

/// What is done to the sample.
#[derive(Clone)]
pub(super) enum Change<'a> {
    Nothing,
    /// These bytes in place of the field.
    Instead(&'a [u32], Vec<u8>),
    /// These bytes after all else in the message to which the path leads.
    Beside(&'a [u32], Vec<u8>),
}

impl Change<'_> {
    fn at(&self) -> &[u32] {
        match self {
            Change::Nothing => &[],
            Change::Instead(path, _) | Change::Beside(path, _) => path,
        }
    }
}

pub(super) fn text(number: u32, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![];
    encode_key(number, WireType::LengthDelimited, &mut bytes);
    encode_varint(content.len() as u64, &mut bytes);
    bytes.extend_from_slice(content);
    bytes
}

pub(super) fn number(number: u32, value: u64) -> Vec<u8> {
    let mut bytes = vec![];
    encode_key(number, WireType::Varint, &mut bytes);
    encode_varint(value, &mut bytes);
    bytes
}

/// A value that the contract admits there.
fn value(of: &str, name: &str) -> &'static str {
    match (of, name) {
        (_, "person_number") => ASKED,
        ("SkvDocument", "text") => r#"{"saldo":"1"}"#,
        ("FkFigure", "name") => "administrationskostnad",
        ("FkReconciliation", "year") => "2025",
        ("CsnSpan", "start") => "2026-W10",
        ("CsnSpan", "end") => "2026-W11",
        ("Period", "from") => "2026-06-01",
        ("Period", "to") => "2026-06-30",
        ("CsnCase" | "PartOutcome", _) => "x1",
        (
            _,
            "registered_on"
            | "deactivated_on"
            | "activity_report_latest_on"
            | "from"
            | "to"
            | "date"
            | "since"
            | "died"
            | "born"
            | "started"
            | "decided"
            | "ends_from_months"
            | "day"
            | "established"
            | "arrived"
            | "updated"
            | "paid_on"
            | "right_decided_on"
            | "entered_on"
            | "applied_on"
            | "decided_on"
            | "valid_from"
            | "valid_to"
            | "as_of",
        ) => "2026-06-01",
        (
            _,
            "amount"
            | "total"
            | "gross"
            | "net"
            | "tax"
            | "balance"
            | "assessed_value"
            | "earned_income"
            | "business_surplus"
            | "capital_surplus"
            | "capital_deficit"
            | "property_fee_base"
            | "final_tax"
            | "net_after_tax"
            | "net_after_deductions"
            | "days"
            | "number"
            | "extent",
        ) => "1",
        _ => "x",
    }
}

/// A message's bytes.
fn message(agency: Agency, of: &'static str, path: &[u32], change: &Change<'_>) -> Vec<u8> {
    let mut numbers: Vec<u32> = CONTRACT.messages[of].fields.keys().copied().collect();
    numbers.sort_unstable();
    let mut out = vec![];
    let mut chosen = false;
    for n in numbers {
        let field = &CONTRACT.messages[of].fields[&n];
        let here = [path, &[n]].concat();
        let wanted = change.at().starts_with(&here);
        if field.is_choice {
            let others_wanted = change.at().starts_with(path)
                && change.at().get(path.len()).is_some_and(|it| {
                    *it != n && CONTRACT.messages[of].fields.get(it).is_some_and(|it| it.is_choice)
                });
            let mine = if of.ends_with(".Section") {
                field.name == agency.code().to_lowercase()
            } else {
                !others_wanted && (wanted || !chosen)
            };
            if !mine {
                continue;
            }
            chosen = true;
        }
        // The same in days: derived from the two before.
        if of.ends_with(".CsnSpan") && field.name == "days" && !wanted {
            continue;
        }
        match change {
            Change::Instead(at, bytes) if *at == here => out.extend(bytes),
            _ if field.kind == Type::Message => {
                let inside = message(agency, static_name(&field.of), &here, change);
                out.extend(text(n, &inside));
            }
            _ if field.kind == Type::String => {
                out.extend(text(n, value(&CONTRACT.messages[of].name, &field.name).as_bytes()));
            }
            _ if field.kind == Type::Enum => {
                let number_ = match (field.name.as_str(), field.of.as_str()) {
                    ("outcome", _) => 3,
                    ("part", _) => 4,
                    (_, ".ssbtek.agency.v1.CsnMark") => 4,
                    (_, ".ssbtek.agency.v1.CsnCaseStatus") => 5,
                    (_, ".ssbtek.agency.v1.CsnPaymentStatus") => 3,
                    _ => 1,
                };
                out.extend(number(n, number_));
            }
            _ => {
                let is_one = field.name == "has_co_borrower"
                    || field.kind != Type::Bool && field.name != "status_code";
                out.extend(number(n, if field.name == "year" { 2025 } else { u64::from(is_one) }));
            }
        }
    }
    if let Change::Beside(at, bytes) = change
        && *at == path
    {
        out.extend(bytes);
    }
    out
}

fn static_name(name: &str) -> &'static str {
    CONTRACT.messages.get_key_value(name).unwrap().0
}

pub(super) fn sample(agency: Agency, change: &Change<'_>) -> Vec<u8> {
    message(agency, ANSWER, &[], change)
}

/// Every field of the agency's answer of which that holds.
pub(super) fn places(agency: Agency, holds: impl Fn(&Field) -> bool + Copy) -> Vec<Place> {
    let mut found = vec![];
    walk(agency, ANSWER, &[], holds, &mut found);
    found
}

fn walk(
    agency: Agency,
    of: &'static str,
    path: &[u32],
    holds: impl Fn(&Field) -> bool + Copy,
    found: &mut Vec<Place>,
) {
    for (n, field) in &CONTRACT.messages[of].fields {
        if of.ends_with(".Section") && field.name != agency.code().to_lowercase() {
            continue;
        }
        let path = [path, &[*n]].concat();
        if field.kind == Type::Message {
            walk(agency, static_name(&field.of), &path, holds, found);
        }
        if holds(field) {
            found.push(Place { path, of: &CONTRACT.messages[of].name, field });
        }
    }
}

/// Every message in the agency's answer, with its name.
pub(super) fn messages(agency: Agency) -> Vec<(Vec<u32>, String)> {
    let inside = places(agency, |field| field.kind == Type::Message);
    let inside = inside.into_iter().map(|place| (place.path, place.field.of.clone()));
    inside.chain([(vec![], ANSWER.to_owned())]).collect()
}

pub(super) fn asked() -> Question {
    question(&Personnummer::parse_undated(ASKED).unwrap())
}

pub(super) fn read(agency: Agency, bytes: &[u8]) -> Result<SourceAnswer, ssbtek_formats::Refused> {
    super::read(&Source::Agency(agency), &asked(), bytes.to_vec().into(), true)
}

/// What is told, as it would go on.
pub(super) fn told(section: &Section) -> proto::Section {
    ssbtek_wire::section(section)
}

#[test]
fn an_answer_in_which_every_field_of_the_contract_stands_is_read_whole() {
    for agency in Agency::ALL {
        let bytes = sample(agency, &Change::Nothing);
        let answer = read(agency, &bytes).unwrap_or_else(|refused| panic!("{agency}: {refused}"));
        assert!(answer.notes.is_empty() && answer.of_others.is_empty(), "{agency}: {:?}", answer.notes);
        assert_eq!(answer.outcome, ssbtek_domain::Outcome::Answered, "{agency}");
        let came = proto::GetPersonFactsResponse::decode(bytes.as_slice()).unwrap().section.unwrap();
        let mut told = told(&answer.section.unwrap());
        without_days(&mut told);
        assert!(told == came, "{agency}: {told:?} {came:?}");
    }
}

/// The days that the broker works out from weeks.
pub(super) fn without_days(section: &mut proto::Section) {
    let Some(proto::section::Agency::Csn(csn)) = &mut section.agency else { return };
    let lists = [
        &mut csn.studiemedel,
        &mut csn.studiehjalp,
        &mut csn.hemutrustningslan,
        &mut csn.studiestartsstod,
        &mut csn.omstallningsstudiestod,
    ];
    for case in lists.into_iter().flatten() {
        let granted = case.granted.iter_mut().filter_map(|time| time.span.as_mut());
        let paid =
            case.plan.iter_mut().flat_map(|payment| &mut payment.times).filter_map(|time| time.span.as_mut());
        granted.chain(paid).for_each(|span| span.days = None);
    }
}
