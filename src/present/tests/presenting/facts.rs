//! Every fact is told, and nothing else.

use std::collections::BTreeMap;

use proptest::prelude::*;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};
use ssbtek_present::{Language, ReceiptCheck, answer::Asked};
use ssbtek_proto::agency::v1::Section;

use crate::canned;

/// Values that stand nowhere else, by the field that holds them: those that were kept and those that were left out.
#[derive(Default)]
struct Filled {
    kept: BTreeMap<String, String>,
    left_out: Vec<String>,
    count: u32,
}

fn filled(
    contract: &MessageDescriptor,
    filled: &mut Filled,
    keep: &mut dyn FnMut() -> bool,
) -> DynamicMessage {
    let mut message = DynamicMessage::new(contract.clone());
    for field in contract.fields() {
        // Of a figure only one can be set.
        if contract.name() == "FkFigure" && ["number", "flag"].contains(&field.name()) {
            continue;
        }
        let mut one = || value(&field, filled, keep);
        let value =
            if field.is_list() { Some(Value::List((0..2).filter_map(|_| one()).collect())) } else { one() };
        if let Some(value) = value {
            message.set_field(&field, value);
        }
    }
    message
}

fn value(field: &FieldDescriptor, into: &mut Filled, keep: &mut dyn FnMut() -> bool) -> Option<Value> {
    into.count += 1;
    let number = 700_000 + into.count;
    let kept = keep();
    let (text, value) = match field.kind() {
        Kind::Message(of) => return Some(Value::Message(filled(&of, into, keep))),
        Kind::Bool => return Some(Value::Bool(false)),
        Kind::Enum(_) => return Some(Value::EnumNumber(1)),
        Kind::String => (format!("<Q{number}Z>"), Value::String(format!("<Q{number}Z>"))),
        Kind::Int32 => (number.to_string(), Value::I32(number.try_into().unwrap())),
        Kind::Int64 => (number.to_string(), Value::I64(number.into())),
        Kind::Uint32 => (number.to_string(), Value::U32(number)),
        other => panic!("{}: {other:?}", field.full_name()),
    };
    if !kept {
        into.left_out.push(text);
        return None;
    }
    into.kept.insert(format!("{} #{number}", field.full_name()), text);
    Some(value)
}

/// Every agency's section.
fn sections() -> Vec<(&'static str, FieldDescriptor)> {
    let pool = DescriptorPool::decode(ssbtek_proto::DESCRIPTORS).unwrap();
    let section = pool.get_message_by_name("ssbtek.agency.v1.Section").unwrap();
    let codes = ["AF", "CSN", "FK", "SKV", "SO", "TNS", "MIV"];
    let field = |code: &'static str| (code, section.get_field_by_name(&code.to_lowercase()).unwrap());
    codes.map(field).into()
}

/// All that is told of one agency's section, also what is folded.
fn told(code: &str, field: &FieldDescriptor, facts: DynamicMessage, language: Language) -> String {
    let mut section = DynamicMessage::new(field.parent_message().clone());
    section.set_field(field, Value::Message(facts));
    let mut answer = canned::answer(vec![]);
    let source = answer.sources.iter_mut().find(|source| source.source == code).unwrap();
    source.section = Some(Section::decode(section.encode_to_vec().as_slice()).unwrap());
    let asked = Asked { case_id: "EB-1", period: None };
    format!("{:?}", ssbtek_present::answer(asked, &answer, &ReceiptCheck::NoKey, language))
}

#[test]
fn every_fact_of_every_agency_is_told_in_both_languages() {
    for (code, field) in sections() {
        let Kind::Message(contract) = field.kind() else { panic!("{code}") };
        for language in Language::ALL {
            let mut all = Filled::default();
            let facts = filled(&contract, &mut all, &mut || true);
            assert!(all.kept.len() > 2, "{code}");
            let told = told(code, &field, facts, language);
            let untold: Vec<_> = all.kept.iter().filter(|(_, text)| !told.contains(*text)).collect();
            assert!(untold.is_empty(), "{code} {language:?}: {untold:#?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn what_the_answer_does_not_hold_is_never_told_and_the_rest_always(seed in any::<u64>()) {
        for (code, field) in sections() {
            let Kind::Message(contract) = field.kind() else { panic!("{code}") };
            let mut state = seed | 1;
            let mut all = Filled::default();
            let facts = filled(&contract, &mut all, &mut || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                state >> 62 != 0
            });
            let told = told(code, &field, facts, Language::Swedish);
            for text in &all.left_out {
                prop_assert!(!told.contains(text), "{code}: {text} was held back");
            }
            for (field, text) in &all.kept {
                prop_assert!(told.contains(text), "{code}: {field} is untold");
            }
        }
    }
}

#[test]
fn a_protected_person_in_the_facts_is_called_so_at_once() {
    use ssbtek_proto::agency::v1::*;
    let child = FkPerson { protected_identity: Some(true), ..FkPerson::default() };
    let general =
        FkGeneralInformation { children: vec![child.clone(), FkPerson::default()], ..Default::default() };
    let other = FkPersonInRole { role: FkPersonRole::Medsokande.into(), person: Some(child) };
    let matter = FkMatter { persons: vec![other], ..FkMatter::default() };
    let fk = FkSection { general_information: vec![general], matters: vec![matter], ..FkSection::default() };
    let mut answer = canned::answer(vec![]);
    answer.sources[2].section = Some(Section { agency: Some(section::Agency::Fk(fk)) });
    for (language, mark) in
        [(Language::Swedish, "SKYDDADE PERSONUPPGIFTER"), (Language::English, "PROTECTED IDENTITY")]
    {
        let asked = Asked { case_id: "EB-1", period: None };
        let presented = ssbtek_present::answer(asked, &answer, &ReceiptCheck::NoKey, language);
        let lines = &presented.facts[0].lines;
        let marked: Vec<_> = lines.iter().filter(|line| line.alarm).collect();
        assert_eq!(marked.len(), 2, "{lines:#?}");
        assert!(
            marked.iter().all(|line| line.text.matches(mark).count() == 1 && !line.folded),
            "{marked:#?}"
        );
    }
}
