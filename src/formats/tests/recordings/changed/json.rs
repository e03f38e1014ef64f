//! Changes of a JSON document, value by value.

use serde_json::{Map, Value, json};

use super::{Change, How, in_other_case};

/// As [`changes`] writes it.
pub(super) fn rewritten(bytes: &[u8]) -> Vec<u8> {
    let whole: Value = serde_json::from_slice(bytes).unwrap();
    whole.to_string().into_bytes()
}

pub(super) fn changes(bytes: &[u8]) -> Vec<Change> {
    let whole: Value = serde_json::from_slice(bytes).unwrap();
    let mut paths = vec![];
    walk(&whole, &mut vec![], &mut paths);
    let mut all = vec![];
    for steps in paths {
        let value = at(&whole, &steps).unwrap().clone();
        let path: Vec<String> = steps.iter().map(Step::name).collect();
        let mut add = |how, change: &dyn Fn(&mut Value)| {
            let mut changed = whole.clone();
            change(&mut changed);
            all.push(Change { path: path.clone(), how, body: changed.to_string().into_bytes() });
        };
        let set = |new: Value| {
            let steps = &steps;
            move |whole: &mut Value| *at_mut(whole, steps).unwrap() = new.clone()
        };
        if !steps.is_empty() {
            add(How::LeftOut, &|whole| remove(whole, &steps));
            add(How::Nil, &set(Value::Null));
            if let Some(Step::Member(name)) = steps.last() {
                for (how, new) in
                    [(How::Renamed, "nyttNamn".to_owned()), (How::OtherCase, in_other_case(name))]
                {
                    add(how, &|whole| rename(whole, &steps, &new));
                }
            }
            let other = match &value {
                Value::String(_) => json!({"???": "???"}),
                Value::Object(_) => json!("???"),
                Value::Array(_) => json!("???"),
                _ => json!("???"),
            };
            add(How::OtherType, &set(other));
            let empty = match &value {
                Value::Array(_) => Some(json!([])),
                Value::Object(_) => Some(json!({})),
                Value::String(_) => Some(json!("")),
                _ => None,
            };
            if let Some(empty) = empty {
                add(How::Empty, &set(empty));
            }
            if !value.is_null() {
                add(How::Wrapped, &set(json!({"varde": value.clone()})));
                add(How::EmptyText, &set(json!("")));
                add(How::Blank, &set(json!(" \n ")));
                let one_and_many = match &value {
                    Value::Array(items) if items.len() == 1 => items[0].clone(),
                    value => json!([value.clone()]),
                };
                add(How::OneAndMany, &set(one_and_many));
            }
            if let Value::Number(number) = &value {
                add(How::NumberAsText, &set(json!(number.to_string())));
                if let Some(number) = number.as_i64() {
                    let double: Value = serde_json::from_str(&format!("{number}.00000000001")).unwrap();
                    add(How::Double, &set(double));
                }
            }
            if let Value::Array(items) = &value {
                let twice = [items.clone(), items.clone()].concat();
                add(How::Twice, &set(Value::Array(twice)));
            }
        }
        if let Value::Object(members) = &value {
            let with = |name: &str, new: Value| {
                let mut members: Map<String, Value> = members.clone();
                members.insert(name.to_owned(), new);
                Value::Object(members)
            };
            add(How::UnknownBeside, &set(with("heltNytt", json!({"a": 17}))));
            add(How::FailureBeside, &set(with("fel", json!({"kod": "17", "text": "Tekniskt fel"}))));
        }
    }
    all
}

/// That text in place of each value, as a text and, where it is digits alone, as a number; and as a new member of each object.
pub(super) fn put(bytes: &[u8], text: &str) -> Vec<(Vec<String>, Vec<u8>)> {
    let whole: Value = serde_json::from_slice(bytes).unwrap();
    let mut paths = vec![];
    walk(&whole, &mut vec![], &mut paths);
    let mut all = vec![];
    for steps in paths {
        let path: Vec<String> = steps.iter().map(Step::name).collect();
        let mut add = |new: Value| {
            let mut changed = whole.clone();
            *at_mut(&mut changed, &steps).unwrap() = new;
            all.push((path.clone(), changed.to_string().into_bytes()));
        };
        match at(&whole, &steps).unwrap() {
            Value::Object(members) => {
                for new in [json!(text), json!({"personnummer": text})] {
                    let mut members = members.clone();
                    members.insert("heltNytt".to_owned(), new);
                    add(Value::Object(members));
                }
            }
            Value::Array(_) => {}
            _ => {
                add(json!(text));
                if text.bytes().all(|byte| byte.is_ascii_digit()) {
                    add(serde_json::from_str(text).unwrap());
                }
            }
        }
    }
    all
}

