//! Bases for calculation, whose fields differ between benefits, as named values. Names that no figure may have are left out,
//! above all those that lead to other persons: these are read by name where the contract has them, so that none can slip
//! through unmarked.

use ssbtek_domain::sections::fk::common::{Figure, FigureValue};

use super::{
    fields::{Fields, is_no_texts},
    json::Json,
};

/// The values under `name`, each under its path. `prefix` is put in front of every name.
pub(super) fn figures(prefix: &str, fields: Fields<'_>, name: &'static str) -> Vec<Figure> {
    let mut found = vec![];
    if let Some(json) = fields.whole(name) {
        flatten(prefix.to_owned(), json, &mut found);
    }
    let is_sound = |figure: &Figure| match &figure.value {
        FigureValue::Text(text) => !text.chars().any(is_no_texts),
        FigureValue::Number(_) | FigureValue::Flag(_) => true,
    };
    fields.notes.lose_if(!found.iter().all(is_sound), name);
    found.retain(is_sound);
    let before = found.len();
    found.retain(|figure| match &figure.value {
        FigureValue::Text(text) | FigureValue::Number(text) => !fields.notes.is_anothers(text),
        FigureValue::Flag(_) => true,
    });
    if found.len() < before {
        fields.notes.leave_to_another(name);
    }
    found
}

fn flatten(path: String, json: &Json, found: &mut Vec<Figure>) {
    let value = match json {
        Json::Null => return,
        Json::Object(members) => {
            for (name, value) in members {
                if Figure::is_named(name) {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    flatten(path, value, found);
                }
            }
            return;
        }
        Json::List(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(format!("{path}[{index}]"), item, found);
            }
            return;
        }
        Json::Flag(flag) => FigureValue::Flag(*flag),
        Json::Number(_, number) | Json::Exponent(number, _) => FigureValue::Number(number.clone()),
        Json::Text(text) => FigureValue::Text(text.clone()),
    };
    found.push(Figure { name: path, value });
}
