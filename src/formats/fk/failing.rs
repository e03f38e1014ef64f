//! A failure that stands in LEFI's answer where its contract has none.

use super::json::Json;
use crate::failure;

/// Whether a member with a failure's name says that there is one, wherever it stands.
pub(super) fn is_told(json: &Json) -> bool {
    match json {
        Json::Object(members) => members.iter().any(|(name, value)| match failure::is_name(name) {
            true => says_anything(value),
            false => is_told(value),
        }),
        Json::List(items) => items.iter().any(is_told),
        Json::Null | Json::Flag(_) | Json::Number(..) | Json::Exponent(..) | Json::Text(_) => false,
    }
}

fn says_anything(json: &Json) -> bool {
    match json {
        Json::Null => false,
        Json::Flag(yes) => *yes,
        Json::Number(text, _) | Json::Exponent(text, _) | Json::Text(text) => failure::says_so(text),
        Json::List(items) => items.iter().any(says_anything),
        Json::Object(members) => members.iter().any(|(_, value)| says_anything(value)),
    }
}