/// That member in each object.
pub(super) fn with_member(bytes: &[u8], name: &str, value: &str) -> Vec<(String, String)> {
    in_each_object(bytes, |members| {
        let new = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
        (!members.contains_key(name)).then(|| vec![(name.to_owned(), new)])
    })
}

/// Each list and object once more beside itself by another name, and a list in place of each list's first record.
pub(super) fn once_more(bytes: &[u8]) -> Vec<(String, String)> {
    let mut all = in_each_object(bytes, |members| {
        let holds = |value: &&Value| match value {
            Value::Array(items) => items.iter().any(Value::is_object),
            Value::Object(members) => members.len() > 1,
            _ => false,
        };
        members.values().find(holds).map(|value| vec![("andraUppgifter".to_owned(), value.clone())])
    });
    let whole: Value = serde_json::from_slice(bytes).unwrap();
    let mut paths = vec![];
    walk(&whole, &mut vec![], &mut paths);
    for steps in paths {
        if let Some(Value::Array(items)) = at(&whole, &steps)
            && items.iter().any(Value::is_object)
        {
            let mut changed = whole.clone();
            let nested = [items.clone(), vec![Value::Array(items.clone())]].concat();
            *at_mut(&mut changed, &steps).unwrap() = Value::Array(nested);
            let path: Vec<String> = steps.iter().map(Step::name).collect();
            all.push((format!("{} (nested)", path.join("/")), changed.to_string()));
        }
    }
    all
}

fn in_each_object(
    bytes: &[u8],
    more: impl Fn(&Map<String, Value>) -> Option<Vec<(String, Value)>>,
) -> Vec<(String, String)> {
    let whole: Value = serde_json::from_slice(bytes).unwrap();
    let mut paths = vec![];
    walk(&whole, &mut vec![], &mut paths);
    let mut all = vec![];
    for steps in paths {
        let Some(Value::Object(members)) = at(&whole, &steps) else { continue };
        let Some(more) = more(members) else { continue };
        let path: Vec<String> = steps.iter().map(Step::name).collect();
        let mut changed = whole.clone();
        let Some(Value::Object(members)) = at_mut(&mut changed, &steps) else { continue };
        let names: Vec<String> = more.iter().map(|(name, _)| name.clone()).collect();
        members.extend(more);
        all.push((format!("{}+{}", path.join("/"), names.join(",")), changed.to_string()));
    }
    all
}

#[derive(Clone)]
enum Step {
    Member(String),
    Item(usize),
}

impl Step {
    fn name(&self) -> String {
        match self {
            Step::Member(name) => name.clone(),
            Step::Item(index) => format!("[{index}]"),
        }
    }
}

fn walk(value: &Value, here: &mut Vec<Step>, paths: &mut Vec<Vec<Step>>) {
    paths.push(here.clone());
    let mut below = |step: Step, value: &Value| {
        here.push(step);
        walk(value, here, paths);
        here.pop();
    };
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| below(Step::Member(name.clone()), value))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| below(Step::Item(index), value))
        }
        _ => {}
    }
}

fn at<'a>(value: &'a Value, steps: &[Step]) -> Option<&'a Value> {
    steps.iter().try_fold(value, |value, step| match step {
        Step::Member(name) => value.get(name),
        Step::Item(index) => value.get(index),
    })
}

fn at_mut<'a>(value: &'a mut Value, steps: &[Step]) -> Option<&'a mut Value> {
    steps.iter().try_fold(value, |value, step| match step {
        Step::Member(name) => value.get_mut(name),
        Step::Item(index) => value.get_mut(index),
    })
}

fn rename(whole: &mut Value, steps: &[Step], new: &str) {
    let (last, before) = steps.split_last().unwrap();
    if let (Value::Object(members), Step::Member(name)) = (at_mut(whole, before).unwrap(), last) {
        let value = members.remove(name).unwrap();
        members.insert(new.to_owned(), value);
    }
}

fn remove(whole: &mut Value, steps: &[Step]) {
    let (last, before) = steps.split_last().unwrap();
    match (at_mut(whole, before).unwrap(), last) {
        (Value::Object(members), Step::Member(name)) => {
            members.remove(name);
        }
        (Value::Array(items), Step::Item(index)) => {
            items.remove(*index);
        }
        _ => unreachable!("a step leads through what it was walked through"),
    }
}
