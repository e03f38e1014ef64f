//! Values that are a piece of a line: plain ones, and the contract's small messages.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value};

use super::labels::{Form, Label, Place, value as word};
use crate::{
    Language,
    texts::answer as t,
    writing::{NO_BREAK, kr, kronor},
};

/// A value in words.
#[derive(Default)]
pub(super) struct Told {
    pub(super) text: String,
    /// What is told where somebody asks for everything.
    pub(super) more: Vec<String>,
    /// Somebody is protected, or may be.
    pub(super) alarm: bool,
}

impl Told {
    fn of(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

/// Messages that are small whatever stands in them.
const SMALL: [&str; 8] =
    ["FkCode", "FkMoney", "FkSpan", "FkExtent", "FkFigure", "FkNamedMoney", "Period", "CsnSpan"];

/// Whether a field's value is a piece of a line: everything but lists of records, and records that hold others.
pub(super) fn is_piece(field: &FieldDescriptor) -> bool {
    match field.kind() {
        Kind::Message(of) if SMALL.contains(&of.name()) => true,
        Kind::Message(of) => !field.is_list() && is_flat(&of),
        _ => true,
    }
}

fn is_flat(message: &MessageDescriptor) -> bool {
    message.fields().all(|field| match field.kind() {
        Kind::Message(of) => SMALL.contains(&of.name()),
        _ => true,
    })
}

/// The value in words; `None` where it says nothing.
pub(super) fn told(
    field: &FieldDescriptor,
    label: &Label,
    value: &Value,
    language: Language,
) -> Option<Told> {
    let told = match value {
        Value::List(values) => {
            let each: Vec<Told> =
                values.iter().filter_map(|value| told(field, label, value, language)).collect();
            Told {
                text: each.iter().map(|told| told.text.as_str()).collect::<Vec<_>>().join(", "),
                alarm: each.iter().any(|told| told.alarm),
                more: each.into_iter().flat_map(|told| told.more).collect(),
            }
        }
        Value::Bool(said) => Told {
            text: yes_or_no(*said, label.form, language).to_owned(),
            more: vec![],
            alarm: *said && label.place == Place::Guard,
        },
        Value::EnumNumber(number) => self::number(field, label, *number, language)?,
        Value::Message(message) => self::message(message, language),
        Value::String(text) => Told::of(string(text, label.form, language)),
        other => Told::of(string(&plain_number(other)?, label.form, language)),
    };
    (!told.text.is_empty() || !told.more.is_empty() || told.alarm).then_some(told)
}

fn yes_or_no(said: bool, form: Form, language: Language) -> &'static str {
    match (form, said, language) {
        (Form::Either([swedish, _], _), true, Language::Swedish) => swedish,
        (Form::Either([_, english], _), true, Language::English) => english,
        (Form::Either(_, [swedish, _]), false, Language::Swedish) => swedish,
        (Form::Either(_, [_, english]), false, Language::English) => english,
        (_, true, _) => t::yes(language),
        (_, false, _) => t::no(language),
    }
}

fn number(field: &FieldDescriptor, label: &Label, number: i32, language: Language) -> Option<Told> {
    let Kind::Enum(contract) = field.kind() else { return None };
    let known = contract.get_value(number).filter(|_| number != 0);
    let name = known.as_ref().map(|value| value.name());
    let text = match name {
        _ if number == 0 => return None,
        Some(name) => word(language, name).map_or_else(|| name.to_lowercase(), str::to_owned),
        None => number.to_string(),
    };
    let quiet = name.is_some_and(|name| name.ends_with("_BLANK") || name.ends_with("_ABSENT"));
    Some(Told { text, more: vec![], alarm: label.place == Place::Guard && !quiet })
}

fn string(text: &str, form: Form, language: Language) -> String {
    match form {
        Form::Kr if !text.is_empty() => kr(text),
        Form::Percent => format!("{text}{NO_BREAK}%"),
        Form::ActivityReport => match text {
            "200" => t::submitted(language).to_owned(),
            "500" => t::unknown_to_af(language).to_owned(),
            "501" => t::not_submitted(language).to_owned(),
            "502" => t::fault_at_af(language).to_owned(),
            other => t::a_code(language, other),
        },
        Form::Validity => match text {
            "PERMANENT" => t::permanent(language).to_owned(),
            "TIDBEGRANSAT" => t::limited(language).to_owned(),
            other => other.to_owned(),
        },
        _ => text.to_owned(),
    }
}

fn plain_number(value: &Value) -> Option<String> {
    match value {
        Value::I32(number) => Some(number.to_string()),
        Value::I64(number) => Some(number.to_string()),
        Value::U32(number) => Some(number.to_string()),
        Value::U64(number) => Some(number.to_string()),
        _ => None,
    }
}

fn message(message: &DynamicMessage, language: Language) -> Told {
    let text = |name: &str| {
        let value = message.get_field_by_name(name)?;
        let text = value.as_str().map(str::to_owned).or_else(|| plain_number(&value))?;
        let there =
            message.descriptor().get_field_by_name(name).is_some_and(|field| message.has_field(&field));
        there.then_some(text).filter(|text| !text.trim().is_empty())
    };
    match message.descriptor().name() {
        "FkCode" => match (text("description"), text("id")) {
            (Some(words), Some(code)) => {
                Told { text: words, more: vec![t::a_code(language, code)], alarm: false }
            }
            (words, code) => Told::of(words.or(code).unwrap_or_default()),
        },
        "FkMoney" => {
            let currency = text("currency").filter(|currency| currency != "SEK");
            let unit = currency.unwrap_or_else(|| "kr".to_owned());
            match text("amount") {
                Some(amount) => Told::of(format!("{}{NO_BREAK}{unit}", kronor(&amount))),
                None => Told::of(if unit == "kr" { String::new() } else { unit }),
            }
        }
        "FkSpan" | "Period" => Told::of(ends(text("from"), text("to"), language)),
        "CsnSpan" => {
            let days = message.get_field_by_name("days").and_then(|days| days.as_message().cloned());
            let days = days.map(|days| self::message(&days, language).text).filter(|days| !days.is_empty());
            let span = ends(text("start"), text("end"), language);
            Told {
                text: span.clone(),
                more: days.filter(|days| *days != span).into_iter().collect(),
                alarm: false,
            }
        }
        "FkExtent" => Told::of(match (text("numerator"), text("denominator")) {
            (Some(one), Some(other)) if one == other => t::whole(language).to_owned(),
            (Some(one), Some(other)) => format!("{one}/{other}"),
            (one, other) => one.or(other).unwrap_or_default(),
        }),
        "FkFigure" => {
            let flag = message.get_field_by_name("flag").filter(|_| {
                message.descriptor().get_field_by_name("flag").is_some_and(|flag| message.has_field(&flag))
            });
            let flag = flag
                .and_then(|flag| flag.as_bool())
                .map(|flag| yes_or_no(flag, Form::Text, language).to_owned());
            let number = text("number").map(|number| kronor(&number));
            let value = number.or_else(|| text("text")).or(flag).unwrap_or_default();
            Told::of(format!("{} {value}", text("name").unwrap_or_default()).trim().to_owned())
        }
        "FkNamedMoney" => {
            let money = message.get_field_by_name("money").and_then(|money| money.as_message().cloned());
            let money = money.map(|money| self::message(&money, language).text).unwrap_or_default();
            Told::of(format!("{} {money}", text("name").unwrap_or_default()).trim().to_owned())
        }
        _ => flat(message, language),
    }
}

/// Both ends, or the one that is there.
fn ends(from: Option<String>, to: Option<String>, language: Language) -> String {
    match (from, to) {
        (Some(from), Some(to)) => format!("{from}{NO_BREAK}–{NO_BREAK}{to}"),
        (Some(from), None) => t::from(language, from),
        (None, Some(to)) => t::to(language, to),
        (None, None) => String::new(),
    }
}

/// A record that holds no others, in one piece.
fn flat(message: &DynamicMessage, language: Language) -> Told {
    let mut pieces = vec![];
    let mut whole = Told::default();
    for field in message.descriptor().fields() {
        let Some((label, value)) = super::walk::stated(message, &field) else { continue };
        let Some(told) = told(&field, &label, &value, language) else { continue };
        whole.alarm |= told.alarm;
        // Who tells the whole says it in words of its own.
        if told.alarm && value.as_bool() == Some(true) {
            continue;
        }
        let piece = match (label.text(language), label.form) {
            ("", _) => told.text,
            (name, Form::Flag) => name.to_owned(),
            (name, _) => format!("{name} {}", told.text),
        };
        whole.more.extend(told.more);
        if label.place == Place::Shown || told.alarm { pieces.push(piece) } else { whole.more.push(piece) }
    }
    pieces.retain(|piece| !piece.trim().is_empty());
    whole.text = pieces.join(", ");
    whole
}
