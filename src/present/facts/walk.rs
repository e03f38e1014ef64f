//! From a section to its lines, field by field.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage, Value};

use super::{
    Line,
    labels::{Form, Label, Place, label},
    shapes::{Told, is_piece, told},
};
use crate::{Language, texts::answer as t};

/// Fields without presence whose default is a fact, unless another field says that nothing was told.
const DEFAULT_TOLD: [(&str, &str); 2] =
    [("extent_percent", "extent_not_told"), ("claim_submitted", "claim_not_told")];

/// Every fact of `ssbtek.agency.v1.Section`.
pub(super) fn lines(section: &DynamicMessage, language: Language) -> Vec<Line> {
    let mut walk = Walk { language, lines: vec![] };
    for (_, agency) in section.fields() {
        if let Value::Message(agency) = agency {
            walk.agency(agency);
        }
    }
    walk.lines
}

struct Walk {
    language: Language,
    lines: Vec<Line>,
}

/// What one record says, sorted by where it is told.
#[derive(Default)]
struct Record {
    shown: Vec<String>,
    folded: Vec<String>,
    children: Vec<(String, bool, DynamicMessage)>,
    alarm: bool,
}

impl Walk {
    /// An agency's own fields: a line each.
    fn agency(&mut self, agency: &DynamicMessage) {
        for field in agency.descriptor().fields() {
            let Some((label, value)) = stated(agency, &field) else { continue };
            let name = label.text(self.language);
            if is_piece(&field) {
                let Some(told) = told(&field, &label, &value, self.language) else { continue };
                let folded = !told.alarm && label.place != Place::Shown;
                let text = if label.form == Form::Flag { "" } else { &told.text };
                self.lines.push(Line::new(0, name, text).folded(folded).alarm(told.alarm));
                self.folded(1, told.more);
            } else {
                for message in messages(value) {
                    self.record(0, name, label.place == Place::Folded, &message);
                }
            }
        }
    }

    /// A record: what it says on one line, what is folded on the next, then what lies below it.
    fn record(&mut self, depth: usize, label: &str, folded: bool, message: &DynamicMessage) {
        if let Some(only) = wrapped(message) {
            only.iter().for_each(|message| self.record(depth, label, folded, message));
            return;
        }
        let Record { mut shown, folded: more, children, alarm } = self.sorted(message);
        // A fund that says nothing but its name is among the outcomes already.
        let bare = message.descriptor().name() == "SoFund"
            && shown.len() <= 1
            && children.iter().all(|(_, folded, _)| *folded);
        let label = match label {
            "" if !shown.is_empty() => shown.remove(0),
            label => label.to_owned(),
        };
        if alarm {
            shown.insert(0, t::protected_here(self.language).to_owned());
        }
        if shown.is_empty() && children.is_empty() && more.is_empty() {
            shown.push(t::no_more(self.language).to_owned());
        }
        self.lines.push(Line::new(depth, &label, &shown.join(", ")).folded(folded || bare).alarm(alarm));
        self.folded(depth + 1, more);
        for (label, below, child) in children {
            self.record(depth + 1, &label, folded || below, &child);
        }
    }

    fn folded(&mut self, depth: usize, pieces: Vec<String>) {
        if !pieces.is_empty() {
            self.lines.push(Line::new(depth, "", &pieces.join(", ")).folded(true));
        }
    }

    fn sorted(&self, message: &DynamicMessage) -> Record {
        let mut record = Record::default();
        for field in message.descriptor().fields() {
            let Some((label, value)) = stated(message, &field) else { continue };
            let name = label.text(self.language);
            if !is_piece(&field) {
                let folded = label.place == Place::Folded;
                record.children.extend(messages(value).into_iter().map(|of| (name.to_owned(), folded, of)));
                continue;
            }
            let Some(Told { text, more, alarm }) = told(&field, &label, &value, self.language) else {
                continue;
            };
            record.alarm |= alarm;
            // The line says it in words of its own.
            if alarm && label.form == Form::Text && value.as_bool() == Some(true) {
                continue;
            }
            let piece = match (name, label.form) {
                ("", _) => text,
                (name, Form::Flag) => name.to_owned(),
                (name, _) => format!("{name} {text}"),
            };
            let shown = label.place == Place::Shown || alarm || is_code_without_name(message, &field);
            if piece.trim().is_empty() {
                // A record of which nothing but what is folded is known.
            } else if shown {
                record.shown.push(piece)
            } else {
                record.folded.push(piece)
            }
            record.folded.extend(more);
        }
        record
    }
}

/// A field's label and value, where something is stated.
pub(super) fn stated(message: &DynamicMessage, field: &FieldDescriptor) -> Option<(Label, Value)> {
    let default_told = DEFAULT_TOLD.iter().any(|(told, not_told)| {
        field.name() == *told
            && message.get_field_by_name(not_told).is_some_and(|not| not.as_bool() == Some(false))
    });
    let there = message.has_field(field) || (default_told && !field.supports_presence());
    there.then(|| (label(field).unwrap_or(Label::NONE), message.get_field(field).into_owned()))
}

/// The code is all there is where the agency gave no name.
fn is_code_without_name(message: &DynamicMessage, field: &FieldDescriptor) -> bool {
    let named =
        field.name().strip_suffix("_code").and_then(|name| message.descriptor().get_field_by_name(name));
    named.is_some_and(|name| !message.has_field(&name))
}

/// The messages of a record that is nothing but a list of them.
fn wrapped(message: &DynamicMessage) -> Option<Vec<DynamicMessage>> {
    let contract = message.descriptor();
    let mut fields = contract.fields();
    let only = fields.next().filter(|field| field.is_list() && matches!(field.kind(), Kind::Message(_)))?;
    fields.next().is_none().then(|| messages(message.get_field(&only).into_owned()))
}

fn messages(value: Value) -> Vec<DynamicMessage> {
    match value {
        Value::Message(message) => vec![message],
        Value::List(values) => values.into_iter().flat_map(messages).collect(),
        _ => vec![],
    }
}
